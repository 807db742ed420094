//! What the terminal can tell a card: the values that a data object list may ask for.
//!
//! One place for all of them, so that PDOL, CDOL1 and field 55 to the bank cannot disagree. The
//! terminal's own values come before the card's: a card that sends back another amount in a record
//! changes nothing.

use alloc::sync::Arc;
use alloc::vec::Vec;

use mpos_tlv::{Tag, dol};

use crate::card_data::CardData;
use crate::error::CardFault;
use crate::settings::{Combination, KernelSettings, TerminalSettings};
use crate::transaction::{Transaction, bcd};
use crate::tvr::Tvr;

pub(crate) struct TerminalData {
    settings: Arc<TerminalSettings>,
    combination: usize,
    pub(crate) tvr: Tvr,
    pub(crate) cvm_results: [u8; 3],
    pub(crate) capabilities: [u8; 3],
    pub(crate) ttq: Option<[u8; 4]>,
    pub(crate) unpredictable_number: [u8; 4],
    pub(crate) date: [u8; 3],
    amount: [u8; 6],
    amount_other: [u8; 6],
    amount_binary: [u8; 4],
    amount_other_binary: [u8; 4],
    floor_limit: [u8; 4],
    currency: [u8; 2],
    time: [u8; 3],
    kind: [u8; 1],
    sequence_counter: [u8; 4],
    mobile_support: [u8; 1],
    single_bytes: SingleBytes,
}

/// Settings of one byte, as slices can be taken of them.
struct SingleBytes {
    terminal_type: [u8; 1],
    currency_exponent: [u8; 1],
    card_data_input: [u8; 1],
    cvm_required: [u8; 1],
    cvm_not_required: [u8; 1],
    security: [u8; 1],
    kernel_configuration: [u8; 1],
}

/// 9F39: contactless chip (ISO 8583, 22).
const POS_ENTRY_MODE: &[u8] = &[0x07];

