//! Why there is no screen at all, for a program that could not start its terminal and has only words to show.

use crate::words::{Words, say};
use mpos_protocol::{Moment, admin::Language};

/// What kept a terminal from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// There is no room for its files.
    StorageFull,
    /// Something else, in an engineer's words.
    Failed(String),
}

impl NotStarted {
    /// For the merchant: what it is, and what to do.
    pub fn said_in(&self, language: Language) -> String {
        let phrase = match self {
            Self::StorageFull => say("start-full"),
            Self::Failed(why) => say("start-failed").text("why", why.as_str()),
        };
        Words::of(language).say(&phrase, Moment::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_the_merchants_language_with_what_to_do() {
        let albanian = NotStarted::StorageFull.said_in(Language::Albanian);
        assert!(albanian.contains("lironi hapësirë"), "{albanian}");
        let english = NotStarted::Failed("the key store: Keys.open threw an exception".to_owned());
        assert_eq!(
            english.said_in(Language::English),
            "mPOS could not start: the key store: Keys.open threw an exception. Start the phone again; if that does not \
             help, call your bank."
        );
    }
}
