//! The signature: of a release with the bank's key, else with a development key that is made here, once, and stays on
//! this machine. It is worth nothing: a bank's policy names the certificates that may have signed its application.

use super::{Place, tools::Tools};
use crate::{
    failure::Failure,
    workspace::{Workspace, run},
};
use std::path::{Path, PathBuf};

/// Where the password of a release's key store is.
const PASSWORD: &str = "MPOS_KEYSTORE_PASSWORD";
/// Of a key that protects nothing.
const DEVELOPMENT_PASSWORD: &str = "development";
/// In the key's certificate: who reads it knows what it is worth.
const DEVELOPMENT_NAME: &str = "CN=mPOS development";

/// Signs `unsigned` as `signed`, in the three ways that Androids from 7.0 on look for.
///
/// # Errors
/// When a tool fails, or a release's password is missing.
pub(crate) fn sign(
    workspace: &Workspace,
    place: &Place,
    tools: &Tools,
    unsigned: &Path,
    signed: &Path,
    keystore: Option<&Path>,
) -> Result<(), Failure> {
    let mut apksigner = tools.program(workspace, "apksigner");
    apksigner.arg("sign");
    match keystore {
        Some(keystore) => {
            if std::env::var_os(PASSWORD).is_none() {
                return Err(Failure::NoPassword { variable: PASSWORD });
            }
            apksigner.arg("--ks").arg(keystore).arg("--ks-pass").arg(format!("env:{PASSWORD}"));
        }
        None => {
            let keystore = development_key(workspace, place)?;
            apksigner.arg("--ks").arg(keystore).arg("--ks-pass").arg(format!("pass:{DEVELOPMENT_PASSWORD}"));
        }
    }
    for scheme in ["v1", "v2", "v3"] {
        apksigner.args([&format!("--{scheme}-signing-enabled"), "true"]);
    }
    apksigner.args(["--v4-signing-enabled", "false", "--min-sdk-version", &super::SDK_MIN.to_string()]);
    run(apksigner.arg("--out").arg(signed).arg(unsigned))
}

fn development_key(workspace: &Workspace, place: &Place) -> Result<PathBuf, Failure> {
    let path = place.folder.join("development.keystore");
    if !path.exists() {
        let mut keytool = workspace.command("keytool");
        keytool.args(["-genkeypair", "-alias", "development", "-keyalg", "RSA", "-keysize", "3072"]);
        keytool.args(["-sigalg", "SHA256withRSA", "-validity", "10000", "-dname", DEVELOPMENT_NAME]);
        keytool.args(["-storetype", "PKCS12", "-storepass", DEVELOPMENT_PASSWORD]);
        run(keytool.arg("-keystore").arg(&path))?;
    }
    Ok(path)
}
