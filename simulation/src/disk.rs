//! A terminal's disk: it keeps what was synced, loses or tears the rest when power fails, refuses calls, and runs full.
//!
//! The journal and the key file are an [`AppendFile`] each, the index is the storage of a real redb database; all lie
//! on one disk, so that a fault strikes at whichever call comes next.

use crate::draw::Draw;
use mpos_ports::{AppendFile, FileFault};
use redb::StorageBackend;
use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a disk writes at once.
const SECTOR_BYTES: usize = 512;

/// How the process ends at a call to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Killed: the system goes on and has what was written.
    Killed,
    /// Without power: only what was synced is sure.
    PowerLost,
}

/// What is to go wrong with one of the next calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The process ends in it.
    Ends(End),
    /// It fails, done in part.
    Fails,
}

/// The disk; clones are the same one.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<&'static str, File>,
    /// How many calls from now, and what.
    planned: Option<(u32, Mishap)>,
    /// The process that uses it has ended in a call: nothing of it is done any more.
    ended: Option<End>,
    full: bool,
    /// In which calls something went wrong: the file, and what was called.
    struck: Vec<(&'static str, &'static str)>,
    /// A broken safeguard: syncs of this file do nothing.
    unsynced_file: Option<&'static str>,
}

#[derive(Default)]
struct File {
    /// What a process reads.
    seen: Vec<u8>,
    /// What is there after a loss of power, whatever becomes of `unsynced`.
    durable: Vec<u8>,
    unsynced: Vec<Write>,
}

enum Write {
    At(usize, Vec<u8>),
    Length(usize),
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file on it; made when it is first written.
    pub fn file(&self, name: &'static str) -> DiskFile {
        DiskFile { disk: self.clone(), name }
    }

    /// What a process reads of a file.
    pub fn content(&self, name: &'static str) -> Vec<u8> {
        self.state().files.get(name).map(|file| file.seen.clone()).unwrap_or_default()
    }

    /// A file of this content, on a disk of its own.
    pub fn holding(name: &'static str, content: &[u8]) -> Self {
        let disk = Self::default();
        let file = File { seen: content.to_vec(), durable: content.to_vec(), unsynced: Vec::new() };
        disk.state().files.insert(name, file);
        disk
    }

    /// Lets something go wrong with the call after `calls` others.
    pub fn plan(&self, calls: u32, mishap: Mishap) {
        self.state().planned = Some((calls, mishap));
    }

    /// Whether something is still to go wrong.
    pub fn has_plan(&self) -> bool {
        self.state().planned.is_some()
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        let mut state = self.state();
        (state.planned, state.full) = (None, false);
    }

    /// No more room, or room again.
    pub fn set_full(&self, full: bool) {
        self.state().full = full;
    }

    /// Whether there is no more room.
    pub fn is_full(&self) -> bool {
        self.state().full
    }

    /// Syncs of this file do nothing from now on.
    pub fn forget_to_sync(&self, name: &'static str) {
        self.state().unsynced_file = Some(name);
    }

    /// How the process ended in a call, if it did.
    pub fn ended(&self) -> Option<End> {
        self.state().ended
    }

    /// In which calls something went wrong: the file, and what was called.
    pub fn struck(&self) -> Vec<(&'static str, &'static str)> {
        self.state().struck.clone()
    }

    /// A new process uses the disk. After a loss of power any sectors of what was not synced are there, or the
    /// beginning of each write; how many writes were torn, and how many lost.
    pub fn restart(&self, end: End, draw: &mut Draw) -> (u64, u64) {
        let mut state = self.state();
        (state.ended, state.planned) = (None, None);
        if end == End::Killed {
            return (0, 0);
        }
        let (mut torn, mut lost) = (0, 0);
        for file in state.files.values_mut() {
            for write in std::mem::take(&mut file.unsynced) {
                match file.arrive_in_part(write, draw) {
                    Arrived::Whole => {}
                    Arrived::Torn => torn += 1,
                    Arrived::Lost => lost += 1,
                }
            }
            file.seen.clone_from(&file.durable);
        }
        (torn, lost)
    }
}

enum Arrived {
    Whole,
    Torn,
    Lost,
}

