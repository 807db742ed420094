//! Byte strings, texts and lists whose limit is part of their type.
//!
//! A field from outside is refused while it is decoded, before anything is allocated for it. On the wire each is
//! what postcard makes of bytes, a string or a sequence; for people (JSON) bytes are hexadecimal.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::{fmt, ops::Deref};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};
use zeroize::Zeroize;

/// A value longer than its field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{length} is more than the {limit} this field holds")]
pub struct TooLong {
    /// What it had.
    pub length: usize,
    /// What it may have.
    pub limit: usize,
}

fn within(length: usize, limit: usize) -> Result<(), TooLong> {
    if length <= limit { Ok(()) } else { Err(TooLong { length, limit }) }
}

/// Up to `MAX` bytes.
#[derive(Clone, Default, PartialEq, Eq, Hash, Zeroize)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Bytes<MAX> {
    /// A copy of `bytes`.
    ///
    /// # Errors
    /// [`TooLong`] above `MAX`.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        within(bytes.len(), MAX)?;
        Ok(Self(bytes.to_vec()))
    }

    /// The bytes, moved out.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> TryFrom<Vec<u8>> for Bytes<MAX> {
    type Error = TooLong;
    fn try_from(bytes: Vec<u8>) -> Result<Self, TooLong> {
        within(bytes.len(), MAX)?;
        Ok(Self(bytes))
    }
}

impl<const MAX: usize> Deref for Bytes<MAX> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl<const MAX: usize> Serialize for Bytes<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&format_args!("{self:?}"))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Bytes<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByteVisitor<const MAX: usize>;
        impl<const MAX: usize> Visitor<'_> for ByteVisitor<MAX> {
            type Value = Bytes<MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MAX} bytes")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Bytes::new(bytes).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                within(text.len() / 2, MAX).map_err(E::custom)?;
                from_hex(text).map(Bytes).ok_or_else(|| E::custom("not hexadecimal"))
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(ByteVisitor)
        } else {
            deserializer.deserialize_bytes(ByteVisitor)
        }
    }
}

/// Writes `bytes` in hexadecimal, a few dozen at a time: the flight recorder does this for each card's answer.
fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    const CHUNK_BYTES: usize = 64;
    let digit = |value: u8| DIGITS.get(usize::from(value & 0x0F)).copied().unwrap_or_default();
    let mut text = String::with_capacity(2 * CHUNK_BYTES.min(bytes.len()));
    bytes.chunks(CHUNK_BYTES).try_for_each(|chunk| {
        text.clear();
        for byte in chunk {
            text.push(digit(byte >> 4));
            text.push(digit(*byte));
        }
        f.write_str(&text)
    })
}

/// The bytes that `text` spells in hexadecimal, or `None` when it is something else.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            let [high, low] = [*pair.first()?, *pair.get(1)?].map(|digit| char::from(digit).to_digit(16));
            u8::try_from((high? << 4) | low?).ok()
        })
        .collect()
}

/// Up to `MAX` bytes of UTF-8.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Zeroize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// A copy of `text`.
    ///
    /// # Errors
    /// [`TooLong`] above `MAX` bytes.
    pub fn new(text: &str) -> Result<Self, TooLong> {
        within(text.len(), MAX)?;
        Ok(Self(text.to_owned()))
    }

    /// As much of `text` as fits, cut at a character's end. For words of ours whose loss is only a shorter sentence.
    pub fn clipped(text: &str) -> Self {
        let mut end = text.len().min(MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text.get(..end).unwrap_or_default().to_owned())
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor<const MAX: usize>;
        impl<const MAX: usize> Visitor<'_> for TextVisitor<MAX> {
            type Value = Text<MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MAX} bytes of text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Text::new(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// Up to `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> List<T, MAX> {
    /// The items, moved out.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = TooLong;
    fn try_from(items: Vec<T>) -> Result<Self, TooLong> {
        within(items.len(), MAX)?;
        Ok(Self(items))
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T, const MAX: usize>(core::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListVisitor<T, MAX> {
            type Value = List<T, MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MAX} items")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                    within(list.len(), MAX).map_err(de::Error::custom)?;
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_seq(ListVisitor(core::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_over_their_limit_are_refused_while_decoding() {
        let five = postcard::to_allocvec(&Bytes::<5>::new(&[1, 2, 3, 4, 5]).unwrap()).unwrap();
        assert!(postcard::from_bytes::<Bytes<5>>(&five).is_ok());
        assert!(postcard::from_bytes::<Bytes<4>>(&five).is_err());
    }

    #[test]
    fn a_list_that_claims_a_huge_length_allocates_nothing_for_it() {
        let claim = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        assert!(postcard::from_bytes::<List<u8, 8>>(&claim).is_err());
    }

    #[test]
    fn clipped_text_ends_at_a_whole_character() {
        assert_eq!(&*Text::<4>::clipped("abcë"), "abc");
    }

    #[test]
    fn bytes_are_hexadecimal_for_people() {
        let bytes = Bytes::<4>::new(&[0xA0, 0x03]).unwrap();
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(json, "\"A003\"");
        assert_eq!(serde_json::from_str::<Bytes<4>>(&json).unwrap(), bytes);
        assert!(serde_json::from_str::<Bytes<4>>("\"A0é\"").is_err());
    }
}
