//! What `mpos demo` refuses before it makes or starts anything. How it works is tested in a browser.

use std::{net::TcpListener, path::Path, process::Command};

/// Runs the program, which is to refuse, and gives what it says.
fn refusal(data: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
    let output = command.arg("--data").arg(data).args(arguments).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!data.exists(), "{arguments:?} made the data folder");
    said
}

#[test]
fn an_address_that_other_machines_reach_is_refused_unless_it_is_wished() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none-yet");
    for address in ["0.0.0.0:8383", "[::]:8383", "192.0.2.7:8383"] {
        let said = refusal(&data, &["demo", "--listen", address]);
        assert!(said.contains(address) && said.contains("--allow-remote"), "{said}");
    }
    // An address that this machine does not have.
    let said = refusal(&data, &["demo", "--listen", "192.0.2.7:8383", "--allow-remote"]);
    assert!(said.contains("192.0.2.7:8383") && said.contains("--listen"), "{said}");
}

#[test]
fn an_address_that_is_taken_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none-yet");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let said = refusal(&data, &["demo", "--listen", &taken.to_string()]);
    assert!(said.contains(&format!("{taken} is taken")) && said.contains("--listen"), "{said}");
    drop(listener);
}

#[test]
fn without_a_command_the_program_is_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    // Whoever has it, it is taken.
    let listener = TcpListener::bind("127.0.0.1:8383");
    let said = refusal(&folder.path().join("none-yet"), &[]);
    assert!(said.contains("127.0.0.1:8383 is taken"), "{said}");
    drop(listener);
}
