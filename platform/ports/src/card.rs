//! The contactless field: virtual cards, a PC/SC reader, or Android's `IsoDep`.

use alloc::vec::Vec;

/// The reader's antenna. Its calls may block for as long as a card takes, so the actor that owns it has a thread
/// of its own (shared with the kernel alone).
pub trait CardField: Send {
    /// Looks for cards. When one arrives the platform sends `TagArrived` to the NFC reader.
    fn start_polling(&mut self);

    /// Stops looking and lets go of the card.
    fn stop_polling(&mut self);

    /// Sends `command` to the card in the field and waits for its answer (data and status word), which replaces
    /// what `response` held.
    ///
    /// # Errors
    /// [`FieldLoss`] when there is no answer to be had.
    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss>;
}

/// Why a card did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldLoss {
    /// It left the field, or none is there.
    #[error("the card left the field")]
    Left,
    /// It is there and did not answer within the frame waiting time.
    #[error("the card did not answer in time")]
    Silent,
}
