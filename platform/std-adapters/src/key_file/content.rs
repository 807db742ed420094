//! What the key file holds, as bytes that are sealed and as what lives in memory.

use mpos_crypto::dukpt::TerminalKeys;
use p256::SecretKey;
use zeroize::Zeroizing;

/// First byte.
const CONTENT_VERSION: u8 = 1;
const SCALAR_BYTES: usize = 32;
const HAS_DEVICE: u8 = 1;
const HAS_AGREEMENT: u8 = 2;
const HAS_REGISTER: u8 = 4;

/// The terminal's secrets.
#[derive(Default)]
pub(super) struct Content {
    /// Signs, and is the TLS identity.
    pub(super) device: Option<SecretKey>,
    /// To which the bank wraps the initial key, while an enrolment is under way.
    pub(super) agreement: Option<SecretKey>,
    /// AES-DUKPT, X9.24-3: from which the next keys come.
    pub(super) register: Option<TerminalKeys>,
}

impl Content {
    /// Version, what is there, then the two scalars and the register, where they are there.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let flag = |present: bool, flag: u8| if present { flag } else { 0 };
        let there = flag(self.device.is_some(), HAS_DEVICE)
            | flag(self.agreement.is_some(), HAS_AGREEMENT)
            | flag(self.register.is_some(), HAS_REGISTER);
        let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
        bytes.extend_from_slice(&[CONTENT_VERSION, there]);
        for scalar in [&self.device, &self.agreement].into_iter().flatten() {
            bytes.extend_from_slice(&Zeroizing::new(<[u8; SCALAR_BYTES]>::from(scalar.to_bytes()))[..]);
        }
        if let Some(register) = &self.register {
            bytes.extend_from_slice(&register.to_bytes());
        }
        bytes
    }

    /// Reads it back; `None` for anything else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[CONTENT_VERSION, there], mut rest) = bytes.split_first_chunk::<2>()? else { return None };
        let mut scalar = |flag| {
            if there & flag == 0 {
                return Some(None);
            }
            let (scalar, after) = rest.split_first_chunk::<SCALAR_BYTES>()?;
            rest = after;
            SecretKey::from_slice(scalar).ok().map(Some)
        };
        let (device, agreement) = (scalar(HAS_DEVICE)?, scalar(HAS_AGREEMENT)?);
        let register = match there & HAS_REGISTER {
            0 if rest.is_empty() => None,
            0 => return None,
            _ => Some(TerminalKeys::from_bytes(rest).ok()?),
        };
        Some(Self { device, agreement, register })
    }
}
