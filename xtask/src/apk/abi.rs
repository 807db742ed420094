//! The processors that the APK has a library for: phones, and emulators on a desktop.

use crate::failure::Failure;
use clap::ValueEnum;
use std::env::consts::ARCH;

/// Android's name of a processor and its calling convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Abi {
    /// Phones since 2015.
    #[value(name = "arm64-v8a")]
    Arm64,
    /// Emulators.
    #[value(name = "x86_64")]
    X86_64,
}

impl Abi {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[Self::Arm64, Self::X86_64];

    /// This machine's.
    ///
    /// # Errors
    /// When the APK has no library for it.
    pub(crate) fn of_this_machine() -> Result<Self, Failure> {
        match ARCH {
            "aarch64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86_64),
            other => Err(Failure::NoLibraryFor { processor: other }),
        }
    }

    /// As its folder in the APK is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64-v8a",
            Self::X86_64 => "x86_64",
        }
    }

    /// Rust's target.
    pub(crate) const fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-linux-android",
            Self::X86_64 => "x86_64-linux-android",
        }
    }
}
