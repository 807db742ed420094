//! Whom the bank takes for a terminal, over the real listener: each certificate that a client may show. One that is revoked
//! while it is connected, and one that has expired, are in `link.rs`; another terminal's message in `chain.rs`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_protocol::host::ALPN_TERMINAL;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P384_SHA384, date_time_ymd,
};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore, SignatureScheme,
    client::ResolvesClientCert,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
    sign::CertifiedKey,
    version::TLS13,
};
use std::{io, net::SocketAddr, sync::Arc};
use support::{
    Line, Scene, Terminal,
    pki::{SERVER_NAME, TestDeviceCa, new_key},
    terminal::{receive, send},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Bytes that are no message: whoever may send them at all is told so.
const NO_MESSAGE: &[u8] = b"anything";

/// What a client shows: its chain, leaf first, and the key that it signs with; or nothing.
type Shown = Option<(Vec<Vec<u8>>, KeyPair)>;

/// Shows what it is told, fitting or not.
#[derive(Debug)]
struct Showing(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Showing {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

fn client(scene: &Scene, shown: &Shown) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(scene.bank.server_ca.clone())).unwrap();
    let shown = shown.as_ref().map(|(chain, key)| {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        Arc::new(CertifiedKey::new(chain.iter().cloned().map(CertificateDer::from).collect(), key))
    });
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Showing(shown)));
    config.alpn_protocols = vec![ALPN_TERMINAL.to_vec()];
    Arc::new(config)
}

async fn connect(address: SocketAddr, config: Arc<ClientConfig>) -> io::Result<Line> {
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(config).connect(ServerName::try_from(SERVER_NAME).unwrap(), stream).await
}

/// `let in`, `cut off` or the name of the alert.
async fn said(address: SocketAddr, config: Arc<ClientConfig>) -> String {
    let spoken = async {
        let mut line = connect(address, config).await?;
        // A refusal may come while we write: reading tells what it was.
        let _ = send(&mut line, NO_MESSAGE).await;
        receive(&mut line).await
    };
    match spoken.await {
        Ok(_answer) => "let in".to_owned(),
        Err(error) => {
            let text = error.to_string();
            let alert = text.split_once("alert: ").map(|(_, alert)| alert);
            alert.map_or_else(|| "cut off".to_owned(), |alert| alert.trim_end().to_owned())
        }
    }
}

/// What a terminal's certificate is made of.
fn leaf() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "TM000016");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// A certificate of this authority, right but for what `alter` does to it.
fn of(ca: &TestDeviceCa, alter: fn(&mut CertificateParams)) -> Shown {
    let (key, mut params) = (new_key(), leaf());
    alter(&mut params);
    Some((vec![ca.sign(&params, &key)], key))
}

fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
}

fn not_yet(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2090, 1, 1);
    params.not_after = date_time_ymd(2091, 1, 1);
}

fn under(shown: Shown, above: &TestDeviceCa) -> Shown {
    shown.map(|(mut chain, key)| {
        chain.push(above.own().0);
        (chain, key)
    })
}

fn key_of(terminal: &Terminal) -> KeyPair {
    KeyPair::try_from(terminal.device.key.serialize_der()).unwrap()
}

fn own(terminal: &Terminal) -> Shown {
    Some((vec![terminal.profile.certificates[0].to_vec()], key_of(terminal)))
}

fn with_signature_altered(mut shown: Shown) -> Shown {
    if let Some((chain, _)) = &mut shown {
        *chain[0].last_mut().unwrap() ^= 1;
    }
    shown
}

