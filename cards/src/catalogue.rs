//! The cards by name: what each shows, and the accounts that a development issuer opens for them.
//!
//! Account numbers are of ranges that schemes keep for tests, and Luhn-correct; no real card has them. The cards with
//! a fault are the plain Mastercard with that fault. Any card can be given one: `visa+torn:1`.

use mpos_certs::scheme_keys::{Scheme, SchemeKeys};

use crate::brand::Brand;
use crate::fault::Fault;
use crate::personalise::{IssuerKeys, personalise};
use crate::{CardStore, CardsError, VirtualCard};

/// All PINs: these cards are to be tried by hand.
const PIN: &str = "1234";
/// December 2035, YYMM.
const EXPIRY: [u8; 2] = [0x35, 0x12];
/// December 2020, YYMM.
const EXPIRED: [u8; 2] = [0x20, 0x12];
/// Enough for a long demonstration: 5,000.00.
const BALANCE_MINOR: u64 = 500_000;

/// A card by its name.
#[derive(Debug)]
pub struct CatalogueEntry {
    /// What a user types.
    pub name: &'static str,
    /// What it shows, in one line.
    pub shows: &'static str,
    /// Its applications, in the order of its directory.
    pub(crate) products: &'static [Product],
    /// What is wrong with it, as [`Fault::parse`] reads it.
    pub(crate) fault: Option<&'static str>,
}

/// One application of a card, and the account behind it.
#[derive(Debug)]
pub(crate) struct Product {
    /// Name of its file in the card store.
    pub(crate) file: &'static str,
    pub(crate) brand: Brand,
    pub(crate) pan: &'static str,
    /// PAN sequence number (5F34), BCD.
    pub(crate) psn: u8,
    /// YYMM, BCD.
    pub(crate) expiry: [u8; 2],
    /// 1 is first (87).
    pub(crate) priority: u8,
    /// In a phone, whose owner was verified on it.
    pub(crate) device: bool,
    balance_minor: u64,
    blocked: bool,
}

/// An account to be opened by the development issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedAccount {
    /// Digits.
    pub pan: &'static str,
    /// PAN sequence number (5F34), BCD.
    pub psn: u8,
    /// YYMM, BCD.
    pub expiry: [u8; 2],
    /// Digits.
    pub pin: &'static str,
    /// In minor units of the bank's currency.
    pub balance_minor: u64,
    /// Reported stolen.
    pub blocked: bool,
    /// Whose issuer master key the card's keys are derived from.
    pub scheme: Scheme,
    /// The brand's label, as the application has it: `MASTERCARD`, `MAESTRO`, `VISA`, `VISA ELECTRON`, `V PAY`.
    pub label: &'static str,
}

const fn product(brand: Brand, file: &'static str, pan: &'static str) -> Product {
    Product {
        file,
        brand,
        pan,
        psn: 0x01,
        expiry: EXPIRY,
        priority: 1,
        device: false,
        balance_minor: BALANCE_MINOR,
        blocked: false,
    }
}

const MASTERCARD: &[Product] = &[product(Brand::Mastercard, "mastercard", "5413330089030036")];

/// The catalogue.
pub const ENTRIES: &[CatalogueEntry] = &[
    card("mastercard", "a sale up to 40.00 without PIN, above with (CDA, online PIN)", MASTERCARD),
    card(
        "mastercard-phone",
        "a phone whose owner was verified on it: no PIN at any amount",
        &[Product { device: true, ..product(Brand::Mastercard, "mastercard-phone", "5413330089020045") }],
    ),
    card("maestro", "the other Mastercard brand", &[product(Brand::Maestro, "maestro", "6799990100000029")]),
    card(
        "visa",
        "the card's signature already in GET PROCESSING OPTIONS (qVSDC, fDDA), cryptogram version 10",
        &[product(Brand::Visa, "visa", "4761739001010044")],
    ),
    card(
        "visa-phone",
        "a phone verified by its owner: one command and no records, cryptogram version 18",
        &[Product { psn: 0x00, device: true, ..product(Brand::Visa, "visa-phone", "4761739001010051") }],
    ),
    card(
        "electron",
        "Visa without 9F27: the kind of cryptogram is in the issuer's data",
        &[product(Brand::Electron, "electron", "4761739002020034")],
    ),
    card(
        "v-pay",
        "Visa's debit brand, cryptogram version 18",
        &[product(Brand::VPay, "v-pay", "4761739003030040")],
    ),
    card(
        "two-applications",
        "Maestro is listed first, Mastercard has priority and is taken",
        &[
            Product {
                priority: 2,
                ..product(Brand::Maestro, "two-applications-maestro", "6799990200000051")
            },
            product(Brand::Mastercard, "two-applications-mastercard", "5413330089040050"),
        ],
    ),
    card(
        "insufficient-funds",
        "declined by the issuer: 0.50 on the account",
        &[Product {
            balance_minor: 50,
            ..product(Brand::Mastercard, "insufficient-funds", "5413330089050042")
        }],
    ),
    card(
        "expired",
        "declined: the application expired at the end of 2020",
        &[Product { expiry: EXPIRED, ..product(Brand::Mastercard, "expired", "5413330089060041") }],
    ),
    card(
        "blocked",
        "declined by the issuer: reported stolen",
        &[Product { blocked: true, ..product(Brand::Mastercard, "blocked", "5413330089070040") }],
    ),
    faulty(
        "wrong-certificate",
        "a counterfeit, declined by data authentication (wrong-certificate:pan, :issuer, :data or :key)",
    ),
    faulty("torn", "leaves the field during GENERATE AC (torn:N: during the tap's command N, from 0)"),
    faulty("slow", "half a second for each answer"),
    faulty("silent", "stays in the field and never answers"),
    faulty("garbage", "random bytes (garbage:SEED for others)"),
];

