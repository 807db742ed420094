//! `mpos emv oda`: offline data authentication by hand. Recovers the issuer's key with the scheme's, the card's key with
//! the issuer's, and what the card signed with its own; shows what each signature holds, also when it does not verify.

use super::{Given, Report, ToolError, pin_block::PAN_DIGITS};
use clap::Args;
use mpos_crypto::emv_certificate::{
    CaPublicKey, CertificateFault, IccPublicKey, IssuerPublicKey, RsaPublicKey, YearMonth, recover_cda,
    recover_icc_key, recover_issuer_key, recover_signed_dynamic, recovered_data,
};
use mpos_tlv::AccountNumber;
use zeroize::Zeroizing;

/// Keys, certificates and a signature.
#[derive(Debug, Args)]
#[command(after_help = "Example (a card's signature under its published key, Visa's test card):\n  \
    mpos emv oda --icc-exponent 03 --dynamic-data 7FBC4049 --icc-modulus \\\n\
AB02DC02F1CB7D30113FE87A17D38D67A47CA6EC7A7AE10E6FE5B7D5800547B1\\\n\
B21A2413DD18136126D8B00F021DC7E19CF513DD87149673B3764FF701454347\\\n\
CCA9C8E310F9DB651DFDC9364F121002E5A795E3ECFB50678177CF4C15A11067\\\n\
C1006E13AE77122934A38C11F429137A9AA9AF98610BC8B4979B3FC6BC85C34C\\\n\
AFA2E1B818F54DD8A50B21B9CBF62BFAD4BB3F4CF6B5239F3FD23F8B93E96C84\\\n\
C9CE67DFD70359153855A8F735CAFBE5 \\\n    --sdad \\\n\
7207EF0CB50E15CCA221CB77E81B7BCE11730216436CC828F0A9D72A16BCF1A0\\\n\
B736768308CDD816872457CE835AF450BD6378F17A45C0861DB8D61208F1C394\\\n\
FD08F1719492F281970A424546A564FD825C83CEE6F8F4987EFC431A641248C6\\\n\
466296CBAE8ED35CE0286A5810792B0E99E575BBDBEA8F6979165097A3C6851A\\\n\
12022E5B7A6F0A8AC41E794E6AF0CACF700BD7E045E103A62294F074E7E55A82\\\n\
FC9EE7E8B8711A5D524667361941C1C9")]
pub(crate) struct Oda {
    /// The scheme's modulus
    #[arg(long, value_name = "HEX", requires_all = ["ca_exponent", "issuer_certificate", "issuer_exponent", "pan"])]
    ca_modulus: Option<Given>,
    /// The scheme's exponent: 03 or 010001
    #[arg(long, value_name = "HEX", requires = "ca_modulus")]
    ca_exponent: Option<Given>,
    /// The account number, for which the certificates must be
    #[arg(long, value_name = "DIGITS")]
    pan: Option<Given>,
    /// The month in which the certificates must be good, as YYMM [default: the first there is, so that none expired]
    #[arg(long, value_name = "YYMM")]
    date: Option<Given>,
    /// Issuer public key certificate (90)
    #[arg(long, value_name = "HEX", requires = "ca_modulus")]
    issuer_certificate: Option<Given>,
    /// Issuer public key remainder (92) [default: none]
    #[arg(long, value_name = "HEX", requires = "issuer_certificate")]
    issuer_remainder: Option<Given>,
    /// Issuer public key exponent (9F32)
    #[arg(long, value_name = "HEX", requires = "issuer_certificate")]
    issuer_exponent: Option<Given>,
    /// ICC public key certificate (9F46)
    #[arg(long, value_name = "HEX", requires_all = ["issuer_certificate", "icc_exponent"])]
    icc_certificate: Option<Given>,
    /// ICC public key remainder (9F48) [default: none]
    #[arg(long, value_name = "HEX", requires = "icc_certificate")]
    icc_remainder: Option<Given>,
    /// ICC public key exponent (9F47)
    #[arg(long, value_name = "HEX")]
    icc_exponent: Option<Given>,
    /// The static data that the card's certificate covers: records, then the AIP if 9F4A asks for it [default: none]
    #[arg(long, value_name = "HEX", requires = "icc_certificate")]
    static_data: Option<Given>,
    /// The card's modulus itself, where its certificate is not at hand
    #[arg(long, value_name = "HEX", conflicts_with = "icc_certificate", requires = "icc_exponent")]
    icc_modulus: Option<Given>,
    /// Signed dynamic application data (9F4B)
    #[arg(long, value_name = "HEX")]
    sdad: Option<Given>,
    /// What the card was asked to sign (DDA, fDDA): the values of the DDOL, or 9F37, 9F02, 5F2A and 9F69
    #[arg(long, value_name = "HEX", requires = "sdad", conflicts_with = "un")]
    dynamic_data: Option<Given>,
    /// The unpredictable number (9F37), for a signature that holds the cryptogram (CDA)
    #[arg(long, value_name = "HEX", requires = "sdad")]
    un: Option<Given>,
}

