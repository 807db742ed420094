//! Properties of the books, whatever terminals send: money taken is what was approved and not taken back, no purchase
//! gives back more than was paid, and SQLite and memory come to the same answers.

use super::{
    AccountId, AccountKey, AnswerSigner, Books, BusinessId, Case, CaseBody, Draws, KeptSale, MessageId,
    PinReference, Sender, TerminalState,
    chain::{Asked, Verified},
    holdings::{GrantHash, RefundGrant},
    memory::MemoryBooks,
    settle,
};
use crate::{
    authorise::Rules,
    error::BooksError,
    issuer::{CardEvidence, KeySerial, PinEvidence, Presented},
    refund::grant_hash,
    store::{Store, sqlite::SqliteBooks},
};
use mpos_protocol::{
    Amount, Bytes, Currency, Sealed, Text,
    card::{CardScheme, Cvm, De55, EncryptedCardData, MaskedPan, TransactionKind},
    host::{AuthoriseRequest, HostAnswer, ReversalCause, ReverseRequest},
    sale::{AuthCode, ReceiptNumber, Reference, RefundOf},
    signed::{AnswerContent, Hash},
    terminal::TerminalId,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// The last is another business's.
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
    /// Gives back some of an earlier purchase, anybody's, to this account.
    Refund { back: usize, amount: u64, account: u8, agreed: Agreed, arrives: bool },
}

/// What a supervisor had to do with a refund.
#[derive(Clone, Copy, Debug)]
enum Agreed {
    To,
    ToAnother,
    ToTheOneBefore,
    Never,
}

