//! Chance, from a seed: everything that could be otherwise in a run is drawn here, so that a seed is a run.
//!
//! SplitMix64 (Steele, Lea and Flood, 2014): small, and the same on every machine.

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another stream, apart from this one: what is drawn there does not change what is drawn here.
    pub fn fork(&mut self) -> Self {
        Self(self.bits())
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, which is not one of them; 0 when there is none.
    pub fn below(&mut self, end: u64) -> u64 {
        // The bias of a remainder is far below what a simulation could show.
        self.bits().checked_rem(end).unwrap_or(0)
    }

    /// An index of something with so many elements.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True so many times in ten thousand.
    pub fn chance(&mut self, in_ten_thousand: u32) -> bool {
        self.below(10_000) < u64::from(in_ten_thousand)
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.bits().to_le_bytes();
            chunk.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_a_fork_does_not_disturb_it() {
        let (mut one, mut two) = (Draw::new(7), Draw::new(7));
        let mut fork = one.fork();
        two.fork();
        let forked = fork.bits();
        assert_eq!(one.bits(), two.bits());
        assert_ne!(forked, one.bits());
        assert!((0..1000).all(|_| (3..=5).contains(&one.between(3, 5))));
        assert_eq!((one.below(0), one.index(0)), (0, 0));
    }
}
