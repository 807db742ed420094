//! May this sale be paid? The embedded issuer's rules, in the order in which they are asked.
//!
//! Sans-I/O: what the card proved was computed before ([`crate::issuer`]); here it meets what the books hold. A
//! cryptogram that verifies uses up its counter, and a wrong PIN its try, whether or not the sale is paid. A refund's
//! card is looked at in the same way, and then it goes by rules of its own ([`crate::refund`]).

use crate::{
    books::{
        Case, Holdings, NewSale, SaleResult,
        chain::{Accepted, Verified},
        holdings::{Account, AccountId, TerminalState},
        settle::Draws,
    },
    issuer::{CardEvidence, KeySerial, PIN_TRIES_MAX, PinEvidence, Presented, Unreadable},
    refund,
};
use mpos_protocol::{
    Amount, Moment,
    card::{Cvm, TransactionKind},
    host::{AuthoriseRequest, HostAnswer, HostRefusal},
    sale::DeclineReason,
};

/// What the bank allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The most one sale may be.
    pub sale_max: Amount,
    /// Up to here, inclusive, the customer need not be verified.
    pub unverified_max: Amount,
    /// How far a terminal's clock may be from the bank's, milliseconds.
    pub clock_drift_max_ms: u64,
    /// How long a terminal may sell after its state was looked at, milliseconds.
    pub standing_age_max_ms: u64,
}

/// Decides a sale that is the next message of its terminal.
pub(crate) fn authorise(
    holdings: &mut Holdings,
    case: &Case,
    verified: &Verified,
    (request, presented): (&AuthoriseRequest, &Presented),
    rules: &Rules,
    draws: &mut dyn Draws,
) -> Result<Accepted, HostRefusal> {
    let signed_ms = verified.signed_ms;
    within_drift(signed_ms, case.received_ms, rules.clock_drift_max_ms)?;
    let stands = |since_ms| case.received_ms.abs_diff(since_ms) <= rules.standing_age_max_ms;
    if !verified.standing_ms.is_some_and(stands) {
        return Err(HostRefusal::StandingMissing);
    }
    // A refund says what it gives back, and nothing else does.
    if (request.kind == TransactionKind::Refund) != request.refund.is_some() {
        return Err(HostRefusal::NotAllowed);
    }
    let evidence = match presented {
        Presented::Card(evidence) => evidence,
        Presented::Unreadable(Unreadable::KeySerial) => return Err(HostRefusal::KeyImpossible),
        Presented::Unreadable(Unreadable::Sealed) => return Err(HostRefusal::BadKeySerial),
        Presented::Unreadable(Unreadable::PinFormat) => return Err(HostRefusal::PinFormat),
    };
    let state = holdings.terminal_mut(case.sender.terminal).ok_or(HostRefusal::WrongTerminal)?;
    use_up_keys(state, evidence)?;

    let state = state.clone();
    let account = holdings.account_of.get(&evidence.account).copied();
    let refund_of = request
        .refund
        .as_ref()
        .and_then(|of| refund::purchase_of(holdings, &state, &of.reference, draws.message_of(&of.reference)));
    let decision = recognise(holdings, account, evidence).and_then(|account| match &request.refund {
        None => judge(holdings, account, request, evidence, case.received_ms, rules),
        Some(of) => {
            let (terminal, amount, now_ms) = (case.sender.terminal, request.amount, case.received_ms);
            let asked = refund::Asked { terminal, of, purchase: refund_of, amount, account, now_ms };
            refund::give_back(holdings, &asked)
        }
    });
    let id = holdings.next_message();
    let reference = draws.reference(id);
    let (answer, result) = match decision {
        Ok(()) => {
            let auth_code = draws.auth_code();
            let answer = HostAnswer::Approved { reference: reference.clone(), auth_code: auth_code.clone() };
            (answer, SaleResult::Approved(auth_code))
        }
        Err(reason) => {
            (HostAnswer::Declined { reference: reference.clone(), reason }, SaleResult::Declined(reason))
        }
    };
    let sale = NewSale {
        kind: request.kind,
        receipt: request.receipt,
        amount: request.amount,
        currency: request.currency,
        scheme: request.scheme,
        pan: request.pan,
        cvm: request.cvm,
        account,
        reference,
        result,
        signed_ms,
        business: state.business,
        refund_of,
    };
    Ok(Accepted { id, answer, sale: Some(sale) })
}

