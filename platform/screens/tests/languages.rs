//! The three languages say the same things: each phrase that the code names is in each, with the same attributes and
//! the same parts to fill in, and none fails to format.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const LANGUAGES: [&str; 3] = ["sq", "en", "sr"];
/// The longest that a screen says in one paragraph, bytes.
const WORDS_BYTES_MAX: usize = 512;

fn source(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("lang/{language}.ftl"));
    fs::read_to_string(path).expect("the language is there")
}

/// Each message by its id: its text, attributes included. Terms begin with a dash.
fn messages(language: &str) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in source(language).lines() {
        let begins = line.starts_with(|first: char| first.is_ascii_lowercase() || first == '-');
        if begins {
            let (id, text) = line.split_once(" =").expect("a message has an equals sign");
            assert!(
                messages.insert(id.to_owned(), text.to_owned()).is_none(),
                "{language}: {id} is there twice"
            );
            current = Some(id.to_owned());
        } else if line.starts_with(' ') {
            let text =
                current.as_ref().and_then(|id| messages.get_mut(id)).expect("an indented line has a message");
            text.push_str(line);
        }
    }
    messages
}

/// What stands in `text` after each `mark`, as far as a name goes.
fn names(text: &str, mark: &str) -> BTreeSet<String> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let rest = text.match_indices(mark).map(|(at, _)| &text[at + mark.len()..]);
    rest.map(|rest| rest.chars().take_while(|character| is_name(*character)).collect()).collect()
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() { sources(&path, into) } else { into.push(path) }
    }
}

/// All string literals of the code that could name a phrase.
fn literals() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let is_id = |text: &&str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|character| {
                character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
            })
    };
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).expect("readable");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            found.extend(line.split('"').skip(1).step_by(2).filter(is_id).map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_three_languages_have_the_same_phrases_with_the_same_parts() {
    let english = messages("en");
    for language in LANGUAGES {
        let other = messages(language);
        let ids = |messages: &BTreeMap<String, String>| messages.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids(&other), ids(&english), "{language}");
        for (id, text) in &english {
            for mark in ["$", "    ."] {
                assert_eq!(names(&other[id], mark), names(text, mark), "{language}: {id}");
            }
        }
    }
}

#[test]
fn each_phrase_that_the_code_names_is_there_and_none_is_there_for_nothing() {
    let english = messages("en");
    let literals = literals();
    for id in literals.iter().filter(|id| id.contains('-')) {
        assert!(english.contains_key(id), "the code says {id}, which no language has");
    }
    let used_within: BTreeSet<String> =
        english.values().flat_map(|text| names(text, "{ ")).filter(|name| !name.is_empty()).collect();
    for id in english.keys() {
        assert!(literals.contains(id) || used_within.contains(id), "nobody says {id}");
    }
}

/// Values for all parts there are, in a combination that chooses other variants each time.
fn arguments(round: usize) -> FluentArgs<'static> {
    let number = [0_u64, 1, 2, 5, 21][round];
    let mut arguments = FluentArgs::new();
    for name in ["seconds", "tries", "count", "first", "last", "limit", "entry", "version", "digits", "row"] {
        arguments.set(name, number);
    }
    for name in ["why", "mend", "month", "time", "number", "name", "left", "character", "country", "place"] {
        arguments.set(name, "the card data's key is unknown or was used before");
    }
    arguments.set("kind", if round.is_multiple_of(2) { "purchase" } else { "refund" });
    arguments
}

