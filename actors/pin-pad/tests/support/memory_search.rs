//! Looks for digits in all of this process's memory that can be written: heap, stacks, static data.
//!
//! What is looked for must not itself be found, so it is kept under a mask, and a place is unmasked only by comparing
//! it. The digits are random: six bytes of them stand nowhere by chance.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    sync::{Mutex, PoisonError},
};

/// Digits that are nowhere in memory as they are.
pub(crate) struct Rare {
    masked: Vec<u8>,
    mask: Vec<u8>,
}

/// How digits may lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `'1' '2'`.
    Text,
    /// 1, 2.
    Values,
    /// 0x12.
    Packed,
    /// 0x.1 0x2.: packed, beginning in the middle of a byte.
    PackedShifted,
}

impl Rare {
    /// So many of them, from random bytes. Neighbours differ, so that no form of them is a run of one byte.
    pub(crate) fn new(count: usize, mut random: impl FnMut() -> u8) -> Self {
        let mut rare = Self { masked: Vec::with_capacity(count), mask: Vec::with_capacity(count) };
        let mut before = 0;
        for _ in 0..count {
            let step = random() % 9 + 1;
            before = (before + step) % 10;
            let mask = random() | 0xC0;
            rare.masked.push(before ^ mask);
            rare.mask.push(mask);
        }
        rare
    }

    pub(crate) fn len(&self) -> usize {
        self.masked.len()
    }

    /// One of them, as its value.
    pub(crate) fn digit(&self, index: usize) -> u8 {
        self.masked[index] ^ self.mask[index]
    }

    /// How many bytes of memory a form takes, the half ones left out.
    fn bytes_of(&self, form: Form) -> usize {
        match form {
            Form::Text | Form::Values => self.len(),
            Form::Packed => self.len() / 2,
            Form::PackedShifted => self.len() / 2 - 1,
        }
    }

    /// Whether `byte` is what stands at `index` of a form.
    fn is_at(&self, form: Form, index: usize, byte: u8) -> bool {
        match form {
            Form::Text => byte == self.digit(index) + b'0',
            Form::Values => byte == self.digit(index),
            Form::Packed => byte >> 4 == self.digit(2 * index) && byte & 15 == self.digit(2 * index + 1),
            Form::PackedShifted => {
                byte >> 4 == self.digit(2 * index + 1) && byte & 15 == self.digit(2 * index + 2)
            }
        }
    }

    fn begins(&self, form: Form, bytes: &[u8]) -> bool {
        let length = self.bytes_of(form);
        bytes.len() >= length && (0..length).all(|index| self.is_at(form, index, bytes[index]))
    }

    /// Writes a form of them somewhere: for the control.
    pub(crate) fn write(&self, form: Form, to: &mut [u8]) {
        for (index, byte) in to.iter_mut().take(self.bytes_of(form)).enumerate() {
            *byte = (0..=255).find(|byte| self.is_at(form, index, *byte)).expect("a byte is");
        }
    }

    /// Where they are, in which form. The search's own copy of what it looks at is left out, and no two searches look
    /// at each other's.
    pub(crate) fn found(&self) -> Vec<(Form, String)> {
        /// Read at a time; a piece ends with the beginning of the next.
        const PIECE_BYTES: usize = 1 << 20;
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = File::open("/proc/self/mem").expect("a process reads its own memory");
        let mut piece = vec![0; PIECE_BYTES + self.len()];
        let own = piece.as_ptr() as u64..piece.as_ptr() as u64 + piece.len() as u64;
        let mut found = Vec::new();
        for (range, name) in writable() {
            let before = range.start..range.end.min(own.start).max(range.start);
            let after = range.start.max(own.end).min(range.end)..range.end;
            for range in [before, after] {
                let mut at = range.start;
                while at < range.end {
                    let length = usize::try_from(range.end - at).expect("fits").min(piece.len());
                    let read =
                        memory.seek(SeekFrom::Start(at)).and_then(|_| memory.read(&mut piece[..length]));
                    // A page that is gone by now, or that the system itself does not read, holds nothing of ours.
                    let Ok(length @ 1..) = read else { break };
                    let places = self.found_in(&piece[..length], PIECE_BYTES).into_iter();
                    found.extend(
                        places.map(|(form, start)| (form, format!("{name} at {:x}", at + start as u64))),
                    );
                    at += length.min(PIECE_BYTES) as u64;
                }
            }
        }
        piece.fill(0);
        // What the compiler must not leave out, as nobody reads it.
        std::hint::black_box(&piece);
        found
    }

    /// Those that begin in the first `length` bytes.
    fn found_in(&self, piece: &[u8], length: usize) -> Vec<(Form, usize)> {
        const FORMS: [Form; 4] = [Form::Text, Form::Values, Form::Packed, Form::PackedShifted];
        /// Most of memory is zeros, and digits whose neighbours differ are not: looked at in runs of so many.
        const RUN_BYTES: usize = 4096;
        const ZEROS: [u8; RUN_BYTES + 64] = [0; RUN_BYTES + 64];
        // One byte of them tells nothing.
        let mut begins = [false; 256];
        for byte in 0..=255 {
            begins[usize::from(byte)] = FORMS.iter().any(|form| self.is_at(*form, 0, byte));
        }
        let mut found = Vec::new();
        for from in (0..piece.len().min(length)).step_by(RUN_BYTES) {
            let run = &piece[from..piece.len().min(from + RUN_BYTES + self.len())];
            if *run == ZEROS[..run.len()] {
                continue;
            }
            for (start, byte) in run.iter().enumerate().take(RUN_BYTES) {
                if begins[usize::from(*byte)] {
                    let forms = FORMS.into_iter().filter(|form| self.begins(*form, &run[start..]));
                    found.extend(forms.map(|form| (form, from + start)));
                }
            }
        }
        found
    }
}

/// The memory that can be written, by address.
fn writable() -> Vec<(std::ops::Range<u64>, String)> {
    let maps = fs::read_to_string("/proc/self/maps").expect("a process knows its own memory");
    let line = |line: &str| {
        let mut parts = line.split_whitespace();
        let (from, to) = parts.next()?.split_once('-')?;
        let is_writable = parts.next()?.starts_with("rw");
        let number = |text| u64::from_str_radix(text, 16).ok();
        let name = parts.nth(3).unwrap_or("memory").to_owned();
        is_writable.then_some((number(from)?..number(to)?, name))
    };
    maps.lines().filter_map(line).collect()
}
