//! A phone that attests a key: its chain, each part of which a test may change before it is signed, and what a bank
//! asks of it.

use crate::rsa::RsaKey;
use mpos_host::attestation::{
    AttestationFault, Attested, Dates, Expected, PinnedRoot, Requirements, RevokedSerials, SecurityLevel,
    verify,
};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SerialNumber,
    SignatureAlgorithm, SigningKey, date_time_ymd,
};
use std::{rc::Rc, sync::LazyLock};

/// 2026-11-24, in milliseconds since 1970.
pub(crate) const NOW_MS: u64 = 20_781 * 24 * 60 * 60 * 1000;
/// The month of it.
pub(crate) const NOW_PATCH: u64 = 202_611;
pub(crate) const PACKAGE: &str = "bank.test.mpos";
pub(crate) const SIGNER: [u8; 32] = [0x51; 32];
const DESCRIPTION: [u64; 10] = [1, 3, 6, 1, 4, 1, 11_129, 2, 1, 17];

/// Any key that signs certificates.
pub(crate) struct AnyKey(Box<dyn SigningKey>);

impl AnyKey {
    pub(crate) fn of(key: impl SigningKey + 'static) -> Self {
        Self(Box::new(key))
    }

    pub(crate) fn p256() -> Self {
        Self::of(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::of(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        Self::of(KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap())
    }

    /// The same one each time: making one takes long.
    pub(crate) fn rsa() -> Self {
        static KEY: LazyLock<RsaKey> = LazyLock::new(RsaKey::generate);
        Self(Box::new(&*KEY))
    }

    pub(crate) fn pin(&self) -> PinnedRoot {
        PinnedRoot::from_der(&self.subject_public_key_info()).unwrap()
    }
}

impl PublicKeyData for AnyKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl SigningKey for AnyKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message)
    }
}

/// A phone and a bank that agree; a test changes one thing.
pub(crate) struct Phone {
    /// Leaf first, root last.
    pub(crate) keys: Vec<Rc<AnyKey>>,
    /// The same.
    pub(crate) certificates: Vec<CertificateParams>,
    /// In the leaf; none: no extension.
    pub(crate) description: Option<Description>,
    pub(crate) challenge: [u8; 32],
    /// Whether the bank knows the key beforehand.
    pub(crate) key_known: bool,
    pub(crate) requirements: Requirements,
    pub(crate) now_ms: u64,
}

impl Phone {
    /// Leaf, batch, Google's intermediate, root.
    pub(crate) fn new(level: u8) -> Self {
        Self::with_root(level, AnyKey::p384())
    }

    pub(crate) fn with_root(level: u8, root: AnyKey) -> Self {
        let keys = [AnyKey::p256(), AnyKey::p256(), AnyKey::p384(), root].map(Rc::new).to_vec();
        let root = keys[3].pin();
        let names = ["leaf", "batch", "intermediate", "root"];
        let mut certificates: Vec<_> = (0x40..).zip(names).map(certificate_of_authority).collect();
        certificates[0].is_ca = IsCa::NoCa;
        certificates[0].key_usages = vec![KeyUsagePurpose::DigitalSignature];
        certificates[0].not_before = date_time_ymd(1970, 1, 1);
        certificates[0].not_after = date_time_ymd(2048, 1, 1);
        Self {
            keys,
            certificates,
            description: Some(Description::new(level)),
            challenge: [7; 32],
            key_known: true,
            requirements: Requirements {
                roots: vec![root],
                revoked: RevokedSerials::default(),
                dates: Dates { leaf: true, root: true },
                old_factory_chains: false,
                packages: vec![PACKAGE.to_owned()],
                signers: vec![SIGNER],
                least_level: SecurityLevel::TrustedEnvironment,
                boot_keys: Vec::new(),
                least_patch: None,
                patch_months_max: None,
            },
            now_ms: NOW_MS,
        }
    }

    /// The description, to change it.
    pub(crate) fn describe(&mut self) -> &mut Description {
        self.description.as_mut().unwrap()
    }

    /// Signs it all.
    pub(crate) fn chain(&self) -> Vec<Vec<u8>> {
        let mut certificates = self.certificates.clone();
        if let Some(description) = &self.description {
            let extension = CustomExtension::from_oid_content(&DESCRIPTION, description.to_der());
            certificates[0].custom_extensions.push(extension);
        }
        let sign = |position: usize| {
            let above = (position + 1).min(certificates.len() - 1);
            let issuer = Issuer::from_params(&certificates[above], &*self.keys[above]);
            certificates[position].signed_by(&*self.keys[position], &issuer).unwrap().der().to_vec()
        };
        (0..certificates.len()).map(sign).collect()
    }

    pub(crate) fn key(&self) -> [u8; 65] {
        self.keys[0].der_bytes().try_into().unwrap()
    }

