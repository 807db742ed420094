//! A frame's round trip between two actors of ours, against actix's own typed messages between two actix actors:
//! the same messages, on the same thread, in the same run. Prints medians and ratios.
//!
//! The reference is actix's `Addr::send` of the typed message, answered by its result. Beside it stands the cheapest
//! that actix can do: two actors that `try_send` to each other, which is what our adapter does underneath.

use mpos_ports::{Clock, Shell};
use mpos_protocol::card::{
    ResponseApdu,
    messages::{CardAnswered, CardPresent, StartPolling, TagArrived, TransmitApdu},
};
use mpos_protocol::{Bytes, inbox};
use mpos_runtime::{
    Actor, ActorId, DeliveryFault, Flow, Moment, Outbox, Recorder, Runtime, actor,
};
use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

const ROUND_TRIPS: u32 = 50_000;
const RUNS: usize = 15;
/// A GET PROCESSING OPTIONS with a short PDOL.
const COMMAND: [u8; 24] = [0x80; 24];
/// A card's answer of the usual length.
const ANSWER: [u8; 96] = [0x70; 96];

fn main() {
    let mut sides: Vec<(&str, Box<dyn Fn() -> Duration>)> = vec![
        ("actix, typed send", Box::new(typed_send)),
        ("actix, typed try_send both ways", Box::new(typed_ping_pong)),
        ("ours", Box::new(|| ours(None, false))),
        ("ours, recorded", Box::new(|| ours(Some(Recorder::new()), false))),
        ("ours, APDU and masked answer, recorded", Box::new(|| ours(Some(Recorder::new()), true))),
    ];
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

/// The time of all round trips, as the side measures it.
type Done = mpsc::Sender<Duration>;

struct Rally {
    left: u32,
    since: Instant,
    done: Done,
}

impl Rally {
    fn new(done: Done) -> Self {
        Self { left: ROUND_TRIPS, since: Instant::now(), done }
    }

    /// Whether to go on.
    fn returned(&mut self) -> bool {
        if self.left == ROUND_TRIPS {
            self.since = Instant::now();
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

struct Kernel {
    rally: Rally,
    apdus: bool,
}

impl Actor for Kernel {
    type Name = actor::EmvKernel;

    fn handle(&mut self, _: Moment, _: Flow, _: inbox::EmvKernel, outbox: &mut Outbox<actor::EmvKernel>) {
        if self.rally.returned() {
            if self.apdus {
                outbox.send(TransmitApdu { command: Bytes::new(&COMMAND).expect("fits") });
            } else {
                outbox.send(StartPolling { wait_ms: self.rally.left });
            }
        }
    }

    fn undelivered(
        &mut self,
        _: Moment,
        _: Flow,
        to: ActorId,
        _: &'static str,
        cause: DeliveryFault,
        _: &mut Outbox<actor::EmvKernel>,
    ) {
        panic!("{to:?}: {cause:?}");
    }
}

struct Reader;

impl Actor for Reader {
    type Name = actor::NfcReader;

    fn handle(
        &mut self,
        _: Moment,
        _: Flow,
        message: inbox::NfcReader,
        outbox: &mut Outbox<actor::NfcReader>,
    ) {
        match message {
            inbox::NfcReader::TransmitApdu(_) => {
                outbox.send(CardAnswered { response: ResponseApdu::new(&ANSWER).expect("fits") });
            }
            _ => outbox.send(CardPresent),
        }
    }

    fn undelivered(
        &mut self,
        _: Moment,
        _: Flow,
        to: ActorId,
        _: &'static str,
        cause: DeliveryFault,
        _: &mut Outbox<actor::NfcReader>,
    ) {
        panic!("{to:?}: {cause:?}");
    }
}

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

fn ours(recorder: Option<Recorder>, apdus: bool) -> Duration {
    let (done, finished) = mpsc::channel();
    let runtime = Runtime::new(Arc::new(BenchClock(Instant::now())), Box::new(NoShell), recorder);
    let running = runtime
        .spawn(move || Kernel { rally: Rally::new(done.clone()), apdus })
        .spawn(|| Reader)
        .start()
        .expect("starts");
    running.inlet::<actor::Shell>().send(TagArrived).expect("delivered");
    let time = finished.recv().expect("the rally ends");
    running.stop().expect("stops");
    time
}

// actix's own.

struct TypedPolling(#[expect(dead_code, reason = "carried as ours is")] StartPolling);

impl actix::Message for TypedPolling {
    type Result = bool;
}

struct Answerer;

impl actix::Actor for Answerer {
    type Context = actix::Context<Self>;
}

impl actix::Handler<TypedPolling> for Answerer {
    type Result = bool;
    fn handle(&mut self, _: TypedPolling, _: &mut Self::Context) -> bool {
        true
    }
}

fn typed_send() -> Duration {
    use actix::Actor as _;
    actix::System::new().block_on(async {
        let answerer = Answerer.start();
        let begin = Instant::now();
        for left in 0..=ROUND_TRIPS {
            assert!(answerer.send(TypedPolling(StartPolling { wait_ms: left })).await.expect("answered"));
        }
        begin.elapsed()
    })
}

struct Ping(#[expect(dead_code, reason = "carried as ours is")] StartPolling);
struct Pong(#[expect(dead_code, reason = "carried as ours is")] CardPresent);

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
        assert!(reader.try_send(Ping(StartPolling { wait_ms: 0 })).is_ok());
        self.reader = Some(reader);
    }
}

impl actix::Handler<Pong> for TypedKernel {
    type Result = ();
    fn handle(&mut self, _: Pong, _: &mut Self::Context) {
        if self.rally.returned() {
            let ping = Ping(StartPolling { wait_ms: self.rally.left });
            assert!(self.reader.as_ref().is_some_and(|reader| reader.try_send(ping).is_ok()));
        }
    }
}

impl actix::Handler<Ping> for TypedReader {
    type Result = ();
    fn handle(&mut self, _: Ping, _: &mut Self::Context) {
        assert!(self.kernel.try_send(Pong(CardPresent)).is_ok());
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
