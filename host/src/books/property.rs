//! Properties of the books, whatever terminals send: money taken is what was approved and not taken back, and SQLite
//! and memory come to the same answers.

use super::{
    AccountId, AccountKey, AnswerSigner, Books, Case, CaseBody, Draws, MessageId, PinReference, Sender,
    TerminalState,
    chain::{Asked, Verified},
    memory::MemoryBooks,
    settle,
};
use crate::{
    authorise::Rules,
    error::BooksError,
    issuer::{CardEvidence, KeySerial, PinEvidence, Presented},
    store::{Store, sqlite::SqliteBooks},
};
use mpos_protocol::{
    Amount, Bytes, Currency, Text,
    card::{CardScheme, Cvm, De55, EncryptedCardData, MaskedPan, TransactionKind},
    host::{AuthoriseRequest, HostAnswer, ReversalCause, ReverseRequest},
    sale::{AuthCode, ReceiptNumber, Reference},
    signed::{AnswerContent, Hash},
    terminal::TerminalId,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

const TERMINALS: u32 = 3;
const ACCOUNTS: u8 = 2;
const OPENING_BALANCE: u64 = 10_000;
const NOW_MS: u64 = 1_790_000_000_000;

/// What a terminal, honest or not, does next.
#[derive(Clone, Debug)]
enum Step {
    /// Sells, and the message arrives or is lost.
    Sell { amount: u64, account: u8, pin: Option<bool>, arrives: bool },
    /// Sends an earlier message again.
    Repeat { back: usize },
    /// Sends other bytes with an earlier sequence.
    Replay { back: u64 },
    /// Leaves sequences out.
    Gap { over: u64 },
    /// Takes an earlier request back.
    Reverse { back: usize },
}

fn steps() -> impl Strategy<Value = Vec<(u32, Step)>> {
    let pin = prop::option::weighted(0.3, any::<bool>());
    let step = prop_oneof![
        5 => (1..6000_u64, 0..ACCOUNTS, pin, prop::bool::weighted(0.8))
            .prop_map(|(amount, account, pin, arrives)| Step::Sell { amount, account, pin, arrives }),
        2 => (0..6_usize).prop_map(|back| Step::Repeat { back }),
        1 => (0..4_u64).prop_map(|back| Step::Replay { back }),
        1 => (1..3_u64).prop_map(|over| Step::Gap { over }),
        3 => (0..4_usize).prop_map(|back| Step::Reverse { back }),
    ];
    prop::collection::vec((0..TERMINALS, step), 1..60)
}

/// A terminal's side: where its chain stands by its own belief, and all that it ever signed.
#[derive(Default)]
struct Sending {
    next: u64,
    head: Hash,
    counter: u32,
    sent: Vec<(u64, Hash, Case)>,
}

struct Street {
    terminals: Vec<Sending>,
    atc: u16,
}

impl Street {
    fn new() -> Self {
        let sending = |_| Sending { next: 1, ..Sending::default() };
        Self { terminals: (0..TERMINALS).map(sending).collect(), atc: 0 }
    }

    /// The message of a step, if one arrives.
    fn take(&mut self, at: u32, step: &Step) -> Option<Case> {
        let index = usize::try_from(at).unwrap();
        match *step {
            Step::Sell { amount, account, pin, arrives } => {
                let asked = self.sale(index, amount, account, pin);
                let case = self.sign(index, 0, asked);
                arrives.then_some(case)
            }
            Step::Repeat { back } => {
                let sent = &self.terminals[index].sent;
                sent.len().checked_sub(back + 1).map(|place| sent[place].2.clone())
            }
            Step::Replay { back } => {
                let sequence = self.terminals[index].next.saturating_sub(back);
                let asked = self.sale(index, 10, 0, None);
                Some(case_of(at, sequence, Hash([7; 32]), asked))
            }
            Step::Gap { over } => {
                let asked = self.sale(index, 10, 0, None);
                let (next, head) = (self.terminals[index].next, self.terminals[index].head);
                Some(case_of(at, next + over, head, asked))
            }
            Step::Reverse { back } => {
                let sent = &self.terminals[index].sent;
                let (sequence, hash, _) = sent.get(sent.len().checked_sub(back + 1)?)?;
                let request =
                    ReverseRequest { sequence: *sequence, hash: *hash, cause: ReversalCause::NoAnswer };
                Some(self.sign(index, 0, Asked::Reverse(request)))
            }
        }
    }

    fn sign(&mut self, index: usize, over: u64, asked: Asked) -> Case {
        let sending = &mut self.terminals[index];
        let case = case_of(u32::try_from(index).unwrap(), sending.next + over, sending.head, asked);
        sending.sent.push((sending.next, case.hash, case.clone()));
        sending.next += 1;
        sending.head = case.hash;
        case
    }

    fn sale(&mut self, index: usize, amount: u64, account: u8, pin: Option<bool>) -> Asked {
        self.atc += 1;
        let sending = &mut self.terminals[index];
        sending.counter += 1;
        let key = KeySerial { initial_key_id: [0; 8], counter: sending.counter };
        let pin = match pin {
            None => PinEvidence::Absent,
            Some(right) => PinEvidence::Reference { key, reference: PinReference([u8::from(right); 32]) },
        };
        let evidence = CardEvidence {
            account: AccountKey([account; 32]),
            expiry: 3912,
            sequence: 1,
            data_key: key,
            agrees: true,
            cryptogram_verifies: true,
            atc: self.atc,
            device_verified: false,
            pin,
        };
        Asked::Authorise(request(amount), Presented::Card(evidence))
    }
}

fn request(amount: u64) -> AuthoriseRequest {
    AuthoriseRequest {
        receipt: ReceiptNumber(1),
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(amount).unwrap(),
        currency: Currency::Eur,
        transaction_number: 1,
        aid: Bytes::default(),
        scheme: CardScheme::Mastercard,
        pan: MaskedPan(36),
        cvm: Cvm::None,
        de55: De55::default(),
        card_data: EncryptedCardData::default(),
        refund: None,
        pin: None,
    }
}

fn case_of(terminal: u32, sequence: u64, previous: Hash, asked: Asked) -> Case {
    let hash = Hash::of(format!("{terminal} {sequence} {previous:?} {asked:?}").as_bytes());
    let verified = Verified { sequence, signed_ms: NOW_MS, previous, asked };
    Case {
        sender: Sender {
            terminal: TerminalId(16 + terminal),
            certificate: [u8::try_from(terminal).unwrap(); 32],
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        },
        received_ms: NOW_MS,
        hash,
        bytes: vec![1],
        body: CaseBody::Verified(Box::new(verified)),
    }
}

struct PlainSigner;

impl AnswerSigner for PlainSigner {
    fn sign(&self, content: &AnswerContent) -> Result<Vec<u8>, BooksError> {
        postcard::to_allocvec(content).map_err(|_| BooksError::Signing)
    }
}

struct CountedDraws;

impl Draws for CountedDraws {
    fn auth_code(&mut self) -> AuthCode {
        Text::clipped("000000")
    }

    fn reference(&mut self, message: MessageId) -> Reference {
        Text::clipped(&format!("{:012X}", message.0))
    }
}

fn memory() -> MemoryBooks {
    let mut books = MemoryBooks::default();
    for terminal in 0..TERMINALS {
        let state = TerminalState {
            certificate: [u8::try_from(terminal).unwrap(); 32],
            active: true,
            initial_key_id: [0; 8],
            next_sequence: 1,
            last_hash: Hash::default(),
            data_counter: 0,
            pin_counter: 0,
        };
        books.terminals.insert(TerminalId(16 + terminal), state);
    }
    for account in 0..ACCOUNTS {
        let id = AccountId(i64::from(account) + 1);
        let state = super::Account {
            id,
            sequence: 1,
            expiry: 3912,
            pin_reference: PinReference([1; 32]),
            pin_tries_left: 3,
            balance: OPENING_BALANCE,
            blocked: false,
            last_atc: 0,
        };
        books.account_of.insert(AccountKey([account; 32]), id);
        books.accounts.insert(id, state);
    }
    books
}

/// The same beginning in SQLite. Each terminal would have a key of its own; here they need distinct names only.
async fn sqlite(folder: &std::path::Path) -> (Store, SqliteBooks) {
    let store = Store::open(folder).await.unwrap();
    for terminal in 0..TERMINALS {
        let byte = u8::try_from(terminal).unwrap();
        sqlx::query(
            "INSERT INTO terminal (id, merchant_name, merchant_address, model, system, software, device_key,
                                   certificate, certificate_hash, initial_key_id, enrolled_ms)
             VALUES (?, '', '', '', '', '', X'', X'', ?, ?, 0)",
        )
        .bind(16 + terminal)
        .bind(vec![byte; 32])
        .bind(vec![byte; 8])
        .execute(&store.pool)
        .await
        .unwrap();
        sqlx::query("INSERT INTO terminal_chain VALUES (?, 1, zeroblob(32), 0, 0)")
            .bind(16 + terminal)
            .execute(&store.pool)
            .await
            .unwrap();
    }
    for account in 0..ACCOUNTS {
        sqlx::query("INSERT INTO account VALUES (?, ?, 36, 'Mastercard', 1, 3912, ?, 3, ?, FALSE, 0)")
            .bind(i64::from(account) + 1)
            .bind(vec![account; 32])
            .bind(vec![1_u8; 32])
            .bind(10_000_i64)
            .execute(&store.pool)
            .await
            .unwrap();
    }
    let books = SqliteBooks::open(store.clone()).await.unwrap();
    (store, books)
}

