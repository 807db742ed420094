//! The APK's own library, run by a loader of ours with a table of JNI functions (`android/loader`): the one for phones
//! under an emulated processor, driven by the tests in `desktop/tests/phone`; the one for this machine's processor
//! directly, to be measured (`desktop/benches/phone.rs`).

use super::{Place, abi::Abi, bytes, check::archive_content, library, machine, made, write};
use crate::{
    failure::Failure,
    workspace::{Workspace, run},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The loader's sources, from the root of the tree.
const SOURCES: [&str; 2] = ["android/loader/loader.c", "android/loader/bionic.c"];
/// glibc for the emulated processor.
const SYSTEM_ROOT: &str = "/usr/aarch64-linux-gnu";
/// How the tests are told of it.
const VARIABLE: &str = "MPOS_PHONE";
const ABI: Abi = Abi::Arm64;
const EMULATED_COMPILER: &str = "aarch64-linux-gnu-gcc";
/// What the loader is compiled with for this machine itself.
const COMPILER: &str = "cc";

/// The tests that drive it, as cargo is told of them.
pub(crate) const TESTS: &[&str] =
    &["-p", "mpos", "--test", "phone", "--", "--ignored", "--test-threads", "2"];

/// Makes what the tests need of the APK that was built, and names it in their environment.
///
/// # Errors
/// When a tool fails.
pub(crate) fn prepare(workspace: &Workspace, tests: &mut Command) -> Result<(), Failure> {
    let place = Place::of(workspace)?;
    let folder = place.folder.join("emulation");
    made(&folder)?;
    let apk = place.apk();
    let library = folder.join("libmpos.so");
    let content = archive_content(&apk, &bytes(&apk)?, &format!("lib/{}/libmpos.so", ABI.name()))?;
    write(&library, content)?;
    let loader = loader(workspace, &folder, EMULATED_COMPILER)?;
    let emulated = ["qemu-aarch64-static", "-L", SYSTEM_ROOT, "-E"].map(str::to_owned);
    tests.env(VARIABLE, [&emulated[..], &loading(&place, ABI, &loader, &library)].concat().join("\n"));
    Ok(())
}

/// Makes the library of the APK for this machine's processor, and what loads it, and names them to what measures it.
///
/// # Errors
/// When the APK has none for it, or a tool fails.
pub(crate) fn prepare_here(workspace: &Workspace, measures: &mut Command) -> Result<(), Failure> {
    let abi = Abi::of_this_machine()?;
    let place = Place::of(workspace)?;
    let tools = machine::install(workspace, &place)?;
    library::build(workspace, &place, &tools, &[abi])?;
    let folder = place.folder.join("here");
    made(&folder)?;
    let loader = loader(workspace, &folder, COMPILER)?;
    let line = [&["env".to_owned()][..], &loading(&place, abi, &loader, &place.library(abi))].concat();
    measures.env(VARIABLE, line.join("\n"));
    Ok(())
}

/// A setting and a command line. Libraries with Android's names are the stubs: glibc's own are in the loader already,
/// and are found first.
fn loading(place: &Place, abi: Abi, loader: &Path, library: &Path) -> [String; 3] {
    let stubs = place.folder.join("stubs").join(abi.name());
    [
        format!("LD_LIBRARY_PATH={}", stubs.display()),
        loader.display().to_string(),
        library.display().to_string(),
    ]
}

fn loader(workspace: &Workspace, folder: &Path, compiler: &str) -> Result<PathBuf, Failure> {
    let loader = folder.join("loader");
    let headers = jni_headers()?;
    let mut compile = workspace.command(compiler);
    compile.args(["-std=c17", "-Wall", "-Wextra", "-Werror", "-O1", "-D_GNU_SOURCE", "-rdynamic"]);
    compile.arg("-I").arg(&headers).arg("-I").arg(headers.join("linux"));
    compile.args(SOURCES.map(|source| workspace.path(source)));
    run(compile.arg("-o").arg(&loader).args(["-lpthread", "-ldl"]))?;
    Ok(loader)
}

/// `jni.h` is beside the compiler that `javac` leads to.
fn jni_headers() -> Result<PathBuf, Failure> {
    let link = Path::new("/usr/bin/javac");
    let javac = fs::canonicalize(link).map_err(|source| Failure::File { path: link.to_owned(), source })?;
    let home = javac.ancestors().nth(2).unwrap_or(&javac);
    Ok(home.join("include"))
}
