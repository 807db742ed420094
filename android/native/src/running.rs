//! The one terminal of this process: started by the first `start`, ended by `stop`. Android makes and destroys
//! activities as it likes; the terminal lives on between them.

use crate::{
    bank_file, device::Phone, error::NativeError, face::Shell, field::PhoneField, keys::PhoneKeys,
    watch::PhoneWatch,
};
use jni::{objects::JObject, refs::Global};
use mpos_protocol::{
    admin::Language,
    screen::{Act, ScreenEvent},
};
use mpos_std::clock::SystemClock;
use mpos_terminal::{Bare, Ports, Session, language};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

static TERMINAL: Mutex<Option<Running>> = Mutex::new(None);

struct Running {
    session: Arc<Session<PhoneField>>,
    shell: Shell,
}

/// What Java tells at the start.
pub(crate) struct Start {
    /// Where files are.
    pub(crate) folder: PathBuf,
    /// The bank file's content.
    pub(crate) bank: Vec<u8>,
    /// The system's language.
    pub(crate) language: String,
    /// The phone.
    pub(crate) phone: Phone,
}

/// Starts the terminal, or has the one that runs show its screen to this shell.
///
/// # Errors
/// [`NativeError`]; then none runs.
pub(crate) fn start(shell: Global<JObject<'static>>, given: Start) -> Result<(), NativeError> {
    let mut terminal = terminal();
    if let Some(running) = &*terminal {
        running.shell.replace(shell);
        running.session.field().tell_shell();
        return Ok(running.session.hand().act(ScreenEvent { screen: 0, act: Act::ShellReady })?);
    }
    let language = language::kept(&given.folder, &given.language);
    let running = begin(shell, given, language).map_err(|fault| {
        tracing::error!(%fault, "the terminal does not start");
        fault.said_in(language)
    })?;
    *terminal = Some(running);
    Ok(())
}

fn begin(shell: Global<JObject<'static>>, given: Start, language: Language) -> Result<Running, NativeError> {
    let bank = bank_file::read(&given.bank)?;
    let keys = Arc::new(PhoneKeys::open(&given.folder)?);
    let shell = Shell::new(shell);
    let ports = Ports {
        clock: Arc::new(SystemClock::new()),
        keys,
        device: given.phone.device.clone(),
        watch: PhoneWatch::new(given.phone),
        folder: given.folder,
        bank,
    };
    let field = |reader| PhoneField::new(shell.clone(), reader);
    let session = Session::start(ports, field, &Bare, language, |_hand| Box::new(shell.clone()))?;
    Ok(Running { session: Arc::new(session), shell })
}

/// The session that runs.
///
/// # Errors
/// [`NativeError::NotRunning`].
pub(crate) fn session() -> Result<Arc<Session<PhoneField>>, NativeError> {
    terminal().as_ref().map(|running| Arc::clone(&running.session)).ok_or(NativeError::NotRunning)
}

/// Ends the terminal, if one runs. Its threads are gone when this returns.
pub(crate) fn stop() {
    let running = terminal().take();
    if let Some(running) = running {
        running.session.stop();
    }
}

fn terminal() -> MutexGuard<'static, Option<Running>> {
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}
