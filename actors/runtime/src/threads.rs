//! Which actor lives on which thread.
//!
//! A round trip costs half a microsecond on one thread and some fifty across two, so a tap's actors share one; and
//! a call that may block for as long as a card or a disk takes must hold up nobody else. Blocking calls are
//! allowed on [`Thread::Card`] and [`Thread::Ledger`] only.

use mpos_protocol::routes::ActorId;

/// A thread of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    /// Everything that never blocks, the edges included.
    Main,
    /// The card loop: reader and kernel. Blocks while a card thinks.
    Card,
    /// The durable book. Blocks while the disk writes.
    Ledger,
}

impl Thread {
    /// Where `actor` lives.
    pub const fn of(actor: ActorId) -> Self {
        match actor {
            ActorId::NfcReader | ActorId::EmvKernel => Self::Card,
            ActorId::Ledger => Self::Ledger,
            _ => Self::Main,
        }
    }

    /// Whether a step of `actor` may wait for a card or a disk.
    ///
    /// Time passes there and at the edges. Everyone else's step takes no time worth naming, so what it sends
    /// carries the time of the message that it handled, and the clock is read once a cascade, not once a hop.
    pub(crate) const fn may_block(actor: ActorId) -> bool {
        matches!(actor, ActorId::NfcReader | ActorId::Ledger)
    }
}
