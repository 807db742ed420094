//! Every way in which two books can differ, and every page that contradicts itself.

use super::*;
use mpos_protocol::{List, Text};
use proptest::prelude::*;

fn hash(sequence: u64) -> Hash {
    Hash([u8::try_from(sequence).unwrap_or(0xFF); 32])
}

fn approved(reference: &str) -> BookedOutcome {
    BookedOutcome::Approved { reference: Text::clipped(reference) }
}

fn told(sequence: u64, outcome: BookedOutcome) -> BookedTransaction {
    BookedTransaction {
        sequence,
        hash: hash(sequence),
        receipt: ReceiptNumber(7),
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(123).unwrap_or_default(),
        outcome,
    }
}

fn held(told: &BookedTransaction) -> Held {
    let BookedTransaction { sequence, hash, receipt, kind, amount, outcome } = told.clone();
    Held { sequence, hash, what: HeldWhat::Transaction { receipt, kind, amount, outcome } }
}

fn chain(next_sequence: u64) -> ChainHead {
    ChainHead { next_sequence, head: hash(next_sequence) }
}

/// The last page of a book, from its first sequence.
fn page(transactions: Vec<BookedTransaction>, next_sequence: u64) -> ReconcilePage {
    let transactions = List::try_from(transactions).unwrap_or_default();
    ReconcilePage { from: 1, to: next_sequence, transactions, chain: chain(next_sequence) }
}

fn bank(held: Vec<Held>, next_sequence: u64) -> BankPage {
    BankPage { held, cut: None, chain: chain(next_sequence) }
}

/// What differs: sequence, kind, and both sides' words.
fn differ(page: &ReconcilePage, bank: &BankPage) -> Vec<(u64, DifferenceKind, String, String)> {
    let found = compare(page, bank).unwrap_or_else(|fault| panic!("{fault}"));
    let words = |found: Difference| (found.sequence, found.kind, found.terminal_says, found.bank_says);
    found.differences.into_iter().map(words).collect()
}

/// One transaction on either side, the bank's changed.
fn differs_by(change: impl FnOnce(&mut BookedTransaction)) -> Vec<(u64, DifferenceKind, String, String)> {
    let ours = told(1, approved("4864FC149502"));
    let mut banks = ours.clone();
    change(&mut banks);
    differ(&page(vec![ours], 2), &bank(vec![held(&banks)], 2))
}

const OURS: &str = "purchase 000007, EUR 1.23, approved 4864FC149502";

#[test]
fn books_that_agree_differ_in_nothing() {
    let transactions = vec![
        told(1, approved("4864FC149502")),
        told(2, BookedOutcome::Declined { reference: Text::clipped("4864FC149503") }),
        told(3, BookedOutcome::Reversed),
        told(5, BookedOutcome::Reversed),
        // The bank refused it and has nothing of it.
        told(7, BookedOutcome::Refused),
    ];
    let mut held: Vec<Held> = transactions.iter().take(3).map(held).collect();
    let place = |sequence, what| Held { sequence, hash: hash(sequence), what };
    // The fourth takes back the third, the fifth was taken back before it came, by the sixth.
    held.push(place(4, HeldWhat::NoTransaction));
    held.push(place(5, HeldWhat::TakenBack));
    held.push(place(6, HeldWhat::NoTransaction));
    let found = compare(&page(transactions, 7), &bank(held, 7)).unwrap();
    assert_eq!(found.differences, []);
    assert_eq!((found.transactions, found.next, found.with_chains), (vec![1, 2, 3, 5], None, true));
}

#[test]
fn whatever_differs_of_a_transaction_is_said_by_both_sides() {
    type Change = fn(&mut BookedTransaction);
    let ways: [(Change, &str); 6] = [
        (|banks| banks.receipt = ReceiptNumber(8), "purchase 000008, EUR 1.23, approved 4864FC149502"),
        (|banks| banks.kind = TransactionKind::Refund, "refund 000007, EUR 1.23, approved 4864FC149502"),
        (
            |banks| banks.amount = Amount::from_minor(124).unwrap(),
            "purchase 000007, EUR 1.24, approved 4864FC149502",
        ),
        (
            |banks| banks.outcome = approved("4864FC149599"),
            "purchase 000007, EUR 1.23, approved 4864FC149599",
        ),
        (|banks| banks.outcome = BookedOutcome::Reversed, "purchase 000007, EUR 1.23, reversed"),
        (
            |banks| banks.outcome = BookedOutcome::Declined { reference: Text::clipped("4864FC149502") },
            "purchase 000007, EUR 1.23, declined 4864FC149502",
        ),
    ];
    for (change, banks) in ways {
        let expected = (1, DifferenceKind::Differs, OURS.to_owned(), banks.to_owned());
        assert_eq!(differs_by(change), [expected]);
    }
    let other = differs_by(|banks| banks.hash = Hash([0xAB; 32]));
    let (ours, banks) = (format!("{OURS}, message 01010101"), format!("{OURS}, message abababab"));
    assert_eq!((other.len(), other[0].1), (1, DifferenceKind::Differs));
    assert!(other[0].2.starts_with(&ours) && other[0].3.starts_with(&banks), "{other:?}");
}

