//! What the shell tells of the phone's networks.

use crate::support::Shop;
use mpos_protocol::{
    link::NetworkChanged,
    screen::{Act, ScreenEvent, TextStyle},
};
use mpos_screens::ToTerminal;

fn change(shop: &mut Shop, available: bool) {
    shop.event(ScreenEvent { screen: 0, act: Act::Network { available } });
    assert_eq!(shop.sent(), ToTerminal::NetworkChanged(NetworkChanged { available }));
}

#[test]
fn a_phone_without_a_network_says_so_in_the_menu_until_it_has_one() {
    let mut shop = Shop::open();
    change(&mut shop, false);
    shop.at("menu");
    shop.says(TextStyle::Warning, "This phone has no network: the bank cannot be reached.");
    shop.says(
        TextStyle::Body,
        "Turn off airplane mode, or turn on Wi-Fi or mobile data. Until then no sale is possible.",
    );
    assert!(shop.can_press("payment"), "the phone may be wrong");
    change(&mut shop, true);
    assert_eq!(shop.texts(TextStyle::Warning), Vec::<String>::new());
}

#[test]
fn each_network_is_told_to_the_link_also_when_there_was_one() {
    let mut shop = Shop::open();
    change(&mut shop, true);
    change(&mut shop, true);
}
