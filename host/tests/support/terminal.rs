//! A terminal as the bank sees it: a device key, a chain of signed messages, a TLS client.

use super::{
    Card, TestBank, TestClock,
    card::Tap,
    pki::{SERVER_NAME, new_key},
};
use mpos_crypto::{
    SecretKey,
    dukpt::{KeySize, KeyUsage, Ksn, TerminalKeys},
    key_wrap, pin_block, seal,
};
use mpos_host::Clock;
use mpos_protocol::{
    Amount, Bytes, Currency, PROTOCOL_VERSION, Sealed, Text,
    admin::{
        ADMIN_SEQUENCE, AdminAnswer, AdminRequest, EncryptedCode, Grant, SUPERVISOR_CODE_CONTEXT,
        SupervisorFault, SupervisorPurpose,
    },
    card::{Cvm, EncryptedCardData, MaskedPan, TransactionKind},
    host::{
        ALPN_ENROLMENT, ALPN_TERMINAL, AuthoriseRequest, CARD_DATA_CONTEXT, EnrolmentAnswer,
        EnrolmentRequest, HostAnswer, HostRefusal, HostRequest, KEY_WRAP_CONTEXT, ReversalCause,
        ReverseRequest,
    },
    pin::EncryptedPinBlock,
    reconcile::ChainHead,
    sale::{ReceiptNumber, Reference, RefundOf},
    signed::{AnswerContent, Content, Hash, RequestContent, Signed},
    standing::{Attestation, DeviceState, StandingReport, Ticket},
    terminal::{Device, TerminalProfile},
};
use p256::elliptic_curve::sec1::ToSec1Point;
use rcgen::{CertificateParams, KeyPair};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey},
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
    version::TLS13,
};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A connection to the bank.
pub type Line = TlsStream<TcpStream>;

pub struct Terminal {
    pub address: SocketAddr,
    pub profile: TerminalProfile,
    pub device: Device0,
    pub keys: TerminalKeys,
    pub next_sequence: u64,
    pub head: Hash,
    pub clock: Arc<TestClock>,
    /// The bank's word that this device may sell, fetched as a line is opened.
    pub ticket: Mutex<Ticket>,
    server_ca: Vec<u8>,
    random: SystemRandom,
}

/// A device before it is a terminal.
pub struct Device0 {
    pub key: KeyPair,
    pub signing: EcdsaKeyPair,
}

impl Device0 {
    pub fn new() -> Self {
        let key = new_key();
        let signing = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &key.serialize_der(),
            &SystemRandom::new(),
        );
        Self { key, signing: signing.unwrap() }
    }
}

/// What a PIN block is made of.
pub enum Pin<'p> {
    None,
    Typed(&'p str),
}

/// A sale to sign. Fields are open, so that a test can spoil one.
pub struct Sale {
    pub request: AuthoriseRequest,
}

impl Terminal {
    /// Asks for enrolment with a fresh device.
    pub async fn enrol(
        bank: &TestBank,
        address: SocketAddr,
        code: &str,
        clock: Arc<TestClock>,
    ) -> Result<Self, HostRefusal> {
        Self::enrol_device(bank, address, code, clock, Device0::new()).await
    }

    pub async fn enrol_device(
        bank: &TestBank,
        address: SocketAddr,
        code: &str,
        clock: Arc<TestClock>,
        device: Device0,
    ) -> Result<Self, HostRefusal> {
        Self::enrol_attested(bank, address, code, clock, (device, None)).await
    }

    /// A device that proves where its key lives, or does not.
    pub async fn enrol_attested(
        bank: &TestBank,
        address: SocketAddr,
        code: &str,
        clock: Arc<TestClock>,
        attested: (Device0, Option<Attestation>),
    ) -> Result<Self, HostRefusal> {
        Self::enrol_at((address, &bank.server_ca), code, clock, attested).await
    }

