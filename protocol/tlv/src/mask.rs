//! A card's response with the account data taken out, of the same length and structure.
//!
//! The flight recorder keeps masked responses, so that a failed tap can be run again step by step
//! without any card data having been kept. The last four digits of the account number stay (the
//! receipt prints them anyway); certificates over account data are zeroed, so a replay is told the
//! recorded verdict of data authentication instead of computing it.

use alloc::vec::Vec;

use crate::ber::{NESTING_MAX, TlvFault, decode};
use crate::tag::Tag;
use crate::track2::nibbles;

/// Digits of the account number that may stay.
const DIGITS_SHOWN: usize = 4;

/// The response (data and status word) without account data.
///
/// `5A` and `57` keep the last four digits of the account number and its length; names become
/// spaces; certificates, PAR and discretionary data become zeros; and so does any other object that
/// repeats the account number. Data that is not BER-TLV become zeros. The status word stays.
pub fn mask_account_data(response: &[u8]) -> Vec<u8> {
    let mut masked = response.to_vec();
    let data_length = masked.len().saturating_sub(2);
    let Some(data) = masked.get_mut(..data_length) else { return masked };
    let mut pans = PanDigits::default();
    let readable = find_pans(data, 0, &mut pans).is_ok() && mask_level(data, 0, &pans).is_ok();
    if !readable {
        data.fill(0);
    }
    zeroize::Zeroize::zeroize(&mut pans.numbers);
    masked
}

/// The account numbers of the response, one digit a byte: usually one, in 5A and in 57, and a card that means no good
/// may give several.
#[derive(Default)]
struct PanDigits {
    numbers: Vec<Vec<u8>>,
}

impl PanDigits {
    fn add(&mut self, digits: Vec<u8>) {
        // A number whose hidden digits are zeros is masked already: it has nothing that could be repeated.
        let hidden = digits.len().saturating_sub(DIGITS_SHOWN);
        if digits.iter().take(hidden).any(|digit| *digit != 0) && !self.numbers.contains(&digits) {
            self.numbers.push(digits);
        }
    }

    /// Whether `value` holds one of the numbers, as half bytes at any offset or as text.
    fn is_in(&self, value: &[u8]) -> bool {
        if self.numbers.is_empty() {
            return false;
        }
        let halves: Vec<u8> = nibbles(value).collect();
        let text: Vec<u8> = value.iter().map(|byte| byte.wrapping_sub(b'0')).collect();
        let holds = |bytes: &[u8], number: &[u8]| bytes.windows(number.len()).any(|window| window == number);
        self.numbers.iter().any(|number| holds(&halves, number) || holds(&text, number))
    }
}

fn find_pans(data: &[u8], depth: usize, pans: &mut PanDigits) -> Result<(), TlvFault> {
    if depth >= NESTING_MAX {
        return Err(TlvFault::TooDeep);
    }
    for tlv in decode(data) {
        let tlv = tlv?;
        if tlv.tag.is_constructed() {
            find_pans(tlv.value, depth.saturating_add(1), pans)?;
        } else if matches!(tlv.tag, Tag::PAN | Tag::TRACK2_EQUIVALENT_DATA | Tag::TRACK2_DATA) {
            pans.add(nibbles(tlv.value).take_while(|digit| *digit <= 9).collect());
        }
    }
    Ok(())
}

fn mask_level(data: &mut [u8], depth: usize, pans: &PanDigits) -> Result<(), TlvFault> {
    if depth >= NESTING_MAX {
        return Err(TlvFault::TooDeep);
    }
    // Where each value lies: the iterator borrows what is about to be written.
    let mut places = Vec::new();
    let mut rest = decode(data);
    while let Some(tlv) = rest.next() {
        let tlv = tlv?;
        let end = data.len().saturating_sub(rest.left());
        places.push((tlv.tag, end.saturating_sub(tlv.value.len())..end));
    }
    for (tag, place) in places {
        let value = data.get_mut(place).unwrap_or_default();
        if tag.is_constructed() {
            mask_level(value, depth.saturating_add(1), pans)?;
        } else {
            mask_value(tag, value, pans);
        }
    }
    Ok(())
}

