//! The card has said everything: which cryptogram it gave, and what follows.
//!
//! EMV Contactless Book C-3: mandatory data, the card's decision, restrictions (which matter
//! only for an offline approval). The TVR stays zeros: a Visa card is told nothing that the terminal
//! found, and its cryptogram covers zeros.

use alloc::boxed::Box;

use mpos_tlv::Tag;

use super::ttq::{Ctq, Ttq};
use super::{State, cvm, fdda};
use crate::error::{CardFault, Fault, Refusal};
use crate::next::{Halt, Next, Selected};
use crate::outcome::{AccountData, CryptogramKind, Cvm, MessageId, OutcomeKind};
use crate::pending::{Draft, OnFailure, PendingVerification};
use crate::records::StaticData;
use crate::transaction::sortable_date;
use crate::verdict::{NotPerformed, OdaVerdict, Verification};

/// What the card gave, checked.
struct Given {
    account: AccountData,
    cid: u8,
    kind: CryptogramKind,
    cryptogram: [u8; 8],
}

pub(super) fn decide(selected: Box<Selected>, static_data: StaticData) -> Result<Next<State>, Halt> {
    let given = take_given(&selected)?;
    let refund = selected.transaction.is_refund();
    // C-3: the card refused. For a refund it was read, and that is all that was wanted.
    if given.kind == CryptogramKind::Aac && !refund {
        return Err(refused(*selected, given));
    }
    let ttq = Ttq(selected.terminal.ttq.unwrap_or_default());
    let ctq = selected.card.fixed::<2>(Tag::CTQ)?.map(Ctq);
    if refund {
        let (kind, message) = Draft::online(Cvm::NoCvm);
        let check = crate::oda::OdaCheck::Decided(OdaVerdict::NotPerformed(NotPerformed::NotRequired));
        let draft = draft(*selected, given, Cvm::NoCvm, kind, message);
        return Ok(done(check, draft, OnFailure::Proceed));
    }
    let online = goes_online(&selected, given.kind, ttq, ctq)?;
    let (check, on_failure) = fdda::decide(&selected, static_data, online, ttq, ctq.unwrap_or_default())?;
    let cvm = cvm::select(&selected, given.kind, ttq, ctq)?;
    let (kind, message) =
        if online { Draft::online(cvm) } else { (OutcomeKind::Approved, MessageId::APPROVED) };
    let mut draft = draft(*selected, given, cvm, kind, message);
    draft.terminal.cvm_results = cvm::results(cvm);
    Ok(done(check, draft, on_failure))
}

fn done(check: crate::oda::OdaCheck, draft: Draft, on_failure: OnFailure) -> Next<State> {
    Next::CardDone(Box::new(PendingVerification { check, draft, on_failure }))
}

/// C-3: the mandatory objects; the cryptogram's kind.
fn take_given(selected: &Selected) -> Result<Given, CardFault> {
    let card = &selected.card;
    let cryptogram = card.require_fixed(Tag::APPLICATION_CRYPTOGRAM)?;
    card.require_fixed::<2>(Tag::ATC)?;
    let account = AccountData::read(card)?;
    let issuer_data = card.get(Tag::ISSUER_APPLICATION_DATA);
    let cid = match card.fixed(Tag::CRYPTOGRAM_INFORMATION_DATA)? {
        Some([cid]) => cid,
        // Bits 6 and 5 of the issuer application data's byte 5 (card verification results) are the kind.
        None => match issuer_data.ok_or(CardFault::Missing(Tag::ISSUER_APPLICATION_DATA))? {
            [_, _, _, _, results, ..] => (results << 2) & 0xC0,
            _ => return Err(CardFault::Length(Tag::ISSUER_APPLICATION_DATA)),
        },
    };
    let kind = CryptogramKind::from_cid(cid).ok_or(CardFault::CryptogramKind(cid))?;
    Ok(Given { account, cid, kind, cryptogram })
}

/// Whether the bank is asked. An ARQC always is; so is a TC where the terminal required it, or where
/// the card expired and wants that.
fn goes_online(selected: &Selected, kind: CryptogramKind, ttq: Ttq, ctq: Option<Ctq>) -> Result<bool, Halt> {
    if kind == CryptogramKind::Arqc || ttq.requires_online() {
        return Ok(true);
    }
    // C-3: expiry, for an offline approval.
    let today = sortable_date(selected.terminal.date);
    match selected.card.fixed(Tag::EXPIRATION_DATE)? {
        Some(until) if sortable_date(until) >= today => Ok(false),
        Some(_) if ctq.is_some_and(Ctq::online_if_expired) => Ok(true),
        Some(_) => Err(Halt::declined(Refusal::Expired)),
        None => Err(CardFault::Missing(Tag::EXPIRATION_DATE).into()),
    }
}

/// An AAC: declined, with what the card gave.
fn refused(selected: Selected, given: Given) -> Halt {
    let mut draft = draft(selected, given, Cvm::NoCvm, OutcomeKind::Declined, MessageId::NOT_AUTHORISED);
    draft.reason = Some(Fault::Refused(Refusal::ByCard));
    let verdict = OdaVerdict::NotPerformed(NotPerformed::NoCryptogram);
    Halt::Outcome(Box::new(draft.into_outcome(Verification::from(verdict))))
}

fn draft(selected: Selected, given: Given, cvm: Cvm, kind: OutcomeKind, message: MessageId) -> Draft {
    Draft {
        kind,
        message,
        reason: None,
        cvm,
        application: selected.application,
        account: given.account,
        card: selected.card,
        terminal: selected.terminal,
        cid: given.cid,
        cryptogram_kind: given.kind,
        cryptogram: Some(given.cryptogram),
    }
}
