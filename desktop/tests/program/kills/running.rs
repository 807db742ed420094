//! A program of a terminal that runs: what it says, line by line, and its end by SIGKILL at a moment drawn before.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// The longest that a sale may take to end: the till gives the bank two minutes, and a machine may be slow.
const PATIENCE: Duration = Duration::from_secs(150);
/// What is shown of a terminal that got stuck.
const LINES_SHOWN: usize = 20;

/// What a program says.
pub(crate) enum Said {
    Output(String),
    Error(String),
}

/// When a program is killed, if it then still runs and is being waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// From now.
    After(Duration),
    /// From when a sale is on its way to the bank.
    AfterAsking(Duration),
}

/// What a terminal says when a sale is on its way.
const ASKING: &str = "Online: waiting for the bank's answer";

/// How it was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Killed,
    ByItself(Option<i32>),
}

pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    said: Receiver<Said>,
    errors: Vec<String>,
    kill_at: Option<Instant>,
    kill_after_asking: Option<Duration>,
    killed: bool,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let (tell, said) = channel();
        listen(child.stdout.take().expect("it is piped"), tell.clone(), Said::Output);
        listen(child.stderr.take().expect("it is piped"), tell, Said::Error);
        let input = child.stdin.take();
        Self { child, input, said, errors: Vec::new(), kill_at: None, kill_after_asking: None, killed: false }
    }

    /// Its end is decided.
    pub(crate) fn will_die(&mut self, fate: Fate) {
        match fate {
            Fate::After(time) => self.kill_at = Some(Instant::now() + time),
            Fate::AfterAsking(time) => self.kill_after_asking = Some(time),
        }
    }

    /// It may live on.
    pub(crate) fn spare(&mut self) {
        (self.kill_at, self.kill_after_asking) = (None, None);
    }

    /// Types a line; a program that is gone does not read it.
    pub(crate) fn types(&mut self, line: &str) {
        let _gone = self.input.as_mut().map(|input| writeln!(input, "{line}"));
    }

    /// Its input ends.
    pub(crate) fn hangs_up(&mut self) {
        self.input = None;
    }

    /// The next line that it says; none when it has ended.
    pub(crate) fn next(&mut self) -> Option<Said> {
        let patience = Instant::now() + PATIENCE;
        loop {
            let until = self.kill_at.unwrap_or(patience).min(patience);
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(said) => {
                    if let Said::Error(line) = &said {
                        assert!(!line.contains("panicked"), "{}\n{line}", self.errors.join("\n"));
                        self.errors.push(line.clone());
                        if line.contains(ASKING)
                            && let Some(time) = self.kill_after_asking.take()
                        {
                            self.kill_at = Some(Instant::now() + time);
                        }
                    }
                    return Some(said);
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.kill_at.is_some_and(|at| at <= Instant::now()) => {
                    self.kill_at = None;
                    self.child.kill().expect("it is ours to kill");
                    self.killed = true;
                }
                Err(RecvTimeoutError::Timeout) => {
                    let last = self.errors.iter().rev().take(LINES_SHOWN).rev();
                    let last: Vec<&str> = last.map(String::as_str).collect();
                    panic!("a terminal said nothing for {PATIENCE:?} after:\n{}", last.join("\n"));
                }
            }
        }
    }

    /// Waits until it has ended, whatever it still says.
    pub(crate) fn end(mut self) -> End {
        self.hangs_up();
        while self.next().is_some() {}
        let status = self.child.wait().expect("it ends");
        if self.killed && status.code().is_none() { End::Killed } else { End::ByItself(status.code()) }
    }

    /// What it said on standard error.
    pub(crate) fn errors(&self) -> &[String] {
        &self.errors
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

fn listen(from: impl Read + Send + 'static, tell: Sender<Said>, said: fn(String) -> Said) {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            if tell.send(said(String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
        }
    });
}