#[test]
fn every_phrase_formats_without_errors_and_fits_a_screen() {
    for language in LANGUAGES {
        let resource = FluentResource::try_new(source(language)).expect("all of it parses");
        let mut bundle = FluentBundle::new(vec![language.parse().expect("a language")]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no id twice");
        for id in messages(language).keys().filter(|id| !id.starts_with('-')) {
            let message = bundle.get_message(id).expect("it was parsed");
            let attributes = message.attributes().map(|attribute| attribute.value());
            for pattern in message.value().into_iter().chain(attributes) {
                for round in 0..5 {
                    let mut errors = Vec::new();
                    let arguments = arguments(round);
                    let said = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
                    assert!(errors.is_empty(), "{language}: {id}: {errors:?}");
                    assert!(!said.is_empty() && said.len() <= WORDS_BYTES_MAX, "{language}: {id}: {said}");
                    assert!(!said.contains(['{', '}', '$']), "{language}: {id}: {said}");
                }
            }
        }
    }
}

#[test]
fn numbers_are_said_as_each_language_counts() {
    for (language, one, two, five, twenty_one) in [
        ("en", "1 second left", "2 seconds left", "5 seconds left", "21 seconds left"),
        ("sq", "edhe 1 sekondë", "edhe 2 sekonda", "edhe 5 sekonda", "edhe 21 sekonda"),
        ("sr", "još 1 sekunda", "još 2 sekunde", "još 5 sekundi", "još 21 sekunda"),
    ] {
        let resource = FluentResource::try_new(source(language)).expect("all of it parses");
        let mut bundle = FluentBundle::new(vec![language.parse().expect("a language")]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no id twice");
        let pattern =
            bundle.get_message("seconds-left").and_then(|message| message.value()).expect("it is there");
        for (round, words) in [(1, one), (2, two), (3, five), (4, twenty_one)] {
            let said = bundle.format_pattern(pattern, Some(&arguments(round)), &mut Vec::new());
            assert_eq!(said, words, "{language}");
        }
    }
}

#[test]
fn nothing_is_left_in_english_that_another_language_has_a_word_for() {
    let english = messages("en");
    let names = ["-app", "app-name", "bank", "key-ok", "generate"];
    for language in ["sq", "sr"] {
        let other = messages(language);
        let same: Vec<_> = english
            .iter()
            .filter(|(id, text)| other[*id] == **text && !text.trim().starts_with("{ line-"))
            .map(|(id, _)| id.as_str())
            .filter(|id| !names.contains(id))
            .collect();
        // These are made of other phrases only.
        assert_eq!(same, ["again", "sale-device-blocked"], "{language}");
    }
}

#[test]
fn the_labels_of_the_brochure_stand_as_they_are() {
    let english = messages("en");
    for (id, label) in [
        ("bank", "ProCredit Bank"),
        ("next", "Next"),
        ("done", "Done"),
        ("cancel", "Cancel"),
        ("approved", "Approved"),
        ("receipt", "Receipt"),
        ("reference-number", "Reference number"),
        ("terminal-id", "Terminal ID"),
        ("card", "Card"),
        ("auth-code", "Auth Code"),
        ("card-type", "Card type"),
        ("transaction-type", "Transaction Type"),
        ("purchase", "Purchase"),
        ("sms-receipt", "SMS Receipt"),
        ("transaction-history", "Transaction History"),
        ("merchant-or-device", "Merchant or Device"),
        ("device-transactions", "Device Transactions"),
        ("date-range", "Date Range"),
        ("today", "Today"),
        ("from-date", "From Date"),
        ("to-date", "To Date"),
        ("generate", "Gjenero transaksionet"),
        ("refund-transaction", "Refund Transaction"),
        ("refund-step-2", "Step 2 of 3"),
        ("tap-card", "Tap your card"),
    ] {
        assert_eq!(english[id].trim(), label, "{id}");
    }
    assert_eq!(messages("sq")["generate"].trim(), "Gjenero transaksionet");
}

/// A merchant who has seen `mpos pay` and the app must not think that two things happened.
#[test]
fn a_cause_is_said_in_english_as_the_till_says_it() {
    let till = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../actors/till/src");
    let till: String = ["wording.rs", "wording/terminal.rs"]
        .map(|file| fs::read_to_string(till.join(file)).expect("the till is there"))
        .concat();
    let causes =
        ["declined-", "card-", "tap-", "pin-", "keys-", "sale-", "line-", "refused-", "not-activated"];
    // Said by screens only, or with the seconds of a constant in the till.
    let own = [
        "tap-card",
        "tap-no-card",
        "pin-enter",
        "pin-hint",
        "card-hold",
        "card-hold-hint",
        "card-read",
        "card-read-hint",
        "card-one-only",
        "card-one-only-hint",
        "card-see-phone",
        "card-see-phone-hint",
        "card-again",
        "card-again-hint",
        "card-type",
    ];
    let mut compared = 0;
    for (id, text) in messages("en") {
        let reason = text.split("    .").next().unwrap_or_default().trim();
        let is_cause = causes.iter().any(|start| id.starts_with(start)) && !own.contains(&id.as_str());
        if is_cause && !reason.contains('{') {
            assert!(till.contains(reason), "{id}: the till does not say “{reason}”");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}
