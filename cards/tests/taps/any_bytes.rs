//! No bytes at all make a card panic, and every answer ends with a status word.

use mpos_cards::VirtualCard;
use proptest::prelude::*;

use crate::bank::Drawer;
use crate::reader::{PPSE, generate_ac, processing_options, read_record, select};

/// Anything, or something close to a command that the cards take.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let near = prop_oneof![
        Just(select(PPSE)),
        Just(select(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10])),
        Just(select(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10])),
        Just(processing_options(&[])),
        proptest::collection::vec(any::<u8>(), 33).prop_map(|values| processing_options(&values)),
        (any::<u8>(), any::<u8>()).prop_map(|(sfi, number)| read_record(sfi & 0x1F, number)),
        (any::<u8>(), proptest::collection::vec(any::<u8>(), 66))
            .prop_map(|(p1, values)| generate_ac(p1, &values)),
    ];
    let altered = (near, any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(
        |(mut command, place, byte, alter)| {
            if alter {
                *place.get_mut(&mut command) ^= byte;
            }
            command
        },
    );
    prop_oneof![4 => altered, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

fn answers_all(card: &mut VirtualCard, commands: &[Vec<u8>]) {
    for command in commands {
        let answer = card.transmit(command).unwrap();
        assert!((2..=258).contains(&answer.len()), "{} bytes", answer.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_card_answers_any_commands_with_a_status_word(
        commands in proptest::collection::vec(command(), 1..12),
    ) {
        let drawer = Drawer::shared();
        for name in ["mastercard", "visa"] {
            answers_all(&mut drawer.card(name), &commands);
        }
    }

    #[test]
    fn a_name_of_a_card_is_found_or_refused(name in "[a-z0-9:+-]{0,24}") {
        let _found = mpos_cards::catalogue::find(&name);
    }
}
