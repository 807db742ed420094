//! Which bank this is: the file `bank.pem` that the build puts into the APK. It has a line `address: HOST:PORT`, then
//! the certificates of the bank's CAs; what else stands between PEM blocks is a comment, as PEM has it. It holds no
//! secret: whoever has the APK may read it.

use mpos_std::bank_pins::{BankPins, PinFault};
use mpos_terminal::BankContact;

/// The longest such file: four certificates are about 4 KiB.
pub(crate) const BANK_FILE_BYTES_MAX: usize = 32 * 1024;
const ADDRESS: &str = "address:";
/// What the protocol keeps of an address.
const ADDRESS_BYTES_MAX: usize = 128;

/// Why a file names no bank.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BankFileFault {
    /// Too long, or not text.
    #[error("its bank file is damaged")]
    Damaged,
    /// No line says where the bank is.
    #[error("its bank file has no line `address: HOST:PORT`")]
    NoAddress,
    /// The certificates.
    #[error("its bank file: {0}")]
    Pins(#[from] PinFault),
}

/// Reads the file.
///
/// # Errors
/// [`BankFileFault`].
pub(crate) fn read(file: &[u8]) -> Result<BankContact, BankFileFault> {
    let text = std::str::from_utf8(file).map_err(|_| BankFileFault::Damaged)?;
    if file.len() > BANK_FILE_BYTES_MAX {
        return Err(BankFileFault::Damaged);
    }
    let address = text.lines().find_map(|line| line.trim().strip_prefix(ADDRESS)).map(str::trim);
    let named = |address: &&str| {
        let (host, port) = address.rsplit_once(':').unwrap_or_default();
        address.len() <= ADDRESS_BYTES_MAX
            && !host.is_empty()
            && port.parse::<u16>().is_ok_and(|port| port != 0)
    };
    let address = address.filter(named).ok_or(BankFileFault::NoAddress)?;
    Ok(BankContact { address: address.to_owned(), pins: BankPins::from_pem(file)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_address_a_certificate_or_an_end_names_no_bank() {
        let fault = |file: &[u8]| read(file).unwrap_err().to_string();
        for file in
            ["", "address:", "address: bank", "address: :7443", "address: bank:0", "address: bank:70000"]
        {
            assert!(fault(file.as_bytes()).contains("no line `address: HOST:PORT`"), "{file}");
        }
        assert!(fault(b"address: bank.example:7443\n").contains("holds no certificate"));
        assert!(fault(&[0xFF; 8]).contains("damaged"));
        assert!(fault(&vec![b' '; BANK_FILE_BYTES_MAX + 1]).contains("damaged"));
    }
}