/// Plays the steps in batches of `batch`; the answers in order.
async fn play<B: Books>(books: &mut B, cases: &[Case], batch: usize) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    for cases in cases.chunks(batch) {
        answers
            .extend(settle(books, cases, &Rules::default(), &PlainSigner, &mut CountedDraws).await.unwrap());
    }
    answers
}

fn cases_of(steps: &[(u32, Step)]) -> Vec<Case> {
    let mut street = Street::new();
    steps.iter().filter_map(|(terminal, step)| street.take(*terminal, step)).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn accounts_lose_what_was_approved_and_not_taken_back(steps in steps(), batch in 1..9_usize) {
        let mut books = memory();
        let cases = cases_of(&steps);
        let first = block_on(play(&mut books, &cases, batch));
        let left: u64 = books.accounts.values().map(|account| account.balance).sum();
        prop_assert_eq!(u64::from(ACCOUNTS) * OPENING_BALANCE - left, books.taken());

        // What has its place, once more: nothing moves, and each is answered as before.
        let taken = books.taken();
        let (mut kept, mut answers) = (Vec::new(), Vec::new());
        for (case, answer) in cases.into_iter().zip(first) {
            if is_accepted(&answer) {
                kept.push(case);
                answers.push(answer);
            }
        }
        prop_assert_eq!(block_on(play(&mut books, &kept, batch)), answers);
        prop_assert_eq!(books.taken(), taken);
    }

    #[test]
    fn one_by_one_and_in_batches_come_to_the_same(steps in steps(), batch in 2..9_usize) {
        let cases = cases_of(&steps);
        let (mut single, mut batched) = (memory(), memory());
        prop_assert_eq!(block_on(play(&mut single, &cases, 1)), block_on(play(&mut batched, &cases, batch)));
        prop_assert_eq!(single.taken(), batched.taken());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sqlite_and_memory_come_to_the_same(steps in steps(), batch in 1..9_usize) {
        let folder = tempfile::TempDir::new().unwrap();
        let cases = cases_of(&steps);
        let mut expected = memory();
        for (index, state) in &mut expected.terminals {
            state.initial_key_id = [u8::try_from(index.0 - 16).unwrap(); 8];
        }
        let cases: Vec<Case> = cases.into_iter().map(with_own_key).collect();
        let answers = block_on(play(&mut expected, &cases, batch));
        let (found, balances) = block_on(async {
            let (store, mut books) = sqlite(folder.path()).await;
            let found = play(&mut books, &cases, batch).await;
            let balances: Vec<i64> =
                sqlx::query_scalar("SELECT balance FROM account ORDER BY id").fetch_all(&store.pool).await.unwrap();
            (found, balances)
        });
        prop_assert_eq!(answers, found);
        for (index, balance) in balances.into_iter().enumerate() {
            let id = AccountId(i64::try_from(index).unwrap() + 1);
            prop_assert_eq!(u64::try_from(balance).unwrap(), expected.accounts[&id].balance);
        }
    }
}

/// In SQLite each terminal's key has a name of its own.
fn with_own_key(mut case: Case) -> Case {
    let id = [u8::try_from(case.sender.terminal.0 - 16).unwrap(); 8];
    if let CaseBody::Verified(verified) = &mut case.body
        && let Asked::Authorise(_, Presented::Card(evidence)) = &mut verified.asked
    {
        evidence.data_key.initial_key_id = id;
        if let PinEvidence::Reference { key, .. } = &mut evidence.pin {
            key.initial_key_id = id;
        }
    }
    case
}

fn is_accepted(answer: &[u8]) -> bool {
    let content: AnswerContent = postcard::from_bytes(answer).unwrap();
    !matches!(content.answer, HostAnswer::Refused(_))
}
