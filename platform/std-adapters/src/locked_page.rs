//! Memory that the system is asked to keep out of its swap: `mlock(2)` and its like.
//!
//! Locking counts by pages, so the memory has a page of its own: unlocking it takes nobody else's lock away. A system
//! that refuses (a limit of 0 bytes, say) is told of once in the log, and the terminal goes on: wiping does not
//! depend on it.

use mpos_ports::{LOCKED_BYTES, LockedMemory};
use std::sync::Once;
use zeroize::{Zeroize, Zeroizing};

/// A page, locked if the system agreed.
pub struct LockedPage {
    /// Before the memory in the order of fields: it is unlocked, then freed.
    lock: Option<region::LockGuard>,
    /// Room for a whole page wherever it begins.
    memory: Zeroizing<Vec<u8>>,
    /// Where the page begins.
    start: usize,
}

impl LockedPage {
    /// Takes a page and asks for it to be locked.
    pub fn new() -> Self {
        let page = region::page::size().max(LOCKED_BYTES);
        let memory = Zeroizing::new(vec![0; page.saturating_mul(2)]);
        let start = memory.as_ptr().align_offset(page).min(page);
        let lock = region::lock(memory.as_ptr().wrapping_add(start), page).inspect_err(|error| {
            static TOLD: Once = Once::new();
            TOLD.call_once(
                || tracing::warn!(%error, "the memory for PINs cannot be locked: it may be swapped"),
            );
        });
        Self { lock: lock.ok(), memory, start }
    }

    /// Whether the system keeps it in RAM.
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }
}

impl Default for LockedPage {
    fn default() -> Self {
        Self::new()
    }
}

impl LockedMemory for LockedPage {
    fn bytes(&self) -> &[u8; LOCKED_BYTES] {
        self.memory.get(self.start..).and_then(<[u8]>::first_chunk).expect("a page follows the start")
    }

    fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES] {
        self.memory.get_mut(self.start..).and_then(<[u8]>::first_chunk_mut).expect("a page follows the start")
    }
}

impl Drop for LockedPage {
    /// While it is still locked.
    fn drop(&mut self) {
        self.memory.as_mut_slice().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_zero_at_first_lies_at_a_pages_edge_and_keeps_what_is_written() {
        let mut page = LockedPage::new();
        assert_eq!(page.bytes(), &[0; LOCKED_BYTES]);
        assert_eq!(page.bytes().as_ptr().align_offset(region::page::size()), 0);
        page.bytes_mut()[LOCKED_BYTES - 1] = 7;
        assert_eq!(page.bytes()[LOCKED_BYTES - 1], 7);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_counts_a_locked_page_as_locked() {
        let locked = |page: &LockedPage| {
            let address = page.bytes().as_ptr() as usize;
            let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let mut inside = false;
            for line in maps.lines() {
                let range = line.split_once(' ').and_then(|(range, _)| range.split_once('-'));
                let number = |text: &str| usize::from_str_radix(text, 16).ok();
                if let Some((from, to)) = range.and_then(|(from, to)| Some((number(from)?, number(to)?))) {
                    inside = (from..to).contains(&address);
                }
                if let (true, Some(size)) = (inside, line.strip_prefix("Locked:")) {
                    return size.trim() != "0 kB";
                }
            }
            false
        };
        let page = LockedPage::new();
        assert_eq!(locked(&page), page.is_locked());
    }
}
