//! The places of the house, and who stands in its door: connections that have not shown yet who they are.
//!
//! A stranger has a place from the moment it is connected, and gives it up to a newcomer when there is no other: the
//! one who stood there longest goes first. So a flood of strangers pushes out strangers, and a terminal comes in as
//! long as its handshake takes less time than such a flood needs to fill all places anew. Who has come in keeps its
//! place; when all are taken by such, a newcomer is refused.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// One connection's place.
pub(crate) type Place = OwnedSemaphorePermit;

/// All places, and the strangers among those who have one.
#[derive(Debug)]
pub(crate) struct Door {
    places: Arc<Semaphore>,
    strangers: Mutex<Strangers>,
}

#[derive(Debug, Default)]
struct Strangers {
    /// The number of the next one.
    next: u64,
    /// By number, so that the first is the one who came first. Whoever takes an entry out has its place.
    by_arrival: BTreeMap<u64, Stranger>,
}

#[derive(Debug)]
struct Stranger {
    place: Place,
    /// Dropped with the entry: tells the stranger's task that it has no place any more.
    _in_the_door: oneshot::Sender<Infallible>,
}

/// A stranger, as its own task has it. Its place is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Visitor {
    door: Arc<Door>,
    number: u64,
    put_out: oneshot::Receiver<Infallible>,
    /// Whether another was put out for it.
    pub(crate) in_place_of_another: bool,
}

impl Door {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            strangers: Mutex::default(),
        })
    }

    /// A place for a newcomer; none when all belong to those who have come in.
    pub(crate) fn take_place(self: &Arc<Self>) -> Option<Visitor> {
        let mut strangers = self.strangers();
        let (place, in_place_of_another) = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => (place, false),
            Err(_) => (strangers.by_arrival.pop_first()?.1.place, true),
        };
        let (in_the_door, put_out) = oneshot::channel();
        let number = strangers.next;
        strangers.next = number.wrapping_add(1);
        strangers.by_arrival.insert(number, Stranger { place, _in_the_door: in_the_door });
        Some(Visitor { door: Arc::clone(self), number, put_out, in_place_of_another })
    }

    fn strangers(&self) -> MutexGuard<'_, Strangers> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visitor {
    /// Ends when the place was given to another.
    pub(crate) async fn put_out(&mut self) {
        let _ = (&mut self.put_out).await;
    }

    /// It has shown who it is: the place that it keeps; none if it has just been given to another.
    pub(crate) fn come_in(self) -> Option<Place> {
        let found = self.door.strangers().by_arrival.remove(&self.number);
        found.map(|stranger| stranger.place)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.door.strangers().by_arrival.remove(&self.number);
    }
}
