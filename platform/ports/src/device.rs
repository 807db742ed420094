//! What the device says of itself.

use mpos_protocol::standing::DeviceState;

/// Looks at the device and its system: whether somebody looks into the program, whether programs have the rights of the
/// device's owner, how old its system is. What it finds is told to the bank, which decides what it means.
pub trait DeviceWatch: Send {
    /// The state now. Must not block for longer than a look at a few files.
    fn state(&mut self) -> DeviceState;
}
