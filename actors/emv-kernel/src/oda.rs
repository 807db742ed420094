//! Offline data authentication: is this the card that its issuer, and the issuer's scheme, vouch for?
//!
//! Runs after the last answer of the card, so that it may leave the field meanwhile. EMV 4.3 Book 2, 6:
//! the scheme's CA key opens the issuer's certificate, the issuer's key the card's, the card's key the
//! signature: of the cryptogram and all that was exchanged (CDA, kernel 2), or of the transaction's
//! essentials (fDDA, kernel 3).

use mpos_crypto::emv_certificate::{
    CertificateFault, IccPublicKey, YearMonth, recover_cda, recover_icc_key, recover_issuer_key,
    recover_signed_dynamic, transaction_data_hash,
};
use mpos_tlv::{Tag, decode};

use crate::card_data::CardData;
use crate::records::StaticData;
use crate::terminal_data::TerminalData;
use crate::verdict::{OdaFault, OdaVerdict, Verification};

/// The objects that data authentication needs of a card, beside the signature.
pub(crate) const KEY_TAGS: [Tag; 5] = [
    Tag::CA_PUBLIC_KEY_INDEX,
    Tag::ISSUER_PUBLIC_KEY_CERTIFICATE,
    Tag::ISSUER_PUBLIC_KEY_EXPONENT,
    Tag::ICC_PUBLIC_KEY_CERTIFICATE,
    Tag::ICC_PUBLIC_KEY_EXPONENT,
];

/// What is still to be verified when the card may leave.
pub(crate) enum OdaCheck {
    /// Nothing: the verdict was known before.
    Decided(OdaVerdict),
    /// Combined data authentication.
    Cda(CdaCheck),
    /// Fast dynamic data authentication.
    Fdda(FddaCheck),
}

/// A CDA signature with all that it covers.
pub(crate) struct CdaCheck {
    pub(crate) static_data: StaticData,
    pub(crate) pdol_values: alloc::vec::Vec<u8>,
    pub(crate) cdol1_values: alloc::vec::Vec<u8>,
    /// The contents of the answer's template 77.
    pub(crate) answer: alloc::vec::Vec<u8>,
    pub(crate) cid: u8,
    /// The cryptogram outside the signature, if the card gave it there too.
    pub(crate) plain_cryptogram: Option<[u8; 8]>,
}

/// An fDDA signature: all that it covers is in the card's and terminal's data.
pub(crate) struct FddaCheck {
    pub(crate) static_data: StaticData,
}

/// What every check looks at.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) card: &'a CardData,
    pub(crate) terminal: &'a TerminalData,
    /// The account number as a certificate holds it: BCD.
    pub(crate) pan: &'a [u8],
    /// The application's name, which begins with the scheme's RID.
    pub(crate) aid: &'a [u8],
}

impl OdaCheck {
    /// Does the arithmetic.
    pub(crate) fn run(&self, evidence: Evidence<'_>) -> Verification {
        let result = match self {
            Self::Decided(verdict) => return Verification::from(*verdict),
            Self::Cda(check) => check.run(evidence).map(Some),
            Self::Fdda(check) => check.run(evidence).map(|()| None),
        };
        match result {
            Ok(cryptogram) => Verification { verdict: OdaVerdict::Verified, cryptogram },
            Err(fault) => Verification::from(OdaVerdict::Failed(fault)),
        }
    }
}

impl CdaCheck {
    // EMV 4.3 Book 2, 6.6.2.
    fn run(&self, evidence: Evidence<'_>) -> Result<[u8; 8], OdaFault> {
        let key = card_key(evidence, self.static_data.as_bytes())?;
        let sdad = need(evidence.card, Tag::SIGNED_DYNAMIC_APPLICATION_DATA)?;
        let signed =
            recover_cda(&key, sdad, evidence.terminal.unpredictable_number).map_err(OdaFault::Signature)?;
        // Step 6: the CID inside the signature is the one outside.
        if signed.cid != self.cid {
            return Err(OdaFault::CryptogramInformation);
        }
        if self.plain_cryptogram.is_some_and(|plain| plain != signed.cryptogram) {
            return Err(OdaFault::Cryptogram);
        }
        // Step 10: PDOL values, CDOL1 values, and the answer without the signature itself.
        let (before, after) = around_signature(&self.answer);
        let hash = transaction_data_hash(&[&self.pdol_values, &self.cdol1_values, before, after]);
        if hash != signed.transaction_data_hash {
            return Err(OdaFault::Signature(CertificateFault::TransactionDataHash));
        }
        Ok(signed.cryptogram)
    }
}

