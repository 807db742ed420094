//! The loader's messages (android/loader/loader.c): a length, a letter, values.

use std::io::{self, Read, Write};

/// A value of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Number(u32),
    /// An object of ours, by its number.
    Object(u32),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Value>),
    /// What is thrown, by its class.
    Throw(&'static str),
}

impl Value {
    fn write(&self, to: &mut Vec<u8>) {
        let mut head = |letter: u8, number: usize| {
            to.push(letter);
            to.extend(u32::try_from(number).expect("it is short").to_le_bytes());
        };
        match self {
            Self::Null => to.push(b'n'),
            Self::Number(number) => head(b'i', *number as usize),
            Self::Object(number) => head(b'o', *number as usize),
            Self::Bytes(bytes) => {
                head(b'b', bytes.len());
                to.extend(bytes);
            }
            Self::Text(text) => {
                head(b's', text.len());
                to.extend(text.as_bytes());
            }
            Self::Throw(class) => {
                head(b't', class.len());
                to.extend(class.as_bytes());
            }
            Self::List(values) => {
                head(b'l', values.len());
                values.iter().for_each(|value| value.write(to));
            }
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let (letter, rest) = from.split_first()?;
        *from = rest;
        if *letter == b'n' {
            return Some(Self::Null);
        }
        let (number, rest) = from.split_first_chunk::<4>()?;
        *from = rest;
        let number = u32::from_le_bytes(*number);
        let mut bytes = || {
            let (bytes, rest) = from.split_at_checked(number as usize)?;
            *from = rest;
            Some(bytes.to_vec())
        };
        match letter {
            b'i' => Some(Self::Number(number)),
            b'o' => Some(Self::Object(number)),
            b'b' => bytes().map(Self::Bytes),
            b's' => bytes().and_then(|text| String::from_utf8(text).ok()).map(Self::Text),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            other => panic!("the library gave {other:?} for bytes"),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("the library gave {other:?} for a text"),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        match self {
            Self::Number(number) => *number,
            other => panic!("the library gave {other:?} for a number"),
        }
    }
}

/// A message: its letter and its values.
pub(crate) fn send(to: &mut impl Write, letter: u8, values: &[Value]) -> io::Result<()> {
    let mut message = vec![letter];
    values.iter().for_each(|value| value.write(&mut message));
    to.write_all(&u32::try_from(message.len()).expect("it is short").to_le_bytes())?;
    to.write_all(&message)?;
    to.flush()
}

/// The next one; none when the loader has ended.
pub(crate) fn receive(from: &mut impl Read) -> Option<(u8, Vec<Value>)> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut message).ok()?;
    let (letter, mut rest) = message.split_first()?;
    let mut values = Vec::new();
    while !rest.is_empty() {
        values.push(Value::read(&mut rest).expect("the loader's values are whole"));
    }
    Some((*letter, values))
}
