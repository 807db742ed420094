//! THE TABLE: every message between actors. Read a block as "Ledger may receive …".
//!
//! Rows are one-way: an answer is a row of its own, so that each row is one arrow of a sequence diagram and one
//! line of the flight recorder. A row marked `secret` carries a PIN, a code or card data: the recorder keeps its
//! masked form only. Ordinals are wire format: never renumber, never reuse; a removed row becomes `ReservedN`.

use crate::table::routes;

/// Every payload, gathered for the table.
mod messages {
    pub(super) use crate::book::*;
    pub(super) use crate::card::messages::*;
    pub(super) use crate::link::*;
    pub(super) use crate::pin::messages::*;
    pub(super) use crate::reconcile::messages::*;
    pub(super) use crate::sale::messages::*;
    pub(super) use crate::shell::*;
    pub(super) use crate::supervision::*;
}

routes! {
    edges {
        /// Where bytes to and from the bank pass.
        Network;
        /// Hands an actor its own timer back.
        Clock;
        /// Restarts an actor that panicked.
        Supervisor;
    }

    /// The edge that draws and listens: a command line, a browser page, or Java.
    inbox Shell {
        /// The terminal is open: activated, or waiting for its code.
        0 TerminalOpened from [Till];
        /// Activation ended.
        1 ActivationEnded from [Till];
        /// A sale went one step further.
        2 SaleProgress from [Till];
        /// A sale ended; what it shows is durable.
        3 SaleEnded from [Till];
        /// A request could not be started.
        4 RequestRefused from [Till];
        /// Show this PIN pad.
        5 ShowPinPad from [PinPad] secret;
        /// Take the pad away.
        6 HidePinPad from [PinPad];
        /// What the bank said to something that moves no money.
        7 BankAnswered from [Till];
        /// The bank's opinion of this device is another one than before.
        8 StandingChanged from [Till];
        /// More or fewer digits were typed on the PIN pad.
        9 PinPadChanged from [PinPad];
    }

    /// The flow: which step is next.
    inbox Till {
        /// First message after start.
        0 OpenTerminal from [Shell];
        /// The merchant typed the activation code.
        1 Activate from [Shell] secret;
        /// The merchant typed an amount and pressed Next.
        2 BeginPurchase from [Shell];
        /// The merchant pressed Cancel.
        3 CancelFlow from [Shell];
        /// What the book holds of this terminal.
        4 LedgerOpened from [Ledger];
        /// Enrolment ended, well or not.
        5 EnrolmentEnded from [HostLink];
        /// The card or the reader has something to tell the customer.
        6 TapProgress from [EmvKernel];
        /// The tap ended.
        7 TapEnded from [EmvKernel];
        /// The PIN, encrypted.
        8 PinReady from [PinPad];
        /// No PIN will come.
        9 PinFailed from [PinPad];
        /// The link went one step further.
        10 LinkProgress from [HostLink];
        /// The bank's answer, already durable, or why there is none.
        11 AuthorisationEnded from [HostLink];
        /// The receipt's text.
        12 ReceiptMade from [ReceiptSender];
        /// An actor panicked and was started anew.
        13 ActorRestarted from [Supervisor];
        /// A mailbox was full or its actor gone.
        14 DeliveryFailed from [Supervisor, NfcReader, EmvKernel, PinPad, HostLink, Ledger, ReceiptSender];
        /// A second of the flow in progress went by.
        15 FlowTimer from [Clock];
        /// The supervisor agreed: give this back.
        16 BeginRefund from [Shell];
        /// Ask the bank something that moves no money.
        17 AskBank from [Shell] secret;
        /// What the bank said to it.
        18 BankReplied from [HostLink];
        /// What the bank makes of this device's state.
        19 StandingTold from [HostLink];
        /// The terminal has a new certificate.
        20 ProfileRenewed from [HostLink];
        /// Whether the book has room for the sale that began.
        21 RoomMade from [Ledger];
    }

    /// APDUs to the card in the field.
    inbox NfcReader {
        /// Look for a card.
        0 StartPolling from [EmvKernel];
        /// Send one command to the card.
        1 TransmitApdu from [EmvKernel];
        /// The card may leave; stop looking.
        2 StopPolling from [EmvKernel];
        /// The platform found a card.
        3 TagArrived from [Shell];
        /// No card came in time.
        4 PollingTimer from [Clock];
    }

    /// Turns a tap into a cryptogram.
    inbox EmvKernel {
        /// Limits, action codes, CA keys.
        0 ConfigureKernel from [Till];
        /// Run one transaction up to its outcome.
        1 StartTap from [Till];
        /// Give up.
        2 AbortTap from [Till];
        /// A card is in the field.
        3 CardPresent from [NfcReader];
        /// The card's answer.
        4 CardAnswered from [NfcReader] secret;
        /// The card left, or never came.
        5 CardLost from [NfcReader];
        /// Verification of the card's certificates ended (to itself: done after the card may leave).
        6 CardAuthenticated from [EmvKernel];
    }

    /// Touches in, an encrypted PIN block out.
    inbox PinPad {
        /// The account number that the PIN block is bound to (ISO 9564-1 format 4).
        0 BindPinToCard from [EmvKernel] secret;
        /// Collect a PIN.
        1 AskPin from [Till];
        /// Give up.
        2 StopPin from [Till];
        /// The customer's digits, once: a shell knows none.
        3 Reserved3 from [];
        /// The customer pressed cancel.
        4 PinAbandoned from [Shell];
        /// No key was pressed in time.
        5 PinTimer from [Clock];
        /// Where the customer touched the pad.
        6 PinPadTouched from [Shell] secret;
        /// The customer wants the digits in another order.
        7 ArrangePinPad from [Shell];
        /// Something covers or records the pad, or no more.
        8 PinPadExposed from [Shell];
    }

    /// Signed messages to the bank; nothing leaves before the ledger holds it.
    inbox HostLink {
        /// Where the bank is.
        0 ConfigureLink from [Till];
        /// Become a terminal of this bank.
        1 Enrol from [Till] secret;
        /// Ask the bank for this sale.
        2 Authorise from [Till];
        /// Forget what is in flight, read the book again, resolve what is open.
        3 ResumeLink from [Till];
        /// Where the chain of signed messages stands, and what is unresolved.
        4 ChainRestored from [Ledger];
        /// The request is durable: it may leave.
        5 RequestRecorded from [Ledger];
        /// The answer is durable: it may be shown.
        6 AnswerRecorded from [Ledger];
        /// Enrolment is durable.
        7 EnrolmentRecorded from [Ledger];
        /// The book could not keep it.
        8 RecordingFailed from [Ledger];
        /// A connection stands.
        9 LineOpened from [Network];
        /// Bytes from the bank.
        10 LineReceived from [Network];
        /// The connection is gone, and why.
        11 LineClosed from [Network];
        /// A reply or a retry is due.
        12 LinkTimer from [Clock];
        /// Ask the bank something that moves no money.
        13 PutToBank from [Till] secret;
        /// Report this device's state to the bank.
        14 CheckStanding from [Till];
        /// A page of the terminal's transactions, for the bank to compare.
        15 TransactionsRead from [Ledger];
        /// The device has another network, or none.
        16 NetworkChanged from [Network];
    }

    /// The durable book of this terminal.
    inbox Ledger {
        /// Read the book; answered by `LedgerOpened` and `ChainRestored`.
        0 OpenLedger from [Till];
        /// Keep what enrolment gave.
        1 RecordEnrolment from [HostLink];
        /// Keep a signed request before it leaves.
        2 RecordRequest from [HostLink];
        /// Keep the bank's signed answer before it is shown.
        3 RecordAnswer from [HostLink];
        /// Where the chain stands; answered by `ChainRestored`.
        4 ReadChain from [HostLink];
        /// A sale begins: make room for all it may need; answered by `RoomMade`.
        5 MakeRoom from [Till];
        /// The bank compares: read a page of transactions; answered by `TransactionsRead`.
        6 ReadTransactions from [HostLink];
    }

    /// The customer's receipt.
    inbox ReceiptSender {
        /// Lay out the receipt of a finished sale.
        0 MakeReceipt from [Till];
    }
}
