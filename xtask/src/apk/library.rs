//! The libraries: `android/native` with a standard library of its own, for each ABI, in one run of cargo.
//!
//! Small before fast: `opt-level = "z"` and one unit of all code; without the symbolizer of backtraces and the places of
//! panics, which on a phone nobody sees (what panicked is in the log all the same); and what is logged by `Debug` is a
//! name without its fields, which is less to leak. Symbols are kept apart, for the addresses in a crash report.

use super::{Place, abi::Abi, made, stubs::Exported, write};
use crate::{
    failure::Failure,
    workspace::{Workspace, output, run},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Debian's compiler: the one whose source of the standard library can be built for Android.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
/// The headers that ring's C asks for, from the root of the tree.
const HEADERS: &str = "android/headers";

/// What the linker is told besides (`man ld.lld`):
/// 16 KiB pages, which Android 15 asks for; no symbol that Android 7.0 has not; both hash tables, of old and new
/// loaders; no stack that runs; the same code once.
const LINK: &str = "-fuse-ld=/usr/bin/ld.lld-19 -nostdlib -nostartfiles -Wl,-z,max-page-size=16384 -Wl,-z,defs \
    -Wl,--hash-style=both -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now -Wl,--icf=all -Wl,-O2 -Wl,--build-id=sha1";
/// The name by which Java loads it. Rust gives the crate's own, and the last one counts.
const NAME: &str = "-Wl,-soname,libmpos.so";

/// Builds the library of each of `abis`.
///
/// # Errors
/// When a tool fails.
pub(crate) fn build(workspace: &Workspace, place: &Place, abis: &[Abi]) -> Result<(), Failure> {
    let target_folder = place.folder.join("cargo");
    let exported = Exported::read(workspace)?;
    let mut cargo = workspace.command(CARGO);
    cargo.args(["build", "--release", "--locked", "-p", "mpos-android"]);
    cargo.args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=panic-unwind"]);
    cargo.arg("--target-dir").arg(&target_folder);
    for abi in abis {
        let stubs = exported.make(workspace, &place.folder, *abi)?;
        let variable = abi.target().replace('-', "_");
        let linker = linker(place, *abi, &stubs)?;
        let headers = workspace.path(HEADERS);
        let c_flags = format!(
            "--target={}{} -nostdlibinc -isystem {} -ffile-prefix-map={}=.",
            abi.target(),
            super::SDK_MIN,
            headers.display(),
            cargo_home().display(),
        );
        cargo.args(["--target", abi.target()]);
        cargo.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), linker);
        cargo.env(format!("CC_{variable}"), "clang-19").env(format!("AR_{variable}"), "llvm-ar-19");
        cargo.env(format!("CFLAGS_{variable}"), c_flags);
    }
    cargo.env("RUSTC", RUSTC).env("RUSTDOC", RUSTDOC).env("RUSTC_BOOTSTRAP", "1");
    cargo.env("RUSTFLAGS", rust_flags(workspace)).env("CARGO_INCREMENTAL", "0");
    for (setting, value) in
        [("OPT_LEVEL", "z"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("STRIP", "none"), ("DEBUG", "0")]
    {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    // Of another toolchain: rustup's says where its own libraries are.
    for name in ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "CARGO", "RUSTC_WRAPPER", "CARGO_TARGET_DIR"] {
        cargo.env_remove(name);
    }
    run(&mut cargo)?;
    abis.iter().try_for_each(|abi| take(workspace, place, &target_folder, *abi))
}

/// No path of this machine is left in what is built, so that another one builds the same bytes.
fn rust_flags(workspace: &Workspace) -> String {
    let root = workspace.path("");
    let root = root.to_string_lossy();
    [
        "-Zlocation-detail=none".to_owned(),
        "-Zfmt-debug=shallow".to_owned(),
        format!("--remap-path-prefix={}=mpos", root.trim_end_matches('/')),
        format!("--remap-path-prefix={}=cargo", cargo_home().display()),
        "--remap-path-prefix=/usr/lib/rustlib/src/rust=rust".to_owned(),
    ]
    .join(" ")
}

fn cargo_home() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).unwrap_or_default()
}

/// Rust's own way to call lld crashes the compiler on this target: clang calls it.
fn linker(place: &Place, abi: Abi, stubs: &Path) -> Result<PathBuf, Failure> {
    let path = place.folder.join("stubs").join(format!("link-{}", abi.name()));
    let script = format!(
        "#!/bin/sh\nexec clang-19 --target={}{} {LINK} -L'{}' \"$@\" {NAME}\n",
        abi.target(),
        super::SDK_MIN,
        stubs.display()
    );
    write(&path, script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(|source| Failure::File { path: path.clone(), source })?;
    }
    Ok(path)
}

/// Puts the library where the APK is made from, and the one with its symbols beside it.
fn take(workspace: &Workspace, place: &Place, target_folder: &Path, abi: Abi) -> Result<(), Failure> {
    let built = target_folder.join(abi.target()).join("release/libmpos_android.so");
    let symbols = place.folder.join("symbols").join(abi.name());
    made(&symbols)?;
    let symbols = symbols.join("libmpos.so");
    fs::copy(&built, &symbols).map_err(|source| Failure::File { path: built.clone(), source })?;
    let library = place.library(abi);
    if let Some(folder) = library.parent() {
        made(folder)?;
    }
    let mut strip = workspace.command("llvm-objcopy-19");
    output(strip.arg("--strip-all").arg(&built).arg(&library)).map(drop)
}
