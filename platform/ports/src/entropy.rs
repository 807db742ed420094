//! Randomness fit for keys, unpredictable numbers and PIN blocks.

/// A source of it.
pub trait Entropy: Send {
    /// Fills `bytes` from the platform's cryptographic generator. A platform without one does not start.
    fn fill(&mut self, bytes: &mut [u8]);
}