    /// The bank's word on these certificates.
    pub(crate) fn judged(&self, chain: &[Vec<u8>]) -> Result<Attested, AttestationFault> {
        let key = self.key_known.then(|| self.key());
        let expected = Expected { challenge: &self.challenge, key: key.as_ref() };
        verify(chain, &expected, &self.requirements, self.now_ms)
    }

    pub(crate) fn verified(&self) -> Result<Attested, AttestationFault> {
        self.judged(&self.chain())
    }
}

fn certificate_of_authority((serial, name): (u8, &str)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.serial_number = Some(SerialNumber::from_slice(&[serial, 0xA7]));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

pub(crate) fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// A KeyDescription that is still to be encoded.
#[derive(Clone)]
pub(crate) struct Description {
    pub(crate) version: u64,
    pub(crate) attestation_level: u8,
    pub(crate) key_level: u8,
    pub(crate) challenge: Vec<u8>,
    /// Numbers and contents of the fields.
    pub(crate) software: Vec<(u32, Vec<u8>)>,
    pub(crate) hardware: Vec<(u32, Vec<u8>)>,
    /// In the place of all the above.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Description {
    fn new(level: u8) -> Self {
        Self {
            version: 300,
            attestation_level: level,
            key_level: level,
            challenge: vec![7; 32],
            software: vec![(701, integer(NOW_MS)), (709, octets(&application(&[(PACKAGE, 12)], &[SIGNER])))],
            hardware: vec![
                (1, tlv(&[0x31], &integer(2))),
                (2, integer(3)),
                (3, integer(256)),
                (5, tlv(&[0x31], &integer(4))),
                (10, integer(1)),
                (503, vec![5, 0]),
                (702, integer(0)),
                (704, root_of_trust(&[0xB0; 32], true, 0)),
                (705, integer(140_000)),
                (706, integer(NOW_PATCH)),
                (710, octets(b"a brand that is not read")),
                (718, integer(20_261_105)),
                (719, integer(20_261_005)),
                (999, octets(b"of a later Android")),
            ],
            raw: None,
        }
    }

    /// Puts another content into the field that has this number.
    pub(crate) fn set(&mut self, number: u32, content: Vec<u8>) {
        let mut fields = self.software.iter_mut().chain(&mut self.hardware);
        fields.find(|(found, _)| *found == number).unwrap().1 = content;
    }

    /// Takes a field out.
    pub(crate) fn leave_out(&mut self, number: u32) {
        self.software.retain(|(found, _)| *found != number);
        self.hardware.retain(|(found, _)| *found != number);
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let parts = [
            integer(self.version),
            enumerated(self.attestation_level),
            integer(self.version),
            enumerated(self.key_level),
            octets(&self.challenge),
            octets(&[]),
            list(&self.software),
            list(&self.hardware),
        ];
        sequence(&parts.concat())
    }
}

pub(crate) fn application(packages: &[(&str, u64)], signers: &[[u8; 32]]) -> Vec<u8> {
    let package =
        |(name, version): &(&str, u64)| sequence(&[octets(name.as_bytes()), integer(*version)].concat());
    let packages: Vec<u8> = packages.iter().flat_map(package).collect();
    let signers: Vec<u8> = signers.iter().flat_map(|signer| octets(signer)).collect();
    sequence(&[tlv(&[0x31], &packages), tlv(&[0x31], &signers)].concat())
}

pub(crate) fn root_of_trust(key: &[u8], locked: bool, state: u8) -> Vec<u8> {
    let locked = vec![1, 1, if locked { 0xFF } else { 0 }];
    sequence(&[octets(key), locked, enumerated(state), octets(&[0xBB; 32])].concat())
}

pub(crate) fn list(fields: &[(u32, Vec<u8>)]) -> Vec<u8> {
    sequence(
        &fields.iter().flat_map(|(number, content)| tlv(&numbered(*number), content)).collect::<Vec<_>>(),
    )
}

pub(crate) fn sequence(content: &[u8]) -> Vec<u8> {
    tlv(&[0x30], content)
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(&[0x04], content)
}

pub(crate) fn enumerated(value: u8) -> Vec<u8> {
    vec![0x0A, 1, value]
}

pub(crate) fn integer(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    let sign: &[u8] = if bytes[first] >= 0x80 { &[0] } else { &[] };
    tlv(&[0x02], &[sign, &bytes[first..]].concat())
}

/// `[number]`, constructed.
fn numbered(number: u32) -> Vec<u8> {
    let byte = |part: u32| u8::try_from(part & 0x7F).unwrap();
    match number {
        0..31 => vec![0xA0 | byte(number)],
        31..128 => vec![0xBF, byte(number)],
        _ => vec![0xBF, 0x80 | byte(number >> 7), byte(number)],
    }
}

pub(crate) fn tlv(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let length = match length {
        0..0x80 => vec![low],
        0x80..0x100 => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [tag, &length, content].concat()
}
