//! The kernel may not write the book.
use mpos_protocol::{Flow, actor, book::OpenLedger, frame};

fn main() {
    let mut buffer = Vec::new();
    let _ = frame::encode::<actor::EmvKernel, OpenLedger>(Flow(1), &OpenLedger, &mut buffer);
}
