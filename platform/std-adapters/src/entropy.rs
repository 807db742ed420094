//! The operating system's cryptographic generator.

use mpos_ports::Entropy;

/// `getrandom(2)` and its like.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes)
            .expect("an operating system without a random generator runs no payment terminal");
    }
}