#[test]
fn what_only_one_side_has_is_named() {
    let ours = told(1, approved("4864FC149502"));
    let only_terminal = differ(&page(vec![ours.clone()], 2), &bank(Vec::new(), 1));
    assert_eq!(only_terminal[0], (1, DifferenceKind::OnlyTerminal, OURS.to_owned(), "nothing".to_owned()));
    assert_eq!((only_terminal[1].0, only_terminal[1].1), (CHAIN_SEQUENCE, DifferenceKind::TerminalAhead));
    assert_eq!(only_terminal[1].3, "no message yet");

    let only_bank = differ(&page(Vec::new(), 1), &bank(vec![held(&ours)], 2));
    assert_eq!(only_bank[0], (1, DifferenceKind::OnlyBank, "nothing".to_owned(), OURS.to_owned()));
    assert_eq!((only_bank[1].0, only_bank[1].1), (CHAIN_SEQUENCE, DifferenceKind::TerminalBehind));

    // Something at the place that is no transaction, one taken back that the terminal has as paid, and one that the
    // terminal says was refused.
    for what in [HeldWhat::NoTransaction, HeldWhat::TakenBack] {
        let held = Held { sequence: 1, hash: hash(1), what };
        let found = differ(&page(vec![ours.clone()], 2), &bank(vec![held], 2));
        assert_eq!((found.len(), found[0].1), (1, DifferenceKind::Differs), "{found:?}");
    }
    let refused = page(vec![told(1, BookedOutcome::Refused)], 1);
    let found = differ(&refused, &bank(vec![held(&ours)], 2));
    assert_eq!(found[0].2, "purchase 000007, EUR 1.23, refused by the bank");
    assert_eq!((found[0].1, found[1].1), (DifferenceKind::Differs, DifferenceKind::TerminalBehind));
    // Another one under the same sequence was refused as the bank should: what the bank has, only the bank has.
    let other = BookedTransaction { hash: hash(9), ..told(1, BookedOutcome::Refused) };
    let found = differ(&page(vec![other], 1), &bank(vec![held(&ours)], 2));
    assert_eq!((found[0].1, &*found[0].2), (DifferenceKind::OnlyBank, "nothing"));
}

#[test]
fn chains_of_the_same_length_with_other_heads_are_a_difference_of_their_own() {
    let mut bank = bank(Vec::new(), 3);
    bank.chain.head = hash(9);
    let found = differ(&page(Vec::new(), 3), &bank);
    assert_eq!((found.len(), found[0].0, found[0].1), (1, CHAIN_SEQUENCE, DifferenceKind::ChainForked));
    assert_eq!(found[0].2, "last message 2, 0303030303030303…");
}

#[test]
fn a_request_whose_end_is_not_known_is_no_difference_and_says_where_it_waits() {
    let transactions = vec![told(1, approved("R")), told(2, BookedOutcome::Unresolved)];
    for banks in [vec![], vec![held(&told(2, approved("S")))]] {
        let held = [vec![held(&transactions[0])], banks].concat();
        let found = compare(&page(transactions.clone(), 3), &bank(held, 2)).unwrap();
        assert_eq!((&found.differences[..], found.waiting, found.with_chains), (&[][..], Some(2), false));
    }
}

