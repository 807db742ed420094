//! The bank on this machine: its keys and certificates (`mpos-certs`), handed to its host (`mpos-host`) and to its
//! card bureau (`mpos-cards`). A real bank has these three in different houses.

use crate::{
    bank::BANK_NAME,
    cards_command::CardChoice,
    data_folder::{BANK_FOLDER, DataFolder},
    error::ProgramError,
};
use mpos_cards::{CardStore, IssuedAccount, VirtualCard, catalogue};
use mpos_certs::{DevelopmentBank as BankKeys, enrol};
use mpos_emv_kernel::{TerminalSettings, settings::CaKey};
use mpos_host::{
    AccountSeed, Bank, Console, Host, HostConfig, HostError, RunningHost, SmsGateway, SystemClock,
    bank::{AuthorityFault, BadRequest, DeviceAuthority, IssuerKeys, ServerIdentity, SigningKey},
    standing::Policy,
};
use mpos_protocol::{
    Amount, Bytes, List, Secret, Text, card::CardScheme, pin::PinBlockFormat, terminal::Merchant,
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use zeroize::Zeroizing;

/// The bank.
pub(crate) struct DevelopmentBank {
    home: DataFolder,
    folder: PathBuf,
    keys: Arc<BankKeys>,
    pin_format: PinBlockFormat,
}

impl DevelopmentBank {
    /// Reads the bank's keys, or makes them the first time.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn open(home: &DataFolder) -> Result<Self, ProgramError> {
        let folder = home.bank()?;
        let keys = Arc::new(BankKeys::open_or_create(&folder)?);
        Ok(Self { home: home.clone(), folder, keys, pin_format: PinBlockFormat::default() })
    }

    /// The same, whose security module takes PIN blocks of this format.
    pub(crate) fn taking(self, pin_format: PinBlockFormat) -> Self {
        Self { pin_format, ..self }
    }

    /// The bank that keeps its things in this data folder, made by another process.
    ///
    /// # Errors
    /// [`ProgramError::NoBankThere`].
    pub(crate) fn of(path: &Path) -> Result<Self, ProgramError> {
        if !path.join(BANK_FOLDER).is_dir() {
            return Err(ProgramError::NoBankThere { path: path.to_owned() });
        }
        Self::open(&DataFolder::open(Some(path))?)
    }

    /// Starts its host, on a free loopback port unless told where, with the cards' accounts opened.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn start_host(
        &self,
        listen: Option<SocketAddr>,
        sms_gateway: Arc<dyn SmsGateway>,
    ) -> Result<RunningHost, ProgramError> {
        self.console()?.seed_accounts(&self.issuer_keys(), &accounts()?)?;
        let mut config = HostConfig::new(self.folder.clone(), self.bank()?);
        if let Some(listen) = listen {
            config.listen = listen;
        }
        config.bank_name = Text::clipped(BANK_NAME);
        config.sms_gateway = sms_gateway;
        config.emv_settings = self.emv_settings()?;
        config.policy = self.policy()?;
        Ok(Host::start(config)?)
    }

    /// The staff's side of its books.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn console(&self) -> Result<Console, ProgramError> {
        Ok(Console::open(&self.folder, Arc::new(SystemClock))?)
    }

    /// What follows of what is found at a terminal's device.
    ///
    /// # Errors
    /// [`ProgramError::Policy`].
    pub(crate) fn policy(&self) -> Result<Policy, ProgramError> {
        Ok(Policy::open(&self.folder, Policy::development())?)
    }

    /// Keeps another table.
    ///
    /// # Errors
    /// [`ProgramError::Policy`].
    pub(crate) fn keep_policy(&self, policy: &Policy) -> Result<(), ProgramError> {
        Ok(policy.write(&self.folder)?)
    }

    /// Makes an activation code.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn activation_code(
        &self,
        merchant: &Merchant,
        lifetime: Duration,
    ) -> Result<Zeroizing<String>, ProgramError> {
        Ok(Zeroizing::new(self.console()?.create_activation_code(merchant, lifetime)?.to_string()))
    }

    /// The file of the CAs that terminals pin.
    pub(crate) fn server_ca_file(&self) -> PathBuf {
        self.keys.server_ca_file()
    }

    /// Leaves the CA that certifies the host for the backup, which terminals pin too.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn move_to_backup_ca(home: &DataFolder) -> Result<Self, ProgramError> {
        let folder = home.bank()?;
        let mut keys = BankKeys::open_or_create(&folder)?;
        keys.move_to_backup_ca()?;
        Ok(Self { home: home.clone(), folder, keys: Arc::new(keys), pin_format: PinBlockFormat::default() })
    }

    /// A card of this bank, with the counters it had when it was last used.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn personalise(&self, choice: &CardChoice) -> Result<VirtualCard, ProgramError> {
        let store = CardStore::open(&self.home.cards()?)?;
        let issuer = mpos_cards::IssuerKeys {
            mastercard_imk: self.keys.mastercard_master_key(),
            visa_imk: self.keys.visa_master_key(),
        };
        Ok(choice.personalise(&store, &self.keys.schemes, &issuer)?)
    }

    fn bank(&self) -> Result<Bank, HostError> {
        let (chain, key) = self.keys.server();
        Ok(Bank {
            issuer: Arc::new(self.issuer_keys()),
            server: Arc::new(ServerIdentity { chain, key }),
            signing: Arc::new(SigningKey::from_pkcs8(&self.keys.signing_key())?),
            devices: Arc::new(Devices(Arc::clone(&self.keys))),
        })
    }

    fn issuer_keys(&self) -> IssuerKeys {
        let keys = &self.keys;
        let mut issuer = IssuerKeys::new(
            keys.base_derivation_key(),
            keys.mastercard_master_key(),
            keys.visa_master_key(),
            &keys.reference_key(),
        );
        issuer.pin_format = self.pin_format;
        issuer
    }

    /// What terminals' kernels are set to: this product's limits, and the keys of the schemes' CAs.
    fn emv_settings(&self) -> Result<Bytes<16384>, ProgramError> {
        let keys = self.keys.schemes.ca_public_keys();
        let fault = |problem: String| ProgramError::Settings { problem };
        let keys: Result<Vec<_>, _> = keys.iter().map(CaKey::try_from).collect();
        let keys = keys.and_then(List::try_from).map_err(|error| fault(error.to_string()))?;
        let settings = TerminalSettings::development(keys);
        let bytes = postcard::to_allocvec(&settings).map_err(|error| fault(error.to_string()))?;
        Bytes::try_from(bytes).map_err(|error| fault(error.to_string()))
    }
}

