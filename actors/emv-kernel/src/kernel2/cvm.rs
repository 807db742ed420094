//! Cardholder verification: who proves that the customer is the cardholder, and how.
//!
//! EMV Contactless Book C-2, CVM selection; the list itself: EMV 4.3 Book 3, 10.5 and
//! Annex C3. Verification on the customer's device comes first; then the first rule of the card's list
//! that applies and that the terminal supports for this amount.

use mpos_tlv::Tag;

use super::Context;
use crate::error::CardFault;
use crate::outcome::Cvm;
use crate::tvr::TvrBit;

/// CVM results (9F34): plaintext PIN code stands for "on device" (Book C-2).
const RESULTS_ON_DEVICE: [u8; 3] = [0x01, 0x00, 0x02];
/// No CVM performed, and that is right.
const RESULTS_NONE: [u8; 3] = [0x3F, 0x00, 0x02];
/// No CVM performed, outcome unknown.
const RESULTS_UNKNOWN: [u8; 3] = [0x3F, 0x00, 0x00];
/// No rule was satisfied.
const RESULTS_FAILED: [u8; 3] = [0x3F, 0x00, 0x01];

/// AIP byte 1, bit 5: cardholder verification supported.
const CARD_HAS_CVM: u8 = 0x10;

/// Chooses, and notes CVM results and TVR.
pub(super) fn select(context: &mut Context) -> Result<Cvm, CardFault> {
    // Reading a card for a refund verifies nobody.
    if context.selected.transaction.is_refund() {
        return Ok(note(context, Cvm::NoCvm, RESULTS_UNKNOWN));
    }
    // On the device, as both sides support it.
    if context.has_on_device_cvm() {
        return Ok(if context.is_over_cvm_limit() {
            note(context, Cvm::OnDevice, RESULTS_ON_DEVICE)
        } else {
            note(context, Cvm::NoCvm, RESULTS_NONE)
        });
    }
    // A card without cardholder verification.
    if context.aip()[0] & CARD_HAS_CVM == 0 {
        return Ok(note(context, Cvm::NoCvm, RESULTS_UNKNOWN));
    }
    // Eight bytes of amounts and no rule is as good as no list.
    let Some(list) = context.selected.card.get(Tag::CVM_LIST).filter(|list| list.len() != 8) else {
        context.selected.terminal.tvr.set(TvrBit::ICC_DATA_MISSING);
        return Ok(note(context, Cvm::NoCvm, RESULTS_UNKNOWN));
    };
    let list = CvmList::parse(list)?;
    let conditions = Conditions::of(context)?;
    let result = conditions.first_rule(&list);
    if result.unrecognised {
        context.selected.terminal.tvr.set(TvrBit::CVM_UNRECOGNISED);
    }
    Ok(match result.chosen {
        Chosen::Method(cvm, results) => {
            if cvm == Cvm::OnlinePin {
                context.selected.terminal.tvr.set(TvrBit::ONLINE_PIN_ENTERED);
            }
            note(context, cvm, results)
        }
        Chosen::Failed(results) => {
            context.selected.terminal.tvr.set(TvrBit::CVM_NOT_SUCCESSFUL);
            note(context, Cvm::NoCvm, results)
        }
    })
}

fn note(context: &mut Context, cvm: Cvm, results: [u8; 3]) -> Cvm {
    context.selected.terminal.cvm_results = results;
    cvm
}

/// A CVM list (8E): two amounts, then rules of two bytes.
struct CvmList<'a> {
    x: u64,
    y: u64,
    rules: &'a [[u8; 2]],
}

impl<'a> CvmList<'a> {
    fn parse(list: &'a [u8]) -> Result<Self, CardFault> {
        let fault = CardFault::Length(Tag::CVM_LIST);
        let (x, rest) = list.split_first_chunk::<4>().ok_or(fault)?;
        let (y, rest) = rest.split_first_chunk::<4>().ok_or(fault)?;
        let (rules, []) = rest.as_chunks::<2>() else { return Err(fault) };
        Ok(Self { x: u64::from(u32::from_be_bytes(*x)), y: u64::from(u32::from_be_bytes(*y)), rules })
    }
}

