//! Whom a terminal takes for the bank, over real TLS on a loopback port: each certificate that a host may show.

#![allow(clippy::unwrap_used, reason = "tests")]

mod pki;

use mpos_ports::{BankLine, LineKind, LineTarget};
use mpos_protocol::{
    host::ALPN_ENROLMENT,
    link::{LineClosed, LineFault, LineOpened, LineReceived},
};
use mpos_std::{
    bank_pins::BankPins,
    key_file::KeyFile,
    tls_line::{LineEvents, TlsLine},
};
use pki::{ADDRESS, Ca, Shown, expired, not_yet};
use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
};
use rustls::{
    ServerConfig, SupportedProtocolVersion,
    crypto::{
        CryptoProvider,
        ring::{
            cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256},
            default_provider,
            kx_group::{SECP256R1, SECP384R1, X25519},
        },
    },
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use std::{
    net::TcpListener,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use tokio::io::AsyncReadExt;

/// Longer than any step takes; a test that waits so long has failed.
const WAIT: Duration = Duration::from_secs(30);

/// What the line says first.
struct First(mpsc::SyncSender<Result<(), LineFault>>);

impl LineEvents for First {
    fn opened(&self, _event: LineOpened) -> bool {
        self.0.try_send(Ok(())).is_ok()
    }

    fn received(&self, _event: LineReceived) -> bool {
        true
    }

    fn closed(&self, event: LineClosed) {
        let _only_the_first_counts = self.0.try_send(Err(event.fault));
    }
}

/// Shows what it is told, fitting or not.
#[derive(Debug)]
struct Showing(Arc<CertifiedKey>);

impl ResolvesServerCert for Showing {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn server(shown: &Shown, versions: &[&'static SupportedProtocolVersion], alpn: &[u8]) -> ServerConfig {
    server_of(default_provider(), shown, versions, alpn)
}

fn server_of(
    provider: CryptoProvider,
    shown: &Shown,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[u8],
) -> ServerConfig {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(shown.key.serialize_der()));
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let chain = shown.chain.iter().cloned().map(CertificateDer::from).collect();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Showing(Arc::new(CertifiedKey::new(chain, key)))));
    config.alpn_protocols = vec![alpn.to_vec()];
    config
}

/// Serves one connection until the other side leaves.
fn serve_once(listener: TcpListener, config: ServerConfig) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let served = async {
                let (stream, _) = listener.accept().await.unwrap();
                if let Ok(mut stream) = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await
                {
                    let _ = stream.read(&mut [0; 16]).await;
                }
            };
            let _ = tokio::time::timeout(WAIT, served).await;
        });
    })
}

