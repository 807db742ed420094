//! A version of mPOS, in order.

use std::fmt;

/// Digits of each of the three numbers.
const DIGITS_MAX: usize = 9;

/// Three numbers, such as 1.4.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads three decimal numbers with points between them. A version with more to it (1.4.0-beta) is none: it is
    /// not known what it comes after.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let is_number =
                (1..=DIGITS_MAX).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse().ok())?
        });
        let version = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(Self(version))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_compared_as_numbers_and_what_is_none_is_refused() {
        let version = |text| Version::parse(text).expect(text);
        assert!(version("0.9.0") < version("0.10.0"));
        assert!(version("1.0.0") > version("0.99.99"));
        assert_eq!(version("1.4.0").to_string(), "1.4.0");
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.+3", "1.2.3-beta", "1..3", "1.2.9999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
