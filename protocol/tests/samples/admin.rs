//! One of each administrative message: as the shell asks it, as it goes to the bank, and what comes back.

use super::*;
use mpos_protocol::{
    admin::*,
    host::{HostAnswer, HostRequest},
    link::NoReply,
    phone_number::PhoneNumber,
    sale::RefundOf,
    shell::{AskBank, BankAnswered, BankAsk, BeginRefund},
};

pub(crate) fn grant() -> Grant {
    sealed(&SEALED_MARK)
}

pub(crate) fn refund_of() -> RefundOf {
    RefundOf { reference: reference(), grant: grant() }
}

pub(crate) fn transaction() -> Transaction {
    Transaction {
        reference: reference(),
        terminal: TerminalId(16),
        receipt: ReceiptNumber(17),
        kind: TransactionKind::Purchase,
        at_ms: 1_795_537_840_000,
        amount: amount(),
        currency: Currency::Eur,
        card: MaskedPan(36),
        scheme: CardScheme::Mastercard,
        cvm: Cvm::Pin,
        result: TransactionResult::Approved { auth_code: auth_code() },
        refunded: 100,
        refund_of: None,
        card_token: Some(text("7A0C51D2E9B3")),
    }
}

pub(crate) fn page() -> HistoryPage {
    let declined = TransactionResult::Declined { reason: DeclineReason::WrongPin };
    HistoryPage {
        totals: HistoryTotals { transactions: 4, purchases: 2, purchased: 500, refunds: 1, refunded: 100 },
        transactions: list(vec![
            transaction(),
            Transaction { result: declined, ..transaction() },
            Transaction { result: TransactionResult::Reversed, ..transaction() },
        ]),
        next: Some(41),
    }
}

fn history(scope: HistoryScope) -> HistoryRequest {
    HistoryRequest {
        scope,
        from_ms: 1_795_503_600_000,
        to_ms: 1_795_589_999_999,
        search: Some(text("0036")),
        before: Some(77),
    }
}

fn receipt_request() -> ReceiptRequest {
    let phone = PhoneNumber::parse("383 44 123 456").expect("a number");
    ReceiptRequest { id: [0x77; 16], reference: reference(), phone, language: Language::Albanian }
}

/// What the shell asks, one of each.
pub(crate) fn asks() -> Vec<(&'static str, BankAsk)> {
    let code = || Secret::new(text(SECRET_MARK));
    let check = |purpose| BankAsk::CheckSupervisorCode { code: code(), purpose };
    vec![
        ("SupervisorState", BankAsk::SupervisorState),
        ("Define", BankAsk::DefineSupervisorCode { code: code() }),
        ("Join", check(SupervisorPurpose::Join)),
        ("Refund", check(SupervisorPurpose::Refund { reference: reference() })),
        ("MerchantHistory", check(SupervisorPurpose::MerchantHistory)),
        ("History", BankAsk::History(history(HistoryScope::Device))),
        ("SendReceipt", BankAsk::SendReceipt(receipt_request())),
    ]
}

/// What the bank answers, one of each.
pub(crate) fn replies() -> Vec<(&'static str, AdminAnswer)> {
    vec![
        ("SupervisorState", AdminAnswer::SupervisorState { defined: true }),
        ("SupervisorDefined", AdminAnswer::SupervisorDefined),
        ("Granted", AdminAnswer::Granted { grant: grant(), seconds: 300 }),
        ("SupervisorRefused", AdminAnswer::SupervisorRefused(SupervisorFault::Locked { seconds: 900 })),
        ("History", AdminAnswer::History(page())),
        ("HistoryRefused", AdminAnswer::HistoryRefused(HistoryFault::GrantExpired)),
        ("ReceiptQueued", AdminAnswer::ReceiptQueued),
        ("ReceiptRefused", AdminAnswer::ReceiptRefused(ReceiptFault::NotPaid)),
    ]
}

/// Between shell, till and link.
pub(crate) fn rows() -> Vec<Sample> {
    let refund = BeginRefund { reference: reference(), amount: amount(), grant: grant() };
    let failed = BankAnswered::Failed { fault: NoReply::NoAnswer, reason: text("reason") };
    let mut rows = vec![row(actor::Shell, "", refund), row(actor::Till, "Failed", failed)];
    for (case, ask) in asks() {
        rows.push(row(actor::Shell, case, AskBank { ask: ask.clone() }));
        rows.push(row(actor::Till, case, PutToBank { ask }));
    }
    for (case, answer) in replies() {
        rows.push(row(actor::HostLink, case, BankReplied { result: Ok(answer.clone()) }));
        rows.push(row(actor::Till, case, BankAnswered::Answered(answer)));
    }
    let refused = NoReply::Refused(HostRefusal::StaleTime(-301));
    for (case, fault) in [("Refused", refused), ("NotSent", NoReply::NotSent(NotSent::Busy))] {
        rows.push(row(actor::HostLink, case, BankReplied { result: Err(fault) }));
    }
    rows
}

/// Between a terminal and its bank.
pub(crate) fn lines() -> Vec<(String, Vec<u8>)> {
    let code = || EncryptedCode { ksn: bytes(&[0xD2; 12]), ciphertext: sealed(&SEALED_MARK) };
    let merchant = HistoryScope::Merchant { grant: grant() };
    let requests = [
        ("SupervisorState", AdminRequest::SupervisorState),
        ("Define", AdminRequest::DefineSupervisorCode { code: code() }),
        ("Check", AdminRequest::CheckSupervisorCode { code: code(), purpose: SupervisorPurpose::Join }),
        ("History", AdminRequest::History(history(merchant))),
        ("SendReceipt", AdminRequest::SendReceipt(receipt_request())),
    ];
    let requests = requests.into_iter().chain(standing::requests()).chain(reconcile::requests()).map(
        |(case, request)| {
            let request = HostRequest::Admin(request);
            (format!("HostRequest.Admin/{case}"), postcard::to_allocvec(&request).expect("encodes"))
        },
    );
    let answers =
        replies().into_iter().chain(standing::replies()).chain(reconcile::replies()).map(|(case, answer)| {
            let answer = HostAnswer::Admin(answer);
            (format!("HostAnswer.Admin/{case}"), postcard::to_allocvec(&answer).expect("encodes"))
        });
    requests.chain(answers).collect()
}
