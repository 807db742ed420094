//! `mpos demo`: the merchant's phone in a browser. Bank host, terminals and virtual cards run in this process with
//! the same actors, kernel and books as `mpos pay`; a page shows each terminal's screen and a table around it.
//!
//! ```text
//! browser ◄─ frames of screens ── server ◄── session ──► terminal's actors ◄─ mutual TLS ─► bank host
//!         ── frames of events ──►        ──► (mpos-terminal)                   ▲
//!         ◄─ JSON ── the table: cards, e-mail, messages, files ────────────────┘ virtual field
//! ```
//!
//! [`server`] serves the page, [`guard`] keeps other sites from it, [`socket`] is one page's line, [`face`] is what
//! one phone does with its screens, [`table`] and [`customer`] are what lies around it, [`shop`] holds all of it together.

mod customer;
mod face;
mod guard;
mod pages;
mod saving;
mod server;
mod shop;
mod socket;
mod table;

use crate::{
    arguments::Demo, data_folder::DataFolder, error::ProgramError, exit::Exit, interrupt::interrupted,
};
use shop::Shop;
use std::{
    io::{self, ErrorKind, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

/// Runs the command.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, demo: &Demo) -> Result<Exit, ProgramError> {
    let listener = listen(demo.listen, demo.allow_remote)?;
    let address = listener.local_addr().map_err(ProgramError::Serve)?;
    let folder = DataFolder::open(data)?;
    let shop = Arc::new(Shop::open(&folder, demo)?);
    announce(address).map_err(ProgramError::Output)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(server::BLOCKING_THREADS_MAX)
        .build()
        .map_err(ProgramError::Serve)?;
    let served = runtime.block_on(server::serve(listener, Arc::clone(&shop), interrupted()));
    eprintln!("Stopping");
    // A page's last wish may still be under way on a thread of the runtime.
    drop(runtime);
    shop.close();
    served.map_err(ProgramError::Serve)?;
    Ok(Exit::Done)
}

/// Takes the page's place, before anything else is made: bad input changes nothing.
fn listen(address: SocketAddr, allow_remote: bool) -> Result<TcpListener, ProgramError> {
    if !allow_remote && !address.ip().is_loopback() {
        return Err(ProgramError::NotLoopback { address });
    }
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ProgramError::AddressTaken { address },
        _ => ProgramError::Listen { address, source },
    })?;
    listener.set_nonblocking(true).map_err(|source| ProgramError::Listen { address, source })?;
    Ok(listener)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "The phone is at http://{address}")?;
    out.flush()?;
    eprintln!("Interrupt this program to stop it");
    Ok(())
}
