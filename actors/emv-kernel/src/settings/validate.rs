//! Settings that are well-formed may still be wrong: what is refused before a terminal uses them.

use super::{CaKey, Combination, KernelSettings, TerminalSettings};
use crate::limits::AMOUNT_MAX;

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// No card could ever be taken.
    #[error("there are no combinations")]
    NoCombinations,
    /// An AID of fewer than five bytes.
    #[error("combination {0}: an AID has 5 to 16 bytes")]
    AidLength(usize),
    /// The same AID and kernel twice.
    #[error("combination {0}: the same AID and kernel stand before")]
    DuplicateCombination(usize),
    /// A limit that tag 9F02 cannot reach.
    #[error("combination {0}: a limit has more than twelve digits")]
    Limit(usize),
    /// Kernel 2 with EMV mode switched off: nothing would be left of it.
    #[error("combination {0}: EMV mode is switched off")]
    EmvModeOff(usize),
    /// A terminal transaction qualifier without EMV mode.
    #[error("combination {0}: the TTQ does not have EMV mode")]
    TtqWithoutEmv(usize),
    /// A modulus that is no RSA modulus of 512 to 2048 bits.
    #[error("CA key {0}: the modulus has 64 to 256 bytes, is odd and begins with no zero")]
    Modulus(usize),
    /// An exponent other than 3 or 65537.
    #[error("CA key {0}: the exponent is 3 or 65537")]
    Exponent(usize),
    /// The checksum that came with the key is not the key's.
    #[error("CA key {0}: the checksum does not agree with the key")]
    Checksum(usize),
    /// The same RID, index and set twice.
    #[error("CA key {0}: the same RID, index and set stand before")]
    DuplicateCaKey(usize),
}

impl TerminalSettings {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// The first thing wrong; positions count from 0.
    pub fn validate(&self) -> Result<(), SettingsFault> {
        if self.combinations.is_empty() {
            return Err(SettingsFault::NoCombinations);
        }
        for (position, combination) in self.combinations.iter().enumerate() {
            combination.validate(position)?;
            let same = |other: &Combination| {
                other.aid == combination.aid && other.kernel.id() == combination.kernel.id()
            };
            if self.combinations.iter().take(position).any(same) {
                return Err(SettingsFault::DuplicateCombination(position));
            }
        }
        for (position, key) in self.ca_keys.iter().enumerate() {
            key.validate(position)?;
            let same = |other: &CaKey| (other.rid, other.index, other.set) == (key.rid, key.index, key.set);
            if self.ca_keys.iter().take(position).any(same) {
                return Err(SettingsFault::DuplicateCaKey(position));
            }
        }
        Ok(())
    }
}

impl Combination {
    fn validate(&self, position: usize) -> Result<(), SettingsFault> {
        if self.aid.len() < 5 {
            return Err(SettingsFault::AidLength(position));
        }
        let on_device = match &self.kernel {
            KernelSettings::Kernel2(kernel) => kernel.transaction_limit_on_device,
            KernelSettings::Kernel3(_) => None,
        };
        let limits = [self.transaction_limit, self.cvm_limit, Some(self.floor_limit), on_device];
        if limits.into_iter().flatten().any(|limit| limit > AMOUNT_MAX.saturating_add(1)) {
            return Err(SettingsFault::Limit(position));
        }
        match &self.kernel {
            KernelSettings::Kernel2(kernel) if kernel.kernel_configuration & 0x40 != 0 => {
                Err(SettingsFault::EmvModeOff(position))
            }
            KernelSettings::Kernel3(kernel) if kernel.ttq[0] & 0x20 == 0 => {
                Err(SettingsFault::TtqWithoutEmv(position))
            }
            _ => Ok(()),
        }
    }
}

impl CaKey {
    fn validate(&self, position: usize) -> Result<(), SettingsFault> {
        let odd = self.modulus.last().is_some_and(|byte| byte & 1 == 1);
        let leading = self.modulus.first().is_some_and(|byte| *byte != 0);
        if !(64..=256).contains(&self.modulus.len()) || !odd || !leading {
            return Err(SettingsFault::Modulus(position));
        }
        let key = self.to_public_key();
        if !matches!(key.exponent, 3 | 65537) {
            return Err(SettingsFault::Exponent(position));
        }
        match self.checksum {
            Some(checksum) if checksum != key.sha1_checksum() => Err(SettingsFault::Checksum(position)),
            _ => Ok(()),
        }
    }
}
