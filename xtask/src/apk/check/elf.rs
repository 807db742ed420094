//! A library's ELF: whether the loader of Android 7.0 takes it, and of Android 15 with its larger pages.

use super::super::{abi::Abi, package::PAGE_BYTES, stubs::Exported};
use object::{
    Endianness,
    elf::{self, FileHeader64},
    read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader, Sym},
};

/// What Java and the system look for in it, and nothing else is to be seen from outside.
const EXPORTS: &[&str] = &["JNI_OnLoad", "Java_com_procreditbank_kosovo_mpos_Native_"];
/// The unwinder's, which it brings itself: the linker's script of the compiler exports them.
const UNWINDER: &str = "_Unwind_";
const NAME: &str = "libmpos.so";

type Header = FileHeader64<Endianness>;

/// What does not hold.
pub(super) fn check(library: &[u8], abi: Abi, exported: &Exported) -> Vec<String> {
    match ElfFile64::<Endianness>::parse(library).map_err(|error| error.to_string()) {
        Ok(file) => {
            let mut findings = segments(&file, abi);
            match symbols(&file, exported) {
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(format!("its symbols do not read: {error}")),
            }
            match dynamic(&file, exported) {
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(format!("its dynamic section does not read: {error}")),
            }
            findings
        }
        Err(error) => vec![format!("it is no ELF of 64 bits: {error}")],
    }
}

fn segments(file: &ElfFile64<'_>, abi: Abi) -> Vec<String> {
    let endian = file.endian();
    let mut findings = Vec::new();
    let machine = match abi {
        Abi::Arm64 => elf::EM_AARCH64,
        Abi::X86_64 => elf::EM_X86_64,
    };
    let header = file.elf_header();
    if header.e_machine(endian) != machine || header.e_type(endian) != elf::ET_DYN {
        findings.push("it is no shared library of its processor".to_owned());
    }
    let (mut has_relro, mut has_stack) = (false, false);
    for segment in file.elf_program_headers() {
        let flags = segment.p_flags(endian);
        match segment.p_type(endian) {
            elf::PT_LOAD => {
                if segment.p_align(endian) % u64::from(PAGE_BYTES) != 0 {
                    findings.push(format!("a segment is aligned to {} bytes", segment.p_align(endian)));
                }
                if flags.contains(elf::PF_W) && flags.contains(elf::PF_X) {
                    findings.push("a segment can be written and run".to_owned());
                }
            }
            elf::PT_GNU_RELRO => has_relro = true,
            elf::PT_GNU_STACK => has_stack = !flags.contains(elf::PF_X),
            _ => {}
        }
    }
    if !has_relro {
        findings.push("what is relocated stays writable: no RELRO".to_owned());
    }
    if !has_stack {
        findings.push("its stack may run".to_owned());
    }
    findings
}

/// Undefined ones must be Android's, unless the library can do without; defined ones are for Java.
fn symbols(file: &ElfFile64<'_>, exported: &Exported) -> object::Result<Vec<String>> {
    let endian = file.endian();
    let table = file.elf_dynamic_symbol_table();
    let mut findings = Vec::new();
    let mut found = 0;
    for (_, symbol) in table.enumerate() {
        let name = String::from_utf8_lossy(symbol.name(endian, table.strings())?).into_owned();
        if symbol.is_undefined(endian) {
            if symbol.st_bind() != elf::STB_WEAK && !name.is_empty() && !exported.has(&name) {
                findings.push(format!("`{name}` is not in Android 7.0"));
            }
        } else if EXPORTS.iter().any(|start| name.starts_with(start)) {
            found += 1;
        } else if !name.starts_with(UNWINDER) {
            findings.push(format!("`{name}` is to be seen from outside"));
        }
    }
    if found < EXPORTS.len() {
        findings.push("Java finds no native in it".to_owned());
    }
    Ok(findings)
}

fn dynamic(file: &ElfFile64<'_>, exported: &Exported) -> object::Result<Vec<String>> {
    let endian = file.endian();
    let mut findings = Vec::new();
    let strings = file.elf_dynamic_symbol_table().strings();
    let (mut is_named, mut binds_now, mut needs_c) = (false, false, false);
    let table = Header::parse(file.data())?;
    for segment in table.program_headers(endian, file.data())? {
        for entry in segment.dynamic(endian, file.data())?.unwrap_or_default() {
            let value = entry.d_val(endian);
            match entry.d_tag(endian) {
                elf::DT_NEEDED => {
                    let name = String::from_utf8_lossy(entry.string(endian, strings)?).into_owned();
                    needs_c |= name == "libc.so";
                    if !exported.libraries().any(|library| library == name) {
                        findings.push(format!("it needs `{name}`, which no phone has"));
                    }
                }
                elf::DT_SONAME => is_named |= entry.string(endian, strings)? == NAME.as_bytes(),
                elf::DT_TEXTREL => findings.push("its code is relocated: TEXTREL".to_owned()),
                elf::DT_BIND_NOW => binds_now = true,
                elf::DT_FLAGS => {
                    binds_now |= elf::DynamicFlags(value).contains(elf::DF_BIND_NOW);
                    if elf::DynamicFlags(value).contains(elf::DF_TEXTREL) {
                        findings.push("its code is relocated: TEXTREL".to_owned());
                    }
                }
                elf::DT_FLAGS_1 => binds_now |= elf::DynamicFlags1(value).contains(elf::DF_1_NOW),
                _ => {}
            }
        }
    }
    if !is_named {
        findings.push(format!("it is not called {NAME}"));
    }
    if !needs_c {
        findings.push("it does not name libc.so".to_owned());
    }
    if !binds_now {
        findings.push("calls are bound late: no full RELRO".to_owned());
    }
    Ok(findings)
}
