//! Libraries with Android's names and nothing in them, to be linked against: on a phone its own take their place.
//!
//! Each has exactly the symbols that Android 7.0 exports (`android/bionic-api24.txt`), so that a symbol which came later
//! fails the link and not the phone.

use super::{abi::Abi, made, write};
use crate::{
    failure::Failure,
    workspace::{Workspace, run},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// The list, from the root of the tree.
const LIST: &str = "android/bionic-api24.txt";
/// Of Android's log (android/log.h), only what is used.
const LOG: (&str, &[&str]) = ("liblog", &["__android_log_write"]);

/// What Android 7.0 exports, by library.
pub(crate) struct Exported(BTreeMap<String, BTreeSet<String>>);

impl Exported {
    /// Reads the list.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self, Failure> {
        let text = workspace.read(LIST)?.unwrap_or_default();
        let mut libraries = Self::from_text(&text);
        let (library, symbols) = LOG;
        libraries.0.insert(library.to_owned(), symbols.iter().map(|symbol| (*symbol).to_owned()).collect());
        Ok(libraries)
    }

    /// `LIBRARY SYMBOL` a line; a third word says that the symbol is one processor's, and such a one is left out.
    fn from_text(text: &str) -> Self {
        let mut libraries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let [library, symbol] = line.split_whitespace().collect::<Vec<_>>()[..] {
                libraries.entry(library.to_owned()).or_default().insert(symbol.to_owned());
            }
        }
        Self(libraries)
    }

    /// Whether one of the libraries has it.
    pub(crate) fn has(&self, symbol: &str) -> bool {
        self.0.values().any(|symbols| symbols.contains(symbol))
    }

    /// The libraries' file names.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = String> {
        self.0.keys().map(|library| format!("{library}.so"))
    }

    /// Makes the stubs for `abi` below `folder`; where they are.
    ///
    /// # Errors
    /// When a tool fails.
    pub(crate) fn make(&self, workspace: &Workspace, folder: &Path, abi: Abi) -> Result<PathBuf, Failure> {
        let folder = folder.join("stubs").join(abi.name());
        made(&folder)?;
        for (library, symbols) in &self.0 {
            let source = folder.join(format!("{library}.s"));
            let assembly = symbols.iter().fold(String::new(), |mut assembly, symbol| {
                let _ = writeln!(assembly, ".globl {symbol}\n.type {symbol}, %function\n{symbol}:");
                assembly
            });
            write(&source, assembly)?;
            let object = folder.join(format!("{library}.o"));
            let mut assemble = workspace.command("clang-19");
            assemble.arg(format!("--target={}{}", abi.target(), super::SDK_MIN));
            run(assemble.arg("-c").arg(&source).arg("-o").arg(&object))?;
            let mut link = workspace.command("ld.lld-19");
            link.args(["-shared", "--hash-style=both", "-soname", &format!("{library}.so")]);
            run(link.arg(&object).arg("-o").arg(folder.join(format!("{library}.so"))))?;
        }
        // The standard library names these; what unwinds is the crate `unwinding`.
        for empty in ["libunwind.a", "libgcc.a"] {
            run(workspace.command("llvm-ar-19").arg("crs").arg(folder.join(empty)))?;
        }
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::Exported;

    #[test]
    fn symbols_are_read_by_library_and_those_of_one_processor_left_out() {
        let exported = Exported::from_text("# Of Android 7\nlibc malloc\nlibm cos\nlibc __old arm\n\n");
        assert!(exported.has("malloc") && exported.has("cos"));
        assert!(!exported.has("__old") && !exported.has("memfd_create"));
        assert!(exported.libraries().eq(["libc.so", "libm.so"]));
    }
}
