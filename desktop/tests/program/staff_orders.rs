//! What the bank's staff orders of a terminal, which it does with its next report: new keys, a new certificate, a new
//! proof of where its key lives. Sales go on meanwhile.

use crate::support::{HostProcess, World, fails, mpos, text};
use std::fs;

#[test]
fn a_terminal_fetches_the_keys_that_the_staff_renews_once_and_goes_on_selling() {
    fetches_once_for_each_order("renew-keys", "fetches a new key", "a new initial key was given");
}

#[test]
fn a_terminal_fetches_the_certificate_that_the_staff_renews_once_and_goes_on_selling_with_it() {
    let given = "a new certificate was given";
    fetches_once_for_each_order("renew-certificate", "fetches a new certificate", given);
}

fn fetches_once_for_each_order(command: &str, said: &str, logged: &str) {
    let world = World::new();
    let log = world.path("host.log");
    let host = HostProcess::start_logging(&world.bank(), "-v", &log);
    let code = world.activation_code();
    let sells = |more: &[&str]| {
        let (report, exit) =
            world.pay_at(&host.address, "till", "41.00", &[&["--pin", "1234"], more].concat());
        assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
        assert_eq!(report["cvm"], "pin", "{report}");
    };
    let fetched = || fs::read_to_string(&log).unwrap().matches(logged).count();
    sells(&["--activation-code", &code]);
    assert_eq!(fetched(), 0, "nobody has ordered it");
    for order in 1..=2 {
        let ordered = mpos(&world.bank(), &["host", command, "TM000016"]);
        assert!(ordered.status.success(), "{}", text(&ordered.stderr));
        assert!(text(&ordered.stderr).contains(&format!("TM000016 {said}")), "{}", text(&ordered.stderr));
        // The sale that brings the order, and one with what is new.
        sells(&[]);
        assert_eq!(fetched(), order);
        sells(&[]);
        assert_eq!(fetched(), order, "once for each order");
    }
    assert!(fs::read_to_string(&log).unwrap().contains("TM000016"), "and says who fetched it");
}

#[test]
fn a_device_that_proves_nothing_goes_on_selling_when_it_is_asked_to() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    world.pay_at(&host.address, "till", "1.23", &["--activation-code", &code]);
    let ordered = mpos(&world.bank(), &["host", "attest", "TM000016"]);
    assert!(ordered.status.success());
    assert!(
        text(&ordered.stderr).contains("TM000016 proves where its key lives"),
        "{}",
        text(&ordered.stderr)
    );
    // A desktop has nothing to prove it with, and this bank does not mind.
    for receipt in ["000002", "000003"] {
        let (report, exit) = world.pay_at(&host.address, "till", "1.23", &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
        assert_eq!(report["receipt"], receipt);
    }
    let terminals = text(&mpos(&world.bank(), &["host", "terminals"]).stdout);
    assert!(terminals.contains("allowed"), "{terminals}");
}

#[test]
fn an_order_for_a_terminal_that_there_is_not_names_it() {
    let world = World::new();
    for order in ["renew-keys", "renew-certificate", "attest"] {
        let (message, exit) = fails(&world.bank(), &["host", order, "TM000099"]);
        assert!(message.contains("there is no terminal TM000099") && exit == Some(3), "{message}");
        for name in ["TM16", "", "tm000016", "TM00001 6"] {
            let (message, exit) = fails(&world.bank(), &["host", order, name]);
            assert!(message.contains(&format!("\"{name}\" is not a terminal")), "{message}");
            assert!(message.contains("write it as TM000016") && exit == Some(2), "{message}");
        }
    }
}
