//! Making signed requests and checking signed answers (see `mpos_protocol::signed`).

use crate::chain::Chain;
use mpos_ports::{KeyFault, KeyStore};
use mpos_protocol::{
    Bytes, Moment, PROTOCOL_VERSION,
    host::{HostAnswer, HostRequest},
    signed::{AnswerContent, Content, Hash, RequestContent, SIGNED_BYTES_MAX, Signed},
    terminal::{TerminalId, TerminalProfile},
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};

/// A signed request and the hash that the next one names.
pub(crate) struct SignedRequest {
    pub(crate) bytes: Bytes<SIGNED_BYTES_MAX>,
    pub(crate) hash: Hash,
}

/// Signs `request` as the next message of the chain.
pub(crate) fn sign(
    keys: &dyn KeyStore,
    terminal: TerminalId,
    chain: &Chain,
    now: Moment,
    request: HostRequest,
) -> Result<SignedRequest, KeyFault> {
    let content = RequestContent {
        version: PROTOCOL_VERSION,
        terminal,
        sequence: chain.next_sequence,
        time_ms: now.unix_ms,
        previous: chain.head,
        request,
    };
    // Every field's limit is part of its type, and together they stay below SIGNED_BYTES_MAX.
    let content = content.to_content().expect("a request's fields are bounded below the message's limit");
    let signature = keys.sign(&RequestContent::signing_input(&content))?;
    let hash = Hash::of(&content);
    let signed = Signed { content, signature: Bytes::new(&signature).expect("64 bytes fit 64 bytes") };
    let bytes = signed.to_bytes().expect("a request's fields are bounded below the message's limit");
    Ok(SignedRequest { bytes, hash })
}

/// What came is not the bank's answer to this request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotTheAnswer;

/// Checks that `bytes` is the bank's answer to the request with this sequence and hash.
pub(crate) fn verify(
    profile: &TerminalProfile,
    sequence: u64,
    request: Hash,
    bytes: &[u8],
) -> Result<HostAnswer, NotTheAnswer> {
    let signed = Signed::from_bytes(bytes).map_err(|_| NotTheAnswer)?;
    let key = VerifyingKey::from_sec1_bytes(&profile.bank_signing_key).map_err(|_| NotTheAnswer)?;
    let signature = Signature::from_slice(&signed.signature).map_err(|_| NotTheAnswer)?;
    key.verify(&AnswerContent::signing_input(&signed.content), &signature).map_err(|_| NotTheAnswer)?;
    let content = AnswerContent::from_content(&signed.content).map_err(|_| NotTheAnswer)?;
    let ours =
        content.terminal == profile.terminal && content.sequence == sequence && content.request == request;
    if ours { Ok(content.answer) } else { Err(NotTheAnswer) }
}
