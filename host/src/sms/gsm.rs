//! The alphabet of SMS (GSM 03.38, 6.2.1), as far as our languages need it.
//!
//! A message of its letters only may have 160; one other letter makes it UCS-2, of which 70 fit. So what it has not is
//! written as people write it on a phone without the keys. Letters that would take two places are avoided too: each
//! character that comes out is one septet.

/// Septets of a message in one part.
pub(crate) const SEPTETS_MAX: usize = 160;

/// Stands for what cannot be written.
const UNKNOWN: &str = "?";

/// The text in the alphabet, one septet a character.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match written(character) {
            Some(letters) => plain.push_str(letters),
            None if is_one_septet(character) => plain.push(character),
            None => plain.push_str(UNKNOWN),
        }
    }
    plain
}

/// The beginning of a text that is plain already.
pub(crate) fn clipped(plain: &str, septets: usize) -> &str {
    plain.char_indices().nth(septets).map_or(plain, |(end, _)| plain.split_at(end).0)
}

/// ASCII but for what the alphabet lacks or has in its extension table alone.
const fn is_one_septet(character: char) -> bool {
    match character {
        '`' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' => false,
        '\n' | ' '..='~' => true,
        _ => false,
    }
}

const fn written(character: char) -> Option<&'static str> {
    Some(match character {
        'ë' => "e",
        'Ë' => "E",
        'ç' | 'č' | 'ć' => "c",
        'Ç' | 'Č' | 'Ć' => "C",
        'š' => "s",
        'Š' => "S",
        'ž' => "z",
        'Ž' => "Z",
        'đ' => "dj",
        'Đ' => "Dj",
        '€' => "EUR",
        '–' | '—' => "-",
        '’' | '‘' => "'",
        '“' | '”' | '„' => "\"",
        '\u{a0}' => " ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_our_languages_are_written_without_their_marks() {
        assert_eq!(
            plain("Pagesë çmimi 1 € – Đoković, šačica žućkasta"),
            "Pagese cmimi 1 EUR - Djokovic, sacica zuckasta"
        );
        assert_eq!(plain("[日本]`\t"), "???".to_owned() + "???");
    }

    #[test]
    fn a_text_is_cut_at_its_septets() {
        assert_eq!((clipped("abcdef", 4), clipped("abc", 4), clipped("", 0)), ("abcd", "abc", ""));
    }
}
