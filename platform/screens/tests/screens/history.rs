//! The history: the form, the supervisor's word, the list, and files of it.

use crate::support::{NOW, Shop, grant, page, text, transaction};
use mpos_protocol::{
    admin::{
        AdminAnswer, HISTORY_PAGE_MAX, HistoryFault, HistoryRequest, HistoryScope, SupervisorFault,
        SupervisorPurpose, Transaction, TransactionResult,
    },
    card::TransactionKind,
    inbox,
    link::NoReply,
    sale::DeclineReason,
    screen::{Act, Node, Row, TextStyle},
    shell::{BankAnswered, BankAsk},
};
use mpos_screens::{EXPORT_ROWS_MAX, ExportFormat, SaveFault, Wish};

fn form() -> Shop {
    let mut shop = Shop::open();
    shop.press("history");
    shop.at("history.form");
    shop
}

fn request(shop: &mut Shop) -> HistoryRequest {
    match shop.asked() {
        BankAsk::History(request) => request,
        other => panic!("{other:?}"),
    }
}

fn transactions(numbers: std::ops::Range<u32>) -> Vec<Transaction> {
    numbers.map(transaction).collect()
}

/// The list of today with two pages.
fn list() -> Shop {
    let mut shop = form();
    shop.press("generate");
    request(&mut shop);
    shop.answer(page(transactions(0..16), 20, Some(500)));
    shop.at("history.list");
    shop
}

fn rows(shop: &Shop) -> Vec<Row> {
    let rows = shop.screen().nodes.iter().filter_map(|node| match node {
        Node::Rows(rows) => Some(rows.to_vec()),
        _ => None,
    });
    rows.flatten().collect()
}

