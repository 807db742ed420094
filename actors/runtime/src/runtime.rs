//! Wiring: which actors and edges there are, on which threads, from start to stop.

use crate::{
    Actor,
    adapter::{Adapter, ShellAdapter},
    inlet::{Edge, Inlet},
    outbox::Sent,
    recorder::Recorder,
    router::Router,
    threads::Thread,
};
use actix::{Arbiter, ArbiterHandle, Context, Handler, System};
use mpos_ports::{Clock, Shell};
use mpos_protocol::{Actor as Name, routes::ActorId};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

/// Frames that wait in one mailbox at most. A sale has a handful under way; a full mailbox means that its actor
/// hangs, and its senders are to know.
pub const MAILBOX_FRAMES_MAX: usize = 64;
/// How long stopping waits for a call that blocks (a card, a disk), in milliseconds.
const STOP_WAIT_MS: u64 = 3000;

type Starter = Box<dyn FnOnce(&Threads, &Arc<Router>) -> Result<(), StartError> + Send>;

/// Actors and edges, not running yet.
pub struct Runtime {
    router: Arc<Router>,
    recorder: Option<Recorder>,
    starters: Vec<Starter>,
}

/// Why a runtime did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The platform gave no thread.
    #[error("a thread could not be started")]
    Thread(#[from] io::Error),
    /// The wiring names an actor twice.
    #[error("{0:?} is wired twice")]
    Twice(ActorId),
    /// The runtime's thread ended while it started.
    #[error("the actors' threads ended while they started")]
    Ended,
}

/// A call into a card or a disk did not return in time; its thread was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a blocking call did not end within {STOP_WAIT_MS} ms")]
pub struct StillRunning;

impl Runtime {
    /// A runtime whose time is `clock`'s and whose frames to the shell go to `shell`. Without a recorder nothing is
    /// recorded.
    pub fn new(clock: Arc<dyn Clock>, shell: Box<dyn Shell>, recorder: Option<Recorder>) -> Self {
        let router = Arc::new(Router::new(clock, recorder.clone()));
        let start_shell: Starter = Box::new(|threads, router| {
            let adapter_router = router.clone();
            threads.start(ActorId::Shell, router, move || ShellAdapter::new(shell, adapter_router))
        });
        Self { router, recorder, starters: vec![start_shell] }
    }

    /// The way in for an edge: what platform adapters are built with, before anything runs.
    pub fn inlet<E: Edge>(&self) -> Inlet<E> {
        Inlet::new(self.router.clone())
    }

    /// Adds an actor. `factory` builds it, on its own thread, at the start and again after each panic.
    #[must_use]
    pub fn spawn<A: Actor>(mut self, factory: impl Fn() -> A + Send + 'static) -> Self {
        self.starters.push(Box::new(|threads, router| {
            let adapter_router = router.clone();
            threads.start(A::Name::ID, router, move || Adapter::new(factory, adapter_router))
        }));
        self
    }

    /// Starts the threads and the actors on them. Returns when each mailbox is open; an actor whose factory takes
    /// long (a book that is read) may still be under way, and handles its messages when it is done.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running.
    pub fn start(self) -> Result<Running, StartError> {
        let Self { router, recorder, starters } = self;
        let (started_in, started) = sync_channel(1);
        let (opened_in, opened) = channel();
        let mailboxes = starters.len();
        let (ended_in, ended) = sync_channel(1);
        let main_router = router.clone();
        thread::Builder::new()
            .name("mpos-main".into())
            .spawn(move || run_main(starters, &main_router, opened_in, &started_in, &ended_in))?;
        let system = started.recv().map_err(|_| StartError::Ended)??;
        // Until then a mailbox would have the size that actix gives it.
        (0..mailboxes).try_for_each(|_| opened.recv()).map_err(|_| StartError::Ended)?;
        Ok(Running { router, recorder, system, ended, stopping: false })
    }
}

