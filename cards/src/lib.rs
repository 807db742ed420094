//! Virtual contactless EMV cards with real keys, for a desktop and for tests.
//!
//! They speak APDUs and nothing else, so whatever can talk to a card can talk to these. They are written from EMV
//! Books 1 to 4 and public data, and share no code with the terminal's kernel beyond the leaf crates for TLV and
//! cryptography: a mistake in one is not hidden by the same mistake in the other. `README.md` says which data their
//! cryptograms cover, for an issuer who recomputes them.
//!
//! | module | holds |
//! |---|---|
//! | [`catalogue`] | the cards by name, what each shows, and the accounts behind them |
//! | `personalise` | what a bureau writes on a card: keys, certificates, records |
//! | [`virtual_card`] | the card in the field: selection, and the faults it may have |
//! | `application` | one payment application: its files and the order of its commands |
//! | `mastercard`, `visa` | how each brand's application answers for a transaction |
//! | `signature` | the card's RSA signatures (CDA, fDDA) |
//! | [`store`] | each card's RSA key and transaction counter, kept across runs |

#![forbid(unsafe_code)]

mod application;
mod asked;
mod brand;
pub mod catalogue;
mod command;
mod error;
mod fault;
mod mastercard;
mod personalise;
mod signature;
pub mod store;
pub mod virtual_card;
mod visa;

pub use catalogue::{CardChoice, CatalogueEntry, IssuedAccount};
pub use error::CardsError;
pub use personalise::IssuerKeys;
pub use store::CardStore;
pub use virtual_card::{FieldLoss, VirtualCard};
