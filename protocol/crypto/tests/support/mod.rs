//! A small certification authority for tests and benchmarks: three throw-away RSA keys (public exponent 3) and the
//! making of issuer certificates, ICC certificates and dynamic signatures, written from the book's "data to be
//! signed" tables and sharing nothing with the recovery under test.

use crypto_bigint::{
    BoxedUint, Odd,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use hex_literal::hex;
use sha1::{Digest, Sha1};

/// A throw-away key: modulus and private exponent.
pub(crate) struct TestKey {
    pub(crate) modulus: &'static [u8],
    private_exponent: &'static [u8],
}

impl TestKey {
    /// Signs recovered data: header, fields, hash, trailer.
    pub(crate) fn sign(&self, data: &[u8]) -> Vec<u8> {
        let number = |bytes| {
            BoxedUint::from_be_slice(bytes, self.modulus.len() as u32 * 8).expect("as long as the modulus")
        };
        let params = BoxedMontyParams::new_vartime(Odd::new(number(self.modulus)).expect("a modulus is odd"));
        let power = BoxedMontyForm::new(number(data), &params).pow(&number(self.private_exponent));
        power.retrieve().to_be_bytes().into_vec()
    }
}

/// A certificate or signature before it is signed. Each field can be changed to see what the recovery says.
#[derive(Clone)]
pub(crate) struct ToSign {
    pub(crate) header: u8,
    /// Format and fields, without padding.
    pub(crate) fields: Vec<u8>,
    /// What the hash covers beside.
    pub(crate) also_covered: Vec<u8>,
    pub(crate) trailer: u8,
    /// Added to the right hash.
    pub(crate) hash_error: u8,
}

impl ToSign {
    pub(crate) fn new(fields: Vec<u8>, also_covered: Vec<u8>) -> Self {
        Self { header: 0x6A, fields, also_covered, trailer: 0xBC, hash_error: 0 }
    }

    pub(crate) fn sign(&self, key: &TestKey) -> Vec<u8> {
        let mut data = vec![self.header];
        data.extend_from_slice(&self.fields);
        data.resize(key.modulus.len() - 21, 0xBB);
        let mut hash = Sha1::new_with_prefix(&data[1..]).chain_update(&self.also_covered).finalize();
        hash[0] ^= self.hash_error;
        data.extend_from_slice(&hash);
        data.push(self.trailer);
        key.sign(&data)
    }
}

/// A key's start as it fits in a certificate, and its remainder. `overhead` is 36 for issuers, 42 for cards.
pub(crate) fn split(modulus: &[u8], signer: &TestKey, overhead: usize) -> (Vec<u8>, Vec<u8>) {
    let (start, rest) = modulus.split_at(modulus.len().min(signer.modulus.len() - overhead));
    (start.to_vec(), rest.to_vec())
}

/// 1984 bits.
pub(crate) const CA: TestKey = TestKey {
    modulus: &hex!(
        "ea75a3ae44eb0890890ac03ac6130ce87ec411c77115697a3cfb5eb1d426c2b450a226a1a947dac4ac2368b7deee01eb"
        "eea95cb7c50126e84816f34318972c25b1ea280717f0dc53b16e7ecb949e69dbc451ea40b0e7d5b1aea6e4cc0fbdcfc6"
        "428901fefb9c7e3ef1ca45a67de263efc362ce90e30bb8c3e17466515c2031caabc4d5a6da67e302ce5802a52fcbd37e"
        "c6d30bb592d220649a7350307b761ca70520bdea4fb29d15098acee47423fc8f0de1e7513b0b55e13f604a01a87fdd0d"
        "355d3800b2b358f4f4225191515ab2267b6ae08a649f5f839adcc1b4355a86019877c82787704e4305a768a09ae78f19"
        "b491b56ff7746997"
    ),
    private_exponent: &hex!(
        "9c4e6d1ed89cb0605b5c80272eb75df05482b684f60e46517dfce9cbe2c481cd8b16c46bc62fe72dc8179b253f49569d"
        "49c63dcfd8ab6f458564a22cbb0f72c3cbf17004baa092e27649a9dd0dbef13d2d8bf18075efe3cbc9c498880a7e8a84"
        "2c5b56a9fd12fed4a13183c453ec429fd7973460975d25d7eba2eedfa11c9d763e24a3976b2b0be22a64bf0a0f2832b5"
        "942e9d27e4d7e3e3369dd6f07a0b0bbf13420dbd7be8d242eb5be0ad2b09273c72a7c1394457e8e52d22a45668de843c"
        "88a58c1e9eead23b07c6cfa61774ec0439e8492b06a90ebafe7ae373368c8033fbc0ee335a9b777b4c8d6745540acf30"
        "b1f1e7fe9616da5b"
    ),
};

/// 1408 bits.
pub(crate) const ISSUER: TestKey = TestKey {
    modulus: &hex!(
        "b6f6c23fe4d0506114b3d5253a34102fa26f69bf322fea2ba3761a7898e5d2ef7bd43fbc3eee00dc3f7ade2ad06b6b44"
        "9bb0baa243a27b105387c9041a9c975dbcaffca63c90645055aabb2b7cfcc83e2c3272a92f35c9457d64c52617f37ffd"
        "4e8d1ae524424bb1ef2459b4acf286027470526f4d1a7519daa2bed067b24432841f1e368c0fe93fe967cf44135e7148"
        "6d617c4159c636d382daa99a772ffdb7eb528da9d6d3d880a7d1be5f43275491"
    ),
    private_exponent: &hex!(
        "79f9d6d543358aeb63228e18d1780aca6c4a467f76ca9c1d17a411a5bb43e1f4fd382a7d7f4955e82a51e971e0479cd8"
        "67cb2716d7c1a76037afdb5811bdba3e7dcaa86ed30aed8ae3c727725353302972cc4c70ca23db82884c25ba4d7f47f1"
        "9946dffe593621e38775d1db2838bc8e1d9f60bad867b73d4f2b0365ee46ba68e20be0830b652eaba109f450b0f09328"
        "6f39e227d6c7d28ec50024c077884e2f133c14d258bce40a80ab4a4717daa2ab"
    ),
};

/// 1152 bits.
pub(crate) const ICC: TestKey = TestKey {
    modulus: &hex!(
        "dcb33db95ab4d1d1430dcbbed63f9fde43980da2ed167ec1a1172b5a01ad04264be4bdcc65f5fb361274f314c96901c3"
        "aea6b333ef13ee41d36bb32cd9f40fcf06c65a9db3977cbc138962388eb8fc44c39fd590588947bcde39489d416515a3"
        "bf0773d6f68487d7ee4d9b7adf509c84d65d3ac812ad2c130ab35deab107caecb9d4bc08537130b7bdcfdc5273ab4039"
    ),
    private_exponent: &hex!(
        "932229263c788be0d75e87d48ed5153ed7bab3c1f3645481160f723c011e02c432987e8843f952240c4df76330f0abd7"
        "c9c47777f4b7f42be247ccc8914d5fdf59d991be77ba5326cf4899e9c6caab74491328bfce494defd659a95073e3f8f8"
        "1ff5bd96c4b030c429dda68c7789c6c8ed275e707049ae81af76ef4c24510acc69338c8c0085107da00d8c043d1a92c3"
    ),
};