const fn card(name: &'static str, shows: &'static str, products: &'static [Product]) -> CatalogueEntry {
    CatalogueEntry { name, shows, products, fault: None }
}

const fn faulty(name: &'static str, shows: &'static str) -> CatalogueEntry {
    CatalogueEntry { name, shows, products: MASTERCARD, fault: Some(name) }
}

/// A card that was chosen: one of the catalogue, perhaps with a fault.
#[derive(Clone, Copy, Debug)]
pub struct CardChoice {
    entry: &'static CatalogueEntry,
    fault: Option<Fault>,
}

/// Finds a card: `mastercard`, `torn`, `torn:2`, `visa+slow`, `visa+torn:0`.
///
/// # Errors
/// [`CardsError::UnknownCard`], [`CardsError::UnknownFault`], [`CardsError::FaultArgument`].
pub fn find(name: &str) -> Result<CardChoice, CardsError> {
    let (card, added) = name.split_once('+').map_or((name, None), |(card, fault)| (card, Some(fault)));
    let base = card.split(':').next().unwrap_or(card);
    let entry = ENTRIES.iter().find(|entry| entry.name == base).ok_or(CardsError::UnknownCard)?;
    let fault = match (entry.fault, added) {
        (None, None) if card == base => None,
        (None, Some(added)) if card == base => Some(Fault::parse(added)?),
        // The name of a faulty card is its fault's.
        (Some(_), None) => Some(Fault::parse(card)?),
        (None, _) => return Err(CardsError::UnknownCard),
        (Some(_), Some(_)) => return Err(CardsError::UnknownFault),
    };
    Ok(CardChoice { entry, fault })
}

/// The accounts behind all cards, each once.
#[must_use]
pub fn accounts() -> Vec<IssuedAccount> {
    let mut accounts: Vec<IssuedAccount> = Vec::new();
    for product in ENTRIES.iter().flat_map(|entry| entry.products) {
        if accounts.iter().all(|account| account.pan != product.pan) {
            accounts.push(product.account());
        }
    }
    accounts
}

impl CardChoice {
    /// The catalogue's entry.
    #[must_use]
    pub const fn entry(&self) -> &'static CatalogueEntry {
        self.entry
    }

    /// The accounts behind its applications.
    #[must_use]
    pub fn accounts(&self) -> Vec<IssuedAccount> {
        self.entry.products.iter().map(Product::account).collect()
    }

    /// Makes the card, or takes it up again with the key and the counter that it had.
    ///
    /// # Errors
    /// [`CardsError`]: its file is damaged or cannot be written, or a key cannot be made.
    pub fn personalise(
        &self,
        store: &CardStore,
        schemes: &SchemeKeys,
        issuer: &IssuerKeys,
    ) -> Result<VirtualCard, CardsError> {
        personalise(self.entry.products, self.fault, store, schemes, issuer)
    }
}

impl Product {
    const fn account(&self) -> IssuedAccount {
        IssuedAccount {
            pan: self.pan,
            psn: self.psn,
            expiry: self.expiry,
            pin: PIN,
            balance_minor: self.balance_minor,
            blocked: self.blocked,
            scheme: self.brand.scheme(),
            label: self.brand.label(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ISO/IEC 7812-1, annex B
    fn is_luhn_correct(pan: &str) -> bool {
        let sum: u32 = pan
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => 2 * digit - 9,
                (_, digit) => 2 * digit,
            })
            .sum();
        sum.is_multiple_of(10)
    }

    #[test]
    fn account_numbers_are_luhn_correct_and_each_is_one_account() {
        let accounts = accounts();
        assert_eq!(accounts.len(), 12);
        for account in &accounts {
            assert!(is_luhn_correct(account.pan), "{}", account.pan);
            assert_eq!(account.pan.len(), 16);
        }
    }

    #[test]
    fn the_card_of_the_brochures_receipt_ends_in_0036() {
        let accounts = find("mastercard").unwrap().accounts();
        assert!(accounts[0].pan.ends_with("0036"));
    }

    #[test]
    fn files_of_different_applications_have_different_names() {
        let mut files: Vec<_> =
            ENTRIES.iter().filter(|e| e.fault.is_none()).flat_map(|e| e.products).map(|p| p.file).collect();
        let all = files.len();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), all);
    }

    #[test]
    fn every_entry_is_found_and_what_is_not_one_is_refused() {
        for entry in ENTRIES {
            assert_eq!(find(entry.name).unwrap().entry().name, entry.name);
            assert!(!entry.shows.is_empty());
        }
        for name in ["torn:3", "garbage:9", "visa+torn:0", "maestro+slow", "wrong-certificate:issuer"] {
            assert!(find(name).is_ok(), "{name}");
        }
        for name in ["", "amex", "visa:1", "+torn", "Mastercard"] {
            assert!(matches!(find(name), Err(CardsError::UnknownCard)), "{name}");
        }
        for name in ["visa+", "visa+lost", "torn+slow"] {
            assert!(matches!(find(name), Err(CardsError::UnknownFault)), "{name}");
        }
    }
}
