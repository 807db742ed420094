//! The commands that a card takes, taken apart: EMV 4.3 Book 1, 9.4.1 and Book 3, 6.3.

use mpos_tlv::StatusWord;

/// A card's answer: data (then 9000), or what is wrong.
pub(crate) type Answer = Result<Vec<u8>, StatusWord>;

/// Memory could not be written (ISO/IEC 7816-4): the counter could not be kept.
pub(crate) const MEMORY_FAILURE: StatusWord = StatusWord(0x6581);

/// Shortest and longest AID, or name of a directory, in bytes (ISO/IEC 7816-4).
const NAME_BYTES: std::ops::RangeInclusive<usize> = 5..=16;
/// P1 and P2 of SELECT by name, first occurrence.
const BY_NAME_FIRST: [u8; 2] = [0x04, 0x00];
/// Low bits of P2 of READ RECORD: P1 is a record's number, the high bits are the file.
const RECORD_NUMBER: u8 = 0x04;
/// Tag of the command template in GET PROCESSING OPTIONS.
const COMMAND_TEMPLATE: u8 = 0x83;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Select { name: &'a [u8] },
    GetProcessingOptions { answers: &'a [u8] },
    ReadRecord { sfi: u8, number: u8 },
    GenerateAc { reference: u8, answers: &'a [u8] },
}

impl<'a> Command<'a> {
    /// Reads a command.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, StatusWord> {
        let [class, instruction, p1, p2, body @ ..] = bytes else { return Err(StatusWord::WRONG_LENGTH) };
        match (class, instruction) {
            (0x00, 0xA4) => select([*p1, *p2], data(body)?),
            (0x00, 0xB2) => read_record(*p1, *p2, data(body)?),
            (0x80, 0xA8) => processing_options([*p1, *p2], data(body)?),
            (0x80, 0xAE) if *p2 == 0 => Ok(Self::GenerateAc { reference: *p1, answers: data(body)? }),
            (0x80, 0xAE) => Err(StatusWord::WRONG_P1_P2),
            (0x00 | 0x80, 0xA4 | 0xB2 | 0xA8 | 0xAE) => Err(StatusWord::CLASS_NOT_SUPPORTED),
            (0x00 | 0x80, _) => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
            _ => Err(StatusWord::CLASS_NOT_SUPPORTED),
        }
    }

    /// Whether `bytes` is a command with this instruction, well-formed or not.
    pub(crate) fn has_instruction(bytes: &[u8], instruction: u8) -> bool {
        bytes.get(1) == Some(&instruction)
    }
}

/// GENERATE AC's instruction byte.
pub(crate) const GENERATE_AC: u8 = 0xAE;
/// GET PROCESSING OPTIONS' instruction byte.
pub(crate) const GET_PROCESSING_OPTIONS: u8 = 0xA8;

/// The command's data: nothing, Le alone, Lc and data, or these and Le. Le is 00, "all there is".
fn data(body: &[u8]) -> Result<&[u8], StatusWord> {
    match body {
        [] | [0x00] => Ok(&[]),
        [length, rest @ ..] => match rest.split_at_checked(usize::from(*length)) {
            Some((data, [] | [0x00])) if !data.is_empty() => Ok(data),
            _ => Err(StatusWord::WRONG_LENGTH),
        },
    }
}

fn select(parameters: [u8; 2], name: &[u8]) -> Result<Command<'_>, StatusWord> {
    if parameters != BY_NAME_FIRST {
        Err(StatusWord::WRONG_P1_P2)
    } else if NAME_BYTES.contains(&name.len()) {
        Ok(Command::Select { name })
    } else {
        Err(StatusWord::WRONG_LENGTH)
    }
}

fn read_record(number: u8, p2: u8, data: &[u8]) -> Result<Command<'_>, StatusWord> {
    if p2 & 0x07 != RECORD_NUMBER || number == 0 {
        Err(StatusWord::WRONG_P1_P2)
    } else if data.is_empty() {
        Ok(Command::ReadRecord { sfi: p2 >> 3, number })
    } else {
        Err(StatusWord::WRONG_LENGTH)
    }
}

fn processing_options(parameters: [u8; 2], data: &[u8]) -> Result<Command<'_>, StatusWord> {
    if parameters != [0, 0] {
        return Err(StatusWord::WRONG_P1_P2);
    }
    match data {
        // One byte says up to 127; from there on terminals write 81 before it, and some do so always.
        [COMMAND_TEMPLATE, 0x81, length, answers @ ..]
        | [COMMAND_TEMPLATE, length @ 0..=0x7F, answers @ ..]
            if answers.len() == usize::from(*length) =>
        {
            Ok(Command::GetProcessingOptions { answers })
        }
        _ => Err(StatusWord::WRONG_LENGTH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(hexadecimal: &str) -> Result<(), StatusWord> {
        Command::parse(&hex::decode(hexadecimal).unwrap()).map(|_| ())
    }

    #[test]
    fn the_four_commands_are_read() {
        let bytes = hex::decode("80AE900002AABB00").unwrap();
        assert_eq!(
            Command::parse(&bytes),
            Ok(Command::GenerateAc { reference: 0x90, answers: &[0xAA, 0xBB] })
        );
        let bytes = hex::decode("00B2031400").unwrap();
        assert_eq!(Command::parse(&bytes), Ok(Command::ReadRecord { sfi: 2, number: 3 }));
        let bytes = hex::decode("80A80000028300").unwrap();
        assert_eq!(Command::parse(&bytes), Ok(Command::GetProcessingOptions { answers: &[] }));
        let bytes = hex::decode("00A4040007A000000004101000").unwrap();
        assert!(matches!(Command::parse(&bytes), Ok(Command::Select { name }) if name.len() == 7));
    }

    #[test]
    fn what_is_wrong_is_said_by_its_status_word() {
        for (command, status) in [
            ("", 0x6700),
            ("00A404", 0x6700),
            ("00A4040007A0000000041010AA", 0x6700),
            ("00A4040007A00000000410", 0x6700),
            ("00A4040003A00000", 0x6700),
            ("00A4000007A0000000041010", 0x6A86),
            ("80A8000003830100", 0x0000),
            ("80A80000038302AA00", 0x6700),
            ("80A80100028300", 0x6A86),
            ("00B2000C00", 0x6A86),
            ("00B2010D00", 0x6A86),
            ("00B2010C01AA00", 0x6700),
            ("80AE900100", 0x6A86),
            ("80CA9F3600", 0x6D00),
            ("80A4040007A0000000041010", 0x6E00),
            ("FFFFFFFF", 0x6E00),
        ] {
            let expected = if status == 0 { Ok(()) } else { Err(StatusWord(status)) };
            assert_eq!(parse(command), expected, "{command}");
        }
    }
}
