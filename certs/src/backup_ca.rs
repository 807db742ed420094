//! A second CA for the bank's host, made beforehand: terminals pin both, so that the bank can leave the one in use, when
//! its key is lost or given away, without a visit to each shop.
//!
//! A real bank keeps this key in a safe, away from the first one. The development bank has a safe of its own: another file,
//! `backup-ca.keys`, which nothing reads but a move to it.

use crate::{
    CertsError,
    authority::Authority,
    development::{KeyAndCertificate, fields_from_text, fields_to_text},
    scheme_keys::key_file,
};
use std::path::Path;
use zeroize::Zeroizing;

const FILE: &str = "backup-ca.keys";
const KIND: &str = "mpos bank backup CA 1";
const NAME: &str = "mPOS bank backup CA";

/// The backup in `folder`, which the caller has locked; made when there is none, or when it is `in_use` by now: a bank
/// that was stopped in the middle of its move.
///
/// # Errors
/// [`CertsError`]; a damaged file is left as it is.
pub(crate) fn open_or_create(
    folder: &Path,
    in_use: &KeyAndCertificate,
    now_ms: u64,
) -> Result<KeyAndCertificate, CertsError> {
    let path = folder.join(FILE);
    if let Some(text) = key_file::read(&path, KIND)? {
        let kept = from_text(&text).ok_or_else(|| CertsError::Damaged { path: path.clone() })?;
        if kept.certificate != in_use.certificate {
            return Ok(kept);
        }
    }
    let made = KeyAndCertificate::of(&Authority::create(NAME, now_ms)?);
    key_file::write(&path, KIND, &fields_to_text(&[&made.key, &made.certificate]))?;
    Ok(made)
}

fn from_text(text: &str) -> Option<KeyAndCertificate> {
    let [key, certificate]: [Zeroizing<Vec<u8>>; 2] = fields_from_text(text)?.try_into().ok()?;
    Authority::from_parts(&certificate, &key).ok()?;
    Some(KeyAndCertificate { key, certificate: certificate.to_vec() })
}
