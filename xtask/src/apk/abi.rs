//! The processors that the APK has a library for: phones, and emulators on a desktop.

use clap::ValueEnum;

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
