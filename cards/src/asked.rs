//! What a card asks the terminal for (PDOL, CDOL1), and the answers, looked up by tag.

use mpos_tlv::{Tag, ber};

/// A data object list: tags, and in how many bytes each is wanted.
pub(crate) type ObjectList = &'static [(Tag, u8)];

/// The list as the card gives it to the terminal.
pub(crate) fn encoded(list: ObjectList) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, length) in list {
        ber::push_tag(&mut bytes, *tag);
        bytes.push(*length);
    }
    bytes
}

/// The terminal's answers to a list: its values alone, in the list's order.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    list: ObjectList,
    values: Vec<u8>,
}

impl Answers {
    /// `None` if the values are not as long as the list wants them.
    pub(crate) fn new(list: ObjectList, values: &[u8]) -> Option<Self> {
        let wanted: usize = list.iter().map(|(_, length)| usize::from(*length)).sum();
        (values.len() == wanted).then(|| Self { list, values: values.to_vec() })
    }

    /// All of them, as they were sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.values
    }

    /// The value of `tag`; empty if it was not asked for.
    pub(crate) fn get(&self, tag: Tag) -> &[u8] {
        let mut rest = &self.values[..];
        for (asked, length) in self.list {
            let (value, after) = rest.split_at_checked(usize::from(*length)).unwrap_or_default();
            if *asked == tag {
                return value;
            }
            rest = after;
        }
        &[]
    }

    /// The values of `tags`, one after the other.
    pub(crate) fn concatenated(&self, tags: &[Tag]) -> Vec<u8> {
        tags.iter().flat_map(|tag| self.get(*tag)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: ObjectList = &[(Tag::TTQ, 4), (Tag::TVR, 5), (Tag::TRANSACTION_TYPE, 1)];

    #[test]
    fn answers_are_found_by_tag_and_only_in_full_length() {
        assert_eq!(encoded(LIST), [0x9F, 0x66, 4, 0x95, 5, 0x9C, 1]);
        let answers = Answers::new(LIST, &[1, 1, 1, 1, 2, 2, 2, 2, 2, 3]).unwrap();
        assert_eq!(answers.get(Tag::TVR), [2; 5]);
        assert_eq!(answers.get(Tag::PAN), []);
        assert_eq!(answers.concatenated(&[Tag::TRANSACTION_TYPE, Tag::TTQ]), [3, 1, 1, 1, 1]);
        assert!(Answers::new(LIST, &[0; 9]).is_none());
        assert!(Answers::new(LIST, &[0; 11]).is_none());
    }
}
