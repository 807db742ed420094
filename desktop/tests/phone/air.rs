//! How long an exchange takes between a reader and a card at 106 kbit/s, the rate that every card speaks, and how long a
//! card thinks. A card that is paced by it answers when a real one would have.
//!
//! Frames and times of type A: ISO/IEC 14443-3 clauses 6.2 and 14443-4 clause 7 (I-blocks without CID and NAD, chained
//! where they are longer than 256 bytes, each part but the last one confirmed by an R-block).

use std::time::{Duration, Instant};

/// The field's frequency, and what a bit takes of it.
const CARRIER_HZ: u64 = 13_560_000;
const CYCLES_A_BIT: u64 = 128;
/// The least that each side waits before it speaks, in cycles: the frame delay time after a last bit of 0.
const DELAY_CYCLES: u64 = 1_172;
/// The largest frame of either side (FSC, FSD), of which PCB and CRC take three bytes.
const FRAME_BYTES: usize = 256;
const AROUND_BYTES: usize = 3;

/// What a quick card needs to answer, a choice of ours: a Mastercard's commands together take 180 ms then, a Visa's 64,
/// where a tap is said to take 300. A slower card makes our own share of the tap smaller.
pub(crate) const SIGNS: Duration = Duration::from_millis(100);
const COMPUTES: Duration = Duration::from_millis(40);
const READS: Duration = Duration::from_millis(8);

/// GENERATE AC and GET PROCESSING OPTIONS, by their INS.
pub(crate) const GENERATE_AC: u8 = 0xAE;
const GET_PROCESSING_OPTIONS: u8 = 0xA8;

/// One command and its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exchange {
    /// The card's own time.
    pub(crate) card: Duration,
    /// The time on air.
    pub(crate) air: Duration,
    /// What it took in fact, from the command's arrival to the answer's: both, and how late this machine woke.
    pub(crate) took: Duration,
}

impl Exchange {
    /// Waits for as long as card and air would have taken since `arrived`.
    pub(crate) fn paced(arrived: Instant, command: &[u8], answer: &[u8]) -> Self {
        let computed = arrived.elapsed();
        let (card, air) = (thinking(command).max(computed), on_air(command.len(), answer.len()));
        std::thread::sleep((arrived + card + air).saturating_duration_since(Instant::now()));
        Self { card, air, took: arrived.elapsed() }
    }
}

fn thinking(command: &[u8]) -> Duration {
    match command.get(1) {
        Some(&GENERATE_AC) => SIGNS,
        Some(&GET_PROCESSING_OPTIONS) => COMPUTES,
        _ => READS,
    }
}

/// Both ways, with the delays before each frame.
pub(crate) fn on_air(command: usize, answer: usize) -> Duration {
    let (there, back) = (frames(command), frames(answer));
    let cycles = [there, back].iter().map(|way| way.bits * CYCLES_A_BIT).sum::<u64>()
        + (there.count + back.count) * DELAY_CYCLES;
    Duration::from_nanos(cycles * 1_000_000_000 / CARRIER_HZ)
}

/// How many there are of both sides together, and how long.
#[derive(Clone, Copy)]
pub(crate) struct Frames {
    pub(crate) count: u64,
    bits: u64,
}

/// The frames for so many bytes, the other side's confirmations among them.
pub(crate) fn frames(bytes: usize) -> Frames {
    /// A start, nine bits a byte, an end.
    fn bits(bytes: usize) -> u64 {
        9 * u64::try_from(bytes).unwrap_or(u64::MAX) + 2
    }
    let most = FRAME_BYTES - AROUND_BYTES;
    let parts = bytes.div_ceil(most).max(1);
    let confirmed = parts - 1;
    let last = bytes - confirmed * most;
    let whole = u64::try_from(confirmed).unwrap_or(u64::MAX);
    Frames {
        count: 1 + 2 * whole,
        bits: bits(last + AROUND_BYTES) + whole * (bits(FRAME_BYTES) + bits(AROUND_BYTES)),
    }
}
