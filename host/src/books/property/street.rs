//! A street of terminals, honest or not: what they send, step by step, and what supervisors agreed to.
//!
//! It knows nothing of the books but how a host numbers what it accepts, so that refunds name real purchases.

use super::{ACCOUNTS, NOW_MS, TERMINALS};
use crate::{
    books::{
        AccountKey, Case, CaseBody, PinReference, Sender,
        chain::{Asked, Verified},
        holdings::{GrantHash, RefundGrant},
    },
    issuer::{CardEvidence, KeySerial, PinEvidence, Presented},
    refund::grant_hash,
};
use mpos_protocol::{
    Amount, Bytes, Currency, Sealed, Text,
    card::{CardScheme, Cvm, De55, EncryptedCardData, MaskedPan, TransactionKind},
    host::{AuthoriseRequest, ReversalCause, ReverseRequest},
    sale::{ReceiptNumber, Reference, RefundOf},
    signed::Hash,
    terminal::TerminalId,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// What a terminal, honest or not, does next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sells, and the message arrives or is lost.
    Sell { amount: u64, account: u8, pin: Option<bool>, arrives: bool },
    /// Sends an earlier message again.
    Repeat { back: usize },
    /// Sends other bytes with an earlier sequence.
    Replay { back: u64 },
    /// Leaves sequences out.
    Gap { over: u64 },
    /// Takes an earlier request back.
    Reverse { back: usize },
    /// Gives back some of an earlier purchase, anybody's, to this account.
    Refund { back: usize, amount: u64, account: u8, agreed: Agreed, arrives: bool },
}

