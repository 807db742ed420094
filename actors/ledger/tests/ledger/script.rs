//! A link and a bank in a few lines: requests that follow the book's chain, and answers to them.

use crate::disk::Disk;
use mpos_ledger::Book;
use mpos_protocol::{
    Amount, Bytes, Currency, Moment, Sealed, Text, TooLong,
    book::{
        ChainRestored, RecordAnswer, RecordEnrolment, RecordRequest, RecordedOutcome, RequestSubject,
        SaleRecord, StoreFault,
    },
    card::{CardScheme, Cvm, MaskedPan, TransactionKind},
    sale::{DeclineReason, ReceiptCard, ReceiptNumber},
    signed::{Hash, SIGNED_BYTES_MAX},
    terminal::{TerminalId, TerminalProfile},
};

/// How long a typical signed purchase is, in bytes.
pub(crate) const SIGNED_BYTES: usize = 720;

pub(crate) fn open(disk: &Disk) -> Result<Book, StoreFault> {
    Book::open(Box::new(disk.clone()), None)
}

/// A book of an enrolled terminal.
pub(crate) fn enrolled(disk: &Disk) -> Book {
    let mut book = open(disk).unwrap();
    book.record_enrolment(enrolment(16)).unwrap();
    book
}

pub(crate) fn enrolment(terminal: u32) -> RecordEnrolment {
    let profile = TerminalProfile {
        terminal: TerminalId(terminal),
        bank: Text::new("ProCredit Bank").unwrap(),
        sale_max: Amount::from_minor(1_000_000).unwrap(),
        bank_signing_key: Bytes::new(&[4; 65]).unwrap(),
        emv_settings: Bytes::new(&[7; 300]).unwrap(),
        ..TerminalProfile::default()
    };
    RecordEnrolment { profile }
}

/// The next sale of `chain`.
pub(crate) fn sale(chain: &ChainRestored) -> RecordRequest {
    let record = SaleRecord {
        receipt: chain.next_receipt,
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(123).unwrap(),
        currency: Currency::Eur,
        at: Moment { unix_ms: at_ms(chain.next_receipt), utc_offset_s: 3600, uptime_ms: 5000 },
        transaction_number: chain.next_receipt.0,
        card: ReceiptCard {
            pan: MaskedPan(36),
            scheme: CardScheme::Mastercard,
            aid: Bytes::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap(),
            cvm: Cvm::None,
        },
        refund_of: None,
    };
    request(chain, RequestSubject::Sale(record))
}

/// One sale a minute.
pub(crate) fn at_ms(receipt: ReceiptNumber) -> u64 {
    1_790_000_000_000 + u64::from(receipt.0) * 60_000
}

/// The reversal of the sale with sequence `of`.
pub(crate) fn reversal(chain: &ChainRestored, of: u64) -> RecordRequest {
    request(chain, RequestSubject::Reversal { of })
}

fn request(chain: &ChainRestored, subject: RequestSubject) -> RecordRequest {
    let signed: Sealed<SIGNED_BYTES_MAX> =
        signed(chain.next_sequence ^ u64::from(chain.next_receipt.0) << 32, SIGNED_BYTES);
    RecordRequest { sequence: chain.next_sequence, hash: Hash::of(&signed), signed, subject }
}

/// Bytes as a signature and ciphertexts look: no two alike, no zeros.
pub(crate) fn signed<Blob: TryFrom<Vec<u8>, Error = TooLong>>(seed: u64, length: usize) -> Blob {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let bytes = core::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8 | 1
    });
    Blob::try_from(bytes.take(length).collect()).unwrap()
}

pub(crate) fn answer(sequence: u64, outcome: RecordedOutcome) -> RecordAnswer {
    RecordAnswer { sequence, signed: signed(sequence + 1_000_000, 260), outcome }
}

pub(crate) fn approved(sequence: u64) -> RecordAnswer {
    let reference = Text::clipped(&format!("4864FC{sequence:06}"));
    answer(sequence, RecordedOutcome::Approved { reference, auth_code: Text::clipped("252095") })
}

pub(crate) fn declined(sequence: u64) -> RecordAnswer {
    let reference = Text::clipped(&format!("4864FC{sequence:06}"));
    answer(sequence, RecordedOutcome::Declined { reference, reason: DeclineReason::InsufficientFunds })
}

pub(crate) fn refused(sequence: u64) -> RecordAnswer {
    answer(sequence, RecordedOutcome::Refused)
}

pub(crate) fn reversed(sequence: u64) -> RecordAnswer {
    answer(sequence, RecordedOutcome::Reversed)
}

/// Records the next sale; its sequence.
pub(crate) fn sell(book: &mut Book) -> u64 {
    let request = sale(&book.chain());
    let sequence = request.sequence;
    book.record_request(request).unwrap();
    sequence
}

/// Records the reversal of `of`; its sequence.
pub(crate) fn reverse(book: &mut Book, of: u64) -> u64 {
    let request = reversal(&book.chain(), of);
    let sequence = request.sequence;
    book.record_request(request).unwrap();
    sequence
}

/// Records a sale and its approval.
pub(crate) fn sell_approved(book: &mut Book) {
    let sequence = sell(book);
    book.record_answer(approved(sequence)).unwrap();
}

/// Everything that a book says of itself.
pub(crate) type Told = (Option<TerminalProfile>, usize, u32, ChainRestored);

pub(crate) fn told(book: &Book) -> Told {
    (book.profile().cloned(), book.unresolved(), book.next_transaction(), book.chain())
}

/// Where each entry lies in a journal, by the layout's description.
pub(crate) fn entries_of(journal: &[u8]) -> Vec<core::ops::Range<usize>> {
    let mut entries = Vec::new();
    let mut at = 512;
    while journal.get(at..at + 16).is_some_and(|header| header.iter().any(|&byte| byte != 0)) {
        let short =
            |offset: usize| usize::from(u16::from_le_bytes([journal[at + offset], journal[at + offset + 1]]));
        let (body, payload) = (short(4), short(6));
        let content = 16 + body + if payload == 0 { 0 } else { 32 + payload } + 32;
        let end = at + (content / 16 + 1) * 16;
        entries.push(at..end);
        at = end;
    }
    entries
}

/// Where the payload of the entry at `entry` lies.
pub(crate) fn payload_of(journal: &[u8], entry: &core::ops::Range<usize>) -> core::ops::Range<usize> {
    let short = |offset: usize| usize::from(u16::from_le_bytes([journal[offset], journal[offset + 1]]));
    let (body, payload) = (short(entry.start + 4), short(entry.start + 6));
    let start = entry.start + 16 + body + if payload == 0 { 0 } else { 32 };
    start..start + payload
}
