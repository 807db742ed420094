//! Where the tools are that make an APK: Debian's, as [`machine`](super::machine) installs them, or Google's.

use super::{abi::Abi, sdk::Sdk};
use crate::{failure::Failure, workspace::Workspace};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The tools of one origin.
pub(crate) struct Tools {
    /// Android's classes, to compile against.
    pub(crate) android_jar: PathBuf,
    /// Android's resources, to link against.
    pub(crate) framework: PathBuf,
    /// What makes Android's bytecode.
    pub(crate) dexer: Dexer,
    /// What makes the library.
    pub(crate) toolchain: Toolchain,
}

/// A compiler to Android's bytecode, in Java.
pub(crate) enum Dexer {
    /// Of Debian 11.
    Dx(PathBuf),
    /// Google's, which took its place.
    D8(PathBuf),
}

/// Compiler, linker and standard library.
pub(crate) enum Toolchain {
    /// Debian's Rust and LLVM, and what takes an NDK's place.
    Debian,
    /// rustup's Rust and the NDK.
    Ndk(Sdk),
}

impl Tools {
    /// Google's.
    ///
    /// # Errors
    /// When one is missing; the text says what to type.
    pub(crate) fn of_sdk(workspace: &Workspace, abis: &[Abi]) -> Result<Self, Failure> {
        let sdk = Sdk::find()?;
        Sdk::check_targets(workspace, abis)?;
        Ok(Self {
            android_jar: sdk.android_jar.clone(),
            framework: sdk.android_jar.clone(),
            dexer: Dexer::D8(sdk.d8_jar.clone()),
            toolchain: Toolchain::Ndk(sdk),
        })
    }

    /// `aapt`, `apksigner` or `dexdump`.
    pub(crate) fn program(&self, workspace: &Workspace, name: &str) -> Command {
        match &self.toolchain {
            Toolchain::Debian => workspace.command(name),
            Toolchain::Ndk(sdk) => workspace.command(sdk.programs.join(name)),
        }
    }

    /// What makes `made`, a file `classes.dex`, of all classes below a folder.
    pub(crate) fn dex(&self, workspace: &Workspace, classes: &Path, made: &Path) -> Result<Command, Failure> {
        let least = super::SDK_MIN.to_string();
        let mut java = workspace.command("java");
        match &self.dexer {
            Dexer::Dx(jar) => {
                java.arg("-cp").arg(jar).args(["com.android.dx.command.Main", "--dex"]);
                java.arg(format!("--min-sdk-version={least}")).arg(format!("--output={}", made.display()));
                java.arg(classes);
            }
            Dexer::D8(jar) => {
                java.arg("-cp").arg(jar).args(["com.android.tools.r8.D8", "--release", "--min-api", &least]);
                // It names the file itself.
                java.arg("--lib").arg(&self.android_jar).arg("--output").arg(made.with_file_name(""));
                java.args(super::shell::files(classes, "class")?);
            }
        }
        Ok(java)
    }
}
