//! The PKI of a bank: device CA, enrolment, revocation, host certificates, scheme CA keys.
//!
//! A development bank makes every key of its own at its first start and keeps them in one owner-only folder;
//! none is committed. Functions take and return bytes (DER, PEM), so that whoever speaks TLS chooses how.

pub mod development;
pub mod device_ca;
pub mod enrol;
pub mod revoke;
pub mod rsa_key;
pub mod scheme_keys;
