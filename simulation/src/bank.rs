//! The bank's process in a run: the host's own verification, rules and writer, over the books of [`crate::books`].
//!
//! What is not the host's own here is what moves no money: it vouches for each device and grants each refund. The
//! supervisor's code, standing and history have tests of their own over the real store.

use crate::{books::SharedBooks, draw::Draw, house::House, mutant::Mutant};
use mpos_host::{
    Rules,
    books::{
        AnswerSigner, BusinessId, Case, CaseBody, Draws, MessageId, Sender, TerminalState, chain::Asked,
        holdings::RefundGrant, memory::MemoryBooks,
    },
    refund,
    verify::{DeviceKey, Message, skim, verify},
    writer::{Waiting, Writer},
};
use mpos_protocol::{
    Bytes, PROTOCOL_VERSION, Sealed, Text,
    admin::{AdminAnswer, AdminRequest, SupervisorPurpose},
    host::{HostAnswer, HostRefusal, HostRequest},
    sale::{AuthCode, Reference},
    signed::{AnswerContent, Content, Hash, RequestContent, Signed},
    standing::Standing,
    terminal::TerminalId,
};
use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::sync::{mpsc, oneshot};

/// How many messages wait for the books at most.
const QUEUE_MAX: usize = 8;
/// Messages of one commit at most.
const BATCH_MAX: usize = 4;
/// How long a refund's grant is good, milliseconds.
const GRANT_MS: u64 = 300_000;

/// A terminal as the bank knows it.
#[derive(Clone)]
pub struct Known {
    /// Its name.
    pub id: TerminalId,
    /// Its device key.
    pub device_key: DeviceKey,
}

/// A message whose answer is not there yet.
pub struct Pending {
    /// The connection.
    pub connection: u64,
    busy: AnswerContent,
    answer: oneshot::Receiver<Option<Vec<u8>>>,
}

type Writing = Pin<Box<dyn Future<Output = SharedBooks>>>;

/// The bank.
pub struct BankHost {
    /// Its books, which outlive its process.
    pub books: SharedBooks,
    process: Option<Serving>,
    house: Arc<House>,
    known: Vec<Known>,
    draw: Arc<Mutex<Draw>>,
    grants: u64,
    mutant: Option<Mutant>,
}

struct Serving {
    writing: Writing,
    queue: Option<mpsc::Sender<Waiting>>,
    pending: Vec<Pending>,
}

impl BankHost {
    /// A bank with these terminals of one business, and an account for each card; its process does not run.
    pub fn new(
        house: &Arc<House>,
        terminals: &[(Known, [u8; 8])],
        mut draw: Draw,
        mutant: Option<Mutant>,
    ) -> Self {
        let mut kept = MemoryBooks::default();
        for account in &house.accounts {
            kept.open_account(&house.issuer, account);
        }
        for (terminal, initial_key_id) in terminals {
            let state = TerminalState {
                business: BusinessId(1),
                certificate: certificate(terminal.id),
                active: true,
                initial_key_id: *initial_key_id,
                next_key_id: None,
                next_sequence: 1,
                last_hash: Hash::default(),
                data_counter: 0,
                pin_counter: 0,
            };
            kept.terminals.insert(terminal.id, state);
        }
        Self {
            books: SharedBooks::new(kept, mutant),
            process: None,
            house: Arc::clone(house),
            known: terminals.iter().map(|(known, _)| known.clone()).collect(),
            draw: Arc::new(Mutex::new(draw.fork())),
            grants: 0,
            mutant,
        }
    }

    /// Whether its process runs.
    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// Starts its process on the books.
    pub fn start(&mut self) {
        self.books.restart();
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let writer = Writer {
            books: self.books.clone(),
            rules: Rules::default(),
            signing: Arc::clone(&self.house.signing) as Arc<dyn AnswerSigner>,
            draws: BankDraws(Arc::clone(&self.draw)),
            batch_max: BATCH_MAX,
        };
        let writing = Box::pin(writer.run(waiting));
        self.process = Some(Serving { writing, queue: Some(queue), pending: Vec::new() });
    }

    /// Kills its process.
    pub fn kill(&mut self) {
        self.process = None;
        self.books.restart();
    }

