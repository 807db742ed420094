//! A sale, from the amount to the receipt.

use crate::{
    Activity, Out, SECOND_MS, Terminal, Till, recovery, refuse, room::Room, standing::Word, wording,
};
use mpos_protocol::{
    Amount, Currency, Moment,
    book::MakeRoom,
    card::{
        CardAuthorisation, Cvm, TapFault, TapMessage, TapOutcome, TransactionKind,
        messages::{AbortTap, StartTap},
    },
    link::{AuthorisationEnded, AuthorisationResult, Authorise, CheckStanding, LinkProgress},
    pin::{
        EncryptedPinBlock, PinBlockFormat, PinFault,
        messages::{AskPin, StopPin},
    },
    sale::{
        Cause, Receipt, ReceiptCard, RefundOf, SaleOutcome,
        messages::{MakeReceipt, ReceiptMade},
    },
    shell::{BeginPurchase, BeginRefund, Refusal, SaleEnded, SaleProgress},
};

/// How long a card is waited for: the countdown of the brochure's screen.
pub(crate) const TAP_WAIT_MS: u64 = 30_000;
/// A tap that outlives its countdown by this much has lost its kernel; a card is read in well under a second.
const TAP_GRACE_MS: u64 = 30_000;
/// The longest a PIN entry lasts: the pad itself gives up after 30 s without a key.
const PIN_LIMIT_MS: u64 = 150_000;
/// The longest the link may take: connecting, repeating and reversing, each with its own limit.
pub(crate) const BANK_LIMIT_MS: u64 = 120_000;
/// The longest a receipt may take to be laid out.
const RECEIPT_LIMIT_MS: u64 = 5_000;
/// Tag 9F41 has 8 digits (EMV Book 3, Annex A) and starts again at 1.
const TRANSACTION_NUMBER_MAX: u32 = 99_999_999;

/// A sale in progress.
pub(crate) struct Sale {
    pub(crate) amount: Amount,
    pub(crate) currency: Currency,
    pub(crate) at: Moment,
    pub(crate) transaction_number: u32,
    /// Of a refund: what is given back.
    refund: Option<RefundOf>,
    pub(crate) stage: Stage,
    /// The bank's word on this device.
    pub(crate) word: Word,
    /// Whether the book can keep it.
    pub(crate) room: Room,
    /// The merchant pressed Cancel: what the card or the pad still had to say does not go to the bank.
    cancelled: bool,
    /// The card, once it was read.
    card: Option<ReceiptCard>,
}

/// What the sale waits for.
pub(crate) enum Stage {
    ExpectTap {
        until_ms: u64,
        in_field: bool,
    },
    /// The card was read; whether this device may sell, or whether the sale could be kept, is not known yet.
    ExpectStanding(Box<CardAuthorisation>),
    ExpectPin(Box<CardAuthorisation>),
    ExpectBank,
    ExpectReceipt,
}

/// How a sale ended, before it is laid out.
pub(crate) struct Ending {
    pub(crate) outcome: SaleOutcome,
    pub(crate) cause: Option<Cause>,
}

impl Till {
    pub(crate) fn begin_purchase(&mut self, now: Moment, purchase: BeginPurchase, outbox: &mut Out) {
        self.begin_sale(now, purchase.amount, None, outbox);
    }

    pub(crate) fn begin_refund(&mut self, now: Moment, refund: BeginRefund, outbox: &mut Out) {
        let BeginRefund { reference, amount, grant } = refund;
        self.begin_sale(now, amount, Some(RefundOf { reference, grant }), outbox);
    }

    fn begin_sale(&mut self, now: Moment, amount: Amount, refund: Option<RefundOf>, outbox: &mut Out) {
        let refusal = match (&self.terminal, &self.activity) {
            (Terminal::Closed, Activity::Opening | Activity::Recovering(_)) => Some(Refusal::Busy),
            (Terminal::Closed | Terminal::Lost | Terminal::Unusable, _) => Some(Refusal::BookUnusable),
            (Terminal::NotActivated, _) => Some(Refusal::NotActivated),
            (Terminal::Activated(_), Activity::Idle) if amount.minor() == 0 => Some(Refusal::AmountZero),
            (Terminal::Activated(profile), Activity::Idle) if amount > profile.sale_max => {
                Some(Refusal::AmountOverLimit)
            }
            (Terminal::Activated(_), Activity::Idle) => None,
            (Terminal::Activated(_), _) => Some(Refusal::Busy),
        };
        let (Some(currency), None) = (self.profile().map(|profile| profile.currency), refusal) else {
            refuse(refusal.unwrap_or(Refusal::NotActivated), outbox);
            return self.read_lost_book(outbox);
        };
        let flow = self.begin_flow(now);
        let transaction_number = self.next_transaction;
        self.next_transaction = transaction_number % TRANSACTION_NUMBER_MAX + 1;
        let until_ms = now.uptime_ms.saturating_add(TAP_WAIT_MS);
        outbox.send_in(
            flow,
            StartTap {
                kind: kind_of(refund.as_ref()),
                amount,
                currency,
                local: now.local().into(),
                transaction_number,
                unpredictable: self.unpredictable_numbers(),
                wait_ms: u32::try_from(TAP_WAIT_MS).unwrap_or(u32::MAX),
            },
        );
        outbox.send_in(flow, tap_card(amount, until_ms, now));
        outbox.send_in(flow, MakeRoom);
        outbox.send_in(flow, CheckStanding);
        self.allow_ms(TAP_WAIT_MS + TAP_GRACE_MS);
        self.tick(outbox);
        self.activity = Activity::Sale(Box::new(Sale {
            amount,
            currency,
            at: now,
            transaction_number,
            refund,
            stage: Stage::ExpectTap { until_ms, in_field: false },
            word: Word::Awaited,
            room: Room::Awaited,
            cancelled: false,
            card: None,
        }));
    }

