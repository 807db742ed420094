//! The actor around the kernel: events of a tap in, commands to the card and one outcome out.
//!
//! It holds what the kernel must not know: the data key under which the account data leave (taken before the card
//! comes, since its counter is written to disk), and the countdown over all presentations of the card.

use crate::{
    AccountData, Cvm, Fault, LinkFault, OdaVerdict, Outcome, OutcomeKind, PendingVerification, Refusal,
    Scheme, Step, Tap, TerminalSettings, Transaction, TransactionType, Verification, outcome::MessageId,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use mpos_crypto::{
    SecretKey,
    dukpt::{KeyUsage, Ksn},
    seal,
};
use mpos_ports::KeyStore;
use mpos_protocol::{
    ActorId, Bytes, Flow, Moment, Sealed, Secret, Text, actor,
    card::{
        self, CardAuthorisation, CardScheme, CardSummary, EncryptedCardData, MaskedPan, TapFault, TapMessage,
        TapOutcome, TransactionKind, messages::*,
    },
    host::CARD_DATA_CONTEXT,
    inbox,
    pin::messages::BindPinToCard,
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Outbox};
use mpos_tlv::{Tag, ber};
use zeroize::Zeroizing;

type Out = Outbox<actor::EmvKernel>;

/// The kernel as an actor.
pub struct EmvKernel {
    keys: Arc<dyn KeyStore>,
    settings: Option<Arc<TerminalSettings>>,
    running: Option<Running>,
}

/// A tap in progress.
struct Running {
    flow: Flow,
    tap: Tap,
    data_key: (Ksn, SecretKey),
    /// Uptime at which the countdown ends.
    until_ms: u64,
    /// A card was there at least once.
    card_seen: bool,
    /// The card that was there last stayed and did not answer.
    silent: bool,
    pending: Option<Box<PendingVerification>>,
}

impl EmvKernel {
    /// A kernel without settings; data keys come from `keys`.
    pub fn new(keys: Arc<dyn KeyStore>) -> Self {
        Self { keys, settings: None, running: None }
    }

    fn configure(&mut self, configure: &ConfigureKernel) {
        let settings = postcard::from_bytes::<TerminalSettings>(&configure.emv_settings).ok();
        // Settings that are not whole leave the kernel without any: each tap then says so.
        self.settings = settings.filter(|settings| settings.validate().is_ok()).map(Arc::new);
    }

    fn start(&mut self, now: Moment, flow: Flow, start: &StartTap, outbox: &mut Out) {
        let Some(settings) = self.settings.clone() else {
            return end_in(flow, TapOutcome::EndedWithoutCard(TapFault::Interrupted), outbox);
        };
        let Ok(data_key) = self.keys.next_working_key(KeyUsage::DataEncrypt) else {
            return end_in(flow, TapOutcome::EndedWithoutCard(TapFault::KeyUnavailable), outbox);
        };
        let (tap, step) = Tap::start(settings, transaction(start));
        let until_ms = now.uptime_ms.saturating_add(start.wait_ms.into());
        let (card_seen, silent) = (false, false);
        self.running = Some(Running { flow, tap, data_key, until_ms, card_seen, silent, pending: None });
        self.follow(now, step, outbox);
    }

    /// Does what the kernel says.
    fn follow(&mut self, now: Moment, step: Step, outbox: &mut Out) {
        let Some(running) = &mut self.running else { return };
        let flow = running.flow;
        match step {
            Step::PresentCard(present) => {
                if let Some(message) = tap_message(present.message) {
                    outbox.send_in(flow, TapProgress { message });
                }
                let left_ms = running.until_ms.saturating_sub(now.uptime_ms);
                let wait_ms = u32::try_from(left_ms).unwrap_or(u32::MAX);
                outbox.send_in(flow, StartPolling { hold_ms: present.hold_ms, wait_ms });
            }
            Step::Command(apdu) => match Bytes::new(apdu.as_bytes()) {
                Ok(command) => outbox.send_in(flow, TransmitApdu { command }),
                Err(_) => self.end(TapOutcome::TryAnotherCard(TapFault::CardMisbehaved), outbox),
            },
            Step::CardDone(pending) => {
                outbox.send_in(flow, StopPolling);
                outbox.send_in(flow, TapProgress { message: TapMessage::CardReadOk });
                let Verification { verdict, cryptogram } = pending.verify();
                running.pending = Some(pending);
                outbox.send_in(flow, CardAuthenticated { verdict: verdict.code(), cryptogram });
            }
            Step::Ended(outcome) => self.conclude(*outcome, outbox),
        }
    }

    fn card_present(&mut self, now: Moment, outbox: &mut Out) {
        let Some(running) = &mut self.running else { return };
        running.card_seen = true;
        outbox.send_in(running.flow, TapProgress { message: TapMessage::HoldCard });
        let step = running.tap.card_found();
        self.follow(now, step, outbox);
    }

    fn card_lost(&mut self, now: Moment, lost: CardLost, outbox: &mut Out) {
        let Some(running) = &mut self.running else { return };
        match lost {
            CardLost::NeverCame => {
                let fault = if running.card_seen { TapFault::CardMoved } else { TapFault::NoCardInTime };
                self.end(TapOutcome::EndedWithoutCard(fault), outbox);
            }
            CardLost::Garbled => self.end(TapOutcome::TryAnotherCard(TapFault::CardMisbehaved), outbox),
            CardLost::Left | CardLost::Silent => {
                running.silent = lost == CardLost::Silent;
                let step = running.tap.card_lost();
                self.follow(now, step, outbox);
            }
        }
    }

    fn authenticated(&mut self, authenticated: CardAuthenticated, outbox: &mut Out) {
        let Some(pending) = self.running.as_mut().and_then(|running| running.pending.take()) else { return };
        let verdict = OdaVerdict::from_code(authenticated.verdict);
        let outcome = pending.finish(Verification { verdict, cryptogram: authenticated.cryptogram });
        self.conclude(outcome, outbox);
    }

    /// The kernel's outcome as the till understands it.
    fn conclude(&mut self, outcome: Outcome, outbox: &mut Out) {
        let silent = self.running.as_ref().is_some_and(|running| running.silent);
        let fault = match outcome.reason.map_or(TapFault::RefusedByTerminal, tap_fault) {
            // Nobody took it away: holding it still does not help.
            TapFault::CardMoved | TapFault::CardMovedAtCryptogram if silent => TapFault::CardMisbehaved,
            fault => fault,
        };
        let ended = match outcome.kind {
            OutcomeKind::OnlineRequest => self.online(&outcome, outbox),
            // The floor limit is zero: nothing is approved without the bank.
            OutcomeKind::Approved | OutcomeKind::Declined => TapOutcome::Declined(fault),
            OutcomeKind::TryAnotherInterface => TapOutcome::TryAnotherInterface(fault),
            OutcomeKind::EndApplication => match fault {
                TapFault::CardMoved | TapFault::CardMovedAtCryptogram | TapFault::Interrupted => {
                    TapOutcome::EndedWithoutCard(fault)
                }
                _ => TapOutcome::TryAnotherCard(fault),
            },
        };
        self.end(ended, outbox);
    }

    /// What goes to the bank; the account number goes to the PIN pad when a PIN is to be entered.
    fn online(&self, outcome: &Outcome, outbox: &mut Out) -> TapOutcome {
        let unusable = TapOutcome::TryAnotherCard(TapFault::CardMisbehaved);
        let (Some(running), Some(application), Some(record)) =
            (&self.running, &outcome.application, &outcome.record)
        else {
            return unusable;
        };
        let Some(cvm) = cvm(outcome.cvm) else { return TapOutcome::TryAnotherCard(TapFault::NoCommonCvm) };
        let Some(scheme) = scheme(application.scheme) else {
            return TapOutcome::TryAnotherCard(TapFault::NoCommonApplication);
        };
        let (Ok(de55), Some(card_data)) =
            (Bytes::new(&record.host_tags), encrypt(&record.account, &running.data_key))
        else {
            return unusable;
        };
        if cvm == card::Cvm::Pin {
            let Ok(pan) = Bytes::new(&digit_values(record.account.pan.digits())) else { return unusable };
            outbox.send_in(running.flow, BindPinToCard { pan: Secret::new(pan) });
        }
        let label = core::str::from_utf8(&application.label).map(Text::clipped).unwrap_or_default();
        let card = CardSummary { pan: MaskedPan(record.pan.0), scheme, aid: application.aid.clone(), label };
        TapOutcome::OnlineRequest(CardAuthorisation { card, cvm, tvr: record.tvr, de55, card_data })
    }

    fn end(&mut self, outcome: TapOutcome, outbox: &mut Out) {
        if let Some(running) = self.running.take() {
            outbox.send_in(running.flow, StopPolling);
            end_in(running.flow, outcome, outbox);
        }
    }
}

fn end_in(flow: Flow, outcome: TapOutcome, outbox: &mut Out) {
    outbox.send_in(flow, TapEnded { outcome });
}

fn transaction(start: &StartTap) -> Transaction {
    Transaction {
        amount: start.amount.minor(),
        amount_other: 0,
        currency: start.currency.numeric(),
        date: start.local.date,
        time: start.local.time,
        kind: match start.kind {
            TransactionKind::Purchase => TransactionType::Purchase,
            TransactionKind::Refund => TransactionType::Refund,
        },
        unpredictable_numbers: start.unpredictable,
        sequence_counter: start.transaction_number,
    }
}

/// The account data as TLV under the data key; none when the card's data are longer than EMV allows.
fn encrypt(account: &AccountData, (ksn, key): &(Ksn, SecretKey)) -> Option<EncryptedCardData> {
    // Long enough for all of it: a vector that grows leaves copies behind that nobody erases.
    let mut plain = Zeroizing::new(Vec::with_capacity(96));
    ber::push(&mut plain, Tag::PAN, &account.pan.to_bcd());
    if let Some(number) = account.sequence_number {
        ber::push(&mut plain, Tag::PAN_SEQUENCE_NUMBER, &[number]);
    }
    match &account.track2 {
        Some(track2) => ber::push(&mut plain, Tag::TRACK2_EQUIVALENT_DATA, track2.as_bytes()),
        None => {
            // The card is good to the month's end; the day is of no use to the bank.
            let [year, month] = account.expiry;
            ber::push(&mut plain, Tag::EXPIRATION_DATE, &[year, month, 0x31]);
        }
    }
    let ciphertext = seal::seal_once(key, CARD_DATA_CONTEXT, &plain).ok()?;
    Some(EncryptedCardData {
        ksn: Bytes::new(&ksn.to_bytes()).ok()?,
        ciphertext: Sealed::new(&ciphertext).ok()?,
    })
}

fn digit_values(ascii_or_values: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(ascii_or_values.iter().map(|digit| digit & 0x0F).collect())
}

fn cvm(cvm: Cvm) -> Option<card::Cvm> {
    match cvm {
        Cvm::NoCvm => Some(card::Cvm::None),
        Cvm::OnlinePin => Some(card::Cvm::Pin),
        Cvm::OnDevice => Some(card::Cvm::Device),
        Cvm::Signature => None,
    }
}

fn scheme(scheme: Scheme) -> Option<CardScheme> {
    match scheme {
        Scheme::Mastercard => Some(CardScheme::Mastercard),
        Scheme::Maestro => Some(CardScheme::Maestro),
        Scheme::Visa => Some(CardScheme::Visa),
        Scheme::VisaElectron => Some(CardScheme::VisaElectron),
        Scheme::VPay => Some(CardScheme::VPay),
        Scheme::Other => None,
    }
}

fn tap_message(message: MessageId) -> Option<TapMessage> {
    match message {
        MessageId::PRESENT_CARD => Some(TapMessage::PresentCard),
        MessageId::PRESENT_AGAIN => Some(TapMessage::PresentCardAgain),
        MessageId::SEE_PHONE => Some(TapMessage::SeePhone),
        MessageId::ONE_CARD_ONLY => Some(TapMessage::OneCardOnly),
        _ => None,
    }
}

fn tap_fault(fault: Fault) -> TapFault {
    match fault {
        Fault::Card(_) => TapFault::CardMisbehaved,
        Fault::Link(LinkFault::CardLeft) => TapFault::CardMoved,
        Fault::Link(LinkFault::CardLeftAtCryptogram) => TapFault::CardMovedAtCryptogram,
        Fault::Terminal(_) => TapFault::Interrupted,
        Fault::Refused(refusal) => match refusal {
            Refusal::ZeroAmount | Refusal::OverLimit => TapFault::OverLimit,
            Refusal::NoCommonApplication => TapFault::NoCommonApplication,
            Refusal::OtherInterface | Refusal::ActionCodes => TapFault::RefusedByTerminal,
            Refusal::SeePhone | Refusal::NoCommonCvm => TapFault::NoCommonCvm,
            Refusal::CtqAltered | Refusal::Authentication(_) => TapFault::AuthenticationFailed,
            Refusal::ByCard => TapFault::RefusedByCard,
            Refusal::Expired => TapFault::Expired,
        },
    }
}

impl Actor for EmvKernel {
    type Name = actor::EmvKernel;

    fn handle(&mut self, now: Moment, flow: Flow, message: inbox::EmvKernel, outbox: &mut Out) {
        let current = self.running.as_ref().is_some_and(|running| running.flow == flow);
        match message {
            inbox::EmvKernel::ConfigureKernel(configure) => self.configure(&configure),
            inbox::EmvKernel::StartTap(start) => {
                // The till begins one flow at a time: a tap that is still here belongs to one it gave up.
                self.running = None;
                self.start(now, flow, &start, outbox);
            }
            _ if !current => {}
            inbox::EmvKernel::AbortTap(AbortTap) => {
                self.end(TapOutcome::EndedWithoutCard(TapFault::Cancelled), outbox);
            }
            inbox::EmvKernel::CardPresent(CardPresent) => self.card_present(now, outbox),
            inbox::EmvKernel::CardAnswered(answered) => {
                if let Some(running) = &mut self.running {
                    let step = running.tap.card_answered(answered.response.as_bytes());
                    self.follow(now, step, outbox);
                }
            }
            inbox::EmvKernel::CardLost(lost) => self.card_lost(now, lost, outbox),
            inbox::EmvKernel::CardAuthenticated(authenticated) => self.authenticated(authenticated, outbox),
        }
    }

    /// Without a reader there is no tap, without a till nobody asked for one, without a pad no PIN: it ends, and the
    /// till, which can still be told by the runtime, ends the flow.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Out,
    ) {
        self.running = None;
        outbox.tell_undelivered(to, message, cause);
    }
}
