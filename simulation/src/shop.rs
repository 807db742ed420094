//! What merchants and customers do: begin sales and refunds, hold cards, type PINs, cancel, and read what is shown.

use crate::{
    cell::Letter,
    fault::Fault,
    house::CARDS,
    merchant::{Attempt, Doing, End, Purchase},
    terminal::BANK_ADDRESS,
    world::{Event, World},
};
use mpos_protocol::{
    Amount, Flow, Message, Secret, Sends, Text, actor,
    admin::{AdminAnswer, SupervisorPurpose},
    card::{TransactionKind, messages::TagArrived},
    frame, inbox,
    pad::{PadKey, PadRole},
    pin::messages::{ArrangePinPad, PinAbandoned, PinPadTouched, ShowPinPad},
    sale::{Receipt, SaleOutcome},
    shell::{
        AskBank, BankAnswered, BankAsk, BeginPurchase, BeginRefund, CancelFlow, OpenTerminal, SaleProgress,
        TerminalOpened,
    },
};

/// The PIN of every card of the catalogue.
const PIN: &[u8] = b"1234";
/// Below the limit for a PIN: 10.00 and some cents.
const SMALL_MINOR: u64 = 1_000;
/// Above it: 50.00 and some cents.
const LARGE_MINOR: u64 = 5_000;

/// What was held back before all was well again has arrived by then.
const DRAINED_MS: u64 = 240_000;

impl World {
    pub(crate) fn open(&mut self, place: usize) {
        let now_ms = self.now_ms;
        if let Some(merchant) = self.merchants.get_mut(place) {
            merchant.turn_to(Doing::Opening, now_ms);
        }
        self.send(place, &OpenTerminal { bank_address: Text::clipped(BANK_ADDRESS) });
    }

    /// The shell sends a message; false when there was no room for it.
    fn send<M: Message>(&mut self, place: usize, message: &M) -> bool
    where
        actor::Shell: Sends<M>,
    {
        let at = self.moment(place);
        let letter = Letter::from_edge::<actor::Shell, M>(Flow::default(), message, at);
        let process = self.terminals.get_mut(place).and_then(|terminal| terminal.process.as_mut());
        match (letter, process) {
            (Some(letter), Some(process)) => process.put_from_edge(letter).is_ok(),
            _ => false,
        }
    }

    pub(crate) fn act_later(&mut self, place: usize) {
        let generation = self.terminals.get(place).map_or(0, |terminal| terminal.generation);
        let calm =
            self.calm_since_ms.map_or(0, |since_ms| (since_ms + DRAINED_MS).saturating_sub(self.now_ms));
        let after_ms = calm + self.draw.between(200, 15_000);
        self.at(after_ms, Event::Act { terminal: place, generation });
    }

    /// The merchant has nothing to do, and begins something if there is anything left to begin.
    pub(crate) fn act(&mut self, place: usize) {
        let idle = self.merchants.get(place).is_some_and(|it| it.doing == Doing::Idle && it.left > 0);
        let drains = self.calm_since_ms.is_some_and(|since_ms| self.now_ms < since_ms + DRAINED_MS);
        if !idle || drains {
            return;
        }
        if let Some(terminal) = self.terminals.get(place) {
            terminal.plan_mishap(&mut self.faults);
        }
        let approved = self.approved();
        let refund = approved.get(self.draw.index(approved.len())).cloned();
        match refund {
            Some(purchase) if self.calm_since_ms.is_none() && self.draw.chance(3_500) => {
                if self.faults.strikes(Fault::RefundRace) {
                    let others = 0..self.terminals.len();
                    let idle = |it: &usize| self.merchants.get(*it).is_some_and(|it| it.doing == Doing::Idle);
                    if let Some(other) = others.filter(|other| *other != place).find(idle) {
                        self.ask_supervisor(other, purchase.clone());
                    }
                }
                self.ask_supervisor(place, purchase);
            }
            _ => self.sell(place),
        }
    }

    /// Purchases that some merchant was shown as approved.
    fn approved(&self) -> Vec<Purchase> {
        let attempts = self.merchants.iter().flat_map(|merchant| &merchant.attempts);
        attempts
            .filter_map(|attempt| match &attempt.end {
                Some(End::Shown(receipt))
                    if receipt.outcome == SaleOutcome::Approved
                        && attempt.kind == TransactionKind::Purchase =>
                {
                    let reference = receipt.reference.clone()?;
                    Some(Purchase { reference, amount: attempt.amount, card: attempt.card })
                }
                _ => None,
            })
            .collect()
    }

    fn sell(&mut self, place: usize) {
        self.purchases += 1;
        let base = if self.draw.chance(6_500) { SMALL_MINOR } else { LARGE_MINOR };
        let Some(amount) = Amount::from_minor(base + self.purchases) else { return };
        let card = self.draw.index(CARDS.len());
        let begun = self.begin(place, TransactionKind::Purchase, amount, card, None);
        if begun && !self.send(place, &BeginPurchase { amount }) {
            self.not_begun(place);
        }
    }