    /// Nothing can be sold without a book: has one read that could not be read before.
    pub(crate) fn read_lost_book(&mut self, outbox: &mut Out) {
        if matches!((&self.terminal, &self.activity), (Terminal::Lost, Activity::Idle)) {
            self.reopen(outbox);
        }
    }

    fn unpredictable_numbers(&mut self) -> [[u8; 4]; 4] {
        let mut numbers = [[0; 4]; 4];
        numbers.iter_mut().for_each(|number| self.entropy.fill(number));
        numbers
    }

    pub(crate) fn sale(&mut self) -> Option<&mut Sale> {
        match &mut self.activity {
            Activity::Sale(sale) => Some(sale),
            _ => None,
        }
    }

    pub(crate) fn tap_progress(&mut self, message: TapMessage, outbox: &mut Out) {
        let Some(Sale { stage: Stage::ExpectTap { in_field, .. }, .. }) = self.sale() else { return };
        *in_field = matches!(message, TapMessage::HoldCard | TapMessage::CardReadOk);
        outbox.send(SaleProgress::Card(message));
    }

    pub(crate) fn tap_ended(&mut self, outcome: TapOutcome, outbox: &mut Out) {
        if !self.sale().is_some_and(|sale| matches!(sale.stage, Stage::ExpectTap { .. })) {
            return self.tap_ended_late(&outcome, outbox);
        }
        if outcome == TapOutcome::EndedWithoutCard(TapFault::Interrupted) {
            // It may have lost its settings with an earlier life: the next sale finds them there.
            self.configure_kernel(outbox);
        }
        let Some(sale) = self.sale() else { return };
        match outcome {
            TapOutcome::OnlineRequest(authorisation) => {
                sale.card = Some(receipt_card(&authorisation));
                if sale.cancelled {
                    outbox.send(StopPin);
                    self.end_at_tap(SaleOutcome::Cancelled, TapFault::Cancelled, outbox);
                } else {
                    self.card_is_read(authorisation, outbox);
                }
            }
            TapOutcome::Declined(fault) => self.end_at_tap(SaleOutcome::Declined, fault, outbox),
            TapOutcome::TryAnotherCard(fault) | TapOutcome::TryAnotherInterface(fault) => {
                self.end_at_tap(SaleOutcome::TryAnotherCard, fault, outbox);
            }
            TapOutcome::EndedWithoutCard(fault) => self.end_at_tap(SaleOutcome::Cancelled, fault, outbox),
        }
    }

    /// The card was read while the sale was being ended: the pad keeps none that no PIN will be asked for.
    fn tap_ended_late(&mut self, outcome: &TapOutcome, outbox: &mut Out) {
        let flow = self.flow;
        let is_over = self.sale().is_none_or(|sale| matches!(sale.stage, Stage::ExpectReceipt));
        if is_over && matches!(outcome, TapOutcome::OnlineRequest(_)) {
            outbox.send_in(flow, StopPin);
        }
    }

    /// This device may sell: asks for the PIN where one is wanted, and the bank where none is.
    pub(crate) fn verify_customer(
        &mut self,
        authorisation: CardAuthorisation,
        format: PinBlockFormat,
        outbox: &mut Out,
    ) {
        let flow = self.flow;
        let Some(sale) = self.sale() else { return };
        if authorisation.cvm == Cvm::Pin {
            outbox.send_in(flow, AskPin { amount: sale.amount, format });
            sale.stage = Stage::ExpectPin(Box::new(authorisation));
            self.allow_ms(PIN_LIMIT_MS);
        } else {
            self.ask_bank(authorisation, None, outbox);
        }
    }

