//! `mpos emv run`: a card's side of a tap from a file, against the kernel.

use crate::support::{World, fails, mpos, text};
use mpos_cards::{CardStore, IssuerKeys, VirtualCard, catalogue};
use mpos_emv_kernel::TerminalSettings;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// More commands than any tap here has.
const COMMANDS_MAX: usize = 30;

/// A card of a bank, and the terminal's settings with that bank's scheme keys.
pub(crate) fn card_and_settings(world: &World, card: &str) -> (VirtualCard, Value) {
    let (bank, cards) = (world.path("bank-keys"), world.path("cards"));
    fs::create_dir_all(&bank).unwrap();
    fs::create_dir_all(&cards).unwrap();
    let keys = mpos_certs::DevelopmentBank::open_or_create(&bank).unwrap();
    let issuer =
        IssuerKeys { mastercard_imk: keys.mastercard_master_key(), visa_imk: keys.visa_master_key() };
    let store = CardStore::open(&cards).unwrap();
    let card = catalogue::find(card).unwrap().personalise(&store, &keys.schemes, &issuer).unwrap();
    let mut settings = serde_json::to_value(TerminalSettings::development(Default::default())).unwrap();
    let ca_keys: Vec<Value> = keys
        .schemes
        .ca_public_keys()
        .iter()
        .map(|key| {
            json!({
                "rid": hex::encode(key.rid),
                "index": hex::encode([key.index]),
                "modulus": hex::encode(&key.modulus),
                "exponent": hex::encode(key.exponent.to_be_bytes()).trim_start_matches("00"),
            })
        })
        .collect();
    settings["ca_keys"] = ca_keys.into();
    (card, settings)
}

fn play(world: &World, transcript: &Value, settings: &Value) -> Value {
    let (file, config) = (world.path("transcript.json"), world.path("terminal.json"));
    fs::write(&file, transcript.to_string()).unwrap();
    fs::write(&config, settings.to_string()).unwrap();
    let run = ["emv", "run", file.to_str().unwrap(), "--config", config.to_str().unwrap()];
    let output = mpos(&world.path("unused"), &run);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

/// Plays what is known so far, asks the card for the command that was not, and so on, to the outcome.
pub(crate) fn record(
    world: &World,
    card: &mut VirtualCard,
    settings: &Value,
    amount: &str,
) -> (Value, Value) {
    card.tap();
    let mut transcript = json!({
        "amount": amount, "currency": "0978", "date": "261124", "time": "163040", "random": "33BCA47D",
        "type": "00", "apdus": [], "not_found": "6700"
    });
    for _ in 0..COMMANDS_MAX {
        let played = play(world, &transcript, settings);
        let last = played["exchanges"].as_array().unwrap().last().unwrap().clone();
        if last["expected"].is_null() {
            return (transcript, played);
        }
        assert_eq!(last["expected"], "nothing more", "a command past the transcript's end is told as one");
        let command = last["command"].as_str().unwrap();
        let response = card.transmit(&hex::decode(command).unwrap()).unwrap();
        let apdu = json!({ "cmd": command, "resp": hex::encode_upper(response) });
        transcript["apdus"].as_array_mut().unwrap().push(apdu);
    }
    panic!("no outcome after {COMMANDS_MAX} commands");
}

#[test]
fn a_recorded_card_is_played_to_its_outcome() {
    for (card, amount, kernel, cvm, oda) in [
        ("mastercard", "1.23", 2, "No CVM", true),
        ("mastercard", "41.00", 2, "Online PIN", true),
        ("visa", "1.23", 3, "No CVM", false),
    ] {
        let world = World::new();
        let (mut virtual_card, settings) = card_and_settings(&world, card);
        let (_, played) = record(&world, &mut virtual_card, &settings, amount);
        assert_eq!(played["outcome"], "Online Request", "{card}: {played:#}");
        assert_eq!((&played["kernel"], played["cvm"].as_str()), (&json!(kernel), Some(cvm)), "{card}");
        assert_eq!(played["cryptogram"].as_str().map(str::len), Some(16));
        assert!(played["host_tags"].as_object().unwrap().contains_key("9F26"), "{played:#}");
        let verdict = played["data_authentication"].to_string();
        assert_eq!(verdict.contains("verified"), oda, "{card}: {verdict}");
        let exchanges = played["exchanges"].as_array().unwrap();
        assert!(exchanges.iter().all(|exchange| exchange["kernel_us"].is_number()));
    }
}

#[test]
fn a_command_that_is_not_in_the_recording_is_shown_with_the_one_that_was_expected() {
    let world = World::new();
    let (mut card, settings) = card_and_settings(&world, "mastercard");
    let (mut transcript, _) = record(&world, &mut card, &settings, "1.23");
    let select = transcript["apdus"][1]["cmd"].as_str().unwrap().to_owned();
    transcript["apdus"][1]["cmd"] = "00A4040007A000000003101000".into();
    let played = play(&world, &transcript, &settings);
    let exchange = &played["exchanges"][1];
    assert_eq!((&exchange["command"], &exchange["response"]), (&json!(select), &json!("6700")));
    assert_eq!(exchange["expected"], "00A4040007A000000003101000");
}

#[test]
fn a_file_that_is_no_recording_says_where_it_is_wrong() {
    let world = World::new();
    let path = |name: &str, content: &str| {
        let path = world.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let whole = json!({
        "amount": "1.23", "currency": "0978", "date": "261124", "time": "163040", "random": "33BCA47D",
        "type": "00", "apdus": [], "not_found": "6700"
    });
    let with = |field: &str, value: Value| {
        let mut changed = whole.clone();
        changed[field] = value;
        changed.to_string()
    };
    let cases = [
        (path("cut.json", "{\"amount\":"), "line 1"),
        (path("random.json", &with("random", "33".into())), "random"),
        (path("amount.json", &with("amount", "-1".into())), "amount"),
        (path("unknown.json", &with("apdu", json!([]))), "apdu"),
        (world.path("none.json").to_str().unwrap().to_owned(), "none.json"),
    ];
    for (file, names) in cases {
        let (message, exit) = fails(Path::new("unused"), &["emv", "run", &file]);
        assert!(message.contains(names) && exit == Some(2), "{file}: {message}");
    }
    let good = path("good.json", &whole.to_string());
    let settings = path("settings.json", "{\"country\": \"09\"}");
    let (message, exit) = fails(Path::new("unused"), &["emv", "run", &good, "--config", &settings]);
    assert!(message.contains("settings.json") && exit == Some(2), "{message}");
}