/// The device CA as the host asks for it.
struct Devices(Arc<BankKeys>);

impl DeviceAuthority for Devices {
    fn check(&self, request: &[u8]) -> Result<[u8; 65], BadRequest> {
        enrol::device_key(request).map_err(|_| BadRequest)
    }

    fn certify(&self, request: &[u8], subject: &str, now_ms: u64) -> Result<Vec<u8>, AuthorityFault> {
        self.0.devices.issue(request, subject, now_ms).map_err(|_| AuthorityFault)
    }

    fn revocation_list(&self, revoked: &[(Vec<u8>, u64)], now_ms: u64) -> Result<Vec<u8>, AuthorityFault> {
        self.0.devices.revocation_list(revoked, now_ms).map_err(|_| AuthorityFault)
    }

    fn issuers(&self) -> Vec<Vec<u8>> {
        vec![self.0.devices.certificate().to_vec()]
    }
}

/// The accounts behind the virtual cards, as the issuer opens them.
fn accounts() -> Result<Vec<AccountSeed>, ProgramError> {
    catalogue::accounts().iter().map(account).collect()
}

fn account(card: &IssuedAccount) -> Result<AccountSeed, ProgramError> {
    let misfit = |problem: String| ProgramError::Settings { problem };
    let [year, month] = card.expiry.map(decimal);
    Ok(AccountSeed {
        pan: Secret::new(Text::new(card.pan).map_err(|error| misfit(error.to_string()))?),
        sequence: decimal(card.psn),
        expiry_year: year,
        expiry_month: month,
        pin: Secret::new(Text::new(card.pin).map_err(|error| misfit(error.to_string()))?),
        balance: Amount::from_minor(card.balance_minor)
            .ok_or_else(|| misfit("a balance is too large".to_owned()))?,
        blocked: card.blocked,
        scheme: scheme(card.label).ok_or_else(|| misfit(format!("the brand {} is unknown", card.label)))?,
    })
}

const fn decimal(bcd: u8) -> u8 {
    (bcd >> 4) * 10 + (bcd & 0x0F)
}

fn scheme(label: &str) -> Option<CardScheme> {
    match label {
        "MASTERCARD" => Some(CardScheme::Mastercard),
        "MAESTRO" => Some(CardScheme::Maestro),
        "VISA" => Some(CardScheme::Visa),
        "VISA ELECTRON" => Some(CardScheme::VisaElectron),
        "V PAY" => Some(CardScheme::VPay),
        _ => None,
    }
}
