//! Who signed this message, and is it whole? All that can be told without the books, on threads of its own.
//!
//! Signatures are checked by ring (ECDSA P-256, SHA-256, fixed form), the TLS provider's implementation; the key is
//! the one in the client certificate of the connection.

use crate::{
    admin::AdminCase,
    bank::IssuerKeys,
    books::{
        Case, CaseBody, Sender,
        chain::{Asked, Verified},
    },
    issuer::{self, Presented},
    tickets::Tickets,
};
use mpos_protocol::{
    PROTOCOL_VERSION,
    admin::ADMIN_SEQUENCE,
    host::{HostRefusal, HostRequest},
    signed::{Content, Hash, RequestContent, Signed, SignedError},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// A device's public key, uncompressed SEC1.
pub type DeviceKey = [u8; 65];

/// What came, looked at.
pub enum Message {
    /// For the books: of the terminal's chain, or not worth looking further.
    Chained(Case),
    /// Moves no money and is outside of the chain.
    Admin(Box<AdminCase>),
}

/// Checks what came on a connection.
pub fn verify(
    sender: Sender,
    device_key: &DeviceKey,
    bytes: Vec<u8>,
    received_ms: u64,
    (keys, tickets): (&IssuerKeys, &Tickets),
) -> Message {
    let refused = |sequence, hash, bytes, refusal| {
        let body = CaseBody::Refused { sequence, refusal };
        Message::Chained(Case { sender, received_ms, hash, bytes, body })
    };
    match read(sender, device_key, &bytes) {
        Ok((content, hash)) => {
            let mut standing_ms = None;
            let asked = match content.request {
                HostRequest::Authorise(sale) => {
                    standing_ms = tickets.given_ms(sender.terminal, &sale.standing);
                    let presented: Presented = issuer::examine(&sale, keys);
                    Asked::Authorise(sale, presented)
                }
                HostRequest::Reverse(request) => Asked::Reverse(request),
                HostRequest::Admin(_) if content.sequence != ADMIN_SEQUENCE => {
                    return refused(content.sequence, hash, bytes, HostRefusal::NotAllowed);
                }
                HostRequest::Admin(_) if content.previous != Hash::default() => {
                    return refused(content.sequence, hash, bytes, HostRefusal::BrokenChain);
                }
                HostRequest::Admin(request) => {
                    let signed_ms = content.time_ms;
                    let case = AdminCase::new((sender, received_ms), (hash, bytes), signed_ms, request, keys);
                    return Message::Admin(Box::new(case));
                }
            };
            let verified = Verified {
                sequence: content.sequence,
                signed_ms: content.time_ms,
                previous: content.previous,
                standing_ms,
                asked,
            };
            let body = CaseBody::Verified(Box::new(verified));
            Message::Chained(Case { sender, received_ms, hash, bytes, body })
        }
        Err(NotRead { sequence, hash, refusal }) => refused(sequence, hash, bytes, refusal),
    }
}

/// The sequence and hash that an answer names, without a look at the signature; 0 and the hash of all that came when
/// it does not decode.
pub fn skim(bytes: &[u8]) -> (u64, Hash) {
    let Ok(signed) = Signed::from_bytes(bytes) else { return (0, Hash::of(bytes)) };
    let sequence = RequestContent::from_content(&signed.content).map_or(0, |content| content.sequence);
    (sequence, Hash::of(&signed.content))
}

struct NotRead {
    sequence: u64,
    hash: Hash,
    refusal: HostRefusal,
}

fn read(sender: Sender, device_key: &DeviceKey, bytes: &[u8]) -> Result<(RequestContent, Hash), NotRead> {
    let signed = Signed::from_bytes(bytes).map_err(|_| NotRead {
        sequence: 0,
        hash: Hash::of(bytes),
        refusal: HostRefusal::Malformed,
    })?;
    let hash = Hash::of(&signed.content);
    let content = RequestContent::from_content(&signed.content).map_err(|error| {
        let refusal = match error {
            SignedError::Version(_) => HostRefusal::Version(PROTOCOL_VERSION),
            SignedError::Malformed | SignedError::TooLong => HostRefusal::Malformed,
        };
        NotRead { sequence: 0, hash, refusal }
    })?;
    let not_read = |refusal| NotRead { sequence: content.sequence, hash, refusal };
    if content.terminal != sender.terminal {
        return Err(not_read(HostRefusal::WrongTerminal));
    }
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, device_key)
        .verify(&RequestContent::signing_input(&signed.content), &signed.signature)
        .map_err(|_| not_read(HostRefusal::BadSignature))?;
    Ok((content, hash))
}
