//! Where this terminal's chain of signed messages stands.

use mpos_protocol::{book::ChainRestored, sale::ReceiptNumber, signed::Hash};

/// What the next request needs to know of those before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) next_sequence: u64,
    pub(crate) head: Hash,
    pub(crate) next_receipt: ReceiptNumber,
}

impl Chain {
    /// A request with this content is recorded.
    pub(crate) fn advance(&mut self, hash: Hash, takes_receipt: bool) {
        self.next_sequence = self.next_sequence.saturating_add(1);
        self.head = hash;
        if takes_receipt {
            self.next_receipt = ReceiptNumber(self.next_receipt.0.saturating_add(1));
        }
    }
}

impl From<&ChainRestored> for Chain {
    fn from(restored: &ChainRestored) -> Self {
        Self {
            next_sequence: restored.next_sequence,
            head: restored.head,
            next_receipt: restored.next_receipt,
        }
    }
}
