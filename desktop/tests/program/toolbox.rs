//! The engineer's toolbox: its page, its help, and what it refuses.

use crate::{
    card_transcript::{card_and_settings, record},
    support::{World, fails, mpos, text},
};
use mpos_tlv::{Tag, ber};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

const BDK: &str = "FEDCBA9876543210F1F1F1F1F1F1F1F1";
const KSN: &str = "123456789012345600000001";
const PAN: &str = "4111111111111111";

/// The page, from this crate's folder.
const PAGE: &str = "../docs/toolbox.md";

/// A command line as a shell reads it; both outputs, in one.
fn shell(line: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_mpos"));
    let folders = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{folders}", program.parent().unwrap().display());
    let run = Command::new("sh").arg("-c").arg(format!("({line}) 2>&1")).env("PATH", path).output().unwrap();
    text(&run.stdout)
}

/// The page with each command's output as it is now.
fn page_of_today(page: &str) -> (String, usize) {
    let (mut written, mut commands, mut in_console) = (String::new(), 0, false);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ if in_console && !line.starts_with("$ ") => continue,
            _ => {}
        }
        written.push_str(line);
        written.push('\n');
        if in_console && let Some(first) = line.strip_prefix("$ ") {
            let mut command = first.to_owned();
            while command.ends_with('\\') || command.matches('\'').count() % 2 == 1 {
                let next = lines.next().unwrap_or_default();
                written.push_str(next);
                written.push('\n');
                command.push('\n');
                command.push_str(next);
            }
            written.push_str(&shell(&command));
            commands += 1;
        }
    }
    (written, commands)
}

#[cfg(unix)]
#[test]
fn the_toolboxs_page_shows_what_the_tools_print() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (today, commands) = page_of_today(&page);
    if std::env::var_os("MPOS_BLESS").is_some() {
        fs::write(PAGE, &today).unwrap();
        return;
    }
    assert!(commands >= 20, "only {commands} commands were found in {PAGE}");
    assert!(page == today, "{PAGE} is stale: MPOS_BLESS=1 writes it anew. It would be\n{today}");
}

#[cfg(unix)]
#[test]
fn each_tools_help_has_an_example_that_works_as_it_is_written() {
    let world = World::new();
    for (tool, says) in [
        (&["dukpt", "derive"][..], "AF8CB133A78F8DC2D1359F18527593FB"),
        (&["pinblock", "encode"], "A912150391AB65A67E52883D81CE2D15"),
        (&["pinblock", "decode"], "1234"),
        (&["emv", "decode"], "online PIN entered"),
        (&["emv", "arqc"], "29CCA15AE665FA2E"),
        (&["emv", "oda"], "00AE"),
    ] {
        let help = text(&mpos(&world.path("unused"), &[tool, &["--help"]].concat()).stdout);
        let (_, example) = help.split_once("Example").unwrap_or_else(|| panic!("{tool:?} has no example"));
        let (_, command) = example.split_once('\n').unwrap();
        let printed = shell(command.trim());
        assert!(printed.contains(says), "{command}\nprinted\n{printed}");
    }
}

/// Each command line must fail with this message, and name no secret of it.
fn refused(cases: &[(Vec<&str>, &str)]) {
    let world = World::new();
    for (arguments, expected) in cases {
        let (message, status) = fails(&world.path("unused"), arguments);
        assert!(message.contains(expected), "{arguments:?} said {message}");
        assert_eq!(status, Some(2), "{arguments:?}");
        for secret in [BDK, "FEDCBA98765432", "12a4", PAN] {
            assert!(!message.contains(secret), "{arguments:?} repeats {secret}: {message}");
        }
    }
}

#[test]
fn a_wrong_key_or_serial_number_is_named_and_not_repeated() {
    let derive = |bdk, ksn| vec!["dukpt", "derive", "--bdk", bdk, "--ksn", ksn];
    refused(&[
        (derive("FEDCBA98765432", KSN), "--bdk: 7 bytes, where there must be 16, 24 or 32"),
        (derive("FEDCBA987654321", KSN), "--bdk: 15 hexadecimal digits are an odd number"),
        (derive("FEDCBA98 7654321G", KSN), "--bdk: character 17 is no hexadecimal digit"),
        (derive(BDK, "1234567890123456000001"), "--ksn: 11 bytes, where there must be 12"),
        (derive(BDK, "FFFF9876543210E00001"), "--ksn: 10 bytes are a serial number of triple DES"),
        (derive(BDK, "123456789012345600000000"), "the counter is 0"),
        (derive(BDK, "12345678901234560001FFFF"), "0001FFFF has 17 one bits"),
        ([derive(BDK, KSN), vec!["--aes", "192"]].concat(), "--aes 192: a working key may not be stronger"),
    ]);
}

