//! The terminal's side of DUKPT: a register of intermediate keys, which can only go forward.

use super::{Algorithm, COUNTER_ONES_MAX, KeySize, KeyUsage, Ksn, derive_register, derive_working};
use crate::{CryptoError, SecretKey};
use alloc::vec::Vec;
use core::array;
use zeroize::Zeroizing;

/// One register for each bit of the counter.
const REGISTERS: usize = u32::BITS as usize;

/// First byte of the stored form.
const STORED_VERSION: u8 = 1;
/// Version, key length, initial key id, counter, which registers are in use.
const STORED_HEADER_BYTES: usize = 1 + 1 + 8 + 4 + 4;

/// The terminal's register of intermediate derivation keys.
pub struct TerminalKeys {
    initial_key_id: [u8; 8],
    /// The next key's counter; `None` when each was used.
    counter: Option<u32>,
    size: KeySize,
    register: [Option<SecretKey>; REGISTERS],
}

impl TerminalKeys {
    /// Starts a register. The initial key is not kept; dropping the caller's copy erases it.
    // X9.24-3, 6.3, "Load Initial Key"
    #[must_use]
    pub fn load(initial_key: &SecretKey, initial_key_id: [u8; 8]) -> Self {
        Self {
            initial_key_id,
            counter: Some(1),
            size: KeySize::of(initial_key),
            register: array::from_fn(|bit| Some(derive_register(initial_key, initial_key_id, 1 << bit))),
        }
    }

    /// Names the initial key.
    #[must_use]
    pub const fn initial_key_id(&self) -> [u8; 8] {
        self.initial_key_id
    }

    /// How many counters are left at most; those with too many one bits among them give no key.
    #[must_use]
    pub const fn counters_left(&self) -> u32 {
        match self.counter {
            Some(counter) => u32::MAX - counter + 1,
            None => 0,
        }
    }

    /// The next key and its serial number. The register has moved on when this returns: make it durable
    /// ([`to_bytes`](Self::to_bytes)) before the key is used.
    ///
    /// # Errors
    /// [`CryptoError::CounterExhausted`]; [`CryptoError::KeyStrongerThanItsSource`], and nothing moves.
    // X9.24-3, 6.3, "Generate Working Keys"
    pub fn next_working_key(
        &mut self,
        usage: KeyUsage,
        size: KeySize,
    ) -> Result<(Ksn, SecretKey), CryptoError> {
        self.next_key(usage, Algorithm::Aes(size))
    }

    /// The same for a three-key triple DES key (24 bytes): see [`host_tdea_key`](super::host_tdea_key).
    ///
    /// # Errors
    /// [`CryptoError::CounterExhausted`].
    // X9.24-3, 6.3, "Generate Working Keys"
    pub fn next_tdea_key(&mut self, usage: KeyUsage) -> Result<(Ksn, SecretKey), CryptoError> {
        self.next_key(usage, Algorithm::Tdea3)
    }

    fn next_key(&mut self, usage: KeyUsage, algorithm: Algorithm) -> Result<(Ksn, SecretKey), CryptoError> {
        loop {
            let counter = self.counter.ok_or(CryptoError::CounterExhausted)?;
            let bit = counter.trailing_zeros() as usize;
            let Some(key) = &self.register[bit] else {
                self.counter = skip_subtree(counter);
                continue;
            };
            algorithm.check_strength(key)?;
            let ksn = Ksn { initial_key_id: self.initial_key_id, counter };
            let working_key = derive_working(key, ksn, usage, algorithm);
            self.advance(counter, bit);
            return Ok((ksn, working_key));
        }
    }

    /// Derives the keys below register `bit`, erases it, and counts on.
    // X9.24-3, 6.3, "Update State for next Transaction"
    fn advance(&mut self, counter: u32, bit: usize) {
        let Some(key) = self.register[bit].take() else { return };
        if counter.count_ones() < COUNTER_ONES_MAX {
            for below in 0..bit {
                let root = derive_register(&key, self.initial_key_id, counter | 1 << below);
                self.register[below] = Some(root);
            }
            self.counter = counter.checked_add(1);
        } else {
            self.counter = skip_subtree(counter);
        }
    }