    pub(crate) fn pin_ready(&mut self, block: EncryptedPinBlock, outbox: &mut Out) {
        let Some(Sale { stage: Stage::ExpectPin(authorisation), cancelled, .. }) = self.sale() else {
            return;
        };
        if *cancelled {
            return self.pin_failed(PinFault::Cancelled, outbox);
        }
        let authorisation = std::mem::take(&mut **authorisation);
        self.ask_bank(authorisation, Some(block), outbox);
    }

    pub(crate) fn pin_failed(&mut self, fault: PinFault, outbox: &mut Out) {
        if self.sale().is_some_and(|sale| matches!(sale.stage, Stage::ExpectPin(_))) {
            let ending = Ending { outcome: SaleOutcome::Cancelled, cause: Some(Cause::Pin(fault)) };
            self.end(ending, outbox);
        }
    }

    pub(crate) fn link_progress(&mut self, progress: LinkProgress, outbox: &mut Out) {
        if self.sale().is_some() {
            outbox.send(match progress {
                LinkProgress::Connecting => SaleProgress::Connecting,
                LinkProgress::Sent => SaleProgress::Online,
                LinkProgress::Repeating => SaleProgress::Repeating,
                LinkProgress::Reversing => SaleProgress::Reversing,
            });
        }
    }

    pub(crate) fn authorisation_ended(&mut self, ended: &AuthorisationEnded, outbox: &mut Out) {
        if !self.sale().is_some_and(|sale| matches!(sale.stage, Stage::ExpectBank)) {
            return;
        }
        let receipt = self.receipt_of(ended);
        self.lay_out(receipt, outbox);
    }

    /// The merchant pressed Cancel: possible until the bank is asked.
    pub(crate) fn cancel(&mut self, outbox: &mut Out) {
        let flow = self.flow;
        let Some(sale) = self.sale() else { return };
        sale.cancelled = true;
        match sale.stage {
            Stage::ExpectTap { .. } => outbox.send_in(flow, AbortTap),
            Stage::ExpectPin(_) => outbox.send_in(flow, StopPin),
            Stage::ExpectStanding(_) => {
                outbox.send_in(flow, StopPin);
                self.end_at_tap(SaleOutcome::Cancelled, TapFault::Cancelled, outbox);
            }
            Stage::ExpectBank | Stage::ExpectReceipt => {}
        }
    }

    /// Shows how long a card is still waited for.
    pub(crate) fn count_down(&mut self, now: Moment, outbox: &mut Out) {
        if let Some(Sale { stage: Stage::ExpectTap { until_ms, in_field: false }, amount, .. }) = self.sale()
        {
            outbox.send(tap_card(*amount, *until_ms, now));
        }
    }

    /// Ends the stage as if its actor had been restarted.
    pub(crate) fn sale_took_too_long(&mut self, outbox: &mut Out) {
        match self.sale().map(|sale| &sale.stage) {
            Some(Stage::ExpectTap { .. } | Stage::ExpectPin(_)) => self.interrupt(outbox),
            Some(Stage::ExpectStanding(_)) => self.standing_took_too_long(outbox),
            Some(Stage::ExpectBank) => self.resume_or_give_up(outbox),
            Some(Stage::ExpectReceipt) => self.receipt_lost(outbox),
            None => {}
        }
    }

    fn ask_bank(&mut self, card: CardAuthorisation, pin: Option<EncryptedPinBlock>, outbox: &mut Out) {
        self.allow_ms(BANK_LIMIT_MS);
        self.give_up_ms = self.uptime_ms.saturating_add(2 * BANK_LIMIT_MS);
        let flow = self.flow;
        let Some(sale) = self.sale() else { return };
        sale.stage = Stage::ExpectBank;
        let authorise = Authorise {
            kind: kind_of(sale.refund.as_ref()),
            amount: sale.amount,
            currency: sale.currency,
            at: sale.at,
            transaction_number: sale.transaction_number,
            card,
            pin,
            refund: sale.refund.clone(),
        };
        outbox.send_in(flow, authorise);
    }

    fn end_at_tap(&mut self, outcome: SaleOutcome, fault: TapFault, outbox: &mut Out) {
        self.end(Ending { outcome, cause: Some(Cause::Tap(fault)) }, outbox);
    }

    /// Ends a sale that the bank was not asked for.
    pub(crate) fn end(&mut self, ending: Ending, outbox: &mut Out) {
        let result = self.blank_receipt(ending);
        self.lay_out(result, outbox);
    }

    pub(crate) fn lay_out(&mut self, receipt: Receipt, outbox: &mut Out) {
        let flow = self.flow;
        if let Some(sale) = self.sale() {
            sale.stage = Stage::ExpectReceipt;
        }
        self.allow_ms(RECEIPT_LIMIT_MS);
        self.laid_out = Some(receipt.clone());
        outbox.send_in(flow, MakeReceipt { receipt });
    }

