//! What one call of the machine brings about.

pub use crate::history::{Export, ExportFormat};

use mpos_protocol::{
    admin::Language,
    link::NetworkChanged,
    pin::messages::{ArrangePinPad, PinAbandoned, PinPadExposed, PinPadTouched},
    screen::Screen,
    shell::{Activate, AskBank, BeginPurchase, BeginRefund, CancelFlow},
};

/// What is to be done, in this order: send the messages, draw the screen, grant the wish.
#[derive(Debug, Default)]
pub struct Effects {
    /// For the terminal, in order; rarely more than one.
    pub messages: Vec<ToTerminal>,
    /// What is to be seen, if it is not what was seen before.
    pub screen: Option<Screen>,
    /// For the program.
    pub wish: Option<Wish>,
}

/// What a shell with a screen sends: rows `from [Shell]` of the table, and what it alone can tell of the networks.
/// `OpenTerminal` and `TagArrived` are the program's own.
#[derive(Debug, PartialEq)]
pub enum ToTerminal {
    /// To the till: the activation code.
    Activate(Activate),
    /// To the till: take this amount.
    BeginPurchase(BeginPurchase),
    /// To the till: give this back.
    BeginRefund(BeginRefund),
    /// To the till: Cancel was pressed.
    CancelFlow(CancelFlow),
    /// To the till: a question to the bank.
    AskBank(AskBank),
    /// To the PIN pad: where it was touched.
    PinPadTouched(PinPadTouched),
    /// To the PIN pad: the order of digits that the customer wants.
    ArrangePinPad(ArrangePinPad),
    /// To the PIN pad: who else sees it.
    PinPadExposed(PinPadExposed),
    /// To the PIN pad: the customer typed none.
    PinAbandoned(PinAbandoned),
    /// To the link: another network, or none.
    NetworkChanged(NetworkChanged),
}

/// What the program is to do outside of the terminal.
#[derive(Debug, PartialEq)]
pub enum Wish {
    /// Begin with this language the next time.
    KeepLanguage(Language),
    /// Write a file, then tell with [`crate::Screens::saved`].
    SaveExport(Box<Export>),
}

/// Why a file was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveFault {
    /// The merchant thought better of it.
    Withdrawn,
    /// The place is not to be written to.
    NotPermitted,
    /// No room.
    Full,
    /// Something else.
    Failed,
}