    /// Has it take nothing more: it ends when all that it holds is answered.
    pub fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            process.queue = None;
        }
    }

    /// Whether it takes connections.
    pub fn listens(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.queue.is_some())
    }

    /// A message of a terminal; its answer at once where it does not wait for the books.
    pub fn receive(
        &mut self,
        from: TerminalId,
        connection: u64,
        bytes: Vec<u8>,
        now_ms: u64,
    ) -> Option<Vec<u8>> {
        let known = self.known.iter().find(|known| known.id == from)?.clone();
        let sender =
            Sender { terminal: from, certificate: certificate(from), peer: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let (sequence, hash) = skim(&bytes);
        let busy = AnswerContent {
            version: PROTOCOL_VERSION,
            terminal: from,
            sequence,
            request: hash,
            time_ms: now_ms,
            answer: HostAnswer::Refused(HostRefusal::Busy),
        };
        let place = self.process.as_ref()?.queue.clone()?.try_reserve_owned();
        let Ok(place) = place else { return self.sign(&busy) };
        let asked = administrative(&bytes);
        let keys = (&*self.house.issuer, &self.house.tickets);
        match (verify(sender, &known.device_key, bytes, now_ms, keys), asked) {
            (Message::Chained(case), _) => {
                self.claim(&case);
                let (answer, receiver) = oneshot::channel();
                place.send(Waiting { case, answer });
                let process = self.process.as_mut()?;
                process.pending.push(Pending { connection, busy, answer: receiver });
                None
            }
            (Message::Admin(_), Some(asked)) => {
                let answer = HostAnswer::Admin(self.administer(from, &asked, now_ms)?);
                self.sign(&AnswerContent { answer, ..busy })
            }
            (Message::Admin(_), None) => self.sign(&busy),
        }
    }

    /// Lets the writer go as far as it can; answers that are there now, by connection. True when the process has ended
    /// because it was stopped.
    pub fn run(&mut self) -> (Vec<(u64, Vec<u8>)>, bool) {
        let Some(process) = &mut self.process else { return (Vec::new(), false) };
        let ended = process.writing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut answers = Vec::new();
        for mut pending in std::mem::take(&mut process.pending) {
            match pending.answer.try_recv() {
                Ok(Some(answer)) => answers.push((pending.connection, answer)),
                Err(oneshot::error::TryRecvError::Empty) => process.pending.push(pending),
                Ok(None) | Err(oneshot::error::TryRecvError::Closed) => {
                    answers.extend(
                        self.house.signing.sign(&pending.busy).ok().map(|busy| (pending.connection, busy)),
                    );
                }
            }
        }
        let ended = matches!(ended, Poll::Ready(_));
        if ended {
            self.process = None;
        }
        (answers, ended)
    }

    fn sign(&self, content: &AnswerContent) -> Option<Vec<u8>> {
        self.house.signing.sign(content).ok()
    }

    /// A broken safeguard: each message is taken for the next of its chain.
    fn claim(&self, case: &Case) {
        if let (Some(Mutant::SequenceUnchecked), CaseBody::Verified(verified)) = (self.mutant, &case.body)
            && matches!(verified.asked, Asked::Authorise(..))
        {
            let claim = (verified.sequence, verified.previous);
            self.books.disk().claimed.insert(case.sender.terminal, claim);
        }
    }

    /// Vouches for every device, and lets every refund be made.
    fn administer(&mut self, from: TerminalId, asked: &AdminRequest, now_ms: u64) -> Option<AdminAnswer> {
        Some(match asked {
            AdminRequest::ReportStanding(_) => AdminAnswer::Standing(Standing {
                ticket: self.house.tickets.ticket(from, now_ms),
                seconds: 300,
                challenge: Bytes::new(&[0xC4; 32]).ok()?,
                ..Standing::default()
            }),
            AdminRequest::CheckSupervisorCode {
                purpose: SupervisorPurpose::Refund { reference }, ..
            } => {
                self.grants += 1;
                let mut grant = [0; 16];
                grant[..8].copy_from_slice(&self.grants.to_be_bytes());
                let kept = RefundGrant {
                    terminal: from,
                    reference: reference.clone(),
                    expires_ms: now_ms + GRANT_MS,
                };
                self.books.disk().kept.grants.insert(refund::grant_hash(&grant), kept);
                AdminAnswer::Granted { grant: Sealed::new(&grant).ok()?, seconds: 300 }
            }
            _ => AdminAnswer::SupervisorState { defined: true },
        })
    }
}

fn certificate(terminal: TerminalId) -> [u8; 32] {
    let mut certificate = [0; 32];
    certificate[..4].copy_from_slice(&terminal.0.to_be_bytes());
    certificate
}

fn administrative(bytes: &[u8]) -> Option<AdminRequest> {
    let signed = Signed::from_bytes(bytes).ok()?;
    match RequestContent::from_content(&signed.content).ok()?.request {
        HostRequest::Admin(asked) => Some(asked),
        _ => None,
    }
}

/// Codes and references of a run.
struct BankDraws(Arc<Mutex<Draw>>);

impl Draws for BankDraws {
    fn auth_code(&mut self) -> AuthCode {
        let mut draw = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Text::clipped(&format!("{:06}", draw.below(1_000_000)))
    }

    fn reference(&mut self, message: MessageId) -> Reference {
        Text::clipped(&format!("{:012X}", message.0))
    }

    fn message_of(&self, reference: &str) -> Option<MessageId> {
        u64::from_str_radix(reference, 16).ok().map(MessageId)
    }
}