#[test]
fn a_wrong_pin_account_number_or_block_is_named_and_not_repeated() {
    let encode =
        |format, pin, pan| vec!["pinblock", "encode", "--format", format, "--pin", pin, "--pan", pan];
    let decode =
        |format, block| vec!["pinblock", "decode", "--format", format, "--block", block, "--pan", PAN];
    let encode_with = |format, more: [&'static str; 2]| [&encode(format, "1234", PAN)[..], &more].concat();
    let made = "A912150391AB65A67E52883D81CE2D15";
    refused(&[
        (encode("4", "123", PAN), "--pin: it must have 4 to 12 digits"),
        (encode("4", "12a4", PAN), "--pin: it must have 4 to 12 digits"),
        (encode("0", "1234", "41111111111111111111"), "--pan: it must have 1 to 19 digits"),
        (encode_with("4", ["--fill", "00112233"]), "--fill: 4 bytes, where there must be 8"),
        (encode_with("0", ["--fill", "0011223344556677"]), "--fill is of no use here: format 0 has no"),
        (encode_with("4", ["--key", "0123456789ABCDEF"]), "--key: 8 bytes, where there must be 16, 24 or 32"),
        (encode_with("0", ["--key", "0123456789ABCDEF"]), "--key: 8 bytes, where there must be 16 or 24"),
        (decode("4", "041225EEEEEEEEEE"), "--block: 8 bytes, where there must be 16"),
        (decode("0", "141225EEEEEEEEEE"), "--block: there is no PIN in it"),
        ([decode("4", made), vec!["--key", BDK]].concat(), "--block: there is no PIN in it"),
    ]);
}

#[test]
fn what_the_emv_tools_cannot_use_is_named() {
    let decode = |hex: &[&'static str]| [&["emv", "decode"], hex].concat();
    let arqc = |imk, more: &[&'static str]| {
        [&["emv", "arqc", "--cryptogram", "mastercard10", "--imk", imk], more].concat()
    };
    let oda = |more: &[&'static str]| [&["emv", "oda"], more].concat();
    refused(&[
        (decode(&["9F"]), "at byte 0, counted from 0: the bytes end inside a tag"),
        (decode(&["950100", "00009505", "80"]), "at byte 5, counted from 0: the value of 95 says 5"),
        (decode(&["7003950580"]), "at byte 2, counted from 0: the value of 95 says 5 bytes, 1 are"),
        (decode(&["9580"]), "the length form 80 is not allowed"),
        (decode(&["70xx"]), "HEX: character 3 is no hexadecimal digit"),
        (arqc("00", &["--covered", "00"]), "--imk: 1 byte, where there must be 16"),
        (arqc(BDK, &["--covered", "00"]), "--pan is missing"),
        (arqc(BDK, &["--covered", "00", "--pan", "12345678"]), "--atc is missing"),
        (arqc(BDK, &["--covered", "00", "--pan", "12345678", "--atc", "0001"]), "--un is missing"),
        (arqc(BDK, &["--tlv", "9F3602001C9F370411223344", "--pan", "12345678"]), "--tlv: 9F02 (Amount"),
        (arqc(BDK, &["--tlv", "9F3602"]), "at byte 0, counted from 0: the value of 9F36 says 2 bytes"),
        (oda(&[]), "--ca-modulus or --sdad is missing"),
        (oda(&["--sdad", "00"]), "--icc-certificate or --icc-modulus is missing"),
        (
            oda(&["--sdad", "00", "--icc-modulus", "03", "--icc-exponent", "03"]),
            "the card's signature does not verify: the key's modulus cannot be used",
        ),
    ]);
}

#[test]
fn account_data_are_masked_in_whatever_object_they_are_unless_they_are_asked_for() {
    let world = World::new();
    // The number in 5A, in 57, as text in a name, and hidden in an object that no book knows.
    let answer = "7038 5A085413330089020036 57115413330089020036D2512201012345678F 5F2004 41424344 \
                  DF5008 5413330089020036 9F36 02 001C 5F3401 00";
    let run = |more: &[&str]| {
        let output = mpos(&world.path("unused"), &[&["emv", "decode", answer], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let masked = run(&[]);
    assert!(!masked.contains("541333") && !masked.contains("41424344"), "{masked}");
    assert!(masked.contains("***0036") && masked.contains("28 in decimal"), "{masked}");
    let shown = run(&["--show-account-data"]);
    assert!(shown.contains("5A Application Primary Account Number (PAN), 8 bytes: 5413330089020036"));
    assert!(
        shown.contains("expires 2025-12") && shown.contains("service code 201") && shown.contains("\"ABCD\"")
    );
}

#[test]
fn nothing_is_a_pin_block_twice_unless_the_fill_is_given() {
    let world = World::new();
    let encode = ["pinblock", "encode", "--format", "4", "--pin", "1234", "--pan", PAN, "--key", BDK];
    let block = || text(&mpos(&world.path("unused"), &encode).stdout);
    assert_ne!(block(), block());
}

/// The arguments that recover all of a virtual card's tap, from its exchanges.
fn chain_of(played: &Value, settings: &Value) -> Vec<(&'static str, String)> {
    let (mut elements, mut static_data, mut locator) = (Vec::new(), Vec::new(), Vec::new());
    for exchange in played["exchanges"].as_array().unwrap() {
        let bytes = |name: &str| hex::decode(exchange[name].as_str().unwrap()).unwrap();
        let (command, response) = (bytes("command"), bytes("response"));
        let data = &response[..response.len() - 2];
        ber::walk(data, &mut |_, tlv| elements.push((tlv.tag, tlv.value.to_vec()))).unwrap();
        if let Some((_, afl)) = elements.iter().find(|(tag, _)| *tag == Tag::AFL)
            && locator.is_empty()
        {
            locator = afl.clone();
        }
        if let [0x00, 0xB2, record, place, ..] = command[..] {
            let entry = locator.chunks(4).find(|entry| entry[0] >> 3 == place >> 3).unwrap();
            if record < entry[1] + entry[3] {
                static_data.extend_from_slice(ber::decode(data).next().unwrap().unwrap().value);
            }
        }
    }
    let find = |tag: Tag| elements.iter().find(|(known, _)| *known == tag).map(|(_, value)| value.clone());
    if find(Tag::SDA_TAG_LIST).is_some() {
        static_data.extend(find(Tag::AIP).unwrap());
    }
    let index = hex::encode(find(Tag::CA_PUBLIC_KEY_INDEX).unwrap());
    let rid = &played["aid"].as_str().unwrap()[..10];
    let keys = settings["ca_keys"].as_array().unwrap();
    let of_scheme = |key: &&Value| {
        key["index"] == index.as_str() && rid.eq_ignore_ascii_case(key["rid"].as_str().unwrap())
    };
    let ca = keys.iter().find(of_scheme).unwrap();
    let text = |bytes: Option<Vec<u8>>| hex::encode(bytes.unwrap_or_default());
    vec![
        ("--ca-modulus", ca["modulus"].as_str().unwrap().to_owned()),
        ("--ca-exponent", ca["exponent"].as_str().unwrap().to_owned()),
        ("--pan", text(find(Tag::PAN)).trim_end_matches('f').to_owned()),
        ("--issuer-certificate", text(find(Tag::ISSUER_PUBLIC_KEY_CERTIFICATE))),
        ("--issuer-remainder", text(find(Tag::ISSUER_PUBLIC_KEY_REMAINDER))),
        ("--issuer-exponent", text(find(Tag::ISSUER_PUBLIC_KEY_EXPONENT))),
        ("--icc-certificate", text(find(Tag::ICC_PUBLIC_KEY_CERTIFICATE))),
        ("--icc-remainder", text(find(Tag::ICC_PUBLIC_KEY_REMAINDER))),
        ("--icc-exponent", text(find(Tag::ICC_PUBLIC_KEY_EXPONENT))),
        ("--static-data", hex::encode(static_data)),
        ("--sdad", text(find(Tag::SIGNED_DYNAMIC_APPLICATION_DATA))),
    ]
}

#[test]
fn a_cards_whole_chain_verifies_and_each_altered_link_is_named() {
    let world = World::new();
    let (mut card, settings) = card_and_settings(&world, "mastercard");
    let (_, played) = record(&world, &mut card, &settings, "1.23");
    let chain = chain_of(&played, &settings);
    let oda = |altered: &str| {
        let mut arguments = vec!["emv".to_owned(), "oda".into(), "--un".into(), "33BCA47D".into()];
        for (name, value) in &chain {
            let mut value = value.clone();
            if *name == altered {
                // Another last digit, which leaves exponents, lengths and padding as they are.
                let last = value.pop().unwrap();
                value.push(if last == '1' { '3' } else { '1' });
            }
            arguments.extend([(*name).to_owned(), value]);
        }
        mpos(&world.path("unused"), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let right = oda("");
    let report = text(&right.stdout);
    assert_eq!(report.matches("verified").count(), 3, "{report}\n{}", text(&right.stderr));
    let cryptogram = played["cryptogram"].as_str().unwrap();
    assert!(report.contains(cryptogram), "{report}");

    for (altered, expected) in [
        ("--ca-modulus", "the issuer's certificate does not verify"),
        ("--pan", "the card's certificate does not verify: the certificate is for another account number"),
        ("--issuer-certificate", "the issuer's certificate does not verify"),
        ("--icc-certificate", "the card's certificate does not verify"),
        ("--static-data", "the card's certificate does not verify: the recovered hash is wrong"),
        ("--sdad", "the card's signature does not verify"),
    ] {
        let output = oda(altered);
        let message = text(&output.stderr);
        assert!(message.contains(expected), "{altered}: {message}");
        assert_eq!(output.status.code(), Some(2));
    }
}
