//! The card's side of a tap: looks for a card, carries APDUs to it, and tells when it is lost.
//!
//! A kernel starts it (`StartPolling`), a card or a time-out answers; from then on each `TransmitApdu` has exactly
//! one answer, `CardAnswered` or `CardLost`. It shares a thread with the kernel alone, since a card may take
//! hundreds of milliseconds to answer (ISO 14443-4, frame waiting time).
#![forbid(unsafe_code)]

use mpos_ports::{CardField, FieldLoss};
use mpos_protocol::{
    ActorId, Flow, Moment, actor,
    card::{ResponseApdu, messages::*},
    inbox,
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Outbox};
use zeroize::Zeroize;

/// 256 bytes and a status word. Room for it from the start: a buffer that grows leaves copies behind.
const RESPONSE_BYTES_MAX: usize = 258;

/// The reader.
pub struct NfcReader {
    field: Box<dyn CardField>,
    state: State,
    /// Counts waits, so that the timer of an earlier one is told by its number.
    polling: u32,
    response: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// The field stays off until the timer; then a card is waited for.
    ExpectFieldOn {
        flow: Flow,
        wait_ms: u32,
    },
    ExpectCard(Flow),
    ExpectCommand(Flow),
}

impl NfcReader {
    /// A reader over `field`, with nothing in it.
    pub fn new(field: Box<dyn CardField>) -> Self {
        Self { field, state: State::Idle, polling: 0, response: Vec::with_capacity(RESPONSE_BYTES_MAX) }
    }

    fn set_timer(&mut self, ms: u32, outbox: &mut Outbox<actor::NfcReader>) {
        self.polling = self.polling.wrapping_add(1);
        outbox.after_ms(ms.into(), PollingTimer { polling: self.polling });
    }

    fn start_polling(&mut self, flow: Flow, wait_ms: u32, outbox: &mut Outbox<actor::NfcReader>) {
        self.state = State::ExpectCard(flow);
        self.set_timer(wait_ms, outbox);
        self.field.start_polling();
    }

    fn time_is_up(&mut self, outbox: &mut Outbox<actor::NfcReader>) {
        match self.state {
            State::ExpectFieldOn { flow, wait_ms } => self.start_polling(flow, wait_ms, outbox),
            State::ExpectCard(flow) => {
                self.let_go();
                outbox.send_in(flow, CardLost::NeverCame);
            }
            State::Idle | State::ExpectCommand(_) => {}
        }
    }

    /// Lets the card go, and with it what it said.
    fn let_go(&mut self) {
        self.field.stop_polling();
        self.response.zeroize();
        self.state = State::Idle;
    }

    fn transmit(&mut self, flow: Flow, command: &TransmitApdu, outbox: &mut Outbox<actor::NfcReader>) {
        if self.state != State::ExpectCommand(flow) {
            return outbox.send(CardLost::Left);
        }
        let lost = match self.field.transceive(&command.command, &mut self.response) {
            Ok(()) => match ResponseApdu::new(&self.response) {
                Some(response) => return outbox.send(CardAnswered { response }),
                None => CardLost::Garbled,
            },
            Err(FieldLoss::Left) => CardLost::Left,
            Err(FieldLoss::Silent) => CardLost::Silent,
        };
        self.let_go();
        outbox.send(lost);
    }
}

impl Drop for NfcReader {
    fn drop(&mut self) {
        self.response.zeroize();
    }
}

impl Actor for NfcReader {
    type Name = actor::NfcReader;

    fn handle(
        &mut self,
        _now: Moment,
        flow: Flow,
        message: inbox::NfcReader,
        outbox: &mut Outbox<Self::Name>,
    ) {
        match message {
            inbox::NfcReader::StartPolling(StartPolling { hold_ms: 0, wait_ms }) => {
                self.start_polling(flow, wait_ms, outbox);
            }
            inbox::NfcReader::StartPolling(StartPolling { hold_ms, wait_ms }) => {
                self.field.stop_polling();
                self.state = State::ExpectFieldOn { flow, wait_ms };
                self.set_timer(hold_ms, outbox);
            }
            inbox::NfcReader::TagArrived(TagArrived) => {
                if let State::ExpectCard(flow) = self.state {
                    self.state = State::ExpectCommand(flow);
                    outbox.send_in(flow, CardPresent);
                }
            }
            inbox::NfcReader::TransmitApdu(command) => self.transmit(flow, &command, outbox),
            inbox::NfcReader::StopPolling(StopPolling) => self.let_go(),
            inbox::NfcReader::PollingTimer(PollingTimer { polling }) => {
                if polling == self.polling {
                    self.time_is_up(outbox);
                }
            }
        }
    }

    /// The kernel will not hear of this card: let it go, and have the till end the flow.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        self.let_go();
        outbox.tell_undelivered(to, message, cause);
    }
}