#[test]
fn the_form_is_that_of_the_brochure() {
    let shop = form();
    let seen: Vec<String> = shop
        .screen()
        .nodes
        .iter()
        .flat_map(|node| match node {
            Node::Choice { label, options, selected, .. } => {
                vec![format!("{label}: {}", options[usize::from(*selected)].label)]
            }
            Node::Input(input) => vec![format!("{}: {}", input.label, input.value)],
            Node::Buttons(buttons) => buttons.iter().map(|button| button.label.to_string()).collect(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(&*shop.screen().title, "Transaction History");
    assert_eq!(
        seen,
        [
            "Merchant or Device: Device Transactions",
            "Date Range: Today",
            "From Date: 2022/10/24 00:00:00",
            "To Date: 2022/10/24 23:59:59",
            "Gjenero transaksionet",
        ]
    );
}

#[test]
fn each_named_range_fills_the_dates() {
    let mut shop = form();
    shop.now.unix_ms += 2 * 86_400_000;
    for (range, from, to) in [
        ("yesterday", "2022/10/25 00:00:00", "2022/10/25 23:59:59"),
        ("week", "2022/10/24 00:00:00", "2022/10/26 23:59:59"),
        ("month", "2022/10/01 00:00:00", "2022/10/26 23:59:59"),
        ("today", "2022/10/26 00:00:00", "2022/10/26 23:59:59"),
        ("custom", "2022/10/26 00:00:00", "2022/10/26 23:59:59"),
    ] {
        shop.choose("range", range);
        assert_eq!((&*shop.input("from").value, &*shop.input("to").value), (from, to), "{range}");
    }
}

#[test]
fn a_typed_date_is_asked_for_and_a_bad_one_is_named_and_stays() {
    let mut shop = form();
    for (line, typed, reason) in [
        ("to", "2022/10/23", "before From Date"),
        ("to", "2022/10/25 00:00:00", "in the future"),
        ("from", "2022/10/24 17:00:00", "in the future"),
        ("from", "2022/02/30", "no such day"),
        ("from", "yesterday", "type it as 2022/09/02"),
        ("from", "2021/10/01", "longer than a year"),
    ] {
        let mut shop = form();
        shop.type_into(line, typed);
        shop.press("generate");
        assert!(shop.error_of(line).contains(reason), "{typed}: {:?}", shop.screen().nodes);
        assert_eq!(&*shop.input(line).value, typed);
        assert!(shop.sent.is_empty());
    }
    shop.type_into("from", "2022/09/02 00:00:00");
    shop.press("generate");
    let request = request(&mut shop);
    // 2022-09-01 22:00:00 UTC to the end of today, both inclusive.
    assert_eq!((request.from_ms, request.to_ms), (1_662_069_600_000, 1_666_648_799_999));
    assert_eq!((request.scope, request.before), (HistoryScope::Device, None));
}

#[test]
fn the_list_has_totals_and_pages_and_goes_back_over_them() {
    let mut shop = list();
    assert_eq!(
        shop.fields(),
        [
            ("Transactions", "20"),
            ("Purchases", "20 · EUR 72.60"),
            ("Refunds", "1 · EUR 1.00"),
            ("Net", "EUR 71.60"),
        ]
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
    );
    assert_eq!(rows(&shop).len(), HISTORY_PAGE_MAX);
    shop.says(TextStyle::Hint, "1 to 16");
    assert!(!shop.can_press("previous"));
    shop.press("next");
    assert_eq!(request(&mut shop).before, Some(500));
    shop.answer(page(transactions(16..20), 20, None));
    shop.says(TextStyle::Hint, "17 to 20");
    assert!(!shop.can_press("next"));
    shop.press("previous");
    assert_eq!(request(&mut shop).before, None);
}

#[test]
fn a_row_tells_what_it_is_at_a_glance() {
    let mut shop = form();
    shop.press("generate");
    shop.asked();
    let mut declined = transaction(1);
    declined.result = TransactionResult::Declined { reason: DeclineReason::WrongPin };
    let mut refund = transaction(2);
    refund.kind = TransactionKind::Refund;
    let mut given_back = transaction(3);
    given_back.refunded = 363;
    shop.answer(page(vec![transaction(0), declined, refund, given_back], 4, None));
    let rows = rows(&shop);
    let seen = rows.iter().map(|row| {
        let badge = row.badge.as_ref().map(|badge| badge.text.to_string()).unwrap_or_default();
        (row.title.to_string(), row.amount.to_string(), badge)
    });
    let expected = [
        ("Purchase ***0036", "3.63", ""),
        ("Purchase ***0036", "3.63", "Declined"),
        ("Refund ***0036", "-3.63", ""),
        ("Purchase ***0036", "3.63", "Refunded"),
    ];
    assert!(seen.eq(expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))));
    assert_eq!(&*rows[0].detail, "2022-10-24 16:29:40 · 4864FC000000");
}

#[test]
fn the_list_is_searched_by_reference_or_last_four_digits() {
    let mut shop = list();
    shop.type_into("search", " 4864fc ");
    shop.press("search");
    assert_eq!(request(&mut shop).search, Some(text("4864FC")));
    shop.answer(page(transactions(0..1), 1, None));
    shop.type_into("search", "***0036");
    shop.press("search");
    assert_eq!(request(&mut shop).search, Some(text("0036")));
    shop.answer(page(Vec::new(), 0, None));
    shop.says(TextStyle::Body, "There are no transactions here.");
    shop.type_into("search", "4864FC1495021");
    shop.press("search");
    assert!(shop.error_of("search").contains("at most 12 characters"));
    shop.type_into("search", "");
    shop.press("search");
    assert_eq!(request(&mut shop).search, None);
}

#[test]
fn those_of_all_terminals_want_the_supervisors_code() {
    let mut shop = form();
    shop.choose("whose", "merchant");
    shop.press("generate");
    shop.at("history.code");
    assert!(shop.sent.is_empty() && shop.screen().keeps_secret);
    shop.type_into("code", "4712");
    shop.press("next");
    shop.asked();
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::Wrong { tries_left: 2 }));
    shop.says(TextStyle::Failure, "2 more tries");
    shop.type_into("code", "4711");
    shop.press("next");
    let ask = shop.asked();
    let BankAsk::CheckSupervisorCode { purpose, .. } = ask else { panic!("{ask:?}") };
    assert_eq!(purpose, SupervisorPurpose::MerchantHistory);
    shop.answer(AdminAnswer::Granted { grant: grant(), seconds: 300 });
    shop.at("history.list");
    assert_eq!(request(&mut shop).scope, HistoryScope::Merchant { grant: grant() });
    shop.answer(page(transactions(0..1), 1, None));
    assert!(rows(&shop)[0].detail.contains("TM000016"), "whose terminal it was");
    shop.press("csv");
    shop.asked();
    shop.answer(AdminAnswer::HistoryRefused(HistoryFault::GrantExpired));
    shop.at("history.code");
    shop.says(TextStyle::Failure, "Type the code again");
    shop.act(Act::Back);
    shop.at("history.form");
}