    /// At a host of which nothing is known but its address and its CA.
    pub async fn enrol_at(
        (address, server_ca): (SocketAddr, &[u8]),
        code: &str,
        clock: Arc<TestClock>,
        (device, attestation): (Device0, Option<Attestation>),
    ) -> Result<Self, HostRefusal> {
        let secret = p256_secret();
        let point = secret.public_key().to_sec1_point(false);
        let mut request = enrolment_request(code, &device, point.as_bytes());
        request.attestation = attestation;
        let mut line = connect(address, server_ca, ALPN_ENROLMENT, None).await.unwrap();
        send(&mut line, &postcard::to_allocvec(&request).unwrap()).await.unwrap();
        let answer = receive(&mut line).await.unwrap();
        match postcard::from_bytes(&answer).unwrap() {
            EnrolmentAnswer::Refused(refusal) => Err(refusal),
            EnrolmentAnswer::Enrolled { profile, wrapped_initial_key, initial_key_id } => {
                let secret: [u8; 32] = secret.to_bytes().into();
                let key = key_wrap::unwrap(&secret, KEY_WRAP_CONTEXT, &wrapped_initial_key).unwrap();
                let keys = TerminalKeys::load(&SecretKey::from_slice(&key).unwrap(), initial_key_id);
                let terminal = Self {
                    address,
                    profile,
                    device,
                    keys,
                    next_sequence: 1,
                    head: Hash::default(),
                    clock,
                    ticket: Mutex::default(),
                    server_ca: server_ca.to_vec(),
                    random: SystemRandom::new(),
                };
                // For the ticket, so that a sale can be signed before a line is opened for it.
                let _line = terminal.connect().await;
                Ok(terminal)
            }
        }
    }

    /// A line, and a fresh ticket if the bank gives one.
    pub async fn connect(&self) -> io::Result<Line> {
        let mut line = self.connect_with(ALPN_TERMINAL, &[&TLS13]).await?;
        self.fetch_ticket(&mut line).await;
        Ok(line)
    }

    /// A fresh ticket, if the bank gives one.
    pub async fn fetch_ticket(&self, line: &mut Line) {
        if let Ok(HostAnswer::Admin(AdminAnswer::Standing(standing))) = self.report(line).await {
            *self.ticket.lock().unwrap() = standing.ticket;
        }
    }

    /// Reports a device in order, with the challenge that the bank gives for it.
    pub async fn report(&self, line: &mut Line) -> io::Result<HostAnswer> {
        self.report_of(line, DeviceState::default(), u32::MAX).await
    }

    /// Reports this state, with so many keys left.
    pub async fn report_of(
        &self,
        line: &mut Line,
        state: DeviceState,
        keys_left: u32,
    ) -> io::Result<HostAnswer> {
        let chain = ChainHead { next_sequence: self.next_sequence, head: self.head };
        let report = StandingReport { state, keys_left, chain, ..StandingReport::default() };
        self.report_with(line, report, |_challenge| None).await
    }

    /// Makes this report, with an attestation for the bank's challenge.
    pub async fn report_with(
        &self,
        line: &mut Line,
        mut report: StandingReport,
        attest: impl FnOnce([u8; 32]) -> Option<Attestation>,
    ) -> io::Result<HostAnswer> {
        let message = self.admin(AdminRequest::ReportStanding(report.clone()));
        match self.try_ask(line, &message).await? {
            HostAnswer::Admin(AdminAnswer::Challenge(challenge)) => report.challenge = challenge,
            other => return Ok(other),
        }
        report.attestation = attest((*report.challenge).try_into().unwrap());
        let message = self.admin(AdminRequest::ReportStanding(report));
        self.try_ask(line, &message).await
    }

