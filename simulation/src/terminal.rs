//! A terminal: its disk, its keys, and the process that runs on it until it ends one way or another.

use crate::{
    cell::{ActorCell, Cell},
    disk::{Disk, DiskFile, End, Mishap},
    draw::Draw,
    fault::{Fault, Faults},
    house::{House, HouseError},
    mutant::Mutant,
    ports::{DrawnEntropy, Field, GoodDevice, NotedLine, PlainMemory},
    process::Process,
};
use mpos_crypto::key_wrap;
use mpos_emv_kernel::actor::EmvKernel;
use mpos_host_link::HostLink;
use mpos_ledger::{Book, BookFiles, Ledger};
use mpos_nfc_reader::NfcReader;
use mpos_pin_pad::PinPad;
use mpos_ports::KeyStore;
use mpos_protocol::{
    Amount, Bytes, Currency, List, Text,
    book::RecordEnrolment,
    host::KEY_WRAP_CONTEXT,
    terminal::{Device, Merchant, TerminalId, TerminalProfile},
};
use mpos_receipt_sender::ReceiptSender;
use mpos_runtime::{Actor, MAILBOX_FRAMES_MAX};
use mpos_std::key_file::KeyFile;
use mpos_till::Till;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

/// Where the bank is said to be.
pub const BANK_ADDRESS: &str = "bank:1";
/// The files of a terminal.
pub const JOURNAL: &str = "journal";
const INDEX: &str = "index";
const KEYS: &str = "keys";
/// The first terminal's number; the others follow.
pub const FIRST_TERMINAL: u32 = 16;

/// A terminal.
pub struct Terminal {
    /// Its name.
    pub id: TerminalId,
    /// Its disk.
    pub disk: Disk,
    /// Its antenna.
    pub field: Field,
    /// What its link told its line.
    pub line: NotedLine,
    /// The process, while one runs.
    pub process: Option<Process>,
    /// Counts processes: what belongs to an earlier one is dropped.
    pub generation: u32,
    /// How far its clock is from the true time.
    pub skew_ms: i64,
    /// When it was switched on.
    pub booted_ms: u64,
    /// What the bank knows of it.
    pub device_key: [u8; 65],
    /// The name of its initial key.
    pub initial_key_id: [u8; 8],
    sealing: [u8; 32],
    draw: Draw,
    mutant: Option<Mutant>,
}

impl Terminal {
    /// A terminal that was activated, switched off.
    ///
    /// # Errors
    /// When its keys or its book cannot be made, which is a fault of the simulation.
    pub fn activated(
        number: u32,
        house: &House,
        mut draw: Draw,
        mutant: Option<Mutant>,
    ) -> Result<Self, HouseError> {
        let id = TerminalId(FIRST_TERMINAL + number);
        let disk = Disk::default();
        let mut sealing = [0; 32];
        draw.fill(&mut sealing);
        let (initial_key, initial_key_id) = house.initial_key(id.0)?;
        let keys = KeyFile::in_file(Box::new(disk.file(KEYS)), Zeroizing::new(sealing))?;
        let device_key = keys.device_public_key()?;
        let point = keys.begin_key_agreement()?;
        let mut ephemeral = [1; 32];
        draw.fill(&mut ephemeral[1..]);
        let wrapped = key_wrap::wrap(&point, &ephemeral, KEY_WRAP_CONTEXT, initial_key.as_bytes())?;
        keys.install_initial_key(&wrapped, initial_key_id)?;
        drop(keys);
        let mut book = Book::open(Box::new(disk.file(JOURNAL)), Some(Box::new(disk.file(INDEX))))?;
        book.record_enrolment(RecordEnrolment { profile: profile(id, house)? })?;
        drop(book);
        match mutant {
            Some(Mutant::JournalNotSynced) => disk.forget_to_sync(JOURNAL),
            Some(Mutant::KeysNotSynced) => disk.forget_to_sync(KEYS),
            _ => {}
        }
        Ok(Self {
            id,
            disk,
            field: Field::default(),
            line: NotedLine::default(),
            process: None,
            generation: 0,
            skew_ms: 0,
            booted_ms: 0,
            device_key,
            initial_key_id,
            sealing,
            draw,
            mutant,
        })
    }

