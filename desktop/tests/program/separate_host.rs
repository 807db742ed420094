//! The bank host in one process, terminals in others.

use crate::support::{
    HostProcess, World, command, fails, mpos, pay, text, transactions, types_into_terminal,
};
use std::{net::TcpListener, process::Stdio};

#[test]
fn a_terminal_sells_at_a_host_of_another_process_and_the_bank_lists_it() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    let (report, exit) = world.pay_at(&host.address, "till", "1.23", &["--activation-code", &code]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    // Activated once: the next sale needs no code.
    let (report, _) = world.pay_at(&host.address, "till", "2.00", &[]);
    assert_eq!(report["receipt"], "000002");
    let listed = transactions(&world.bank());
    assert_eq!(listed.len(), 2);
    assert!(listed[0].contains("EUR 2.00") && listed[0].contains("approved"), "{listed:?}");
    let terminals = text(&mpos(&world.bank(), &["host", "terminals"]).stdout);
    assert!(terminals.contains("TM000016") && terminals.contains("Furra Çaka"), "{terminals}");
    assert_eq!(host.stop(), Some(0));
}

#[test]
fn a_terminal_sells_line_by_line_and_a_bad_line_is_named_and_left_out() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let (bank, code) = (world.bank(), world.activation_code());
    let at = ["--host", &host.address, "--bank-data", bank.to_str().unwrap(), "--activation-code", &code];
    let lines = b"1.23 mastercard\nnonsense 1234\n0 visa\n41.00 visa 1234\n2.00 nosuchcard\n3.00 maestro\n";
    let output = types_into_terminal(&world.path("till"), &at, lines);
    let sales: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = sales.iter().map(|sale| (sale["amount"].as_str(), sale["cvm"].as_str())).collect();
    let expected = [(Some("1.23"), Some("none")), (Some("41.00"), Some("pin")), (Some("3.00"), Some("none"))];
    assert_eq!(told, expected);
    assert!(sales.iter().all(|sale| sale["outcome"] == "approved"));
    let errors = text(&output.stderr);
    for named in ["the amount nonsense is not an amount", "the amount 0 is zero", "\"nosuchcard\""] {
        assert!(errors.contains(named), "{named}: {errors}");
    }
    assert_eq!(output.status.code(), Some(0), "the status is the last sale's");
}

#[test]
fn with_the_host_down_nothing_is_charged_and_the_next_sale_works() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    // Not activated: nothing can be sold.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (message, exit) = world.cannot_pay_at(&nobody, "till", &["--activation-code", &code]);
    assert_eq!(exit, Some(3));
    assert!(message.contains("cannot be reached") && message.contains("not activated"), "{message}");
    // The code was not used up.
    world.pay_at(&host.address, "till", "1.23", &["--activation-code", &code]);
    let address = host.address.clone();
    assert_eq!(host.stop(), Some(0));
    let (report, exit) = world.pay_at(&address, "till", "1.23", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)));
    assert_eq!(report["reason"], "The bank cannot be reached.");
    assert!(report["next"].as_str().unwrap().starts_with("Nothing was charged."));
    let host = HostProcess::start_at(&world.bank(), &address);
    let (report, exit) = world.pay_at(&host.address, "till", "1.23", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)));
    assert_eq!(transactions(&world.bank()).len(), 2);
}

#[test]
fn who_answers_with_a_certificate_of_another_ca_is_not_the_bank() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    // A bank of its own in the terminal's folder: its CA did not make this host's certificate.
    let sale = ["pay", "--amount", "1.23", "--host", &host.address, "--activation-code", &code];
    let (message, exit) = fails(&world.path("till"), &sale);
    assert_eq!(exit, Some(3));
    assert!(message.contains("is not the bank"), "{message}");
    let missing = world.path("no-such.pem");
    let (message, exit) =
        fails(&world.path("till"), &[&sale[..], &["--bank-ca", missing.to_str().unwrap()]].concat());
    assert!(message.contains("no-such.pem") && exit == Some(2), "{message}");
    std::fs::write(&missing, "no certificate").unwrap();
    let (message, exit) =
        fails(&world.path("till"), &[&sale[..], &["--bank-ca", missing.to_str().unwrap()]].concat());
    assert!(message.contains("is not the certificates of a bank's CAs") && exit == Some(2), "{message}");
}

#[cfg(unix)]
#[test]
fn a_bank_that_moves_to_its_backup_ca_is_still_the_bank_and_moves_twice_only_after_telling() {
    let world = World::new();
    let (bank, pins) = (world.bank(), world.path("pins.pem"));
    let pay = |address: &str, more: &[&str]| {
        let sale = ["pay", "--amount", "1.23", "--host", address, "--bank-ca", pins.to_str().unwrap()];
        mpos(&bank, &[&sale[..], more].concat())
    };
    let host = HostProcess::start(&bank);
    std::fs::copy(bank.join("bank/bank-ca.pem"), &pins).unwrap();
    let code = world.activation_code();
    let sale = pay(&host.address, &["--activation-code", &code]);
    assert_eq!(sale.status.code(), Some(0), "{}", text(&sale.stderr));
    assert_eq!(host.stop(), Some(0));

    // The terminal has the file of before the move, and does not notice it.
    assert!(mpos(&bank, &["host", "move-to-backup-ca"]).status.success());
    let host = HostProcess::start(&bank);
    let sale = pay(&host.address, &[]);
    assert_eq!(sale.status.code(), Some(0), "{}", text(&sale.stderr));
    assert_eq!(host.stop(), Some(0));

    // The second backup is not in that file.
    assert!(mpos(&bank, &["host", "move-to-backup-ca"]).status.success());
    let host = HostProcess::start(&bank);
    let sale = pay(&host.address, &[]);
    assert_eq!(sale.status.code(), Some(3));
    assert!(text(&sale.stderr).contains("is not the bank") || text(&sale.stdout).contains("is not the bank"));
}

