//! The ledger as an actor: each message is one step of the book, and its answer leaves when the step is durable.
//!
//! The book is opened with the first message. When the disk fails it is given up, and opened again with the next
//! message, which reads from the disk what it holds; a panic does the same through the supervisor.

use crate::Book;
use mpos_ports::AppendFile;
use mpos_protocol::{
    actor,
    book::{
        AnswerRecorded, EnrolmentRecorded, LedgerOpened, RecordingFailed, RequestRecorded, RoomMade,
        StoreFault,
    },
    inbox,
    reconcile::messages::TransactionsRead,
};
use mpos_runtime::{Actor, ActorId, DeliveryFault, Flow, Inbox, Moment, Outbox};
use redb::StorageBackend;

/// The files of a book.
pub struct BookFiles {
    /// The truth.
    pub journal: Box<dyn AppendFile>,
    /// Where look-ups are kept; may be left out.
    pub index: Option<Box<dyn StorageBackend>>,
}

/// Opens the files; called again after the disk failed. Whoever opened them before has closed them.
pub type OpenFiles = Box<dyn FnMut() -> Result<BookFiles, StoreFault> + Send>;

/// The actor `Ledger`.
pub struct Ledger {
    open_files: OpenFiles,
    book: Option<Book>,
}

impl Ledger {
    /// A ledger whose book is opened with the first message.
    pub fn new(open_files: OpenFiles) -> Self {
        Self { open_files, book: None }
    }

    /// The book, opened anew if need be.
    fn book(&mut self) -> Result<&mut Book, StoreFault> {
        if self.book.as_ref().is_some_and(Book::has_failed) {
            // Closes the files before they are opened again.
            self.book = None;
        }
        let book = match self.book.take() {
            Some(book) => book,
            None => self.open()?,
        };
        Ok(self.book.insert(book))
    }

    fn open(&mut self) -> Result<Book, StoreFault> {
        let BookFiles { journal, index } = (self.open_files)()?;
        let book = Book::open(journal, index)?;
        if let Some(torn) = book.torn_tail() {
            tracing::warn!(
                entry = torn.entry,
                bytes = torn.bytes,
                "cut off an entry that was never acknowledged"
            );
        }
        Ok(book)
    }

    fn opened(&mut self) -> LedgerOpened {
        match self.book() {
            Ok(book) => LedgerOpened::Open {
                profile: book.profile().cloned(),
                unresolved: u8::try_from(book.unresolved()).unwrap_or(u8::MAX),
                next_transaction: book.next_transaction(),
            },
            Err(fault) => LedgerOpened::Failed(fault),
        }
    }
}

impl Actor for Ledger {
    type Name = actor::Ledger;

    fn handle(&mut self, _now: Moment, _flow: Flow, message: Inbox<Self>, outbox: &mut Outbox<Self::Name>) {
        let outcome = match message {
            inbox::Ledger::MakeRoom(_) => {
                let result = self.book().and_then(Book::make_room);
                outbox.send(RoomMade { result });
                Ok(())
            }
            inbox::Ledger::OpenLedger(_) => {
                let opened = self.opened();
                let is_open = matches!(opened, LedgerOpened::Open { .. });
                outbox.send(opened);
                // To a link that cannot know the chain the till's `Failed` is enough.
                if is_open { self.book().map(|book| outbox.send(book.chain())) } else { Ok(()) }
            }
            inbox::Ledger::ReadChain(_) => self.book().map(|book| outbox.send(book.chain())),
            inbox::Ledger::RecordEnrolment(enrolment) => self
                .book()
                .and_then(|book| book.record_enrolment(enrolment))
                .map(|()| outbox.send(EnrolmentRecorded)),
            inbox::Ledger::RecordRequest(request) => {
                let sequence = request.sequence;
                self.book()
                    .and_then(|book| book.record_request(request))
                    .map(|()| outbox.send(RequestRecorded { sequence }))
            }
            inbox::Ledger::RecordAnswer(answer) => {
                let sequence = answer.sequence;
                self.book()
                    .and_then(|book| book.record_answer(answer))
                    .map(|()| outbox.send(AnswerRecorded { sequence }))
            }
            inbox::Ledger::ReadTransactions(read) => {
                // A fault is told in the answer: what is being recorded beside this has not failed.
                let page = self.book().and_then(|book| book.transactions(read.from));
                outbox.send(TransactionsRead { page });
                Ok(())
            }
        };
        if let Err(fault) = outcome {
            tracing::error!(%fault, "the ledger could not keep what it was given");
            outbox.send(RecordingFailed { fault });
        }
    }

    /// What was to be told is durable all the same. The till ends the flow and has the link read the chain again.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        outbox.tell_undelivered(to, message, cause);
    }
}
