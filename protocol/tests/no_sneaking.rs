//! An actor may not send what the table does not give it: such a program does not compile, and the compiler's words
//! name the table. And what the table gives is little where it matters.

use mpos_protocol::{ROUTES, routes::ActorId};

/// The expected words also list the rows that there are: after a change of the table, or with another compiler, look
/// at the difference and write them anew with `TRYBUILD=overwrite`.
#[test]
fn a_send_without_a_row_does_not_compile_and_names_the_table() {
    trybuild::TestCases::new().compile_fail("tests/no_sneaking/*.rs");
}

#[test]
fn the_shell_reaches_the_till_the_reader_and_the_pad_and_nobody_else() {
    for row in ROUTES.iter().filter(|row| row.from == ActorId::Shell) {
        assert!(matches!(row.to, ActorId::Till | ActorId::NfcReader | ActorId::PinPad), "{row:?}");
    }
}

#[test]
fn secrets_move_along_these_eight_arrows_and_no_other() {
    let secret: Vec<_> =
        ROUTES.iter().filter(|row| row.secret).map(|row| (row.from, row.name, row.to)).collect();
    assert_eq!(
        secret,
        [
            (ActorId::PinPad, "ShowPinPad", ActorId::Shell),
            (ActorId::Shell, "Activate", ActorId::Till),
            (ActorId::Shell, "AskBank", ActorId::Till),
            (ActorId::NfcReader, "CardAnswered", ActorId::EmvKernel),
            (ActorId::EmvKernel, "BindPinToCard", ActorId::PinPad),
            (ActorId::Shell, "PinPadTouched", ActorId::PinPad),
            (ActorId::Till, "Enrol", ActorId::HostLink),
            (ActorId::Till, "PutToBank", ActorId::HostLink),
        ]
    );
}

#[test]
fn only_the_supervisor_says_that_an_actor_was_restarted_and_only_the_clock_that_time_is_up() {
    for row in ROUTES {
        if row.name == "ActorRestarted" {
            assert_eq!(row.from, ActorId::Supervisor);
        }
        if row.name.ends_with("Timer") {
            assert_eq!(row.from, ActorId::Clock, "{row:?}");
        }
    }
}