    fn ask_supervisor(&mut self, place: usize, purchase: Purchase) {
        let code = Secret::new(Text::clipped("2580"));
        let purpose = SupervisorPurpose::Refund { reference: purchase.reference.clone() };
        let now_ms = self.now_ms;
        if let Some(merchant) = self.merchants.get_mut(place) {
            merchant.left = merchant.left.saturating_sub(1);
            merchant.turn_to(Doing::Asking(purchase), now_ms);
        }
        if !self.send(place, &AskBank { ask: BankAsk::CheckSupervisorCode { code, purpose } }) {
            self.idle(place);
        }
    }

    fn begin(
        &mut self,
        place: usize,
        kind: TransactionKind,
        amount: Amount,
        card: usize,
        refund_of: Option<mpos_protocol::sale::Reference>,
    ) -> bool {
        let now_ms = self.now_ms;
        self.trace.note(now_ms, format_args!("{place} begins {kind:?} {amount} with {}", CARDS[card]));
        let Some(merchant) = self.merchants.get_mut(place) else { return false };
        if kind == TransactionKind::Purchase {
            merchant.left = merchant.left.saturating_sub(1);
        }
        merchant.attempts.push(Attempt { kind, amount, card, refund_of, began_ms: now_ms, end: None });
        merchant.holds_card = false;
        merchant.turn_to(Doing::Selling(merchant.attempts.len() - 1), now_ms);
        true
    }

    fn not_begun(&mut self, place: usize) {
        self.ends_with(place, End::Refused(mpos_protocol::shell::Refusal::Overloaded));
    }

    fn ends_with(&mut self, place: usize, end: End) {
        if let Some(merchant) = self.merchants.get_mut(place)
            && let Doing::Selling(attempt) = merchant.doing
            && let Some(attempt) = merchant.attempts.get_mut(attempt)
        {
            attempt.end.get_or_insert(end);
        }
        self.idle(place);
    }

    fn idle(&mut self, place: usize) {
        let now_ms = self.now_ms;
        if let Some(merchant) = self.merchants.get_mut(place) {
            merchant.holds_card = false;
            merchant.turn_to(Doing::Idle, now_ms);
        }
        if let Some(terminal) = self.terminals.get(place) {
            terminal.field.hold(None);
        }
        self.act_later(place);
    }

    /// What the program shows.
    pub(crate) fn shell(&mut self, place: usize, letter: &Letter) {
        let Ok((_, message)) = frame::decode::<actor::Shell>(&letter.frame) else { return };
        self.trace.note(self.now_ms, format_args!("{place} is shown {}", letter.name));
        match message {
            inbox::Shell::TerminalOpened(TerminalOpened::Activated { .. }) => self.idle(place),
            inbox::Shell::TerminalOpened(TerminalOpened::NotActivated) => {
                self.violate(format!("terminal {place} has forgotten that it was activated"));
            }
            inbox::Shell::TerminalOpened(TerminalOpened::Unusable { fault, .. }) => {
                self.unusable(place, fault)
            }
            inbox::Shell::SaleProgress(progress) => self.progress(place, progress),
            inbox::Shell::ShowPinPad(pad) => self.type_pin(place, &pad),
            inbox::Shell::SaleEnded(ended) => self.sale_ended(place, ended.receipt),
            inbox::Shell::RequestRefused(refused) => match self.merchants.get(place).map(|it| &it.doing) {
                Some(Doing::Selling(_)) => self.ends_with(place, End::Refused(refused.refusal)),
                Some(Doing::Asking(_)) => self.idle(place),
                _ => {}
            },
            inbox::Shell::BankAnswered(answered) => self.bank_answered(place, answered),
            _ => {}
        }
    }

    fn unusable(&mut self, place: usize, fault: mpos_protocol::book::StoreFault) {
        use mpos_protocol::book::StoreFault::{Full, InUse, Unreadable};
        if !matches!(fault, Full | InUse | Unreadable) {
            self.violate(format!("the book of terminal {place} is lost: {fault}"));
        }
        self.end_process(place, crate::disk::End::Killed);
    }

    fn progress(&mut self, place: usize, progress: SaleProgress) {
        let Some(merchant) = self.merchants.get_mut(place) else { return };
        let Doing::Selling(attempt) = merchant.doing else { return };
        let (holds, card) =
            (merchant.holds_card, merchant.attempts.get(attempt).map_or(0, |attempt| attempt.card));
        // A card is in one hand: who comes second waits for the next second of the countdown.
        if matches!(progress, SaleProgress::TapCard { .. }) && !holds && !self.is_held(card) {
            if let Some(merchant) = self.merchants.get_mut(place) {
                merchant.holds_card = true;
            }
            let card = self.cards.get(card).cloned();
            if let Some(terminal) = self.terminals.get(place) {
                terminal.field.hold(card);
            }
            self.look_at_field(place);
        }
        if self.faults.strikes(Fault::Cancelled) {
            self.send(place, &CancelFlow);
        }
    }