#[test]
fn without_an_answer_the_list_can_be_asked_for_again_or_left() {
    let mut shop = form();
    shop.press("generate");
    shop.asked();
    let failed = BankAnswered::Failed { fault: NoReply::NoAnswer, reason: text("in English") };
    shop.hear(inbox::Shell::BankAnswered(failed));
    shop.says(TextStyle::Failure, "did not answer in time");
    shop.press("retry");
    shop.asked();
    shop.act(Act::Back);
    shop.at("history.form");
    shop.answer(page(transactions(0..1), 1, None));
    shop.at("history.form");
}

#[test]
fn a_question_whose_answer_never_comes_is_given_up() {
    let mut shop = form();
    shop.press("generate");
    shop.asked();
    shop.pass(299);
    shop.says(TextStyle::Prompt, "Asking the bank");
    shop.pass(1);
    shop.says(TextStyle::Failure, "did not answer in time");
}

#[test]
fn an_export_gathers_all_pages_and_hands_them_out() {
    let mut shop = list();
    shop.press("pdf");
    assert_eq!(request(&mut shop).before, None);
    shop.answer(page(transactions(0..16), 20, Some(500)));
    shop.says(TextStyle::Prompt, "Collecting: 16 transactions");
    assert_eq!(request(&mut shop).before, Some(500));
    assert_eq!(shop.wish, None);
    shop.answer(page(transactions(16..20), 20, None));
    let Some(Wish::SaveExport(export)) = shop.wish.take() else { panic!("no export") };
    assert_eq!(
        (export.format, export.transactions.len(), export.of_merchant),
        (ExportFormat::Pdf, 20, false)
    );
    assert_eq!((export.totals.transactions, &*export.merchant.name), (20, "Furra Qerimi"));
    shop.says(TextStyle::Hint, "1 to 16");
    shop.screens.saved(NOW, Ok("transactions.pdf"));
    shop.says(TextStyle::Success, "Saved: transactions.pdf");
    shop.screens.saved(NOW, Err(SaveFault::NotPermitted));
    shop.says(TextStyle::Failure, "may not be written there");
    shop.screens.saved(NOW, Err(SaveFault::Withdrawn));
    shop.says(TextStyle::Failure, "Nothing was saved.");
}

#[test]
fn an_export_can_be_stopped_and_its_late_page_is_dropped() {
    let mut shop = list();
    shop.press("csv");
    shop.asked();
    shop.press("stop");
    shop.answer(page(transactions(16..20), 20, None));
    assert_eq!((shop.wish.take(), rows(&shop).len()), (None, 16));
    assert!(shop.sent.is_empty());
}

#[test]
fn an_export_is_bounded_whatever_the_bank_says() {
    let limit = u32::try_from(EXPORT_ROWS_MAX).unwrap();
    let mut shop = form();
    shop.press("generate");
    shop.asked();
    shop.answer(page(transactions(0..16), limit + 1, Some(500)));
    shop.press("csv");
    shop.says(TextStyle::Failure, "at most 10000 transactions");
    assert!(shop.sent.is_empty());

    let mut shop = list();
    shop.press("csv");
    let mut asked = 0;
    while let Some(_ask) = shop.sent.pop() {
        asked += 1;
        shop.answer(page(transactions(0..16), 20, Some(500)));
    }
    assert_eq!(asked, EXPORT_ROWS_MAX / HISTORY_PAGE_MAX + 1);
    shop.says(TextStyle::Failure, "at most 10000 transactions");

    let mut shop = list();
    shop.press("csv");
    shop.asked();
    shop.answer(page(Vec::new(), 20, Some(500)));
    shop.says(TextStyle::Failure, "makes no sense");
    assert!(shop.sent.is_empty());
}
