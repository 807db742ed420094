//! The reader over a field that is scripted: each start and each command has exactly one answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mpos_nfc_reader::NfcReader;
use mpos_ports::{CardField, FieldLoss};
use mpos_protocol::{
    ActorId, Bytes, Flow, Moment, Text, actor,
    card::{ResponseApdu, messages::*},
    inbox,
    supervision::{DeliveryFailed, DeliveryFault},
};
use mpos_runtime::{Step, step, step_undelivered};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

const FLOW: Flow = Flow(4);
const SELECT: [u8; 5] = [0x00, 0xA4, 0x04, 0x00, 0x00];

#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Start,
    Stop,
    Command(Vec<u8>),
}

type Answer = Result<Vec<u8>, FieldLoss>;

#[derive(Clone, Default)]
struct Field {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl CardField for Field {
    fn start_polling(&mut self) {
        self.asked.lock().unwrap().push(Asked::Start);
    }

    fn stop_polling(&mut self) {
        self.asked.lock().unwrap().push(Asked::Stop);
    }

    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss> {
        self.asked.lock().unwrap().push(Asked::Command(command.to_vec()));
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Err(FieldLoss::Left))?;
        response.clear();
        response.extend_from_slice(&answer);
        Ok(())
    }
}

struct Antenna {
    reader: NfcReader,
    field: Field,
}

impl Antenna {
    fn new() -> Self {
        let field = Field::default();
        Self { reader: NfcReader::new(Box::new(field.clone())), field }
    }

    /// A card is in the field, and answers so.
    fn with_card(answers: &[Answer]) -> Self {
        let mut antenna = Self::new();
        antenna.field.answers.lock().unwrap().extend(answers.iter().cloned());
        antenna.start(FLOW);
        assert_eq!(antenna.tag(), [(FLOW, inbox::EmvKernel::CardPresent(CardPresent))]);
        antenna
    }

    fn step(&mut self, flow: Flow, message: inbox::NfcReader) -> Step {
        step(&mut self.reader, Moment::default(), flow, message)
    }

    fn tell(&mut self, flow: Flow, message: inbox::NfcReader) -> Vec<(Flow, inbox::EmvKernel)> {
        let step = self.step(flow, message);
        step.sent.iter().map(|sent| (sent.flow(), sent.decode::<actor::EmvKernel>().unwrap())).collect()
    }

    /// The number of the wait that begins.
    fn start(&mut self, flow: Flow) -> u32 {
        let start = inbox::NfcReader::StartPolling(StartPolling { hold_ms: 0, wait_ms: 30_000 });
        self.begins_wait(flow, start, 30_000)
    }

    fn begins_wait(&mut self, flow: Flow, message: inbox::NfcReader, ms: u64) -> u32 {
        let step = self.step(flow, message);
        assert!(step.sent.is_empty() && step.timers.len() == 1 && step.timers[0].delay_ms == ms);
        match step.timers[0].message.decode::<actor::NfcReader>().unwrap() {
            inbox::NfcReader::PollingTimer(timer) => timer.polling,
            other => panic!("{other:?}"),
        }
    }

    /// The platform's word belongs to no flow.
    fn tag(&mut self) -> Vec<(Flow, inbox::EmvKernel)> {
        self.tell(Flow::default(), inbox::NfcReader::TagArrived(TagArrived))
    }

    fn timer(&mut self, polling: u32) -> Vec<(Flow, inbox::EmvKernel)> {
        self.tell(FLOW, inbox::NfcReader::PollingTimer(PollingTimer { polling }))
    }

    fn command(&mut self, flow: Flow) -> Vec<(Flow, inbox::EmvKernel)> {
        let command = Bytes::new(&SELECT).unwrap();
        self.tell(flow, inbox::NfcReader::TransmitApdu(TransmitApdu { command }))
    }

    fn asked(&self) -> Vec<Asked> {
        self.field.asked.lock().unwrap().clone()
    }
}

fn lost(why: CardLost) -> Vec<(Flow, inbox::EmvKernel)> {
    vec![(FLOW, inbox::EmvKernel::CardLost(why))]
}

fn answered(response: &[u8]) -> Vec<(Flow, inbox::EmvKernel)> {
    let response = ResponseApdu::new(response).unwrap();
    vec![(FLOW, inbox::EmvKernel::CardAnswered(CardAnswered { response }))]
}

#[test]
fn a_tap_carries_commands_to_the_card_and_its_answers_back() {
    let long = vec![0xAA; 258];
    let mut antenna = Antenna::with_card(&[Ok(vec![0x90, 0x00]), Ok(long.clone()), Ok(vec![0x6A, 0x82])]);
    for answer in [&[0x90, 0x00][..], &long, &[0x6A, 0x82]] {
        assert_eq!(antenna.command(FLOW), answered(answer));
    }
    assert_eq!(antenna.tell(FLOW, inbox::NfcReader::StopPolling(StopPolling)), []);
    let command = Asked::Command(SELECT.to_vec());
    let expected = [Asked::Start, command.clone(), command.clone(), command, Asked::Stop];
    assert_eq!(antenna.asked(), expected);
}

#[test]
fn no_card_in_time_is_told_and_the_field_is_switched_off() {
    let mut antenna = Antenna::new();
    let polling = antenna.start(FLOW);
    assert_eq!(antenna.timer(polling), lost(CardLost::NeverCame));
    assert_eq!(antenna.asked(), [Asked::Start, Asked::Stop]);
    assert_eq!(antenna.timer(polling), []);
}

