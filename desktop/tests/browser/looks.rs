//! How it looks, as far as a machine can tell: nothing is cut off or hidden at any size, dark is dark, labels are there.

use crate::{demo::Demo, user::User};
use serde_json::{Value, json};

/// By how much the page and the phone's screen are wider than their room, in pixels.
fn overhang(user: &User) -> (f64, f64) {
    let measure = "const over = (e) => e.scrollWidth - e.clientWidth; \
        arguments[0]([over(document.documentElement), over(document.querySelector('.scroller'))])";
    let measured = user.browser.script(measure, &json!([]));
    let pixels = |index: usize| measured[index].as_f64().expect("a number");
    (pixels(0), pixels(1))
}

/// Through a payment, each screen with this look.
fn walk(user: &User, picture: Option<&str>) {
    user.sees("Main menu");
    assert_eq!(overhang(user), (0.0, 0.0), "the menu");
    user.begins_payment("123456");
    user.sees("EUR 1234.56");
    assert_eq!(overhang(user), (0.0, 0.0), "the tap");
    if let Some(name) = picture {
        user.keeps_picture(name);
    }
    user.presses("Cancel");
    user.sees("Cancelled");
    assert_eq!(overhang(user), (0.0, 0.0), "the result");
    user.presses("Done");
    user.sees("Main menu");
}

#[test]
fn text_of_twice_the_size_needs_no_scrolling_sideways() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.sets("Text", "200 %");
    walk(&user, Some("text-200"));
    // The size that a user has set in the browser itself.
    let fonts = json!({ "prefs": { "webkit.webprefs.default_font_size": 32 } });
    let user = User::with(&["--window-size=1280,1150"], fonts);
    user.visit(&demo.address);
    walk(&user, None);
}

#[test]
fn each_device_and_direction_shows_the_whole_width() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    for (device, picture) in
        [("Phone, landscape", Some("landscape")), ("Tablet", None), ("Tablet, landscape", Some("tablet"))]
    {
        user.sets("Device", device);
        walk(&user, picture);
    }
    let small =
        json!({ "mobileEmulation": { "deviceMetrics": { "width": 320, "height": 640, "pixelRatio": 2.0 } } });
    let user = User::with(&[], small);
    user.visit(&demo.address);
    walk(&user, None);
}

#[test]
fn dark_is_dark_and_light_is_light() {
    let demo = Demo::activated();
    for (arguments, is_dark) in
        [(&["--window-size=1280,1150", "--force-dark-mode"][..], true), (&[][..], false)]
    {
        let user = User::with(arguments, json!({}));
        user.visit(&demo.address);
        user.sees("Main menu");
        let shade = "const [r, g, b] = getComputedStyle(document.getElementById('app')).backgroundColor.match(/\\d+/g); \
            arguments[0](+r + +g + +b)";
        let shade = user.browser.script(shade, &json!([])).as_f64().expect("a number");
        assert_eq!(shade < 200.0, is_dark, "{arguments:?}: {shade}");
        if is_dark {
            user.keeps_picture("dark");
        }
    }
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.presses("New payment");
    user.sees("Type the amount");
    let nameless = "const named = (e) => (e.innerText || e.getAttribute('aria-label') || e.labels?.[0]?.innerText || '').trim(); \
        arguments[0]([...document.querySelectorAll('button, input, select, a, nav, aside')] \
            .filter((e) => e.offsetParent !== null && !named(e)).map((e) => e.outerHTML))";
    assert_eq!(user.browser.script(nameless, &json!([])), json!([]));
    let languages = user.browser.script("arguments[0](document.getElementById('app').lang)", &json!([]));
    assert_eq!(languages, Value::from("en"));
}
