//! The bank that a terminal belongs to: in this process, or elsewhere.

use crate::{
    arguments::BankAddress, cards_command::CardChoice, data_folder::DataFolder,
    development_bank::DevelopmentBank, error::ProgramError, terminal::BankContact,
};
use mpos_cards::VirtualCard;
use mpos_host::{KeptMessages, RunningHost, SmsGateway};
use mpos_protocol::{Text, terminal::Merchant};
use mpos_std::bank_pins::{BankPins, PinFault};
use std::{fs, path::Path, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// How long a code has to live that is used at once.
pub(crate) const CODE_USED_AT_ONCE: Duration = Duration::from_secs(600);

pub(crate) use mpos_terminal::BANK_NAME;

/// The business of a terminal that nobody named one for, and its address.
pub(crate) const DEMO_MERCHANT: &str = "Demo Shop";
pub(crate) const DEMO_ADDRESS: &str = "Prishtinë";

/// A bank.
pub(crate) struct Bank {
    keys: DevelopmentBank,
    place: Place,
}

enum Place {
    Here(RunningHost),
    Elsewhere(BankAddress, String),
}

impl Bank {
    /// Starts the embedded host on a free loopback port, or notes where the other one is.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn open(folder: &DataFolder, address: &BankAddress) -> Result<Self, ProgramError> {
        Self::open_with(folder, address, Arc::new(KeptMessages))
    }

    /// The same, where the embedded host's messages to phones leave through this gateway.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn open_with(
        folder: &DataFolder,
        address: &BankAddress,
        sms_gateway: Arc<dyn SmsGateway>,
    ) -> Result<Self, ProgramError> {
        let keys = match &address.bank_data {
            Some(path) => DevelopmentBank::of(path)?,
            None => DevelopmentBank::open(folder)?,
        };
        let place = match &address.host {
            Some(host) => Place::Elsewhere(address.clone(), host.clone()),
            None => Place::Here(keys.start_host(None, sms_gateway)?),
        };
        Ok(Self { keys, place })
    }

    /// How a terminal reaches it, and knows it.
    ///
    /// # Errors
    /// [`ProgramError`] when the CAs' file is not one.
    pub(crate) fn contact(&self) -> Result<BankContact, ProgramError> {
        let (address, ca_file) = match &self.place {
            Place::Here(host) => (host.address.to_string(), None),
            Place::Elsewhere(given, host) => (host.clone(), given.bank_ca.as_deref()),
        };
        let file = ca_file.map_or_else(|| self.keys.server_ca_file(), Path::to_owned);
        Ok(BankContact { address, pins: read_pins(&file)? })
    }

    /// A code for a terminal that is not activated, good for `lifetime`.
    ///
    /// # Errors
    /// [`ProgramError::NoActivationCode`] when the bank is elsewhere and none was given.
    pub(crate) fn activation_code(&self, lifetime: Duration) -> Result<Zeroizing<String>, ProgramError> {
        match &self.place {
            Place::Here(_) => self.keys.activation_code(&demo_merchant(), lifetime),
            Place::Elsewhere(address, _) => {
                address.activation_code.clone().map(Zeroizing::new).ok_or(ProgramError::NoActivationCode)
            }
        }
    }

    /// The staff's side of the bank's books, for tests.
    ///
    /// # Errors
    /// [`ProgramError`].
    #[cfg(test)]
    pub(crate) fn console(&self) -> Result<mpos_host::Console, ProgramError> {
        self.keys.console()
    }

    /// The card with its keys and certificates of this bank.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn personalise(&self, choice: &CardChoice) -> Result<VirtualCard, ProgramError> {
        self.keys.personalise(choice)
    }
}

fn read_pins(path: &Path) -> Result<BankPins, ProgramError> {
    let pem = fs::read(path).map_err(|source| ProgramError::File { path: path.to_owned(), source })?;
    BankPins::from_pem(&pem).map_err(|fault: PinFault| ProgramError::NotA {
        path: path.to_owned(),
        expected: "the certificates of a bank's CAs in PEM",
        problem: fault.to_string(),
    })
}

fn demo_merchant() -> Merchant {
    Merchant { name: Text::clipped(DEMO_MERCHANT), address: Text::clipped(DEMO_ADDRESS) }
}
