//! The bank's keys as the host uses them, and the authority that makes client certificates.
//!
//! Where they come from is not decided here: a development bank keeps them in a folder (`mpos-certs`), another in an
//! HSM behind the same few types.

use crate::{
    books::{AccountKey, BusinessId, PinReference, settle::AnswerSigner},
    error::{BooksError, HostError},
};
use mpos_crypto::SecretKey;
use mpos_protocol::signed::{AnswerContent, Content, Signed};
use mpos_protocol::{Bytes, admin::CardToken, pin::PinBlockFormat, terminal::PublicPoint};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

/// Half of a token's hexadecimal digits: 48 bits, so that a business's cards do not meet.
const CARD_TOKEN_BYTES: usize = 6;

/// Keys that open what terminals send, and that the cards' keys are made of.
pub struct IssuerKeys {
    /// Base derivation key of the terminals' DUKPT keys.
    pub bdk: SecretKey,
    /// Names it: the first four bytes of each initial key's name.
    pub bdk_id: [u8; 4],
    /// Issuer master key for application cryptograms of Mastercard and Maestro.
    pub mastercard: SecretKey,
    /// The same of Visa, Electron and V PAY.
    pub visa: SecretKey,
    /// Which PIN blocks its security module takes; terminals are told before each sale.
    pub pin_format: PinBlockFormat,
    reference_key: hmac::Key,
}

impl fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerKeys")
    }
}

impl IssuerKeys {
    /// `reference_key`: 32 bytes for the keyed hashes by which accounts are found and PINs compared.
    pub fn new(
        (bdk, bdk_id): (SecretKey, [u8; 4]),
        mastercard: SecretKey,
        visa: SecretKey,
        reference_key: &[u8; 32],
    ) -> Self {
        let reference_key = hmac::Key::new(hmac::HMAC_SHA256, reference_key);
        Self { bdk, bdk_id, mastercard, visa, pin_format: PinBlockFormat::default(), reference_key }
    }

    /// By what the books find an account. `pan` is ASCII digits.
    pub fn account_key(&self, pan: &[u8]) -> AccountKey {
        AccountKey(self.keyed_hash(b"account", pan, &[]))
    }

    /// What the books compare instead of a PIN. Both are ASCII digits.
    pub(crate) fn pin_reference(&self, pan: &[u8], pin: &[u8]) -> PinReference {
        PinReference(self.keyed_hash(b"pin", pan, pin))
    }

    /// The key of a business's supervisor code: a copy of the database alone does not tell the code.
    pub(crate) fn supervisor_key(&self, business: BusinessId) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.keyed_hash(b"supervisor", &business.0.to_be_bytes(), &[]))
    }

    /// What a business knows a card by: the same for each of its transactions, another at each other business.
    pub(crate) fn card_token(&self, business: BusinessId, card: &AccountKey) -> CardToken {
        let hash = self.keyed_hash(b"card token", &business.0.to_be_bytes(), &card.0);
        let digits: String = hash.iter().take(CARD_TOKEN_BYTES).map(|byte| format!("{byte:02X}")).collect();
        CardToken::clipped(&digits)
    }

    fn keyed_hash(&self, purpose: &[u8], pan: &[u8], pin: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.reference_key);
        for part in [purpose, b"\0", pan, b"\0", pin] {
            context.update(part);
        }
        let mut hash = [0; 32];
        // HMAC-SHA256 has 32 bytes.
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }
}

/// A certificate request that is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate request is not acceptable")]
pub struct BadRequest;

/// The authority could not make a certificate or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the device authority cannot sign")]
pub struct AuthorityFault;

/// Who certifies devices.
pub trait DeviceAuthority: Send + Sync {
    /// Checks a PKCS #10 request (P-256, its own signature) and tells the device's key, uncompressed SEC1.
    ///
    /// # Errors
    /// [`BadRequest`].
    fn check(&self, request: &[u8]) -> Result<[u8; 65], BadRequest>;

    /// Makes a client certificate for a checked request, DER.
    ///
    /// # Errors
    /// [`AuthorityFault`].
    fn certify(&self, request: &[u8], subject: &str, now_ms: u64) -> Result<Vec<u8>, AuthorityFault>;

    /// Signs the list of these revoked certificates (DER each, and when, milliseconds since 1970); DER.
    ///
    /// # Errors
    /// [`AuthorityFault`].
    fn revocation_list(&self, revoked: &[(Vec<u8>, u64)], now_ms: u64) -> Result<Vec<u8>, AuthorityFault>;

    /// The certificates above a client certificate, DER each; the last is the one that the host trusts.
    fn issuers(&self) -> Vec<Vec<u8>>;
}

/// The bank's side of TLS: its certificate first, then its issuers, DER each; and the key, PKCS #8.
pub struct ServerIdentity {
    /// Leaf first.
    pub chain: Vec<Vec<u8>>,
    /// PKCS #8 DER.
    pub key: Zeroizing<Vec<u8>>,
}

/// All of a bank that its host needs.
#[derive(Clone)]
pub struct Bank {
    /// Opens what terminals send.
    pub issuer: Arc<IssuerKeys>,
    /// Shown to terminals.
    pub server: Arc<ServerIdentity>,
    /// Signs answers.
    pub signing: Arc<SigningKey>,
    /// Certifies devices.
    pub devices: Arc<dyn DeviceAuthority>,
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bank")
    }
}

/// The key that signs the bank's answers.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SigningKey {
    /// From PKCS #8 (P-256).
    ///
    /// # Errors
    /// [`HostError::BankKey`] when it is something else.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, HostError> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(|_| HostError::BankKey)?;
        Ok(Self { pair, random })
    }

    /// Uncompressed SEC1; what a terminal's profile carries.
    pub fn public_point(&self) -> PublicPoint {
        // A P-256 point has 65 bytes, which is what the field holds.
        Bytes::new(self.pair.public_key().as_ref()).unwrap_or_default()
    }
}

impl AnswerSigner for SigningKey {
    fn sign(&self, answer: &AnswerContent) -> Result<Vec<u8>, BooksError> {
        let content = answer.to_content().map_err(|_| BooksError::Signing)?;
        let signature = self
            .pair
            .sign(&self.random, &AnswerContent::signing_input(&content))
            .map_err(|_| BooksError::Signing)?;
        let signature = Bytes::new(signature.as_ref()).map_err(|_| BooksError::Signing)?;
        let signed = Signed { content, signature };
        signed.to_bytes().map(Bytes::into_vec).map_err(|_| BooksError::Signing)
    }
}
