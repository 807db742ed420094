//! The accounts behind the bank's cards, for the tests that open them otherwise than the bank does, or count the money
//! on them.

use crate::support::{command, text};
use mpos_cards::{IssuedAccount, catalogue};
use mpos_certs::DevelopmentBank;
use mpos_host::{AccountSeed, Console, SystemClock, bank::IssuerKeys};
use mpos_protocol::{Amount, Secret, Text, card::CardScheme};
use std::{path::Path, sync::Arc};

/// The bank's own keys and books.
pub(crate) struct Issuer {
    keys: IssuerKeys,
    pub(crate) console: Console,
}

impl Issuer {
    /// Of the bank in this folder, which is made when there is none.
    pub(crate) fn of(bank: &Path) -> Self {
        let made = command(bank).args(["host", "terminals"]).output().unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        let folder = bank.join("bank");
        let keys = DevelopmentBank::open_or_create(&folder).unwrap();
        let keys = IssuerKeys::new(
            keys.base_derivation_key(),
            keys.mastercard_master_key(),
            keys.visa_master_key(),
            &keys.reference_key(),
        );
        Self { keys, console: Console::open(&folder, Arc::new(SystemClock)).unwrap() }
    }

    /// Opens the cards' accounts before the bank does, each changed by `change`.
    pub(crate) fn open_accounts(&self, change: impl Fn(IssuedAccount) -> IssuedAccount) {
        let accounts: Vec<_> =
            catalogue::accounts().into_iter().map(|account| seed(&change(account))).collect();
        self.console.seed_accounts(&self.keys, &accounts).unwrap();
    }

    /// What is on the account of this card, in minor units.
    pub(crate) fn balance(&self, pan: &str) -> u64 {
        self.console.balance(&self.keys, pan).unwrap().unwrap()
    }
}

fn seed(card: &IssuedAccount) -> AccountSeed {
    let decimal = |bcd: u8| (bcd >> 4) * 10 + (bcd & 0x0F);
    AccountSeed {
        pan: Secret::new(Text::new(card.pan).unwrap()),
        sequence: decimal(card.psn),
        expiry_year: decimal(card.expiry[0]),
        expiry_month: decimal(card.expiry[1]),
        pin: Secret::new(Text::new(card.pin).unwrap()),
        balance: Amount::from_minor(card.balance_minor).unwrap(),
        blocked: card.blocked,
        scheme: match card.label {
            "MASTERCARD" => CardScheme::Mastercard,
            "MAESTRO" => CardScheme::Maestro,
            "VISA" => CardScheme::Visa,
            "VISA ELECTRON" => CardScheme::VisaElectron,
            _ => CardScheme::VPay,
        },
    }
}
