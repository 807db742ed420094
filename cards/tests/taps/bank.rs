//! A development bank in a temporary folder.

use std::sync::OnceLock;

use mpos_cards::{CardStore, IssuerKeys, VirtualCard, catalogue};
use mpos_certs::scheme_keys::SchemeKeys;
use mpos_crypto::SecretKey;
use tempfile::TempDir;

pub(crate) const MASTERCARD_IMK: [u8; 16] =
    *b"\x9E\x15\x20\x43\x13\xF7\x31\x8A\xCB\x79\xB9\x0B\xD9\x86\xAD\x29";
pub(crate) const VISA_IMK: [u8; 16] = *b"\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC\xBA\x98\x76\x54\x32\x10";

/// The schemes' keys, made once for all tests.
pub(crate) fn schemes() -> &'static SchemeKeys {
    static SCHEMES: OnceLock<SchemeKeys> = OnceLock::new();
    SCHEMES.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        SchemeKeys::open_or_create(dir.path()).unwrap()
    })
}

/// A folder of cards.
pub(crate) struct Drawer {
    dir: TempDir,
}

impl Drawer {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// One that stays, for tests that need no card of their own.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Drawer> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// Takes a card out: made the first time, the same one after that.
    pub(crate) fn card(&self, name: &str) -> VirtualCard {
        let store = CardStore::open(self.dir.path()).unwrap();
        catalogue::find(name).unwrap().personalise(&store, schemes(), &issuer_keys()).unwrap()
    }
}

pub(crate) fn issuer_keys() -> IssuerKeys {
    let key = |bytes: &[u8]| SecretKey::from_slice(bytes).unwrap();
    IssuerKeys { mastercard_imk: key(&MASTERCARD_IMK), visa_imk: key(&VISA_IMK) }
}
