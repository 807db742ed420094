//! The tags by number, with the name the books give them and the format of their value.
//!
//! One table, so that a tag cannot have a name without a format: filling a data object list depends
//! on the format (EMV 4.3 Book 3, 5.4), and a person reading a tap wants the name.

use core::fmt;

/// The tag of a data object, as the number its bytes make (`9F02` is `0x9F02`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

/// How the value of a data object is written (EMV 4.3 Book 3, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `n`: two digits a byte, right-justified, leading zeros.
    Numeric,
    /// `cn`: two digits a byte, left-justified, trailing `F`s.
    CompressedNumeric,
    /// `a`, `an`, `ans`: text.
    Text,
    /// `b`: bits or bytes.
    Binary,
    /// A template, which holds data objects.
    Template,
}

macro_rules! tags {
    ($($name:ident $number:literal $format:ident $text:literal)*) => {
        impl Tag {
            $(#[doc = concat!($text, " (`", stringify!($number), "`).")]
            pub const $name: Self = Self($number);)*

            /// The name of the data object in the books; `None` for a tag we do not know.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 { $($number => Some($text),)* _ => None }
            }

            /// The format of its value; [`Format::Binary`] for a tag we do not know.
            pub const fn format(self) -> Format {
                match self.0 { $($number => Format::$format,)* _ => Format::Binary }
            }

            /// Every tag of the table.
            pub const ALL: &'static [Self] = &[$(Self($number)),*];
        }
    };
}