    pub async fn connect_with(
        &self,
        alpn: &[u8],
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<Line> {
        let identity = (&self.profile.certificates[0][..], &self.device.key);
        connect_versions(self.address, &self.server_ca, alpn, Some(identity), versions).await
    }

    /// A sale of this amount, not signed yet.
    pub fn sale(&mut self, card: &mut Card, amount: u64, pin: Pin<'_>) -> Sale {
        let number = u32::try_from(self.next_sequence).unwrap();
        let tap = card.tap(amount, number);
        self.sale_of(card, amount, pin, tap)
    }

    /// A refund of this purchase, not signed yet.
    pub fn refund_sale(&mut self, card: &mut Card, amount: u64, reference: &str, grant: &Grant) -> Sale {
        let tap = card.tap_refund(amount, u32::try_from(self.next_sequence).unwrap());
        let mut sale = self.sale_of(card, amount, Pin::None, tap);
        sale.request.kind = TransactionKind::Refund;
        sale.request.refund = Some(RefundOf { reference: Text::clipped(reference), grant: grant.clone() });
        sale
    }

    /// A refund as the next message.
    pub fn refund(&mut self, card: &mut Card, amount: u64, reference: &str, grant: &Grant) -> Vec<u8> {
        let sale = self.refund_sale(card, amount, reference, grant);
        self.sign(HostRequest::Authorise(sale.request))
    }

    /// A sale with this tap, not signed yet.
    pub fn sale_of(&mut self, card: &Card, amount: u64, pin: Pin<'_>, tap: Tap) -> Sale {
        let number = u32::try_from(self.next_sequence).unwrap();
        let (ksn, key) = self.working_key(KeyUsage::DataEncrypt);
        let ciphertext = seal::seal_once(&key, CARD_DATA_CONTEXT, &tap.card_data).unwrap();
        let (pin, cvm) = match pin {
            Pin::None if card.device_cvm => (None, Cvm::Device),
            Pin::None => (None, Cvm::None),
            Pin::Typed(digits) => (Some(self.pin_block(digits, card)), Cvm::Pin),
        };
        Sale {
            request: AuthoriseRequest {
                receipt: ReceiptNumber(number),
                kind: TransactionKind::Purchase,
                amount: Amount::from_minor(amount).unwrap(),
                currency: Currency::Eur,
                transaction_number: number,
                aid: Bytes::new(card.aid()).unwrap(),
                scheme: card.scheme(),
                pan: MaskedPan(card.pan[12..].parse().unwrap()),
                cvm,
                de55: tap.de55,
                card_data: EncryptedCardData {
                    ksn: Bytes::new(&ksn.to_bytes()).unwrap(),
                    ciphertext: Sealed::new(&ciphertext).unwrap(),
                },
                pin,
                refund: None,
                standing: self.ticket.lock().unwrap().clone(),
            },
        }
    }

    pub fn working_key(&mut self, usage: KeyUsage) -> (Ksn, SecretKey) {
        self.keys.next_working_key(usage, KeySize::Aes128).unwrap()
    }

    pub fn pin_block(&mut self, digits: &str, card: &Card) -> EncryptedPinBlock {
        let (ksn, key) = self.working_key(KeyUsage::PinEncryption);
        let block =
            pin_block::encipher_format4(digits.as_bytes(), card.pan.as_bytes(), &key, [7; 8]).unwrap();
        EncryptedPinBlock { ksn: Bytes::new(&ksn.to_bytes()).unwrap(), block: Sealed::new(&block).unwrap() }
    }

    /// The next message of the chain.
    pub fn sign(&mut self, request: HostRequest) -> Vec<u8> {
        let (bytes, hash) = self.sign_content(&self.content(request));
        self.next_sequence += 1;
        self.head = hash;
        bytes
    }

    /// The content of the next message.
    pub fn content(&self, request: HostRequest) -> RequestContent {
        RequestContent {
            version: PROTOCOL_VERSION,
            terminal: self.profile.terminal,
            sequence: self.next_sequence,
            time_ms: self.clock.unix_ms(),
            previous: self.head,
            request,
        }
    }

    /// Any content, signed; the chain does not move.
    pub fn sign_content(&self, content: &RequestContent) -> (Vec<u8>, Hash) {
        let content = content.to_content().unwrap();
        let signature =
            self.device.signing.sign(&self.random, &RequestContent::signing_input(&content)).unwrap();
        let hash = Hash::of(&content);
        let signed = Signed { content, signature: Bytes::new(signature.as_ref()).unwrap() };
        (signed.to_bytes().unwrap().into_vec(), hash)
    }

    /// An administrative message: outside of the chain.
    pub fn admin(&self, request: AdminRequest) -> Vec<u8> {
        let content = RequestContent {
            sequence: ADMIN_SEQUENCE,
            previous: Hash::default(),
            ..self.content(HostRequest::Admin(request))
        };
        self.sign_content(&content).0
    }

    /// What the bank answers to an administrative request.
    pub async fn ask_admin(&self, line: &mut Line, request: AdminRequest) -> AdminAnswer {
        match self.ask(line, &self.admin(request)).await {
            HostAnswer::Admin(answer) => answer,
            other => panic!("not answered: {other:?}"),
        }
    }

    /// A supervisor's code under the next data key.
    pub fn code(&mut self, typed: &str) -> EncryptedCode {
        let (ksn, key) = self.working_key(KeyUsage::DataEncrypt);
        let ciphertext = seal::seal_once(&key, SUPERVISOR_CODE_CONTEXT, typed.as_bytes()).unwrap();
        EncryptedCode {
            ksn: Bytes::new(&ksn.to_bytes()).unwrap(),
            ciphertext: Sealed::new(&ciphertext).unwrap(),
        }
    }

    pub async fn define(&mut self, line: &mut Line, typed: &str) -> AdminAnswer {
        let code = self.code(typed);
        self.ask_admin(line, AdminRequest::DefineSupervisorCode { code }).await
    }

    /// The supervisor's word to a purpose.
    pub async fn agree(
        &mut self,
        line: &mut Line,
        typed: &str,
        purpose: SupervisorPurpose,
    ) -> Result<Grant, SupervisorFault> {
        let code = self.code(typed);
        match self.ask_admin(line, AdminRequest::CheckSupervisorCode { code, purpose }).await {
            AdminAnswer::Granted { grant, seconds: 300 } => Ok(grant),
            AdminAnswer::SupervisorRefused(fault) => Err(fault),
            other => panic!("neither agreed nor refused: {other:?}"),
        }
    }

    /// A purchase, approved: its reference.
    pub async fn buy(&mut self, line: &mut Line, card: &mut Card, amount: u64) -> Reference {
        let message = self.purchase(card, amount, Pin::None);
        match self.ask(line, &message).await {
            HostAnswer::Approved { reference, .. } => reference,
            other => panic!("not approved: {other:?}"),
        }
    }

    /// A purchase as the next message.
    pub fn purchase(&mut self, card: &mut Card, amount: u64, pin: Pin<'_>) -> Vec<u8> {
        let sale = self.sale(card, amount, pin);
        self.sign(HostRequest::Authorise(sale.request))
    }

    /// The reversal of a message, as the next one.
    pub fn reversal(&mut self, sequence: u64, hash: Hash) -> Vec<u8> {
        self.sign(HostRequest::Reverse(ReverseRequest { sequence, hash, cause: ReversalCause::NoAnswer }))
    }

    /// A message's answer, checked.
    pub async fn ask(&self, line: &mut Line, message: &[u8]) -> HostAnswer {
        self.try_ask(line, message).await.unwrap()
    }

    pub async fn try_ask(&self, line: &mut Line, message: &[u8]) -> io::Result<HostAnswer> {
        send(line, message).await?;
        let bytes = receive(line).await?;
        Ok(self.read_answer(&bytes).answer)
    }

    pub fn read_answer(&self, bytes: &[u8]) -> AnswerContent {
        let signed = Signed::from_bytes(bytes).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &*self.profile.bank_signing_key)
            .verify(&AnswerContent::signing_input(&signed.content), &signed.signature)
            .expect("the bank's answer is signed by the bank");
        let answer = AnswerContent::from_content(&signed.content).unwrap();
        assert_eq!(answer.terminal, self.profile.terminal);
        answer
    }
}

