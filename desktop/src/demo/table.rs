//! What lies around a phone: the cards, the one that is held to it, the bank's e-mail, the customer's phone, files that
//! the phone saved. The page is told all of it, in JSON, whenever any of it changes.

use super::{customer::Message, saving::SavedFile};
use mpos_cards::catalogue;
use serde::{Deserialize, Serialize};

/// The longest wish of a page, bytes.
pub(super) const WISH_BYTES_MAX: usize = 256;
/// Files that are offered at most, the newest.
const FILES_MAX: usize = 8;

/// The table around one phone.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Table {
    /// Which phone, from 1.
    phone: u8,
    /// How many there are.
    phones: u8,
    cards: Vec<CardShown>,
    /// The name of the card that is held to the phone.
    pub(super) held: Option<String>,
    /// The activation code that the bank sent by e-mail.
    pub(super) email: Option<String>,
    files: Vec<SavedFile>,
    /// Why the last wish was not granted.
    pub(super) problem: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct CardShown {
    name: &'static str,
    shows: &'static str,
}

/// What a user does at the table.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wish {
    /// Holds the card of this name to the phone.
    Tap(String),
    /// Takes the card away.
    TakeAway,
}

impl Table {
    /// The table around one of so many phones.
    pub(super) fn new(phone: u8, phones: u8) -> Self {
        let cards = catalogue::ENTRIES.iter().map(|entry| CardShown { name: entry.name, shows: entry.shows });
        Self {
            phone,
            phones,
            cards: cards.collect(),
            held: None,
            email: None,
            files: Vec::new(),
            problem: None,
        }
    }

    /// As the page reads it, with what the customer's phone received.
    pub(super) fn to_json(&self, messages: &[Message]) -> String {
        #[derive(Serialize)]
        struct Seen<'a> {
            #[serde(flatten)]
            table: &'a Table,
            messages: &'a [Message],
        }
        // Texts and numbers: nothing that JSON does not have.
        serde_json::to_string(&Seen { table: self, messages }).unwrap_or_default()
    }

    /// Puts a saved file on top.
    pub(super) fn offer(&mut self, file: SavedFile) {
        self.files.insert(0, file);
        self.files.truncate(FILES_MAX);
    }

    /// The file that is offered under this name. A name that is not offered is none, so that no path gets anywhere.
    pub(super) fn offered(&self, name: &str) -> Option<&SavedFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_and_anything_else_is_refused() {
        let wish = |text| serde_json::from_str::<Wish>(text).ok();
        assert_eq!(wish(r#"{"tap":"visa"}"#), Some(Wish::Tap("visa".to_owned())));
        assert_eq!(wish(r#""take_away""#), Some(Wish::TakeAway));
        for text in ["", "{}", "null", r#"{"tap":7}"#, r#"{"pay":"visa"}"#, r#"{"tap":"visa","more":1}"#] {
            assert_eq!(wish(text), None, "{text}");
        }
    }
}
