//! What the machine must have: installed from Debian where it is missing, or named, with what to type.
//!
//! Two things are in Debian 11 alone: `dx`, which makes Android's bytecode, and the class files of Android 6. They are
//! fetched from the mirror that this machine uses, with an apt configuration of their own, checked, and unpacked into
//! the target folder; nothing of that release is installed.

use super::{
    Place, bytes, made,
    tools::{Dexer, Toolchain, Tools},
    write,
};
use crate::{
    failure::Failure,
    workspace::{Workspace, output, run},
};
use mpos_protocol::signed::Hash;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A file that is there when its package is installed.
const PACKAGES: &[(&str, &str)] = &[
    ("/usr/bin/rustc", "rustc-web"),
    ("/usr/bin/cargo", "cargo-web"),
    ("/usr/lib/rustlib/src/rust/library/std/Cargo.toml", "rust-web-src"),
    ("/usr/bin/clang-19", "clang-19"),
    ("/usr/bin/ld.lld-19", "lld-19"),
    ("/usr/bin/llvm-ar-19", "llvm-19"),
    ("/usr/bin/javac", "default-jdk-headless"),
    ("/usr/bin/aapt", "aapt"),
    ("/usr/bin/apksigner", "apksigner"),
    ("/usr/bin/dexdump", "dexdump"),
    ("/usr/share/android-framework-res/framework-res.apk", "android-framework-res"),
    ("/usr/bin/qemu-aarch64-static", "qemu-user-static"),
    ("/usr/bin/aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
    ("/usr/aarch64-linux-gnu/include/stdio.h", "libc6-dev-arm64-cross"),
];

/// The same, for the shell on the JVM.
const JVM_PACKAGES: &[(&str, &str)] = &[
    ("/usr/bin/javac", "default-jdk-headless"),
    ("/usr/bin/mvn", "maven"),
    ("/usr/bin/faketime", "faketime"),
    ("/usr/bin/aapt", "aapt"),
    ("/usr/share/android-framework-res/framework-res.apk", "android-framework-res"),
];

/// Debian 11, its key, and what is taken from it with its SHA-256.
const OLD_RELEASE: &str = "bullseye";
const ARCHIVE_KEY: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const OLD_PACKAGES: &[(&str, &str, &str)] = &[
    ("dalvik-exchange", "10.0.0+r36-1", "8fc128db7c27253d963eb9b33de79b197162a4749d2ba69019b2fd0664cbd7fe"),
    ("libandroid-23-java", "6.0.1+r72-6", "8af1b6df556971dda0a6da3536ea526a838e0c363afcdd454213d8bce94793e3"),
];

/// Installs what is missing.
///
/// # Errors
/// When it cannot be had; the text says what to do.
pub(crate) fn install(workspace: &Workspace, place: &Place) -> Result<Tools, Failure> {
    have(workspace, PACKAGES)?;
    tools(workspace, place)
}

/// Installs what compiles the shell and runs it on the JVM.
///
/// # Errors
/// When it cannot be had; the text says what to do.
pub(crate) fn install_for_jvm(workspace: &Workspace, place: &Place) -> Result<Tools, Failure> {
    have(workspace, JVM_PACKAGES)?;
    tools(workspace, place)
}

fn have(workspace: &Workspace, packages: &[(&str, &'static str)]) -> Result<(), Failure> {
    let missing =
        || packages.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package);
    if missing().next().is_some() {
        let wanted: Vec<_> = missing().collect();
        println!("apk: installing {}", wanted.join(" "));
        let installed = run(workspace.command("apt-get").arg("update")).and_then(|()| {
            let mut install = workspace.command("apt-get");
            install.args(["install", "--yes", "--no-install-recommends"]).args(&wanted);
            run(install.env("DEBIAN_FRONTEND", "noninteractive"))
        });
        if installed.is_err() || missing().next().is_some() {
            return Err(Failure::ToolsMissing { packages: wanted.join(" ") });
        }
    }
    Ok(())
}

fn tools(workspace: &Workspace, place: &Place) -> Result<Tools, Failure> {
    let unpacked = old_packages(workspace, place)?;
    Ok(Tools {
        android_jar: unpacked.join("usr/share/java/com.android.android-23.jar"),
        framework: PathBuf::from("/usr/share/android-framework-res/framework-res.apk"),
        dexer: Dexer::Dx(unpacked.join("usr/share/java/com.android.dx-10.0.0.jar")),
        toolchain: Toolchain::Debian,
    })
}

/// The folder into which the old release's packages are unpacked.
fn old_packages(workspace: &Workspace, place: &Place) -> Result<PathBuf, Failure> {
    let folder = place.folder.join("debian-11");
    let unpacked = folder.join("unpacked");
    let done = folder.join("done");
    let wanted = OLD_PACKAGES.iter().fold(String::new(), |mut all, (name, version, sha256)| {
        let _ = writeln!(all, "{name} {version} {sha256}");
        all
    });
    if std::fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
        return Ok(unpacked);
    }
    let apt = Apt::new(workspace, &folder)?;
    run(apt.command("apt-get").arg("update")).map_err(|_| Failure::OldReleaseMissing)?;
    for (name, version, sha256) in OLD_PACKAGES {
        run(apt.command("apt-get").args(["download", &format!("{name}={version}")]))
            .map_err(|_| Failure::OldReleaseMissing)?;
        let file = folder.join(format!("{name}_{version}_all.deb"));
        let found = sha256_of(&file)?;
        if found != *sha256 {
            return Err(Failure::OtherDownload { path: file, found, expected: (*sha256).to_owned() });
        }
        run(apt.command("dpkg").arg("-x").arg(&file).arg(&unpacked))?;
    }
    write(&done, wanted)?;
    Ok(unpacked)
}

/// An apt with lists and a cache of its own.
struct Apt<'a> {
    workspace: &'a Workspace,
    folder: &'a Path,
    configuration: PathBuf,
}

