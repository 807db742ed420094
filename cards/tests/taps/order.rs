//! The order of commands is kept, and what is wrong is said by its status word.

use mpos_cards::VirtualCard;
use mpos_tlv::StatusWord;

use crate::bank::Drawer;
use crate::reader::{PPSE, exchange, generate_ac, processing_options, read_record, select, send};

const MASTERCARD: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10];
const VISA: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
const CDOL1_BYTES: usize = 66;
const PDOL_BYTES: usize = 33;

fn status(card: &mut VirtualCard, command: &[u8]) -> StatusWord {
    exchange(card, command).1
}

#[test]
fn a_command_before_its_time_is_refused() {
    let drawer = Drawer::new();
    let mut card = drawer.card("mastercard");
    let refused = StatusWord::CONDITIONS_NOT_SATISFIED;
    let cryptogram = generate_ac(0x90, &[0; CDOL1_BYTES]);
    for command in [&processing_options(&[]), &read_record(2, 1), &cryptogram] {
        assert_eq!(status(&mut card, command), refused);
    }
    send(&mut card, &select(PPSE));
    assert_eq!(status(&mut card, &processing_options(&[])), refused);
    send(&mut card, &select(&MASTERCARD));
    assert_eq!(status(&mut card, &read_record(2, 1)), refused);
    assert_eq!(status(&mut card, &cryptogram), refused);
    send(&mut card, &processing_options(&[]));
    assert_eq!(status(&mut card, &processing_options(&[])), refused);
    send(&mut card, &cryptogram);
    assert_eq!(status(&mut card, &cryptogram), refused);
    send(&mut card, &read_record(2, 1));
}

#[test]
fn a_refused_cryptogram_can_be_asked_for_again() {
    let drawer = Drawer::new();
    let mut card = drawer.card("mastercard");
    send(&mut card, &select(&MASTERCARD));
    send(&mut card, &processing_options(&[]));
    assert_eq!(status(&mut card, &generate_ac(0x90, &[0; CDOL1_BYTES - 1])), StatusWord::WRONG_LENGTH);
    for reference in [0xD0, 0x91, 0xA0] {
        assert_eq!(status(&mut card, &generate_ac(reference, &[0; CDOL1_BYTES])), StatusWord::WRONG_P1_P2);
    }
    send(&mut card, &generate_ac(0x90, &[0; CDOL1_BYTES]));
}

#[test]
fn what_is_not_there_is_said() {
    let drawer = Drawer::new();
    let mut card = drawer.card("mastercard");
    assert_eq!(status(&mut card, &select(&VISA)), StatusWord::NOT_FOUND);
    send(&mut card, &select(&MASTERCARD));
    // What was selected stays.
    assert_eq!(status(&mut card, &select(&VISA)), StatusWord::NOT_FOUND);
    assert_eq!(status(&mut card, &processing_options(&[0; 1])), StatusWord::WRONG_LENGTH);
    send(&mut card, &processing_options(&[]));
    assert_eq!(status(&mut card, &read_record(2, 2)), StatusWord::RECORD_NOT_FOUND);
    assert_eq!(status(&mut card, &read_record(9, 1)), StatusWord::NOT_FOUND);
}

#[test]
fn visa_takes_options_of_the_right_length_in_emv_mode_and_no_generate_ac() {
    let drawer = Drawer::new();
    let mut card = drawer.card("visa");
    send(&mut card, &select(&VISA));
    assert_eq!(status(&mut card, &processing_options(&[0; PDOL_BYTES - 1])), StatusWord::WRONG_LENGTH);
    assert_eq!(
        status(&mut card, &processing_options(&[0; PDOL_BYTES])),
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    let mut options = [0; PDOL_BYTES];
    options[0] = 0x24;
    send(&mut card, &processing_options(&options));
    assert_eq!(
        status(&mut card, &generate_ac(0x90, &[0; CDOL1_BYTES])),
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
}

#[test]
fn a_new_tap_forgets_what_was_selected() {
    let drawer = Drawer::new();
    let mut card = drawer.card("mastercard");
    send(&mut card, &select(&MASTERCARD));
    card.tap();
    assert_eq!(status(&mut card, &processing_options(&[])), StatusWord::CONDITIONS_NOT_SATISFIED);
}
