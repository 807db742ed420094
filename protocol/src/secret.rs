//! Values that must not be seen: they zeroize when dropped, print as a marker, and are recorded as a marker.
//!
//! On the wire between actors (postcard, not readable by people) a [`Secret`] is its value. Any encoding that
//! people read (JSON, which the flight recorder and logs use) gets the marker, by the type alone: serde asks the
//! encoder whether it is human-readable, and that decides.

use crate::{Bytes, TooLong};
use alloc::vec::Vec;
use core::{fmt, ops::Deref};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

/// What stands in a recording where a secret was.
pub const SECRET_MARKER: &str = "secret";

/// A secret value.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Looks at the value. Each call is a place where a secret is used: keep them few.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET_MARKER)
    }
}

impl<T: Zeroize + PartialEq> PartialEq for Secret<T> {
    /// For tests, and to see whether a picture has changed; no secret is verified this way, which takes its time by
    /// how much is the same.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Zeroize + Eq> Eq for Secret<T> {}

impl<T: Zeroize + Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(SECRET_MARKER)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de, T: Zeroize + Default + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    /// A marker decodes to the empty value: a replay goes on without the secret.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            <&str>::deserialize(deserializer).map(|_marker| Self(T::default()))
        } else {
            T::deserialize(deserializer).map(Self)
        }
    }
}

/// What stands in a recording where something encrypted was.
pub const SEALED_MARKER: &str = "sealed";

/// Something encrypted for the bank, or a message that holds such: harmless without the key, and still kept out of
/// recordings and logs (a PIN block must not be logged, even encrypted).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sealed<const MAX: usize>(Bytes<MAX>);

impl<const MAX: usize> Sealed<MAX> {
    /// A copy of `ciphertext`.
    ///
    /// # Errors
    /// [`TooLong`] above `MAX`.
    pub fn new(ciphertext: &[u8]) -> Result<Self, TooLong> {
        Bytes::new(ciphertext).map(Self)
    }
}

impl<const MAX: usize> From<Bytes<MAX>> for Sealed<MAX> {
    fn from(ciphertext: Bytes<MAX>) -> Self {
        Self(ciphertext)
    }
}

impl<const MAX: usize> TryFrom<Vec<u8>> for Sealed<MAX> {
    type Error = TooLong;

    fn try_from(ciphertext: Vec<u8>) -> Result<Self, TooLong> {
        Bytes::try_from(ciphertext).map(Self)
    }
}

impl<const MAX: usize> Deref for Sealed<MAX> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Sealed<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SEALED_MARKER)
    }
}

impl<const MAX: usize> Serialize for Sealed<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(SEALED_MARKER)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Sealed<MAX> {
    /// A marker decodes to nothing, as for [`Secret`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            <&str>::deserialize(deserializer).map(|_marker| Self::default())
        } else {
            Bytes::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use alloc::format;

    #[test]
    fn a_secret_is_itself_for_an_actor_and_a_marker_for_people() {
        let pin = Secret::new(Text::<12>::new("4821").unwrap());
        let wire = postcard::to_allocvec(&pin).unwrap();
        assert_eq!(postcard::from_bytes::<Secret<Text<12>>>(&wire).unwrap(), pin);
        assert_eq!(serde_json::to_string(&pin).unwrap(), "\"secret\"");
        assert_eq!(format!("{pin:?}"), "secret");
    }
}