/// Recovers all that the arguments allow.
///
/// # Errors
/// What is malformed or missing by name; the step at which a certificate or signature fails.
pub(crate) fn run(arguments: &Oda, report: &mut Report) -> Result<(), ToolError> {
    if arguments.ca_modulus.is_none() && arguments.sdad.is_none() {
        return Err(ToolError::Missing {
            argument: "--ca-modulus or --sdad",
            reason: "there is nothing to recover",
        });
    }
    let mut icc = None;
    if let (Some(modulus), Some(exponent)) = (&arguments.ca_modulus, &arguments.ca_exponent) {
        let scheme = CaPublicKey {
            // The checksum alone depends on these two.
            rid: [0; 5],
            index: 0,
            modulus: modulus.bytes("--ca-modulus")?.to_vec(),
            exponent: exponent_of(exponent, "--ca-exponent")?,
        };
        let holder = holder(arguments)?;
        let issuer = issuer_key(arguments, &scheme, &holder, report)?;
        icc = card_key(arguments, &issuer, &holder, report)?;
    }
    if let (Some(modulus), Some(exponent)) = (&arguments.icc_modulus, &arguments.icc_exponent) {
        let key = RsaPublicKey {
            modulus: modulus.bytes("--icc-modulus")?.to_vec(),
            exponent: exponent_of(exponent, "--icc-exponent")?,
        };
        icc = Some(IccPublicKey { key, serial: [0; 3] });
    }
    match (&arguments.sdad, icc) {
        (None, _) => Ok(()),
        (Some(sdad), Some(icc)) => signature(arguments, &sdad.bytes("--sdad")?, &icc, report),
        (Some(_), None) => Err(ToolError::Missing {
            argument: "--icc-certificate or --icc-modulus",
            reason: "the signature is made by the card's key",
        }),
    }
}

/// For whom the certificates must be, and when.
struct Holder {
    /// As the value of 5A.
    pan: Zeroizing<Vec<u8>>,
    today: YearMonth,
}

fn holder(arguments: &Oda) -> Result<Holder, ToolError> {
    const MISSING: ToolError =
        ToolError::Missing { argument: "--pan", reason: "the certificates are for an account number" };
    let pan = arguments.pan.as_ref().ok_or(MISSING)?.digits("--pan", PAN_DIGITS)?;
    let pan = AccountNumber::from_ascii(&pan).map_err(ToolError::Account)?.to_bcd();
    let month = match &arguments.date {
        Some(date) => *date.array("--date")?,
        None => [0x50, 0x01],
    };
    Ok(Holder { pan, today: YearMonth::from_bcd(month).ok_or(ToolError::NotAMonth)? })
}

// EMV 4.3 Book 2, 6.3
fn issuer_key(
    arguments: &Oda,
    scheme: &CaPublicKey,
    holder: &Holder,
    report: &mut Report,
) -> Result<IssuerPublicKey, ToolError> {
    const WHAT: &str = "issuer's certificate";
    let certificate = optional(arguments.issuer_certificate.as_ref(), "--issuer-certificate")?;
    let remainder = optional(arguments.issuer_remainder.as_ref(), "--issuer-remainder")?;
    let exponent = optional(arguments.issuer_exponent.as_ref(), "--issuer-exponent")?;
    let signer = RsaPublicKey { modulus: scheme.modulus.clone(), exponent: scheme.exponent };
    show_certificate(WHAT, &certificate, &signer, 4, report)?;
    let issuer = recover_issuer_key(scheme, &certificate, &remainder, &exponent, &holder.pan, holder.today)
        .map_err(|fault| ToolError::Certificate { what: WHAT, fault })?;
    report.part(1, "issuer's modulus", hex::encode_upper(&issuer.key.modulus));
    report.part(1, "verdict", "verified");
    Ok(issuer)
}

// EMV 4.3 Book 2, 6.4
fn card_key(
    arguments: &Oda,
    issuer: &IssuerPublicKey,
    holder: &Holder,
    report: &mut Report,
) -> Result<Option<IccPublicKey>, ToolError> {
    const WHAT: &str = "card's certificate";
    let Some(certificate) = &arguments.icc_certificate else { return Ok(None) };
    let certificate = certificate.bytes("--icc-certificate")?;
    let remainder = optional(arguments.icc_remainder.as_ref(), "--icc-remainder")?;
    let exponent = optional(arguments.icc_exponent.as_ref(), "--icc-exponent")?;
    let static_data = optional(arguments.static_data.as_ref(), "--static-data")?;
    show_certificate(WHAT, &certificate, &issuer.key, 10, report)?;
    let icc =
        recover_icc_key(issuer, &certificate, &remainder, &exponent, &static_data, &holder.pan, holder.today)
            .map_err(|fault| ToolError::Certificate { what: WHAT, fault })?;
    report.part(1, "card's modulus", hex::encode_upper(&icc.key.modulus));
    report.part(1, "verdict", "verified");
    Ok(Some(icc))
}

