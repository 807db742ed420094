//! One message of each row of the table (more where it has variants of its own), with values that tell the fields
//! apart, and marks in whatever must not be seen.

pub(crate) mod admin;
pub(crate) mod host;
pub(crate) mod numbers;
mod payloads;
pub(crate) mod reconcile;
pub(crate) mod standing;

use mpos_protocol::{
    Actor, Currency, FRAME_BYTES_MAX, Flow, Message, Secret, Sends,
    book::*,
    card::{messages::*, *},
    frame::{self, FRAME_HEADER_BYTES, Sender},
    host::HostRefusal,
    link::*,
    pad::*,
    pin::{messages::*, *},
    routes::{ActorId, actor},
    sale::{messages::*, *},
    shell::*,
    signed::Hash,
    supervision::*,
    terminal::*,
};
pub(crate) use payloads::*;

/// A PIN, a code: what a secret holds here.
pub(crate) const SECRET_MARK: &str = "86428642";
/// An account number in a card's answer (tag 5A): what masking takes away.
pub(crate) const PAN_MARK: [u8; 8] = [0x54, 0x13, 0x33, 0x73, 0x91, 0x73, 0x91, 0x46];
/// Where a PIN pad is touched, and that point on the wire.
pub(crate) const POINT: PadPoint = PadPoint { x: 9371, y: 7193 };
pub(crate) const POINT_MARK: [u8; 4] = [0x9B, 0x49, 0x99, 0x38];
/// What something encrypted holds here.
pub(crate) const SEALED_MARK: [u8; 8] = [0x5E, 0xA1, 0xED, 0x5E, 0xA1, 0xED, 0x5E, 0xA1];

/// One message on the wire.
pub(crate) struct Sample {
    /// `Till.BeginPurchase`, or `Till.TapEnded/Declined` where a row has several.
    pub(crate) name: String,
    /// Who sends it here.
    pub(crate) from: ActorId,
    /// Who receives it.
    pub(crate) to: ActorId,
    /// The row's name.
    pub(crate) row: &'static str,
    /// Whether the table calls it secret.
    pub(crate) secret: bool,
    /// The whole frame.
    pub(crate) frame: Vec<u8>,
    /// For people.
    pub(crate) json: String,
}

const FLOW: Flow = Flow(0x0403_0201);

/// Encodes `message` as `From` sends it, and checks that the receiver reads the same.
fn row<From, M>(_from: From, case: &str, message: M) -> Sample
where
    From: Sends<M> + Sender,
    M: Message + Clone,
    <M::To as Actor>::Inbox: PartialEq + std::fmt::Debug,
{
    let mut frame = Vec::new();
    frame::encode::<From, M>(FLOW, &message, &mut frame).expect("encodes");
    let inbox = message.into_inbox();
    let body = postcard::to_allocvec(&inbox).expect("encodes");
    assert_eq!(body, &frame[FRAME_HEADER_BYTES..], "{}: the body is the inbox in postcard", M::NAME);
    let (header, decoded) = frame::decode::<M::To>(&frame).expect("encodes");
    assert_eq!((header.from, header.to, header.flow), (From::SENDER, M::To::ID, FLOW));
    assert_eq!(decoded, inbox);
    assert_eq!(<M::To as Actor>::name(&decoded), M::NAME);
    assert_eq!(<M::To as Actor>::holds_secret(&decoded), M::SECRET);
    assert!(frame.len() <= FRAME_BYTES_MAX);
    let case = if case.is_empty() { String::new() } else { format!("/{case}") };
    Sample {
        name: format!("{:?}.{}{case}", M::To::ID, M::NAME),
        from: From::SENDER,
        to: M::To::ID,
        row: M::NAME,
        secret: M::SECRET,
        frame,
        json: serde_json::to_string(&inbox).expect("encodes"),
    }
}

/// All of them, in the order of the table.
pub(crate) fn rows() -> Vec<Sample> {
    let tables = [shell(), till(), tap(), pin_pad(), host_link(), ledger_and_receipts()];
    let more = [admin::rows(), standing::rows(), reconcile::rows()];
    tables.into_iter().chain(more).flatten().collect()
}

