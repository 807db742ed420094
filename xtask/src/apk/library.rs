//! The libraries: `android/native` for each ABI, in one run of cargo, with a standard library that is built with it, or
//! with rustup's and the NDK.
//!
//! Small before fast: `opt-level = "z"` and one unit of all code; without the symbolizer of backtraces and the places of
//! panics, which on a phone nobody sees (what panicked is in the log all the same); and what is logged by `Debug` is a
//! name without its fields, which is less to leak. Symbols are kept apart, for the addresses in a crash report.

use super::{
    Place,
    abi::Abi,
    made,
    sdk::Sdk,
    stubs::Exported,
    tools::{Toolchain, Tools},
    write,
};
use crate::{
    failure::Failure,
    workspace::{Workspace, output, run},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Debian's compiler: the one whose source of the standard library can be built for Android.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
/// The headers that ring's C asks for, from the root of the tree.
const HEADERS: &str = "android/headers";

/// Debian's linker, and nothing of this machine's own.
const LINK_ALONE: &str = "-fuse-ld=/usr/bin/ld.lld-19 -nostdlib -nostartfiles -Wl,-z,defs";
/// What the linker is told besides (`man ld.lld`):
/// 16 KiB pages, which Android 15 asks for; both hash tables, of old and new loaders; no stack that runs; the same code
/// once.
const LINK: &str = "-Wl,-z,max-page-size=16384 -Wl,--hash-style=both -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now \
    -Wl,--icf=all -Wl,-O2 -Wl,--build-id=sha1";
/// What makes Debian's compiler write less, and no stable one knows: places of panics and fields of `Debug` are left out,
/// and a stack can be unwound from calls alone, where a panic starts, and not from every instruction.
const SMALLER: [&str; 3] = ["-Zlocation-detail=none", "-Zfmt-debug=shallow", "-Zuse-sync-unwind=yes"];
/// On arm64 LLVM makes what occurs often a function of its own: where that saves more than the function's row in the
/// unwinder's tables takes.
const SMALLER_ARM64: [&str; 2] =
    ["-Cllvm-args=-outliner-benefit-threshold=48", "-Cllvm-args=-machine-outliner-reruns=2"];
/// With a frame pointer the unwinder's tables need not tell of every push.
const SMALLER_X86_64: [&str; 1] = ["-Cforce-frame-pointers=yes"];
/// The name by which Java loads it. Rust gives the crate's own, and the last one counts.
const NAME: &str = "-Wl,-soname,libmpos.so";

/// Builds the library of each of `abis`.
///
/// # Errors
/// When a tool fails.
pub(crate) fn build(
    workspace: &Workspace,
    place: &Place,
    tools: &Tools,
    abis: &[Abi],
) -> Result<(), Failure> {
    let arguments = ["build", "--release", "--locked", "-p", "mpos-android"];
    let (mut cargo, target_folder) = match &tools.toolchain {
        Toolchain::Debian => {
            let mut cargo = workspace.command(CARGO);
            cargo.args(arguments);
            set_up_debian(workspace, place, abis, &mut cargo)?;
            (cargo, place.folder.join("cargo"))
        }
        Toolchain::Ndk(sdk) => {
            let mut cargo = workspace.cargo(&arguments);
            set_up_ndk(workspace, place, sdk, abis, &mut cargo)?;
            (cargo, place.folder.join("cargo-ndk"))
        }
    };
    for abi in abis {
        cargo.args(["--target", abi.target()]);
    }
    cargo
        .arg("--target-dir")
        .arg(&target_folder)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_TARGET_DIR");
    for (setting, value) in
        [("OPT_LEVEL", "z"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("STRIP", "none"), ("DEBUG", "0")]
    {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    run(&mut cargo)?;
    let strips = match &tools.toolchain {
        Toolchain::Debian => PathBuf::from("llvm-objcopy-19"),
        Toolchain::Ndk(sdk) => sdk.ndk_programs.join("llvm-objcopy"),
    };
    abis.iter().try_for_each(|abi| take(workspace, place, &target_folder, &strips, *abi))
}

/// Debian's compiler builds the standard library too, and links against stubs.
fn set_up_debian(
    workspace: &Workspace,
    place: &Place,
    abis: &[Abi],
    cargo: &mut Command,
) -> Result<(), Failure> {
    let exported = Exported::read(workspace)?;
    cargo.args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=panic-unwind,optimize_for_size"]);
    for abi in abis {
        let stubs = exported.make(workspace, &place.folder, *abi)?;
        let clang = format!("clang-19 --target={}{}", abi.target(), super::SDK_MIN);
        let call = format!("{clang} {LINK_ALONE} -L'{}'", stubs.display());
        let headers = workspace.path(HEADERS);
        let c_flags = format!(
            "--target={}{} -nostdlibinc -isystem {} {}",
            abi.target(),
            super::SDK_MIN,
            headers.display(),
            c_paths(),
        );
        let linker = linker(&place.folder.join("stubs"), *abi, &call)?;
        let of_abi: &[&str] = match abi {
            Abi::Arm64 => &SMALLER_ARM64,
            Abi::X86_64 => &SMALLER_X86_64,
        };
        let source = "--remap-path-prefix=/usr/lib/rustlib/src/rust=rust";
        let rust_flags = [&SMALLER, of_abi, &[source]].concat().join(" ");
        Called {
            linker: &linker,
            compiler: Path::new("clang-19"),
            archiver: Path::new("llvm-ar-19"),
            c_flags: &c_flags,
            rust_flags: format!("{rust_flags} {}", remapped(workspace)),
        }
        .tell(cargo, *abi);
    }
    cargo.env("RUSTC", RUSTC).env("RUSTDOC", RUSTDOC).env("RUSTC_BOOTSTRAP", "1");
    // Of another toolchain: rustup's says where its own libraries are.
    for name in ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "CARGO", "RUSTC_WRAPPER"] {
        cargo.env_remove(name);
    }
    Ok(())
}

/// The NDK has headers, libraries and an unwinder of its own; rustup's stable compiler knows no flag that makes it
/// smaller, so that places of panics and the fields of `Debug` are in the library.
fn set_up_ndk(
    workspace: &Workspace,
    place: &Place,
    sdk: &Sdk,
    abis: &[Abi],
    cargo: &mut Command,
) -> Result<(), Failure> {
    cargo.arg("--no-default-features");
    let archiver = sdk.ndk_programs.join("llvm-ar");
    for abi in abis {
        let clang = sdk.clang(*abi);
        let linker = linker(&place.folder.join("ndk"), *abi, &format!("'{}'", clang.display()))?;
        Called {
            linker: &linker,
            compiler: &clang,
            archiver: &archiver,
            c_flags: &c_paths(),
            rust_flags: remapped(workspace),
        }
        .tell(cargo, *abi);
    }
    Ok(())
}

/// What is called for an ABI, and how.
struct Called<'a> {
    linker: &'a Path,
    compiler: &'a Path,
    archiver: &'a Path,
    c_flags: &'a str,
    rust_flags: String,
}

impl Called<'_> {
    /// Tells cargo, and the crate that compiles ring's C.
    fn tell(self, cargo: &mut Command, abi: Abi) {
        let variable = abi.target().replace('-', "_");
        let of_cargo = |name| format!("CARGO_TARGET_{}_{name}", variable.to_uppercase());
        cargo.env(of_cargo("LINKER"), self.linker).env(of_cargo("RUSTFLAGS"), self.rust_flags);
        cargo.env(format!("CC_{variable}"), self.compiler).env(format!("AR_{variable}"), self.archiver);
        cargo.env(format!("CFLAGS_{variable}"), self.c_flags);
        // They would come before those of an ABI.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    }
}

fn c_paths() -> String {
    format!("-ffile-prefix-map={}=.", cargo_home().display())
}

/// No path of this machine is left in what is built, so that another one builds the same bytes.
fn remapped(workspace: &Workspace) -> String {
    let root = workspace.path("");
    let root = root.to_string_lossy();
    format!(
        "--remap-path-prefix={}=mpos --remap-path-prefix={}=cargo",
        root.trim_end_matches('/'),
        cargo_home().display()
    )
}

fn cargo_home() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).unwrap_or_default()
}

/// Rust's own way to call lld crashes the compiler on this target: clang calls it, by a script that adds our flags.
fn linker(folder: &Path, abi: Abi, clang: &str) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("link-{}", abi.name()));
    write(&path, format!("#!/bin/sh\nexec {clang} {LINK} \"$@\" {NAME}\n"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(|source| Failure::File { path: path.clone(), source })?;
    }
    Ok(path)
}

/// Puts the library where the APK is made from, and the one with its symbols beside it.
fn take(
    workspace: &Workspace,
    place: &Place,
    target_folder: &Path,
    strips: &Path,
    abi: Abi,
) -> Result<(), Failure> {
    let built = target_folder.join(abi.target()).join("release/libmpos_android.so");
    let symbols = place.folder.join("symbols").join(abi.name());
    made(&symbols)?;
    let symbols = symbols.join("libmpos.so");
    fs::copy(&built, &symbols).map_err(|source| Failure::File { path: built.clone(), source })?;
    let library = place.library(abi);
    if let Some(folder) = library.parent() {
        made(folder)?;
    }
    let mut strip = workspace.command(strips);
    output(strip.arg("--strip-all").arg(&built).arg(&library)).map(drop)
}
