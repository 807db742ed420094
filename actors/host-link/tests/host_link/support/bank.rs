//! A bank with a real key: it verifies what it gets, follows the chain, keeps its answers, and holds the money.

use super::{START_UNIX_MS, ports::device_key};
use mpos_protocol::{
    Amount, Bytes, Currency, PROTOCOL_VERSION, Text,
    admin::{AdminAnswer, AdminRequest},
    host::{HostAnswer, HostRefusal, HostRequest},
    reconcile::{BookedOutcome, ReconcilePage},
    sale::DeclineReason,
    signed::{AnswerContent, Content, Hash, LENGTH_PREFIX_BYTES, RequestContent, Signed},
    standing::{Orders, Standing},
    terminal::{Merchant, TerminalId, TerminalProfile},
};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey, signature::Signer, signature::Verifier};
use std::collections::BTreeMap;

pub(crate) fn bank_key() -> SigningKey {
    SigningKey::from_slice(&[0x42; 32]).unwrap()
}

pub(crate) fn point(key: &VerifyingKey) -> [u8; 65] {
    key.to_sec1_point(false).as_bytes().try_into().unwrap()
}

pub(crate) fn terminal_profile() -> TerminalProfile {
    TerminalProfile {
        terminal: TerminalId(16),
        bank: Text::clipped("ProCredit Bank"),
        merchant: Merchant { name: Text::clipped("Shop"), address: Text::clipped("Street") },
        currency: Currency::Eur,
        sale_max: Amount::from_minor(100_000).unwrap(),
        certificates: vec![Bytes::new(&[0x30, 0]).unwrap()].try_into().unwrap(),
        bank_signing_key: Bytes::new(&point(bank_key().verifying_key())).unwrap(),
        emv_settings: Bytes::default(),
    }
}

/// A request that was signed by the terminal, and its hash.
pub(crate) fn open(message: &[u8]) -> (RequestContent, Hash) {
    let signed = Signed::from_bytes(message).unwrap();
    let signature = Signature::from_slice(&signed.signature).unwrap();
    let input = RequestContent::signing_input(&signed.content);
    device_key().verifying_key().verify(&input, &signature).expect("the terminal signed it");
    (RequestContent::from_content(&signed.content).unwrap(), Hash::of(&signed.content))
}

pub(crate) fn content_for(message: &[u8], answer: HostAnswer) -> AnswerContent {
    let (request, hash) = open(message);
    AnswerContent {
        version: PROTOCOL_VERSION,
        terminal: request.terminal,
        sequence: request.sequence,
        request: hash,
        time_ms: START_UNIX_MS,
        answer,
    }
}

pub(crate) fn sign(content: &AnswerContent, key: &SigningKey) -> Vec<u8> {
    let content = content.to_content().unwrap();
    let signature: Signature = key.sign(&AnswerContent::signing_input(&content));
    let signed = Signed { content, signature: Bytes::new(&signature.to_bytes()).unwrap() };
    framed(&signed.to_bytes().unwrap())
}

/// The bank's answer to `message` as it comes on the line.
pub(crate) fn answer(message: &[u8], answer: HostAnswer) -> Vec<u8> {
    sign(&content_for(message, answer), &bank_key())
}

/// Whether this is a report of the device's state, as it goes on the line.
pub(crate) fn is_report(bytes: &[u8]) -> bool {
    let Ok(signed) = Signed::from_bytes(&unframed(bytes)) else { return false };
    let content = RequestContent::from_content(&signed.content);
    content
        .is_ok_and(|content| matches!(content.request, HostRequest::Admin(AdminRequest::ReportStanding(_))))
}

/// A good standing, for this report, and the order to say what the book has.
pub(crate) fn vouched(bytes: &[u8], reconcile_from: Option<u64>) -> Vec<u8> {
    let orders = Orders { reconcile_from, ..Orders::default() };
    let standing = Standing { orders, ..standing() };
    answer(&unframed(bytes), HostAnswer::Admin(AdminAnswer::Standing(standing)))
}

pub(crate) fn standing() -> Standing {
    Standing {
        ticket: Bytes::new(&[0x71; 32]).unwrap(),
        seconds: 300,
        challenge: Bytes::new(&[0xC4; 32]).unwrap(),
        ..Standing::default()
    }
}

pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&length, message].concat()
}

pub(crate) fn unframed(bytes: &[u8]) -> Vec<u8> {
    let (prefix, message) = bytes.split_first_chunk::<LENGTH_PREFIX_BYTES>().unwrap();
    assert_eq!(usize::try_from(u32::from_be_bytes(*prefix)).unwrap(), message.len());
    message.to_vec()
}

pub(crate) fn approved() -> HostAnswer {
    HostAnswer::Approved { reference: Text::clipped("4864FC149502"), auth_code: Text::clipped("252095") }
}

pub(crate) fn declined() -> HostAnswer {
    HostAnswer::Declined {
        reference: Text::clipped("4864FC149503"),
        reason: DeclineReason::InsufficientFunds,
    }
}

pub(crate) fn reversed() -> HostAnswer {
    HostAnswer::Reversed { reference: None }
}