fn shell() -> Vec<Sample> {
    let (terminal, merchant) = (TerminalId(16), merchant());
    let activated = TerminalOpened::Activated { terminal, merchant: merchant.clone() };
    vec![
        row(actor::Till, "NotActivated", TerminalOpened::NotActivated),
        row(actor::Till, "Activated", activated),
        row(
            actor::Till,
            "Unusable",
            TerminalOpened::Unusable { fault: StoreFault::Full, reason: text("The disk is full.") },
        ),
        row(actor::Till, "Activated", ActivationEnded::Activated { terminal, merchant }),
        row(
            actor::Till,
            "Failed",
            ActivationEnded::Failed {
                fault: EnrolmentFault::Refused(HostRefusal::CodeUsed),
                reason: text("Ask the bank for another code."),
            },
        ),
        row(actor::Till, "TapCard", SaleProgress::TapCard { amount: amount(), seconds_left: 30 }),
        row(actor::Till, "Card", SaleProgress::Card(TapMessage::HoldCard)),
        row(actor::Till, "Connecting", SaleProgress::Connecting),
        row(actor::Till, "Online", SaleProgress::Online),
        row(actor::Till, "Repeating", SaleProgress::Repeating),
        row(actor::Till, "Reversing", SaleProgress::Reversing),
        row(actor::Till, "", SaleEnded { receipt: receipt(), text: text("ProCredit Bank\nAPPROVED") }),
        row(
            actor::Till,
            "",
            RequestRefused { refusal: Refusal::Busy, reason: text("A sale is in progress.") },
        ),
        row(actor::PinPad, "", show_pin_pad()),
        row(actor::PinPad, "", PinPadChanged { pad: 300, filled: 5, can_confirm: true }),
        row(actor::PinPad, "", HidePinPad),
    ]
}

fn till() -> Vec<Sample> {
    vec![
        row(actor::Shell, "", OpenTerminal { bank_address: text("bank.example:8443") }),
        row(actor::Shell, "", Activate { code: Secret::new(text(SECRET_MARK)) }),
        row(actor::Shell, "", BeginPurchase { amount: amount() }),
        row(actor::Shell, "", CancelFlow),
        row(
            actor::Ledger,
            "Open",
            LedgerOpened::Open { profile: Some(profile()), unresolved: 2, next_transaction: 77 },
        ),
        row(actor::Ledger, "Failed", LedgerOpened::Failed(StoreFault::Damaged { entry: 300 })),
        row(actor::Ledger, "", RoomMade { result: Ok(()) }),
        row(actor::Ledger, "Full", RoomMade { result: Err(StoreFault::Full) }),
        row(actor::HostLink, "Enrolled", EnrolmentEnded::Enrolled(profile())),
        row(actor::HostLink, "Failed", EnrolmentEnded::Failed(EnrolmentFault::Line(LineFault::Unreachable))),
        row(actor::EmvKernel, "", TapProgress { message: TapMessage::CardReadOk }),
        tap_ended("OnlineRequest", TapOutcome::OnlineRequest(card_authorisation())),
        tap_ended("Declined", TapOutcome::Declined(TapFault::Expired)),
        tap_ended("TryAnotherCard", TapOutcome::TryAnotherCard(TapFault::NoCommonApplication)),
        tap_ended("TryAnotherInterface", TapOutcome::TryAnotherInterface(TapFault::OverLimit)),
        tap_ended("EndedWithoutCard", TapOutcome::EndedWithoutCard(TapFault::NoCardInTime)),
        row(actor::PinPad, "", PinReady { block: pin_block() }),
        row(actor::PinPad, "", PinFailed { fault: PinFault::TimedOut }),
        row(actor::HostLink, "", LinkProgress::Sent),
        authorisation(
            "Approved",
            AuthorisationResult::Approved { reference: reference(), auth_code: auth_code() },
        ),
        authorisation(
            "Declined",
            AuthorisationResult::Declined { reference: reference(), reason: DeclineReason::WrongPin },
        ),
        authorisation("Refused", AuthorisationResult::Refused(HostRefusal::StaleTime(-301))),
        authorisation("NotSent", AuthorisationResult::NotSent(NotSent::Line(LineFault::Broken))),
        authorisation("Reversed", AuthorisationResult::Reversed),
        authorisation("Unknown", AuthorisationResult::Unknown),
        row(actor::ReceiptSender, "", ReceiptMade { receipt: receipt(), text: text("ProCredit Bank") }),
        row(actor::Supervisor, "", ActorRestarted { who: ActorId::EmvKernel }),
        row(
            actor::Supervisor,
            "",
            DeliveryFailed {
                from: ActorId::Till,
                to: ActorId::HostLink,
                message: text("Authorise"),
                cause: DeliveryFault::Full,
            },
        ),
        row(actor::Clock, "", FlowTimer { of: Flow(9) }),
    ]
}

