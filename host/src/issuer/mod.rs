//! The embedded issuer's eyes: what a card and its customer proved, computed before the books are asked.
//!
//! All that needs keys happens here, on threads of its own: the account data is decrypted, the cryptogram computed
//! again and compared, the PIN block opened and turned into a keyed reference. What leaves is [`Presented`]: facts,
//! with neither PAN nor PIN in them. What they are worth is decided by [`crate::authorise`] against the books.

pub mod accounts;
pub mod arqc;
pub mod card_facts;
pub mod pin;

pub use accounts::AccountSeed;
pub use card_facts::CardFacts;

use crate::{
    bank::IssuerKeys,
    books::{AccountKey, PinReference},
};
use mpos_crypto::{
    SecretKey,
    dukpt::{KeySize, KeyUsage, Ksn, host_working_key},
};
use mpos_protocol::{
    admin::{EncryptedCode, SUPERVISOR_CODE_CONTEXT},
    card::EncryptedCardData,
    host::{AuthoriseRequest, CARD_DATA_CONTEXT},
};
use zeroize::Zeroizing;

/// Wrong PINs in a row that are forgiven.
pub const PIN_TRIES_MAX: u8 = 3;

/// Which key of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySerial {
    /// The terminal's initial key.
    pub initial_key_id: [u8; 8],
    /// Which of its keys.
    pub counter: u32,
}

/// What came with a sale.
#[derive(Clone, Debug)]
pub enum Presented {
    /// Account data or PIN cannot be opened.
    Unreadable(Unreadable),
    /// They do.
    Card(CardEvidence),
}

/// Why account data or PIN cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They name a key that no terminal has: of another length, or with a counter that DUKPT leaves out.
    KeySerial,
    /// They do not open with the key that they name, or are not what they should be.
    Sealed,
    /// The PIN block is of a format that this bank does not take.
    PinFormat,
}

/// What a card and its customer proved.
#[derive(Clone, Copy, Debug)]
pub struct CardEvidence {
    /// The account, by keyed hash of its number.
    pub account: AccountKey,
    /// YYMM, decimal.
    pub expiry: u16,
    /// The card's sequence number (5F34), 0 when it has none.
    pub sequence: u8,
    /// Under which key the account data came.
    pub data_key: KeySerial,
    /// Amount, currency, application, number and counter of message, card data and cryptogram are the same.
    pub agrees: bool,
    /// The cryptogram is what this card makes of these data.
    pub cryptogram_verifies: bool,
    /// The card's transaction counter (9F36).
    pub atc: u16,
    /// The customer was verified on the own device, and the card's data say so.
    pub device_verified: bool,
    /// The PIN, if one was typed.
    pub pin: PinEvidence,
}

/// The PIN as the books know it.
#[derive(Clone, Copy, Debug)]
pub enum PinEvidence {
    /// None was typed.
    Absent,
    /// One was, and this is what it comes to.
    Reference {
        /// Under which key the block came.
        key: KeySerial,
        /// To compare with the account's.
        reference: PinReference,
    },
}

/// Looks at all that came with a sale.
pub fn examine(request: &AuthoriseRequest, keys: &IssuerKeys) -> Presented {
    look(request, keys).map_or_else(Presented::Unreadable, Presented::Card)
}

fn look(request: &AuthoriseRequest, keys: &IssuerKeys) -> Result<CardEvidence, Unreadable> {
    let EncryptedCardData { ksn, ciphertext } = &request.card_data;
    let (data_key, card_data) = open(ksn, ciphertext, CARD_DATA_CONTEXT, keys)?;
    let card = accounts::PresentedCard::read(&card_data).ok_or(Unreadable::Sealed)?;
    let pin = pin::open(request.pin.as_ref(), &card, keys)?;
    let facts = CardFacts::read(&request.de55);
    let agrees = facts.as_ref().is_some_and(|facts| facts.agree_with(request))
        && card.consistent
        && card.number.masked().0 == request.pan.0
        && (request.cvm == mpos_protocol::card::Cvm::Pin || matches!(pin, PinEvidence::Absent));
    Ok(CardEvidence {
        account: keys.account_key(card.number.digits()),
        expiry: card.expiry,
        sequence: card.sequence,
        data_key,
        agrees,
        cryptogram_verifies: facts
            .as_ref()
            .is_some_and(|facts| arqc::verifies(facts, &card, (request.scheme, request.kind), keys)),
        atc: facts.as_ref().map_or(0, |facts| u16::from_be_bytes(facts.atc)),
        device_verified: facts.as_ref().is_some_and(|facts| facts.device_verified(request.scheme)),
        pin,
    })
}

/// Opens a supervisor's code; `None` when it does not open with the key that it names.
pub(crate) fn open_code(code: &EncryptedCode, keys: &IssuerKeys) -> Option<(KeySerial, Zeroizing<Vec<u8>>)> {
    open(&code.ksn, &code.ciphertext, SUPERVISOR_CODE_CONTEXT, keys).ok()
}

/// Opens what is under a data key of a terminal.
fn open(
    ksn: &[u8],
    ciphertext: &[u8],
    context: &[u8],
    keys: &IssuerKeys,
) -> Result<(KeySerial, Zeroizing<Vec<u8>>), Unreadable> {
    let (serial, key) = working_key(ksn, KeyUsage::DataEncrypt, keys)?;
    let opened = mpos_crypto::seal::open_once(&key, context, ciphertext).map_err(|_| Unreadable::Sealed)?;
    Ok((serial, opened))
}

/// The key that a serial number names.
fn working_key(ksn: &[u8], usage: KeyUsage, keys: &IssuerKeys) -> Result<(KeySerial, SecretKey), Unreadable> {
    let (serial, ksn) = key_serial(ksn)?;
    let key = host_working_key(&keys.bdk, ksn, usage, KeySize::Aes128).map_err(|_| Unreadable::KeySerial)?;
    Ok((serial, key))
}

fn key_serial(ksn: &[u8]) -> Result<(KeySerial, Ksn), Unreadable> {
    let ksn = Ksn::from_bytes(ksn.try_into().map_err(|_| Unreadable::KeySerial)?);
    Ok((KeySerial { initial_key_id: ksn.initial_key_id, counter: ksn.counter }, ksn))
}