/// Everything that can be shown, and what the bank says to it.
fn cases(
    devices: &TestDeviceCa,
    mine: &Terminal,
    other: &Terminal,
) -> Vec<(&'static str, Shown, &'static str)> {
    let (third, namesake) = (TestDeviceCa::new("Another CA"), TestDeviceCa::new("Test Bank Device CA"));
    let between = devices.below("Test Bank Issuing CA");
    let self_signed_key = new_key();
    let self_signed = leaf().self_signed(&self_signed_key).unwrap().der().to_vec();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let on_p384 = devices.sign(&leaf(), &p384);
    let (ca, ca_key) = devices.own();
    // A terminal that plays authority with its own certificate.
    let as_ca =
        rcgen::Issuer::from_ca_cert_der(&mine.profile.certificates[0][..].into(), key_of(mine)).unwrap();
    let below_key = new_key();
    let below_terminal = leaf().signed_by(&below_key, &as_ca).unwrap().der().to_vec();
    let others_certificate = own(other).map(|(chain, _)| (chain, key_of(mine)));
    vec![
        ("its own", own(mine), "let in"),
        ("its own, with the CA's above", under(own(mine), devices), "let in"),
        ("its own, with a stranger's above", under(own(mine), &third), "let in"),
        ("none", None, "CertificateRequired"),
        ("self-signed", Some((vec![self_signed], self_signed_key)), "UnknownCA"),
        ("of another CA", of(&third, |_| {}), "UnknownCA"),
        ("of another CA that is shown too", under(of(&third, |_| {}), &third), "UnknownCA"),
        ("of a CA of the same name", of(&namesake, |_| {}), "DecryptError"),
        ("of a namesake, the real CA shown too", under(of(&namesake, |_| {}), devices), "DecryptError"),
        ("expired", of(devices, expired), "CertificateExpired"),
        ("not valid yet", of(devices, not_yet), "CertificateExpired"),
        (
            "for servers",
            of(devices, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
            "UnsupportedCertificate",
        ),
        ("below an intermediate that is missing", of(&between, |_| {}), "UnknownCA"),
        // The revocation list is the device CA's: of an intermediate's certificates nobody can say.
        ("below an intermediate that is shown", under(of(&between, |_| {}), &between), "UnknownCA"),
        (
            "below a terminal",
            Some((vec![below_terminal, mine.profile.certificates[0].to_vec()], below_key)),
            "CertificateUnknown",
        ),
        ("the device CA's own", Some((vec![ca], ca_key)), "CertificateUnknown"),
        ("its own, its signature altered", with_signature_altered(own(mine)), "DecryptError"),
        ("another terminal's, without its key", others_certificate, "DecryptError"),
        // The books know every certificate that was given out; the CA's signature alone opens nothing.
        ("of the CA, and not in the books", of(devices, |_| {}), "cut off"),
        (
            "for a key that may not sign",
            of(devices, |p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
            "cut off",
        ),
        ("on another curve", Some((vec![on_p384], p384)), "cut off"),
    ]
}

#[tokio::test]
async fn only_a_certificate_that_the_bank_gave_out_and_its_key_open_the_line() {
    let scene = Scene::start(&[]);
    let (mine, other) = (scene.terminal().await, scene.terminal().await);
    let mut wrong = Vec::new();
    for (what, shown, expected) in cases(&scene.bank.devices, &mine, &other) {
        let said = said(scene.address(), client(&scene, &shown)).await;
        if said != expected {
            wrong.push(format!("{what}: {said}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // And the host goes on.
    assert_eq!(said(scene.address(), client(&scene, &own(&mine))).await, "let in");
}

#[tokio::test]
async fn a_session_is_not_resumed_and_a_revoked_terminal_has_nothing_to_resume() {
    let mut scene = Scene::start(&[]);
    let terminal = scene.terminal().await;
    // A client that would resume: it keeps what it is given, in memory, as rustls does by default.
    let config = client(&scene, &own(&terminal));
    for _ in 0..3 {
        let mut line = connect(scene.address(), Arc::clone(&config)).await.unwrap();
        send(&mut line, NO_MESSAGE).await.unwrap();
        receive(&mut line).await.unwrap();
        let connection = line.get_ref().1;
        assert_eq!(connection.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(connection.tls13_tickets_received(), 0);
    }
    scene.console.revoke(terminal.profile.terminal).unwrap();
    scene.restart();
    assert_eq!(said(scene.address(), config).await, "CertificateRevoked");
}
