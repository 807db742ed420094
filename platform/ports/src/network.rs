//! The line to the bank: TLS over TCP, one connection at a time.

use alloc::{string::String, vec::Vec};

/// Opens, writes and closes; never blocks. What happens on the line comes back to the host link as messages from
/// the network's edge (`LineOpened`, `LineReceived`, `LineClosed`), each with the number of the line it is about.
pub trait BankLine: Send {
    /// Begins a connection; one that stood before is closed. Ends in `LineOpened` or `LineClosed`.
    fn open(&mut self, line: u32, target: LineTarget);

    /// Queues `bytes` for the open line. Without one they are dropped: `LineClosed` has been or will be sent.
    fn send(&mut self, line: u32, bytes: &[u8]);

    /// Closes the line; nothing more comes from it.
    fn close(&mut self, line: u32);
}

/// Where to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineTarget {
    /// `host:port`.
    pub address: String,
    /// Which protocol.
    pub kind: LineKind,
}

/// The two protocols of the bank (ALPN).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// `mpos-enrol/1`: only the bank shows a certificate.
    Enrolment,
    /// `mpos/1`: both do.
    Terminal {
        /// The terminal's chain, DER, its own first.
        certificates: Vec<Vec<u8>>,
    },
}
