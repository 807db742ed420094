//! Somebody in front of the page: sees words, presses what is called something, waits a while for what is to come.

use crate::{
    demo::Demo,
    webdriver::{Element, Session},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long is waited for anything to be seen: the bank's answer on a busy machine takes well under this.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Keys as WebDriver names them.
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const ESCAPE: &str = "\u{E00C}";
pub(crate) const BACKSPACE: &str = "\u{E003}";
pub(crate) const DELETE: &str = "\u{E017}";
pub(crate) const TAB: &str = "\u{E004}";

/// A user with a browser of their own.
pub(crate) struct User {
    pub(crate) browser: Session,
    /// Goes after the browser.
    _profile: TempDir,
}

impl User {
    /// In front of the demo's page, in a window with room for all of it.
    pub(crate) fn of(demo: &Demo) -> Self {
        let user = Self::with(&["--window-size=1280,1150"], json!({}));
        user.visit(&demo.address);
        user
    }

    /// With a browser started so.
    pub(crate) fn with(arguments: &[&str], more: Value) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let folder = format!("--user-data-dir={}", profile.path().display());
        let fixed = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--lang=en",
            &folder,
        ];
        let arguments: Vec<&str> = fixed.iter().chain(arguments).copied().collect();
        let mut options = json!({ "args": arguments });
        if let (Some(options), Value::Object(more)) = (options.as_object_mut(), more) {
            options.extend(more);
        }
        Self { browser: Session::start(options), _profile: profile }
    }

    pub(crate) fn visit(&self, address: &str) {
        self.browser.open(&format!("http://{address}/"));
    }

    /// Waits until `look` sees something; `what` is said when it never does.
    pub(crate) fn wait_for<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(Instant::now() < end, "{what} was never seen; the phone shows:\n{}", self.reads());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// All that the phone shows now.
    pub(crate) fn reads(&self) -> String {
        self.text_of("//*[@id='app']").unwrap_or_default()
    }

    /// All that is shown of an element; none while it is not there.
    pub(crate) fn text_of(&self, xpath: &str) -> Option<String> {
        self.browser.text(self.browser.find(xpath).first()?).ok()
    }

    /// Waits until the phone shows these words.
    pub(crate) fn sees(&self, words: &str) {
        self.wait_for(words, || self.reads().contains(words).then_some(()));
    }

    /// Waits until the page says so, on the phone or beside it.
    pub(crate) fn sees_on_page(&self, words: &str) {
        self.wait_for(words, || self.text_of("//body")?.contains(words).then_some(()));
    }

    /// What stands beside a label of a receipt.
    pub(crate) fn field(&self, label: &str) -> String {
        let xpath = format!("//*[@id='app']//dt[normalize-space()='{label}']/following-sibling::dd");
        self.wait_for(label, || self.text_of(&xpath))
    }

    /// Presses the button of this name on the phone.
    pub(crate) fn presses(&self, name: &str) {
        self.clicks(&format!("//*[@id='app']//button[normalize-space()='{name}']"), name);
    }

    /// Presses the card of this name, beside the phone.
    pub(crate) fn holds(&self, card: &str) {
        self.clicks(&format!("//section[h2='Cards']//button[span[.='{card}']]"), card);
    }

    /// Types a PIN by touching the keys on which its digits are drawn.
    pub(crate) fn types_pin(&self, digits: &str) {
        let shapes = self.shapes();
        for digit in digits.chars() {
            let shape = &shapes[&digit];
            self.clicks(&format!("//*[@id='app']//button[*/*[@d='{shape}']]"), "a key of the PIN pad");
        }
    }

    /// What each digit looks like: learned once, as people learn it, from a pad whose order is known.
    fn shapes(&self) -> &'static BTreeMap<char, String> {
        static SHAPES: OnceLock<BTreeMap<char, String>> = OnceLock::new();
        SHAPES.get_or_init(|| {
            self.presses("Accessible keypad");
            self.sees("as on a telephone");
            let drawn = "arguments[0]([...document.querySelectorAll('#app .pad path')].map((path) => path.getAttribute('d')))";
            let drawn = self.browser.script(drawn, &json!([]));
            let shapes = drawn.as_array().expect("ten keys").iter().filter_map(Value::as_str).map(str::to_owned);
            let shapes = "1234567890".chars().zip(shapes).collect();
            self.presses("Shuffled keypad");
            self.wait_for("the shuffled pad", || {
                (!self.reads().contains("as on a telephone")).then_some(())
            });
            shapes
        })
    }

    /// Clicks what can be clicked now, or soon. It may be drawn anew while it is looked at.
    pub(crate) fn clicks(&self, xpath: &str, name: &str) {
        self.wait_for(name, || {
            let element = self.browser.find(xpath).into_iter().next()?;
            let is_ready = self.browser.is_shown(&element).ok()? && self.browser.is_enabled(&element).ok()?;
            (is_ready && self.browser.click(&element).is_ok()).then_some(())
        });
    }

    /// The line with this label.
    pub(crate) fn line(&self, label: &str) -> Element {
        let xpath = format!("//*[@id='app']//input[@id=//label[normalize-space()='{label}']/@for]");
        self.wait_for(label, || self.browser.find(&xpath).into_iter().next())
    }

    /// Types into the line with this label.
    pub(crate) fn types(&self, label: &str, text: &str) {
        let line = self.line(label);
        self.browser.type_into(&line, text).expect("a line takes text");
    }

    /// Chooses one of a few on the phone.
    pub(crate) fn chooses(&self, option: &str) {
        self.clicks(&format!("//*[@id='app']//label[normalize-space()='{option}']"), option);
    }

    /// Chooses in one of the page's lists, above the phone.
    pub(crate) fn sets(&self, list: &str, option: &str) {
        let xpath = format!("//label[contains(., '{list}')]//option[.='{option}']");
        self.clicks(&xpath, option);
    }

    /// Starts a payment of this many cents and waits for the reader.
    pub(crate) fn begins_payment(&self, cents: &str) {
        self.presses("New payment");
        self.sees("Type the amount");
        for digit in cents.chars() {
            self.presses(&digit.to_string());
        }
        self.presses("Next");
        self.sees("Tap your card");
    }

    /// Pays with a card and waits for the result's words.
    pub(crate) fn pays(&self, cents: &str, card: &str, result: &str) {
        self.begins_payment(cents);
        self.holds(card);
        self.sees(result);
    }

    /// Keeps a picture of the phone, when pictures are wanted.
    pub(crate) fn keeps_picture(&self, name: &str) {
        if std::env::var_os("MPOS_SCREENS").is_none() {
            return;
        }
        let element = self.browser.find("//*[@class='device']").into_iter().next().expect("a phone");
        let png = from_base64(&self.browser.picture(&element));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{name}.png")), png).expect("a picture is kept");
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the page's scripts said: {:?}", self.browser.complaints());
        }
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sextets: Vec<u32> = text
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte))
        .filter_map(|place| u32::try_from(place).ok())
        .collect();
    let bytes = |group: &[u32]| {
        let bits = group.iter().fold(0, |bits, sextet| bits << 6 | sextet) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    sextets.chunks(4).flat_map(bytes).collect()
}
