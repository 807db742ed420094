//! Time. Only the runtime reads it; to an actor time arrives with each message.

use mpos_protocol::Moment;

/// The platform's clocks.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}