/// What the conditions of rules are compared with.
struct Conditions {
    amount: u64,
    /// Whether the amount is in the application's currency; unknown if the card does not say.
    own_currency: Option<bool>,
    /// Byte 2 of the terminal capabilities, for this amount.
    capability: u8,
}

/// What came of a list.
struct ListResult {
    chosen: Chosen,
    unrecognised: bool,
}

enum Chosen {
    Method(Cvm, [u8; 3]),
    Failed([u8; 3]),
}

/// What a rule's code asks for, and whether the terminal does it.
enum Method {
    /// The terminal supports it.
    Supported(Cvm),
    /// Known, but not supported; or "fail".
    Unsupported,
    /// Not one of the book's.
    Unrecognised,
}

impl Conditions {
    fn of(context: &Context) -> Result<Self, CardFault> {
        let selected = &context.selected;
        let own = selected.card.fixed::<2>(Tag::APPLICATION_CURRENCY_CODE)?;
        Ok(Self {
            amount: selected.transaction.amount,
            own_currency: own.map(|currency| currency == selected.transaction.currency),
            capability: selected.terminal.capabilities[1],
        })
    }

    /// EMV 4.3 Book 3, 10.5: the first rule that applies decides, or hands on to the next.
    fn first_rule(&self, list: &CvmList<'_>) -> ListResult {
        /// Rule byte 1, bit 7: go on with the next rule if this one fails.
        const APPLY_SUCCEEDING: u8 = 0x40;
        let mut unrecognised = false;
        for [code, condition] in list.rules {
            // A condition that is unknown, not met, or that we cannot judge.
            if !self.is_met(*condition, *code, list) {
                continue;
            }
            match self.method(*code) {
                Method::Supported(cvm) => {
                    let result = if cvm == Cvm::NoCvm { 0x02 } else { 0x00 };
                    let chosen = Chosen::Method(cvm, [*code, *condition, result]);
                    return ListResult { chosen, unrecognised };
                }
                Method::Unsupported => {}
                Method::Unrecognised => unrecognised = true,
            }
            // This rule failed.
            if code & APPLY_SUCCEEDING == 0 {
                // The card's own "fail" is reported as such.
                let is_fail = code & 0x3F == 0;
                let results = if is_fail { [*code, *condition, 0x01] } else { RESULTS_FAILED };
                return ListResult { chosen: Chosen::Failed(results), unrecognised };
            }
        }
        ListResult { chosen: Chosen::Failed(RESULTS_FAILED), unrecognised }
    }

    /// EMV 4.3 Book 3, Annex C3, table 40. Every transaction here is a purchase, attended.
    fn is_met(&self, condition: u8, code: u8, list: &CvmList<'_>) -> bool {
        let own_currency = self.own_currency == Some(true);
        match condition {
            // Always; not cash and no cashback.
            0x00 | 0x02 => true,
            // If the terminal supports the CVM.
            0x03 => matches!(self.method(code), Method::Supported(_)),
            // Under and over X and Y, in the application's currency.
            0x06 => own_currency && self.amount < list.x,
            0x07 => own_currency && self.amount > list.x,
            0x08 => own_currency && self.amount < list.y,
            0x09 => own_currency && self.amount > list.y,
            // Cash and cashback do not occur; others are unknown.
            _ => false,
        }
    }

    /// EMV 4.3 Book 3, Annex C3, table 39, against Book 4, Annex A2, byte 2.
    const fn method(&self, code: u8) -> Method {
        let (capability, cvm) = match code & 0x3F {
            0x02 => (0x40, Cvm::OnlinePin),
            0x1E => (0x20, Cvm::Signature),
            0x1F => (0x08, Cvm::NoCvm),
            // Fail; the PINs that the card checks itself.
            0x00 | 0x01 | 0x03 | 0x04 | 0x05 => return Method::Unsupported,
            _ => return Method::Unrecognised,
        };
        if self.capability & capability != 0 { Method::Supported(cvm) } else { Method::Unsupported }
    }
}
