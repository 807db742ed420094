//! `mpos host serve` as a process of its own, for the tests that need the bank to be elsewhere, or gone.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

/// `mpos host serve`, ended when it is dropped.
pub(crate) struct HostProcess {
    pub(crate) child: Child,
    /// Held open: a host whose output nobody takes ends.
    _output: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl HostProcess {
    pub(crate) fn start(bank: &Path) -> Self {
        Self::start_at(bank, "127.0.0.1:0")
    }

    pub(crate) fn start_at(bank: &Path, listen: &str) -> Self {
        Self::run(bank, listen, |command| command.stderr(Stdio::null()))
    }

    /// With one more thing said about the process: what it logs, and where to.
    pub(crate) fn run(bank: &Path, listen: &str, also: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
        command
            .arg("--data")
            .arg(bank)
            .env_remove("MPOS_LOG")
            .env_remove("MPOS_DATA")
            .args(["host", "serve", "--listen", listen])
            .stdout(Stdio::piped());
        let mut child = also(&mut command).spawn().expect("the program runs");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut first = String::new();
        output.read_line(&mut first).expect("it is text");
        let address = first.trim().strip_prefix("The bank host listens on ").expect("it says where");
        Self { child, address: address.to_owned(), _output: output }
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}