    /// The register, for sealed storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Vec::with_capacity(STORED_HEADER_BYTES + REGISTERS * self.size.bytes());
        bytes.push(STORED_VERSION);
        bytes.push(self.size.bytes() as u8);
        bytes.extend_from_slice(&self.initial_key_id);
        bytes.extend_from_slice(&self.counter.unwrap_or(0).to_be_bytes());
        let in_use =
            (0..).zip(&self.register).fold(0_u32, |bits, (bit, key)| bits | u32::from(key.is_some()) << bit);
        bytes.extend_from_slice(&in_use.to_be_bytes());
        for key in self.register.iter().flatten() {
            bytes.extend_from_slice(key.as_bytes());
        }
        Zeroizing::new(bytes)
    }

    /// The register from storage.
    ///
    /// # Errors
    /// [`CryptoError::RegisterMalformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        const MALFORMED: CryptoError = CryptoError::RegisterMalformed;
        let (&[STORED_VERSION, length, ref header @ ..], keys) =
            bytes.split_first_chunk::<STORED_HEADER_BYTES>().ok_or(MALFORMED)?
        else {
            return Err(MALFORMED);
        };
        let (initial_key_id, header) = header.split_first_chunk::<8>().ok_or(MALFORMED)?;
        let (counter, in_use) = header.split_first_chunk::<4>().ok_or(MALFORMED)?;
        let counter = u32::from_be_bytes(*counter);
        let in_use = u32::from_be_bytes(in_use.try_into().map_err(|_| MALFORMED)?);
        let size = match length {
            16 => KeySize::Aes128,
            24 => KeySize::Aes192,
            32 => KeySize::Aes256,
            _ => return Err(MALFORMED),
        };
        if keys.len() != in_use.count_ones() as usize * size.bytes()
            || counter.count_ones() > COUNTER_ONES_MAX
        {
            return Err(MALFORMED);
        }
        let mut keys = keys.chunks_exact(size.bytes());
        let mut register = array::from_fn(|_| None);
        for (bit, slot) in register.iter_mut().enumerate() {
            if in_use >> bit & 1 == 1 {
                *slot = Some(SecretKey::from_slice(keys.next().ok_or(MALFORMED)?)?);
            }
        }
        let counter = (counter != 0).then_some(counter);
        Ok(Self { initial_key_id: *initial_key_id, counter, size, register })
    }
}

