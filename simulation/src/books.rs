//! The bank's books in a run: the host's own rules over memory, where each await takes time, may fail, and is a place
//! at which the process may be killed.
//!
//! A commit is one moment: what it changed is there after it, whatever becomes of the process, and nothing before it.
//! That is SQLite's promise, which its own tests hold it to; killing the real host is `cargo xtask soak`'s part.

use crate::mutant::Mutant;
use mpos_host::{
    HostError,
    books::{Books, Changes, Holdings, Recall, Wanted, memory::MemoryBooks},
    error::BooksError,
};
use mpos_protocol::{host::HostRefusal, signed::Hash, terminal::TerminalId};
use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// Where a transaction waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Await {
    /// Before anything is read.
    Open,
    /// Before earlier messages are read.
    Recall,
    /// Before the commit.
    Commit,
    /// After the commit, before anybody knows.
    Committed,
}

/// What the books do at their next commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upset {
    /// As they should.
    #[default]
    None,
    /// They refuse, and nothing is kept.
    Refuses,
    /// All is kept, and they say that it was not.
    KeepsAndDenies,
}

/// What is on the bank's disk, and the gate at which its process waits.
#[derive(Default)]
pub struct BooksDisk {
    /// What is durable.
    pub kept: MemoryBooks,
    /// A broken safeguard: answered, and not kept yet.
    unkept: Vec<Changes>,
    /// Where the process waits, if it does.
    waits: Option<Await>,
    open: bool,
    /// For the next commit.
    pub upset: Upset,
    /// What was refused, and to whom.
    pub refusals: Vec<(TerminalId, HostRefusal)>,
    /// A broken safeguard: the place that each terminal's next message claims.
    pub claimed: BTreeMap<TerminalId, (u64, Hash)>,
}

/// A process's hold on the books; clones are the same books.
#[derive(Clone, Default)]
pub struct SharedBooks {
    disk: Arc<Mutex<BooksDisk>>,
    mutant: Option<Mutant>,
}

impl SharedBooks {
    /// These books, with this safeguard broken.
    pub fn new(kept: MemoryBooks, mutant: Option<Mutant>) -> Self {
        Self { disk: Arc::new(Mutex::new(BooksDisk { kept, ..BooksDisk::default() })), mutant }
    }

    /// What is on the disk.
    pub fn disk(&self) -> MutexGuard<'_, BooksDisk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the process waits, if it does.
    pub fn waits(&self) -> Option<Await> {
        self.disk().waits
    }

    /// Lets it go on.
    pub fn let_go(&self) {
        self.disk().open = true;
    }

    /// The process is gone, and with it what it had in memory only.
    pub fn restart(&self) {
        let mut disk = self.disk();
        disk.unkept.clear();
        (disk.waits, disk.open) = (None, false);
    }

    /// A broken safeguard: what was answered is kept at last.
    pub fn keep_late(&self) {
        let mut disk = self.disk();
        for changes in std::mem::take(&mut disk.unkept) {
            // What cannot be kept any more was lost, which is what the mutant is about.
            let _kept = at_once(disk.kept.keep(&changes));
        }
    }

    async fn wait(&self, at: Await) {
        self.disk().waits = Some(at);
        poll_fn(|_| {
            let mut disk = self.disk();
            if !std::mem::take(&mut disk.open) {
                return Poll::Pending;
            }
            disk.waits = None;
            Poll::Ready(())
        })
        .await;
    }
}

/// What a future that never waits comes to.
pub fn at_once<T>(future: impl Future<Output = Result<T, BooksError>>) -> Result<T, BooksError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(BooksError::Nonsense("books in memory that wait")),
    }
}

impl Books for SharedBooks {
    async fn open(&mut self, wanted: Wanted) -> Result<Holdings, BooksError> {
        self.wait(Await::Open).await;
        self.keep_late();
        let mut disk = self.disk();
        let mut holdings = at_once(disk.kept.open(wanted))?;
        if self.mutant == Some(Mutant::SequenceUnchecked) {
            for (terminal, state) in &mut holdings.terminals {
                if let Some((sequence, previous)) = disk.claimed.remove(terminal) {
                    (state.next_sequence, state.last_hash) = (sequence, previous);
                }
            }
        }
        Ok(holdings)
    }

    async fn recall(&mut self, holdings: &mut Holdings, recall: Recall) -> Result<(), BooksError> {
        self.wait(Await::Recall).await;
        at_once(self.disk().kept.recall(holdings, recall))?;
        match self.mutant {
            Some(Mutant::AnswersForgotten) => holdings.messages.clear(),
            Some(Mutant::RefundsForgotten) => {
                holdings.sales.values_mut().for_each(|sale| sale.refunded = 0);
            }
            _ => {}
        }
        Ok(())
    }

    async fn keep(&mut self, changes: &Changes) -> Result<(), BooksError> {
        if self.mutant == Some(Mutant::AnsweredBeforeCommit) {
            self.disk().unkept.push(changes.clone());
            return Ok(());
        }
        self.wait(Await::Commit).await;
        let upset = std::mem::take(&mut self.disk().upset);
        if upset == Upset::Refuses {
            return Err(BooksError::Store(HostError::Random));
        }
        let refused = changes.refusals.iter().map(|refused| (refused.terminal, refused.refusal));
        self.disk().refusals.extend(refused);
        let mut changes = changes.clone();
        if self.mutant == Some(Mutant::ReversalsNotBooked) {
            changes.accounts.clear();
            changes.reversals.clear();
        }
        at_once(self.disk().kept.keep(&changes))?;
        self.wait(Await::Committed).await;
        if upset == Upset::KeepsAndDenies { Err(BooksError::Store(HostError::Random)) } else { Ok(()) }
    }
}
