//! The PIN pad in a real browser: a picture that is touched. Whoever presses it here reads what is drawn; neither the
//! page nor its line knows a digit.

use crate::{
    demo::Demo,
    user::{BACKSPACE, DELETE, ENTER, ESCAPE, User},
};
use serde_json::{Value, json};

/// The pad's elements without their strokes, and what was drawn: two entries differ in the second only.
const LOOK: &str = r#"
const pad = document.querySelector(".app .pad").cloneNode(true);
const drawn = [...pad.querySelectorAll("path")].map((path) => path.getAttribute("d"));
for (const path of pad.querySelectorAll("path")) path.removeAttribute("d");
arguments[0]([pad.outerHTML, pad.textContent, drawn]);
"#;

/// Keeps all frames of the page's line from now on.
const LISTEN: &str = r#"
window.frames_ = { sent: [], received: [] };
const send = WebSocket.prototype.send;
const heard = new WeakSet();
WebSocket.prototype.send = function (data) {
  if (!heard.has(this)) {
    heard.add(this);
    this.addEventListener("message", ({ data }) => typeof data !== "string" && frames_.received.push(new Uint8Array(data)));
  }
  frames_.sent.push(data);
  return send.call(this, data);
};
arguments[0](true);
"#;

/// What was kept: the number of each act sent, and each PIN pad received without dots, strokes and numbers.
const HEARD: &str = r#"
(async () => {
  const { decodeScreen } = await import("/screen.js");
  const { Reader } = await import("/postcard.js");
  const events = frames_.sent.filter((data) => typeof data !== "string");
  const acts = events.map((bytes) => {
    const reader = new Reader(bytes);
    reader.byte();
    reader.number();
    return reader.number();
  });
  const screens = frames_.received.map(decodeScreen).filter(({ name }) => name === "payment.pin");
  const empty = screens.filter(({ nodes }) => nodes.some(({ kind, filled }) => kind === "pin-pad" && filled === 0));
  const rest = empty.map((screen) => JSON.stringify(screen, (name, value) =>
    ["number", "drawing", "pad", "strokes", "tone"].includes(name) ? undefined : value));
  return { acts, rest };
})().then(arguments[0], (error) => arguments[0](String(error)));
"#;

const HIDE: &str = r#"
const [hidden, done] = arguments;
Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
dispatchEvent(new Event("visibilitychange"));
done(true);
"#;

fn asked(demo: &Demo) -> User {
    let user = User::of(demo);
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    user
}

fn look(user: &User) -> (String, String, Value) {
    let look = user.browser.script(LOOK, &json!([]));
    let text = |index: usize| look[index].as_str().expect("a text").to_owned();
    (text(0), text(1), look[2].clone())
}

#[test]
fn no_digit_is_in_the_pads_elements_and_each_entry_draws_another_order() {
    let demo = Demo::activated();
    let user = asked(&demo);
    let (first, text, drawn) = look(&user);
    assert_eq!(text, "ClearOK");
    assert!(first.contains("aria-label=\"Row 1, left\""), "{first}");
    user.presses("Cancel");
    user.sees("Cancelled");
    user.presses("Done");
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    let (second, _, drawn_again) = look(&user);
    assert_eq!(first, second, "nothing but the strokes tells one order from another");
    assert_ne!(drawn, drawn_again);
}

#[test]
fn no_digit_is_on_the_line_in_either_direction() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.sees("Main menu");
    user.browser.script(LISTEN, &json!([]));
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    user.presses("Accessible keypad");
    user.presses("Shuffled keypad");
    user.types_pin("1234");
    user.presses("OK");
    user.sees("Approved");
    let heard = user.browser.script(HEARD, &json!([]));
    let touches = heard["acts"].as_array().expect("acts").iter().filter(|act| **act == 7).count();
    assert_eq!(touches, 5, "four digits and OK are touches: {heard}");
    // Two pads in two orders of nobody's choice, and one in the telephone's.
    let rest: Vec<&str> =
        heard["rest"].as_array().expect("pads").iter().filter_map(|text| text.as_str()).collect();
    let shuffled: Vec<_> = rest.iter().filter(|text| text.contains("pad-fixed")).collect();
    assert!(shuffled.len() >= 2 && shuffled.iter().all(|text| *text == shuffled[0]), "{rest:#?}");
    assert!(rest.iter().any(|text| text.contains("pad-shuffled")), "{rest:#?}");
}

