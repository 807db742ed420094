//! An activation code becomes a terminal: once, in time, and in one transaction.
//!
//! A code that is wrong and one that is no code are answered alike, and after a few of either the peer waits. The
//! device proves its key by the certificate request's own signature.
//!
//! When the answer is lost, the same device asks again: within [`AGAIN_WITHIN_MS`], with the same code and the same
//! device key, and as long as the terminal has sent nothing, it is given the same terminal, certificate and initial
//! key, wrapped to the key-agreement point of the new request. Any other key gets `CodeUsed`.

use crate::{
    admin::standing::Judge,
    attestation::Expected,
    bank::{Bank, IssuerKeys},
    clock::Clock,
    config::HostConfig,
    door::{Place, Visitor},
    draws::random,
    error::{BooksError, HostError},
    line,
    listener::House,
    standing::Proof,
    store::{
        Store,
        enrolments::{EnrolledTerminal, Enrolling, KeptCode, secret},
    },
    verify::DeviceKey,
};
use mpos_crypto::{CryptoError, dukpt::derive_initial_key, key_wrap};
use mpos_protocol::{
    Amount, Bytes, Currency, List, PROTOCOL_VERSION, Text,
    host::{
        ACTIVATION_CODE_ALPHABET, ACTIVATION_CODE_CHARS, EnrolmentAnswer, EnrolmentRequest, HostRefusal,
        KEY_WRAP_CONTEXT, normalise_activation_code,
    },
    signed::ENROLMENT_BYTES_MAX,
    standing::enrolment_challenge,
    terminal::{Merchant, TerminalProfile},
};
use ring::hmac;
use sha2::{Digest, Sha256};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

/// How long a code is good unless said otherwise.
pub const CODE_LIFETIME: Duration = Duration::from_hours(72);
/// Wrong codes of one peer in the window.
pub const WRONG_CODES_OF_PEER_MAX: usize = 5;
/// Wrong codes of all peers in the window. Far above a peer's own: a stranger's wrong codes must not keep every
/// merchant out, and against 79 random bits a hundred tries are as good as none.
pub const WRONG_CODES_OF_ALL_MAX: usize = 100;
/// The window.
pub const WRONG_CODES_WINDOW_MS: u64 = 15 * 60 * 1000;
/// How long the same device may ask again with its code.
pub const AGAIN_WITHIN_MS: u64 = 10 * 60 * 1000;

/// Makes terminals.
pub(crate) struct Enrolments {
    store: Store,
    bank: Bank,
    clock: Arc<dyn Clock>,
    codes: CodeHasher,
    bank_name: Text<64>,
    currency: Currency,
    sale_max: Amount,
    emv_settings: Bytes<16384>,
    judge: Judge,
}

