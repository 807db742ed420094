//! Between the card's last answer and the outcome: what is left to do needs no card.
//!
//! Two calls, so that the caller can let the card go first and can do the arithmetic where it likes:
//! [`PendingVerification::verify`] looks at certificates and signature and changes nothing;
//! [`PendingVerification::finish`] makes the outcome of a verdict, be it that one or a recorded one.

use alloc::vec::Vec;

use mpos_tlv::{AccountNumber, Tag, Track2, ber};

use crate::card_data::CardData;
use crate::error::{CardFault, Fault, Refusal};
use crate::oda::{Evidence, OdaCheck};
use crate::outcome::{
    AccountData, Application, CryptogramKind, Cvm, DataRecord, MessageId, Outcome, OutcomeKind,
};
use crate::terminal_data::TerminalData;
use crate::verdict::{OdaVerdict, Verification};

/// A tap whose card has said all that it has to say.
pub struct PendingVerification {
    pub(crate) check: OdaCheck,
    pub(crate) draft: Draft,
    pub(crate) on_failure: OnFailure,
}

/// What the outcome becomes if data authentication fails.
#[derive(Clone, Copy)]
pub(crate) enum OnFailure {
    /// Go on: the bank sees what happened.
    Proceed,
    /// Kernel 2, after CDA: this card does not work here.
    EndApplication,
    /// Kernel 3: the card wants the bank to be asked then.
    GoOnline,
    /// Kernel 3: the card wants another interface then.
    TryAnotherInterface,
    /// Kernel 3: no.
    Decline,
}

impl PendingVerification {
    /// The application that was chosen.
    pub const fn application(&self) -> &Application {
        &self.draft.application
    }

    /// Verifies the card's certificates and signature. Costs three RSA operations, or nothing if there
    /// is nothing to verify.
    pub fn verify(&self) -> Verification {
        let Draft { card, terminal, application, account, .. } = &self.draft;
        let pan = account.pan.to_bcd();
        self.check.run(Evidence { card, terminal, pan: &pan, aid: &application.aid })
    }

    /// The outcome. Takes what [`verify`](Self::verify) gave, or a recorded [`OdaVerdict`].
    pub fn finish(self, verification: impl Into<Verification>) -> Outcome {
        let verification = verification.into();
        let (online, ask) = Draft::online(self.draft.cvm);
        let ending = match (verification.verdict, self.on_failure) {
            (OdaVerdict::Failed(fault), on_failure) => {
                let reason = Some(Fault::Refused(Refusal::Authentication(fault)));
                match on_failure {
                    OnFailure::Proceed => None,
                    OnFailure::GoOnline => Some((online, ask, None)),
                    OnFailure::EndApplication => {
                        Some((OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, reason))
                    }
                    OnFailure::TryAnotherInterface => {
                        Some((OutcomeKind::TryAnotherInterface, MessageId::INSERT, reason))
                    }
                    OnFailure::Decline => Some((OutcomeKind::Declined, MessageId::NOT_AUTHORISED, reason)),
                }
            }
            _ => None,
        };
        let mut draft = self.draft;
        if let Some((kind, message, reason)) = ending {
            (draft.kind, draft.message, draft.reason) = (kind, message, reason);
        }
        draft.into_outcome(verification)
    }
}

/// An outcome that waits for its verdict.
pub(crate) struct Draft {
    pub(crate) kind: OutcomeKind,
    pub(crate) message: MessageId,
    pub(crate) reason: Option<Fault>,
    pub(crate) cvm: Cvm,
    pub(crate) application: Application,
    pub(crate) account: AccountData,
    pub(crate) card: CardData,
    pub(crate) terminal: TerminalData,
    pub(crate) cid: u8,
    pub(crate) cryptogram_kind: CryptogramKind,
    /// None if it is inside a signature.
    pub(crate) cryptogram: Option<[u8; 8]>,
}

impl Draft {
    /// "Ask the bank", with the message that fits the CVM.
    pub(crate) const fn online(cvm: Cvm) -> (OutcomeKind, MessageId) {
        let message = match cvm {
            Cvm::OnlinePin => MessageId::ENTER_PIN,
            _ => MessageId::AUTHORISING,
        };
        (OutcomeKind::OnlineRequest, message)
    }

