//! What may be held against a device: the rows of the bank's table, each with a name for files, commands and logs.

/// What may be held against a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Its key store attests nothing.
    AttestationAbsent,
    /// Its attestation is not acceptable.
    AttestationRefused,
    /// Its attestation was too long ago.
    AttestationTooOld,
    /// Its key is kept less well than asked for.
    SecurityLevel,
    /// Somebody looks into the running program.
    Debugger,
    /// Programs have the rights of the device's owner.
    Rooted,
    /// It is no device.
    Emulator,
    /// Its clock is not the bank's.
    ClockSkew,
    /// Its mPOS is too old.
    SoftwareTooOld,
    /// Its system's security patch is too old, or none.
    SystemTooOld,
}

/// How many there are.
pub(super) const FINDINGS: usize = 10;

impl Finding {
    /// Each of them, in the order of the table.
    pub const ALL: [Self; FINDINGS] = [
        Self::AttestationAbsent,
        Self::AttestationRefused,
        Self::AttestationTooOld,
        Self::SecurityLevel,
        Self::Debugger,
        Self::Rooted,
        Self::Emulator,
        Self::ClockSkew,
        Self::SoftwareTooOld,
        Self::SystemTooOld,
    ];

    /// Its name, which does not change.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AttestationAbsent => "attestation-absent",
            Self::AttestationRefused => "attestation-refused",
            Self::AttestationTooOld => "attestation-too-old",
            Self::SecurityLevel => "security-level",
            Self::Debugger => "debugger",
            Self::Rooted => "rooted",
            Self::Emulator => "emulator",
            Self::ClockSkew => "clock-skew",
            Self::SoftwareTooOld => "software-too-old",
            Self::SystemTooOld => "system-too-old",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.name() == name)
    }
}
