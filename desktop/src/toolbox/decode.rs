//! `mpos emv decode`: what is in a card's answer or in DE 55, object by object.
//!
//! Account data are masked as the flight recorder masks them ([`mask_account_data`]) unless they are asked for: what an
//! engineer pastes into a ticket is usually a real card's.

mod bits;
mod codes;
mod meaning;

use super::{Given, Report, ToolError};
use clap::Args;
use mpos_tlv::{
    Tag, Tlv, TlvFault,
    ber::{self, NESTING_MAX},
    mask_account_data,
};
use std::io::Read;
use zeroize::Zeroizing;

/// Most characters that are read from standard input.
const INPUT_BYTES_MAX: u64 = 1024 * 1024;
/// What the argument is called in messages.
const HEX: &str = "HEX";
/// A status word behind the objects, as answers of cards have it: it reads as an object without a value.
const STATUS_WORD_DONE: [u8; 2] = [0x90, 0x00];

/// Bytes to decode.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mpos emv decode 9505 8000048000 9F3403 420302")]
pub(crate) struct Decode {
    /// BER-TLV in hexadecimal, a status word behind it or not; - reads it from standard input
    #[arg(value_name = HEX, required = true, num_args = 1..)]
    hex: Vec<Given>,
    /// Show account numbers, track data, names and what is derived from them
    #[arg(long)]
    show_account_data: bool,
}

/// Decodes.
///
/// # Errors
/// What is not hexadecimal, and what is no BER-TLV, with the byte where it goes wrong; what stands before is reported.
pub(crate) fn run(arguments: &Decode, report: &mut Report) -> Result<(), ToolError> {
    let bytes = match arguments.hex.as_slice() {
        [one] if one.as_str() == "-" => standard_input()?.bytes("standard input")?,
        given => {
            let texts: Vec<&str> = given.iter().map(Given::as_str).collect();
            Given::from(Zeroizing::new(texts.join(" ")).as_str()).bytes(HEX)?
        }
    };
    let shown = if arguments.show_account_data { bytes.clone() } else { masked(&bytes) };
    let decoding = Decoding { shown: &shown, everything: arguments.show_account_data };
    decoding.level(&bytes, 0, 0, report)
}

fn standard_input() -> Result<Given, ToolError> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().take(INPUT_BYTES_MAX + 1).read_to_string(&mut text);
    if read.map_err(ToolError::Input)? as u64 > INPUT_BYTES_MAX {
        return Err(ToolError::TooMuch { limit: INPUT_BYTES_MAX });
    }
    Ok(Given::from(text.as_str()))
}

/// The same bytes without account data; the mask expects a status word behind them.
fn masked(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let answer = Zeroizing::new([bytes, &STATUS_WORD_DONE].concat());
    let mut masked = mask_account_data(&answer);
    masked.truncate(bytes.len());
    Zeroizing::new(masked)
}

struct Decoding<'a> {
    /// What may be shown, as long as all that was given.
    shown: &'a [u8],
    /// Whether that is everything.
    everything: bool,
}

impl Decoding<'_> {
    /// The objects of `level`, which begins at byte `start` of all that was given.
    fn level(&self, level: &[u8], start: usize, depth: usize, report: &mut Report) -> Result<(), ToolError> {
        if depth >= NESTING_MAX {
            return Err(ToolError::Tlv { at: start, fault: TlvFault::TooDeep });
        }
        let mut objects = ber::decode(level);
        loop {
            let begins = level.len() - objects.left();
            let filler = level[begins..].iter().take_while(|byte| **byte == 0).count();
            let tlv = match objects.next() {
                None => return Ok(()),
                Some(Ok(tlv)) => tlv,
                Some(Err(fault)) => return Err(ToolError::Tlv { at: start + begins + filler, fault }),
            };
            if depth == 0 && tlv.raw == STATUS_WORD_DONE && objects.left() == 0 {
                report.text(0, "9000 status word: done");
                return Ok(());
            }
            let value_at = start + level.len() - objects.left() - tlv.value.len();
            self.object(tlv, value_at, depth, report);
            if tlv.tag.is_constructed() {
                self.level(tlv.value, value_at, depth + 1, report)?;
            }
        }
    }

    /// One object; a template without what is in it.
    fn object(&self, tlv: Tlv<'_>, value_at: usize, depth: usize, report: &mut Report) {
        let Tlv { tag, value, .. } = tlv;
        let name = tag.name().unwrap_or("unknown");
        let unit = if value.len() == 1 { "byte" } else { "bytes" };
        let heading = format!("{tag} {name}, {} {unit}", value.len());
        if tag.is_constructed() {
            report.text(depth, heading);
            return;
        }
        let shown = self.shown.get(value_at..value_at + value.len()).unwrap_or_default();
        let is_account = matches!(tag, Tag::PAN | Tag::TRACK2_EQUIVALENT_DATA | Tag::TRACK2_DATA);
        if is_account && !self.everything {
            report.text(depth, format!("{heading}: {}", meaning::masked_number(tag, value)));
        } else if shown != value {
            report.text(depth, format!("{heading}: masked"));
        } else {
            report.text(depth, format!("{heading}: {}", hex::encode_upper(value)));
            for line in meaning::of(tag, value) {
                report.text(depth + 2, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAN: &str = "5413330089020036";

    fn decoded(bytes: &[u8], show_account_data: bool) -> (String, Result<(), ToolError>) {
        let hex = vec![Given::from(hex::encode(bytes).as_str())];
        let mut report = Report::default();
        let result = run(&Decode { hex, show_account_data }, &mut report);
        (report.to_text().to_string(), result)
    }

    /// An object that books know, of any length and content.
    fn known_object() -> impl Strategy<Value = Vec<u8>> {
        let tags = prop::sample::select(Tag::ALL);
        (tags, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(tag, value)| {
            let mut object = Vec::new();
            ber::push(&mut object, tag, &value);
            object
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200), show: bool) {
            let _ = decoded(&bytes, show);
        }

        #[test]
        fn any_value_of_a_known_object_is_an_answer(objects in prop::collection::vec(known_object(), 1..4), show: bool) {
            let _ = decoded(&objects.concat(), show);
        }

        #[test]
        fn an_account_number_is_not_printed_wherever_it_is_repeated(
            mut template in prop::collection::vec(known_object(), 0..3), name in "[A-Z ]{0,8}",
        ) {
            // The number, and the same in text and under a tag that no book knows.
            let number = hex::decode(PAN).unwrap();
            for (tag, value) in [(Tag::PAN, &number), (Tag(0xDF50), &number), (Tag::CARDHOLDER_NAME, &name.into_bytes())] {
                let mut object = Vec::new();
                ber::push(&mut object, tag, value);
                template.push(object);
            }
            let mut text = Vec::new();
            ber::push(&mut text, Tag(0xDF51), PAN.as_bytes());
            template.push(text);
            let (printed, _) = decoded(&template.concat(), false);
            for secret in [PAN.to_owned(), hex::encode_upper(PAN)] {
                prop_assert!(!printed.contains(&secret), "{}", printed);
            }
        }
    }
}
