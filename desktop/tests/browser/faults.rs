//! What goes wrong around a page: reloads, two pages, a line that is cut, a program that ends.

use crate::{demo::Demo, proxy::Proxy, user::User};
use serde_json::json;

#[test]
fn a_reloaded_page_shows_where_the_terminal_is_and_nothing_is_paid_twice() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.presses("New payment");
    user.presses("7");
    user.browser.reload();
    user.sees("EUR 0.07");
    user.presses("5");
    user.sees("EUR 0.75");
    user.presses("Next");
    user.sees("Tap your card");
    user.browser.reload();
    user.sees("Tap your card");
    user.holds("mastercard");
    user.sees("Approved");
    let reference = user.field("Reference number");
    user.browser.reload();
    user.sees("Approved");
    assert_eq!(user.field("Reference number"), reference);
    user.presses("Done");
    user.pays("100", "mastercard", "Approved");
    assert_eq!(user.field("Receipt"), "000003", "one purchase, then another");
}

#[test]
fn two_pages_see_the_same_and_a_press_on_both_is_one_press() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.presses("New payment");
    user.presses("9");
    let first = user.browser.tab();
    let second = user.browser.open_tab();
    user.visit(&demo.address);
    user.sees("EUR 0.09");
    user.presses("9");
    user.browser.go_to_tab(&first);
    user.sees("EUR 0.99");
    user.presses("Next");
    user.sees("Tap your card");
    user.browser.go_to_tab(&second);
    user.sees("Tap your card");
    user.holds("mastercard");
    user.sees("Approved");
    user.browser.go_to_tab(&first);
    user.sees("Approved");
    assert_eq!(user.field("Receipt"), "000002");
}

#[test]
fn a_lost_line_is_told_and_the_current_screen_comes_back_with_it() {
    let demo = Demo::activated();
    let proxy = Proxy::to(&demo.address);
    let user = User::with(&["--window-size=1280,1150"], json!({}));
    user.visit(&proxy.address);
    user.begins_payment("250");
    proxy.cut();
    user.sees_on_page("The line to the program is lost");
    user.keeps_picture("line-lost");
    // Meanwhile the sale goes on, at another page.
    let other = User::of(&demo);
    other.holds("mastercard");
    other.sees("Approved");
    proxy.mend();
    user.sees("Approved");
    user.wait_for("the banner's end", || {
        (!user.text_of("//body")?.contains("The line to the program is lost")).then_some(())
    });
    user.presses("Done");
    other.sees("Main menu");
}

#[test]
fn a_demo_that_is_started_again_is_the_same_terminal_on_the_same_page() {
    let demo = Demo::activated();
    let proxy = Proxy::to(&demo.address);
    let user = User::with(&["--window-size=1280,1150"], json!({}));
    user.visit(&proxy.address);
    user.pays("150", "visa", "Approved");
    let data = demo.interrupt();
    user.sees_on_page("lost");
    let again = Demo::start(data, &[]);
    let user = User::of(&again);
    user.pays("150", "visa", "Approved");
    assert_eq!(user.field("Receipt"), "000003");
}

#[test]
fn a_crash_while_a_card_is_waited_for_charges_nothing() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.begins_payment("999");
    let data = demo.crash();
    user.sees_on_page("lost");
    let again = Demo::start(data, &[]);
    let user = User::of(&again);
    user.sees("Main menu");
    user.pays("100", "mastercard", "Approved");
    assert_eq!(user.field("Receipt"), "000002");
}