/// One request, one answer.
///
/// Who it is shows in its request: until that is whole, it is a stranger in the door.
pub(crate) async fn serve(
    stream: &mut TlsStream<TcpStream>,
    peer: SocketAddr,
    mut visitor: Visitor,
    house: &House,
) -> Option<Place> {
    let limit = house.limits.message_timeout;
    let request = tokio::select! {
        biased;
        () = visitor.put_out() => return None,
        request = line::read(stream, ENROLMENT_BYTES_MAX, limit, limit) => request,
    };
    let place = visitor.come_in()?;
    let answered = match request {
        Ok(request) => {
            let answer = house.enrolments.enrol(&request, peer.ip()).await;
            let bytes = postcard::to_allocvec(&answer).unwrap_or_default();
            line::write(stream, &bytes, limit).await
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = answered {
        tracing::warn!(%peer, %fault, "enrolment cut");
    }
    Some(place)
}

/// Why there is no new terminal.
pub(crate) enum NotEnrolled {
    Refused(HostRefusal),
    Books(BooksError),
}

impl From<BooksError> for NotEnrolled {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl From<HostError> for NotEnrolled {
    fn from(error: HostError) -> Self {
        Self::Books(error.into())
    }
}

impl From<HostRefusal> for NotEnrolled {
    fn from(refusal: HostRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Enrolments {
    pub(crate) async fn new(store: Store, config: &HostConfig, judge: Judge) -> Result<Self, BooksError> {
        Ok(Self {
            codes: CodeHasher::of(&store).await?,
            store,
            bank: config.bank.clone(),
            clock: Arc::clone(&config.clock),
            bank_name: config.bank_name.clone(),
            currency: config.currency,
            sale_max: config.rules.sale_max,
            emv_settings: config.emv_settings.clone(),
            judge,
        })
    }

    /// Answers a request for enrolment.
    pub(crate) async fn enrol(&self, request: &[u8], peer: IpAddr) -> EnrolmentAnswer {
        match self.try_enrol(request, peer).await {
            Ok(answer) => answer,
            Err(NotEnrolled::Refused(refusal)) => {
                tracing::warn!(?refusal, %peer, "enrolment refused");
                EnrolmentAnswer::Refused(refusal)
            }
            Err(NotEnrolled::Books(error)) => {
                tracing::error!(%error, "enrolment failed");
                EnrolmentAnswer::Refused(HostRefusal::Busy)
            }
        }
    }

    async fn try_enrol(&self, request: &[u8], peer: IpAddr) -> Result<EnrolmentAnswer, NotEnrolled> {
        let request = read(request)?;
        let device_key = self.bank.devices.check(&request.certificate_request);
        let device_key = device_key.map_err(|_| HostRefusal::BadCertificateRequest)?;
        let now_ms = self.clock.unix_ms();
        let mut enrolling = Enrolling::begin(&self.store).await?;
        let (code_hash, mut code) = match self.find_code(&mut enrolling, &request, peer, now_ms).await {
            Err(NotEnrolled::Refused(HostRefusal::CodeUnknown)) => {
                enrolling.commit().await?;
                return Err(HostRefusal::CodeUnknown.into());
            }
            found => found?,
        };
        let terminal = match code.used.take() {
            Some((used_ms, terminal)) => {
                let in_time = now_ms.saturating_sub(used_ms) <= AGAIN_WITHIN_MS;
                if !in_time || !terminal.fresh || terminal.device_key != device_key {
                    return Err(HostRefusal::CodeUsed.into());
                }
                terminal
            }
            None if now_ms > code.expires_ms => return Err(HostRefusal::CodeExpired.into()),
            None => {
                let proof = self.proof(&request, &device_key, now_ms);
                if let Some(flaw) = self.judge.refusal(proof, now_ms) {
                    return Err(HostRefusal::AttestationRefused(flaw).into());
                }
                let terminal = self.make_terminal(&mut enrolling, &request, device_key, now_ms).await?;
                let made = (Sha256::digest(&terminal.certificate).into(), now_ms);
                enrolling.add_terminal(&code_hash, &code, &request.device, &terminal, made).await?;
                enrolling.keep_proof(terminal.terminal, proof).await?;
                terminal
            }
        };
        let answer = self.answer(&terminal, &code, &request)?;
        enrolling.commit().await?;
        tracing::info!(terminal = %terminal.terminal, %peer, "terminal enrolled");
        Ok(answer)
    }

    /// What the device proves of its key's home, for the challenge that its activation code is.
    fn proof(&self, request: &EnrolmentRequest, device_key: &DeviceKey, now_ms: u64) -> Proof {
        let Some(attestation) = &request.attestation else { return Proof::Absent };
        let challenge = enrolment_challenge(&request.activation_code);
        let expected = Expected { challenge: &challenge, key: Some(device_key) };
        self.judge.proof(None, attestation, &expected, now_ms)
    }

    /// The code, if this peer may try one and it is one. A wrong one is noted, for the caller to commit.
    async fn find_code(
        &self,
        enrolling: &mut Enrolling<'_>,
        request: &EnrolmentRequest,
        peer: IpAddr,
        now_ms: u64,
    ) -> Result<([u8; 32], KeptCode), NotEnrolled> {
        let since_ms = now_ms.saturating_sub(WRONG_CODES_WINDOW_MS);
        let peer = network_of(peer).to_string();
        let (of_peer, of_all) = enrolling.wrong_codes(&peer, since_ms).await?;
        let waits = [(of_peer, WRONG_CODES_OF_PEER_MAX), (of_all, WRONG_CODES_OF_ALL_MAX)];
        if let Some(seconds) = waits.iter().filter_map(|(at, most)| wait(at, *most, now_ms)).max() {
            return Err(HostRefusal::TooManyAttempts(seconds).into());
        }
        if let Some(code) = normalise_activation_code(&request.activation_code) {
            let hash = self.codes.hash(&code);
            if let Some(kept) = enrolling.code(&hash).await? {
                return Ok((hash, kept));
            }
        }
        enrolling.note_wrong_code(&peer, now_ms, since_ms).await?;
        Err(HostRefusal::CodeUnknown.into())
    }

    async fn make_terminal(
        &self,
        enrolling: &mut Enrolling<'_>,
        request: &EnrolmentRequest,
        device_key: DeviceKey,
        now_ms: u64,
    ) -> Result<EnrolledTerminal, NotEnrolled> {
        let terminal = enrolling.next_terminal().await?;
        let certificate = self
            .bank
            .devices
            .certify(&request.certificate_request, &terminal.to_string(), now_ms)
            .map_err(|_| BooksError::Authority)?;
        let initial_key_id = enrolling.free_key_id(self.bank.issuer.bdk_id).await?;
        Ok(EnrolledTerminal { terminal, device_key, certificate, initial_key_id, fresh: true })
    }

    fn answer(
        &self,
        terminal: &EnrolledTerminal,
        code: &KeptCode,
        request: &EnrolmentRequest,
    ) -> Result<EnrolmentAnswer, NotEnrolled> {
        let mut certificates = vec![Bytes::new(&terminal.certificate).map_err(HostError::from)?];
        for issuer in self.bank.devices.issuers() {
            certificates.push(Bytes::try_from(issuer).map_err(HostError::from)?);
        }
        let profile = TerminalProfile {
            terminal: terminal.terminal,
            bank: self.bank_name.clone(),
            merchant: Merchant {
                name: Text::clipped(&code.merchant_name),
                address: Text::clipped(&code.merchant_address),
            },
            currency: self.currency,
            sale_max: self.sale_max,
            certificates: List::try_from(certificates).map_err(HostError::from)?,
            bank_signing_key: self.bank.signing.public_point(),
            emv_settings: self.emv_settings.clone(),
        };
        let wrapped = wrap_initial_key(&self.bank.issuer, terminal.initial_key_id, &request.key_agreement)?;
        Ok(EnrolmentAnswer::Enrolled {
            profile,
            wrapped_initial_key: Bytes::try_from(wrapped).map_err(HostError::from)?,
            initial_key_id: terminal.initial_key_id,
        })
    }
}

/// Reads a request; another version's is told as such.
fn read(bytes: &[u8]) -> Result<EnrolmentRequest, HostRefusal> {
    if bytes.first().is_some_and(|version| *version != PROTOCOL_VERSION) {
        return Err(HostRefusal::Version(PROTOCOL_VERSION));
    }
    match postcard::take_from_bytes(bytes) {
        Ok((request, [])) => Ok(request),
        _ => Err(HostRefusal::Malformed),
    }
}

/// Seconds to wait when `most` or more wrong codes (newest first) are in the window: until enough of them are not.
fn wait(at_ms: &[u64], most: usize, now_ms: u64) -> Option<u32> {
    let leaves_ms = at_ms.get(most.checked_sub(1)?)?.saturating_add(WRONG_CODES_WINDOW_MS);
    u32::try_from(leaves_ms.saturating_sub(now_ms).div_ceil(1000)).ok()
}

/// Whoever has one IPv6 address has the whole network of its first 64 bits (RFC 4291, 2.5.4).
fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// A terminal's initial key, wrapped to the point that the device made for this.
pub(crate) fn wrap_initial_key(
    keys: &IssuerKeys,
    initial_key_id: [u8; 8],
    point: &[u8],
) -> Result<Vec<u8>, NotEnrolled> {
    let initial_key = derive_initial_key(&keys.bdk, initial_key_id).map_err(|_| BooksError::Authority)?;
    loop {
        let secret = Zeroizing::new(random::<32>()?);
        match key_wrap::wrap(point, &secret, KEY_WRAP_CONTEXT, initial_key.as_bytes()) {
            Ok(wrapped) => return Ok(wrapped),
            // One in 2^32 secrets is no scalar of the curve.
            Err(CryptoError::SecretScalar) => {}
            Err(_) => return Err(HostRefusal::Malformed.into()),
        }
    }
}

/// Hashes codes under a key of this database. The code has 79 random bits, so that no slow hash is needed; the key
/// keeps a copied table from telling whether a code that somebody has is in it.
pub(crate) struct CodeHasher(hmac::Key);

impl CodeHasher {
    pub(crate) async fn of(store: &Store) -> Result<Self, BooksError> {
        let key = Zeroizing::new(secret(store, "activation codes").await?);
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &*key)))
    }

    pub(crate) fn hash(&self, code: &str) -> [u8; 32] {
        let mut hash = [0; 32];
        // HMAC-SHA256 has 32 bytes.
        hash.copy_from_slice(hmac::sign(&self.0, code.as_bytes()).as_ref());
        hash
    }
}

/// Draws a code: each of the alphabet's characters as likely as the other.
pub(crate) fn draw_code() -> Result<Zeroizing<String>, HostError> {
    let alphabet = ACTIVATION_CODE_ALPHABET.as_bytes();
    let fair = 256 - 256 % alphabet.len();
    let mut code = Zeroizing::new(String::with_capacity(ACTIVATION_CODE_CHARS));
    while code.len() < ACTIVATION_CODE_CHARS {
        for byte in random::<ACTIVATION_CODE_CHARS>()?.map(usize::from) {
            if let Some(character) = alphabet.get(byte % alphabet.len())
                && byte < fair
                && code.len() < ACTIVATION_CODE_CHARS
            {
                code.push(char::from(*character));
            }
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_code_is_one_that_a_person_can_type() {
        for _ in 0..100 {
            let code = draw_code().unwrap();
            assert_eq!(normalise_activation_code(&code).as_deref(), Some(&**code));
        }
    }

    #[test]
    fn the_wait_ends_when_the_oldest_of_too_many_leaves_the_window() {
        let minute = 60_000;
        let now = 100 * minute;
        let typed: Vec<u64> = [1, 2, 3, 4, 5].map(|ago| now - ago * minute).into();
        assert_eq!(wait(&typed, 5, now), Some(10 * 60));
        assert_eq!(wait(&typed[..4], 5, now), None);
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2:3::4"), network("2001:db8:1:3:3::4"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