fn tap_ended(case: &str, outcome: TapOutcome) -> Sample {
    row(actor::EmvKernel, case, TapEnded { outcome })
}

fn authorisation(case: &str, result: AuthorisationResult) -> Sample {
    row(actor::HostLink, case, AuthorisationEnded { record: Some(sale_record()), result })
}

fn tap() -> Vec<Sample> {
    let answer = [&[0x70, 0x0A, 0x5A, 0x08][..], &PAN_MARK[..], &[0x90, 0x00][..]].concat();
    let start = StartTap {
        kind: TransactionKind::Purchase,
        amount: amount(),
        currency: Currency::Eur,
        local: EmvTime { date: [0x26, 0x11, 0x24], time: [0x16, 0x30, 0x40] },
        transaction_number: 77,
        unpredictable: [[1; 4], [2; 4], [3; 4], [4; 4]],
        wait_ms: 30_000,
    };
    vec![
        row(actor::EmvKernel, "", StartPolling { hold_ms: 500, wait_ms: 30_000 }),
        row(actor::EmvKernel, "", TransmitApdu { command: bytes(&[0x00, 0xA4, 0x04, 0x00]) }),
        row(actor::EmvKernel, "", StopPolling),
        row(actor::Shell, "", TagArrived),
        row(actor::Clock, "", PollingTimer { polling: 5 }),
        row(actor::Till, "", ConfigureKernel { emv_settings: bytes(&[1, 2, 3]) }),
        row(actor::Till, "", start),
        row(actor::Till, "", AbortTap),
        row(actor::NfcReader, "", CardPresent),
        row(actor::NfcReader, "", CardAnswered { response: ResponseApdu::new(&answer).expect("encodes") }),
        row(actor::NfcReader, "Left", CardLost::Left),
        row(actor::NfcReader, "Silent", CardLost::Silent),
        row(actor::NfcReader, "Garbled", CardLost::Garbled),
        row(actor::NfcReader, "NeverCame", CardLost::NeverCame),
        row(actor::EmvKernel, "", CardAuthenticated { verdict: 0, cryptogram: Some([0xC8; 8]) }),
    ]
}

fn show_pin_pad() -> ShowPinPad {
    let area = PadArea { left: 3400, top: 2550, width: 3200, height: 2350 };
    let key = |role, glyph: &[u8]| PadKey {
        role,
        row: 2,
        column: 3,
        area,
        glyph: Secret::new(Glyph::new(glyph).expect("fits")),
    };
    let keys = vec![
        key(PadRole::Digit, SECRET_MARK.as_bytes()),
        key(PadRole::Clear, &[]),
        key(PadRole::Confirm, &[]),
    ];
    let exposure = Exposure { covered: false, captured: true };
    ShowPinPad { pad: 300, amount: amount(), fixed: true, exposure, keys: list(keys) }
}

