//! GENERATE AC: the card's cryptogram, and what its kind means.
//!
//! EMV Contactless Book C-2, GENERATE AC. A card that leaves in this state may have counted
//! the transaction: that is its own outcome, and where torn-transaction recovery would begin.

use alloc::boxed::Box;
use alloc::vec::Vec;

use mpos_tlv::Tag;

use super::cda::Signature;
use super::{Context, State, action_codes};
use crate::apdu::Apdu;
use crate::card_data::{only_object, success};
use crate::error::{CardFault, CommandKind, Fault, Refusal};
use crate::next::{Halt, Next};
use crate::oda::{CdaCheck, OdaCheck};
use crate::outcome::{AccountData, CryptogramKind, Cvm, MessageId, OutcomeKind};
use crate::pending::{Draft, OnFailure, PendingVerification};
use crate::verdict::{NotPerformed, OdaVerdict, Verification};

/// Waits for the answer to GENERATE AC.
pub(crate) struct ExpectGenerateAc {
    context: Box<Context>,
    account: AccountData,
    signature: Signature,
    cvm: Cvm,
    asked_for: CryptogramKind,
    /// CDOL1's values as they were sent: CDA covers them.
    cdol1_values: Vec<u8>,
}

/// Reference control parameter, bits 8 and 7.
const fn control(kind: CryptogramKind) -> u8 {
    match kind {
        CryptogramKind::Aac => 0x00,
        CryptogramKind::Tc => 0x40,
        CryptogramKind::Arqc => 0x80,
    }
}

/// Reference control parameter, bit 5: with a CDA signature.
const WITH_CDA: u8 = 0x10;

pub(super) fn start(
    context: Box<Context>,
    account: AccountData,
    signature: Signature,
    cvm: Cvm,
) -> Result<Next<State>, Halt> {
    let asked_for = action_codes::analyse(&context)?;
    // Book C-2: a refusal is not signed.
    let signature = match signature {
        Signature::Wanted(_) if asked_for == CryptogramKind::Aac => {
            Signature::Settled(OdaVerdict::NotPerformed(NotPerformed::NoCryptogram))
        }
        signature => signature,
    };
    let with_cda = if matches!(signature, Signature::Wanted(_)) { WITH_CDA } else { 0x00 };
    let cdol1_values = context.selected.terminal.fill(Tag::CDOL1, &context.selected.card)?;
    let command = Apdu::generate_ac(control(asked_for) | with_cda, &cdol1_values);
    let state = ExpectGenerateAc { context, account, signature, cvm, asked_for, cdol1_values };
    Ok(Next::Send(command, State::GenerateAc(state)))
}

/// What the answer holds beside the card's data.
struct Answer {
    cid: u8,
    kind: CryptogramKind,
    /// None if it is inside the signature alone.
    cryptogram: Option<[u8; 8]>,
    /// The contents of template 77, for the hash that is signed.
    contents: Vec<u8>,
}

impl ExpectGenerateAc {
    pub(super) fn step(mut self, response: &[u8]) -> Result<Next<State>, Halt> {
        let data = success(CommandKind::GenerateAc, response)?;
        let answer = self.take_answer(data)?;
        self.check_kind(&answer)?;
        if answer.kind == CryptogramKind::Aac && !self.context.selected.transaction.is_refund() {
            return Err(self.refused(answer));
        }
        self.given(answer)
    }

    /// Format 2 (77), or format 1 (80) where no signature was asked for.
    fn take_answer(&mut self, data: &[u8]) -> Result<Answer, CardFault> {
        let command = CommandKind::GenerateAc;
        let card = &mut self.context.selected.card;
        let tlv = only_object(command, data)?;
        match tlv.tag {
            Tag::RESPONSE_TEMPLATE_2 => card.keep(command, tlv.value)?,
            // EMV 4.3 Book 3, 6.5.5.4: CID, ATC, cryptogram, issuer application data.
            Tag::RESPONSE_TEMPLATE_1 => {
                let fault = CardFault::Length(tlv.tag);
                let (cid, rest) = tlv.value.split_first_chunk::<1>().ok_or(fault)?;
                let (atc, rest) = rest.split_first_chunk::<2>().ok_or(fault)?;
                let (cryptogram, issuer_data) = rest.split_first_chunk::<8>().ok_or(fault)?;
                card.put(Tag::CRYPTOGRAM_INFORMATION_DATA, cid)?;
                card.put(Tag::ATC, atc)?;
                card.put(Tag::APPLICATION_CRYPTOGRAM, cryptogram)?;
                card.put(Tag::ISSUER_APPLICATION_DATA, issuer_data)?;
            }
            _ => return Err(CardFault::Template(command)),
        }
        let [cid] = card.require_fixed(Tag::CRYPTOGRAM_INFORMATION_DATA)?;
        card.require_fixed::<2>(Tag::ATC)?;
        let cryptogram = card.fixed(Tag::APPLICATION_CRYPTOGRAM)?;
        let kind = CryptogramKind::from_cid(cid).ok_or(CardFault::CryptogramKind(cid))?;
        Ok(Answer { cid, kind, cryptogram, contents: tlv.value.to_vec() })
    }

