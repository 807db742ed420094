//! Why an attestation is refused: one fact each, with what was found and what was asked for.
//!
//! `docs/attestation.md` says of each what the merchant or the bank should do; a test keeps the page complete.
//! Certificates of a chain are counted from 0, the leaf.

use super::{
    key_description::{BootState, SecurityLevel},
    patch_level::PatchLevel,
    revoked::RevocationStatus,
};
use mpos_protocol::standing::AttestationFlaw;

/// Makes the enum, and from the same rows the stable name of each variant.
macro_rules! faults {
    ($(
        $(#[doc = $doc:literal])*
        #[error($($message:tt)*)]
        $variant:ident $({ $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)* })? = $name:literal,
    )*) => {
        /// Why an attestation is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum AttestationFault {
            $(
                $(#[doc = $doc])*
                #[error($($message)*)]
                $variant $({ $($(#[doc = $field_doc])* $field: $type,)* })?,
            )*
        }

        impl AttestationFault {
            /// The name of each fault.
            pub const NAMES: &[&str] = &[$($name),*];

            /// A name that logs and statistics can rely on: it does not change.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant $({ $($field: _,)* })? => $name,)*
                }
            }
        }
    };
}

faults! {
    /// There is no certificate.
    #[error("the chain has no certificate")]
    Empty = "chain-empty",
    /// Too many certificates.
    #[error("the chain has {found} certificates, at most {most} are looked at")]
    TooLong {
        /// How many.
        found: usize,
        /// How many there may be.
        most: usize,
    } = "chain-too-long",
    /// Not a certificate, or not in the one encoding that it has.
    #[error("certificate {position} does not decode")]
    Malformed {
        /// Which.
        position: usize,
    } = "certificate-malformed",
    /// Its issuer is not who comes next.
    #[error("certificate {position} is not issued by the next one: the chain has another order, or one is missing")]
    Order {
        /// Which.
        position: usize,
    } = "chain-order",
    /// The last certificate is no root, and no pinned root signed it.
    #[error("certificate {position} is the last one, no root, and not signed by a pinned root: some are missing")]
    Incomplete {
        /// The last.
        position: usize,
    } = "chain-incomplete",
    /// A root, and not one of the pinned ones, whatever its name.
    #[error("certificate {position} is a root whose key is not pinned")]
    UnknownRoot {
        /// The last.
        position: usize,
    } = "root-unknown",
    /// Signed with what is not accepted, or by a key of another kind.
    #[error("certificate {position} is signed with an algorithm that is not accepted")]
    Algorithm {
        /// Which.
        position: usize,
    } = "signature-algorithm",
    /// Signed by another key than the next one's.
    #[error("the signature of certificate {position} does not verify")]
    Signature {
        /// Which.
        position: usize,
    } = "signature-wrong",
    /// Not yet.
    #[error("certificate {position} is valid from {from_s} (seconds since 1970) on")]
    NotYetValid {
        /// Which.
        position: usize,
        /// From when, seconds since 1970.
        from_s: u64,
    } = "certificate-not-yet-valid",
    /// No longer.
    #[error("certificate {position} was valid until {until_s} (seconds since 1970)")]
    Expired {
        /// Which.
        position: usize,
        /// Until when, seconds since 1970.
        until_s: u64,
    } = "certificate-expired",
    /// It issued a certificate and is no authority.
    #[error("certificate {position} issued another one and is not a CA's")]
    NotAuthority {
        /// Which.
        position: usize,
    } = "issuer-not-ca",
    /// It issued a certificate and its key is for other things.
    #[error("certificate {position} issued another one and its key may not sign certificates")]
    KeyUsage {
        /// Which.
        position: usize,
    } = "issuer-key-usage",
    /// It says that fewer certificates may be below it.
    #[error("certificate {position} allows {most} authorities below it, and has {found}")]
    PathLength {
        /// Which.
        position: usize,
        /// How many are below it, the leaf aside.
        found: usize,
        /// How many may be.
        most: u8,
    } = "issuer-path-length",
    /// It has a critical extension that is not known here.
    #[error("certificate {position} has a critical extension that is not known")]
    Critical {
        /// Which.
        position: usize,
    } = "extension-unknown",
    /// It is on the list.
    #[error("certificate {position} is on the revocation list: {status:?}")]
    Revoked {
        /// Which.
        position: usize,
        /// As the list says.
        status: RevocationStatus,
    } = "certificate-revoked",
    /// The leaf attests nothing.
    #[error("the leaf has no attestation extension")]
    NoDescription = "description-missing",
    /// An attested key signed the leaf: the forgery of whoever has a good phone and a bad key.
    #[error("certificate {position} has an attestation extension, and only the leaf may")]
    Extended {
        /// Which.
        position: usize,
    } = "chain-extended",
    /// The extension is not what it should be.
    #[error("the attestation extension does not decode at {field}")]
    Description {
        /// Where, as Android's schema calls it.
        field: &'static str,
    } = "description-malformed",
    /// Made for another question, or not now.
    #[error("the attestation answers another challenge")]
    Challenge = "challenge",
    /// Another key, or no P-256 key at all.
    #[error("the leaf certifies another key")]
    Key = "key-other",
    /// Too weak a keeper of the key, or of the attestation.
    #[error("the key or its attestation is kept in {found}, {required} is required")]
    SecurityLevel {
        /// The lower of the two.
        found: SecurityLevel,
        /// The least.
        required: SecurityLevel,
    } = "security-level",
    /// The key may do more than sign, or not that.
    #[error("the key is not for signing alone")]
    Purpose = "key-purpose",
    /// Not for ECDSA over P-256.
    #[error("the key is attested as another kind than EC P-256")]
    KeyKind = "key-kind",
    /// Not born where it is kept.
    #[error("the key was not generated in its keeper: origin {found}")]
    Origin {
        /// As Android numbers it; 0 is generated.
        found: u64,
    } = "key-origin",
    /// The keeper does not say where the key was born.
    #[error("the attestation does not say where the key was generated")]
    OriginUnknown = "key-origin-unknown",
    /// Every application of the phone may use the key.
    #[error("the key belongs to all applications")]
    AllApplications = "key-of-all-applications",
    /// The keeper does not say how the phone started.
    #[error("the attestation does not say how the phone started")]
    BootUnknown = "boot-unknown",
    /// Anybody may put another system on it.
    #[error("the phone's bootloader is unlocked")]
    Unlocked = "boot-unlocked",
    /// A system that nobody vouches for.
    #[error("the phone started in state {found}")]
    BootState {
        /// As found.
        found: BootState,
    } = "boot-state",
    /// No level, or one that is no month.
    #[error("the attestation has no patch level")]
    PatchUnknown = "patch-unknown",
    /// Too old a system.
    #[error("the system's patch level is {found}, {required} is required")]
    PatchTooOld {
        /// As found.
        found: PatchLevel,
        /// The least.
        required: PatchLevel,
    } = "patch-too-old",
    /// The system does not say whose key it is.
    #[error("the attestation names no application")]
    ApplicationUnknown = "application-unknown",
    /// Another application.
    #[error("the key belongs to another application")]
    Package = "application-package",
    /// An application of this name, signed by somebody else.
    #[error("the application is signed by somebody else")]
    Signer = "application-signer",
}

impl AttestationFault {
    /// What the terminal is told: enough for the merchant and the bank's help desk, and no list of what to forge.
    #[must_use]
    pub const fn flaw(&self) -> AttestationFlaw {
        match self {
            Self::Empty => AttestationFlaw::Absent,
            Self::Malformed { .. }
            | Self::TooLong { .. }
            | Self::Critical { .. }
            | Self::NoDescription
            | Self::Description { .. } => AttestationFlaw::Malformed,
            Self::UnknownRoot { .. } => AttestationFlaw::UntrustedRoot,
            Self::Order { .. }
            | Self::Incomplete { .. }
            | Self::Algorithm { .. }
            | Self::Signature { .. }
            | Self::NotAuthority { .. }
            | Self::KeyUsage { .. }
            | Self::PathLength { .. }
            | Self::Extended { .. } => AttestationFlaw::BrokenChain,
            Self::NotYetValid { .. } | Self::Expired { .. } => AttestationFlaw::OutOfDate,
            Self::Revoked { .. } => AttestationFlaw::Revoked,
            Self::Challenge => AttestationFlaw::WrongChallenge,
            Self::Key => AttestationFlaw::WrongKey,
            Self::SecurityLevel { .. } => AttestationFlaw::SecurityLevel,
            Self::Purpose | Self::KeyKind | Self::Origin { .. } | Self::OriginUnknown => {
                AttestationFlaw::WrongPurpose
            }
            Self::BootUnknown | Self::Unlocked | Self::BootState { .. } => AttestationFlaw::BootUnverified,
            Self::PatchUnknown => AttestationFlaw::PatchTooOld { found: 0 },
            Self::PatchTooOld { found, .. } => AttestationFlaw::PatchTooOld { found: found.number() },
            Self::AllApplications | Self::ApplicationUnknown | Self::Package | Self::Signer => {
                AttestationFlaw::WrongApplication
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttestationFault;

    #[test]
    fn no_two_faults_have_one_name_and_the_page_explains_each() {
        let page = include_str!("../../../docs/attestation.md");
        for (index, name) in AttestationFault::NAMES.iter().enumerate() {
            assert!(!AttestationFault::NAMES[..index].contains(name), "{name} twice");
            assert!(page.contains(&format!("| `{name}` |")), "docs/attestation.md has no row of {name}");
        }
    }
}