/// The main thread from its first to its last moment.
fn run_main(
    starters: Vec<Starter>,
    router: &Arc<Router>,
    opened: Sender<()>,
    started: &SyncSender<Result<System, StartError>>,
    ended: &SyncSender<()>,
) {
    let runner = System::new();
    let threads = Threads { main: Arbiter::current(), card: Arbiter::new(), ledger: Arbiter::new(), opened };
    let wired = starters.into_iter().try_for_each(|start| start(&threads, router));
    let Threads { card, ledger, opened, .. } = threads;
    drop(opened);
    let failed = wired.is_err();
    let answered = started.send(wired.map(|()| System::current()));
    if failed || answered.is_err() {
        System::current().stop();
    }
    if let Err(error) = runner.run() {
        tracing::error!(%error, "the actors' main thread ended with an error");
    }
    join([card, ledger]);
    // Nobody listens any more when the wait for the end has run out.
    let _ = ended.try_send(());
}

/// The threads' handles, on the main thread.
struct Threads {
    main: ArbiterHandle,
    card: Arbiter,
    ledger: Arbiter,
    /// Told once for each mailbox that has its size.
    opened: Sender<()>,
}

impl Threads {
    fn start<T>(
        &self,
        who: ActorId,
        router: &Router,
        build: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(), StartError>
    where
        T: actix::Actor<Context = Context<T>> + Handler<Sent>,
    {
        let arbiter = match Thread::of(who) {
            Thread::Main => self.main.clone(),
            Thread::Card => self.card.handle(),
            Thread::Ledger => self.ledger.handle(),
        };
        let opened = self.opened.clone();
        let address = T::start_in_arbiter(&arbiter, move |context| {
            context.set_mailbox_capacity(MAILBOX_FRAMES_MAX);
            // Nobody listens when another one did not start.
            let _ = opened.send(());
            build()
        });
        if router.open(who, address.recipient()) { Ok(()) } else { Err(StartError::Twice(who)) }
    }
}

fn join(arbiters: [Arbiter; 2]) {
    for arbiter in arbiters {
        arbiter.stop();
        if arbiter.join().is_err() {
            tracing::error!("a thread of the actors ended by a panic");
        }
    }
}

/// Actors at work. Dropping it stops them.
pub struct Running {
    router: Arc<Router>,
    recorder: Option<Recorder>,
    system: System,
    ended: Receiver<()>,
    stopping: bool,
}

impl Running {
    /// The way in for an edge.
    pub fn inlet<E: Edge>(&self) -> Inlet<E> {
        Inlet::new(self.router.clone())
    }

    /// The flight recorder, to be saved.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// How often `who` has panicked.
    pub fn panics(&self, who: ActorId) -> u32 {
        self.router.panics(who)
    }

    /// Whether `who` panicked so often that it stays down.
    pub fn is_down(&self, who: ActorId) -> bool {
        self.router.is_down(who)
    }

    /// Stops all threads; messages that wait in mailboxes are dropped, as they are when a phone loses power. Not to
    /// be called on an actor's thread, nor from the shell.
    ///
    /// # Errors
    /// [`StillRunning`] when a blocking call did not return in time.
    pub fn stop(mut self) -> Result<(), StillRunning> {
        self.end()
    }

    fn end(&mut self) -> Result<(), StillRunning> {
        if std::mem::replace(&mut self.stopping, true) {
            return Ok(());
        }
        // The supervisor first: from then on a message that does not arrive is no fault (see `is_stopping`).
        self.router.take_down(ActorId::Supervisor);
        for who in ActorId::ALL {
            self.router.take_down(*who);
        }
        self.system.stop();
        match self.ended.recv_timeout(Duration::from_millis(STOP_WAIT_MS)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Ok(()),
            Err(RecvTimeoutError::Timeout) => Err(StillRunning),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the actors did not end");
        }
    }
}
