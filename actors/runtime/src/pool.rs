//! The buffers in which frames travel: taken from a bounded pool, given back when the receiver is done.
//!
//! Once warm, a hop allocates nothing of ours. A buffer that held a secret row is zeroized before it is given back,
//! and buffers start at a size that no secret row outgrows, so that no copy of a secret is left behind by a buffer
//! that moved while it grew.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroize;

/// Buffers kept for reuse: more than are ever under way at once in a sale.
const POOLED_BUFFERS_MAX: usize = 64;
/// A new buffer's size. The longest secret row is a card's answer, 258 bytes and its framing.
const BUFFER_BYTES: usize = 512;
/// A buffer that grew beyond this is freed rather than kept: enrolment and configuration are rare.
const POOLED_BUFFER_BYTES_MAX: usize = 8 * 1024;

/// Buffers for reuse, shared by all threads of a runtime.
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// An empty buffer.
    pub(crate) fn take(&self) -> PooledBuffer {
        let bytes = self.free().pop().unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES));
        PooledBuffer { bytes, secret: false, pool: self.clone() }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        // Nothing panics while the lock is held, and a list of spare buffers is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A buffer that goes back to its pool when dropped.
pub(crate) struct PooledBuffer {
    bytes: Vec<u8>,
    secret: bool,
    pool: Pool,
}

impl PooledBuffer {
    /// The buffer to write a frame into; `secret` says that it is to be zeroized afterwards.
    pub(crate) fn fill(&mut self, secret: bool) -> &mut Vec<u8> {
        self.secret |= secret;
        &mut self.bytes
    }

    /// What was written.
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        if self.secret {
            bytes.zeroize();
        }
        bytes.clear();
        if (1..=POOLED_BUFFER_BYTES_MAX).contains(&bytes.capacity()) {
            let mut free = self.pool.free();
            if free.len() < POOLED_BUFFERS_MAX {
                free.push(bytes);
            }
        }
    }
}
