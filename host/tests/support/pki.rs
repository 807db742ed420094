//! A bank's keys, made for one test: a server CA, a device CA, issuer keys.

use mpos_crypto::SecretKey;
use mpos_host::{
    Bank,
    bank::{AuthorityFault, BadRequest, DeviceAuthority, IssuerKeys, ServerIdentity, SigningKey},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertificateSigningRequestParams,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, RevokedCertParams, SerialNumber, date_time_ymd,
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use zeroize::Zeroizing;

/// The name in the host's certificate.
pub const SERVER_NAME: &str = "bank.test";
pub const BDK: [u8; 16] = [0xB1; 16];
pub const MASTERCARD_KEY: [u8; 16] = [0x4D; 16];
pub const VISA_KEY: [u8; 16] = [0x56; 16];

pub struct TestBank {
    pub devices: Arc<TestDeviceCa>,
    /// DER.
    pub server_ca: Vec<u8>,
    server: Arc<ServerIdentity>,
    signing_pkcs8: Vec<u8>,
}

impl TestBank {
    pub fn new() -> Self {
        let (ca_der, ca) = authority("Test Bank Server CA");
        let key = new_key();
        let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = params.signed_by(&key, &ca).unwrap();
        let server =
            ServerIdentity { chain: vec![leaf.der().to_vec()], key: Zeroizing::new(key.serialize_der()) };
        Self {
            devices: Arc::new(TestDeviceCa::new("Test Bank Device CA")),
            server_ca: ca_der,
            server: Arc::new(server),
            signing_pkcs8: new_key().serialize_der(),
        }
    }

    pub fn bank(&self) -> Bank {
        let key = |bytes: &[u8]| SecretKey::from_slice(bytes).unwrap();
        let issuer =
            IssuerKeys::new((key(&BDK), *b"TEST"), key(&MASTERCARD_KEY), key(&VISA_KEY), &[0x5A; 32]);
        Bank {
            issuer: Arc::new(issuer),
            server: self.server.clone(),
            signing: Arc::new(SigningKey::from_pkcs8(&self.signing_pkcs8).unwrap()),
            devices: self.devices.clone(),
        }
    }
}

pub struct TestDeviceCa {
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    serials: Mutex<Vec<(Vec<u8>, SerialNumber)>>,
    /// Makes certificates that have expired already.
    pub expired: AtomicBool,
}

impl TestDeviceCa {
    pub fn new(name: &str) -> Self {
        let (der, issuer) = authority(name);
        Self { der, issuer, serials: Mutex::default(), expired: AtomicBool::new(false) }
    }

    /// An authority below this one.
    pub fn below(&self, name: &str) -> Self {
        let (key, params) = (new_key(), authority_params(name));
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        let issuer = Issuer::new(params, key);
        Self { der, issuer, serials: Mutex::default(), expired: AtomicBool::new(false) }
    }

    /// Signs whatever certificate it is given, which the books then do not know.
    pub fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        params.signed_by(key, &self.issuer).unwrap().der().to_vec()
    }

    /// Its own certificate and key.
    pub fn own(&self) -> (Vec<u8>, KeyPair) {
        (self.der.clone(), KeyPair::try_from(self.issuer.key().serialize_der()).unwrap())
    }
}

/// How long a client certificate lives.
pub const CLIENT_LIFETIME_DAYS: u64 = 3000;

impl DeviceAuthority for TestDeviceCa {
    fn check(&self, request: &[u8]) -> Result<[u8; 65], BadRequest> {
        let request = CertificateSigningRequestParams::from_der(&request.into()).map_err(|_| BadRequest)?;
        request.public_key.der_bytes().try_into().map_err(|_| BadRequest)
    }

    fn certify(&self, request: &[u8], subject: &str, now_ms: u64) -> Result<Vec<u8>, AuthorityFault> {
        let mut request =
            CertificateSigningRequestParams::from_der(&request.into()).map_err(|_| AuthorityFault)?;
        let mut serials = self.serials.lock().unwrap();
        let serial = SerialNumber::from(u64::try_from(serials.len()).unwrap() + 1);
        request.params.serial_number = Some(serial.clone());
        request.params.distinguished_name.push(DnType::CommonName, subject);
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let now = date_time_ymd(1970, 1, 1) + Duration::from_millis(now_ms);
        request.params.not_before = now - Duration::from_hours(1);
        request.params.not_after = now + Duration::from_hours(24 * CLIENT_LIFETIME_DAYS);
        if self.expired.load(Ordering::SeqCst) {
            request.params.not_after = date_time_ymd(2020, 1, 1);
        }
        let der = request.signed_by(&self.issuer).map_err(|_| AuthorityFault)?.der().to_vec();
        serials.push((der.clone(), serial));
        Ok(der)
    }

    fn revocation_list(&self, revoked: &[(Vec<u8>, u64)], _now_ms: u64) -> Result<Vec<u8>, AuthorityFault> {
        let serials = self.serials.lock().unwrap();
        let revoked_certs = revoked
            .iter()
            .filter_map(|(der, _)| serials.iter().find(|(known, _)| known == der))
            .map(|(_, serial)| RevokedCertParams {
                serial_number: serial.clone(),
                revocation_time: date_time_ymd(2026, 1, 1),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(2099, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).map(|list| list.der().to_vec()).map_err(|_| AuthorityFault)
    }

    fn issuers(&self) -> Vec<Vec<u8>> {
        vec![self.der.clone()]
    }
}

pub fn new_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn authority(name: &str) -> (Vec<u8>, Issuer<'static, KeyPair>) {
    let (key, params) = (new_key(), authority_params(name));
    let der = params.self_signed(&key).unwrap().der().to_vec();
    (der, Issuer::new(params, key))
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}
