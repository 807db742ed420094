//! Why a computation was refused: facts that a caller can act on, with no secret in them.
//!
//! EMV certificates have their own list, [`CertificateFault`](crate::emv_certificate::CertificateFault), since a
//! card is at fault there and the terminal goes on.

/// Why a computation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The key does not have a length that this algorithm takes.
    #[error("a key of {0} bytes does not fit here")]
    KeyLength(usize),
    /// A working key may not be stronger than the key that it is derived from (X9.24-3, 6.3).
    #[error("a working key may not be longer than its derivation key")]
    KeyStrongerThanItsSource,
    /// Each key of this terminal was used; it needs a new initial key.
    #[error("the key counter is exhausted")]
    CounterExhausted,
    /// A key serial number with counter 0 or with more than 16 one bits: no terminal makes one.
    #[error("no terminal has a key with this serial number")]
    CounterInvalid,
    /// The stored key register is damaged, or of an unknown version.
    #[error("the stored key register is malformed")]
    RegisterMalformed,
    /// A PIN has 4 to 12 digits.
    #[error("a PIN has 4 to 12 digits")]
    PinLength,
    /// Something in the PIN is not a digit.
    #[error("a PIN has digits only")]
    PinDigit,
    /// The account number is not 1 to 19 digits.
    #[error("the account number is not 1 to 19 digits")]
    Pan,
    /// The block does not decipher to a PIN: wrong key, wrong account number, or altered.
    #[error("the PIN block is malformed, or was not made for this key and account")]
    PinBlockMalformed,
    /// The other side's public key is not a point of the curve.
    #[error("the public key is not a point of the curve")]
    PublicPoint,
    /// The secret is zero or not below the order of the curve.
    #[error("the secret is not a scalar of the curve")]
    SecretScalar,
    /// Altered, made for another key, or bound to other data.
    #[error("the ciphertext does not authenticate")]
    NotAuthentic,
    /// More bytes than this function takes.
    #[error("the message is too long")]
    MessageLength,
}
