//! A frame's round trip between two actors of ours, against actix's own typed messages between two actix actors:
//! the same messages, on the same thread, in the same run. Prints medians and ratios.
//!
//! The reference is actix's `Addr::send` of the typed message, answered by its result. Beside it stands the cheapest
//! that actix can do: two actors that `try_send` to each other, which is what our adapter does underneath.

#![allow(
    clippy::disallowed_methods,
    clippy::type_complexity,
    reason = "a benchmark measures time, of named sides"
)]

use mpos_ports::{Clock, Shell};
use mpos_protocol::{
    Amount, Bytes,
    card::{
        ResponseApdu,
        messages::{CardAnswered, CardPresent, TagArrived, TransmitApdu},
    },
    inbox,
    pin::{
        PinFault,
        messages::{AskPin, PinAbandoned, PinFailed},
    },
};
use mpos_runtime::{Actor, ActorId, DeliveryFault, Flow, Moment, Outbox, Recorder, Runtime, actor};
use std::{
    marker::PhantomData,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

const ROUND_TRIPS: u32 = 100_000;
const RUNS: usize = 15;
const AMOUNT: Amount = Amount::from_minor(123).expect("is an amount");
/// A GET PROCESSING OPTIONS with a short PDOL.
const COMMAND: [u8; 24] = [0x80; 24];
/// A card's answer of the usual length.
const ANSWER: [u8; 96] = [0x70; 96];

fn main() {
    let mut sides: Vec<(&str, Box<dyn Fn() -> Duration>)> = vec![
        ("actix, typed send", Box::new(typed_send)),
        ("actix, typed try_send both ways", Box::new(typed_ping_pong)),
        ("ours", Box::new(|| small(None))),
        ("ours, recorded", Box::new(|| small(Some(Recorder::new())))),
        ("ours, APDU and answer", Box::new(|| apdus(None))),
        ("ours, APDU and answer, recorded", Box::new(|| apdus(Some(Recorder::new())))),
    ];
    // A word on the command line picks the sides whose name holds it (for a profiler).
    if let Some(word) = std::env::args().skip(1).find(|word| !word.starts_with('-')) {
        sides.retain(|(name, _)| name.contains(&word));
    }
    let mut times = vec![Vec::new(); sides.len()];
    for _ in 0..RUNS {
        for ((_, side), times) in sides.iter_mut().zip(&mut times) {
            times.push(side());
        }
    }
    let medians: Vec<f64> = times
        .into_iter()
        .map(|mut times| {
            times.sort();
            times[RUNS / 2].as_secs_f64() * 1e9 / f64::from(ROUND_TRIPS)
        })
        .collect();
    for ((name, _), median) in sides.iter().zip(&medians) {
        println!("{name:40} {median:7.0} ns   {:5.2} x typed send", median / medians[0]);
    }
}

/// Time that this thread has spent on a processor: neither side ever sleeps in a rally, and what else the machine
/// does is then nobody's cost. Where the system does not tell, wall time.
#[derive(Clone, Copy)]
enum Stopwatch {
    Cpu(u64),
    Wall(Instant),
}

impl Stopwatch {
    fn start() -> Self {
        Self::cpu_ns().map_or_else(|| Self::Wall(Instant::now()), Self::Cpu)
    }

    /// Linux: nanoseconds on a processor, the first number of the thread's `schedstat`.
    fn cpu_ns() -> Option<u64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok()
    }

    fn elapsed(self) -> Duration {
        match self {
            Self::Cpu(start) => Duration::from_nanos(Self::cpu_ns().unwrap_or(start) - start),
            Self::Wall(start) => start.elapsed(),
        }
    }
}

/// The time of all round trips, as the side measures it.
type Done = mpsc::Sender<Duration>;

struct Rally {
    left: u32,
    since: Stopwatch,
    done: Done,
}

impl Rally {
    fn new(done: Done) -> Self {
        Self { left: ROUND_TRIPS, since: Stopwatch::start(), done }
    }

    /// Whether to go on.
    fn returned(&mut self) -> bool {
        if self.left == ROUND_TRIPS {
            self.since = Stopwatch::start();
        }
        if self.left == 0 {
            self.done.send(self.since.elapsed()).expect("the benchmark waits");
            return false;
        }
        self.left -= 1;
        true
    }
}

// Ours.

/// Who keeps a rally going.
struct Server<Name> {
    rally: Rally,
    name: PhantomData<Name>,
}

impl<Name> Server<Name> {
    fn new(done: Done) -> Self {
        Self { rally: Rally::new(done), name: PhantomData }
    }
}

/// Who answers.
struct PinReturner;
struct CardReturner;

/// An actor whose step over any message is `$send`.
macro_rules! player {
    ($actor:ty, $name:ident, |$self:ident, $message:ident, $outbox:ident| $send:expr) => {
        impl Actor for $actor {
            type Name = actor::$name;

            fn handle(
                &mut $self,
                _: Moment,
                _: Flow,
                $message: inbox::$name,
                $outbox: &mut Outbox<actor::$name>,
            ) {
                $send
            }

            fn undelivered(
                &mut self,
                _: Moment,
                _: Flow,
                to: ActorId,
                _: &'static str,
                cause: DeliveryFault,
                _: &mut Outbox<actor::$name>,
            ) {
                panic!("{to:?}: {cause:?}");
            }
        }
    };
}