fn pin_pad() -> Vec<Sample> {
    vec![
        row(actor::EmvKernel, "", BindPinToCard { pan: Secret::new(bytes(SECRET_MARK.as_bytes())) }),
        row(actor::Till, "", AskPin { amount: amount(), format: PinBlockFormat::Format0 }),
        row(actor::Till, "", StopPin),
        row(actor::Shell, "", PinAbandoned),
        row(actor::Clock, "", PinTimer { entry: 6 }),
        row(actor::Shell, "", PinPadTouched { pad: 300, at: Secret::new(POINT) }),
        row(actor::Shell, "", ArrangePinPad { pad: 300, fixed: true }),
        row(actor::Shell, "", PinPadExposed { exposure: Exposure { covered: true, captured: false } }),
    ]
}

fn host_link() -> Vec<Sample> {
    let unresolved = UnresolvedRequest {
        sequence: 41,
        signed: sealed(&[7; 5]),
        hash: Hash([0x11; 32]),
        subject: RequestSubject::Reversal { of: 40 },
    };
    let outcome = RecordedOutcome::Approved { reference: reference(), auth_code: auth_code() };
    let chain = ChainRestored {
        next_sequence: 42,
        head: Hash([0x22; 32]),
        next_receipt: ReceiptNumber(17),
        unresolved: list(vec![unresolved]),
        last_resolved: Some(ResolvedSale { record: sale_record(), outcome }),
    };
    let authorise = Authorise {
        kind: TransactionKind::Purchase,
        amount: amount(),
        currency: Currency::Eur,
        at: moment(),
        transaction_number: 77,
        card: card_authorisation(),
        pin: Some(pin_block()),
        refund: None,
    };
    vec![
        row(
            actor::Till,
            "",
            ConfigureLink { bank_address: text("bank.example:8443"), profile: Some(profile()) },
        ),
        row(actor::Till, "", Enrol { code: Secret::new(text(SECRET_MARK)) }),
        row(
            actor::Till,
            "Refund",
            Authorise {
                kind: TransactionKind::Refund,
                refund: Some(admin::refund_of()),
                ..authorise.clone()
            },
        ),
        row(actor::Till, "", authorise),
        row(actor::Till, "", ResumeLink { transaction_number: Some(77) }),
        row(actor::Ledger, "", chain),
        row(actor::Ledger, "", RequestRecorded { sequence: 42 }),
        row(actor::Ledger, "", AnswerRecorded { sequence: 42 }),
        row(actor::Ledger, "", EnrolmentRecorded),
        row(actor::Ledger, "", RecordingFailed { fault: StoreFault::NewerVersion { version: 9 } }),
        row(actor::Network, "", LineOpened { line: 3 }),
        row(actor::Network, "", LineReceived { line: 3, bytes: sealed(&[0, 0, 0, 1, 9]) }),
        row(actor::Network, "", LineClosed { line: 3, fault: LineFault::Closed }),
        row(actor::Clock, "", LinkTimer { wait: 8 }),
        row(actor::Network, "", NetworkChanged { available: true }),
    ]
}

fn ledger_and_receipts() -> Vec<Sample> {
    let request =
        |subject| RecordRequest { sequence: 42, signed: sealed(&[7; 5]), hash: Hash([0x33; 32]), subject };
    let answer = |outcome| RecordAnswer { sequence: 42, signed: sealed(&[8; 5]), outcome };
    let approved = RecordedOutcome::Approved { reference: reference(), auth_code: auth_code() };
    let declined = RecordedOutcome::Declined { reference: reference(), reason: DeclineReason::Expired };
    vec![
        row(actor::Till, "", OpenLedger),
        row(actor::HostLink, "", RecordEnrolment { profile: profile() }),
        row(actor::HostLink, "Sale", request(RequestSubject::Sale(sale_record()))),
        row(actor::HostLink, "Reversal", request(RequestSubject::Reversal { of: 41 })),
        row(actor::HostLink, "Approved", answer(approved)),
        row(actor::HostLink, "Declined", answer(declined)),
        row(actor::HostLink, "Refused", answer(RecordedOutcome::Refused)),
        row(actor::HostLink, "Reversed", answer(RecordedOutcome::Reversed)),
        row(actor::HostLink, "", ReadChain),
        row(actor::Till, "", MakeRoom),
        row(actor::Till, "", MakeReceipt { receipt: receipt() }),
    ]
}
