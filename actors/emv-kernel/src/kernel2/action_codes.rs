//! Action analysis: which cryptogram the card is asked for.
//!
//! EMV Contactless Book C-2, action analysis; EMV 4.3 Book 3, 10.7. What the terminal found (TVR) is compared with
//! what the acquirer (terminal action codes) and the issuer (issuer action codes) want done about it.

use mpos_tlv::Tag;

use super::Context;
use crate::error::CardFault;
use crate::outcome::CryptogramKind;

/// The action codes of one kind, acquirer's and issuer's.
fn codes(context: &Context, terminal: [u8; 5], issuer: Tag, absent: [u8; 5]) -> Result<[u8; 5], CardFault> {
    let issuer = context.selected.card.fixed::<5>(issuer)?.unwrap_or(absent);
    let mut both = terminal;
    for (code, issuer) in both.iter_mut().zip(issuer) {
        *code |= issuer;
    }
    Ok(both)
}

/// What to ask the card for.
pub(super) fn analyse(context: &Context) -> Result<CryptogramKind, CardFault> {
    // A refund reads the card: it is asked to decline, which costs it nothing.
    if context.selected.transaction.is_refund() {
        return Ok(CryptogramKind::Aac);
    }
    let tvr = context.selected.terminal.tvr;
    let kernel = &context.kernel;
    // Book 3, 10.7: an issuer that gives no codes denies nothing, and wants to be asked for everything.
    let denial = codes(context, kernel.tac_denial, Tag::IAC_DENIAL, [0x00; 5])?;
    if tvr.meets(denial) {
        return Ok(CryptogramKind::Aac);
    }
    let online = codes(context, kernel.tac_online, Tag::IAC_ONLINE, [0xFF; 5])?;
    let default = codes(context, kernel.tac_default, Tag::IAC_DEFAULT, [0xFF; 5])?;
    // Book 4, Annex A1: the low digit of the terminal type says what the terminal can do.
    Ok(match context.selected.terminal.settings().terminal_type & 0x0F {
        // Online only.
        0x01 | 0x04 => CryptogramKind::Arqc,
        // Offline with online capability.
        0x02 | 0x05 if tvr.meets(online) => CryptogramKind::Arqc,
        0x02 | 0x05 => CryptogramKind::Tc,
        // Offline only.
        0x03 | 0x06 if !tvr.meets(default) => CryptogramKind::Tc,
        _ => CryptogramKind::Aac,
    })
}
