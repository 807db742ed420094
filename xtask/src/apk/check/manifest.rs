//! The manifest as Android reads it: what the application may do, on which phones, and that nobody looks into it.

use super::super::{SDK_MIN, SDK_TARGET, abi::Abi, tools::Tools};
use crate::{
    failure::Failure,
    workspace::{Workspace, output},
};
use std::path::Path;

/// What it asks for: the card, the bank, and to tell both.
const PERMISSIONS: &[&str] = &["ACCESS_NETWORK_STATE", "INTERNET", "NFC", "VIBRATE"];
const PACKAGE: &str = "com.procreditbank.kosovo.mpos";

/// What does not hold.
///
/// # Errors
/// When aapt does not read it.
pub(super) fn check(
    workspace: &Workspace,
    tools: &Tools,
    apk: &Path,
    abis: &[Abi],
) -> Result<Vec<String>, Failure> {
    let badging = output(tools.program(workspace, "aapt").args(["dump", "badging"]).arg(apk))?;
    Ok(findings(&badging, abis))
}

fn findings(badging: &str, abis: &[Abi]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut must = |line: String| {
        if !badging.lines().any(|found| found.starts_with(&line)) {
            findings.push(format!("aapt does not say `{line}`"));
        }
    };
    must(format!("package: name='{PACKAGE}'"));
    must(format!("sdkVersion:'{SDK_MIN}'"));
    must(format!("targetSdkVersion:'{SDK_TARGET}'"));
    must(format!("launchable-activity: name='{PACKAGE}.MainActivity'"));
    // A phone without NFC shows history and receipts.
    must("  uses-feature-not-required: name='android.hardware.nfc'".to_owned());
    let mut permissions: Vec<_> = badging.lines().filter_map(permission).collect();
    permissions.sort_unstable();
    if permissions != PERMISSIONS {
        findings.push(format!("it asks for {permissions:?} and not for {PERMISSIONS:?}"));
    }
    if badging.lines().any(|line| line.starts_with("application-debuggable")) {
        findings.push("a debugger may look into it".to_owned());
    }
    let native = badging.lines().find_map(|line| line.strip_prefix("native-code: ")).unwrap_or_default();
    if !abis.iter().all(|abi| native.contains(&format!("'{}'", abi.name()))) {
        findings.push(format!("its libraries are for {native}"));
    }
    findings
}

/// The permission that a line asks for; of another name than Android's, all of it.
fn permission(line: &str) -> Option<&str> {
    let name = line.strip_prefix("uses-permission")?.split_once("name='")?.1.split('\'').next()?;
    Some(name.strip_prefix("android.permission.").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "package: name='com.procreditbank.kosovo.mpos' versionCode='1' versionName='0.1.0'\n\
        sdkVersion:'24'\ntargetSdkVersion:'36'\n\
        uses-permission: name='android.permission.NFC'\nuses-permission: name='android.permission.INTERNET'\n\
        uses-permission: name='android.permission.ACCESS_NETWORK_STATE'\n\
        uses-permission: name='android.permission.VIBRATE'\n\
        launchable-activity: name='com.procreditbank.kosovo.mpos.MainActivity'  label='mPOS' icon=''\n\
        feature-group: label=''\n\u{20}\u{20}uses-feature-not-required: name='android.hardware.nfc'\n\
        native-code: 'arm64-v8a'\n";

    fn found(badging: &str) -> Vec<String> {
        findings(badging, &[Abi::Arm64])
    }

    #[test]
    fn a_permission_more_or_less_is_found() {
        assert_eq!(found(GOOD), Vec::<String>::new());
        for more in
            ["uses-permission: name='android.permission.CAMERA'", "uses-permission-sdk-23: name='x.Y'"]
        {
            assert!(found(&format!("{GOOD}{more}\n"))[0].contains("it asks for"), "{more}");
        }
        let less = GOOD.replace("uses-permission: name='android.permission.VIBRATE'\n", "");
        assert_eq!(found(&less).len(), 1);
    }

    #[test]
    fn an_application_that_can_be_debugged_or_is_for_other_phones_is_found() {
        assert!(found(&format!("{GOOD}application-debuggable\n"))[0].contains("debugger"));
        assert!(found(&GOOD.replace("sdkVersion:'24'", "sdkVersion:'26'")).len() == 1);
        assert!(found(&GOOD.replace("arm64-v8a", "mips"))[0].contains("libraries"));
    }
}
