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
///
/// Account data come from the tap and the PIN after it. A terminal that is given its new initial key between the two
/// takes the PIN's key from it: that sale is the last of the old one and the first of the new one.
fn use_up_keys(state: &mut TerminalState, evidence: &CardEvidence) -> Result<(), HostRefusal> {
    let data_key = evidence.data_key;
    let pin_key = match evidence.pin {
        PinEvidence::Absent => None,
        PinEvidence::Reference { key, .. } => Some(key),
    };
    let is_next = |key: KeySerial| state.next_key_id == Some(key.initial_key_id);
    let is_known = |key: KeySerial| is_next(key) || state.initial_key_id == key.initial_key_id;
    let data_is_next = is_next(data_key);
    let pin_is_next = pin_key.map_or(data_is_next, is_next);
    if !is_known(data_key) || !pin_key.is_none_or(is_known) || data_is_next && !pin_is_next {
        return Err(HostRefusal::KeyUnknown);
    }
    let data_last = if data_is_next { 0 } else { state.data_counter };
    let pin_last = if pin_is_next { 0 } else { state.pin_counter };
    if data_key.counter <= data_last || pin_key.is_some_and(|key| key.counter <= pin_last) {
        return Err(HostRefusal::KeyUsedBefore);
    }
    if let Some(id) = state.next_key_id.filter(|_| pin_is_next) {
        (state.initial_key_id, state.next_key_id) = (id, None);
    }
    // An old initial key's counter says nothing of the new one's.
    state.data_counter = if data_is_next || !pin_is_next { data_key.counter } else { 0 };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::{AccountKey, BusinessId, PinReference};
    use mpos_protocol::signed::Hash;

    const OLD: [u8; 8] = [1; 8];
    const NEW: [u8; 8] = [2; 8];
    const FOREIGN: [u8; 8] = [3; 8];

    /// A terminal that has used seven data keys and five PIN keys, and was just given a new initial key.
    fn renewed() -> TerminalState {
        TerminalState {
            business: BusinessId(1),
            certificate: [0; 32],
            active: true,
            initial_key_id: OLD,
            next_key_id: Some(NEW),
            next_sequence: 8,
            last_hash: Hash::default(),
            data_counter: 7,
            pin_counter: 5,
        }
    }

    /// The keys' state after a sale under this data key and this PIN key: initial key, next one, counters.
    type Used = Result<([u8; 8], Option<[u8; 8]>, u32, u32), HostRefusal>;

    fn sale(data: ([u8; 8], u32), pin: Option<([u8; 8], u32)>) -> Used {
        let serial = |(initial_key_id, counter)| KeySerial { initial_key_id, counter };
        let evidence = CardEvidence {
            account: AccountKey([0; 32]),
            expiry: 3512,
            sequence: 1,
            data_key: serial(data),
            agrees: true,
            cryptogram_verifies: true,
            atc: 1,
            device_verified: false,
            pin: pin.map_or(PinEvidence::Absent, |pin| PinEvidence::Reference {
                key: serial(pin),
                reference: PinReference([0; 32]),
            }),
        };
        let mut state = renewed();
        use_up_keys(&mut state, &evidence)?;
        Ok((state.initial_key_id, state.next_key_id, state.data_counter, state.pin_counter))
    }

    #[test]
    fn a_terminal_that_is_given_new_keys_between_tap_and_pin_sells_under_both() {
        assert_eq!(sale((OLD, 8), Some((NEW, 1))), Ok((NEW, None, 0, 1)));
        // Each is still taken once, and the old one's was used before.
        assert_eq!(sale((OLD, 7), Some((NEW, 1))), Err(HostRefusal::KeyUsedBefore));
        // A PIN comes after its tap.
        assert_eq!(sale((NEW, 1), Some((OLD, 6))), Err(HostRefusal::KeyUnknown));
    }

    #[test]
    fn the_old_keys_sell_until_the_new_ones_are_used_and_a_foreign_one_never() {
        assert_eq!(sale((OLD, 8), None), Ok((OLD, Some(NEW), 8, 5)));
        assert_eq!(sale((OLD, 8), Some((OLD, 6))), Ok((OLD, Some(NEW), 8, 6)));
        assert_eq!(sale((OLD, 8), Some((OLD, 5))), Err(HostRefusal::KeyUsedBefore));
        assert_eq!(sale((NEW, 1), None), Ok((NEW, None, 1, 0)));
        assert_eq!(sale((NEW, 2), Some((NEW, 1))), Ok((NEW, None, 2, 1)));
        for (data, pin) in [(FOREIGN, None), (FOREIGN, Some((OLD, 6))), (OLD, Some((FOREIGN, 6)))] {
            assert_eq!(sale((data, 8), pin), Err(HostRefusal::KeyUnknown));
        }
    }
}
