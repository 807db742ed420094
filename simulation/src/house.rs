//! What all runs of a process share, since it takes long to make: the bank's keys, the terminals' settings, the cards.
//!
//! Keys and signatures are real and differ from process to process; nothing that a run draws or traces depends on
//! their bytes, only on their lengths, which are the same.

use mpos_cards::{CardStore, VirtualCard, catalogue};
use mpos_certs::DevelopmentBank as BankKeys;
use mpos_crypto::{SecretKey, dukpt};
use mpos_emv_kernel::{TerminalSettings, settings::CaKey};
use mpos_host::{
    AccountSeed,
    bank::{IssuerKeys, SigningKey},
    tickets::Tickets,
};
use mpos_protocol::{Amount, Bytes, List, Secret, Text, card::CardScheme};
use std::sync::Arc;

/// The cards of every run, by their names in the catalogue.
pub const CARDS: [&str; 4] = ["mastercard", "visa", "maestro", "visa-phone"];

/// Why the keys could not be made.
pub type HouseError = Box<dyn std::error::Error + Send + Sync>;

/// All of it.
pub struct House {
    /// Opens what terminals send.
    pub issuer: Arc<IssuerKeys>,
    /// Signs answers.
    pub signing: Arc<SigningKey>,
    /// Knows a terminal whose state was looked at.
    pub tickets: Tickets,
    /// The kernels' settings.
    pub emv_settings: Bytes<16384>,
    /// A new card of each kind; copies count apart.
    pub cards: Vec<VirtualCard>,
    /// The accounts behind them, in the same order.
    pub accounts: Vec<AccountSeed>,
    bdk: (SecretKey, [u8; 4]),
}

impl House {
    /// Makes the keys: about a second.
    ///
    /// # Errors
    /// When a key cannot be made, or kept for the moment.
    pub fn new() -> Result<Self, HouseError> {
        let folder = tempfile::tempdir()?;
        let keys = BankKeys::open_or_create(folder.path())?;
        let issuer = mpos_cards::IssuerKeys {
            mastercard_imk: keys.mastercard_master_key(),
            visa_imk: keys.visa_master_key(),
        };
        let store = CardStore::in_memory();
        let (mut cards, mut accounts) = (Vec::new(), Vec::new());
        for name in CARDS {
            let choice = catalogue::find(name)?;
            cards.push(choice.personalise(&store, &keys.schemes, &issuer)?);
            let account = choice.accounts().into_iter().next().ok_or("a card without an account")?;
            accounts.push(AccountSeed {
                pan: Secret::new(Text::new(account.pan)?),
                sequence: decimal(account.psn),
                expiry_year: decimal(account.expiry[0]),
                expiry_month: decimal(account.expiry[1]),
                pin: Secret::new(Text::new(account.pin)?),
                balance: Amount::from_minor(account.balance_minor).ok_or("a balance")?,
                blocked: account.blocked,
                scheme: CardScheme::Mastercard,
            });
        }
        let settings: Result<Vec<_>, _> = keys.schemes.ca_public_keys().iter().map(CaKey::try_from).collect();
        let settings = TerminalSettings::development(settings.and_then(List::try_from)?);
        let bdk = keys.base_derivation_key();
        Ok(Self {
            issuer: Arc::new(IssuerKeys::new(
                keys.base_derivation_key(),
                keys.mastercard_master_key(),
                keys.visa_master_key(),
                &keys.reference_key(),
            )),
            signing: Arc::new(SigningKey::from_pkcs8(&keys.signing_key())?),
            tickets: Tickets::new(&[0x5A; 32]),
            emv_settings: Bytes::try_from(postcard::to_allocvec(&settings)?)?,
            cards,
            accounts,
            bdk,
        })
    }

    /// The initial key of a terminal, and its name.
    ///
    /// # Errors
    /// When it cannot be derived.
    pub fn initial_key(&self, number: u32) -> Result<(SecretKey, [u8; 8]), HouseError> {
        let mut id = [0; 8];
        id[..4].copy_from_slice(&self.bdk.1);
        id[4..].copy_from_slice(&number.to_be_bytes());
        Ok((dukpt::derive_initial_key(&self.bdk.0, id)?, id))
    }
}

const fn decimal(bcd: u8) -> u8 {
    (bcd >> 4) * 10 + (bcd & 0x0F)
}
