//! `cargo xtask apk`: the phone's APK, from a machine that has none of Android's tools.
//!
//! There is no NDK and no SDK in this, unless it is asked to use them ([`sdk`]): the standard library is built from
//! Debian's Rust source, clang and lld link it against stubs with Android's names, javac and dx make the shell's code,
//! aapt its resources. [`machine`] installs what is missing. What comes out is checked ([`check`]) before it has its
//! name, and `--run` runs its library.
//!
//! ```text
//! android/native ─ library ─► lib/ABI/libmpos.so ─┐
//! android/shell ── shell ───► classes.dex, resources ─ package ─► signing ─► mpos.apk ─► check
//! bank.pem ───────────────────────────────────────┘
//! ```

mod abi;
mod bank;
mod check;
pub(crate) mod emulation;
mod library;
pub(crate) mod machine;
mod package;
pub(crate) mod sdk;
pub(crate) mod shell;
mod signing;
mod stubs;
pub(crate) mod tools;

use crate::{
    failure::Failure,
    workspace::{Workspace, run as run_command},
};
use abi::Abi;
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use tools::Tools;

/// The oldest Android that it runs on: 7.0.
const SDK_MIN: u32 = 24;
/// The Android whose rules it follows: 16.
const SDK_TARGET: u32 = 36;
/// The version that Android compares; counts up with each release.
const VERSION_CODE: u32 = 1;

/// Options of `cargo xtask apk`.
#[derive(Args)]
pub(crate) struct Options {
    /// Build for this ABI (may be repeated) [default: both]
    #[arg(long, value_name = "ABI")]
    abi: Vec<Abi>,
    /// The bank: a file with a line `address: HOST:PORT` and its CAs in PEM [default: a development bank of this
    /// machine, to be served on the phone's own 127.0.0.1:7443]
    #[arg(long, value_name = "FILE")]
    bank: Option<PathBuf>,
    /// The key store whose first key signs a release [default: a development key that this command makes]; its
    /// password is read from MPOS_KEYSTORE_PASSWORD
    #[arg(long, value_name = "FILE", requires = "bank")]
    keystore: Option<PathBuf>,
    /// Use Google's SDK and NDK, found by ANDROID_HOME and ANDROID_NDK_HOME, and rustup's standard library for Android
    #[arg(long, conflicts_with = "run")]
    sdk: bool,
    /// Run its library for phones on an emulated processor, through a purchase and a refund
    #[arg(long)]
    run: bool,
}

/// Where things are made.
pub(crate) struct Place {
    /// `android` below the target folder.
    pub(crate) folder: PathBuf,
}

impl Place {
    /// The place of this workspace.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let folder = workspace.members()?.target_directory.into_std_path_buf().join("android");
        made(&folder)?;
        Ok(Self { folder })
    }

    /// The library of an ABI, as it is in the APK.
    pub(crate) fn library(&self, abi: Abi) -> PathBuf {
        self.folder.join("lib").join(abi.name()).join("libmpos.so")
    }

    /// The APK.
    pub(crate) fn apk(&self) -> PathBuf {
        self.folder.join("mpos.apk")
    }
}

/// Builds and checks.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let abis: Vec<Abi> = if options.abi.is_empty() { Abi::ALL.to_vec() } else { options.abi.clone() };
    build(workspace, &abis, options.sdk, options.bank.as_deref(), options.keystore.as_deref())?;
    if options.run {
        let mut tests = workspace.cargo(&[&["test"], emulation::TESTS].concat());
        emulation::prepare(workspace, &mut tests)?;
        run_command(&mut tests)?;
    }
    Ok(())
}

/// What the check builds: both ABIs, for a development bank, signed with a development key.
pub(crate) fn build_for_development(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace, Abi::ALL, false, None, None)
}

fn build(
    workspace: &Workspace,
    abis: &[Abi],
    with_sdk: bool,
    bank: Option<&Path>,
    keystore: Option<&Path>,
) -> Result<(), Failure> {
    let place = Place::of(workspace)?;
    let tools = timed("tools", || {
        if with_sdk { Tools::of_sdk(workspace, abis) } else { machine::install(workspace, &place) }
    })?;
    timed("libraries", || library::build(workspace, &place, &tools, abis))?;
    let shell = timed("shell", || shell::build(workspace, &place, &tools))?;
    let bank = bank::file(workspace, &place, bank)?;
    let unsigned = place.folder.join("unsigned.apk");
    package::write(&unsigned, &shell, &bank, abis.iter().map(|abi| (*abi, place.library(*abi))))?;
    let candidate = place.folder.join("candidate.apk");
    signing::sign(workspace, &place, &tools, &unsigned, &candidate, keystore)?;
    timed("checks", || check::run(workspace, &tools, &candidate, abis))?;
    // Only what was found good has the name.
    fs::rename(&candidate, place.apk()).map_err(|source| Failure::File { path: candidate, source })?;
    println!("{}", place.apk().display());
    Ok(())
}

fn timed<T>(what: &str, doing: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let start = Instant::now();
    let done = doing();
    println!("apk: {what}: {:.1} s", start.elapsed().as_secs_f64());
    done
}

/// Makes a folder, and those above it.
pub(crate) fn made(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|source| Failure::File { path: folder.to_owned(), source })
}

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|source| Failure::File { path: path.to_owned(), source })
}

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        made(folder)?;
    }
    fs::write(path, content).map_err(|source| Failure::File { path: path.to_owned(), source })
}