#[test]
fn a_wrong_pin_is_declined_and_the_right_one_then_approved() {
    let demo = Demo::activated();
    let user = asked(&demo);
    user.types_pin("9876");
    user.presses("OK");
    user.sees("The PIN is wrong");
    user.presses("Done");
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    user.types_pin("99");
    user.presses("Clear");
    user.wait_for("no dots", || (!user.reads().contains('●')).then_some(()));
    user.types_pin("1234");
    user.presses("OK");
    user.sees("Approved");
}

#[test]
fn a_keyboard_types_no_digit_and_clears_confirms_and_cancels() {
    let demo = Demo::activated();
    let user = asked(&demo);
    user.browser.keys("12345");
    user.types_pin("123");
    user.sees("●●●");
    assert!(!user.reads().contains("●●●●"), "{}", user.reads());
    for key in [DELETE, BACKSPACE] {
        user.browser.keys(key);
        user.wait_for("no dots", || (!user.reads().contains('●')).then_some(()));
        user.types_pin("1234");
        user.sees("●●●●");
    }
    user.browser.keys(ENTER);
    user.sees("Approved");
    user.presses("Done");
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    user.browser.keys(ESCAPE);
    user.sees("Cancelled");
}

#[test]
fn the_accessible_pad_is_found_by_places_alone_and_pressed_without_a_pointer() {
    let demo = Demo::activated();
    let user = asked(&demo);
    user.presses("Accessible keypad");
    user.sees("as on a telephone");
    user.keeps_picture("pin-accessible");
    for place in ["Row 1, left", "Row 1, middle", "Row 1, right", "Row 2, left"] {
        let focus =
            "document.querySelector(`#app [aria-label='${arguments[0]}']`).focus(); arguments[1](true);";
        user.browser.script(focus, &json!([place]));
        user.browser.keys(" ");
    }
    user.sees("●●●●");
    user.presses("OK");
    user.sees("Approved");
}

#[test]
fn a_page_that_is_hidden_shows_no_pad_and_what_was_typed_is_gone() {
    let demo = Demo::activated();
    let user = asked(&demo);
    user.types_pin("1234");
    user.sees("●●●●");
    let (_, _, before) = look(&user);
    user.browser.script(HIDE, &json!([true]));
    user.sees("Another app covers the PIN pad");
    assert!(!user.reads().contains('●'));
    let (pad, _, drawn) = look(&user);
    assert_eq!(drawn, json!(vec![""; 10]), "nothing is drawn");
    assert_eq!(pad.matches("disabled").count(), 12);
    user.browser.script(HIDE, &json!([false]));
    user.wait_for("the pad", || (!user.reads().contains("covers the PIN pad")).then_some(()));
    let (_, _, after) = look(&user);
    assert_ne!(before, after, "shuffled anew");
    user.types_pin("1234");
    user.presses("OK");
    user.sees("Approved");
}

#[test]
fn the_pad_fits_every_device_and_size_of_text() {
    let demo = Demo::activated();
    let user = asked(&demo);
    let measure = "const pad = document.querySelector('#app .pad'); \
        const [outer, ...keys] = [pad, ...pad.children].map((e) => e.getBoundingClientRect()); \
        const scroller = document.querySelector('.scroller'); \
        const svg = pad.querySelector('svg').getBoundingClientRect(); \
        arguments[0]([scroller.scrollWidth - scroller.clientWidth, \
            keys.every((k) => k.left >= outer.left - 1 && k.right <= outer.right + 1 && k.bottom <= outer.bottom + 1), \
            Math.min(...keys.map((k) => Math.min(k.width, k.height))), svg.height])";
    for (device, size) in [
        ("Phone", "100 %"),
        ("Phone", "200 %"),
        ("Phone, landscape", "100 %"),
        ("Tablet", "150 %"),
        ("Tablet, landscape", "100 %"),
    ] {
        user.sets("Device", device);
        user.sets("Text", size);
        let measured = user.browser.script(measure, &json!([]));
        assert_eq!((&measured[0], &measured[1]), (&json!(0), &json!(true)), "{device} {size}: {measured}");
        // Pixels: large enough for a finger, and to be read.
        assert!(measured[2].as_f64().is_some_and(|pixels| pixels >= 36.0), "{device} {size}: {measured}");
        assert!(measured[3].as_f64().is_some_and(|pixels| pixels >= 20.0), "{device} {size}: {measured}");
    }
}