pub fn enrolment_request(code: &str, device: &Device0, point: &[u8]) -> EnrolmentRequest {
    let request = CertificateParams::default().serialize_request(&device.key).unwrap();
    EnrolmentRequest {
        version: PROTOCOL_VERSION,
        activation_code: Text::clipped(&code.replace('-', "")),
        certificate_request: Bytes::new(request.der()).unwrap(),
        key_agreement: Bytes::new(point).unwrap(),
        device: Device {
            model: Text::clipped("Pixel 9"),
            system: Text::clipped("Android 16"),
            software: Text::clipped("mPOS 0.1"),
        },
        attestation: None,
    }
}

pub fn p256_secret() -> p256::SecretKey {
    let mut bytes = [0; 32];
    ring::rand::SecureRandom::fill(&SystemRandom::new(), &mut bytes).unwrap();
    p256::SecretKey::from_slice(&bytes).unwrap()
}

pub async fn connect(
    address: SocketAddr,
    server_ca: &[u8],
    alpn: &[u8],
    identity: Option<(&[u8], &KeyPair)>,
) -> io::Result<Line> {
    connect_versions(address, server_ca, alpn, identity, &[&TLS13]).await
}

pub async fn connect_versions(
    address: SocketAddr,
    server_ca: &[u8],
    alpn: &[u8],
    identity: Option<(&[u8], &KeyPair)>,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<Line> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(server_ca.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        Some((certificate, key)) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
            builder.with_client_auth_cert(vec![CertificateDer::from(certificate.to_vec())], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = if alpn.is_empty() { Vec::new() } else { vec![alpn.to_vec()] };
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(SERVER_NAME).unwrap(), stream).await
}

pub async fn send(line: &mut Line, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    line.write_all(&[&length[..], message].concat()).await?;
    line.flush().await
}

pub async fn receive(line: &mut Line) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    line.read_exact(&mut length).await?;
    let mut message = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    line.read_exact(&mut message).await?;
    Ok(message)
}
