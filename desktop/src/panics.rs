//! Each actor of the wired terminal panics in the middle of a sale, at each of its messages in turn: the sale ends
//! clearly, the next one works, and the bank's books say what the merchant was told.

use crate::{
    arguments::BankAddress,
    bank::Bank,
    cards_command,
    counter::{Counter, Tender},
    data_folder::DataFolder,
    error::ProgramError,
    terminal::Around,
};
use mpos_protocol::{
    Amount, Message,
    routes::ActorId,
    sale::{Receipt, SaleOutcome},
    shell::{BeginPurchase, Refusal},
};
use mpos_runtime::{Actor, DeliveryFault, Flow, Inbox, Moment, Outbox};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use zeroize::Zeroizing;

/// More messages than any actor handles in one sale.
const MESSAGES_MAX: u32 = 40;
/// How often a busy till is tried again, and after what pause.
const TRIES_MAX: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// Has one actor panic over its message of this number, counted from the beginning of the sale that follows its arming,
/// once: before it did anything, or after it did all and before anything was sent. What the terminal does as it starts
/// is not counted, since it ends at no certain time.
#[derive(Clone)]
struct PanicAt {
    who: ActorId,
    message: u32,
    after: bool,
    armed: Arc<AtomicBool>,
    begun: Arc<AtomicBool>,
    handled: Arc<AtomicU32>,
}

impl PanicAt {
    fn new(who: ActorId, message: u32, after: bool) -> Self {
        let (armed, begun, handled) = Default::default();
        Self { who, message, after, armed, begun, handled }
    }

    /// Whether it was that many messages.
    fn happened(&self) -> bool {
        self.handled.load(Ordering::SeqCst) > self.message
    }
}

impl Around for PanicAt {
    type Of<A: Actor> = Faulty<A>;

    fn around<A: Actor>(&self, actor: A) -> Faulty<A> {
        Faulty { actor, at: self.clone() }
    }
}

struct Faulty<A> {
    actor: A,
    at: PanicAt,
}

impl<A: Actor> Actor for Faulty<A> {
    type Name = A::Name;

    fn handle(&mut self, now: Moment, flow: Flow, message: Inbox<Self>, outbox: &mut Outbox<Self::Name>) {
        let at = &self.at;
        if <A::Name as mpos_protocol::Actor>::name(&message) == BeginPurchase::NAME {
            at.begun.store(at.armed.load(Ordering::SeqCst), Ordering::SeqCst);
        }
        let counted = at.who == <A::Name as mpos_protocol::Actor>::ID && at.begun.load(Ordering::SeqCst);
        let due = counted && at.handled.fetch_add(1, Ordering::SeqCst) == at.message;
        assert!(!due || at.after, "a test has {:?} panic before its message {}", at.who, at.message);
        self.actor.handle(now, flow, message, outbox);
        assert!(!due, "a test has {:?} panic after its message {}", self.at.who, self.at.message);
    }

    fn undelivered(
        &mut self,
        now: Moment,
        flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        self.actor.undelivered(now, flow, to, message, cause, outbox);
    }
}

/// A bank, and a terminal's folder.
struct World {
    _root: tempfile::TempDir,
    folder: DataFolder,
    bank: Bank,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(Some(root.path())).unwrap();
        let address = BankAddress { host: None, bank_ca: None, bank_data: None, activation_code: None };
        let bank = Bank::open(&folder, &address).unwrap();
        Self { _root: root, folder, bank }
    }

    /// Sells with the panic, then without; how both ended, and whether the panic happened.
    fn sell_twice(&self, at: &PanicAt) -> (Result<Receipt, ProgramError>, Receipt, bool) {
        let counter = Counter::open_around(&self.folder, &self.bank, at).unwrap();
        at.armed.store(true, Ordering::SeqCst);
        let first = counter.sell(&tender()).map(|ended| ended.receipt);
        at.armed.store(false, Ordering::SeqCst);
        let second = sell_when_free(&counter);
        counter.close();
        (first, second, at.happened())
    }

    /// The receipts of this terminal that the bank took money for.
    fn paid(&self) -> Vec<u32> {
        let sales = self.bank.console().unwrap().sales(1000).unwrap();
        let paid = |sale: &mpos_host::console::SaleListed| sale.auth_code.is_some() && !sale.reversed;
        sales.iter().filter(|sale| paid(sale)).map(|sale| sale.receipt).collect()
    }
}

/// A till that is still finding out what became of the sale before it says that it is busy; the merchant presses again.
fn sell_when_free(counter: &Counter<'_>) -> Receipt {
    let mut sold = counter.sell(&tender());
    for _try in 0..TRIES_MAX {
        let refusal = match sold {
            Ok(ended) => return ended.receipt,
            Err(ProgramError::Refused(refused)) => refused.refusal,
            Err(error) => panic!("{error}"),
        };
        sold = match refusal {
            Refusal::Busy => {
                thread::sleep(PAUSE);
                counter.sell(&tender())
            }
            // That is about the sale before; this one's answer is still to come.
            Refusal::Interrupted => counter.until_ended(tender().pin.as_ref()),
            other => panic!("{other:?}"),
        };
    }
    panic!("the till stays busy");
}

fn tender() -> Tender {
    Tender {
        amount: Amount::from_minor(4_100).unwrap(),
        card: cards_command::find("mastercard").unwrap(),
        pin: Some(Zeroizing::new("1234".to_owned())),
    }
}

fn each_message_of(who: ActorId) {
    let world = World::new();
    let mut told_paid = Vec::new();
    let mut happened_at_all = false;
    for (message, after) in (0..MESSAGES_MAX).flat_map(|message| [(message, false), (message, true)]) {
        let place = format!("{who:?}, {} its message {message}", if after { "after" } else { "before" });
        let (first, second, happened) = world.sell_twice(&PanicAt::new(who, message, after));
        assert_eq!(second.outcome, SaleOutcome::Approved, "the sale after a panic of {place}");
        told_paid.extend(second.receipt.map(|receipt| receipt.0));
        match first {
            Ok(receipt) => {
                let receipt_number = receipt.receipt.map(|receipt| receipt.0);
                match receipt.outcome {
                    SaleOutcome::Approved => told_paid.extend(receipt_number),
                    _ => assert!(receipt.reason.is_some() && receipt.next.is_some(), "{place}"),
                }
            }
            // A till that forgot its sale says so, and names the last receipt as the place to look.
            Err(ProgramError::Refused(_)) => {}
            Err(error) => panic!("{place}: {error}"),
        }
        let mut paid = world.paid();
        paid.sort_unstable();
        told_paid.sort_unstable();
        assert_eq!(
            paid, told_paid,
            "what the bank took and what the merchant was told, after a panic of {place}"
        );
        if !happened {
            break;
        }
        happened_at_all = true;
    }
    assert!(happened_at_all, "{who:?} takes part in a sale");
}

#[test]
fn a_till_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::Till);
}

#[test]
fn a_reader_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::NfcReader);
}

#[test]
fn a_kernel_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::EmvKernel);
}

#[test]
fn a_pin_pad_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::PinPad);
}

#[test]
fn a_link_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::HostLink);
}

#[test]
fn a_ledger_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::Ledger);
}

#[test]
fn a_receipt_sender_that_panics_at_any_message_of_a_sale_loses_no_money() {
    each_message_of(ActorId::ReceiptSender);
}