/// An old authorisation is not decided: the customer has long left. (A reversal of any age is.) Nor is an old
/// administrative message answered: it would be a copy.
pub(crate) fn within_drift(signed_ms: u64, received_ms: u64, drift_max_ms: u64) -> Result<(), HostRefusal> {
    if signed_ms.abs_diff(received_ms) <= drift_max_ms {
        return Ok(());
    }
    let seconds = i64::try_from(signed_ms.abs_diff(received_ms) / 1000).unwrap_or(i64::MAX);
    Err(HostRefusal::StaleTime(if signed_ms < received_ms { -seconds } else { seconds }))
}

/// Each DUKPT key is taken once: its counter is above all before it (ANSI X9.24-3, 6.3). With the first use of a new
/// initial key the old one is worth nothing any more.
fn use_up_keys(state: &mut TerminalState, evidence: &CardEvidence) -> Result<(), HostRefusal> {
    let pin_key = match evidence.pin {
        PinEvidence::Absent => None,
        PinEvidence::Reference { key, .. } => Some(key),
    };
    let id = evidence.data_key.initial_key_id;
    let is_next = state.next_key_id == Some(id);
    if !is_next && id != state.initial_key_id || pin_key.is_some_and(|key| key.initial_key_id != id) {
        return Err(HostRefusal::KeyUnknown);
    }
    let (data_last, pin_last) = if is_next { (0, 0) } else { (state.data_counter, state.pin_counter) };
    let was_used = |key: KeySerial, last: u32| key.counter <= last;
    if was_used(evidence.data_key, data_last) || pin_key.is_some_and(|key| was_used(key, pin_last)) {
        return Err(HostRefusal::KeyUsedBefore);
    }
    if is_next {
        (state.initial_key_id, state.next_key_id) = (id, None);
    }
    state.data_counter = evidence.data_key.counter;
    state.pin_counter = pin_key.map_or(pin_last, |key| key.counter);
    Ok(())
}

/// The card is one of ours, is what it says, and was not seen at this counter before.
fn recognise(
    holdings: &mut Holdings,
    account: Option<AccountId>,
    evidence: &CardEvidence,
) -> Result<AccountId, DeclineReason> {
    if !evidence.agrees {
        return Err(DeclineReason::DataMismatch);
    }
    let account = account.and_then(|id| holdings.account_mut(id)).ok_or(DeclineReason::UnknownCard)?;
    if account.expiry != evidence.expiry || account.sequence != evidence.sequence {
        return Err(DeclineReason::UnknownCard);
    }
    if !evidence.cryptogram_verifies || evidence.atc <= account.last_atc {
        return Err(DeclineReason::CryptogramRefused);
    }
    account.last_atc = evidence.atc;
    Ok(account.id)
}

fn judge(
    holdings: &mut Holdings,
    account: AccountId,
    request: &AuthoriseRequest,
    evidence: &CardEvidence,
    now_ms: u64,
    rules: &Rules,
) -> Result<(), DeclineReason> {
    let account = holdings.account_mut(account).ok_or(DeclineReason::UnknownCard)?;
    if account.blocked {
        return Err(DeclineReason::CardBlocked);
    }
    if account.expiry < year_and_month(now_ms) {
        return Err(DeclineReason::Expired);
    }
    if request.amount > rules.sale_max {
        return Err(DeclineReason::OverLimit);
    }
    customer_verified(account, request, evidence, rules)?;
    account.balance =
        account.balance.checked_sub(request.amount.minor()).ok_or(DeclineReason::InsufficientFunds)?;
    Ok(())
}

/// What the message claims does not count: the PIN is compared, and the customer's own device must have left its
/// mark in the card's data.
fn customer_verified(
    account: &mut Account,
    request: &AuthoriseRequest,
    evidence: &CardEvidence,
    rules: &Rules,
) -> Result<(), DeclineReason> {
    match evidence.pin {
        PinEvidence::Reference { reference, .. } => {
            if account.pin_tries_left == 0 {
                return Err(DeclineReason::PinBlocked);
            }
            if reference != account.pin_reference {
                account.pin_tries_left -= 1;
                return Err(DeclineReason::WrongPin);
            }
            account.pin_tries_left = PIN_TRIES_MAX;
            Ok(())
        }
        PinEvidence::Absent => {
            let needed = request.amount > rules.unverified_max || request.cvm == Cvm::Pin;
            if needed && !evidence.device_verified { Err(DeclineReason::PinRequired) } else { Ok(()) }
        }
    }
}

/// YYMM, decimal, in UTC.
fn year_and_month(unix_ms: u64) -> u16 {
    let date = Moment { unix_ms, utc_offset_s: 0, uptime_ms: 0 }.local();
    (date.year % 100) * 100 + u16::from(date.month)
}