/// What a terminal with these pins says of a host.
fn judged(pins: &BankPins, config: ServerConfig) -> Result<(), LineFault> {
    let listener = TcpListener::bind((ADDRESS, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let host = serve_once(listener, config);
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(KeyFile::open(folder.path()).unwrap());
    let (tell, told) = mpsc::sync_channel(4);
    let mut line = TlsLine::start(pins, keys, Arc::new(First(tell))).unwrap();
    line.open(1, LineTarget { address, kind: LineKind::Enrolment });
    let first = told.recv_timeout(WAIT).unwrap();
    line.close(1);
    drop(line);
    host.join().unwrap();
    first
}

fn pins_of(cas: &[&Ca]) -> BankPins {
    BankPins::from_der(cas.iter().map(|ca| ca.der.as_slice())).unwrap()
}

#[test]
fn only_the_pinned_cas_and_only_with_a_right_certificate_prove_the_bank() {
    const NOT_THE_BANK: Result<(), LineFault> = Err(LineFault::NotTheBank);
    let (in_use, backup, third) = (Ca::root("Bank CA"), Ca::root("Bank backup CA"), Ca::root("Other CA"));
    let (namesake, backups_namesake) = (Ca::root("Bank CA"), Ca::root("Bank backup CA"));
    let between = in_use.below("Bank issuing CA");
    let (authority_itself, shown_authority) = Shown::authority_itself("Bank CA that serves");
    let pins = pins_of(&[&in_use, &backup, &shown_authority]);
    let altered = |alter: fn(&mut CertificateParams)| Shown::altered(&in_use, alter);
    // A host that plays authority with its own certificate.
    let host = Shown::of(&in_use);
    let host_key = rcgen::KeyPair::try_from(host.key.serialize_der()).unwrap();
    let as_ca = rcgen::Issuer::from_ca_cert_der(&host.chain[0].as_slice().into(), host_key).unwrap();
    let host_as_ca = Ca { der: host.chain[0].clone(), issuer: as_ca };

    let cases: Vec<(&str, Shown, Result<(), LineFault>)> = vec![
        ("of the CA in use", Shown::of(&in_use), Ok(())),
        ("of the backup", Shown::of(&backup), Ok(())),
        ("with the CA sent too", Shown::of(&in_use).under(&[&in_use]), Ok(())),
        ("with a stranger's certificate sent too", Shown::of(&in_use).under(&[&third]), Ok(())),
        ("below an intermediate that is sent", Shown::of(&between).under(&[&between]), Ok(())),
        ("on another curve", Shown::of_curve(&in_use, &PKCS_ECDSA_P384_SHA384), Ok(())),
        ("without usages", altered(|params| params.key_usages.clear()), Ok(())),
        ("of a third CA", Shown::of(&third), NOT_THE_BANK),
        ("of a third CA that is sent too", Shown::of(&third).under(&[&third]), NOT_THE_BANK),
        ("of a CA with the name of the one in use", Shown::of(&namesake), NOT_THE_BANK),
        ("of a CA with the backup's name", Shown::of(&backups_namesake), NOT_THE_BANK),
        ("of a namesake, the real CA sent too", Shown::of(&namesake).under(&[&in_use]), NOT_THE_BANK),
        ("below an intermediate that is missing", Shown::of(&between), NOT_THE_BANK),
        ("below a host", Shown::of(&host_as_ca).under(&[&host_as_ca]), NOT_THE_BANK),
        ("self-signed", Shown::self_signed(), NOT_THE_BANK),
        ("the authority's own", authority_itself, NOT_THE_BANK),
        ("expired", altered(expired), NOT_THE_BANK),
        ("not valid yet", altered(not_yet), NOT_THE_BANK),
        (
            "for clients",
            altered(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            NOT_THE_BANK,
        ),
        (
            "for a key that may not sign",
            altered(|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]),
            NOT_THE_BANK,
        ),
        (
            "for another host",
            altered(|params| {
                params.subject_alt_names = vec![rcgen::SanType::DnsName("bank.test".try_into().unwrap())]
            }),
            NOT_THE_BANK,
        ),
        (
            "for another address",
            altered(|params| {
                params.subject_alt_names = vec![rcgen::SanType::IpAddress([127, 0, 0, 2].into())]
            }),
            NOT_THE_BANK,
        ),
        ("for no host", altered(|params| params.subject_alt_names.clear()), NOT_THE_BANK),
        ("with its signature altered", Shown::of(&in_use).with_signature_altered(), NOT_THE_BANK),
        ("with another key", Shown::of(&in_use).with_another_key(), NOT_THE_BANK),
    ];
    for (what, shown, expected) in cases {
        assert_eq!(judged(&pins, server(&shown, &[&TLS13], ALPN_ENROLMENT)), expected, "{what}");
    }
}

#[test]
fn a_bank_that_moves_to_its_backup_ca_is_the_bank_for_those_who_pinned_it_only() {
    let (in_use, backup) = (Ca::root("Bank CA"), Ca::root("Bank CA"));
    let moved = Shown::of(&backup);
    let serve = || server(&moved, &[&TLS13], ALPN_ENROLMENT);
    assert_eq!(judged(&pins_of(&[&in_use, &backup]), serve()), Ok(()));
    assert_eq!(judged(&pins_of(&[&in_use]), serve()), Err(LineFault::NotTheBank));
}

#[test]
fn tls_1_2_and_another_protocol_are_refused() {
    let ca = Ca::root("Bank CA");
    let (pins, shown) = (pins_of(&[&ca]), Shown::of(&ca));
    let incompatible = Err(LineFault::Incompatible);
    assert_eq!(judged(&pins, server(&shown, &[&TLS12], ALPN_ENROLMENT)), incompatible);
    assert_eq!(judged(&pins, server(&shown, &[&TLS13], b"h2")), incompatible);
    assert_eq!(judged(&pins, server(&shown, &[&TLS12, &TLS13], ALPN_ENROLMENT)), Ok(()));
}

#[test]
fn what_the_profile_leaves_out_is_not_spoken_even_when_the_host_speaks_nothing_else() {
    let ca = Ca::root("Bank CA");
    let (pins, shown) = (pins_of(&[&ca]), Shown::of(&ca));
    let of = |provider| judged(&pins, server_of(provider, &shown, &[&TLS13], ALPN_ENROLMENT));
    let incompatible = Err(LineFault::Incompatible);
    let suites = |cipher_suites| of(CryptoProvider { cipher_suites, ..default_provider() });
    assert_eq!(suites(vec![TLS13_CHACHA20_POLY1305_SHA256]), incompatible);
    assert_eq!(suites(vec![TLS13_AES_128_GCM_SHA256]), Ok(()));
    let groups = |kx_groups| of(CryptoProvider { kx_groups, ..default_provider() });
    assert_eq!(groups(vec![X25519, SECP384R1]), incompatible);
    assert_eq!(groups(vec![SECP256R1]), Ok(()));
    let other = Shown::of_curve(&ca, &PKCS_ED25519);
    assert_eq!(judged(&pins, server(&other, &[&TLS13], ALPN_ENROLMENT)), incompatible);
}