    pub(crate) fn receipt_made(&mut self, made: ReceiptMade, outbox: &mut Out) {
        let waiting = match &self.activity {
            Activity::Sale(sale) => matches!(sale.stage, Stage::ExpectReceipt),
            Activity::Recovering(step) => matches!(step, recovery::Step::ExpectReceipt),
            _ => false,
        };
        if waiting {
            self.activity = Activity::Idle;
            self.laid_out = None;
            let ended = SaleEnded { receipt: made.receipt, text: made.text };
            self.told = Some(ended.clone());
            outbox.send_in(self.flow, ended);
        }
    }

    /// The shell had no room for how the sale ended.
    pub(crate) fn tell_again(&mut self, outbox: &mut Out) {
        self.activity = Activity::Idle;
        if let Some(told) = self.told.clone() {
            outbox.send_in(self.flow, told);
        }
    }

    /// The receipt of a sale that has no record in the book.
    fn blank_receipt(&mut self, ending: Ending) -> Receipt {
        let refund = self.sale().is_some_and(|sale| sale.refund.is_some());
        let words = ending.cause.map(|cause| wording::cause(cause, refund));
        let (reason, next) = words.map(|words| (words.reason, words.next)).unzip();
        let profile = self.profile().cloned().unwrap_or_default();
        let sale = self.sale();
        let refund = sale.as_ref().and_then(|sale| sale.refund.as_ref());
        let (kind, refund_of) = (kind_of(refund), refund.map(|refund| refund.reference.clone()));
        Receipt {
            bank: profile.bank,
            outcome: ending.outcome,
            currency: profile.currency,
            amount: sale.as_ref().map(|sale| sale.amount).unwrap_or_default(),
            receipt: None,
            at: sale.as_ref().map(|sale| sale.at).unwrap_or_default(),
            reference: None,
            terminal: profile.terminal,
            card: sale.and_then(|sale| sale.card.clone()),
            auth_code: None,
            kind,
            refund_of,
            cause: ending.cause,
            reason,
            next,
        }
    }

    /// The receipt of a sale that the link reports, from its record in the book.
    pub(crate) fn receipt_of(&mut self, ended: &AuthorisationEnded) -> Receipt {
        let (reference, auth_code) = match &ended.result {
            AuthorisationResult::Approved { reference, auth_code } => {
                (Some(reference.clone()), Some(auth_code.clone()))
            }
            AuthorisationResult::Declined { reference, .. } => (Some(reference.clone()), None),
            _ => (None, None),
        };
        let mut receipt = Receipt { reference, auth_code, ..self.blank_receipt(ending_of(&ended.result)) };
        if let Some(record) = &ended.record {
            receipt.receipt = Some(record.receipt);
            receipt.kind = record.kind;
            receipt.refund_of.clone_from(&record.refund_of);
            receipt.amount = record.amount;
            receipt.currency = record.currency;
            receipt.at = record.at;
            receipt.card = Some(record.card.clone());
        }
        receipt
    }
}

fn tap_card(amount: Amount, until_ms: u64, now: Moment) -> SaleProgress {
    let left_ms = until_ms.saturating_sub(now.uptime_ms);
    SaleProgress::TapCard {
        amount,
        seconds_left: u8::try_from(left_ms.div_ceil(SECOND_MS)).unwrap_or(u8::MAX),
    }
}

const fn kind_of(refund: Option<&RefundOf>) -> TransactionKind {
    if refund.is_some() { TransactionKind::Refund } else { TransactionKind::Purchase }
}

fn receipt_card(authorisation: &CardAuthorisation) -> ReceiptCard {
    let card = &authorisation.card;
    ReceiptCard { pan: card.pan, scheme: card.scheme, aid: card.aid.clone(), cvm: authorisation.cvm }
}

fn ending_of(result: &AuthorisationResult) -> Ending {
    let (outcome, cause) = match result {
        AuthorisationResult::Approved { .. } => (SaleOutcome::Approved, None),
        AuthorisationResult::Declined { reason, .. } => {
            (SaleOutcome::Declined, Some(Cause::Declined(*reason)))
        }
        AuthorisationResult::Refused(refusal) => (SaleOutcome::Cancelled, Some(Cause::Refused(*refusal))),
        AuthorisationResult::NotSent(why) => (SaleOutcome::Cancelled, Some(Cause::NotSent(*why))),
        AuthorisationResult::Reversed => (SaleOutcome::Reversed, Some(Cause::Reversed)),
        AuthorisationResult::Unknown => (SaleOutcome::Unknown, Some(Cause::Unknown)),
    };
    Ending { outcome, cause }
}