impl File {
    fn arrive_in_part(&mut self, write: Write, draw: &mut Draw) -> Arrived {
        let (offset, bytes) = match write {
            Write::Length(length) => {
                let arrives = draw.chance(5_000);
                if arrives {
                    self.durable.resize(length, 0);
                }
                return if arrives { Arrived::Whole } else { Arrived::Lost };
            }
            Write::At(offset, bytes) => (offset, bytes),
        };
        let by_sector = draw.chance(5_000);
        let sectors = draw.bits();
        let beginning = draw.index(bytes.len() + 1);
        let arrives = |index: usize| {
            let sector = (offset + index) / SECTOR_BYTES - offset / SECTOR_BYTES;
            if by_sector { sectors >> (sector % 64) & 1 == 1 } else { index < beginning }
        };
        let mut count = 0;
        for (index, byte) in bytes.iter().enumerate().filter(|(index, _)| arrives(*index)) {
            put(&mut self.durable, offset + index, &[*byte]);
            count += 1;
        }
        match count {
            0 => Arrived::Lost,
            count if count == bytes.len() => Arrived::Whole,
            _ => Arrived::Torn,
        }
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.seen, offset, bytes);
        self.unsynced.push(Write::At(offset, bytes.to_vec()));
    }

    fn set_length(&mut self, length: usize) {
        self.seen.resize(length, 0);
        self.unsynced.push(Write::Length(length));
    }

    fn sync(&mut self) {
        for write in std::mem::take(&mut self.unsynced) {
            match write {
                Write::At(offset, bytes) => put(&mut self.durable, offset, &bytes),
                Write::Length(length) => self.durable.resize(length, 0),
            }
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    if let Some(place) = content.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

/// How a call goes.
enum Call {
    Done,
    /// Some of it is done, and then it fails.
    InPart,
    Never,
}

impl State {
    fn call(&mut self, file: &'static str, what: &'static str) -> Call {
        if self.ended.is_some() {
            return Call::Never;
        }
        match self.planned {
            Some((0, mishap)) => {
                self.planned = None;
                self.struck.push((file, what));
                if let Mishap::Ends(end) = mishap {
                    self.ended = Some(end);
                }
                Call::InPart
            }
            Some((calls, mishap)) => {
                self.planned = Some((calls - 1, mishap));
                Call::Done
            }
            None => Call::Done,
        }
    }

    fn file(&mut self, name: &'static str) -> &mut File {
        self.files.entry(name).or_default()
    }

    fn write(&mut self, name: &'static str, offset: usize, bytes: &[u8]) -> Result<(), FileFault> {
        let whole = match self.call(name, "write") {
            Call::Done => true,
            Call::InPart => false,
            Call::Never => return Err(FileFault::Refused),
        };
        let part = if whole { bytes } else { bytes.get(..bytes.len() / 2).unwrap_or_default() };
        self.file(name).write(offset, part);
        if whole { Ok(()) } else { Err(FileFault::Refused) }
    }

    fn sync(&mut self, name: &'static str) -> Result<(), FileFault> {
        let call = self.call(name, "sync");
        let forgets = self.unsynced_file == Some(name);
        let file = self.file(name);
        match call {
            Call::Done if forgets => Ok(()),
            Call::Done => {
                file.sync();
                Ok(())
            }
            Call::InPart if self.ended.is_none() => {
                // Linux forgets the pages of a sync that fails, and goes on showing them.
                self.file(name).unsynced.clear();
                Err(FileFault::Refused)
            }
            Call::InPart | Call::Never => Err(FileFault::Refused),
        }
    }
}

/// A file on a disk.
pub struct DiskFile {
    disk: Disk,
    name: &'static str,
}

impl fmt::Debug for DiskFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl AppendFile for DiskFile {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        let mut state = self.disk.state();
        match state.call(self.name, "read") {
            Call::Done => Ok(state.file(self.name).seen.clone()),
            Call::InPart | Call::Never => Err(FileFault::Refused),
        }
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        self.disk.state().write(self.name, place(offset), bytes)
    }

    fn sync(&mut self) -> Result<(), FileFault> {
        self.disk.state().sync(self.name)
    }

    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        let mut state = self.disk.state();
        if state.full && state.ended.is_none() {
            return Err(FileFault::Full);
        }
        state.write(self.name, place(offset), &vec![0; place(bytes)])
    }
}

impl StorageBackend for DiskFile {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.disk.state().file(self.name).seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let mut state = self.disk.state();
        let seen = &state.file(self.name).seen;
        match seen.get(place(offset)..place(offset).saturating_add(out.len())) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        let mut state = self.disk.state();
        match state.call(self.name, "length") {
            Call::Done => {
                state.file(self.name).set_length(place(length));
                Ok(())
            }
            Call::InPart | Call::Never => Err(refused()),
        }
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.disk.state().sync(self.name).map_err(|_| refused())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), io::Error> {
        self.disk.state().write(self.name, place(offset), bytes).map_err(|_| refused())
    }
}

fn refused() -> io::Error {
    io::Error::other("the simulated disk refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(disk: &Disk) -> DiskFile {
        let mut file = disk.file("a");
        file.write_at(0, &[1; 1024]).unwrap();
        AppendFile::sync(&mut file).unwrap();
        file.write_at(0, &[2; 1024]).unwrap();
        file
    }

    #[test]
    fn what_was_synced_outlives_a_loss_of_power_and_the_rest_may_be_torn() {
        let mut seen = [0_u32; 3];
        for seed in 0..200 {
            let disk = Disk::default();
            drop(written(&disk));
            let (torn, lost) = disk.restart(End::PowerLost, &mut Draw::new(seed));
            let content = disk.content("a");
            assert!(
                content.iter().all(|byte| matches!(byte, 1 | 2)),
                "what was synced is there, or is overwritten"
            );
            let news = content.iter().filter(|byte| **byte == 2).count();
            assert_eq!((torn, lost), (u64::from(news > 0 && news < 1024), u64::from(news == 0)));
            seen[usize::from(news > 0) + usize::from(news == 1024)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 0), "lost, torn and whole: {seen:?}");
    }

    #[test]
    fn a_killed_process_loses_nothing_that_it_wrote_and_does_nothing_more() {
        let disk = Disk::default();
        let mut file = written(&disk);
        disk.plan(0, Mishap::Ends(End::Killed));
        assert!(file.write_at(0, &[3; 2]).is_err());
        assert_eq!(disk.ended(), Some(End::Killed));
        assert!(file.write_at(0, &[4; 2]).is_err());
        disk.restart(End::Killed, &mut Draw::new(1));
        assert_eq!(disk.content("a")[..3], [3, 2, 2]);
    }
}