    /// Starts the program. False when its keys cannot be read now.
    pub fn start(&mut self) -> bool {
        self.generation += 1;
        let sealing = Zeroizing::new(self.sealing);
        let Ok(keys) = KeyFile::in_file(Box::new(self.disk.file(KEYS)), sealing) else { return false };
        let _of_an_earlier_process = self.line.take();
        self.process = Some(Process::new(self.cells(Arc::new(keys)), MAILBOX_FRAMES_MAX, self.mutant));
        true
    }

    /// The process is gone, and what it had in memory with it; what was torn and lost is counted.
    pub fn end(&mut self, end: End, now_ms: u64, faults: &mut Faults) -> (u64, u64) {
        self.process = None;
        self.field.switch_off();
        if end == End::PowerLost {
            self.booted_ms = now_ms;
        }
        self.disk.restart(end, faults.draw())
    }

    /// Plans what goes wrong with one of the next calls to the disk.
    pub fn plan_mishap(&self, faults: &mut Faults) {
        let planned = [
            (Fault::KilledAtDiskCall, Mishap::Ends(End::Killed)),
            (Fault::PowerLostAtDiskCall, Mishap::Ends(End::PowerLost)),
            (Fault::DiskCallFailed, Mishap::Fails),
        ];
        for (fault, mishap) in planned {
            if !self.disk.has_plan() && faults.strikes(fault) {
                let calls = u32::try_from(faults.draw().below(12)).unwrap_or(0);
                self.disk.plan(calls, mishap);
            }
        }
    }

    fn cells(&mut self, keys: Arc<dyn KeyStore>) -> Vec<Box<dyn Cell>> {
        let disk = self.disk.clone();
        let file = move |name| -> DiskFile { disk.file(name) };
        let (till, pad, link) = (self.entropies(), self.entropies(), self.entropies());
        let (field, line) = (self.field.clone(), self.line.clone());
        let (kernel_keys, pad_keys) = (Arc::clone(&keys), Arc::clone(&keys));
        vec![
            cell(move || Till::new(till()).of_bank(Text::clipped(BANK_ADDRESS))),
            cell(move || NfcReader::new(Box::new(field.clone()))),
            cell(move || EmvKernel::new(Arc::clone(&kernel_keys))),
            cell(move || PinPad::new(Arc::clone(&pad_keys), pad(), Box::new(PlainMemory::new()))),
            cell(move || {
                HostLink::new(
                    Arc::clone(&keys),
                    link(),
                    Box::new(line.clone()),
                    device(),
                    Box::new(GoodDevice),
                )
            }),
            cell(move || {
                let file = file.clone();
                Ledger::new(Box::new(move || {
                    Ok(BookFiles { journal: Box::new(file(JOURNAL)), index: Some(Box::new(file(INDEX))) })
                }))
            }),
            cell(|| ReceiptSender),
        ]
    }

    /// A source of randomness for each life of an actor.
    fn entropies(&mut self) -> impl Fn() -> Box<dyn mpos_ports::Entropy> + use<> {
        let draw = Mutex::new(self.draw.fork());
        move || {
            let mut draw = draw.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            Box::new(DrawnEntropy(draw.fork()))
        }
    }
}

fn cell<A: Actor>(factory: impl Fn() -> A + 'static) -> Box<dyn Cell> {
    ActorCell::boxed(factory)
}

fn device() -> Device {
    Device {
        model: Text::clipped("simulated"),
        system: Text::clipped("simulated"),
        software: Text::clipped(env!("CARGO_PKG_VERSION")),
    }
}

fn profile(terminal: TerminalId, house: &House) -> Result<TerminalProfile, HouseError> {
    Ok(TerminalProfile {
        terminal,
        bank: Text::clipped("Simulated Bank"),
        merchant: Merchant { name: Text::clipped("Shop"), address: Text::clipped("Street") },
        currency: Currency::Eur,
        sale_max: Amount::from_minor(500_000).ok_or("an amount")?,
        // The line is no TLS: these are shown to nobody.
        certificates: List::try_from(vec![Bytes::new(&[0x30, 0])?])?,
        bank_signing_key: house.signing.public_point(),
        emv_settings: house.emv_settings.clone(),
    })
}
