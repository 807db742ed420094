//! `mpos emv arqc`: the card's master key, the session key and the cryptogram, as card and issuer make them; and the
//! issuer's answer.

use super::{Given, Report, ToolError, pin_block::PAN_DIGITS};
use clap::{Args, ValueEnum};
use mpos_crypto::{
    SecretKey,
    arqc::{
        CryptogramKind, application_cryptogram, arpc_method1, arpc_method2, derive_icc_master_key,
        session_key_common, session_key_mastercard,
    },
};
use mpos_tlv::{AccountNumber, Tag, Track2, ber};
use zeroize::Zeroizing;

/// Length of an issuer master key, in bytes.
const MASTER_KEY_BYTES: &[usize] = &[16];

/// What a cryptogram is computed from.
#[derive(Debug, Args)]
#[command(after_help = "Example (a cryptogram of Visa's version 10 as a payment HSM gives it):\n  \
    mpos emv arqc --cryptogram visa10 --imk 0123456789ABCDEFFEDCBA9876543210 \\\n    \
    --pan 1234567890123456 --psn 00 --atc 001C --arc 3030 \\\n    \
    --covered 0000000040000000000000000124800004800001241911050152BF45851800001C03A06010")]
pub(crate) struct Arqc {
    /// Which scheme's version; Visa counts in decimal, Mastercard in hexadecimal
    #[arg(long, value_enum)]
    cryptogram: Version,
    /// The issuer's master key for cryptograms: 16 bytes
    #[arg(long, value_name = "HEX")]
    imk: Given,
    /// The account number [default: 5A or 57 of --tlv]
    #[arg(long, value_name = "DIGITS")]
    pan: Option<Given>,
    /// Its sequence number, one byte [default: 5F34 of --tlv, or 00]
    #[arg(long, value_name = "HEX")]
    psn: Option<Given>,
    /// The card's transaction counter, 2 bytes [default: 9F36 of --tlv]
    #[arg(long, value_name = "HEX")]
    atc: Option<Given>,
    /// The terminal's unpredictable number, 4 bytes, which Mastercard's versions 10 and 11 put in the session key
    /// [default: 9F37 of --tlv]
    #[arg(long, value_name = "HEX")]
    un: Option<Given>,
    /// The data that the cryptogram covers, put together
    #[arg(long, value_name = "HEX", required_unless_present = "tlv")]
    covered: Option<Given>,
    /// The same as BER-TLV, such as DE 55: the elements are taken from it in the version's order, and 9F26 is compared
    #[arg(long, value_name = "HEX", conflicts_with = "covered")]
    tlv: Option<Given>,
    /// Authorisation response code, 2 bytes (3030 is approved): the issuer's answer by method 1
    #[arg(long, value_name = "HEX")]
    arc: Option<Given>,
    /// Card status update, 4 bytes: the issuer's answer by method 2
    #[arg(long, value_name = "HEX")]
    csu: Option<Given>,
    /// Proprietary authentication data of method 2, up to 8 bytes
    #[arg(long, value_name = "HEX", requires = "csu")]
    proprietary: Option<Given>,
}

/// Versions of cryptograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Version {
    /// Visa 10: the card's master key itself
    Visa10,
    /// Visa 18: EMV common session key
    Visa18,
    /// Mastercard 10 and 11: Mastercard's session key
    Mastercard10,
    /// Mastercard 14 and 15: EMV common session key
    Mastercard14,
}

impl Version {
    const fn kind(self) -> CryptogramKind {
        match self {
            Self::Visa10 => CryptogramKind::VisaCvn10,
            Self::Visa18 => CryptogramKind::VisaCvn18,
            Self::Mastercard10 => CryptogramKind::MastercardCvn10,
            Self::Mastercard14 => CryptogramKind::MastercardCvn14,
        }
    }

    /// Where in 9F10 the bytes are that the cryptogram covers.
    const fn of_issuer_data(self) -> std::ops::Range<usize> {
        match self {
            Self::Visa10 => 3..7,
            Self::Visa18 => 0..usize::MAX,
            Self::Mastercard10 | Self::Mastercard14 => 2..8,
        }
    }
}

/// What every version covers before the issuer's part, in order.
const COVERED: &[(Tag, usize)] = &[
    (Tag::AMOUNT_AUTHORISED, 6),
    (Tag::AMOUNT_OTHER, 6),
    (Tag::TERMINAL_COUNTRY_CODE, 2),
    (Tag::TVR, 5),
    (Tag::TRANSACTION_CURRENCY_CODE, 2),
    (Tag::TRANSACTION_DATE, 3),
    (Tag::TRANSACTION_TYPE, 1),
    (Tag::UNPREDICTABLE_NUMBER, 4),
    (Tag::AIP, 2),
    (Tag::ATC, 2),
];

