//! A terminal's standing with its bank: what a device says of itself, and what the bank makes of it.
//!
//! At its start and before each sale a terminal reports its state in answer to the bank's challenge. The bank's word is
//! that it may sell, that it may with a warning, or that it may not; each concern has a text of its own, since "the
//! attestation failed" helps nobody. The report moves no money and is an administrative message; what it earns is a
//! ticket that each sale shows, so that the bank's processes need keep nothing of it.

use crate::{Bytes, List, Text, pin::PinBlockFormat, reconcile::ChainHead};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest chain of an attestation. Google's are of four certificates and about 3 KiB without the root.
pub const ATTESTATION_BYTES_MAX: usize = 5 * 1024;
/// Most concerns that are told at once, the gravest first.
pub const CONCERNS_MAX: usize = 8;

/// Tells the challenge of an enrolment from any other hash.
const ENROLMENT_CHALLENGE_DOMAIN: &[u8] = b"mpos/1 enrolment attestation\0";

/// What a report has to name: 32 bytes of the bank's that it gave this terminal a short time ago. Empty: the terminal
/// has none, and asks for one.
pub type Challenge = Bytes<32>;
/// The bank's word that this terminal's state is good, to be shown with each sale. Empty: there is none.
pub type Ticket = Bytes<32>;
/// Certificates in DER, one right after the other: that of the attested key first, the root left out if need be.
pub type Attestation = Bytes<ATTESTATION_BYTES_MAX>;

/// The challenge that an enrolment's attestation answers: it is made of the activation code, which is the bank's and
/// good for once, so that no round trip is needed to be given one. Whoever asks again with the same code, since the
/// answer was lost, has the same challenge and the same key.
pub fn enrolment_challenge(activation_code: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(ENROLMENT_CHALLENGE_DOMAIN);
    hash.update(activation_code.as_bytes());
    hash.finalize().into()
}

/// Joins a chain's certificates; `None` when they are too long together.
pub fn join_attestation(chain: &[Vec<u8>]) -> Option<Attestation> {
    Attestation::try_from(chain.concat()).ok()
}

/// What a device says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceState {
    /// Version of mPOS.
    pub software: Text<32>,
    /// Operating system and its version.
    pub system: Text<64>,
    /// The operating system's security patch, YYYYMM in decimal; none where there is no such thing.
    pub system_patch: Option<u32>,
    /// Somebody looks into the running program.
    pub debugger: bool,
    /// Something on the device gives programs the rights of its owner.
    pub rooted: bool,
    /// It is not a device but a program that plays one.
    pub emulator: bool,
}

/// The state of a terminal. When it was made is in the signed message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingReport {
    /// The bank's.
    pub challenge: Challenge,
    /// The device.
    pub state: DeviceState,
    /// How many transaction keys are left.
    pub keys_left: u32,
    /// Where the device key lives, attested for this challenge, when the bank asked for that.
    pub attestation: Option<Attestation>,
    /// Where the terminal's chain stands: one that the bank does not share shows before anything is sold on it.
    pub chain: ChainHead,
}

/// What a bank makes of a terminal's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Decision {
    /// It may sell.
    #[default]
    Allowed,
    /// It may sell, and something should be mended.
    Warned,
    /// It may not sell.
    Blocked,
}

/// The bank's opinion of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// What it may do.
    pub decision: Decision,
    /// Why, the gravest first; of an allowed one none.
    pub concerns: List<Concern, CONCERNS_MAX>,
}

/// The bank's word to a terminal that is about to sell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanksWord {
    /// What it makes of the device.
    pub opinion: Opinion,
    /// How it wants PINs.
    pub pin_format: PinBlockFormat,
}

/// The bank's answer to a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it makes of it, and how it wants PINs.
    pub word: BanksWord,
    /// What each sale shows; empty for one that may not sell.
    pub ticket: Ticket,
    /// For how long the ticket is good, seconds.
    pub seconds: u16,
    /// For the next report.
    pub challenge: Challenge,
    /// What is to be done besides.
    pub orders: Orders,
}

/// What a bank wants of a terminal when nobody waits for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// Report again, with an attestation.
    pub attest: bool,
    /// Fetch a new client certificate: the present one ends soon.
    pub renew_certificate: bool,
    /// Fetch a new initial key: the present one ends soon, was copied, or is to be replaced.
    pub renew_keys: bool,
    /// Say what the book has from this sequence on: something is new, the chains differ, or the bank's staff wants it.
    pub reconcile_from: Option<u64>,
}

/// Something that a bank holds against a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Concern {
    /// What its key store says of it.
    Attestation(AttestationFlaw),
    /// Somebody looks into the running program.
    Debugger,
    /// Programs have the rights of the device's owner.
    Rooted,
    /// It is no device.
    Emulator,
    /// Its clock is so many seconds ahead of the bank's, or behind.
    ClockSkew {
        /// Ahead; negative: behind.
        seconds: i64,
    },
    /// The bank wants a newer mPOS.
    SoftwareTooOld,
    /// The bank wants a newer operating system, or one with newer security patches.
    SystemTooOld {
        /// Its patch, YYYYMM; 0 when it tells none.
        patch: u32,
    },
}

/// What is wrong with an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttestationFlaw {
    /// There is none.
    Absent,
    /// It was too long ago.
    TooOld,
    /// It does not decode.
    Malformed,
    /// The root is none that the bank trusts.
    UntrustedRoot,
    /// A certificate is missing, out of order, or not signed by the next.
    BrokenChain,
    /// A certificate has expired or is not valid yet.
    OutOfDate,
    /// A certificate was taken back by its maker.
    Revoked,
    /// It answers another challenge: a copy.
    WrongChallenge,
    /// It is about another key.
    WrongKey,
    /// The key lives in software.
    SecurityLevel,
    /// The device was started with a system that nobody vouches for, or its loader is open.
    BootUnverified,
    /// It is about another program, or this one signed by somebody else.
    WrongApplication,
    /// The system's security patch is too old.
    PatchTooOld {
        /// As attested, YYYYMM.
        found: u32,
    },
    /// The key may be used for something else than signing, or was not made in the device.
    WrongPurpose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_activation_code_has_a_challenge_of_its_own() {
        let challenge = enrolment_challenge("ABCDEFGHJKMNPQRS");
        assert_eq!(challenge, enrolment_challenge("ABCDEFGHJKMNPQRS"));
        assert_ne!(challenge, enrolment_challenge("ABCDEFGHJKMNPQRT"));
    }

    #[test]
    fn a_chain_that_is_too_long_is_not_cut() {
        assert_eq!(join_attestation(&[[1; 2].to_vec(), [2; 3].to_vec()]).unwrap().len(), 5);
        assert_eq!(join_attestation(&[[0; ATTESTATION_BYTES_MAX].to_vec(), [0; 1].to_vec()]), None);
    }
}
