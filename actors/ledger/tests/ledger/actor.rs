//! Messages in, messages out.

use crate::{
    disk::Disk,
    script::{approved, enrolment, sale},
};
use mpos_ledger::{BookFiles, Ledger};
use mpos_protocol::{
    Flow, Moment, actor,
    book::{
        AnswerRecorded, ChainRestored, EnrolmentRecorded, LedgerOpened, MakeRoom, OpenLedger, ReadChain,
        RecordingFailed, RequestRecorded, RoomMade, StoreFault,
    },
    inbox,
    supervision::DeliveryFault,
};
use mpos_runtime::{ActorId, Step, step, step_undelivered};

fn ledger(disk: &Disk) -> Ledger {
    let disk = disk.clone();
    Ledger::new(Box::new(move || Ok(BookFiles { journal: Box::new(disk.clone()), index: None })))
}

fn hand(ledger: &mut Ledger, message: inbox::Ledger) -> Step {
    step(ledger, Moment::default(), Flow(3), message)
}

fn to_link(step: &Step) -> Vec<inbox::HostLink> {
    let to_link = step.sent.iter().filter(|sent| sent.to() == ActorId::HostLink);
    to_link.map(|sent| sent.decode::<actor::HostLink>().unwrap()).collect()
}

fn to_till(step: &Step) -> Vec<inbox::Till> {
    let to_till = step.sent.iter().filter(|sent| sent.to() == ActorId::Till);
    to_till.map(|sent| sent.decode::<actor::Till>().unwrap()).collect()
}

fn chain_of(step: &Step) -> ChainRestored {
    match to_link(step).as_slice() {
        [inbox::HostLink::ChainRestored(chain)] => chain.clone(),
        other => panic!("no chain: {other:?}"),
    }
}

#[test]
fn each_record_is_answered_once_it_is_durable() {
    let disk = Disk::default();
    let mut ledger = ledger(&disk);
    let opened = hand(&mut ledger, inbox::Ledger::OpenLedger(OpenLedger));
    let fresh = LedgerOpened::Open { profile: None, unresolved: 0, next_transaction: 1 };
    assert_eq!(to_till(&opened), [inbox::Till::LedgerOpened(fresh)]);
    assert_eq!(chain_of(&opened).next_sequence, 1);

    let enrolled = hand(&mut ledger, inbox::Ledger::RecordEnrolment(enrolment(16)));
    assert_eq!(to_link(&enrolled), [inbox::HostLink::EnrolmentRecorded(EnrolmentRecorded)]);
    let chain = chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain)));
    let asked = hand(&mut ledger, inbox::Ledger::RecordRequest(sale(&chain)));
    // Power is lost as soon as the ledger has spoken.
    disk.crash(|| 0);
    assert_eq!(to_link(&asked), [inbox::HostLink::RequestRecorded(RequestRecorded { sequence: 1 })]);
    let mut ledger = self::ledger(&disk);
    let chain = chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain)));
    assert_eq!(chain.unresolved.len(), 1);
    let answered = hand(&mut ledger, inbox::Ledger::RecordAnswer(approved(1)));
    disk.crash(|| 0);
    assert_eq!(to_link(&answered), [inbox::HostLink::AnswerRecorded(AnswerRecorded { sequence: 1 })]);
    let mut ledger = self::ledger(&disk);
    let opened = hand(&mut ledger, inbox::Ledger::OpenLedger(OpenLedger));
    let inbox::Till::LedgerOpened(LedgerOpened::Open { profile, unresolved, next_transaction }) =
        to_till(&opened).remove(0)
    else {
        panic!("not open");
    };
    assert_eq!((profile, unresolved, next_transaction), (Some(enrolment(16).profile), 0, 2));
}

#[test]
fn a_failed_disk_is_told_and_the_book_opened_again_with_the_next_message() {
    let disk = Disk::default();
    let mut ledger = ledger(&disk);
    hand(&mut ledger, inbox::Ledger::RecordEnrolment(enrolment(16)));
    let chain = chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain)));
    disk.fail_in(0);
    let failed = hand(&mut ledger, inbox::Ledger::RecordRequest(sale(&chain)));
    let fault = StoreFault::Unreadable;
    assert_eq!(to_link(&failed), [inbox::HostLink::RecordingFailed(RecordingFailed { fault })]);
    assert_eq!(chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain))), chain);
    let asked = hand(&mut ledger, inbox::Ledger::RecordRequest(sale(&chain)));
    assert_eq!(to_link(&asked), [inbox::HostLink::RequestRecorded(RequestRecorded { sequence: 1 })]);
}