/// Computes.
///
/// # Errors
/// What is malformed or missing, by name.
pub(crate) fn run(arguments: &Arqc, report: &mut Report) -> Result<(), ToolError> {
    let tlv = arguments.tlv.as_ref().map(|tlv| tlv.bytes("--tlv")).transpose()?;
    let elements = Elements(tlv.as_ref().map_or(&[], |tlv| tlv.as_slice()));
    elements.check()?;
    let issuer_key = arguments.imk.key("--imk", MASTER_KEY_BYTES)?;
    let pan = account_number(arguments, &elements)?;
    let [psn] =
        given_or(arguments.psn.as_ref(), "--psn", elements.find(Tag::PAN_SEQUENCE_NUMBER), Some([0]))?;
    let atc = given_or(arguments.atc.as_ref(), "--atc", elements.find(Tag::ATC), None)?;
    // Only one kind of session key depends on it.
    let unless_needed = (arguments.cryptogram != Version::Mastercard10).then_some([0; 4]);
    let un =
        given_or(arguments.un.as_ref(), "--un", elements.find(Tag::UNPREDICTABLE_NUMBER), unless_needed)?;
    let data = match &arguments.covered {
        Some(covered) => covered.bytes("--covered")?,
        None => elements.covered(arguments.cryptogram)?,
    };

    let master_key = derive_icc_master_key(&issuer_key, &pan, psn)?;
    let session_key = match arguments.cryptogram {
        Version::Visa10 => master_key.clone(),
        Version::Visa18 | Version::Mastercard14 => session_key_common(&master_key, atc)?,
        Version::Mastercard10 => session_key_mastercard(&master_key, atc, un)?,
    };
    let arqc = application_cryptogram(arguments.cryptogram.kind(), &master_key, atc, un, &data)?;
    report.bytes("ICC master key", master_key.as_bytes());
    report.bytes("session key", session_key.as_bytes());
    report.bytes("data covered", &data);
    report.bytes("cryptogram", &arqc);
    if let Some(found) = elements.find(Tag::APPLICATION_CRYPTOGRAM) {
        let verdict = if found == arqc { "the same" } else { "another one" };
        report.line("9F26 in --tlv", format!("{} ({verdict})", hex::encode_upper(found)));
    }
    answers(arguments, &session_key, arqc, report)
}

/// The issuer's answer, by the methods that were asked for.
fn answers(
    arguments: &Arqc,
    session_key: &SecretKey,
    arqc: [u8; 8],
    report: &mut Report,
) -> Result<(), ToolError> {
    if let Some(arc) = &arguments.arc {
        let arpc = arpc_method1(session_key, arqc, *arc.array("--arc")?)?;
        report.bytes("ARPC, method 1", &arpc);
    }
    if let Some(csu) = &arguments.csu {
        let proprietary = match &arguments.proprietary {
            Some(proprietary) => proprietary.bytes("--proprietary")?,
            None => Zeroizing::default(),
        };
        let arpc = arpc_method2(session_key, arqc, *csu.array("--csu")?, &proprietary)?;
        report.bytes("ARPC, method 2", &arpc);
    }
    Ok(())
}

fn account_number(arguments: &Arqc, elements: &Elements<'_>) -> Result<Zeroizing<Vec<u8>>, ToolError> {
    if let Some(pan) = &arguments.pan {
        return pan.digits("--pan", PAN_DIGITS);
    }
    let from_pan = elements.find(Tag::PAN).map(AccountNumber::from_bcd);
    let from_track = || {
        let track = elements.find(Tag::TRACK2_EQUIVALENT_DATA)?;
        Some(Track2::parse(track).map(|track| track.pan().clone()))
    };
    let number = from_pan.or_else(from_track).ok_or(ToolError::Missing {
        argument: "--pan",
        reason: "the card's master key is made of the account number, and --tlv has neither 5A nor 57",
    })?;
    Ok(Zeroizing::new(number.map_err(ToolError::Account)?.digits().to_vec()))
}

/// An argument, or the element of --tlv that stands for it, or what holds when there is neither.
fn given_or<const N: usize>(
    given: Option<&Given>,
    argument: &'static str,
    element: Option<&[u8]>,
    otherwise: Option<[u8; N]>,
) -> Result<[u8; N], ToolError> {
    match (given, element, otherwise) {
        (Some(given), ..) => Ok(*given.array(argument)?),
        (None, Some(element), _) => element.try_into().map_err(|_| ToolError::Length {
            argument: "--tlv",
            length: element.len(),
            allowed: const { &[N] },
        }),
        (None, None, Some(otherwise)) => Ok(otherwise),
        (None, None, None) => {
            Err(ToolError::Missing { argument, reason: "the keys depend on it, and --tlv does not have it" })
        }
    }
}

/// The data elements of --tlv; none without it.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    fn check(&self) -> Result<(), ToolError> {
        let mut objects = ber::decode(self.0);
        loop {
            let at = self.0.len() - objects.left();
            match objects.next() {
                None => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(fault)) => return Err(ToolError::Tlv { at, fault }),
            }
        }
    }

    fn find(&self, tag: Tag) -> Option<&'a [u8]> {
        ber::find(self.0, tag).ok().flatten()
    }

    /// What the cryptogram covers, in its order.
    fn covered(&self, version: Version) -> Result<Zeroizing<Vec<u8>>, ToolError> {
        let missing =
            |tag: Tag, length| ToolError::TagMissing { tag, name: tag.name().unwrap_or_default(), length };
        let mut data = Zeroizing::new(Vec::new());
        for (tag, length) in COVERED {
            let value = self.find(*tag).filter(|value| value.len() == *length);
            data.extend_from_slice(value.ok_or_else(|| missing(*tag, *length))?);
        }
        let issuer_data = self.find(Tag::ISSUER_APPLICATION_DATA).unwrap_or_default();
        let std::ops::Range { start, end } = version.of_issuer_data();
        let whole = end == usize::MAX && !issuer_data.is_empty();
        let part = if whole { Some(issuer_data) } else { issuer_data.get(start..end) };
        data.extend_from_slice(part.ok_or_else(|| missing(Tag::ISSUER_APPLICATION_DATA, 7))?);
        Ok(data)
    }
}