fn mask_value(tag: Tag, value: &mut [u8], pans: &PanDigits) {
    match tag {
        Tag::PAN | Tag::TRACK2_EQUIVALENT_DATA | Tag::TRACK2_DATA => mask_digits(value),
        // Text about the person.
        Tag::TRACK1_DATA
        | Tag::TRACK1_DISCRETIONARY_DATA
        | Tag::CARDHOLDER_NAME
        | Tag::CARDHOLDER_NAME_EXTENDED => value.fill(b' '),
        // The account under other names, and certificates that hold or prove its number.
        Tag::TRACK2_DISCRETIONARY_DATA
        | Tag::PAYMENT_ACCOUNT_REFERENCE
        | Tag::IBAN
        | Tag::ISSUER_IDENTIFICATION_NUMBER
        | Tag::SIGNED_STATIC_APPLICATION_DATA
        | Tag::ICC_PUBLIC_KEY_CERTIFICATE
        | Tag::ICC_PIN_KEY_CERTIFICATE => value.fill(0),
        _ if pans.is_in(value) => value.fill(0),
        _ => {}
    }
}

/// Zeros every digit but the last four of the number; separator and filler stay where they are.
fn mask_digits(value: &mut [u8]) {
    let pan_digits = nibbles(value).take_while(|digit| *digit <= 9).count();
    let shown_from = pan_digits.saturating_sub(DIGITS_SHOWN);
    for (index, byte) in value.iter_mut().enumerate() {
        let masked = |position: usize, digit: u8| {
            let shown = (shown_from..pan_digits).contains(&position);
            if shown || digit > 9 { digit } else { 0 }
        };
        let first = index.saturating_mul(2);
        *byte = masked(first, *byte >> 4) << 4 | masked(first.saturating_add(1), *byte & 0x0F);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn number_and_track_2_keep_their_last_four_digits_and_their_shape() {
        let response = hex!("701D 5A085413330089020036 5711 5413330089020036D251220101234567 8F 9000");
        let masked = hex!("701D 5A080000000000000036 5711 0000000000000036D000000000000000 0F 9000");
        // The last byte of the track is 8F: a digit and the filler.
        assert_eq!(mask_account_data(&response), masked);
    }

    #[test]
    fn names_certificates_and_references_are_wiped() {
        let response = hex!("7014 5F2003412F42 9F460411223344 9F2402 4142 8C00 9000");
        let masked = hex!("7014 5F2003202020 9F460400000000 9F2402 0000 8C00 9000");
        assert_eq!(mask_account_data(&response), masked);
    }

    #[test]
    fn each_of_several_numbers_is_looked_for() {
        let response = hex!(
            "702A 5A085413330089020036 57084761739001010119 9F10085413330089020036 9F7C084761739001010119 9000"
        );
        let masked = hex!(
            "702A 5A080000000000000036 57080000000000000119 9F10080000000000000000 9F7C080000000000000000 9000"
        );
        assert_eq!(mask_account_data(&response), masked);
    }

    #[test]
    fn an_object_that_repeats_the_number_is_wiped_whatever_its_tag() {
        // DF01 holds it half a byte off, DF02 as text; DF03 does not hold it.
        let response = hex!(
            "702D 5A085413330089020036 DF0109 A5413330089020036B DF0210 35343133333330303839303230303336 DF030101 9000"
        );
        let masked = hex!(
            "702D 5A080000000000000036 DF0109 000000000000000000 DF0210 00000000000000000000000000000000 DF030101 9000"
        );
        assert_eq!(mask_account_data(&response), masked);
    }

    #[test]
    fn what_is_masked_stays_as_it_is_when_it_is_masked_again() {
        // The number's first digits are zeros then, and so are half bytes of objects that never held it.
        let response = hex!("7013 5A054133333333 DF0106 000000033333 DF020101 9000");
        let masked = mask_account_data(&response);
        assert_eq!(mask_account_data(&masked), masked);
        let found_by_fuzzing = hex!("05061B00000000000000050000310000005A8105541333000000200000000000");
        let masked = mask_account_data(&found_by_fuzzing);
        assert_eq!(mask_account_data(&masked), masked);
    }

    #[test]
    fn harmless_answers_stay_as_they_are() {
        for response in
            [&hex!("800A 1980 08010100 10010301 9000")[..], &hex!("6A82"), &hex!("9000"), &[], &[0x90]]
        {
            assert_eq!(mask_account_data(response), response);
        }
    }

    #[test]
    fn what_cannot_be_read_is_wiped_but_for_its_status() {
        assert_eq!(mask_account_data(&hex!("5A085413330089 9000")), hex!("00000000000000 9000"));
        assert_eq!(mask_account_data(&hex!("7009 5A085413330089 9000")), hex!("000000000000000000 9000"));
    }
}
