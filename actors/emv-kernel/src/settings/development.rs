//! This product's settings for a development bank: euro, five AIDs, and the 40.00 rule.

use alloc::vec::Vec;

use mpos_protocol::{Bytes, List, Text};

use super::{
    CaKey, CaKeySet, Combination, Kernel2Settings, Kernel3Settings, KernelSettings, TerminalSettings,
    ZeroAmount,
};
use crate::limits::CA_KEYS_MAX;

/// PIN above 40.00. Kernel 2 compares with `>`: 4000 needs none, 4001 does.
const CVM_LIMIT_KERNEL2: u64 = 4000;
/// The same rule for kernel 3, which compares with `>=`.
const CVM_LIMIT_KERNEL3: u64 = 4001;

const MASTERCARD: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10];
const MAESTRO: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x30, 0x60];
const VISA: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
const VISA_ELECTRON: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x20, 0x10];
const V_PAY: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x20, 0x20];

impl TerminalSettings {
    /// The settings that the development bank gives its terminals, with the schemes' keys.
    ///
    /// Country 0900, which acquirers in Kosovo commonly use, as ISO 3166 has no number for it; euro;
    /// attended and online only; online PIN and verification on the customer's device, no signature.
    pub fn development(ca_keys: List<CaKey, CA_KEYS_MAX>) -> Self {
        let combinations: Vec<Combination> = [MASTERCARD, MAESTRO]
            .into_iter()
            .map(|aid| combination(aid, KernelSettings::Kernel2(kernel2()), CVM_LIMIT_KERNEL2, [0x00, 0x02]))
            .chain([VISA, VISA_ELECTRON, V_PAY].into_iter().map(|aid| {
                combination(aid, KernelSettings::Kernel3(kernel3()), CVM_LIMIT_KERNEL3, [0x00, 0x8C])
            }))
            .collect();
        Self {
            country: [0x09, 0x00],
            currency_exponent: 2,
            terminal_type: 0x21,
            // Goods and services; numeric and command keys; displays for attendant and cardholder.
            additional_capabilities: [0x60, 0x00, 0xA0, 0x30, 0x01],
            merchant_category: [0x59, 0x99],
            merchant_name: Text::clipped("mPOS development merchant"),
            merchant_identifier: Text::clipped("000000000000001"),
            terminal_identification: Text::clipped("TM000001"),
            device_serial: Text::clipped("MPOS0001"),
            acquirer: [0; 6],
            combinations: List::try_from(combinations).expect("five combinations fit"),
            ca_key_set: CaKeySet::Live,
            ca_keys,
            revoked_certificates: List::default(),
        }
    }
}

fn combination(aid: &[u8], kernel: KernelSettings, cvm_limit: u64, version: [u8; 2]) -> Combination {
    Combination {
        aid: Bytes::new(aid).expect("an AID of ours fits"),
        kernel,
        transaction_limit: None,
        floor_limit: 0,
        cvm_limit: Some(cvm_limit),
        zero_amount: ZeroAmount::NotAllowed,
        extended_selection: true,
        application_version: version,
    }
}

fn kernel2() -> Kernel2Settings {
    Kernel2Settings {
        card_data_input: 0x00,
        cvm_capability_required: 0x40,
        cvm_capability_not_required: 0x08,
        security_capability: 0x08,
        kernel_configuration: 0xA0,
        tac_default: [0xFC, 0x50, 0xBC, 0xF8, 0x00],
        // "CDA failed": a card whose key index or certificates were spoiled on the way, so that the rest
        // of its data need not be genuine, is refused. "Cardholder verification was not successful":
        // above 40.00 there is a PIN or no sale.
        tac_denial: [0x04, 0x00, 0x80, 0x00, 0x00],
        tac_online: [0xFC, 0x50, 0xBC, 0xF8, 0x00],
        transaction_limit_on_device: None,
        // Online PIN, no CVM and verification on the device, contactless; no mag-stripe mode.
        risk_management_data: [0x4C, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00],
        mobile_support: 0x01,
        udol: Bytes::default(),
    }
}

fn kernel3() -> Kernel3Settings {
    // EMV mode, online PIN, verification on the device. No fDDA for what goes online: everything does, where the
    // issuer checks the cryptogram, and a card without an AFL is the normal case.
    Kernel3Settings { ttq: [0x24, 0x00, 0x40, 0x00], terminal_capabilities: [0x00, 0x48, 0x00] }
}
