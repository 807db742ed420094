//! Memory for the one secret that is typed: a PIN's digits, and the order in which the pad shows them.
//!
//! The system may write any memory to a disk when it runs short, where it outlives its owner. This memory stays in
//! RAM where the platform lets a program ask for that, lies on pages of its own, and is wiped when it is dropped, also
//! while a panic unwinds.

/// Bytes of it.
pub const LOCKED_BYTES: usize = 64;

/// Such memory; zeros at first.
pub trait LockedMemory: Send {
    /// What is in it.
    fn bytes(&self) -> &[u8; LOCKED_BYTES];

    /// What is in it, to be changed where it lies.
    fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES];
}
