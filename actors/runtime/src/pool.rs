//! Parcels: frames and what is known of them, in memory that is used again.
//!
//! A parcel is one heap object, so handing it on moves a pointer; and a bounded pool gives it out again when its
//! receiver is done, so that once warm a hop allocates nothing of ours. A parcel that held a secret row is zeroized,
//! whether it is used again or freed; and its buffer starts at a size that no secret row outgrows, so that no copy
//! of a secret is left behind by a buffer that moved while it grew.

use mpos_protocol::{Flow, Moment, routes::ActorId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroize;

/// Parcels kept for reuse: more than are ever under way at once in a sale.
const POOLED_PARCELS_MAX: usize = 64;
/// A new buffer's size. The longest secret row is a PIN pad's picture; a card's answer has 258 bytes and its framing.
const BUFFER_BYTES: usize = 1024;
/// A buffer that grew beyond this is freed rather than kept: enrolment and configuration are rare.
const POOLED_BUFFER_BYTES_MAX: usize = 8 * 1024;

/// What is known of a frame without decoding it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading {
    pub(crate) from: ActorId,
    pub(crate) to: ActorId,
    pub(crate) flow: Flow,
    pub(crate) name: &'static str,
    pub(crate) secret: bool,
}

/// What the router adds when it sends a frame on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stamp {
    /// The time its receiver is given.
    pub(crate) at: Moment,
    /// Its number in the recording; 0 when nothing is recorded.
    pub(crate) number: u64,
    /// Which life of the actor a timer belongs to; 0 for messages, which outlive a restart.
    pub(crate) life: u32,
}

/// A frame, its heading and its stamp.
pub(crate) struct Parcel {
    pub(crate) heading: Heading,
    pub(crate) stamp: Stamp,
    pub(crate) frame: Vec<u8>,
}

impl Parcel {
    fn new() -> Self {
        let heading = Heading {
            from: ActorId::Supervisor,
            to: ActorId::Supervisor,
            flow: Flow::default(),
            name: "",
            secret: false,
        };
        Self { heading, stamp: Stamp::default(), frame: Vec::with_capacity(BUFFER_BYTES) }
    }

    fn wipe_secret(&mut self) {
        if self.heading.secret {
            self.frame.zeroize();
        }
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.wipe_secret();
    }
}

/// Parcels for reuse, shared by all threads of a runtime.
#[derive(Clone, Default)]
#[allow(clippy::vec_box, reason = "parcels are handed on as boxes")]
pub(crate) struct Pool(Arc<Mutex<Vec<Box<Parcel>>>>);

impl Pool {
    /// A parcel to be filled.
    pub(crate) fn take(&self) -> Box<Parcel> {
        let pooled = self.free().pop();
        pooled.unwrap_or_else(|| Box::new(Parcel::new()))
    }

    /// Takes a parcel back.
    pub(crate) fn give(&self, parcel: Box<Parcel>) {
        if let Some(parcel) = Self::clean(parcel) {
            let mut free = self.free();
            if free.len() < POOLED_PARCELS_MAX {
                free.push(parcel);
            }
        }
    }

    /// Makes a parcel fit for reuse; `None` when its buffer has grown too large.
    pub(crate) fn clean(mut parcel: Box<Parcel>) -> Option<Box<Parcel>> {
        parcel.wipe_secret();
        parcel.frame.clear();
        (1..=POOLED_BUFFER_BYTES_MAX).contains(&parcel.frame.capacity()).then_some(parcel)
    }

    #[allow(clippy::vec_box, reason = "parcels are handed on as boxes")]
    fn free(&self) -> MutexGuard<'_, Vec<Box<Parcel>>> {
        // Nothing panics while the lock is held, and a list of spare parcels is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Sent;
    use mpos_protocol::{
        Amount, List, Secret, actor,
        pad::{Exposure, GLYPH_BYTES_MAX, Glyph, PAD_KEYS, PAD_UNITS, PadArea, PadKey, PadRole},
        pin::messages::ShowPinPad,
    };

    #[test]
    fn the_largest_pin_pad_fits_a_new_buffer() {
        let area = PadArea { left: PAD_UNITS, top: PAD_UNITS, width: PAD_UNITS, height: PAD_UNITS };
        let glyph = Secret::new(Glyph::new(&[1; GLYPH_BYTES_MAX]).unwrap());
        let key = PadKey { role: PadRole::Digit, row: u8::MAX, column: u8::MAX, area, glyph };
        let keys = List::try_from(vec![key; PAD_KEYS]).unwrap();
        let amount = Amount::from_minor(999_999_999_999).unwrap();
        let pad = ShowPinPad { pad: u32::MAX, amount, fixed: true, exposure: Exposure::default(), keys };
        let sent = Sent::encode::<actor::PinPad, _>(Flow(u32::MAX), pad, Pool::default().take()).unwrap();
        assert_eq!(sent.into_parcel().frame.capacity(), BUFFER_BYTES);
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_bound() {
        let pool = Pool::default();
        for parcel in (0..=POOLED_PARCELS_MAX).map(|_| pool.take()).collect::<Vec<_>>() {
            pool.give(parcel);
        }
        assert_eq!(pool.free().len(), POOLED_PARCELS_MAX);
        let mut large = pool.take();
        large.frame.reserve(POOLED_BUFFER_BYTES_MAX + 1);
        pool.give(large);
        assert_eq!(pool.free().len(), POOLED_PARCELS_MAX - 1);
    }
}
