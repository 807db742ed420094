//! `cargo xtask jvm`: the Java shell on the JVM, with Android's own classes, and the phone's library built for this
//! machine.
//!
//! Robolectric runs Android 15's framework; the bank's host and the cards are processes of the `mpos` program, on
//! loopback. [`jars`] has Maven fetch what is not ours, and holds it against `android/jvm-tests/jars.txt`; [`classes`]
//! compiles. Pictures of the screens are kept in `target/android/jvm/pictures`.

mod classes;
mod jars;

use crate::{
    apk::{self, Place},
    failure::Failure,
    test_count::{TestCount, counted},
    workspace::{Workspace, run as run_command},
};
use clap::Args;
use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

/// Tests, stand-ins and the list of jars.
const FOLDER: &str = "android/jvm-tests";
/// What runs the test classes and prints their count.
const RUNNER: &str = "com.procreditbank.kosovo.mpos.Runner";

/// Options of `cargo xtask jvm`.
#[derive(Args)]
pub(crate) struct Options {
    /// Run only the test classes whose name has this in it
    only: Option<String>,
}

/// Builds everything and runs the tests.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    test(workspace, options.only.as_deref().unwrap_or_default(), &mut TestCount::default())
}

/// The same, counting.
pub(crate) fn check(workspace: &Workspace, count: &mut TestCount) -> Result<(), Failure> {
    test(workspace, "", count)
}

fn test(workspace: &Workspace, only: &str, count: &mut TestCount) -> Result<(), Failure> {
    let place = Place::of(workspace)?;
    let tools = apk::machine::install_for_jvm(workspace, &place)?;
    let folder = place.folder.join("jvm");
    let jars = jars::fetch(workspace, &folder)?;
    let built = built(workspace, &folder)?;
    let bank = bank(workspace, &folder, &built.program)?;
    let classes = classes::compile(workspace, &folder, &tools, &jars)?;
    let tests = classes::tests(workspace, only)?;

    let mut java = workspace.command("java");
    java.arg("-cp").arg(classes::path(&[&classes], &jars.to_run, &tools)?);
    let mut property = |name: &str, value: &Path| {
        java.arg(format!("-D{name}={}", value.display()));
    };
    property("java.library.path", &built.library_folder);
    property("mpos.program", &built.program);
    property("mpos.words", &workspace.path("platform/screens/lang"));
    property("mpos.golden", &workspace.path("protocol/tests/golden/screen.txt"));
    property("mpos.pictures", &folder.join("pictures"));
    property("mpos.bank", &bank.folder);
    property("robolectric.dependency.dir", &jars.folder);
    java.arg(format!("-Dmpos.bank.address={}", bank.address));
    java.args(["-Drobolectric.offline=true", "-Drobolectric.enabledSdks=35", RUNNER]).args(&tests);
    counted(&mut java, count)
}

/// What cargo made.
struct Built {
    program: PathBuf,
    library_folder: PathBuf,
}

fn built(workspace: &Workspace, folder: &Path) -> Result<Built, Failure> {
    run_command(&mut workspace.cargo(&["build", "--package", "mpos", "--package", "mpos-android"]))?;
    let target = workspace.members()?.target_directory.into_std_path_buf().join("debug");
    let library_folder = folder.join("library");
    apk::made(&library_folder)?;
    // Java asks for `mpos`, which is the program's name in that folder.
    let (from, to) = (target.join("libmpos_android.so"), library_folder.join("libmpos.so"));
    fs::copy(&from, to).map_err(|source| Failure::File { path: from, source })?;
    Ok(Built { program: target.join("mpos"), library_folder })
}

/// A bank that no test has used, and where it will listen: that is written into the application, as a build does.
struct Bank {
    folder: PathBuf,
    address: SocketAddr,
}

fn bank(workspace: &Workspace, folder: &Path, program: &Path) -> Result<Bank, Failure> {
    let bank = folder.join("bank");
    emptied(&bank)?;
    let mut make = workspace.command(program);
    run_command(make.arg("--data").arg(&bank).args(["host", "terminals"]))?;
    let no_port = |source: io::Error| Failure::File { path: PathBuf::from("a port of 127.0.0.1"), source };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(no_port)?;
    let address = free.local_addr().map_err(no_port)?;
    let cas = apk::bytes(&bank.join("bank/bank-ca.pem"))?;
    apk::write(&folder.join("assets/bank.pem"), [format!("address: {address}\n").as_bytes(), &cas].concat())?;
    Ok(Bank { folder: bank, address })
}

/// A folder with nothing in it.
fn emptied(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|source| Failure::File { path: folder.to_owned(), source })?;
    }
    apk::made(folder)
}
