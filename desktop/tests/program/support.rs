//! The program, run; and a bank host in a process of its own.

pub(crate) use crate::host_process::HostProcess;
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

/// The program with its data in `data`.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
    command.arg("--data").arg(data).env_remove("MPOS_LOG").env_remove("MPOS_DATA");
    command
}

/// What the terminal that sells line by line makes of these lines, to its end.
pub(crate) fn types_into_terminal(data: &Path, at: &[&str], lines: &[u8]) -> Output {
    let mut terminal = command(data)
        .args(["terminal", "--json"])
        .args(at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    terminal.stdin.take().unwrap().write_all(lines).unwrap();
    terminal.wait_with_output().unwrap()
}

pub(crate) fn mpos(data: &Path, arguments: &[&str]) -> Output {
    command(data).args(arguments).output().expect("the program runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a sale printed as JSON, and the exit status.
pub(crate) fn pay(data: &Path, amount: &str, card: &str, more: &[&str]) -> (Value, Option<i32>) {
    let output = mpos(data, &[&["pay", "--json", "--amount", amount, "--card", card], more].concat());
    let report = serde_json::from_slice(&output.stdout);
    (report.unwrap_or_else(|_| panic!("no JSON: {}", text(&output.stderr))), output.status.code())
}

/// The message on standard error of a command that must fail, and its exit status.
pub(crate) fn fails(data: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = mpos(data, arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded: {}", text(&output.stdout));
    (text(&output.stderr), output.status.code())
}

/// The bank's books, a line a sale.
pub(crate) fn transactions(bank: &Path) -> Vec<String> {
    let listed = text(&mpos(bank, &["host", "transactions"]).stdout);
    listed.lines().skip(1).map(str::to_owned).collect()
}

/// Copies the files of a folder into another, which is made.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

impl HostProcess {
    /// Writes what it logs at this level (`-v`, `-vv`) into a file.
    pub(crate) fn start_logging(bank: &Path, level: &str, log: &Path) -> Self {
        let file = File::create(log).expect("the log can be written");
        Self::run(bank, "127.0.0.1:0", |command| command.arg(level).stderr(file))
    }

    /// Asks it to stop, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

/// A bank, and a terminal of it in another folder.
pub(crate) struct World {
    root: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a folder") }
    }

    /// Leaves its folder where it is, to be looked at.
    pub(crate) fn keep(&mut self) -> std::path::PathBuf {
        self.root.disable_cleanup(true);
        self.root.path().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join(name)
    }

    /// The bank's folder.
    pub(crate) fn bank(&self) -> std::path::PathBuf {
        self.path("bank")
    }

    pub(crate) fn activation_code(&self) -> String {
        let code = mpos(&self.bank(), &["host", "activation-code", "--merchant", "Furra Çaka"]);
        text(&code.stdout).trim().to_owned()
    }

    /// A sale of the terminal in `terminal` at the bank host at `address`.
    pub(crate) fn pay_at(
        &self,
        address: &str,
        terminal: &str,
        amount: &str,
        more: &[&str],
    ) -> (Value, Option<i32>) {
        let bank = self.bank();
        let at = ["--host", address, "--bank-data", bank.to_str().expect("it is text")];
        pay(&self.path(terminal), amount, "mastercard", &[&at[..], more].concat())
    }

    /// The same where no sale can be made: the message and the exit status.
    pub(crate) fn cannot_pay_at(
        &self,
        address: &str,
        terminal: &str,
        more: &[&str],
    ) -> (String, Option<i32>) {
        let bank = self.bank();
        let at = ["--host", address, "--bank-data", bank.to_str().expect("it is text")];
        let sale = ["pay", "--amount", "1.23"];
        fails(&self.path(terminal), &[&sale[..], &at[..], more].concat())
    }
}
