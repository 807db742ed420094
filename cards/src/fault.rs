//! What may be wrong with a card: it leaves, it is slow, it is silent, it talks nonsense, or it is a counterfeit.

use std::time::Duration;

use crate::CardsError;

/// How long a slow card takes for each answer.
const SLOW_ANSWER: Duration = Duration::from_millis(500);
/// Seed of the nonsense unless another is named.
const SEED: u64 = 1;

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Leaves the field: the command is carried out, its answer is lost.
    Torn(TornAt),
    Slow,
    /// Stays in the field and never answers.
    Silent,
    /// Answers with bytes drawn from this seed.
    Garbage(u64),
    /// A counterfeit, which data authentication must find.
    Forged(Forgery),
}

/// Which command a torn card carries out last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TornAt {
    /// The one that asks for the cryptogram: GENERATE AC, or Visa's GET PROCESSING OPTIONS.
    Cryptogram,
    /// The command with this number of the tap, from 0.
    Step(u8),
}

/// What was forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgery {
    /// The card's certificate is for another account number.
    Pan,
    /// The issuer's certificate is signed by someone who is not the scheme.
    Issuer,
    /// The static data were altered after they were certified.
    Data,
    /// The card signs with a key that is not the certified one.
    Key,
}

impl Fault {
    /// Reads `torn`, `torn:2`, `slow`, `silent`, `garbage:7`, `wrong-certificate:issuer`.
    pub(crate) fn parse(text: &str) -> Result<Self, CardsError> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        match (name, argument) {
            ("torn", None) => Ok(Self::Torn(TornAt::Cryptogram)),
            ("torn", Some(step)) => Ok(Self::Torn(TornAt::Step(number(step)?))),
            ("slow", None) => Ok(Self::Slow),
            ("silent", None) => Ok(Self::Silent),
            ("garbage", None) => Ok(Self::Garbage(SEED)),
            ("garbage", Some(seed)) => Ok(Self::Garbage(number(seed)?)),
            ("wrong-certificate", None | Some("pan")) => Ok(Self::Forged(Forgery::Pan)),
            ("wrong-certificate", Some("issuer")) => Ok(Self::Forged(Forgery::Issuer)),
            ("wrong-certificate", Some("data")) => Ok(Self::Forged(Forgery::Data)),
            ("wrong-certificate", Some("key")) => Ok(Self::Forged(Forgery::Key)),
            ("slow" | "silent" | "wrong-certificate", Some(_)) => Err(CardsError::FaultArgument),
            _ => Err(CardsError::UnknownFault),
        }
    }

    /// How long the card takes for an answer.
    pub(crate) const fn response_time(self) -> Duration {
        match self {
            Self::Slow => SLOW_ANSWER,
            _ => Duration::ZERO,
        }
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, CardsError> {
    text.parse().map_err(|_| CardsError::FaultArgument)
}

/// Bytes that look random and are the same for the same seed (SplitMix64: Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    state: u64,
}

/// Longest answer of a card: 256 bytes and a status word.
const ANSWER_BYTES_MAX: u64 = 258;

impl Noise {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An answer of any length; every other one says that all went well, so that its bytes are read too.
    pub(crate) fn answer(&mut self) -> Vec<u8> {
        let length = self.next() % (ANSWER_BYTES_MAX + 1);
        let mut answer: Vec<u8> = (0..length).map(|_| self.next().to_be_bytes()[0]).collect();
        if self.next().is_multiple_of(2) {
            answer.truncate(ANSWER_BYTES_MAX as usize - 2);
            answer.extend([0x90, 0x00]);
        }
        answer
    }

    const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_with_their_arguments() {
        assert_eq!(Fault::parse("torn").unwrap(), Fault::Torn(TornAt::Cryptogram));
        assert_eq!(Fault::parse("torn:0").unwrap(), Fault::Torn(TornAt::Step(0)));
        assert_eq!(Fault::parse("garbage:77").unwrap(), Fault::Garbage(77));
        assert_eq!(Fault::parse("wrong-certificate:key").unwrap(), Fault::Forged(Forgery::Key));
        for wrong in ["torn:", "torn:x", "torn:256", "slow:1", "garbage:-1", "wrong-certificate:x"] {
            assert!(matches!(Fault::parse(wrong), Err(CardsError::FaultArgument)), "{wrong}");
        }
        assert!(matches!(Fault::parse("lost"), Err(CardsError::UnknownFault)));
    }

    #[test]
    fn nonsense_is_the_same_for_the_same_seed() {
        let answers = |seed| {
            let mut noise = Noise::new(seed);
            (0..20).map(|_| noise.answer()).collect::<Vec<_>>()
        };
        assert_eq!(answers(1), answers(1));
        assert_ne!(answers(1), answers(2));
        assert!(answers(3).iter().all(|answer| answer.len() <= ANSWER_BYTES_MAX as usize));
    }
}