/// What a supervisor had to do with a refund.
#[derive(Clone, Copy, Debug)]
pub(super) enum Agreed {
    To,
    ToAnother,
    ToTheOneBefore,
    Never,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<(u32, Step)>> {
    let pin = prop::option::weighted(0.3, any::<bool>());
    let agreed = prop_oneof![
        12 => Just(Agreed::To),
        1 => Just(Agreed::ToAnother),
        1 => Just(Agreed::ToTheOneBefore),
        1 => Just(Agreed::Never),
    ];
    let step = prop_oneof![
        6 => (1..4500_u64, 0..ACCOUNTS, pin, prop::bool::weighted(0.85))
            .prop_map(|(amount, account, pin, arrives)| Step::Sell { amount, account, pin, arrives }),
        2 => (0..6_usize).prop_map(|back| Step::Repeat { back }),
        1 => (0..4_u64).prop_map(|back| Step::Replay { back }),
        1 => (1..3_u64).prop_map(|over| Step::Gap { over }),
        2 => (0..4_usize).prop_map(|back| Step::Reverse { back }),
        6 => (0..3_usize, 1..2500_u64, 0..ACCOUNTS, agreed, prop::bool::weighted(0.85)).prop_map(
            |(back, amount, account, agreed, arrives)| Step::Refund { back, amount, account, agreed, arrives }
        ),
    ];
    prop::collection::vec((0..TERMINALS, step), 1..60)
}

/// A terminal's side: where its chain stands by its own belief, and all that it ever signed.
#[derive(Default)]
struct Sending {
    next: u64,
    head: Hash,
    counter: u32,
    sent: Vec<(u64, Hash, Case)>,
    /// The newest message did not arrive, and is taken back before another is sent: so terminals do.
    lost: bool,
}

pub(super) struct Street {
    terminals: Vec<Sending>,
    atc: u16,
    /// How many messages have a place in the books, if the host does as it should.
    placed: u64,
    /// The numbers of those that are purchases.
    purchases: Vec<u64>,
    pub(super) grants: Vec<(GrantHash, RefundGrant)>,
}

impl Street {
    pub(super) fn new() -> Self {
        let sending = |_| Sending { next: 1, ..Sending::default() };
        Self {
            terminals: (0..TERMINALS).map(sending).collect(),
            atc: 0,
            placed: 0,
            purchases: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// The message of a step, if one arrives.
    pub(super) fn take(&mut self, at: u32, step: &Step) -> Option<Case> {
        let index = usize::try_from(at).unwrap();
        let step = match step {
            Step::Sell { .. } | Step::Refund { .. } | Step::Reverse { .. } if self.terminals[index].lost => {
                &Step::Reverse { back: 0 }
            }
            step => step,
        };
        match *step {
            Step::Sell { amount, account, pin, arrives } => {
                let asked = self.sale(index, amount, account, pin);
                let case = self.send(index, asked, arrives);
                self.purchases.extend(arrives.then_some(self.placed));
                case
            }
            Step::Repeat { back } => {
                let sent = &self.terminals[index].sent;
                sent.len().checked_sub(back + 1).map(|place| sent[place].2.clone())
            }
            Step::Replay { back } => {
                let sequence = self.terminals[index].next.saturating_sub(back);
                let asked = self.sale(index, 10, 0, None);
                Some(case_of(at, sequence, Hash([7; 32]), asked))
            }
            Step::Gap { over } => {
                let asked = self.sale(index, 10, 0, None);
                let (next, head) = (self.terminals[index].next, self.terminals[index].head);
                Some(case_of(at, next + over, head, asked))
            }
            Step::Reverse { back } => {
                let is_sale = |(_, _, case): &&(u64, Hash, Case)| match &case.body {
                    CaseBody::Verified(verified) => matches!(verified.asked, Asked::Authorise(..)),
                    CaseBody::Refused { .. } => false,
                };
                let (sequence, hash, _) =
                    self.terminals[index].sent.iter().rev().filter(is_sale).nth(back)?;
                let request =
                    ReverseRequest { sequence: *sequence, hash: *hash, cause: ReversalCause::NoAnswer };
                // A request that never came is given its place by its reversal.
                self.placed += 1 + u64::from(std::mem::take(&mut self.terminals[index].lost));
                Some(self.sign(index, 0, Asked::Reverse(request)))
            }
            Step::Refund { back, amount, account, agreed, arrives } => {
                let sale = self.purchases.iter().rev().nth(back).copied().unwrap_or(1);
                let of = RefundOf { reference: reference(sale), grant: self.agree(at, sale, agreed) };
                let mut asked = self.sale(index, amount, account, None);
                if let Asked::Authorise(request, _) = &mut asked {
                    request.kind = TransactionKind::Refund;
                    request.refund = Some(of);
                }
                self.send(index, asked, arrives)
            }
        }
    }

    fn send(&mut self, index: usize, asked: Asked, arrives: bool) -> Option<Case> {
        let case = self.sign(index, 0, asked);
        self.terminals[index].lost = !arrives;
        self.placed += u64::from(arrives);
        arrives.then_some(case)
    }

    fn agree(&mut self, at: u32, sale: u64, agreed: Agreed) -> Sealed<16> {
        let count = u8::try_from(self.grants.len()).unwrap();
        let (number, sale) = match agreed {
            Agreed::To => (count, sale),
            Agreed::ToAnother => (count, sale + 1),
            Agreed::ToTheOneBefore => return grant(count.saturating_sub(1)),
            Agreed::Never => return grant(u8::MAX),
        };
        let kept =
            RefundGrant { terminal: TerminalId(16 + at), reference: reference(sale), expires_ms: NOW_MS };
        self.grants.push((grant_hash(&grant(number)), kept));
        grant(number)
    }

    fn sign(&mut self, index: usize, over: u64, asked: Asked) -> Case {
        let sending = &mut self.terminals[index];
        let case = case_of(u32::try_from(index).unwrap(), sending.next + over, sending.head, asked);
        sending.sent.push((sending.next, case.hash, case.clone()));
        sending.next += 1;
        sending.head = case.hash;
        case
    }

    fn sale(&mut self, index: usize, amount: u64, account: u8, pin: Option<bool>) -> Asked {
        self.atc += 1;
        let sending = &mut self.terminals[index];
        sending.counter += 1;
        let key = KeySerial { initial_key_id: [0; 8], counter: sending.counter };
        let pin = match pin {
            None => PinEvidence::Absent,
            Some(right) => PinEvidence::Reference { key, reference: PinReference([u8::from(right); 32]) },
        };
        let evidence = CardEvidence {
            account: AccountKey([account; 32]),
            expiry: 3912,
            sequence: 1,
            data_key: key,
            agrees: true,
            cryptogram_verifies: true,
            atc: self.atc,
            device_verified: false,
            pin,
        };
        Asked::Authorise(request(amount), Presented::Card(evidence))
    }
}

fn grant(number: u8) -> Sealed<16> {
    Sealed::new(&[number; 16]).unwrap()
}

pub(super) fn reference(message: u64) -> Reference {
    Text::clipped(&format!("{message:012X}"))
}

fn request(amount: u64) -> AuthoriseRequest {
    AuthoriseRequest {
        receipt: ReceiptNumber(1),
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(amount).unwrap(),
        currency: Currency::Eur,
        transaction_number: 1,
        aid: Bytes::default(),
        scheme: CardScheme::Mastercard,
        pan: MaskedPan(36),
        cvm: Cvm::None,
        de55: De55::default(),
        card_data: EncryptedCardData::default(),
        refund: None,
        pin: None,
        standing: Bytes::default(),
    }
}

fn case_of(terminal: u32, sequence: u64, previous: Hash, asked: Asked) -> Case {
    let hash = Hash::of(format!("{terminal} {sequence} {previous:?} {asked:?}").as_bytes());
    let verified = Verified { sequence, signed_ms: NOW_MS, previous, standing_ms: Some(NOW_MS), asked };
    Case {
        sender: Sender {
            terminal: TerminalId(16 + terminal),
            certificate: [u8::try_from(terminal).unwrap(); 32],
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        },
        received_ms: NOW_MS,
        hash,
        bytes: vec![1],
        body: CaseBody::Verified(Box::new(verified)),
    }
}
