//! Whole sales through the real program: host, activation, card, mutual TLS, books, receipt, exit status.

use crate::support::{mpos, pay};
use serde_json::Value;
use std::fs;

#[test]
fn a_second_sale_is_of_the_same_terminal_with_the_next_receipt() {
    let data = tempfile::tempdir().unwrap();
    let (first, exit) = pay(data.path(), "1.23", "mastercard", &[]);
    assert_eq!(exit, Some(0));
    for (field, value) in [
        ("bank", "ProCredit Bank"),
        ("outcome", "approved"),
        ("currency", "EUR"),
        ("amount", "1.23"),
        ("receipt", "000001"),
        ("terminal", "TM000016"),
        ("card", "***0036"),
        ("card_type", "Mastercard"),
        ("type", "Purchase"),
        ("cvm", "none"),
        ("aid", "A0000000041010"),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    assert_eq!(first["reference"].as_str().map(str::len), Some(12));
    assert_eq!(first["auth_code"].as_str().map(str::len), Some(6));
    assert!(first["reason"].is_null() && first["next"].is_null());
    let (second, _) = pay(data.path(), "2.00", "visa", &[]);
    assert_eq!((&second["terminal"], &second["receipt"]), (&first["terminal"], &Value::from("000002")));
}

#[test]
fn a_pin_is_asked_for_above_40_euro_and_not_at_it() {
    let data = tempfile::tempdir().unwrap();
    for card in ["mastercard", "visa"] {
        for (amount, cvm) in [("39.99", "none"), ("40.00", "none"), ("40.01", "pin")] {
            let (report, exit) = pay(data.path(), amount, card, &["--pin", "1234"]);
            assert_eq!(
                (report["outcome"].as_str(), report["cvm"].as_str(), exit),
                (Some("approved"), Some(cvm), Some(0))
            );
        }
        let (report, exit) = pay(data.path(), "40.01", card, &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)));
    }
    let (report, _) = pay(data.path(), "52.00", "mastercard-phone", &[]);
    assert_eq!((report["outcome"].as_str(), report["cvm"].as_str()), (Some("approved"), Some("device")));
}

#[test]
fn what_is_not_approved_says_why_and_what_next() {
    let data = tempfile::tempdir().unwrap();
    for (card, amount, more, outcome, exit) in [
        ("insufficient-funds", "2.50", &[][..], "declined", 1),
        ("expired", "2.50", &[], "declined", 1),
        ("blocked", "2.50", &[], "declined", 1),
        ("mastercard", "41.00", &["--pin", "9999"], "declined", 1),
        ("wrong-certificate", "2.50", &[], "try_another_card", 1),
        ("garbage", "2.50", &[], "try_another_card", 1),
        ("torn", "2.50", &[], "cancelled", 3),
        ("torn:0", "2.50", &[], "cancelled", 3),
        ("silent", "2.50", &[], "try_another_card", 1),
    ] {
        let (report, status) = pay(data.path(), amount, card, more);
        assert_eq!((report["outcome"].as_str(), status), (Some(outcome), Some(exit)), "{card}");
        assert!(report["reason"].is_string() && report["next"].is_string(), "{card}: {report}");
    }
}

#[test]
fn each_card_that_pays_pays_as_itself() {
    let data = tempfile::tempdir().unwrap();
    for (card, amount, kind, cvm, aid) in [
        ("maestro", "2.50", "Maestro", "none", "A0000000043060"),
        ("slow", "2.50", "Mastercard", "none", "A0000000041010"),
        ("two-applications", "2.50", "Mastercard", "none", "A0000000041010"),
        ("visa-phone", "52.00", "VISA", "device", "A0000000031010"),
        ("mastercard-phone", "52.00", "Mastercard", "device", "A0000000041010"),
    ] {
        let (report, exit) = pay(data.path(), amount, card, &[]);
        assert_eq!(exit, Some(0), "{card}: {report}");
        let told = (report["card_type"].as_str(), report["cvm"].as_str(), report["aid"].as_str());
        assert_eq!(told, (Some(kind), Some(cvm), Some(aid)), "{card}");
    }
}

#[test]
fn bad_input_is_named_and_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("none-yet");
    for (arguments, names) in [
        (&["pay", "--amount", "0"][..], "zero"),
        (&["pay", "--amount", "-1"], "negative"),
        (&["pay", "--amount", "1.234"], "two decimals"),
        (&["pay", "--amount", "1", "--card", "nope"], "nope"),
        (&["pay", "--amount", "1", "--pin", "123"], "4 to 12 digits"),
    ] {
        let output = mpos(&folder, arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(names), "{errors}");
        assert!(!folder.exists(), "{arguments:?} made the data folder");
    }
}

#[test]
fn a_recorded_tap_replays_to_the_same_states_and_holds_no_secret() {
    let data = tempfile::tempdir().unwrap();
    for card in ["mastercard", "visa"] {
        pay(data.path(), "52.00", card, &["--pin", "1234"]);
        let recording = data.path().join("terminal/last-tap.jsonl");
        let replayed = mpos(data.path(), &["replay", recording.to_str().unwrap()]);
        assert_eq!(replayed.status.code(), Some(0), "{}", String::from_utf8_lossy(&replayed.stdout));
        let text = fs::read_to_string(&recording).unwrap();
        for account in mpos_cards::catalogue::accounts() {
            assert!(!text.contains(account.pan), "an account number in the recording");
        }
        assert!(!text.contains("\"1234\""), "the PIN in the recording");
    }
}