/// The bytes of an answer before and after its 9F4B, tags and lengths as they were sent.
fn around_signature(answer: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = decode(answer);
    while let Some(Ok(tlv)) = rest.next() {
        if tlv.tag == Tag::SIGNED_DYNAMIC_APPLICATION_DATA {
            let end = answer.len().saturating_sub(rest.left());
            let start = end.saturating_sub(tlv.raw.len());
            return (answer.get(..start).unwrap_or_default(), answer.get(end..).unwrap_or_default());
        }
    }
    (answer, &[])
}

impl FddaCheck {
    /// The one version of fDDA that is in use (Book C-3; 9F69 byte 1).
    const VERSION: u8 = 0x01;

    // EMV Contactless Book C-3: fDDA.
    fn run(&self, evidence: Evidence<'_>) -> Result<(), OdaFault> {
        let key = card_key(evidence, self.static_data.as_bytes())?;
        let sdad = need(evidence.card, Tag::SIGNED_DYNAMIC_APPLICATION_DATA)?;
        let related = need(evidence.card, Tag::CARD_AUTHENTICATION_RELATED_DATA)?;
        if related.first() != Some(&Self::VERSION) {
            return Err(OdaFault::FddaVersion);
        }
        let mut covered = alloc::vec::Vec::with_capacity(32);
        for tag in [Tag::UNPREDICTABLE_NUMBER, Tag::AMOUNT_AUTHORISED, Tag::TRANSACTION_CURRENCY_CODE] {
            covered.extend_from_slice(evidence.terminal.get(tag).unwrap_or_default());
        }
        covered.extend_from_slice(related);
        recover_signed_dynamic(&key, sdad, &covered).map_err(OdaFault::Signature)?;
        Ok(())
    }
}

/// EMV 4.3 Book 2, 6.2 to 6.4: from the scheme's key to the card's.
fn card_key(evidence: Evidence<'_>, static_data: &[u8]) -> Result<IccPublicKey, OdaFault> {
    let Evidence { card, terminal, pan, aid } = evidence;
    let [year, month, _] = terminal.date;
    let today = YearMonth::from_bcd([year, month]).ok_or(OdaFault::TransactionDate)?;
    let settings = terminal.settings();

    let index = match need(card, Tag::CA_PUBLIC_KEY_INDEX)? {
        [index] => *index,
        _ => return Err(OdaFault::DataMissing(Tag::CA_PUBLIC_KEY_INDEX)),
    };
    let rid = *aid.first_chunk::<5>().ok_or(OdaFault::CaKeyMissing)?;
    let ca = settings.ca_key(rid, index).ok_or(OdaFault::CaKeyMissing)?;

    let issuer = recover_issuer_key(
        &ca.to_public_key(),
        need(card, Tag::ISSUER_PUBLIC_KEY_CERTIFICATE)?,
        card.get(Tag::ISSUER_PUBLIC_KEY_REMAINDER).unwrap_or_default(),
        need(card, Tag::ISSUER_PUBLIC_KEY_EXPONENT)?,
        pan,
        today,
    )
    .map_err(OdaFault::IssuerCertificate)?;
    if settings.is_revoked(rid, index, issuer.serial) {
        return Err(OdaFault::IssuerCertificateRevoked);
    }
    recover_icc_key(
        &issuer,
        need(card, Tag::ICC_PUBLIC_KEY_CERTIFICATE)?,
        card.get(Tag::ICC_PUBLIC_KEY_REMAINDER).unwrap_or_default(),
        need(card, Tag::ICC_PUBLIC_KEY_EXPONENT)?,
        static_data,
        pan,
        today,
    )
    .map_err(OdaFault::IccCertificate)
}

fn need(card: &CardData, tag: Tag) -> Result<&[u8], OdaFault> {
    card.get(tag).ok_or(OdaFault::DataMissing(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn the_signature_is_left_out_of_its_own_hash_padding_and_all() {
        let answer = hex!("9F270180 9F4B81020102 9F36020001");
        assert_eq!(around_signature(&answer), (&hex!("9F270180")[..], &hex!("9F36020001")[..]));
        assert_eq!(around_signature(&hex!("9F270180")), (&hex!("9F270180")[..], &[][..]));
    }
}
