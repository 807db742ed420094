//! The APK's own library for phones, run: under an emulated processor, by a loader of ours with a table of JNI
//! functions (`android/loader`), driven by the tests in `desktop/tests/phone`.

use super::{Place, abi::Abi, bytes, check::archive_content, made, write};
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
    let loader = loader(workspace, &folder)?;
    // Libraries with Android's names: glibc's own are in the loader already, and are found first.
    let stubs = place.folder.join("stubs").join(ABI.name());
    let line = [
        "qemu-aarch64-static".to_owned(),
        "-L".to_owned(),
        SYSTEM_ROOT.to_owned(),
        "-E".to_owned(),
        format!("LD_LIBRARY_PATH={}", stubs.display()),
        loader.display().to_string(),
        library.display().to_string(),
    ];
    tests.env(VARIABLE, line.join("\n"));
    Ok(())
}

fn loader(workspace: &Workspace, folder: &Path) -> Result<PathBuf, Failure> {
    let loader = folder.join("loader");
    let headers = jni_headers()?;
    let mut compile = workspace.command("aarch64-linux-gnu-gcc");
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