    /// Book C-2: the card may give less than it was asked for, never more; and it must sign when asked.
    fn check_kind(&self, answer: &Answer) -> Result<(), CardFault> {
        use CryptogramKind::{Aac, Arqc, Tc};
        let allowed = match self.asked_for {
            Aac => matches!(answer.kind, Aac),
            Arqc => matches!(answer.kind, Aac | Arqc),
            Tc => true,
        };
        if !allowed {
            return Err(CardFault::CryptogramKind(answer.cid));
        }
        let signed = self.context.selected.card.get(Tag::SIGNED_DYNAMIC_APPLICATION_DATA).is_some();
        let must_sign = matches!(self.signature, Signature::Wanted(_)) && answer.kind != Aac;
        if must_sign && !signed {
            return Err(CardFault::Missing(Tag::SIGNED_DYNAMIC_APPLICATION_DATA));
        }
        if !must_sign && answer.cryptogram.is_none() {
            return Err(CardFault::Missing(Tag::APPLICATION_CRYPTOGRAM));
        }
        Ok(())
    }

    /// An AAC: the card refused, or was told to.
    fn refused(self, answer: Answer) -> Halt {
        // Book C-2: a phone may say that its owner has something to do on it. DF4B, mask 00030F.
        let interaction = self.context.selected.card.get(Tag::POS_CARDHOLDER_INTERACTION);
        if let Some([_, second, third]) = interaction
            && (second & 0x03 != 0 || third & 0x0F != 0)
        {
            return Halt::SeePhone;
        }
        let refusal = match self.asked_for {
            CryptogramKind::Aac => Refusal::ActionCodes,
            _ => Refusal::ByCard,
        };
        let verdict = match &self.signature {
            Signature::Wanted(_) => OdaVerdict::NotPerformed(NotPerformed::NoCryptogram),
            Signature::Settled(verdict) => *verdict,
        };
        let mut draft = self.draft(&answer);
        (draft.kind, draft.message) = (OutcomeKind::Declined, MessageId::NOT_AUTHORISED);
        draft.reason = Some(Fault::Refused(refusal));
        Halt::Outcome(Box::new(draft.into_outcome(Verification::from(verdict))))
    }

    /// A cryptogram for the bank, or an approval, or a card read for a refund.
    fn given(mut self, answer: Answer) -> Result<Next<State>, Halt> {
        let pdol_values = core::mem::take(&mut self.context.pdol_values);
        let cdol1_values = core::mem::take(&mut self.cdol1_values);
        let settled = OdaVerdict::NotPerformed(NotPerformed::NoCryptogram);
        let signature = core::mem::replace(&mut self.signature, Signature::Settled(settled));
        let mut draft = self.draft(&answer);
        let (check, on_failure) = match signature {
            Signature::Settled(verdict) => (OdaCheck::Decided(verdict), OnFailure::Proceed),
            Signature::Wanted(static_data) => {
                let check = CdaCheck {
                    static_data,
                    pdol_values,
                    cdol1_values,
                    answer: answer.contents,
                    cid: answer.cid,
                    plain_cryptogram: answer.cryptogram,
                };
                (OdaCheck::Cda(check), OnFailure::EndApplication)
            }
        };
        (draft.kind, draft.message) = match answer.kind {
            CryptogramKind::Tc => (OutcomeKind::Approved, MessageId::APPROVED),
            CryptogramKind::Arqc | CryptogramKind::Aac => Draft::online(draft.cvm),
        };
        Ok(Next::CardDone(Box::new(PendingVerification { check, draft, on_failure })))
    }

    fn draft(self, answer: &Answer) -> Draft {
        let selected = self.context.selected;
        Draft {
            kind: OutcomeKind::Declined,
            message: MessageId::NOT_AUTHORISED,
            reason: None,
            cvm: self.cvm,
            application: selected.application,
            account: self.account,
            card: selected.card,
            terminal: selected.terminal,
            cid: answer.cid,
            cryptogram_kind: answer.kind,
            cryptogram: answer.cryptogram,
        }
    }
}