    pub(crate) fn into_outcome(self, verification: Verification) -> Outcome {
        let cryptogram = verification.cryptogram.or(self.cryptogram).unwrap_or_default();
        let record = DataRecord {
            pan: self.account.pan.masked(),
            cryptogram,
            cryptogram_kind: self.cryptogram_kind,
            tvr: self.terminal.tvr.0,
            cvm_results: self.terminal.cvm_results,
            verdict: verification.verdict,
            host_tags: self.host_tags(&cryptogram),
            account: self.account,
        };
        Outcome {
            kind: self.kind,
            message: self.message,
            cvm: self.cvm,
            reason: self.reason,
            application: Some(self.application),
            record: Some(record),
        }
    }

    /// Field 55 (ISO 8583) as the acquirer wants it, in this order; what card and terminal do not have
    /// is left out.
    fn host_tags(&self, cryptogram: &[u8; 8]) -> Vec<u8> {
        const HOST_TAGS: [Tag; 23] = [
            Tag::AMOUNT_AUTHORISED,
            Tag::AMOUNT_OTHER,
            Tag::APPLICATION_CRYPTOGRAM,
            Tag::CRYPTOGRAM_INFORMATION_DATA,
            Tag::AIP,
            Tag::DF_NAME,
            Tag::ATC,
            Tag::PAN_SEQUENCE_NUMBER,
            Tag::ISSUER_APPLICATION_DATA,
            Tag::TERMINAL_COUNTRY_CODE,
            Tag::TERMINAL_CAPABILITIES,
            Tag::CVM_RESULTS,
            Tag::TERMINAL_TYPE,
            Tag::IFD_SERIAL_NUMBER,
            Tag::APPLICATION_VERSION_TERMINAL,
            Tag::TRANSACTION_SEQUENCE_COUNTER,
            Tag::TVR,
            Tag::TRANSACTION_DATE,
            Tag::TRANSACTION_TYPE,
            Tag::TRANSACTION_CURRENCY_CODE,
            Tag::UNPREDICTABLE_NUMBER,
            Tag::FORM_FACTOR_INDICATOR,
            Tag::CUSTOMER_EXCLUSIVE_DATA,
        ];
        let mut tags = Vec::with_capacity(256);
        for tag in HOST_TAGS {
            let value = match tag {
                Tag::APPLICATION_CRYPTOGRAM => Some(&cryptogram[..]),
                Tag::CRYPTOGRAM_INFORMATION_DATA => Some(core::slice::from_ref(&self.cid)),
                Tag::DF_NAME => Some(&*self.application.aid),
                _ => self.terminal.get(tag).or_else(|| self.card.get(tag)),
            };
            match value {
                None | Some([]) => {}
                Some(value) => ber::push(&mut tags, tag, value),
            }
        }
        tags
    }
}

impl AccountData {
    /// The account data among a card's objects: 5A and 5F24, else those of 57.
    pub(crate) fn read(card: &CardData) -> Result<Self, CardFault> {
        let track2 = card
            .get(Tag::TRACK2_EQUIVALENT_DATA)
            .map(|value| {
                Track2::parse(value).map_err(|fault| CardFault::Account(Tag::TRACK2_EQUIVALENT_DATA, fault))
            })
            .transpose()?;
        let pan = card
            .get(Tag::PAN)
            .map(|value| AccountNumber::from_bcd(value).map_err(|fault| CardFault::Account(Tag::PAN, fault)))
            .transpose()?;
        let pan = match (pan, &track2) {
            (Some(pan), Some(track2)) if pan != *track2.pan() => return Err(CardFault::AccountsDiffer),
            (Some(pan), _) => pan,
            (None, Some(track2)) => track2.pan().clone(),
            (None, None) => return Err(CardFault::Missing(Tag::PAN)),
        };
        let expiry = match (card.fixed::<3>(Tag::EXPIRATION_DATE)?, &track2) {
            (Some([year, month, _]), _) => [year, month],
            (None, Some(track2)) => track2.expiry(),
            (None, None) => return Err(CardFault::Missing(Tag::EXPIRATION_DATE)),
        };
        let sequence_number = card.fixed::<1>(Tag::PAN_SEQUENCE_NUMBER)?.map(|[number]| number);
        Ok(Self { pan, sequence_number, expiry, track2 })
    }
}