#[test]
fn a_card_that_leaves_is_silent_or_answers_too_long_is_lost_and_let_go() {
    for (answer, why) in [
        (Err(FieldLoss::Left), CardLost::Left),
        (Err(FieldLoss::Silent), CardLost::Silent),
        (Ok(vec![0; 259]), CardLost::Garbled),
        (Ok(vec![0; 4000]), CardLost::Garbled),
    ] {
        let mut antenna = Antenna::with_card(&[answer]);
        assert_eq!(antenna.command(FLOW), lost(why));
        assert_eq!(antenna.asked().last(), Some(&Asked::Stop));
        // What the kernel still sends has an answer too, and does not reach a card.
        let before = antenna.asked().len();
        assert_eq!(antenna.command(FLOW), lost(CardLost::Left));
        assert_eq!(antenna.asked().len(), before);
    }
}

#[test]
fn a_command_without_a_card_or_from_another_flow_reaches_no_card() {
    let mut antenna = Antenna::new();
    assert_eq!(antenna.command(FLOW), lost(CardLost::Left));
    antenna.start(FLOW);
    assert_eq!(antenna.command(FLOW), lost(CardLost::Left));
    assert_eq!(antenna.asked(), [Asked::Start]);
    let mut antenna = Antenna::with_card(&[Ok(vec![0x90, 0x00])]);
    assert_eq!(antenna.command(Flow(3)), [(Flow(3), inbox::EmvKernel::CardLost(CardLost::Left))]);
    assert_eq!(antenna.command(FLOW), answered(&[0x90, 0x00]));
}

#[test]
fn a_tag_that_nobody_waits_for_is_ignored() {
    let mut antenna = Antenna::new();
    assert_eq!(antenna.tag(), []);
    let polling = antenna.start(FLOW);
    antenna.timer(polling);
    assert_eq!(antenna.tag(), [], "late");
    let mut antenna = Antenna::with_card(&[Ok(vec![0x90, 0x00])]);
    assert_eq!(antenna.tag(), [], "a second one");
    assert_eq!(antenna.command(FLOW), answered(&[0x90, 0x00]));
    antenna.tell(FLOW, inbox::NfcReader::StopPolling(StopPolling));
    assert_eq!(antenna.tag(), []);
}

#[test]
fn the_timer_of_an_earlier_wait_is_ignored() {
    let mut antenna = Antenna::new();
    let first = antenna.start(FLOW);
    assert_eq!(antenna.tag().len(), 1);
    assert_eq!(antenna.timer(first), [], "the card is there");
    antenna.tell(FLOW, inbox::NfcReader::StopPolling(StopPolling));
    let second = antenna.start(FLOW);
    assert_ne!(first, second);
    assert_eq!(antenna.timer(first), []);
    assert_eq!(antenna.timer(second), lost(CardLost::NeverCame));
}

#[test]
fn a_card_that_is_to_be_presented_again_sees_the_field_go_off_first() {
    let mut antenna = Antenna::with_card(&[Ok(vec![0x90, 0x00]), Ok(vec![0x90, 0x00])]);
    antenna.command(FLOW);
    let again = inbox::NfcReader::StartPolling(StartPolling { hold_ms: 1_000, wait_ms: 30_000 });
    let off = antenna.begins_wait(FLOW, again, 1_000);
    assert_eq!(antenna.asked().last(), Some(&Asked::Stop));
    assert_eq!(antenna.tag(), [], "the field is off");
    assert_eq!(antenna.command(FLOW), lost(CardLost::Left));
    let timer = inbox::NfcReader::PollingTimer(PollingTimer { polling: off });
    let waiting = antenna.begins_wait(FLOW, timer, 30_000);
    assert_eq!(antenna.asked().last(), Some(&Asked::Start));
    assert_eq!(antenna.timer(off), [], "the timer of an earlier wait");
    assert_eq!(antenna.tag().len(), 1);
    assert_eq!(antenna.timer(waiting), []);
    assert_eq!(antenna.command(FLOW), answered(&[0x90, 0x00]));
}

#[test]
fn a_field_that_rests_stays_off_when_the_tap_is_given_up() {
    let mut antenna = Antenna::new();
    let again = inbox::NfcReader::StartPolling(StartPolling { hold_ms: 1_000, wait_ms: 30_000 });
    let off = antenna.begins_wait(FLOW, again, 1_000);
    antenna.tell(FLOW, inbox::NfcReader::StopPolling(StopPolling));
    assert_eq!(antenna.timer(off), []);
    assert!(!antenna.asked().contains(&Asked::Start));
}

#[test]
fn a_card_may_be_presented_again() {
    let mut antenna = Antenna::with_card(&[Err(FieldLoss::Left), Ok(vec![0x90, 0x00])]);
    antenna.command(FLOW);
    antenna.start(FLOW);
    assert_eq!(antenna.tag().len(), 1);
    assert_eq!(antenna.command(FLOW), answered(&[0x90, 0x00]));
}

#[test]
fn a_kernel_without_room_is_told_to_the_till_and_the_card_let_go() {
    let mut antenna = Antenna::new();
    antenna.start(FLOW);
    let sent = antenna.step(Flow::default(), inbox::NfcReader::TagArrived(TagArrived)).sent;
    let step = step_undelivered(&mut antenna.reader, Moment::default(), &sent[0], DeliveryFault::Full);
    let failed = DeliveryFailed {
        from: ActorId::NfcReader,
        to: ActorId::EmvKernel,
        message: Text::clipped("CardPresent"),
        cause: DeliveryFault::Full,
    };
    assert_eq!(step.sent[0].flow(), FLOW);
    assert_eq!(step.sent[0].decode::<actor::Till>().unwrap(), inbox::Till::DeliveryFailed(failed));
    assert_eq!(antenna.asked(), [Asked::Start, Asked::Stop]);
    assert_eq!(antenna.command(FLOW), lost(CardLost::Left));
}