impl<'a> Apt<'a> {
    fn new(workspace: &'a Workspace, folder: &'a Path) -> Result<Self, Failure> {
        let mirror = mirror(workspace)?;
        made(&folder.join("lists/partial"))?;
        made(&folder.join("cache/archives/partial"))?;
        let sources = folder.join("sources.list");
        write(&sources, format!("deb [signed-by={ARCHIVE_KEY}] {mirror} {OLD_RELEASE} main\n"))?;
        let configuration = folder.join("apt.conf");
        let lines = format!(
            "Dir::Etc::sourcelist \"{sources}\";\nDir::Etc::sourceparts \"-\";\nDir::State::lists \"{folder}/lists\";\n\
             Dir::Cache \"{folder}/cache\";\nAPT::Sandbox::User \"root\";\nAcquire::Check-Valid-Until \"false\";\n",
            sources = sources.display(),
            folder = folder.display(),
        );
        write(&configuration, lines)?;
        Ok(Self { workspace, folder, configuration })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.workspace.command(program);
        command.env("APT_CONFIG", &self.configuration).current_dir(self.folder);
        command
    }
}

/// Where this machine takes Debian from.
fn mirror(workspace: &Workspace) -> Result<String, Failure> {
    let mut targets = workspace.command("apt-get");
    targets.args(["indextargets", "--format", "$(SITE) $(COMPONENT) $(ORIGIN)", "Created-By: Packages"]);
    let listed = output(&mut targets)?;
    let debian = listed.lines().find_map(|line| line.strip_suffix(" main Debian"));
    // The main archive, not the one of security updates.
    debian
        .map(|site| site.trim_end_matches('/').trim_end_matches("-security").to_owned())
        .ok_or(Failure::OldReleaseMissing)
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn sha256_of(path: &Path) -> Result<String, Failure> {
    Ok(hex(&Hash::of(&bytes(path)?).0))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
