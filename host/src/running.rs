//! Starting and stopping a host: a thread of its own with a runtime of its own, so that whoever starts it need not
//! have one, and may.

use crate::{
    admin::{
        AdminDesk,
        standing::{Judge, Standings},
    },
    config::HostConfig,
    draws::{BankDraws, References},
    enrolment::Enrolments,
    error::{BooksError, HostError},
    listener::{House, listen},
    presence::Presence,
    sms::Postman,
    store::{Store, enrolments, sqlite::SqliteBooks},
    terminal_link::TerminalDesk,
    tls::Lines,
    writer::Writer,
};
use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    runtime,
    sync::{Notify, watch},
};

/// How often the revocations are looked at: one row, a few microseconds.
const REVOCATIONS_LOOK: Duration = Duration::from_secs(1);

/// The bank host.
#[derive(Debug)]
pub struct Host;

/// A host that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct RunningHost {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Starts a host; it listens when this returns. Blocks while the books are opened.
    ///
    /// # Errors
    /// [`HostError`]: what is wrong, where, and what to do.
    pub fn start(config: HostConfig) -> Result<RunningHost, HostError> {
        let (stop, stopped) = watch::channel(false);
        let (started, start) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("mpos-host".to_owned())
            .spawn(move || run(&config, &started, stopped))
            .map_err(HostError::Threads)?;
        match start.recv() {
            Ok(address) => Ok(RunningHost { address: address?, stop, thread: Some(thread) }),
            Err(_) => Err(HostError::Threads(std::io::ErrorKind::Other.into())),
        }
    }
}

impl RunningHost {
    /// Takes no more connections, finishes what is under way, and ends with the books closed.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for RunningHost {
    fn drop(&mut self) {
        self.end();
    }
}

type Started = mpsc::SyncSender<Result<SocketAddr, HostError>>;

fn run(config: &HostConfig, started: &Started, stopped: watch::Receiver<bool>) {
    let runtime = runtime::Builder::new_multi_thread()
        .thread_name("mpos-host")
        .max_blocking_threads(config.limits.verifier_threads.max(1))
        .enable_all()
        .build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(config, started, stopped)),
        Err(error) => Err(HostError::Threads(error)),
    };
    if let Err(error) = served
        && let Err(mpsc::SendError(Err(error))) = started.send(Err(error))
    {
        // It had started: nobody waits any more.
        tracing::error!(%error, "the bank host did not end well");
    }
}

async fn serve(
    config: &HostConfig,
    started: &Started,
    stopped: watch::Receiver<bool>,
) -> Result<(), HostError> {
    let store = Store::open(&config.data).await?;
    let books = SqliteBooks::open(store.clone()).await.map_err(books_error)?;
    let references = References::new(&enrolments::secret(&store, "references").await.map_err(books_error)?);
    let (queue, waiting) = tokio::sync::mpsc::channel(config.limits.queue_messages_max.max(1));
    let writer = Writer {
        books,
        rules: config.rules,
        signing: Arc::clone(&config.bank.signing) as _,
        draws: BankDraws::new(references.clone()),
        batch_max: config.limits.batch_messages_max.max(1),
    };
    let queued = Arc::new(Notify::new());
    let postman = Postman {
        store: store.clone(),
        clock: Arc::clone(&config.clock),
        gateway: Arc::clone(&config.sms_gateway),
        queued: Arc::clone(&queued),
    };
    let judge = Judge::new(config)?;
    let revocations = enrolments::revocations(&store).await?;
    let house = Arc::new(House {
        lines: Lines::new(
            config.bank.clone(),
            Arc::clone(&config.clock),
            &enrolments::revoked(&store).await?,
        )?,
        limits: config.limits.clone(),
        enrolments: Enrolments::new(store.clone(), config, judge.clone()).await.map_err(books_error)?,
        terminals: TerminalDesk {
            store: store.clone(),
            bank: config.bank.clone(),
            clock: Arc::clone(&config.clock),
            queue,
            presence: Presence::new(config.limits.lines_per_terminal_max),
            admin: AdminDesk::new(
                &store,
                config,
                &references,
                Arc::clone(&queued),
                Standings::new(&store, config, judge.clone()).await.map_err(books_error)?,
            ),
        },
    });
    let refused = |source| HostError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    tracing::info!(%address, "the bank host listens");
    let _ = started.send(Ok(address));

    let writing = tokio::spawn(writer.run(waiting));
    let looking = tokio::spawn(look_at_revocations(Arc::clone(&house), store.clone(), revocations));
    let delivering = tokio::spawn(postman.run(stopped.clone()));
    listen(listener, house, stopped).await;
    // The connections are gone, and with the last holder of the queue the writer ends.
    looking.abort();
    let _ = looking.await;
    let _ = delivering.await;
    if let Ok(books) = writing.await {
        books.close().await.map_err(books_error)?;
    }
    store.close().await;
    tracing::info!("the bank host has stopped");
    Ok(())
}

/// Makes the revocation list anew when it has changed, whichever process changed it.
async fn look_at_revocations(house: Arc<House>, store: Store, mut seen: i64) {
    let mut look = tokio::time::interval(REVOCATIONS_LOOK);
    loop {
        look.tick().await;
        match refresh(&house, &store, seen).await {
            Ok(now) => seen = now,
            Err(error) => tracing::error!(%error, "the revocation list could not be made"),
        }
    }
}

async fn refresh(house: &House, store: &Store, seen: i64) -> Result<i64, HostError> {
    let now = enrolments::revocations(store).await?;
    if now != seen {
        let revoked = enrolments::revoked(store).await?;
        house.lines.revoke(&revoked)?;
        tracing::info!(certificates = revoked.len(), "the revocation list is new");
    }
    Ok(now)
}

fn books_error(error: BooksError) -> HostError {
    match error {
        BooksError::Store(error) => error,
        error => HostError::Books(Box::new(error)),
    }
}
