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
/// Elements through which another application could reach in.
const DOORS: [&str; 6] = ["activity", "activity-alias", "service", "receiver", "provider", "data"];
/// Copies of the application's files elsewhere, and lines without TLS.
const MUST_BE_OFF: [&str; 3] = ["allowBackup", "fullBackupContent", "usesCleartextTraffic"];

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
    let mut tree = tools.program(workspace, "aapt");
    let tree = output(tree.args(["dump", "xmltree"]).arg(apk).arg("AndroidManifest.xml"))?;
    Ok([findings(&badging, abis), findings_in_tree(&tree)].concat())
}

/// What other applications could speak to, and what leaves the phone by itself: nothing but the one activity.
fn findings_in_tree(tree: &str) -> Vec<String> {
    let elements = tree.lines().filter_map(|line| line.trim().strip_prefix("E: ")?.split(' ').next());
    let doors: Vec<_> = elements.filter(|element| DOORS.contains(element)).collect();
    let mut findings = Vec::new();
    if doors != ["activity"] {
        findings.push(format!("other applications can speak to {doors:?}"));
    }
    for off in MUST_BE_OFF {
        let is_off =
            |line: &str| line.contains(&format!("android:{off}(")) && line.ends_with("(type 0x12)0x0");
        if !tree.lines().any(is_off) {
            findings.push(format!("its manifest does not say {off}=\"false\""));
        }
    }
    findings
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

    /// What aapt shows of a manifest that has `on` on.
    fn tree(on: &str) -> String {
        let value = |off| if off == on { "0xffffffff" } else { "0x0" };
        let settings =
            MUST_BE_OFF.map(|off| format!("A: android:{off}(0x01010280)=(type 0x12){}", value(off)));
        [
            "E: manifest (line=3)\n  E: application (line=13)\n    ",
            &settings.join("\n    "),
            "\n    E: activity (line=23)\n",
        ]
        .concat()
    }

    #[test]
    fn another_door_or_a_backup_is_found() {
        assert_eq!(findings_in_tree(&tree("nothing")), Vec::<String>::new());
        for door in ["service", "receiver", "provider", "activity-alias", "data"] {
            let found = findings_in_tree(&format!("{}    E: {door} (line=40)\n", tree("nothing")));
            assert!(found[0].contains(door), "{door}");
        }
        for off in MUST_BE_OFF {
            assert!(findings_in_tree(&tree(off))[0].contains(off), "{off} is on");
            let unsaid = tree("nothing").replace(off, "anotherSetting");
            assert!(findings_in_tree(&unsaid)[0].contains(off), "{off} is not said");
        }
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
