//! What must hold of an APK, looked at in the file itself: the libraries' ELF, the archive, the manifest, the code, the
//! signatures. Each finding is a line that says what is wrong; all are shown.

mod archive;
mod elf;
mod manifest;

use super::{
    abi::Abi,
    bytes,
    package::PAGE_BYTES,
    stubs::Exported,
    tools::{Toolchain, Tools},
};
use crate::{
    failure::Failure,
    workspace::{Workspace, output},
};
use archive::Archive;
use std::{io, path::Path};

/// The largest library, bytes. The aim is 3,000,000; an emulator's library misses it, and BENCHMARKS.md says by what: its
/// own bound holds what was reached, so that nothing grows unseen.
const fn library_bytes_max(abi: Abi) -> u64 {
    match abi {
        Abi::Arm64 => 3_000_000,
        Abi::X86_64 => 3_500_000,
    }
}

/// The largest APK for one ABI, bytes: what a phone downloads, and an emulator.
const APK_BYTES_MAX: u64 = 4_000_000;

/// Looks at all of it.
///
/// # Errors
/// [`Failure::BadApk`] when something does not hold.
pub(crate) fn run(workspace: &Workspace, tools: &Tools, apk: &Path, abis: &[Abi]) -> Result<(), Failure> {
    // Those of our own toolchain: another one's are other sizes.
    let holds_sizes = matches!(tools.toolchain, Toolchain::Debian);
    let exported = Exported::read(workspace)?;
    let file = bytes(apk)?;
    let archive = Archive::read(apk, &file)?;
    let mut findings = archive.check(abis);
    let mut libraries = 0;
    for abi in abis {
        let name = format!("lib/{}/libmpos.so", abi.name());
        let Some(library) = archive.content(&name) else { continue };
        let size = library.len() as u64;
        libraries += size;
        println!("apk: {name}: {size} bytes");
        let max = library_bytes_max(*abi);
        if holds_sizes && size > max {
            findings.push(format!("{name} has {size} bytes, more than {max}"));
        }
        findings.extend(
            elf::check(library, *abi, &exported).into_iter().map(|finding| format!("{name}: {finding}")),
        );
    }
    let others = (file.len() as u64).saturating_sub(libraries);
    for abi in abis {
        let library = archive.content(&format!("lib/{}/libmpos.so", abi.name())).map_or(0, <[u8]>::len);
        let size = others + library as u64;
        println!("apk: for {} alone: {size} bytes", abi.name());
        if holds_sizes && size > APK_BYTES_MAX {
            let abi = abi.name();
            findings.push(format!("the APK for {abi} alone has {size} bytes, more than {APK_BYTES_MAX}"));
        }
    }
    findings.extend(manifest::check(workspace, tools, apk, abis)?);
    findings.extend(code(workspace, tools, &archive, apk)?);
    findings.extend(signatures(workspace, tools, apk)?);
    for finding in &findings {
        println!("{}: {finding}", apk.display());
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::BadApk(findings.len())) }
}

/// One file of an APK.
///
/// # Errors
/// When it is not there.
pub(crate) fn archive_content(apk: &Path, file: &[u8], name: &str) -> Result<Vec<u8>, Failure> {
    let content = Archive::read(apk, file)?.content(name).map(<[u8]>::to_vec);
    content.ok_or_else(|| Failure::File { path: apk.join(name), source: io::ErrorKind::NotFound.into() })
}

/// Whether Android's own reader of bytecode reads ours.
fn code(
    workspace: &Workspace,
    tools: &Tools,
    archive: &Archive<'_>,
    apk: &Path,
) -> Result<Vec<String>, Failure> {
    let Some(dex) = archive.content("classes.dex") else { return Ok(Vec::new()) };
    let path = apk.with_file_name("checked.dex");
    super::write(&path, dex)?;
    let read = output(tools.program(workspace, "dexdump").arg("-f").arg(&path))?;
    let wanted = ["MainActivity", "Native", "Keys", "Shell", "NativeException"];
    Ok(wanted
        .iter()
        .filter(|class| !read.contains(&format!("'Lcom/procreditbank/kosovo/mpos/{class};'")))
        .map(|class| format!("dexdump finds no class {class}"))
        .collect())
}

/// Whether each way to sign is there, as the oldest Android sees it and as Android 7.0 does.
fn signatures(workspace: &Workspace, tools: &Tools, apk: &Path) -> Result<Vec<String>, Failure> {
    let verify = |sdk: &str| {
        let mut command = tools.program(workspace, "apksigner");
        output(command.args(["verify", "--verbose", "--min-sdk-version", sdk]).arg(apk))
    };
    // An Android that knows the second scheme does not look at the first.
    let (old, new) = (verify("23")?, verify("24")?);
    let ways = [("v1", &old), ("v2", &new), ("v3", &new)];
    Ok(ways
        .iter()
        .filter(|(scheme, said)| {
            !said.lines().any(|line| {
                line.starts_with(&format!("Verified using {scheme} scheme")) && line.ends_with(": true")
            })
        })
        .map(|(scheme, _)| format!("apksigner finds no signature of scheme {scheme}"))
        .collect())
}

/// Whether an offset is a page's beginning.
const fn is_page(offset: u64) -> bool {
    offset.is_multiple_of(PAGE_BYTES as u64)
}
