//! Authorities and certificates for one test, right ones and wrong ones.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SignatureAlgorithm, date_time_ymd,
};

/// How the host is reached here.
pub(crate) const ADDRESS: &str = "127.0.0.1";

/// A certification authority.
pub(crate) struct Ca {
    pub(crate) der: Vec<u8>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    /// One whose certificate it signed itself.
    pub(crate) fn root(name: &str) -> Self {
        let (key, params) = (key(), ca_params(name));
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { der, issuer: Issuer::new(params, key) }
    }

    /// One below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        let (key, params) = (key(), ca_params(name));
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Self { der, issuer: Issuer::new(params, key) }
    }
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// What a host shows: its chain, leaf first, and the key that it signs with.
pub(crate) struct Shown {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: KeyPair,
}

impl Shown {
    /// A right certificate of this authority.
    pub(crate) fn of(ca: &Ca) -> Self {
        Self::altered(ca, |_| {})
    }

    /// A right one but for what `alter` does to it.
    pub(crate) fn altered(ca: &Ca, alter: impl FnOnce(&mut CertificateParams)) -> Self {
        let (key, mut params) = (key(), host_params());
        alter(&mut params);
        let leaf = params.signed_by(&key, &ca.issuer).unwrap().der().to_vec();
        Self { chain: vec![leaf], key }
    }

    /// Without an authority.
    pub(crate) fn self_signed() -> Self {
        let key = key();
        let leaf = host_params().self_signed(&key).unwrap().der().to_vec();
        Self { chain: vec![leaf], key }
    }

    /// A right certificate for a key on another curve.
    pub(crate) fn of_curve(ca: &Ca, algorithm: &'static SignatureAlgorithm) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let leaf = host_params().signed_by(&key, &ca.issuer).unwrap().der().to_vec();
        Self { chain: vec![leaf], key }
    }

    /// The authority's own certificate, as if it were a host's.
    pub(crate) fn authority_itself(name: &str) -> (Self, Ca) {
        let (key, mut params) = (key(), ca_params(name));
        params.subject_alt_names = host_params().subject_alt_names;
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let again = KeyPair::try_from(key.serialize_der()).unwrap();
        (Self { chain: vec![der.clone()], key }, Ca { der, issuer: Issuer::new(params, again) })
    }

    /// With these above the leaf.
    pub(crate) fn under(mut self, above: &[&Ca]) -> Self {
        self.chain.extend(above.iter().map(|ca| ca.der.clone()));
        self
    }

    /// With the last byte of the leaf, which is its signature's, altered.
    pub(crate) fn with_signature_altered(mut self) -> Self {
        *self.chain[0].last_mut().unwrap() ^= 1;
        self
    }

    /// With another key than the certificate's.
    pub(crate) fn with_another_key(self) -> Self {
        Self { key: key(), ..self }
    }
}

fn host_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec![ADDRESS.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "bank host");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A certificate that ended long ago.
pub(crate) fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
}

/// A certificate that has not begun.
pub(crate) fn not_yet(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2090, 1, 1);
    params.not_after = date_time_ymd(2091, 1, 1);
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}
