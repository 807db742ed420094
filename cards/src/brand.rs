//! The five brands: identifiers, labels and what else differs between their cards.

use mpos_certs::scheme_keys::Scheme;

/// A brand, as its cards show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brand {
    Mastercard,
    Maestro,
    Visa,
    Electron,
    VPay,
}

impl Brand {
    pub(crate) const fn scheme(self) -> Scheme {
        match self {
            Self::Mastercard | Self::Maestro => Scheme::Mastercard,
            Self::Visa | Self::Electron | Self::VPay => Scheme::Visa,
        }
    }

    /// Application identifier: RID and the brand's extension.
    pub(crate) fn aid(self) -> Vec<u8> {
        let extension = match self {
            Self::Mastercard | Self::Visa => [0x10, 0x10],
            Self::Maestro => [0x30, 0x60],
            Self::Electron => [0x20, 0x10],
            Self::VPay => [0x20, 0x20],
        };
        [&self.scheme().rid()[..], &extension].concat()
    }

    /// Application label (50).
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Mastercard => "MASTERCARD",
            Self::Maestro => "MAESTRO",
            Self::Visa => "VISA",
            Self::Electron => "VISA ELECTRON",
            Self::VPay => "V PAY",
        }
    }
}