// EMV 4.3 Book 3, Annex A; Book B for the PPSE; Books C-2 and C-3 for the kernels' own.
tags! {
    ISSUER_IDENTIFICATION_NUMBER      0x42   Numeric           "Issuer Identification Number"
    ADF_NAME                          0x4F   Binary            "Application Identifier (ADF Name)"
    APPLICATION_LABEL                 0x50   Text              "Application Label"
    TRACK1_DATA                       0x56   Text              "Track 1 Data"
    TRACK2_EQUIVALENT_DATA            0x57   Binary            "Track 2 Equivalent Data"
    PAN                               0x5A   CompressedNumeric "Application Primary Account Number (PAN)"
    APPLICATION_TEMPLATE              0x61   Template          "Application Template"
    FCI_TEMPLATE                      0x6F   Template          "File Control Information (FCI) Template"
    RECORD_TEMPLATE                   0x70   Template          "READ RECORD Response Message Template"
    ISSUER_SCRIPT_TEMPLATE_1          0x71   Template          "Issuer Script Template 1"
    ISSUER_SCRIPT_TEMPLATE_2          0x72   Template          "Issuer Script Template 2"
    DIRECTORY_DISCRETIONARY_TEMPLATE  0x73   Template          "Directory Discretionary Template"
    RESPONSE_TEMPLATE_2               0x77   Template          "Response Message Template Format 2"
    RESPONSE_TEMPLATE_1               0x80   Binary            "Response Message Template Format 1"
    AMOUNT_AUTHORISED_BINARY          0x81   Binary            "Amount, Authorised (Binary)"
    AIP                               0x82   Binary            "Application Interchange Profile"
    COMMAND_TEMPLATE                  0x83   Binary            "Command Template"
    DF_NAME                           0x84   Binary            "Dedicated File (DF) Name"
    ISSUER_SCRIPT_COMMAND             0x86   Binary            "Issuer Script Command"
    APPLICATION_PRIORITY_INDICATOR    0x87   Binary            "Application Priority Indicator"
    SFI                               0x88   Binary            "Short File Identifier (SFI)"
    AUTHORISATION_CODE                0x89   Text              "Authorisation Code"
    AUTHORISATION_RESPONSE_CODE       0x8A   Text              "Authorisation Response Code"
    CDOL1                             0x8C   Binary            "Card Risk Management Data Object List 1 (CDOL1)"
    CDOL2                             0x8D   Binary            "Card Risk Management Data Object List 2 (CDOL2)"
    CVM_LIST                          0x8E   Binary            "Cardholder Verification Method (CVM) List"
    CA_PUBLIC_KEY_INDEX               0x8F   Binary            "Certification Authority Public Key Index (card)"
    ISSUER_PUBLIC_KEY_CERTIFICATE     0x90   Binary            "Issuer Public Key Certificate"
    ISSUER_AUTHENTICATION_DATA        0x91   Binary            "Issuer Authentication Data"
    ISSUER_PUBLIC_KEY_REMAINDER       0x92   Binary            "Issuer Public Key Remainder"
    SIGNED_STATIC_APPLICATION_DATA    0x93   Binary            "Signed Static Application Data"
    AFL                               0x94   Binary            "Application File Locator (AFL)"
    TVR                               0x95   Binary            "Terminal Verification Results"
    TDOL                              0x97   Binary            "Transaction Certificate Data Object List (TDOL)"
    TC_HASH_VALUE                     0x98   Binary            "Transaction Certificate (TC) Hash Value"
    PIN_DATA                          0x99   Binary            "Transaction Personal Identification Number (PIN) Data"
    TRANSACTION_DATE                  0x9A   Numeric           "Transaction Date"
    TSI                               0x9B   Binary            "Transaction Status Information"
    TRANSACTION_TYPE                  0x9C   Numeric           "Transaction Type"
    DDF_NAME                          0x9D   Binary            "Directory Definition File (DDF) Name"
    FCI_PROPRIETARY_TEMPLATE          0xA5   Template          "File Control Information (FCI) Proprietary Template"
    CARDHOLDER_NAME                   0x5F20 Text              "Cardholder Name"
    EXPIRATION_DATE                   0x5F24 Numeric           "Application Expiration Date"
    EFFECTIVE_DATE                    0x5F25 Numeric           "Application Effective Date"
    ISSUER_COUNTRY_CODE               0x5F28 Numeric           "Issuer Country Code"
    TRANSACTION_CURRENCY_CODE         0x5F2A Numeric           "Transaction Currency Code"
    LANGUAGE_PREFERENCE               0x5F2D Text              "Language Preference"
    SERVICE_CODE                      0x5F30 Numeric           "Service Code"
    PAN_SEQUENCE_NUMBER               0x5F34 Numeric           "Application PAN Sequence Number"
    TRANSACTION_CURRENCY_EXPONENT     0x5F36 Numeric           "Transaction Currency Exponent"
    ISSUER_URL                        0x5F50 Text              "Issuer URL"
    IBAN                              0x5F53 Binary            "International Bank Account Number (IBAN)"
    BIC                               0x5F54 Binary            "Bank Identifier Code (BIC)"
    ISSUER_COUNTRY_CODE_ALPHA2        0x5F55 Text              "Issuer Country Code (alpha2 format)"
    ISSUER_COUNTRY_CODE_ALPHA3        0x5F56 Text              "Issuer Country Code (alpha3 format)"
    ACCOUNT_TYPE                      0x5F57 Numeric           "Account Type"
    ACQUIRER_IDENTIFIER               0x9F01 Numeric           "Acquirer Identifier"
    AMOUNT_AUTHORISED                 0x9F02 Numeric           "Amount, Authorised (Numeric)"
    AMOUNT_OTHER                      0x9F03 Numeric           "Amount, Other (Numeric)"
    AMOUNT_OTHER_BINARY               0x9F04 Binary            "Amount, Other (Binary)"
    APPLICATION_DISCRETIONARY_DATA    0x9F05 Binary            "Application Discretionary Data"
    AID_TERMINAL                      0x9F06 Binary            "Application Identifier (AID), terminal"
    APPLICATION_USAGE_CONTROL         0x9F07 Binary            "Application Usage Control"
    APPLICATION_VERSION_CARD          0x9F08 Binary            "Application Version Number (card)"
    APPLICATION_VERSION_TERMINAL      0x9F09 Binary            "Application Version Number (terminal)"
    ASRPD                             0x9F0A Binary            "Application Selection Registered Proprietary Data"
    CARDHOLDER_NAME_EXTENDED          0x9F0B Text              "Cardholder Name Extended"
    IAC_DEFAULT                       0x9F0D Binary            "Issuer Action Code - Default"
    IAC_DENIAL                        0x9F0E Binary            "Issuer Action Code - Denial"
    IAC_ONLINE                        0x9F0F Binary            "Issuer Action Code - Online"
    ISSUER_APPLICATION_DATA           0x9F10 Binary            "Issuer Application Data"
    ISSUER_CODE_TABLE_INDEX           0x9F11 Numeric           "Issuer Code Table Index"
    APPLICATION_PREFERRED_NAME        0x9F12 Text              "Application Preferred Name"
    LAST_ONLINE_ATC                   0x9F13 Binary            "Last Online Application Transaction Counter (ATC) Register"
    LOWER_CONSECUTIVE_OFFLINE_LIMIT   0x9F14 Binary            "Lower Consecutive Offline Limit"
    MERCHANT_CATEGORY_CODE            0x9F15 Numeric           "Merchant Category Code"
    MERCHANT_IDENTIFIER               0x9F16 Text              "Merchant Identifier"
    PIN_TRY_COUNTER                   0x9F17 Binary            "PIN Try Counter"
    TOKEN_REQUESTOR_ID                0x9F19 Numeric           "Token Requestor ID"
    TERMINAL_COUNTRY_CODE             0x9F1A Numeric           "Terminal Country Code"
    TERMINAL_FLOOR_LIMIT              0x9F1B Binary            "Terminal Floor Limit"
    TERMINAL_IDENTIFICATION           0x9F1C Text              "Terminal Identification"
    TERMINAL_RISK_MANAGEMENT_DATA     0x9F1D Binary            "Terminal Risk Management Data"
    IFD_SERIAL_NUMBER                 0x9F1E Text              "Interface Device (IFD) Serial Number"
    TRACK1_DISCRETIONARY_DATA         0x9F1F Text              "Track 1 Discretionary Data"
    TRACK2_DISCRETIONARY_DATA         0x9F20 CompressedNumeric "Track 2 Discretionary Data"
    TRANSACTION_TIME                  0x9F21 Numeric           "Transaction Time"
    CA_PUBLIC_KEY_INDEX_TERMINAL      0x9F22 Binary            "Certification Authority Public Key Index (terminal)"
    UPPER_CONSECUTIVE_OFFLINE_LIMIT   0x9F23 Binary            "Upper Consecutive Offline Limit"
    PAYMENT_ACCOUNT_REFERENCE         0x9F24 Text              "Payment Account Reference (PAR)"
    LAST_FOUR_DIGITS_OF_PAN           0x9F25 Numeric           "Last 4 Digits of PAN"
    APPLICATION_CRYPTOGRAM            0x9F26 Binary            "Application Cryptogram"
    CRYPTOGRAM_INFORMATION_DATA       0x9F27 Binary            "Cryptogram Information Data"
    EXTENDED_SELECTION                0x9F29 Binary            "Extended Selection"
    KERNEL_IDENTIFIER                 0x9F2A Binary            "Kernel Identifier"
    ICC_PIN_KEY_CERTIFICATE           0x9F2D Binary            "ICC PIN Encipherment Public Key Certificate"
    ICC_PIN_KEY_EXPONENT              0x9F2E Binary            "ICC PIN Encipherment Public Key Exponent"
    ICC_PIN_KEY_REMAINDER             0x9F2F Binary            "ICC PIN Encipherment Public Key Remainder"
    ISSUER_PUBLIC_KEY_EXPONENT        0x9F32 Binary            "Issuer Public Key Exponent"
    TERMINAL_CAPABILITIES             0x9F33 Binary            "Terminal Capabilities"
    CVM_RESULTS                       0x9F34 Binary            "Cardholder Verification Method (CVM) Results"
    TERMINAL_TYPE                     0x9F35 Numeric           "Terminal Type"
    ATC                               0x9F36 Binary            "Application Transaction Counter (ATC)"
    UNPREDICTABLE_NUMBER              0x9F37 Binary            "Unpredictable Number"
    PDOL                              0x9F38 Binary            "Processing Options Data Object List (PDOL)"
    POS_ENTRY_MODE                    0x9F39 Numeric           "Point-of-Service (POS) Entry Mode"
    AMOUNT_REFERENCE_CURRENCY         0x9F3A Binary            "Amount, Reference Currency"
    REFERENCE_CURRENCY                0x9F3B Numeric           "Application Reference Currency"
    TRANSACTION_REFERENCE_CURRENCY    0x9F3C Numeric           "Transaction Reference Currency Code"
    ADDITIONAL_TERMINAL_CAPABILITIES  0x9F40 Binary            "Additional Terminal Capabilities"
    TRANSACTION_SEQUENCE_COUNTER      0x9F41 Numeric           "Transaction Sequence Counter"
    APPLICATION_CURRENCY_CODE         0x9F42 Numeric           "Application Currency Code"
    REFERENCE_CURRENCY_EXPONENT       0x9F43 Numeric           "Application Reference Currency Exponent"
    APPLICATION_CURRENCY_EXPONENT     0x9F44 Numeric           "Application Currency Exponent"
    DATA_AUTHENTICATION_CODE          0x9F45 Binary            "Data Authentication Code"
    ICC_PUBLIC_KEY_CERTIFICATE        0x9F46 Binary            "ICC Public Key Certificate"
    ICC_PUBLIC_KEY_EXPONENT           0x9F47 Binary            "ICC Public Key Exponent"
    ICC_PUBLIC_KEY_REMAINDER          0x9F48 Binary            "ICC Public Key Remainder"
    DDOL                              0x9F49 Binary            "Dynamic Data Authentication Data Object List (DDOL)"
    SDA_TAG_LIST                      0x9F4A Binary            "Static Data Authentication Tag List"
    SIGNED_DYNAMIC_APPLICATION_DATA   0x9F4B Binary            "Signed Dynamic Application Data"
    ICC_DYNAMIC_NUMBER                0x9F4C Binary            "ICC Dynamic Number"
    LOG_ENTRY                         0x9F4D Binary            "Log Entry"
    MERCHANT_NAME_AND_LOCATION        0x9F4E Text              "Merchant Name and Location"
    LOG_FORMAT                        0x9F4F Binary            "Log Format"
    OFFLINE_ACCUMULATOR_BALANCE       0x9F50 Numeric           "Offline Accumulator Balance"
    DRDOL                             0x9F51 Binary            "DRDOL"
    TRANSACTION_CATEGORY_CODE         0x9F53 Text              "Transaction Category Code"
    DS_ODS_CARD                       0x9F54 Binary            "DS ODS Card"
    ISSUER_SCRIPT_RESULTS             0x9F5B Binary            "Issuer Script Results"
    AVAILABLE_OFFLINE_SPENDING_AMOUNT 0x9F5D Numeric           "Available Offline Spending Amount"
    TRACK1_BITMAP_CVC3                0x9F62 Binary            "PCVC3 (Track 1)"
    TRACK1_BITMAP_UN_ATC              0x9F63 Binary            "PUNATC (Track 1)"
    TRACK1_ATC_DIGITS                 0x9F64 Binary            "NATC (Track 1)"
    TRACK2_BITMAP_CVC3                0x9F65 Binary            "PCVC3 (Track 2)"
    TTQ                               0x9F66 Binary            "Terminal Transaction Qualifiers (TTQ)"
    TRACK2_ATC_DIGITS                 0x9F67 Binary            "NATC (Track 2)"
    CARD_AUTHENTICATION_RELATED_DATA  0x9F69 Binary            "Card Authentication Related Data"
    UNPREDICTABLE_NUMBER_NUMERIC      0x9F6A Numeric           "Unpredictable Number (Numeric)"
    TRACK2_DATA                       0x9F6B Binary            "Track 2 Data"
    CTQ                               0x9F6C Binary            "Card Transaction Qualifiers (CTQ)"
    MAGSTRIPE_APPLICATION_VERSION     0x9F6D Binary            "Mag-stripe Application Version Number (terminal)"
    FORM_FACTOR_INDICATOR             0x9F6E Binary            "Form Factor Indicator / Third Party Data"
    CUSTOMER_EXCLUSIVE_DATA           0x9F7C Binary            "Customer Exclusive Data / Merchant Custom Data"
    MOBILE_SUPPORT_INDICATOR          0x9F7E Binary            "Mobile Support Indicator"
    FCI_ISSUER_DISCRETIONARY_DATA     0xBF0C Template          "FCI Issuer Discretionary Data"
    POS_CARDHOLDER_INTERACTION        0xDF4B Binary            "POS Cardholder Interaction Information"
    BALANCE_READ_BEFORE_GENERATE_AC   0xDF8104 Numeric         "Balance Read Before Gen AC"
    CARD_DATA_INPUT_CAPABILITY        0xDF8117 Binary          "Card Data Input Capability"
    CVM_CAPABILITY_CVM_REQUIRED       0xDF8118 Binary          "CVM Capability - CVM Required"
    CVM_CAPABILITY_NO_CVM_REQUIRED    0xDF8119 Binary          "CVM Capability - No CVM Required"
    DEFAULT_UDOL                      0xDF811A Binary          "Default UDOL"
    KERNEL_CONFIGURATION              0xDF811B Binary          "Kernel Configuration"
    TAC_DEFAULT                       0xDF8120 Binary          "Terminal Action Code - Default"
    TAC_DENIAL                        0xDF8121 Binary          "Terminal Action Code - Denial"
    TAC_ONLINE                        0xDF8122 Binary          "Terminal Action Code - Online"
    READER_FLOOR_LIMIT                0xDF8123 Numeric         "Reader Contactless Floor Limit"
    READER_TRANSACTION_LIMIT          0xDF8124 Numeric         "Reader Contactless Transaction Limit (No On-device CVM)"
    READER_TRANSACTION_LIMIT_CDCVM    0xDF8125 Numeric         "Reader Contactless Transaction Limit (On-device CVM)"
    READER_CVM_REQUIRED_LIMIT         0xDF8126 Numeric         "Reader CVM Required Limit"
    OUTCOME_PARAMETER_SET             0xDF8129 Binary          "Outcome Parameter Set"
    SECURITY_CAPABILITY               0xDF811F Binary          "Security Capability"
    DISCRETIONARY_DATA                0xFF8106 Template        "Discretionary Data"
    DATA_RECORD                       0xFF8105 Template        "Data Record"
}

impl Tag {
    /// Whether the value holds further objects (bit 6 of the first byte).
    #[inline]
    pub const fn is_constructed(self) -> bool {
        const CONSTRUCTED: u32 = 0x20;
        let first = match self.0 {
            0..=0xFF => self.0,
            0x100..=0xFFFF => self.0 >> 8,
            _ => self.0 >> 16,
        };
        first & CONSTRUCTED != 0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:02X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_formats_come_from_one_table() {
        assert_eq!(Tag(0x9F02).name(), Some("Amount, Authorised (Numeric)"));
        assert_eq!(Tag(0x9F02).format(), Format::Numeric);
        assert_eq!(Tag(0xDF01).name(), None);
        assert_eq!(Tag(0xDF01).format(), Format::Binary);
    }

    #[test]
    fn a_template_is_told_by_its_bit() {
        for tag in Tag::ALL {
            assert_eq!(tag.is_constructed(), tag.format() == Format::Template, "{tag}");
        }
    }
}