fn steps() -> impl Strategy<Value = Vec<(u32, Step)>> {
    let pin = prop::option::weighted(0.3, any::<bool>());
    let agreed = prop_oneof![
        12 => Just(Agreed::To),
        1 => Just(Agreed::ToAnother),
        1 => Just(Agreed::ToTheOneBefore),
        1 => Just(Agreed::Never),
    ];
    let step = prop_oneof![
        6 => (1..4500_u64, 0..ACCOUNTS, pin, prop::bool::weighted(0.85))
            .prop_map(|(amount, account, pin, arrives)| Step::Sell { amount, account, pin, arrives }),
        2 => (0..6_usize).prop_map(|back| Step::Repeat { back }),
        1 => (0..4_u64).prop_map(|back| Step::Replay { back }),
        1 => (1..3_u64).prop_map(|over| Step::Gap { over }),
        2 => (0..4_usize).prop_map(|back| Step::Reverse { back }),
        6 => (0..3_usize, 1..2500_u64, 0..ACCOUNTS, agreed, prop::bool::weighted(0.85)).prop_map(
            |(back, amount, account, agreed, arrives)| Step::Refund { back, amount, account, agreed, arrives }
        ),
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
    /// The newest message did not arrive, and is taken back before another is sent: so terminals do.
    lost: bool,
}

struct Street {
    terminals: Vec<Sending>,
    atc: u16,
    /// How many messages have a place in the books, if the host does as it should.
    placed: u64,
    /// The numbers of those that are purchases.
    purchases: Vec<u64>,
    grants: Vec<(GrantHash, RefundGrant)>,
}

impl Street {
    fn new() -> Self {
        let sending = |_| Sending { next: 1, ..Sending::default() };
        Self {
            terminals: (0..TERMINALS).map(sending).collect(),
            atc: 0,
            placed: 0,
            purchases: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// The message of a step, if one arrives.
    fn take(&mut self, at: u32, step: &Step) -> Option<Case> {
        let index = usize::try_from(at).unwrap();
        let step = match step {
            Step::Sell { .. } | Step::Refund { .. } | Step::Reverse { .. } if self.terminals[index].lost => {
                &Step::Reverse { back: 0 }
            }
            step => step,
        };
        match *step {
            Step::Sell { amount, account, pin, arrives } => {
                let asked = self.sale(index, amount, account, pin);
                let case = self.send(index, asked, arrives);
                self.purchases.extend(arrives.then_some(self.placed));
                case
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
                let is_sale = |(_, _, case): &&(u64, Hash, Case)| match &case.body {
                    CaseBody::Verified(verified) => matches!(verified.asked, Asked::Authorise(..)),
                    CaseBody::Refused { .. } => false,
                };
                let (sequence, hash, _) =
                    self.terminals[index].sent.iter().rev().filter(is_sale).nth(back)?;
                let request =
                    ReverseRequest { sequence: *sequence, hash: *hash, cause: ReversalCause::NoAnswer };
                // A request that never came is given its place by its reversal.
                self.placed += 1 + u64::from(std::mem::take(&mut self.terminals[index].lost));
                Some(self.sign(index, 0, Asked::Reverse(request)))
            }
            Step::Refund { back, amount, account, agreed, arrives } => {
                let sale = self.purchases.iter().rev().nth(back).copied().unwrap_or(1);
                let of = RefundOf { reference: reference(sale), grant: self.agree(at, sale, agreed) };
                let mut asked = self.sale(index, amount, account, None);
                if let Asked::Authorise(request, _) = &mut asked {
                    request.kind = TransactionKind::Refund;
                    request.refund = Some(of);
                }
                self.send(index, asked, arrives)
            }
        }
    }

    fn send(&mut self, index: usize, asked: Asked, arrives: bool) -> Option<Case> {
        let case = self.sign(index, 0, asked);
        self.terminals[index].lost = !arrives;
        self.placed += u64::from(arrives);
        arrives.then_some(case)
    }

    fn agree(&mut self, at: u32, sale: u64, agreed: Agreed) -> Sealed<16> {
        let count = u8::try_from(self.grants.len()).unwrap();
        let (number, sale) = match agreed {
            Agreed::To => (count, sale),
            Agreed::ToAnother => (count, sale + 1),
            Agreed::ToTheOneBefore => return grant(count.saturating_sub(1)),
            Agreed::Never => return grant(u8::MAX),
        };
        let kept =
            RefundGrant { terminal: TerminalId(16 + at), reference: reference(sale), expires_ms: NOW_MS };
        self.grants.push((grant_hash(&grant(number)), kept));
        grant(number)
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

fn grant(number: u8) -> Sealed<16> {
    Sealed::new(&[number; 16]).unwrap()
}

fn reference(message: u64) -> Reference {
    Text::clipped(&format!("{message:012X}"))
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
        reference(message.0)
    }

    fn message_of(&self, reference: &str) -> Option<MessageId> {
        u64::from_str_radix(reference, 16).ok().map(MessageId)
    }
}

fn business(terminal: u32) -> i64 {
    if terminal + 1 == TERMINALS { 2 } else { 1 }
}

fn memory(street: &Street) -> MemoryBooks {
    let mut books = MemoryBooks::default();
    books.grants.extend(street.grants.iter().cloned());
    for terminal in 0..TERMINALS {
        let state = TerminalState {
            business: BusinessId(business(terminal)),
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
            owed: 0,
            blocked: false,
            last_atc: 0,
        };
        books.account_of.insert(AccountKey([account; 32]), id);
        books.accounts.insert(id, state);
    }
    books
}

/// The same beginning in SQLite. Each terminal would have a key of its own; here they need distinct names only.
async fn sqlite(folder: &std::path::Path, street: &Street) -> (Store, SqliteBooks) {
    let store = Store::open(folder).await.unwrap();
    let businesses = "INSERT INTO business (id, name, address) VALUES (1, 'one', ''), (2, 'two', '')";
    sqlx::query(businesses).execute(&store.pool).await.unwrap();
    for terminal in 0..TERMINALS {
        let byte = u8::try_from(terminal).unwrap();
        sqlx::query(
            "INSERT INTO terminal (id, business, model, system, software, device_key, certificate,
                                   certificate_hash, initial_key_id, enrolled_ms)
             VALUES (?, ?, '', '', '', X'', X'', ?, ?, 0)",
        )
        .bind(16 + terminal)
        .bind(business(terminal))
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
        sqlx::query("INSERT INTO account VALUES (?, ?, 36, 'Mastercard', 1, 3912, ?, 3, ?, FALSE, 0, 0)")
            .bind(i64::from(account) + 1)
            .bind(vec![account; 32])
            .bind(vec![1_u8; 32])
            .bind(10_000_i64)
            .execute(&store.pool)
            .await
            .unwrap();
    }
    for (hash, kept) in &street.grants {
        sqlx::query("INSERT INTO supervisor_grant VALUES (?, ?, 'Refund', ?, ?)")
            .bind(hash.to_vec())
            .bind(i64::from(kept.terminal.0))
            .bind(kept.reference.to_string())
            .bind(i64::try_from(kept.expires_ms).unwrap())
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

fn cases_of(steps: &[(u32, Step)]) -> (Street, Vec<Case>) {
    let mut street = Street::new();
    let cases = steps.iter().filter_map(|(terminal, step)| street.take(*terminal, step)).collect();
    (street, cases)
}

/// What all customers have, less what they owe.
fn money(books: &MemoryBooks) -> i64 {
    let signed = |minor: u64| i64::try_from(minor).unwrap();
    books.accounts.values().map(|account| signed(account.balance) - signed(account.owed)).sum()
}

/// What customers should have, by the sales that stand.
fn money_by_sales(books: &MemoryBooks) -> i64 {
    let signed = |minor: u64| i64::try_from(minor).unwrap();
    signed(u64::from(ACCOUNTS) * OPENING_BALANCE) - signed(books.standing(TransactionKind::Purchase))
        + signed(books.standing(TransactionKind::Refund))
}

/// What stands of a purchase's refunds is what the purchase says, is no more than was paid, and went to the card that
/// paid, on a terminal of the same business; nothing else is refunded.
fn check_refunds(books: &MemoryBooks) -> Result<(), TestCaseError> {
    for (id, sale) in &books.sales {
        let of_it = |kept: &&KeptSale| kept.refund_of == Some(*id) && kept.moved.is_some();
        let refunds: Vec<&KeptSale> = books.sales.values().filter(of_it).collect();
        for refund in &refunds {
            prop_assert_eq!((sale.kind, sale.business), (TransactionKind::Purchase, refund.business));
            prop_assert_eq!(refund.kind, TransactionKind::Refund);
            prop_assert_eq!(refund.moved.unwrap().0, sale.moved.unwrap().0);
        }
        let standing = refunds.iter().filter_map(|refund| refund.standing());
        let standing: u64 = standing.map(|(_, amount)| amount.minor()).sum();
        prop_assert_eq!(standing, sale.refunded);
        prop_assert!(standing <= sale.standing().map_or(0, |(_, paid)| paid.minor()));
    }
    Ok(())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn accounts_lose_what_was_approved_and_not_given_back(steps in steps(), batch in 1..9_usize) {
        let (street, cases) = cases_of(&steps);
        let mut books = memory(&street);
        let first = block_on(play(&mut books, &cases, batch));
        let left = money(&books);
        prop_assert_eq!(left, money_by_sales(&books));
        check_refunds(&books)?;

        // What has its place, once more: nothing moves, and each is answered as before.
        let (mut kept, mut answers) = (Vec::new(), Vec::new());
        for (case, answer) in cases.into_iter().zip(first) {
            if is_accepted(&answer) {
                kept.push(case);
                answers.push(answer);
            }
        }
        prop_assert_eq!(block_on(play(&mut books, &kept, batch)), answers);
        prop_assert_eq!(money(&books), left);
    }

    #[test]
    fn one_by_one_and_in_batches_come_to_the_same(steps in steps(), batch in 2..9_usize) {
        let (street, cases) = cases_of(&steps);
        let (mut single, mut batched) = (memory(&street), memory(&street));
        prop_assert_eq!(block_on(play(&mut single, &cases, 1)), block_on(play(&mut batched, &cases, batch)));
        prop_assert_eq!(single.accounts, batched.accounts);
        prop_assert_eq!(single.sales, batched.sales);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn sqlite_and_memory_come_to_the_same(steps in steps(), batch in 1..9_usize) {
        let folder = tempfile::TempDir::new().unwrap();
        let (street, cases) = cases_of(&steps);
        let mut expected = memory(&street);
        for (index, state) in &mut expected.terminals {
            state.initial_key_id = [u8::try_from(index.0 - 16).unwrap(); 8];
        }
        let cases: Vec<Case> = cases.into_iter().map(with_own_key).collect();
        let answers = block_on(play(&mut expected, &cases, batch));
        let (found, balances) = block_on(async {
            let (store, mut books) = sqlite(folder.path(), &street).await;
            let found = play(&mut books, &cases, batch).await;
            let balances: Vec<(i64, i64)> =
                sqlx::query_as("SELECT balance, owed FROM account ORDER BY id").fetch_all(&store.pool).await.unwrap();
            (found, balances)
        });
        prop_assert_eq!(answers, found);
        for (index, (balance, owed)) in balances.into_iter().enumerate() {
            let account = &expected.accounts[&AccountId(i64::try_from(index).unwrap() + 1)];
            prop_assert_eq!(u64::try_from(balance).unwrap(), account.balance);
            prop_assert_eq!(u64::try_from(owed).unwrap(), account.owed);
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