#[test]
fn what_the_bank_could_not_load_at_once_is_asked_for_again() {
    let transactions = vec![told(1, approved("R")), told(5, approved("S"))];
    let mut bank = bank(vec![held(&transactions[0])], 6);
    bank.cut = Some(3);
    let found = compare(&page(transactions.clone(), 6), &bank).unwrap();
    assert_eq!((found.end, found.next, found.with_chains), (3, Some(3), false));
    assert_eq!((found.transactions, found.differences), (vec![1], vec![]), "the fifth is not looked at yet");

    // Beyond the terminal's own end there is nothing that it could say.
    bank.cut = Some(900);
    let found = compare(&page(Vec::new(), 6), &bank).unwrap();
    assert_eq!((found.end, found.next, found.with_chains), (900, None, true));
}

#[test]
fn a_page_that_contradicts_itself_is_refused_by_name() {
    let one = |sequence| told(sequence, approved("R"));
    let good = ReconcilePage { from: 3, to: 9, ..page(vec![one(3), one(8)], 20) };
    assert!(compare(&good, &bank(Vec::new(), 20)).is_ok());
    let list = |transactions: Vec<BookedTransaction>| List::try_from(transactions).unwrap();
    let bad = [
        ReconcilePage { from: 0, ..good.clone() },
        ReconcilePage { from: 10, transactions: list(vec![]), ..good.clone() },
        ReconcilePage { to: 21, ..good.clone() },
        ReconcilePage { to: u64::MAX, chain: chain(u64::MAX), ..good.clone() },
        // It is not the last and leads nowhere.
        ReconcilePage { to: 3, transactions: list(vec![]), ..good.clone() },
        ReconcilePage { transactions: list(vec![one(8), one(3)]), ..good.clone() },
        ReconcilePage { transactions: list(vec![one(3), one(3)]), ..good.clone() },
        ReconcilePage { transactions: list(vec![one(2)]), ..good.clone() },
        ReconcilePage { transactions: list(vec![one(9)]), ..good.clone() },
        ReconcilePage { transactions: list(vec![told(9, BookedOutcome::Refused)]), ..good },
        page(vec![told(3, approved("R"))], 3),
        page(vec![told(4, BookedOutcome::Refused)], 3),
    ];
    for page in bad {
        assert_eq!(compare(&page, &bank(Vec::new(), 20)), Err(ReconcileFault::Nonsense), "{page:?}");
    }
}

#[test]
fn a_reference_that_would_move_a_screen_is_shown_without_what_does() {
    let [found, ..] = &differ(&page(vec![told(1, approved("\u{1b}[2J\nR1"))], 2), &bank(vec![], 2))[..]
    else {
        panic!("no difference")
    };
    assert_eq!(found.2, "purchase 000007, EUR 1.23, approved ??2J?R1");
}

fn any_outcome() -> impl Strategy<Value = BookedOutcome> {
    prop_oneof![
        Just(approved("4864FC149502")),
        Just(BookedOutcome::Declined { reference: Text::clipped("4864FC149503") }),
        Just(BookedOutcome::Reversed),
        Just(BookedOutcome::Refused),
        Just(BookedOutcome::Unresolved),
    ]
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..12, any::<u64>()]
}

proptest! {
    /// Any page at all: it is refused, or everything of it is agreed on, waited for or a difference, and it goes on.
    #[test]
    fn no_page_makes_the_comparison_panic_or_stand_still(
        (from, to, next) in (any_number(), any_number(), any_number()),
        told_at in prop::collection::vec((any_number(), any_outcome()), 0..8),
        held_at in prop::collection::btree_map(1_u64..12, any_outcome(), 0..8),
        cut in prop::option::of(1_u64..20),
    ) {
        let transactions: Vec<_> = told_at.into_iter().map(|(sequence, outcome)| told(sequence, outcome)).collect();
        let page = ReconcilePage { from, to, ..super::tests::page(transactions, next) };
        let held = held_at.into_iter().filter(|(sequence, _)| *sequence >= from && cut.is_none_or(|cut| *sequence < cut));
        let held = held.map(|(sequence, outcome)| super::tests::held(&told(sequence, outcome))).collect();
        // The bank cuts after what it loaded, so beyond where the page begins.
        let cut = cut.filter(|cut| *cut > from);
        let bank = BankPage { held, cut, chain: chain(9) };
        let Ok(found) = compare(&page, &bank) else { return Ok(()) };
        prop_assert!(found.next.is_none_or(|next| next > from && next <= page.chain.next_sequence));
        for difference in &found.differences {
            prop_assert!(difference.sequence < found.end);
            prop_assert_ne!(Some(difference.sequence), found.waiting);
        }
    }
}
