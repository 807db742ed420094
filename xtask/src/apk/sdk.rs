//! Google's own tools, for those who have them (`cargo xtask apk --sdk`): the SDK packs and signs, the NDK links, and
//! rustup's standard library for Android takes the place of one that is built here.
//!
//! Where they are is told as their other users expect it, by `ANDROID_HOME` and `ANDROID_NDK_HOME`; of several versions
//! the newest is taken. They were not to be had where this was written: folders like theirs are all it was tried on.

use super::abi::Abi;
use crate::{
    failure::Failure,
    workspace::{Workspace, output},
};
use std::{
    env::{self, consts::OS},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// What to type for what is missing; other versions will do.
const PLATFORM: &str = "platforms;android-36";
const BUILD_TOOLS: &str = "build-tools;36.0.0";
const NDK: &str = "ndk;27.2.12479018";

/// The names under which folders are told, the first one first.
const SDK_NAMES: [&str; 2] = ["ANDROID_HOME", "ANDROID_SDK_ROOT"];
const NDK_NAMES: [&str; 2] = ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"];

/// Why Google's tools cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SdkFault {
    /// Nobody said where it is.
    #[error("no Android SDK is named: set ANDROID_HOME to its folder")]
    NotNamed,
    /// A part is not there.
    #[error("{} is missing. Install it: sdkmanager \"{package}\"", path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// What has it.
        package: &'static str,
    },
    /// No standard library.
    #[error("Rust's standard library for {target} is missing. Install it: rustup target add {target}")]
    NoTarget {
        /// Rust's name.
        target: &'static str,
    },
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sdk {
    /// `aapt`, `apksigner`, `dexdump`.
    pub(crate) programs: PathBuf,
    /// The compiler to Android's bytecode.
    pub(crate) d8_jar: PathBuf,
    /// Android's classes and resources.
    pub(crate) android_jar: PathBuf,
    /// The NDK's `clang` and its like.
    pub(crate) ndk_programs: PathBuf,
}

impl Sdk {
    /// Looks where the environment says.
    ///
    /// # Errors
    /// [`SdkFault`], with what to do.
    pub(crate) fn find() -> Result<Self, SdkFault> {
        Self::find_by(|name| env::var_os(name))
    }

    fn find_by(told: impl Fn(&str) -> Option<OsString>) -> Result<Self, SdkFault> {
        let folder = |names: [&str; 2]| {
            let mut told = names.iter().filter_map(|name| told(name)).filter(|path| !path.is_empty());
            told.next().map(PathBuf::from)
        };
        let sdk = folder(SDK_NAMES).ok_or(SdkFault::NotNamed)?;
        let programs = newest(&sdk.join("build-tools"), BUILD_TOOLS)?;
        let ndk = folder(NDK_NAMES).map_or_else(|| newest(&sdk.join("ndk"), NDK), Ok)?;
        // Google names it so on machines of every processor.
        let host = format!("{}-x86_64", if OS == "macos" { "darwin" } else { OS });
        Ok(Self {
            d8_jar: there(programs.join("lib/d8.jar"), BUILD_TOOLS)?,
            programs,
            android_jar: there(newest(&sdk.join("platforms"), PLATFORM)?.join("android.jar"), PLATFORM)?,
            ndk_programs: there(ndk.join("toolchains/llvm/prebuilt").join(host).join("bin"), NDK)?,
        })
    }

    /// The compiler that links for an ABI, with the NDK's headers and libraries of the oldest Android.
    pub(crate) fn clang(&self, abi: Abi) -> PathBuf {
        self.ndk_programs.join(format!("{}{}-clang", abi.target(), super::SDK_MIN))
    }

    /// Finds out whether rustup has the standard library of these ABIs.
    ///
    /// # Errors
    /// When it has not.
    pub(crate) fn check_targets(workspace: &Workspace, abis: &[Abi]) -> Result<(), Failure> {
        for abi in abis {
            let target = abi.target();
            let mut ask = workspace.command("rustc");
            let folder = output(ask.args(["--print", "target-libdir", "--target", target]))?;
            if !Path::new(folder.trim()).exists() {
                return Err(SdkFault::NoTarget { target }.into());
            }
        }
        Ok(())
    }
}