player!(Server<actor::Till>, Till, |self, _message, outbox| {
    if self.rally.returned() {
        outbox.send(AskPin { amount: AMOUNT, format: Default::default() });
    }
});
player!(PinReturner, PinPad, |self, _message, outbox| outbox.send(PinFailed { fault: PinFault::Cancelled }));

player!(Server<actor::EmvKernel>, EmvKernel, |self, _message, outbox| {
    if self.rally.returned() {
        outbox.send(TransmitApdu { command: Bytes::new(&COMMAND).expect("fits") });
    }
});
player!(CardReturner, NfcReader, |self, message, outbox| match message {
    inbox::NfcReader::TransmitApdu(_) => {
        outbox.send(CardAnswered { response: ResponseApdu::new(&ANSWER).expect("fits") });
    }
    _ => outbox.send(CardPresent),
});

/// A clock that is read as a real one is: once the monotonic one, once the wall's.
struct BenchClock(Instant);

impl Clock for BenchClock {
    fn now(&self) -> Moment {
        let unix = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Moment { unix_ms: ms(unix), utc_offset_s: 0, uptime_ms: ms(self.0.elapsed()) }
    }
}

struct NoShell;

impl Shell for NoShell {
    fn receive(&mut self, _: &[u8]) {}
}

/// A small message between two actors of the main thread.
fn small(recorder: Option<Recorder>) -> Duration {
    let (done, finished) = mpsc::channel();
    let running = runtime(recorder)
        .spawn(move || Server::<actor::Till>::new(done.clone()))
        .spawn(|| PinReturner)
        .start()
        .expect("starts");
    running.inlet::<actor::Shell>().send(PinAbandoned).expect("delivered");
    finished.recv().expect("the rally ends")
}

/// A command and a card's answer, which is a secret row, between the two actors of the card's thread.
fn apdus(recorder: Option<Recorder>) -> Duration {
    let (done, finished) = mpsc::channel();
    let running = runtime(recorder)
        .spawn(move || Server::<actor::EmvKernel>::new(done.clone()))
        .spawn(|| CardReturner)
        .start()
        .expect("starts");
    running.inlet::<actor::Shell>().send(TagArrived).expect("delivered");
    finished.recv().expect("the rally ends")
}

fn runtime(recorder: Option<Recorder>) -> Runtime {
    Runtime::new(Arc::new(BenchClock(Instant::now())), Box::new(NoShell), recorder)
}

// actix's own.

struct TypedAsk(#[expect(dead_code, reason = "carried as ours is")] AskPin);

impl actix::Message for TypedAsk {
    type Result = bool;
}

struct Answerer;

impl actix::Actor for Answerer {
    type Context = actix::Context<Self>;
}

impl actix::Handler<TypedAsk> for Answerer {
    type Result = bool;
    fn handle(&mut self, _: TypedAsk, _: &mut Self::Context) -> bool {
        true
    }
}

fn typed_send() -> Duration {
    use actix::Actor as _;
    actix::System::new().block_on(async {
        let answerer = Answerer.start();
        let begin = Stopwatch::start();
        for _ in 0..=ROUND_TRIPS {
            assert!(
                answerer
                    .send(TypedAsk(AskPin { amount: AMOUNT, format: Default::default() }))
                    .await
                    .expect("answered")
            );
        }
        begin.elapsed()
    })
}

struct Ping(#[expect(dead_code, reason = "carried as ours is")] AskPin);
struct Pong(#[expect(dead_code, reason = "carried as ours is")] PinFailed);

impl actix::Message for Ping {
    type Result = ();
}

impl actix::Message for Pong {
    type Result = ();
}

struct TypedKernel {
    rally: Rally,
    reader: Option<actix::Recipient<Ping>>,
}

struct TypedReader {
    kernel: actix::Recipient<Pong>,
}

impl actix::Actor for TypedKernel {
    type Context = actix::Context<Self>;
}

impl actix::Actor for TypedReader {
    type Context = actix::Context<Self>;
}

struct Meet(actix::Recipient<Ping>);

impl actix::Message for Meet {
    type Result = ();
}

impl actix::Handler<Meet> for TypedKernel {
    type Result = ();
    fn handle(&mut self, Meet(reader): Meet, _: &mut Self::Context) {
        assert!(reader.try_send(Ping(AskPin { amount: AMOUNT, format: Default::default() })).is_ok());
        self.reader = Some(reader);
    }
}

impl actix::Handler<Pong> for TypedKernel {
    type Result = ();
    fn handle(&mut self, _: Pong, _: &mut Self::Context) {
        if self.rally.returned() {
            let ping = Ping(AskPin { amount: AMOUNT, format: Default::default() });
            assert!(self.reader.as_ref().is_some_and(|reader| reader.try_send(ping).is_ok()));
        }
    }
}

impl actix::Handler<Ping> for TypedReader {
    type Result = ();
    fn handle(&mut self, _: Ping, _: &mut Self::Context) {
        assert!(self.kernel.try_send(Pong(PinFailed { fault: PinFault::Cancelled })).is_ok());
    }
}

fn typed_ping_pong() -> Duration {
    use actix::Actor as _;
    let (done, finished) = mpsc::channel();
    let runner = actix::System::new();
    runner.block_on(async move {
        let kernel = TypedKernel { rally: Rally::new(done), reader: None }.start();
        let reader = TypedReader { kernel: kernel.clone().recipient() }.start();
        kernel.try_send(Meet(reader.recipient())).expect("delivered");
        loop {
            if let Ok(time) = finished.try_recv() {
                return time;
            }
            actix::clock::sleep(Duration::from_millis(1)).await;
        }
    })
}
