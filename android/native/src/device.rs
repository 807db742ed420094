//! What Java tells of the phone at the start: four strings of `android.os.Build`, as the bank's staff and its policy
//! want them. They are what the system says of itself: the bank's word rests on the attestation, not on these.

use mpos_protocol::{Text, terminal::Device};

/// How many strings there are.
pub(crate) const FACTS: usize = 4;
/// What this is a part of: the build gives the application the same version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The longest that is looked at.
pub(crate) const FACT_BYTES_MAX: usize = 256;

/// Words in a fingerprint that the emulators of Android's SDK and its simulations have.
const EMULATORS: [&str; 5] = ["generic", "emulator", "sdk_gphone", "vbox", "robolectric"];

/// The phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phone {
    /// For the bank's staff.
    pub(crate) device: Device,
    /// The security patch, YYYYMM.
    pub(crate) patch: Option<u32>,
    /// It says itself that it is none.
    pub(crate) emulator: bool,
}

impl Phone {
    /// From maker and model, release, security patch (`2026-11-05`), fingerprint.
    pub(crate) fn new([model, release, patch, fingerprint]: &[String; FACTS]) -> Self {
        let system = format!("Android {release}");
        let fingerprint = fingerprint.to_lowercase();
        Self {
            device: Device {
                model: Text::clipped(model),
                system: Text::clipped(&system),
                software: Text::clipped(VERSION),
            },
            patch: patch_month(patch),
            emulator: EMULATORS.iter().any(|word| fingerprint.contains(word)),
        }
    }
}

/// `2026-11-05` as 202611.
fn patch_month(patch: &str) -> Option<u32> {
    let mut parts = patch.split('-').map(|part| part.parse::<u32>().ok());
    let (year, month) = (parts.next()??, parts.next()??);
    ((2000..3000).contains(&year) && (1..=12).contains(&month)).then(|| year * 100 + month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_told_by_its_build() {
        let facts = ["Google Pixel 9", "16", "2026-11-05", "google/tokay/tokay:16/BP1A/1:user/release-keys"];
        let phone = Phone::new(&facts.map(str::to_owned));
        assert_eq!((&*phone.device.model, &*phone.device.system), ("Google Pixel 9", "Android 16"));
        assert_eq!((phone.patch, phone.emulator), (Some(202_611), false));
    }

    #[test]
    fn a_patch_that_is_no_date_is_none_and_an_emulator_says_so() {
        for patch in ["", "2026", "2026-13-01", "26-01-01", "x-y", "2026-"] {
            assert_eq!(patch_month(patch), None, "{patch}");
        }
        let facts = ["", "", "", "google/sdk_gphone64_x86_64/emu64xa:16/X/1:user/dev-keys"];
        assert!(Phone::new(&facts.map(str::to_owned)).emulator);
    }
}
