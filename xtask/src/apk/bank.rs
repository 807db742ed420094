//! The bank that the APK knows: `assets/bank.pem`, an address and the CAs that prove whoever answers there. Nothing in it
//! is secret, and nothing else makes one bank's APK another's.

use super::{Place, bytes};
use crate::{
    failure::Failure,
    workspace::{Workspace, run},
};
use std::path::Path;

/// Of a development bank: the phone's own, which `adb reverse tcp:7443 tcp:7443` leads to this machine.
const DEVELOPMENT_ADDRESS: &str = "address: 127.0.0.1:7443\n";
/// The CAs in a bank's folder, as the bank gives them out.
const CA_FILE: &str = "bank/bank-ca.pem";

/// The file's content.
///
/// # Errors
/// When it cannot be read, or the development bank not be made.
pub(crate) fn file(workspace: &Workspace, place: &Place, given: Option<&Path>) -> Result<Vec<u8>, Failure> {
    match given {
        Some(path) => bytes(path),
        None => {
            let data = place.folder.join("development-bank");
            let cas = data.join(CA_FILE);
            if !cas.exists() {
                let mut program = workspace.cargo(&["run", "--quiet", "--package", "mpos", "--", "--data"]);
                run(program.arg(&data).args(["host", "terminals"]))?;
            }
            Ok([DEVELOPMENT_ADDRESS.as_bytes(), &bytes(&cas)?].concat())
        }
    }
}
