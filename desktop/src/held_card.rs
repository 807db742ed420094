//! `mpos cards --hold`: a virtual card for a reader that is another program, such as the Android application in its tests.
//!
//! Each connection is a tap: commands come in and answers go out, each after its length in two bytes, until the reader
//! hangs up. A card is no secret of ours, but only this machine reaches it. It ends when it is interrupted.

use crate::{data_folder::DataFolder, development_bank::DevelopmentBank, error::ProgramError, exit::Exit};
use mpos_cards::{FieldLoss, VirtualCard};
use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

/// The longest command (ISO 7816-4, extended length is not used over contactless here) and then some.
const COMMAND_BYTES_MAX: u16 = 512;
/// A reader that says nothing for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Holds the card out until the process ends.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, card: &str, port: u16) -> Result<Exit, ProgramError> {
    let choice = crate::cards_command::find(card)?;
    let bank = DevelopmentBank::open(&DataFolder::open(data)?)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(ProgramError::Output)?;
    {
        let mut out = io::stdout().lock();
        let address = listener.local_addr().map_err(ProgramError::Output)?;
        writeln!(out, "The card is held out at {address}").map_err(ProgramError::Output)?;
        out.flush().map_err(ProgramError::Output)?;
    }
    loop {
        let (reader, _from) = listener.accept().map_err(ProgramError::Output)?;
        // Anew for each tap, with the counters that it had when it was last used: other programs tap it too.
        let mut card = bank.personalise(&choice)?;
        card.tap();
        // A reader that is gone took the card's field with it, no more.
        if let Err(error) = serve(reader, &mut card) {
            tracing::debug!(%error, "the reader hung up");
        }
    }
}

fn serve(mut reader: TcpStream, card: &mut VirtualCard) -> io::Result<()> {
    reader.set_read_timeout(Some(SILENCE_MAX))?;
    reader.set_nodelay(true)?;
    loop {
        let mut length = [0; 2];
        reader.read_exact(&mut length)?;
        let length = u16::from_be_bytes(length);
        if length > COMMAND_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut command = vec![0; usize::from(length)];
        reader.read_exact(&mut command)?;
        thread::sleep(card.response_time());
        match card.transmit(&command) {
            Ok(answer) => {
                let length = u16::try_from(answer.len()).map_err(|_| io::ErrorKind::InvalidData)?;
                reader.write_all(&[&length.to_be_bytes(), answer.as_slice()].concat())?;
            }
            // It was taken away.
            Err(FieldLoss::Left) => return Ok(()),
            Err(FieldLoss::Silent) => thread::sleep(SILENCE_MAX),
        }
    }
}
