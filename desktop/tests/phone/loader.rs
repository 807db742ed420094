//! The loader's process: natives are called in it, and what the library calls of Java comes back from it.

use crate::wire::{Value, receive, send};
use std::{
    collections::HashMap,
    io::BufReader,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

/// An emulated processor on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const JNI_VERSION_1_6: u32 = 0x0001_0006;
const COMMAND: &str = "MPOS_PHONE";

/// Java, as far as the library calls it: a method's name and its arguments; what it returns or throws.
pub(crate) trait Java: Send + 'static {
    fn call(&mut self, method: &str, arguments: &[Value]) -> Value;
}

/// The natives that ended, by their number, and what each threw.
type Ended = HashMap<u32, Option<String>>;

/// The process. It ends with this.
pub(crate) struct Loader {
    child: Child,
    calls: Calls,
}

/// The way to call natives: clones call in the same process.
#[derive(Clone)]
pub(crate) struct Calls {
    input: Arc<Mutex<ChildStdin>>,
    ended: Arc<(Mutex<Ended>, Condvar)>,
    ids: Arc<AtomicU32>,
}

impl Loader {
    /// Loads the library. `java` is made with the way to call natives.
    pub(crate) fn start<J: Java>(java: impl FnOnce(Calls) -> J) -> Self {
        let line = std::env::var(COMMAND).expect("`cargo xtask ci --only apk` sets MPOS_PHONE");
        let mut words = line.lines();
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the loader runs");
        let input = Arc::new(Mutex::new(child.stdin.take().expect("it is piped")));
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let loaded = receive(&mut output).expect("the library loads");
        assert_eq!(loaded, (b'L', vec![Value::Number(JNI_VERSION_1_6)]), "it calls nothing before that");
        let calls = Calls { input, ended: Arc::default(), ids: Arc::default() };
        let mut java = java(calls.clone());
        let told = calls.clone();
        thread::spawn(move || {
            while let Some((letter, values)) = receive(&mut output) {
                match (letter, &*values) {
                    (b'C', [method, arguments @ ..]) => {
                        let result = java.call(method.text(), arguments);
                        // A loader that has ended wants no answer.
                        let _ended = send(&mut *told.input.lock().expect("nobody panicked"), b'R', &[result]);
                    }
                    (b'E', [id, Value::Null]) => told.end(id.number(), None),
                    (b'E', [id, thrown]) => told.end(id.number(), Some(thrown.text().to_owned())),
                    other => panic!("the loader says {other:?}"),
                }
            }
        });
        Self { child, calls }
    }

    /// The process' number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The way to call natives.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }
}

impl Calls {
    /// Calls a native and leaves it running.
    pub(crate) fn begin(&self, native: &str, arguments: &[Value]) -> u32 {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let head = [Value::Number(id), Value::Text(native.to_owned())];
        send(&mut *self.input.lock().expect("nobody panicked"), b'N', &[&head[..], arguments].concat())
            .expect("the loader listens");
        id
    }

    /// Calls a native and waits for its end.
    ///
    /// # Errors
    /// What it threw.
    pub(crate) fn call(&self, native: &str, arguments: &[Value]) -> Result<(), String> {
        let id = self.begin(native, arguments);
        let (ended, changed) = &*self.ended;
        let (mut ended, waited) = changed
            .wait_timeout_while(ended.lock().expect("nobody panicked"), PATIENCE, |ended| {
                !ended.contains_key(&id)
            })
            .expect("nobody panicked");
        assert!(!waited.timed_out(), "the native {native} did not end");
        ended.remove(&id).expect("it was waited for").map_or(Ok(()), Err)
    }

    fn end(&self, id: u32, thrown: Option<String>) {
        let (ended, changed) = &*self.ended;
        ended.lock().expect("nobody panicked").insert(id, thrown);
        changed.notify_all();
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}