/// The fields of a certificate, which differ in how long the holder's name is. EMV 4.3 Book 2, tables 13 and 14
fn show_certificate(
    what: &'static str,
    certificate: &[u8],
    signer: &RsaPublicKey,
    holder_bytes: usize,
    report: &mut Report,
) -> Result<(), ToolError> {
    let fault = |fault| ToolError::Certificate { what, fault };
    let data = recovered_data(certificate, signer).map_err(fault)?;
    let mut fields = Fields { rest: &data, report };
    fields.report.text(0, what);
    let holder = if holder_bytes == 4 { "issuer identifier" } else { "account number" };
    for (name, length) in [
        ("header", 1),
        ("format", 1),
        (holder, holder_bytes),
        ("expires, MMYY", 2),
        ("serial number", 3),
        ("hash algorithm", 1),
        ("key algorithm", 1),
        ("key length", 1),
        ("exponent length", 1),
    ] {
        fields.take(name, length).ok_or_else(|| fault(CertificateFault::Length))?;
    }
    fields.end("leftmost bytes of the key").ok_or_else(|| fault(CertificateFault::Length))
}

// EMV 4.3 Book 2, 6.5.2 and 6.6.2
fn signature(arguments: &Oda, sdad: &[u8], icc: &IccPublicKey, report: &mut Report) -> Result<(), ToolError> {
    const WHAT: &str = "card's signature";
    let fault = |fault| ToolError::Certificate { what: WHAT, fault };
    let data = recovered_data(sdad, &icc.key).map_err(fault)?;
    report.text(0, WHAT);
    let mut fields = Fields { rest: &data, report };
    for name in ["header", "format", "hash algorithm", "length of dynamic data"] {
        fields.take(name, 1).ok_or_else(|| fault(CertificateFault::Length))?;
    }
    fields.end("dynamic data and padding").ok_or_else(|| fault(CertificateFault::Length))?;
    match (&arguments.un, &arguments.dynamic_data) {
        (Some(un), _) => {
            let signed = recover_cda(icc, sdad, *un.array("--un")?).map_err(fault)?;
            report.part(1, "ICC dynamic number", hex::encode_upper(&signed.icc_dynamic_number));
            report.part(1, "cryptogram information", hex::encode_upper([signed.cid]));
            report.part(1, "cryptogram", hex::encode_upper(signed.cryptogram));
            report.part(1, "hash of transaction data", hex::encode_upper(signed.transaction_data_hash));
        }
        (None, dynamic_data) => {
            let covered = optional(dynamic_data.as_ref(), "--dynamic-data")?;
            let signed = recover_signed_dynamic(icc, sdad, &covered).map_err(fault)?;
            report.part(1, "ICC dynamic number", hex::encode_upper(&signed.icc_dynamic_number));
        }
    }
    report.part(1, "verdict", "verified");
    Ok(())
}

/// Recovered data, taken field by field.
struct Fields<'a> {
    rest: &'a [u8],
    report: &'a mut Report,
}

impl Fields<'_> {
    fn take(&mut self, name: &str, length: usize) -> Option<()> {
        let (field, rest) = self.rest.split_at_checked(length)?;
        self.report.part(1, name, hex::encode_upper(field));
        self.rest = rest;
        Some(())
    }

    /// What is left: contents, hash, trailer.
    fn end(mut self, contents: &str) -> Option<()> {
        const HASH_BYTES: usize = 20;
        let length = self.rest.len().checked_sub(HASH_BYTES + 1)?;
        self.take(contents, length)?;
        self.take("hash", HASH_BYTES)?;
        self.take("trailer", 1)
    }
}

fn optional(given: Option<&Given>, argument: &'static str) -> Result<Zeroizing<Vec<u8>>, ToolError> {
    given.map_or_else(|| Ok(Zeroizing::default()), |given| given.bytes(argument))
}

/// 03 or 010001; the library judges its value.
fn exponent_of(given: &Given, argument: &'static str) -> Result<u32, ToolError> {
    const LENGTHS: &[usize] = &[1, 2, 3, 4];
    let bytes = given.bytes(argument)?;
    if !LENGTHS.contains(&bytes.len()) {
        return Err(ToolError::Length { argument, length: bytes.len(), allowed: LENGTHS });
    }
    Ok(bytes.iter().fold(0, |exponent, byte| exponent << 8 | u32::from(*byte)))
}
