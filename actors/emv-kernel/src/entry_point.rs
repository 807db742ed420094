//! Entry Point (EMV Contactless Book B): which application of the card meets which of our kernels.
//!
//! Pre-processing (3.1) before a card is there; then the card's directory, from which the candidates
//! are made and ordered (3.3.2). Applications are never probed: phone wallets count commands that fail
//! and fall silent.

use alloc::vec::Vec;

use mpos_protocol::Bytes;
use mpos_tlv::{Tag, decode, find, find_path};

use crate::card_data::{success, template};
use crate::error::{CardFault, CommandKind, Refusal};
use crate::limits::CANDIDATES_MAX;
use crate::settings::{Combination, KernelId, KernelSettings, TerminalSettings, ZeroAmount};
use crate::transaction::Transaction;

/// A combination that pre-processing allows for this transaction.
pub(crate) struct Allowed {
    /// Its place in the settings' list.
    pub(crate) combination: usize,
    /// The TTQ for this amount; none for kernel 2.
    pub(crate) ttq: Option<[u8; 4]>,
}

/// TTQ byte 2, bit 8.
const ONLINE_CRYPTOGRAM_REQUIRED: u8 = 0x80;
/// TTQ byte 2, bit 7.
const CVM_REQUIRED: u8 = 0x40;

/// EMV Contactless Book B, start A.
pub(crate) fn preprocess(
    settings: &TerminalSettings,
    transaction: &Transaction,
) -> Result<Vec<Allowed>, Refusal> {
    let allowed: Vec<Allowed> = settings
        .combinations
        .iter()
        .enumerate()
        .filter_map(|(position, combination)| {
            let ttq = preprocess_one(combination, transaction).ok()?;
            Some(Allowed { combination: position, ttq })
        })
        .collect();
    match allowed.is_empty() {
        false => Ok(allowed),
        true if transaction.amount == 0 => Err(Refusal::ZeroAmount),
        true => Err(Refusal::OverLimit),
    }
}

fn preprocess_one(combination: &Combination, transaction: &Transaction) -> Result<Option<[u8; 4]>, Refusal> {
    let amount = transaction.amount;
    // Book B, pre-processing: amount zero.
    if amount == 0 && combination.zero_amount == ZeroAmount::NotAllowed {
        return Err(Refusal::ZeroAmount);
    }
    // Kernel 2 compares with its own limits, and with `>`, once it knows the card.
    let KernelSettings::Kernel3(kernel) = &combination.kernel else { return Ok(None) };

    // Book B, pre-processing: a copy of the TTQ with both bits cleared.
    let [byte1, byte2, byte3, byte4] = kernel.ttq;
    let mut qualifiers = byte2 & !(ONLINE_CRYPTOGRAM_REQUIRED | CVM_REQUIRED);
    // A refund is read through GPO whatever the amount: no limits, no CVM.
    if !transaction.is_refund() {
        // Book B, pre-processing: at or above the transaction limit.
        if combination.transaction_limit.is_some_and(|limit| amount >= limit) {
            return Err(Refusal::OverLimit);
        }
        // Book B, pre-processing: above the floor limit, or zero.
        if amount > combination.floor_limit || amount == 0 {
            qualifiers |= ONLINE_CRYPTOGRAM_REQUIRED;
        }
        // Book B, pre-processing: at or above the CVM limit.
        if combination.cvm_limit.is_some_and(|limit| amount >= limit) {
            qualifiers |= CVM_REQUIRED;
        }
    }
    Ok(Some([byte1, qualifiers, byte3, byte4]))
}

/// An application of the card that one of our combinations takes.
pub(crate) struct Candidate {
    /// Its name in the directory (4F).
    pub(crate) adf_name: Bytes<16>,
    /// What is appended to the name when selecting (9F29).
    pub(crate) extended: Bytes<16>,
    /// The combination's place in the settings' list.
    pub(crate) combination: usize,
    /// Its TTQ.
    pub(crate) ttq: Option<[u8; 4]>,
    /// 1 is the highest; 16 stands for "no priority".
    priority: u8,
}

/// EMV Contactless Book B, candidates: the candidates of a directory, the one to be tried first last.
pub(crate) fn candidates(
    response: &[u8],
    settings: &TerminalSettings,
    allowed: &[Allowed],
) -> Result<Vec<Candidate>, CardFault> {
    let command = CommandKind::SelectPpse;
    let data = success(command, response)?;
    let fci = template(command, data, Tag::FCI_TEMPLATE)?;
    let path = [Tag::FCI_PROPRIETARY_TEMPLATE, Tag::FCI_ISSUER_DISCRETIONARY_DATA];
    let entries = find_path(fci, &path).map_err(|fault| CardFault::Tlv(command, fault))?.unwrap_or_default();

    let mut found: Vec<Candidate> = Vec::new();
    for entry in decode(entries) {
        let entry = entry.map_err(|fault| CardFault::Tlv(command, fault))?;
        if entry.tag != Tag::APPLICATION_TEMPLATE {
            continue;
        }
        for allowed in allowed {
            if found.len() >= CANDIDATES_MAX {
                break;
            }
            found.extend(candidate(entry.value, settings, allowed));
        }
    }
    // Book B, selection: by priority, and within it by the order of the directory (the sort is stable).
    found.sort_by_key(|candidate| candidate.priority);
    found.reverse();
    Ok(found)
}