fn there(path: PathBuf, package: &'static str) -> Result<PathBuf, SdkFault> {
    if path.exists() { Ok(path) } else { Err(SdkFault::Missing { path, package }) }
}

/// The folder of the highest version; what has no version in its name, such as a preview, is left out.
fn newest(folder: &Path, package: &'static str) -> Result<PathBuf, SdkFault> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let versions = entries.filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path())));
    let newest = versions.max_by(|(one, _), (other, _)| one.cmp(other));
    newest.map(|(_, path)| path).ok_or_else(|| SdkFault::Missing { path: folder.to_owned(), package })
}

/// `36.0.0` or `android-36` as numbers, so that 9 is before 36.
fn version(name: &str) -> Option<Vec<u32>> {
    name.strip_prefix("android-").unwrap_or(name).split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const HOST: &str = "toolchains/llvm/prebuilt/linux-x86_64/bin";

    /// A folder like Google's, with these files in it.
    fn laid_out(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for file in files {
            super::super::write(&root.path().join(file), "").expect("a file");
        }
        root
    }

    const WHOLE: [&str; 8] = [
        "build-tools/9.0.0/lib/d8.jar",
        "build-tools/36.0.0/lib/d8.jar",
        "build-tools/37.0.0-rc1/lib/d8.jar",
        "platforms/android-9/android.jar",
        "platforms/android-36/android.jar",
        "platforms/android-Baklava/android.jar",
        "ndk/9.9.9/toolchains/llvm/prebuilt/linux-x86_64/bin/clang",
        "ndk/27.2.12479018/toolchains/llvm/prebuilt/linux-x86_64/bin/clang",
    ];

    fn find(root: &Path, ndk: Option<&Path>) -> Result<Sdk, SdkFault> {
        Sdk::find_by(|name| match name {
            "ANDROID_HOME" => Some(root.into()),
            "ANDROID_NDK_ROOT" => ndk.map(Into::into),
            _ => None,
        })
    }

    #[test]
    fn the_newest_of_each_is_taken_by_its_number_and_no_preview() {
        let root = laid_out(&WHOLE);
        let sdk = find(root.path(), None).unwrap();
        assert_eq!(sdk.programs, root.path().join("build-tools/36.0.0"));
        assert_eq!(sdk.android_jar, root.path().join("platforms/android-36/android.jar"));
        assert_eq!(sdk.ndk_programs, root.path().join("ndk/27.2.12479018").join(HOST));
        assert!(sdk.clang(Abi::Arm64).ends_with("aarch64-linux-android24-clang"));
    }

    #[test]
    fn an_ndk_that_is_named_comes_before_those_in_the_sdk() {
        let (root, own) = (laid_out(&WHOLE), laid_out(&[&format!("{HOST}/clang")]));
        let sdk = find(root.path(), Some(own.path())).unwrap();
        assert_eq!(sdk.ndk_programs, own.path().join(HOST));
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_type() {
        assert!(matches!(Sdk::find_by(|_| None), Err(SdkFault::NotNamed)));
        assert!(matches!(Sdk::find_by(|_| Some(OsString::new())), Err(SdkFault::NotNamed)));
        for (without, package) in
            [("build-tools", BUILD_TOOLS), ("platforms", PLATFORM), ("ndk", NDK), ("d8.jar", BUILD_TOOLS)]
        {
            let files: Vec<_> = WHOLE.into_iter().filter(|file| !file.contains(without)).collect();
            let root = laid_out(&[&files[..], &["build-tools/36.0.0/aapt"]].concat());
            let root = if without == "build-tools" { laid_out(&files) } else { root };
            let said = find(root.path(), None).unwrap_err().to_string();
            assert!(said.ends_with(&format!("sdkmanager \"{package}\"")), "without {without}: {said}");
        }
        let target = SdkFault::NoTarget { target: "x86_64-linux-android" };
        assert!(target.to_string().ends_with("rustup target add x86_64-linux-android"));
    }
}
