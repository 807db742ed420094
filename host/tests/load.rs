//! A crowd of terminals and a few bad clients at one host, for a few seconds: `cargo xtask load`, as short as it can be.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::HostConfig;
use std::time::Duration;
use support::{
    Scene,
    load::{Crowd, Place, audit::audit, limits, pests::Pest},
};

const TERMINALS: usize = 20;
const TIME: Duration = Duration::from_secs(4);
/// Each limit of the host that is a time.
const TIMES: Duration = Duration::from_millis(1200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_clients_are_cut_off_and_of_what_terminals_sell_beside_them_nothing_is_lost() {
    let scene = Scene::start_with(&[], |config: &mut HostConfig| config.limits = limits(TERMINALS, TIMES));
    let place = Place {
        address: scene.address(),
        server_ca: scene.bank.server_ca.clone(),
        data: scene.config.data.clone(),
        limits: scene.config.limits.clone(),
    };
    let mut crowd = Crowd::gather(place, TERMINALS).await;
    let sold = crowd.sell_for(TIME, true).await;

    let found = audit(&crowd).await;
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(found.purchases, sold.times.len() as u64);
    for shop in &crowd.shops {
        assert!(shop.held.len() > 1, "{} sold next to nothing", shop.terminal.profile.terminal);
    }
    for pest in Pest::ALL.into_iter().chain([Pest::Flood]) {
        let tally = &sold.pests[&pest];
        assert!(tally.visits > 0, "{pest:?} did not get to do its worst: {tally:?}");
        if let Some(limit) = pest.limit(&scene.config.limits) {
            assert!(tally.cut > 0, "{pest:?} was never cut off: {tally:?}");
            assert!(tally.longest <= limit, "{pest:?} was let in for too long: {tally:?}");
        }
    }
}
