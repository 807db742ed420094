//! Bytes of a fixed length: hexadecimal for people, bytes in postcard.

use mpos_protocol::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// `[u8; N]`.
pub(super) mod fixed {
    use super::{Bytes, Deserialize, Deserializer, Error, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        Bytes::<N>::new(bytes).map_err(serde::ser::Error::custom)?.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        let bytes = Bytes::<N>::deserialize(from)?;
        <[u8; N]>::try_from(&*bytes)
            .map_err(|_| D::Error::invalid_length(bytes.len(), &"as many bytes as the field has"))
    }
}

/// `Option<[u8; N]>`.
pub(super) mod fixed_option {
    use super::{Bytes, Deserialize, Deserializer, Error, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        bytes: &Option<[u8; N]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        bytes
            .map(|bytes| Bytes::<N>::new(&bytes))
            .transpose()
            .map_err(serde::ser::Error::custom)?
            .serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<Option<[u8; N]>, D::Error> {
        let Some(bytes) = Option::<Bytes<N>>::deserialize(from)? else { return Ok(None) };
        <[u8; N]>::try_from(&*bytes)
            .map(Some)
            .map_err(|_| D::Error::invalid_length(bytes.len(), &"as many bytes as the field has"))
    }
}

/// One byte.
pub(super) mod byte {
    use super::{Deserializer, Serializer, fixed};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(byte: &u8, to: S) -> Result<S::Ok, S::Error> {
        fixed::serialize(&[*byte], to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
        fixed::deserialize::<D, 1>(from).map(|[byte]| byte)
    }
}
