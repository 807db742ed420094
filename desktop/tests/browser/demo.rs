//! `mpos demo` as a process of its own, on a free port, with a data folder that goes with it. It is ended when it is
//! dropped, also when its test has failed.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Keys for a bank and its cards are made the first time.
const START_WAIT: Duration = Duration::from_secs(120);
const END_WAIT: Duration = Duration::from_secs(20);

/// The supervisor's code of the business.
pub(crate) const SUPERVISOR_CODE: &str = "2580";

/// A demo.
pub(crate) struct Demo {
    process: Child,
    /// `127.0.0.1:40123`.
    pub(crate) address: String,
    data: TempDir,
}

impl Demo {
    /// A demo whose terminal no bank knows yet.
    pub(crate) fn new() -> Self {
        Self::start(tempfile::tempdir().expect("a folder"), &[])
    }

    /// A demo whose terminal sells.
    pub(crate) fn activated() -> Self {
        Self::start(activated_folder(), &[])
    }

    /// A demo in this folder, with more arguments.
    pub(crate) fn start(data: TempDir, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
        command.arg("--data").arg(data.path()).args(["demo", "--listen", "127.0.0.1:0"]).args(more);
        // The phone speaks the language of whoever runs the program.
        command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program runs");
        let output = process.stdout.take().expect("piped");
        let mut demo = Self { process, address: String::new(), data };
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _heard = tell.send(line);
            }
        });
        let line = told.recv_timeout(START_WAIT).expect("the demo says where it is");
        let (_, address) = line.split_once("http://").expect("an address");
        address.clone_into(&mut demo.address);
        demo
    }

    /// Interrupts it as Ctrl-C would, and waits for its end; its folder stays.
    pub(crate) fn interrupt(mut self) -> TempDir {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        let end = Instant::now() + END_WAIT;
        let status = loop {
            match self.process.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None if Instant::now() > end => panic!("the demo does not end"),
                None => thread::sleep(Duration::from_millis(50)),
            }
        };
        assert!(status.success(), "the demo ended with {status}");
        std::mem::replace(&mut self.data, tempfile::tempdir().expect("a folder"))
    }

    /// Ends it as a crash would; its folder stays.
    pub(crate) fn crash(mut self) -> TempDir {
        self.end();
        std::mem::replace(&mut self.data, tempfile::tempdir().expect("a folder"))
    }

    fn end(&mut self) {
        let _ended = self.process.kill();
        let _gone = self.process.wait();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.end();
    }
}

/// A folder of its own of a terminal that has sold once, and whose business has [`SUPERVISOR_CODE`].
pub(crate) fn activated_folder() -> TempDir {
    let data = tempfile::tempdir().expect("a folder");
    copy(activated_data(), data.path());
    data
}

/// Made once for all tests.
fn activated_data() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| {
        // At a fixed place, so that runs do not pile up: what lives as long as the process is never removed.
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("activated-demo");
        let _nothing_there = fs::remove_dir_all(&data);
        for arguments in [&["pay", "--amount", "1.00"], &["supervisor-code", "--code", SUPERVISOR_CODE]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
            let done = command.arg("--data").arg(&data).args(arguments).output().expect("the program runs");
            assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        data
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}