/// The first counter after all those that share the bits of `counter` above and at its lowest one bit.
fn skip_subtree(counter: u32) -> Option<u32> {
    counter.checked_add(counter & counter.wrapping_neg())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dukpt::{derive_initial_key, host_tdea_key, host_working_key};
    use proptest::prelude::*;

    const ID: [u8; 8] = [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56];

    fn bdk() -> SecretKey {
        SecretKey::from_slice(&[0xC4; 16]).unwrap()
    }

    fn terminal() -> TerminalKeys {
        TerminalKeys::load(&derive_initial_key(&bdk(), ID).unwrap(), ID)
    }

    /// Moves the register to `counter` along the path of its bits, as if each key on the way had been used.
    fn jump_to(terminal: &mut TerminalKeys, counter: u32) {
        let mut reached = 0;
        for bit in (0..REGISTERS).rev().filter(|bit| counter >> bit & 1 == 1) {
            reached |= 1 << bit;
            if reached != counter {
                terminal.advance(reached, bit);
            }
        }
        terminal.counter = Some(counter);
    }

    #[test]
    fn terminal_and_host_agree_on_every_key_and_counter() {
        let mut terminal = terminal();
        for expected in 1..=5000 {
            let (ksn, key) = terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128).unwrap();
            assert_eq!(ksn.counter, expected);
            assert_eq!(key, host_working_key(&bdk(), ksn, KeyUsage::DataEncrypt, KeySize::Aes128).unwrap());
        }
    }

    #[test]
    fn a_counter_with_17_ones_is_skipped() {
        let mut terminal = terminal();
        jump_to(&mut terminal, 0x0001_FFFE);
        let counters: [u32; 3] = array::from_fn(|_| {
            let (ksn, key) = terminal.next_working_key(KeyUsage::PinEncryption, KeySize::Aes128).unwrap();
            assert_eq!(key, host_working_key(&bdk(), ksn, KeyUsage::PinEncryption, KeySize::Aes128).unwrap());
            ksn.counter
        });
        assert_eq!(counters, [0x0001_FFFE, 0x0002_0000, 0x0002_0001]);
    }

    #[test]
    fn after_the_last_counter_the_keys_are_exhausted_also_after_a_restart() {
        let mut terminal = terminal();
        jump_to(&mut terminal, 0xFFFE_8000);
        for expected in [0xFFFE_8000, 0xFFFF_0000] {
            let (ksn, _) = terminal.next_working_key(KeyUsage::MacBoth, KeySize::Aes128).unwrap();
            assert_eq!(ksn.counter, expected);
        }
        let mut restarted = TerminalKeys::from_bytes(&terminal.to_bytes()).unwrap();
        for keys in [&mut terminal, &mut restarted] {
            let after = keys.next_working_key(KeyUsage::MacBoth, KeySize::Aes128);
            assert_eq!(after.unwrap_err(), CryptoError::CounterExhausted);
        }
    }

    #[test]
    fn a_used_key_is_gone_from_the_register() {
        let mut terminal = terminal();
        for _ in 0..8 {
            terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128).unwrap();
        }
        // Counter 8 was used: its register is empty, the three below hold the keys of 9, 10 and 12.
        let in_use: [bool; 5] = array::from_fn(|bit| terminal.register[bit].is_some());
        assert_eq!(in_use, [true, true, true, false, true]);
    }

    #[test]
    fn a_stored_register_goes_on_where_it_was() {
        let mut terminal = terminal();
        for _ in 0..37 {
            terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128).unwrap();
        }
        let stored = terminal.to_bytes();
        let mut restored = TerminalKeys::from_bytes(&stored).unwrap();
        assert_eq!(restored.to_bytes(), stored);
        assert_eq!(
            restored.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128),
            terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128)
        );
    }

    #[test]
    fn a_damaged_register_is_refused() {
        let stored = terminal().to_bytes();
        for length in 0..stored.len() {
            assert!(TerminalKeys::from_bytes(&stored[..length]).is_err());
        }
        for (position, value) in [(0, 2), (1, 17), (1, 32), (17, 0xFE)] {
            let mut damaged = stored.clone();
            damaged[position] = value;
            assert_eq!(TerminalKeys::from_bytes(&damaged).err(), Some(CryptoError::RegisterMalformed));
        }
    }

    #[test]
    fn asking_for_a_key_that_is_too_strong_uses_none() {
        let mut terminal = terminal();
        let refused = terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes256);
        assert_eq!(refused.unwrap_err(), CryptoError::KeyStrongerThanItsSource);
        let (ksn, _) = terminal.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128).unwrap();
        assert_eq!(ksn.counter, 1);
    }

    /// Any counter that a terminal reaches.
    fn counters() -> impl Strategy<Value = u32> {
        any::<u32>().prop_filter_map("no terminal has this counter", |bits| {
            let mut counter = bits;
            while counter.count_ones() > COUNTER_ONES_MAX {
                counter &= counter - 1;
            }
            (counter != 0).then_some(counter)
        })
    }

    proptest! {
        #[test]
        fn terminal_and_host_agree_at_any_counter(counter in counters(), bdk: [u8; 16], id: [u8; 8]) {
            let bdk = SecretKey::from_slice(&bdk).unwrap();
            let mut terminal = TerminalKeys::load(&derive_initial_key(&bdk, id).unwrap(), id);
            jump_to(&mut terminal, counter);
            let mut restored = TerminalKeys::from_bytes(&terminal.to_bytes()).unwrap();
            let (ksn, key) = terminal.next_working_key(KeyUsage::PinEncryption, KeySize::Aes128).unwrap();
            prop_assert_eq!(ksn, Ksn { initial_key_id: id, counter });
            let at_host = host_working_key(&bdk, ksn, KeyUsage::PinEncryption, KeySize::Aes128).unwrap();
            prop_assert_eq!(&key, &at_host);
            let (_, tdea) = restored.next_tdea_key(KeyUsage::PinEncryption).unwrap();
            prop_assert_eq!(&tdea, &host_tdea_key(&bdk, ksn, KeyUsage::PinEncryption).unwrap());
            // The triple DES key is not the AES key with more behind it.
            prop_assert_ne!(&tdea.as_bytes()[..16], key.as_bytes());
        }
    }
}
