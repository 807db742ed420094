//! The macro behind [`crate::routes`]: from one table come each actor's inbox, the right to send, and the printable list.
//!
//! A send that has no row does not compile. postcard numbers enum variants by position and ignores written
//! discriminants, so the macro asserts at compile time that the written ordinals run 0, 1, 2…: a removed row
//! must stay, renamed `ReservedN`, with a payload that cannot be made and nobody to send it.

use crate::routes::ActorId;
use serde::{Serialize, de::DeserializeOwned};

/// An actor, as a type: `Outbox<actor::Till>` is the outbox of the till.
pub trait Actor: 'static {
    /// The same name as a value.
    const ID: ActorId;
    /// Everything this actor can receive; the body of a frame to it is the postcard of this enum.
    type Inbox: Serialize + DeserializeOwned + Send + 'static;
    /// Whether `message` holds a [`Secret`](crate::Secret) or card data, so that the flight recorder must mask it.
    fn holds_secret(message: &Self::Inbox) -> bool;
    /// The row's name, for the flight recorder and for logs.
    fn name(message: &Self::Inbox) -> &'static str;
}

/// A message: a payload with exactly one receiver.
pub trait Message: Serialize + Sized {
    /// The receiver.
    type To: Actor;
    /// Position in the receiver's inbox.
    const ORDINAL: u8;
    /// The row's name.
    const NAME: &'static str;
    /// Whether the flight recorder masks it.
    const SECRET: bool;
    /// The message as one variant of the receiver's inbox.
    fn into_inbox(self) -> <Self::To as Actor>::Inbox;
}

/// The right of an actor to send `M`: implemented by the table alone.
#[diagnostic::on_unimplemented(message = "no row in protocol/src/routes.rs lets `{Self}` send `{M}`")]
pub trait Sends<M> {}

/// A message that nobody sends. Without it an actor with one outgoing row would make rustc guess that row in
/// its error text instead of naming the missing one.
pub enum Never {}

/// One arrow: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who may send it.
    pub from: ActorId,
    /// Who receives it.
    pub to: ActorId,
    /// Position in the receiver's inbox, and so its first byte on the wire.
    pub ordinal: u8,
    /// The message's name.
    pub name: &'static str,
    /// Whether the flight recorder masks it.
    pub secret: bool,
}

macro_rules! secret_flag {
    () => {
        false
    };
    (secret) => {
        true
    };
}
pub(crate) use secret_flag;

macro_rules! routes {
    (
        edges { $( $(#[$boundary_doc:meta])* $boundary:ident; )* }
        $( $(#[$actor_doc:meta])* inbox $to:ident {
            $( $(#[$doc:meta])* $ordinal:literal $message:ident from [$($from:ident),* $(,)?] $($secret:ident)?; )*
        } )+
    ) => {
        /// Everyone who sends or receives: the actors, and the edges that speak to them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum ActorId {
            $( $(#[$actor_doc])* $to, )+
            $( $(#[$boundary_doc])* $boundary, )*
        }

        impl ActorId {
            /// All of them, in the order of the table.
            pub const ALL: &'static [ActorId] = &[ $(ActorId::$to,)+ $(ActorId::$boundary,)* ];

            /// The one that `byte` stands for in a frame, if any.
            pub fn from_byte(byte: u8) -> Option<Self> {
                Self::ALL.get(usize::from(byte)).copied()
            }
        }

        /// A marker type for each sender and receiver.
        pub mod actor {
            $( $(#[$actor_doc])* pub struct $to;
               impl $crate::table::Sends<$crate::table::Never> for $to {} )+
            $( $(#[$boundary_doc])* pub struct $boundary;
               impl $crate::table::Sends<$crate::table::Never> for $boundary {} )*
        }

        /// What each actor can receive.
        pub mod inbox {
            use super::messages::*;
            $( $(#[$actor_doc])*
               #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
               #[allow(clippy::large_enum_variant, reason = "a message lives for one hop, on the stack")]
               pub enum $to { $( $(#[$doc])* $message($message) ),* } )+
        }

        $( impl $crate::table::Actor for actor::$to {
            const ID: ActorId = ActorId::$to;
            type Inbox = inbox::$to;
            fn holds_secret(message: &Self::Inbox) -> bool {
                match message { $( inbox::$to::$message(_) => $crate::table::secret_flag!($($secret)?), )* }
            }
            fn name(message: &Self::Inbox) -> &'static str {
                match message { $( inbox::$to::$message(_) => stringify!($message), )* }
            }
        }

        $( impl $crate::table::Message for messages::$message {
            type To = actor::$to;
            const ORDINAL: u8 = $ordinal;
            const NAME: &'static str = stringify!($message);
            const SECRET: bool = $crate::table::secret_flag!($($secret)?);
            fn into_inbox(self) -> inbox::$to { inbox::$to::$message(self) }
        }
        $( impl $crate::table::Sends<messages::$message> for actor::$from {} )* )* )+

        /// The table itself: for the diagram in ARCHITECTURE.md, the recorder's names, and the border's check.
        pub const ROUTES: &[$crate::table::Route] = &[ $( $( $( $crate::table::Route {
            from: ActorId::$from,
            to: ActorId::$to,
            ordinal: $ordinal,
            name: stringify!($message),
            secret: <messages::$message as $crate::table::Message>::SECRET,
        }, )* )* )+ ];

        const _: () = { $( let mut next = 0_u8; $( assert!($ordinal == next, "ordinals run 0, 1, 2… in order"); next += 1; )* assert!(next < 128, "an ordinal is one byte of postcard"); )+ };
    };
}
pub(crate) use routes;
