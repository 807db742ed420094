//! The wish that a program end: Ctrl-C, or a supervisor's SIGTERM. What runs until then stops itself.

use std::io;

/// Waits for it.
///
/// # Errors
/// When the system lets nobody listen.
pub(crate) fn wait() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(interrupted())
}

/// The same among other things that are waited for.
///
/// # Errors
/// When the system lets nobody listen.
pub(crate) async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ended = ended.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