    /// Whether a customer holds this card to some terminal.
    fn is_held(&self, card: usize) -> bool {
        self.merchants.iter().any(|merchant| {
            let Doing::Selling(attempt) = merchant.doing else { return false };
            merchant.holds_card && merchant.attempts.get(attempt).is_some_and(|attempt| attempt.card == card)
        })
    }

    /// A reader that looks for a card finds the one that is held to it, after a moment.
    pub(crate) fn look_at_field(&mut self, place: usize) {
        let Some(terminal) = self.terminals.get(place) else { return };
        if terminal.field.is_wanted() {
            let generation = terminal.generation;
            let after_ms = self.draw.between(100, 2_500);
            self.at(after_ms, Event::CardArrives { terminal: place, generation });
        }
    }

    pub(crate) fn card_arrives(&mut self, place: usize) {
        let taken = self.faults.strikes(Fault::CardTaken);
        let leaves_in = taken.then(|| u32::try_from(self.draw.below(8)).unwrap_or(0));
        let Some(terminal) = self.terminals.get(place) else { return };
        if terminal.field.arrive(leaves_in) {
            self.send(place, &TagArrived);
        }
    }

    /// The customer asks for the telephone's order, in which a hand without eyes can type, and types.
    fn type_pin(&mut self, place: usize, pad: &ShowPinPad) {
        if self.faults.strikes(Fault::Cancelled) {
            self.send(place, &PinAbandoned);
            return;
        }
        if !pad.fixed {
            self.send(place, &ArrangePinPad { pad: pad.pad, fixed: true });
            return;
        }
        let digits = PIN.iter().map(|digit| pad.keys.iter().find(|key| is_key_of(*digit, key)));
        let confirm = pad.keys.iter().find(|key| key.role == PadRole::Confirm);
        let points: Vec<_> = digits.chain([confirm]).flatten().map(|key| key.area.centre()).collect();
        for at in points {
            self.send(place, &PinPadTouched { pad: pad.pad, at: Secret::new(at) });
        }
    }

    fn sale_ended(&mut self, place: usize, receipt: Receipt) {
        let outcome = receipt.outcome;
        self.trace.note(self.now_ms, format_args!("{place} reads {outcome:?} {:?}", receipt.cause));
        let Some(merchant) = self.merchants.get_mut(place) else { return };
        // A till that panicked over a question tells the sale that it finds, or that it knows nothing. The screens show the
        // one and pass over the other where no sale is seen, and the question is to be asked again.
        let asks = matches!(merchant.doing, Doing::Asking(_));
        let knows_nothing = receipt.receipt.is_none() && receipt.amount == Amount::default();
        if knows_nothing && !matches!(merchant.doing, Doing::Selling(_)) {
            if asks {
                self.idle(place);
            }
            return;
        }
        let Some(attempt) = merchant.attempt_of(&receipt) else {
            return self.violate(format!("terminal {place} shows a sale that nobody began: {receipt:?}"));
        };
        match &attempt.end {
            // What was unknown becomes known; and a till that was started anew may guess at a sale that it told before.
            Some(End::Shown(before)) if before.outcome == SaleOutcome::Unknown => {
                attempt.end = Some(End::Shown(Box::new(receipt)));
            }
            Some(End::Shown(before))
                if outcome == SaleOutcome::Approved || before.outcome == SaleOutcome::Approved =>
            {
                let before = before.outcome;
                if before != outcome {
                    return self.violate(format!("terminal {place} shows {outcome:?} after {before:?}"));
                }
            }
            Some(End::Shown(_)) => {}
            _ => attempt.end = Some(End::Shown(Box::new(receipt))),
        }
        if asks || matches!(merchant.doing, Doing::Selling(_)) {
            self.idle(place);
        }
    }

    fn bank_answered(&mut self, place: usize, answered: BankAnswered) {
        let Some(Doing::Asking(purchase)) = self.merchants.get(place).map(|it| it.doing.clone()) else {
            return;
        };
        let BankAnswered::Answered(AdminAnswer::Granted { grant, .. }) = answered else {
            return self.idle(place);
        };
        let Purchase { reference, amount, card } = purchase;
        // Half of it, or all.
        let minor = if self.draw.chance(3_000) { amount.minor() / 2 } else { amount.minor() };
        let Some(amount) = Amount::from_minor(minor) else { return self.idle(place) };
        self.begin(place, TransactionKind::Refund, amount, card, Some(reference.clone()));
        if !self.send(place, &BeginRefund { reference, amount, grant }) {
            self.not_begun(place);
        }
    }
}

/// Whether an ASCII digit lies on this key of a pad in a telephone's order.
fn is_key_of(digit: u8, key: &PadKey) -> bool {
    let place = match digit {
        b'0' => (4, 2),
        digit => (digit.wrapping_sub(b'1') / 3 + 1, digit.wrapping_sub(b'1') % 3 + 1),
    };
    key.role == PadRole::Digit && (key.row, key.column) == place
}
