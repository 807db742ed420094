//! Everything that the demo holds: the bank, the phones of one business, and one hand with a card.

use super::{
    customer::{CustomersPhone, Message},
    face::{Pages, system_language},
    table::{Table, Wish},
};
use crate::{
    arguments::Demo, bank::Bank, cards_command, data_folder::DataFolder, error::ProgramError, terminal,
    virtual_field::VirtualField,
};
use axum::body::Bytes;
use mpos_protocol::screen::ScreenEvent;
use mpos_std::clock::SystemClock;
use mpos_terminal::{Bare, Ended, Session, language};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{oneshot, watch};

/// The shop.
pub(super) struct Shop {
    bank: Arc<Bank>,
    phones: Vec<Phone>,
    messages: watch::Receiver<Vec<Message>>,
    /// There is one of each card, and one hand.
    hand: Mutex<()>,
}

/// A phone, as its pages reach it.
pub(super) struct Phone {
    number: u8,
    shown: watch::Receiver<Bytes>,
    table: watch::Sender<Table>,
    session: Session<VirtualField>,
}

impl Shop {
    /// Opens the bank and starts the phones.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(super) fn open(folder: &DataFolder, demo: &Demo) -> Result<Self, ProgramError> {
        let (received, messages) = watch::channel(Vec::new());
        let gateway = Arc::new(CustomersPhone(received));
        let bank = Arc::new(Bank::open_with(folder, &demo.bank, gateway)?);
        let opened: Result<Vec<_>, _> =
            (1..=demo.phones).map(|number| Phone::start(folder, &bank, number, demo.phones)).collect();
        Ok(Self { phones: opened?, bank, messages, hand: Mutex::default() })
    }

    /// One of the phones, from 1.
    pub(super) fn phone(&self, number: u8) -> Option<&Phone> {
        self.phones.get(usize::from(number).checked_sub(1)?)
    }

    /// What the customer's phone received.
    pub(super) fn messages(&self) -> watch::Receiver<Vec<Message>> {
        self.messages.clone()
    }

    /// Does what a user does at a phone's table. Blocks while a card is made the first time.
    pub(super) fn grant(&self, phone: &Phone, wish: &Wish) {
        let _hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        for phone in &self.phones {
            phone.session.field().take_away();
        }
        let granted = match wish {
            Wish::Tap(card) => self.tap(phone, card),
            Wish::TakeAway => Ok(()),
        };
        let problem = granted.err().map(|error| error.to_string());
        phone
            .table
            .send_if_modified(|table| std::mem::replace(&mut table.problem, problem.clone()) != problem);
    }

    fn tap(&self, phone: &Phone, card: &str) -> Result<(), ProgramError> {
        let choice = cards_command::find(card)?;
        let made = self.bank.personalise(&choice)?;
        // First shown, then held: a quick reader may let go of it at once.
        phone.table.send_modify(|table| table.held = Some(card.to_owned()));
        let table = phone.table.clone();
        phone.session.field().present(made, move || table.send_modify(|table| table.held = None));
        Ok(())
    }

    /// Ends the phones, then the bank.
    pub(super) fn close(&self) {
        for phone in &self.phones {
            phone.session.stop();
        }
    }
}

impl Phone {
    fn start(folder: &DataFolder, bank: &Arc<Bank>, number: u8, phones: u8) -> Result<Self, ProgramError> {
        let (shown_in, shown) = watch::channel(Bytes::new());
        let (table, _) = watch::channel(Table::new(number, phones));
        let folder = folder.numbered_terminal(number)?;
        let language = language::kept(&folder, &system_language());
        let ports = terminal::ports(folder.clone(), &bank.contact()?, Arc::new(SystemClock::new()))?;
        let pages =
            Pages { phone: number, folder, bank: Arc::clone(bank), shown: shown_in, table: table.clone() };
        let session = Session::start(ports, VirtualField::new, &Bare, language, |_hand| Box::new(pages))?;
        Ok(Self { number, shown, table, session })
    }

    /// Which one, from 1.
    pub(super) fn number(&self) -> u8 {
        self.number
    }

    /// The frames of what is to be seen.
    pub(super) fn shown(&self) -> watch::Receiver<Bytes> {
        self.shown.clone()
    }

    /// What lies around it.
    pub(super) fn table(&self) -> watch::Receiver<Table> {
        self.table.subscribe()
    }

    /// Says what was done on a page, and waits until it is seen to: no page can have more under way.
    ///
    /// # Errors
    /// [`Ended`].
    pub(super) async fn act(&self, event: ScreenEvent) -> Result<(), Ended> {
        let (seen_to, wait) = oneshot::channel();
        // A page that was closed does not wait any more.
        let seen_to = Box::new(move || {
            let _waited_for = seen_to.send(());
        });
        self.session.hand().act_then(event, seen_to)?;
        wait.await.map_err(|_| Ended)
    }
}
