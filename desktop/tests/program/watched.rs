//! A bank and a terminal that keep all they say, and a line between them that keeps all that is sent.

use crate::{
    issuer::Issuer,
    proxy::Proxy,
    support::{HostProcess, World, command, text},
};
use mpos_cards::IssuedAccount;
use std::{
    cell::Cell,
    fs,
    process::{Command, Output},
};

/// A bank and a terminal that keep all they say, and the line between them.
pub(crate) struct Watched {
    pub(crate) world: World,
    pub(crate) host: HostProcess,
    pub(crate) proxy: Proxy,
    runs: Cell<u32>,
}

impl Watched {
    /// All the bank's cards have this PIN.
    pub(crate) fn new(pin: &'static str) -> Self {
        let world = World::new();
        for folder in ["said", "exports", "recordings", "capture"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        Issuer::of(&world.bank()).open_accounts(|account| IssuedAccount { pin, ..account });
        let host = HostProcess::start_logging(&world.bank(), "-vv", &world.path("said/host.log"));
        let proxy = Proxy::to(&host.address);
        Self { world, host, proxy, runs: Cell::new(0) }
    }

    /// Runs the terminal, keeps what it says and its recording, and replays that; what it printed.
    pub(crate) fn terminal(&self, arguments: &[&str], exit: i32) -> String {
        self.terminal_with_input(arguments, "", exit)
    }

    /// The same, of a merchant who types this.
    pub(crate) fn terminal_with_input(&self, arguments: &[&str], input: &str, exit: i32) -> String {
        let (till, bank, lines) = (self.world.path("till"), self.world.bank(), self.world.path("input"));
        let at = ["--host", &self.proxy.address, "--bank-data", bank.to_str().unwrap(), "-vv"];
        fs::write(&lines, input).unwrap();
        let input = fs::File::open(&lines).unwrap();
        // What the merchant types is the test's own.
        fs::remove_file(lines).unwrap();
        let output = self.keep(command(&till).args(arguments).args(at).stdin(input));
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {}", text(&output.stderr));
        let recording = self.world.path(&format!("recordings/{}.jsonl", self.runs.get()));
        if fs::rename(till.join("terminal/last-tap.jsonl"), &recording).is_ok() {
            let mut replay = command(&till);
            let replayed = self.keep(replay.args(["-vv", "replay", "--messages"]).arg(&recording));
            // A recording has too little of a customer's number to send it again.
            let same = replayed.status.success() || arguments[0] == "receipt";
            assert!(same, "{arguments:?}: {}", text(&replayed.stdout));
        }
        text(&output.stdout)
    }

    /// Runs a command of the bank's staff; what it printed is kept.
    pub(crate) fn staff(&self, arguments: &[&str]) -> String {
        let output = self.keep(command(&self.world.bank()).args(["-vv", "host"]).args(arguments));
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs anything, and keeps what it says.
    pub(crate) fn keep(&self, command: &mut Command) -> Output {
        let output = command.output().unwrap();
        let run = self.runs.get() + 1;
        self.runs.set(run);
        fs::write(self.world.path(&format!("said/{run}.out")), &output.stdout).unwrap();
        fs::write(self.world.path(&format!("said/{run}.err")), &output.stderr).unwrap();
        output
    }

    /// Exports a history, into a file and to standard output.
    pub(crate) fn export(&self, format: &str, more: &[&str]) {
        let name = format!("exports/{}.{format}", self.runs.get());
        let file = self.world.path(&name);
        let history = ["history", "--format", format, "--output", file.to_str().unwrap()];
        self.terminal(&[&history[..], more].concat(), 0);
        assert!(fs::metadata(file).unwrap().len() > 0, "{name}");
        self.terminal(&[&["history", "--format", format], more].concat(), 0);
    }

    /// Writes what went over the line into files; how many bytes that were.
    pub(crate) fn keep_capture(&self) -> u64 {
        let mut size = 0;
        for (number, captured) in self.proxy.captured().iter().enumerate() {
            let name = format!("capture/{number}-{:?}", captured.way);
            fs::write(self.world.path(&name), &captured.bytes).unwrap();
            size += captured.bytes.len() as u64;
        }
        size
    }
}