/// EMV Contactless Book B, candidates: one directory entry against one combination. An entry that cannot
/// be read is no candidate; the others still are.
fn candidate(entry: &[u8], settings: &TerminalSettings, allowed: &Allowed) -> Option<Candidate> {
    let combination = settings.combinations.get(allowed.combination)?;
    // Step B: the ADF name is well-formed and begins with our AID.
    let adf_name = find(entry, Tag::ADF_NAME).ok()??;
    if adf_name.len() < 5 || !adf_name.starts_with(&combination.aid) {
        return None;
    }
    // Steps C and D: the kernel that the card asks for is the combination's.
    let requested = find(entry, Tag::KERNEL_IDENTIFIER).ok()?.unwrap_or_default();
    if !requested_kernel(requested, adf_name)?.accepts(combination.kernel.id()) {
        return None;
    }
    // Book B, selection: only if the combination supports extended selection.
    let extended = match find(entry, Tag::EXTENDED_SELECTION).ok()? {
        Some(extended) if combination.extended_selection => extended,
        _ => &[],
    };
    // EMV 4.3 Book 1, 12.2.3: bits 4 to 1; 0 is "no priority".
    let priority = match find(entry, Tag::APPLICATION_PRIORITY_INDICATOR).ok()? {
        Some([indicator]) if indicator & 0x0F != 0 => indicator & 0x0F,
        _ => 16,
    };
    Some(Candidate {
        adf_name: Bytes::new(adf_name).ok()?,
        extended: Bytes::new(extended).ok()?,
        combination: allowed.combination,
        ttq: allowed.ttq,
        priority,
    })
}

/// The kernel that a directory entry asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RequestedKernel {
    /// Any that takes the AID.
    Any,
    /// This one.
    Number(u32),
}

impl RequestedKernel {
    fn accepts(self, kernel: KernelId) -> bool {
        match self {
            Self::Any => true,
            Self::Number(number) => number == u32::from(kernel.number()),
        }
    }
}

/// EMV Contactless Book B, kernel identifier: from 9F2A, or by the scheme; none if 9F2A is malformed.
fn requested_kernel(identifier: &[u8], adf_name: &[u8]) -> Option<RequestedKernel> {
    let number = match *identifier {
        [] => match adf_name {
            // Book B: default kernel identifiers.
            [0xA0, 0, 0, 0, 0x03, ..] => 3,
            [0xA0, 0, 0, 0, 0x04, ..] => 2,
            [0xA0, 0, 0, 0, 0x25, ..] => 4,
            [0xA0, 0, 0, 0, 0x65, ..] => 5,
            [0xA0, 0, 0, 0x01, 0x52, ..] => 6,
            [0xA0, 0, 0, 0x03, 0x33, ..] => 7,
            _ => 0,
        },
        // Bits 8 and 7 are 00 or 01: the first byte is the kernel.
        [first, ..] if first & 0x80 == 0 => u32::from(first),
        // 10 or 11: three bytes are needed, and make a domestic kernel's number.
        [first, second, third, ..] if first & 0x3F != 0 => u32::from_be_bytes([0, first, second, third]),
        [_, _, _, ..] => 0,
        _ => return None,
    };
    Some(if number == 0 { RequestedKernel::Any } else { RequestedKernel::Number(number) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    const MASTERCARD: [u8; 7] = hex!("A0000000041010");

    #[test]
    fn the_kernel_identifier_is_read_by_its_first_two_bits() {
        let number = |identifier: &[u8]| requested_kernel(identifier, &MASTERCARD);
        assert_eq!(number(&[]), Some(RequestedKernel::Number(2)));
        assert_eq!(number(&hex!("02")), Some(RequestedKernel::Number(2)));
        assert_eq!(number(&hex!("43")), Some(RequestedKernel::Number(0x43)));
        assert_eq!(number(&hex!("00")), Some(RequestedKernel::Any));
        assert_eq!(number(&hex!("82")), None);
        assert_eq!(number(&hex!("820978")), Some(RequestedKernel::Number(0x82_0978)));
        assert_eq!(number(&hex!("800000")), Some(RequestedKernel::Any));
    }

    #[test]
    fn without_an_identifier_the_scheme_decides() {
        assert_eq!(requested_kernel(&[], &hex!("A0000000031010")), Some(RequestedKernel::Number(3)));
        assert_eq!(requested_kernel(&[], &hex!("A0000009991010")), Some(RequestedKernel::Any));
    }
}
