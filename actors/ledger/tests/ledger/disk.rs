//! A disk that can lose, tear and refuse writes, and run full.

use mpos_ports::{AppendFile, FileFault};
use std::sync::{Arc, Mutex, MutexGuard};

const SECTOR: usize = 512;

/// A file on it; clones are the same file.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// What a process reads.
    seen: Vec<u8>,
    /// What is there after a crash, whatever becomes of `unsynced`.
    durable: Vec<u8>,
    /// Since the last sync: where, and what.
    unsynced: Vec<(usize, Vec<u8>)>,
    calls: usize,
    fail_at: Option<usize>,
    capacity: Option<usize>,
}

impl Disk {
    /// A file that holds `bytes`.
    pub(crate) fn holding(bytes: &[u8]) -> Self {
        let disk = Self::default();
        disk.replace(bytes);
        disk
    }

    pub(crate) fn replace(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.seen = bytes.to_vec();
        state.durable = bytes.to_vec();
        state.unsynced.clear();
    }

    /// What a process reads.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    /// A copy that shares nothing.
    pub(crate) fn copy(&self) -> Self {
        Self::holding(&self.bytes())
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.state().calls
    }

    /// Lets the `n`th call from now fail (the next is 0): a write in part, a sync so that nothing is written.
    pub(crate) fn fail_in(&self, n: usize) {
        let mut state = self.state();
        state.fail_at = Some(state.calls + n);
    }

    /// No call fails any more.
    pub(crate) fn heal(&self) {
        self.state().fail_at = None;
    }

    /// How long the file may become.
    pub(crate) fn limit_to(&self, capacity: Option<usize>) {
        self.state().capacity = capacity;
    }

    /// The power fails: of each write that was not synced any sectors arrive, or only its beginning.
    pub(crate) fn crash(&self, mut choose: impl FnMut() -> u64) {
        let mut state = self.state();
        state.fail_at = None;
        for (offset, bytes) in core::mem::take(&mut state.unsynced) {
            let kept = choose();
            let by_sector = choose().is_multiple_of(2);
            for (index, byte) in bytes.iter().enumerate() {
                let sector = (offset + index) / SECTOR - offset / SECTOR;
                let arrives = if by_sector {
                    kept >> (sector % 64) & 1 == 1
                } else {
                    index < kept as usize % (bytes.len() + 1)
                };
                if arrives {
                    put(&mut state.durable, offset + index, &[*byte]);
                }
            }
        }
        state.seen = state.durable.clone();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn call(&mut self) -> Result<(), FileFault> {
        let fails = self.fail_at == Some(self.calls);
        self.calls += 1;
        if fails { Err(FileFault::Refused) } else { Ok(()) }
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.seen, offset, bytes);
        self.unsynced.push((offset, bytes.to_vec()));
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl AppendFile for Disk {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        let mut state = self.state();
        state.call()?;
        Ok(state.seen.clone())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        let (mut state, offset) = (self.state(), offset as usize);
        assert!(offset + bytes.len() <= state.seen.len(), "a write past the room that was made for it");
        if let Err(fault) = state.call() {
            state.write(offset, &bytes[..bytes.len() / 2]);
            return Err(fault);
        }
        state.write(offset, bytes);
        Ok(())
    }

    /// A sync that fails forgets what was to be written, as Linux does: the process still reads it.
    fn sync(&mut self) -> Result<(), FileFault> {
        let mut state = self.state();
        let called = state.call();
        let unsynced = core::mem::take(&mut state.unsynced);
        called?;
        unsynced.iter().for_each(|(offset, bytes)| put(&mut state.durable, *offset, bytes));
        Ok(())
    }

    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        let (mut state, end) = (self.state(), (offset + bytes) as usize);
        assert_eq!(offset as usize, state.seen.len(), "room is made at the end");
        state.call()?;
        if state.capacity.is_some_and(|capacity| end > capacity) {
            return Err(FileFault::Full);
        }
        state.write(offset as usize, &vec![0; bytes as usize]);
        Ok(())
    }
}