/// A bank that keeps books as `host` does.
#[derive(Default)]
pub(crate) struct Bank {
    sequence: u64,
    head: Hash,
    answers: BTreeMap<u64, (Hash, HostAnswer)>,
    /// What is taken, by transaction number.
    pub(crate) taken: BTreeMap<u64, u32>,
    /// What this bank says to the next new sale.
    pub(crate) next: Option<HostAnswer>,
    /// What it says to the next administrative request.
    pub(crate) told: Option<mpos_protocol::admin::AdminAnswer>,
    /// Refusals that a terminal in order never gets.
    pub(crate) complaints: Vec<HostRefusal>,
}

impl Bank {
    pub(crate) fn handle(&mut self, message: &[u8]) -> Vec<u8> {
        let (request, hash) = open(message);
        let given = self.decide(&request, hash);
        if let HostAnswer::Refused(
            refusal @ (HostRefusal::Replayed { .. }
            | HostRefusal::SequenceGap { .. }
            | HostRefusal::BrokenChain),
        ) = &given
        {
            self.complaints.push(*refusal);
        }
        answer(message, given)
    }

    fn decide(&mut self, request: &RequestContent, hash: Hash) -> HostAnswer {
        let expected = self.sequence + 1;
        if let Some((kept, answer)) = self.answers.get(&request.sequence) {
            let replayed = HostAnswer::Refused(HostRefusal::Replayed { expected });
            return if *kept == hash { answer.clone() } else { replayed };
        }
        match &request.request {
            HostRequest::Admin(AdminRequest::Reconcile(page)) => {
                let next = (!page.is_last()).then_some(page.to);
                HostAnswer::Admin(AdminAnswer::Reconciled { next })
            }
            HostRequest::Admin(_) => {
                HostAnswer::Admin(self.told.take().expect("a test says what the bank answers"))
            }
            HostRequest::Authorise(_) if request.sequence != expected => {
                HostAnswer::Refused(HostRefusal::SequenceGap { expected })
            }
            HostRequest::Authorise(_) if request.previous != self.head => {
                HostAnswer::Refused(HostRefusal::BrokenChain)
            }
            HostRequest::Authorise(sale) => {
                let answer = self.next.take().unwrap_or_else(approved);
                if matches!(answer, HostAnswer::Refused(_)) {
                    return answer;
                }
                if matches!(answer, HostAnswer::Approved { .. }) {
                    self.taken.insert(request.sequence, sale.transaction_number);
                }
                self.keep(request.sequence, hash, answer)
            }
            HostRequest::Reverse(reverse) => {
                if request.sequence == expected + 1 && reverse.sequence == expected {
                    // It comes in the place of the request that it names.
                    let refused = HostAnswer::Refused(HostRefusal::AlreadyReversed);
                    self.keep(expected, reverse.hash, refused);
                }
                let named = self.answers.get(&reverse.sequence).map(|(named, _)| *named);
                if request.sequence != self.sequence + 1
                    || request.previous != self.head
                    || named != Some(reverse.hash)
                {
                    return HostAnswer::Refused(HostRefusal::BrokenChain);
                }
                self.taken.remove(&reverse.sequence);
                self.keep(request.sequence, hash, reversed())
            }
        }
    }

    /// Holds a page of the terminal's book against what this bank has: not one word of it may be another.
    pub(crate) fn check(&self, page: &ReconcilePage) {
        assert_eq!((page.chain.next_sequence, page.chain.head), (self.sequence + 1, self.head), "{page:?}");
        let mut approved = Vec::new();
        for told in page.transactions.iter() {
            let kept = self.answers.get(&told.sequence);
            let (hash, kept) = kept.map(|(hash, answer)| (*hash, answer)).unzip();
            match (&told.outcome, kept) {
                (BookedOutcome::Refused, _) => assert_ne!(hash, Some(told.hash), "{told:?}"),
                (
                    BookedOutcome::Approved { reference },
                    Some(HostAnswer::Approved { reference: kept, .. }),
                ) => {
                    assert_eq!((hash, reference), (Some(told.hash), kept));
                    approved.push(told.sequence);
                }
                (
                    BookedOutcome::Declined { reference },
                    Some(HostAnswer::Declined { reference: kept, .. }),
                ) => {
                    assert_eq!((hash, reference), (Some(told.hash), kept));
                }
                (BookedOutcome::Reversed, Some(_)) => {
                    assert!(hash == Some(told.hash) && !self.taken.contains_key(&told.sequence), "{told:?}");
                }
                (_, kept) => panic!("{told:?} and the bank has {kept:?}"),
            }
        }
        let taken: Vec<u64> = self.taken.range(page.from..page.to).map(|(sequence, _)| *sequence).collect();
        assert_eq!(approved, taken, "what was taken and no more");
    }

    fn keep(&mut self, sequence: u64, hash: Hash, answer: HostAnswer) -> HostAnswer {
        (self.sequence, self.head) = (sequence, hash);
        self.answers.insert(sequence, (hash, answer.clone()));
        answer
    }
}
