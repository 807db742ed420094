//! The bank that a terminal belongs to: in this process, or elsewhere.

use crate::{
    arguments::BankAddress, cards_command::CardChoice, data_folder::DataFolder,
    development_bank::DevelopmentBank, error::ProgramError, terminal::BankContact,
};
use mpos_cards::VirtualCard;
use mpos_host::RunningHost;
use mpos_protocol::terminal::Merchant;
use std::{fs, time::Duration};
use zeroize::Zeroizing;

/// How long a code for our own terminal has to live.
const OWN_CODE_LIFETIME: Duration = Duration::from_secs(600);

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
        let keys = DevelopmentBank::open(folder)?;
        let place = match &address.host {
            Some(host) => Place::Elsewhere(address.clone(), host.clone()),
            None => Place::Here(keys.start_host(None)?),
        };
        Ok(Self { keys, place })
    }

    /// How a terminal reaches it, and knows it.
    ///
    /// # Errors
    /// [`ProgramError`] when the CA's file is not one.
    pub(crate) fn contact(&self) -> Result<BankContact, ProgramError> {
        match &self.place {
            Place::Here(host) => {
                Ok(BankContact { address: host.address.to_string(), ca: self.keys.server_ca() })
            }
            Place::Elsewhere(BankAddress { bank_ca: None, .. }, host) => {
                Ok(BankContact { address: host.clone(), ca: self.keys.server_ca() })
            }
            Place::Elsewhere(BankAddress { bank_ca: Some(path), .. }, host) => {
                let pem =
                    fs::read(path).map_err(|source| ProgramError::File { path: path.clone(), source })?;
                let ca =
                    mpos_std::tls_line::certificate_from_pem(&pem).map_err(|error| ProgramError::NotA {
                        path: path.clone(),
                        expected: "a certificate in PEM",
                        problem: error.to_string(),
                    })?;
                Ok(BankContact { address: host.clone(), ca })
            }
        }
    }

    /// A code for a terminal that is not activated.
    ///
    /// # Errors
    /// [`ProgramError::NoActivationCode`] when the bank is elsewhere and none was given.
    pub(crate) fn activation_code(&self) -> Result<Zeroizing<String>, ProgramError> {
        match &self.place {
            Place::Here(_) => {
                let merchant = demo_merchant();
                self.keys.activation_code(&merchant, OWN_CODE_LIFETIME)
            }
            Place::Elsewhere(address, _) => {
                address.activation_code.clone().map(Zeroizing::new).ok_or(ProgramError::NoActivationCode)
            }
        }
    }

    /// The card with its keys and certificates of this bank.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn personalise(
        &self,
        folder: &DataFolder,
        choice: &CardChoice,
    ) -> Result<VirtualCard, ProgramError> {
        self.keys.personalise(folder, choice)
    }
}

/// The business of a terminal that nobody named one for.
pub(crate) fn demo_merchant() -> Merchant {
    Merchant {
        name: mpos_protocol::Text::clipped("Demo Shop"),
        address: mpos_protocol::Text::clipped("Prishtinë"),
    }
}