#[test]
fn a_book_that_cannot_be_opened_is_told_to_the_till_by_its_fault() {
    for fault in [StoreFault::InUse, StoreFault::Unreadable, StoreFault::NewerVersion { version: 9 }] {
        let mut ledger = Ledger::new(Box::new(move || Err(fault)));
        let opened = hand(&mut ledger, inbox::Ledger::OpenLedger(OpenLedger));
        assert_eq!(to_till(&opened), [inbox::Till::LedgerOpened(LedgerOpened::Failed(fault))]);
        assert_eq!(to_link(&opened), []);
        let read = hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain));
        assert_eq!(to_link(&read), [inbox::HostLink::RecordingFailed(RecordingFailed { fault })]);
    }
}

/// What the ledger says to a sale that begins; to the till alone.
fn room(ledger: &mut Ledger) -> Result<(), StoreFault> {
    let made = hand(ledger, inbox::Ledger::MakeRoom(MakeRoom));
    assert_eq!(to_link(&made), []);
    match to_till(&made).as_slice() {
        [inbox::Till::RoomMade(RoomMade { result })] => *result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn room_for_a_sale_is_made_before_it_is_asked_for_and_the_lack_of_it_is_told_to_the_till() {
    let disk = Disk::default();
    let mut ledger = ledger(&disk);
    hand(&mut ledger, inbox::Ledger::RecordEnrolment(enrolment(16)));
    disk.limit_to(Some(disk.bytes().len()));
    let mut sales = 0;
    while room(&mut ledger) == Ok(()) {
        // The room that was told of is durable, and enough for a sale that is taken back.
        disk.crash(|| 0);
        let chain = chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain)));
        let asked = hand(&mut ledger, inbox::Ledger::RecordRequest(sale(&chain)));
        let sequence = chain.next_sequence;
        assert_eq!(to_link(&asked), [inbox::HostLink::RequestRecorded(RequestRecorded { sequence })]);
        let answered = hand(&mut ledger, inbox::Ledger::RecordAnswer(approved(sequence)));
        assert_eq!(to_link(&answered), [inbox::HostLink::AnswerRecorded(AnswerRecorded { sequence })]);
        sales += 1;
    }
    assert!(sales > 4, "{sales}");
    let before = disk.bytes();
    assert_eq!(room(&mut ledger), Err(StoreFault::Full));
    assert_eq!(disk.bytes(), before, "nothing is kept by a question");
    disk.limit_to(None);
    assert_eq!(room(&mut ledger), Ok(()));
}

#[test]
fn a_disk_that_fails_as_room_is_made_is_told_and_the_book_opened_again_with_the_next_message() {
    let disk = Disk::default();
    let mut ledger = ledger(&disk);
    hand(&mut ledger, inbox::Ledger::RecordEnrolment(enrolment(16)));
    let mut asked = 0;
    loop {
        disk.fail_in(0);
        let told = room(&mut ledger);
        disk.heal();
        if told == Err(StoreFault::Unreadable) {
            break;
        }
        assert_eq!(told, Ok(()), "room that is there is not made again");
        let chain = chain_of(&hand(&mut ledger, inbox::Ledger::ReadChain(ReadChain)));
        let sequence = chain.next_sequence;
        hand(&mut ledger, inbox::Ledger::RecordRequest(sale(&chain)));
        hand(&mut ledger, inbox::Ledger::RecordAnswer(approved(sequence)));
        asked += 1;
        assert!(asked < 100, "room without end");
    }
    assert_eq!(room(&mut ledger), Ok(()));
    let unopened = StoreFault::InUse;
    assert_eq!(room(&mut Ledger::new(Box::new(move || Err(unopened)))), Err(unopened));
}

#[test]
fn an_answer_that_reaches_nobody_is_told_to_the_till() {
    let mut ledger = ledger(&Disk::default());
    let opened = hand(&mut ledger, inbox::Ledger::OpenLedger(OpenLedger));
    let lost = opened.sent.iter().find(|sent| sent.to() == ActorId::HostLink).unwrap();
    let told = step_undelivered(&mut ledger, Moment::default(), lost, DeliveryFault::Full);
    assert!(matches!(to_till(&told).as_slice(), [inbox::Till::DeliveryFailed(failed)]
        if failed.from == ActorId::Ledger && failed.to == ActorId::HostLink));
}