impl TerminalData {
    /// `combination` counts in the settings' list.
    pub(crate) fn new(
        settings: &Arc<TerminalSettings>,
        combination: usize,
        transaction: &Transaction,
        unpredictable_number: [u8; 4],
        ttq: Option<[u8; 4]>,
    ) -> Self {
        let binary = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX).to_be_bytes();
        let rules = rules_of(settings, combination);
        let mut single_bytes = SingleBytes {
            terminal_type: [settings.terminal_type],
            currency_exponent: [settings.currency_exponent],
            card_data_input: [0],
            cvm_required: [0],
            cvm_not_required: [0],
            security: [0],
            kernel_configuration: [0],
        };
        let capabilities;
        let mut mobile_support = [0];
        match &rules.kernel {
            KernelSettings::Kernel2(kernel) => {
                single_bytes.card_data_input = [kernel.card_data_input];
                single_bytes.cvm_required = [kernel.cvm_capability_required];
                single_bytes.cvm_not_required = [kernel.cvm_capability_not_required];
                single_bytes.security = [kernel.security_capability];
                single_bytes.kernel_configuration = [kernel.kernel_configuration];
                mobile_support = [kernel.mobile_support];
                // Book C-2: byte 2 is one of the two CVM capabilities, by the amount.
                capabilities =
                    [kernel.card_data_input, kernel.cvm_capability_not_required, kernel.security_capability];
            }
            KernelSettings::Kernel3(kernel) => capabilities = kernel.terminal_capabilities,
        }
        Self {
            combination,
            tvr: Tvr::default(),
            cvm_results: [0; 3],
            capabilities,
            ttq,
            unpredictable_number,
            date: transaction.date,
            amount: bcd(transaction.amount),
            amount_other: bcd(transaction.amount_other),
            amount_binary: binary(transaction.amount),
            amount_other_binary: binary(transaction.amount_other),
            floor_limit: binary(rules.floor_limit),
            currency: transaction.currency,
            time: transaction.time,
            kind: [transaction.kind.code()],
            sequence_counter: bcd(u64::from(transaction.sequence_counter)),
            mobile_support,
            single_bytes,
            settings: Arc::clone(settings),
        }
    }

    pub(crate) const fn settings(&self) -> &Arc<TerminalSettings> {
        &self.settings
    }

    pub(crate) fn rules(&self) -> &Combination {
        rules_of(&self.settings, self.combination)
    }

    /// Book C-2, 9F7E bit 2: the customer's device has to verify.
    pub(crate) const fn require_on_device_cvm(&mut self) {
        self.mobile_support[0] |= 0x02;
    }

    /// The value of an object of the terminal.
    pub(crate) fn get(&self, tag: Tag) -> Option<&[u8]> {
        let settings = &*self.settings;
        let value: &[u8] = match tag {
            Tag::AMOUNT_AUTHORISED => &self.amount,
            Tag::AMOUNT_OTHER => &self.amount_other,
            Tag::AMOUNT_AUTHORISED_BINARY => &self.amount_binary,
            Tag::AMOUNT_OTHER_BINARY => &self.amount_other_binary,
            Tag::TRANSACTION_CURRENCY_CODE => &self.currency,
            Tag::TRANSACTION_CURRENCY_EXPONENT => &self.single_bytes.currency_exponent,
            Tag::TRANSACTION_DATE => &self.date,
            Tag::TRANSACTION_TIME => &self.time,
            Tag::TRANSACTION_TYPE => &self.kind,
            Tag::TRANSACTION_SEQUENCE_COUNTER => &self.sequence_counter,
            Tag::UNPREDICTABLE_NUMBER => &self.unpredictable_number,
            Tag::TVR => &self.tvr.0,
            Tag::CVM_RESULTS => &self.cvm_results,
            Tag::TERMINAL_COUNTRY_CODE => &settings.country,
            Tag::TERMINAL_TYPE => &self.single_bytes.terminal_type,
            Tag::TERMINAL_CAPABILITIES => &self.capabilities,
            Tag::ADDITIONAL_TERMINAL_CAPABILITIES => &settings.additional_capabilities,
            Tag::TERMINAL_FLOOR_LIMIT => &self.floor_limit,
            Tag::TERMINAL_IDENTIFICATION => settings.terminal_identification.as_bytes(),
            Tag::IFD_SERIAL_NUMBER => settings.device_serial.as_bytes(),
            Tag::MERCHANT_CATEGORY_CODE => &settings.merchant_category,
            Tag::MERCHANT_IDENTIFIER => settings.merchant_identifier.as_bytes(),
            Tag::MERCHANT_NAME_AND_LOCATION => settings.merchant_name.as_bytes(),
            Tag::ACQUIRER_IDENTIFIER => &settings.acquirer,
            Tag::AID_TERMINAL => &self.rules().aid,
            Tag::APPLICATION_VERSION_TERMINAL => &self.rules().application_version,
            Tag::POS_ENTRY_MODE => POS_ENTRY_MODE,
            Tag::TTQ => self.ttq.as_ref()?,
            _ => return self.get_kernel2(tag),
        };
        Some(value)
    }

    /// The objects that only kernel 2 knows.
    fn get_kernel2(&self, tag: Tag) -> Option<&[u8]> {
        let KernelSettings::Kernel2(kernel) = &self.rules().kernel else { return None };
        let value: &[u8] = match tag {
            Tag::TERMINAL_RISK_MANAGEMENT_DATA => &kernel.risk_management_data,
            Tag::MOBILE_SUPPORT_INDICATOR => &self.mobile_support,
            Tag::CARD_DATA_INPUT_CAPABILITY => &self.single_bytes.card_data_input,
            Tag::CVM_CAPABILITY_CVM_REQUIRED => &self.single_bytes.cvm_required,
            Tag::CVM_CAPABILITY_NO_CVM_REQUIRED => &self.single_bytes.cvm_not_required,
            Tag::SECURITY_CAPABILITY => &self.single_bytes.security,
            Tag::KERNEL_CONFIGURATION => &self.single_bytes.kernel_configuration,
            Tag::DEFAULT_UDOL => &kernel.udol,
            Tag::TAC_DEFAULT => &kernel.tac_default,
            Tag::TAC_DENIAL => &kernel.tac_denial,
            Tag::TAC_ONLINE => &kernel.tac_online,
            _ => return None,
        };
        Some(value)
    }

    /// The values that the list under `list` asks for: the terminal's, else the card's own.
    pub(crate) fn fill(&self, list: Tag, card: &CardData) -> Result<Vec<u8>, CardFault> {
        let dol = card.get(list).unwrap_or_default();
        dol::fill(dol, |tag| self.get(tag).or_else(|| card_value(card, tag)))
            .map_err(|fault| CardFault::Dol(list, fault))
    }
}

fn rules_of(settings: &TerminalSettings, combination: usize) -> &Combination {
    settings.combinations.get(combination).expect("the position was taken from this list")
}

/// A value of the card's own that it wants back. Account data are not echoed: commands are recorded.
fn card_value(card: &CardData, tag: Tag) -> Option<&[u8]> {
    match tag {
        Tag::PAN
        | Tag::TRACK1_DATA
        | Tag::TRACK2_EQUIVALENT_DATA
        | Tag::TRACK2_DATA
        | Tag::TRACK1_DISCRETIONARY_DATA
        | Tag::TRACK2_DISCRETIONARY_DATA
        | Tag::CARDHOLDER_NAME
        | Tag::CARDHOLDER_NAME_EXTENDED
        | Tag::EXPIRATION_DATE => None,
        _ => card.get(tag),
    }
}
