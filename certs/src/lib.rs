//! The PKI of a bank: device CA, enrolment, revocation, host certificates, scheme CA keys.
//!
//! A development bank makes every key of its own at its first start and keeps them in one owner-only folder;
//! none is committed. Functions take and return bytes (DER, PEM), so that whoever speaks TLS chooses how.
//! All keys of certificates are P-256 (FIPS 186-5); all certificates are X.509 version 3 (RFC 5280).
#![forbid(unsafe_code)]

pub mod authority;
mod backup_ca;
pub mod development;
pub mod device_ca;
pub mod enrol;
pub mod error;
pub mod revoke;
pub mod rsa_key;
pub mod scheme_keys;
pub mod server;

pub use development::DevelopmentBank;
pub use device_ca::DeviceCa;
pub use error::CertsError;