#[test]
fn a_revoked_terminal_is_refused_at_once_and_told_why() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    world.pay_at(&host.address, "till", "1.23", &["--activation-code", &code]);
    let revoked = mpos(&world.bank(), &["host", "revoke", "TM000016"]);
    assert!(revoked.status.success());
    let (report, exit) = world.pay_at(&host.address, "till", "1.23", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
    // Refused in the handshake, or by the books where the handshake came before the new list.
    let reason = report["reason"].as_str().unwrap();
    let words = ["The bank has revoked this terminal's certificate.", "The bank has blocked this terminal."];
    assert!(words.contains(&reason), "{reason}");
    assert_eq!(transactions(&world.bank()).len(), 1);
    let terminals = text(&mpos(&world.bank(), &["host", "terminals"]).stdout);
    assert!(terminals.contains("revoked"), "{terminals}");
    for (name, what) in [("TM16", "TM16"), ("TM000099", "TM000099")] {
        let (message, _) = fails(&world.bank(), &["host", "revoke", name]);
        assert!(message.contains(what), "{message}");
    }
}

#[test]
fn an_activation_code_that_cannot_be_taken_says_what_is_wrong_with_it() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let (message, exit) = world.cannot_pay_at(&host.address, "till", &[]);
    assert!(message.contains("--activation-code") && exit == Some(2), "{message}");
    let used = world.activation_code();
    world.pay_at(&host.address, "first", "1.23", &["--activation-code", &used]);
    for (code, words) in [
        ("ABCD", "not an activation code"),
        ("ABCD-EFGH-JKMN-PQR0", "not an activation code"),
        ("ABCD-EFGH-JKMN-PQRS", "does not know this activation code"),
        (used.as_str(), "was used before"),
    ] {
        let (message, exit) = world.cannot_pay_at(&host.address, "second", &["--activation-code", code]);
        assert!(message.contains(words) && exit == Some(2), "{code}: {message}");
    }
    // Case and grouping do not matter.
    let code = world.activation_code().to_lowercase().replace('-', " ");
    let (report, _) = world.pay_at(&host.address, "second", "1.23", &["--activation-code", &code]);
    assert_eq!((&report["terminal"], &report["outcome"]), (&"TM000017".into(), &"approved".into()));
}

#[test]
fn too_many_wrong_activation_codes_have_to_wait() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let wrong = ["--activation-code", "ABCD-EFGH-JKMN-PQRS"];
    let messages: Vec<String> =
        (0..6).map(|_| world.cannot_pay_at(&host.address, "till", &wrong).0).collect();
    assert!(messages[4].contains("does not know this activation code"), "{messages:#?}");
    assert!(messages[5].contains("Too many wrong activation codes. Wait"), "{messages:#?}");
}

#[test]
fn a_sale_at_the_embedded_host_needs_no_other_process() {
    let world = World::new();
    let (report, exit) = pay(&world.path("alone"), "1.23", "two-applications", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    // A folder without a bank is none.
    let nothing = world.path("nothing");
    let at = ["pay", "--amount", "1", "--host", "127.0.0.1:1", "--bank-data", nothing.to_str().unwrap()];
    let (message, exit) = fails(&world.path("alone"), &at);
    assert!(message.contains("there is no bank in") && exit == Some(2), "{message}");
    assert!(!nothing.exists());
}

#[test]
fn bad_arguments_are_named_before_anything_is_made() {
    let world = World::new();
    let folder = world.path("none-yet");
    for address in ["", "nonsense", "127.0.0.1", ":7443", "bank.example:port", "bank.example:70000"] {
        let (message, exit) = fails(&folder, &["pay", "--amount", "1", "--host", address]);
        assert!(message.contains("write it as 127.0.0.1:7443") && exit == Some(2), "{address}: {message}");
    }
    assert!(!folder.exists());
    let long = "x".repeat(65);
    for (merchant, words) in [(" ", "the merchant is empty"), (long.as_str(), "too long")] {
        let (message, exit) = fails(&folder, &["host", "activation-code", "--merchant", merchant]);
        assert!(message.contains(words) && exit == Some(2), "{message}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_not_taken_for_a_sale_that_never_began() {
    let world = World::new();
    let data = world.path("data");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&data)
        .args(["pay", "--amount", "1.00"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let errors = text(&output.stderr);
    assert!(errors.contains("What was done stays done") && output.status.code() == Some(3), "{errors}");
    assert!(transactions(&data)[0].contains("approved"));
}
