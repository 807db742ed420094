//! Many terminals that sell as fast as they are answered, and bad clients that do their worst beside them.
//!
//! `cargo xtask load` measures with it, against a host in a process of its own; a test of CI runs a short one. Both end
//! with the same comparison ([`audit`]): what the terminals hold is what the bank's books say.

pub mod audit;
pub mod memory;
pub mod pests;
pub mod shop;

use super::{Card, Terminal, TestBank, TestClock, card::Version, terminal::Device0};
use mpos_host::{Console, Limits};
use mpos_protocol::{Text, terminal::Merchant};
use pests::{Pest, Tally};
use shop::Shop;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// What each card has as it begins: more than it can spend.
pub const BALANCE: u64 = 100_000_000;
/// Bad clients of each kind that is not a flood.
const PESTS_EACH: usize = 3;
/// So many connections more than there are places are tried at once by a flood.
const FLOOD_BEYOND: usize = 50;

/// Where a host is, in this process or another.
#[derive(Clone)]
pub struct Place {
    pub address: SocketAddr,
    /// DER.
    pub server_ca: Vec<u8>,
    /// The books' folder.
    pub data: PathBuf,
    pub limits: Limits,
}

/// The limits of a host under load: so few places that a flood can fill them, times so short that each is reached.
pub fn limits(terminals: usize, times: Duration) -> Limits {
    Limits {
        connections_max: 2 * terminals + 60,
        handshake_timeout: times,
        idle_timeout: times,
        message_timeout: times,
        ..Limits::default()
    }
}

/// The terminals, and the bad clients.
pub struct Crowd {
    pub place: Place,
    pub console: Console,
    pub shops: Vec<Shop>,
    /// Terminals that are enrolled and behave badly.
    rogues: Vec<Terminal>,
}

/// How one stretch of selling went.
pub struct Stretch {
    /// From a purchase's signature to its answer, shortest first.
    pub times: Vec<Duration>,
    pub seconds: f64,
    /// What became of the bad clients, by kind.
    pub pests: BTreeMap<Pest, Tally>,
}

impl Crowd {
    /// Enrols everybody.
    pub async fn gather(place: Place, terminals: usize) -> Self {
        let clock = Arc::new(TestClock::default());
        let console = Console::open(&place.data, clock.clone()).unwrap();
        let issuer = TestBank::new().bank().issuer;
        let cards: Vec<Card> = (0..terminals).map(card).collect();
        let accounts: Vec<_> = cards.iter().map(Card::account).collect();
        console.seed_accounts(&issuer, &accounts).unwrap();
        let merchant =
            Merchant { name: Text::clipped("Furra Vala"), address: Text::clipped("Rr. Garibaldi 1") };
        let mut enrolled = Vec::new();
        for _terminal in 0..terminals + PESTS_EACH * Pest::INSIDE.len() {
            let code =
                console.create_activation_code(&merchant, Duration::from_hours(1)).unwrap().to_string();
            let device = (Device0::new(), None);
            let at = (place.address, &place.server_ca[..]);
            enrolled.push(Terminal::enrol_at(at, &code, clock.clone(), device).await.unwrap());
        }
        let rogues = enrolled.split_off(terminals);
        let shops =
            enrolled.into_iter().zip(cards).map(|(terminal, card)| Shop::new(terminal, card)).collect();
        Self { place, console, shops, rogues }
    }

    /// Everybody sells for so long, beside the bad clients or without them.
    pub async fn sell_for(&mut self, time: Duration, with_pests: bool) -> Stretch {
        let begun = Instant::now();
        let until = begun + time;
        let mut pestering = tokio::task::JoinSet::new();
        if with_pests {
            let mut rogues = std::mem::take(&mut self.rogues).into_iter();
            for pest in Pest::ALL {
                for _one in 0..PESTS_EACH {
                    let rogue = if Pest::INSIDE.contains(&pest) { rogues.next() } else { None };
                    pestering.spawn(pests::pester(pest, self.place.clone(), rogue, until));
                }
            }
            for _one in 0..self.place.limits.connections_max + FLOOD_BEYOND {
                pestering.spawn(pests::pester(Pest::Flood, self.place.clone(), None, until));
            }
        }
        let selling: Vec<_> = std::mem::take(&mut self.shops)
            .into_iter()
            .map(|shop| tokio::spawn(shop.sell_until(until)))
            .collect();
        let mut times = Vec::new();
        for selling in selling {
            let (shop, took) = selling.await.unwrap();
            self.shops.push(shop);
            times.extend(took);
        }
        let seconds = begun.elapsed().as_secs_f64();
        let mut pests: BTreeMap<Pest, Tally> = BTreeMap::new();
        while let Some(pestered) = pestering.join_next().await {
            let (pest, tally) = pestered.unwrap();
            pests.entry(pest).or_default().add(&tally);
        }
        times.sort_unstable();
        Stretch { times, seconds, pests }
    }
}

impl Stretch {
    /// The time that so many of a thousand purchases took at most, in milliseconds.
    pub fn milliseconds(&self, of_thousand: usize) -> f64 {
        let at = self.times.len().saturating_sub(1) * of_thousand / 1000;
        self.times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

fn card(at: usize) -> Card {
    let version = if at.is_multiple_of(2) { Version::Mastercard20 } else { Version::Visa18 };
    Card { balance: BALANCE, ..Card::new(&format!("54133300{at:08}"), version) }
}
