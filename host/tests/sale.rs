//! Sales: what is paid, what is declined, and that each leaves the right money behind.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_crypto::{dukpt::KeyUsage, pin_block};
use mpos_protocol::{
    Bytes, Sealed,
    admin::AdminAnswer,
    card::EncryptedCardData,
    host::{HostAnswer, HostRefusal, HostRequest},
    pin::{EncryptedPinBlock, PinBlockFormat},
    sale::DeclineReason,
};
use std::sync::Arc;
use support::{Card, Pin, Scene, card::Version};

fn declined(answer: &HostAnswer) -> Option<DeclineReason> {
    match answer {
        HostAnswer::Declined { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn the_first_terminal_is_tm000016_and_sells() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    assert_eq!(terminal.profile.terminal.to_string(), "TM000016");
    assert_eq!(&*terminal.profile.bank, "ProCredit Bank");
    assert_eq!(&*terminal.profile.merchant.name, "Furra Vala");

    let mut line = terminal.connect().await.unwrap();
    let message = terminal.purchase(&mut card, 123, Pin::None);
    let HostAnswer::Approved { reference, auth_code } = terminal.ask(&mut line, &message).await else {
        panic!("not approved")
    };
    assert_eq!(reference.len(), 12);
    assert!(auth_code.len() == 6 && auth_code.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(scene.balance(&card), 100_000 - 123);
    let sales = scene.console.sales(10).unwrap();
    assert_eq!((sales.len(), sales[0].amount, sales[0].last_four), (1, 123, 36));
    assert_eq!(scene.console.terminals().unwrap()[0].messages, 1);
}

#[tokio::test]
async fn each_scheme_s_cryptogram_verifies_and_a_spoilt_one_does_not() {
    let versions = [Version::Mastercard16, Version::Mastercard20, Version::Visa10, Version::Visa18];
    let mut cards: Vec<Card> = versions
        .iter()
        .enumerate()
        .map(|(index, version)| Card::new(&format!("541333008902003{index}"), *version))
        .collect();
    let scene = Scene::start(&cards);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    for card in &mut cards {
        let message = terminal.purchase(card, 500, Pin::None);
        let answer = terminal.ask(&mut line, &message).await;
        assert!(matches!(answer, HostAnswer::Approved { .. }), "{:?}: {answer:?}", card.version);

        // The right key of the wrong card sequence number.
        let mut other = Card { sequence: 2, ..card.clone() };
        let message = terminal.purchase(&mut other, 500, Pin::None);
        assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(DeclineReason::UnknownCard));

        // A counter that was seen.
        card.atc -= 1;
        let message = terminal.purchase(card, 500, Pin::None);
        assert_eq!(
            declined(&terminal.ask(&mut line, &message).await),
            Some(DeclineReason::CryptogramRefused)
        );

        let mut sale = terminal.sale(card, 500, Pin::None);
        let mut de55 = sale.request.de55.to_vec();
        let cryptogram = de55.windows(3).position(|bytes| bytes == [0x9F, 0x26, 8]).unwrap() + 3;
        de55[cryptogram] ^= 1;
        sale.request.de55 = de55.try_into().unwrap();
        let message = terminal.sign(HostRequest::Authorise(sale.request));
        assert_eq!(
            declined(&terminal.ask(&mut line, &message).await),
            Some(DeclineReason::CryptogramRefused)
        );
        assert_eq!(scene.balance(card), 100_000 - 500);
    }
}

#[tokio::test]
async fn above_forty_euros_the_customer_is_verified() {
    let mut card = Card::mastercard();
    let mut phones = [
        Card { device_cvm: true, ..Card::new("5413330089020044", Version::Mastercard16) },
        Card { device_cvm: true, ..Card::new("4761739001010044", Version::Visa18) },
    ];
    let scene = Scene::start(&[card.clone(), phones[0].clone(), phones[1].clone()]);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();

    let message = terminal.purchase(&mut card, 4000, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
    let message = terminal.purchase(&mut card, 4001, Pin::None);
    assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(DeclineReason::PinRequired));
    let message = terminal.purchase(&mut card, 4001, Pin::Typed("1234"));
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));

    for phone in &mut phones {
        let message = terminal.purchase(phone, 4001, Pin::None);
        assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
        // The message claims a device, the card's data do not.
        phone.device_cvm = false;
        let mut sale = terminal.sale(phone, 4001, Pin::None);
        sale.request.cvm = mpos_protocol::card::Cvm::Device;
        let message = terminal.sign(HostRequest::Authorise(sale.request));
        assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(DeclineReason::PinRequired));
    }
}

#[tokio::test]
async fn three_wrong_pins_block_it_and_a_right_one_in_time_forgives() {
    let mut card = Card::visa();
    let mut scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let tries = [
        ("9999", Some(DeclineReason::WrongPin)),
        ("9999", Some(DeclineReason::WrongPin)),
        ("1234", None),
        ("0000", Some(DeclineReason::WrongPin)),
        ("12345", Some(DeclineReason::WrongPin)),
        ("4321", Some(DeclineReason::WrongPin)),
        ("1234", Some(DeclineReason::PinBlocked)),
    ];
    for (pin, expected) in tries {
        // The issuer's count outlives the host.
        scene.restart();
        terminal.address = scene.address();
        let mut line = terminal.connect().await.unwrap();
        let message = terminal.purchase(&mut card, 5000, Pin::Typed(pin));
        assert_eq!(declined(&terminal.ask(&mut line, &message).await), expected, "{pin}");
    }
    assert_eq!(scene.balance(&card), 100_000 - 5000);
}

#[tokio::test]
async fn what_an_account_cannot_pay_is_declined_by_name() {
    let pan = |last: u8| format!("54133300890201{last:02}");
    let card = |last: u8| Card::new(&pan(last), Version::Mastercard16);
    let mut poor = Card { balance: 99, ..card(1) };
    let mut blocked = Card { blocked: true, ..card(2) };
    let mut expired = Card { expiry: (20, 1), ..card(3) };
    let mut unknown = card(4);
    let scene = Scene::start(&[poor.clone(), blocked.clone(), expired.clone()]);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    for (card, reason) in [
        (&mut poor, DeclineReason::InsufficientFunds),
        (&mut blocked, DeclineReason::CardBlocked),
        (&mut expired, DeclineReason::Expired),
        (&mut unknown, DeclineReason::UnknownCard),
    ] {
        let message = terminal.purchase(card, 100, Pin::None);
        assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(reason));
    }
    let message = terminal.purchase(&mut poor, 99, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
    assert_eq!(scene.balance(&poor), 0);
    let message = terminal.purchase(&mut Card { balance: 0, ..poor.clone() }, 500_001, Pin::None);
    assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(DeclineReason::OverLimit));
}

#[tokio::test]
async fn what_the_message_claims_must_be_what_the_cryptogram_covers() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    type Spoil = fn(&mut mpos_protocol::host::AuthoriseRequest);
    let spoils: [Spoil; 5] = [
        |sale| sale.amount = mpos_protocol::Amount::from_minor(1).unwrap(),
        |sale| sale.scheme = mpos_protocol::card::CardScheme::Visa,
        |sale| sale.aid = mpos_protocol::Bytes::new(&[0xA0, 0, 0, 0, 4, 0x30, 0x60]).unwrap(),
        |sale| sale.transaction_number += 1,
        |sale| sale.pan = mpos_protocol::card::MaskedPan(37),
    ];
    for spoil in spoils {
        let mut sale = terminal.sale(&mut card, 100, Pin::None);
        spoil(&mut sale.request);
        let message = terminal.sign(HostRequest::Authorise(sale.request));
        assert_eq!(declined(&terminal.ask(&mut line, &message).await), Some(DeclineReason::DataMismatch));
    }
    assert_eq!(scene.balance(&card), 100_000);
}

#[tokio::test]
async fn a_key_is_taken_once_and_only_from_its_terminal() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    let first = terminal.sale(&mut card, 100, Pin::None).request;
    let used = first.card_data.clone();
    let message = terminal.sign(HostRequest::Authorise(first));
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));

    let foreign = other.sale(&mut card, 100, Pin::None).request.card_data;
    let mut spoilt = used.clone();
    let altered: Vec<u8> = spoilt.ciphertext.iter().map(|byte| byte ^ 1).collect();
    spoilt.ciphertext = mpos_protocol::Sealed::new(&altered).unwrap();
    let named = |counter: [u8; 4]| {
        let ksn = [&used.ksn[..8], &counter].concat();
        EncryptedCardData { ksn: Bytes::new(&ksn).unwrap(), ..used.clone() }
    };
    let short = EncryptedCardData { ksn: Bytes::new(&used.ksn[..11]).unwrap(), ..used.clone() };
    for (card_data, refusal) in [
        (used.clone(), HostRefusal::KeyUsedBefore),
        (foreign, HostRefusal::KeyUnknown),
        (spoilt, HostRefusal::BadKeySerial),
        (short, HostRefusal::KeyImpossible),
        (named([0; 4]), HostRefusal::KeyImpossible),
        (named([0xFF; 4]), HostRefusal::KeyImpossible),
    ] {
        let mut sale = terminal.sale(&mut card, 100, Pin::None).request;
        sale.card_data = card_data;
        let (message, _) = terminal.sign_content(&terminal.content(HostRequest::Authorise(sale)));
        assert_eq!(terminal.ask(&mut line, &message).await, HostAnswer::Refused(refusal));
    }
    // The chain did not move: the next message is still the second.
    let message = terminal.purchase(&mut card, 100, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
    let names =
        ["KeyUsedBefore", "KeyUnknown", "BadKeySerial", "KeyImpossible", "KeyImpossible", "KeyImpossible"];
    assert_eq!(scene.refusals(), names, "each under its name in the bank's list");
}

#[tokio::test]
async fn a_bank_takes_pin_blocks_of_the_format_that_it_asks_for_and_no_others() {
    let mut card = Card::mastercard();
    for asked in [PinBlockFormat::Format4, PinBlockFormat::Format0] {
        let scene = Scene::start_with(std::slice::from_ref(&card), |config| {
            Arc::get_mut(&mut config.bank.issuer).unwrap().pin_format = asked;
        });
        let mut terminal = scene.terminal().await;
        let mut line = terminal.connect().await.unwrap();
        let HostAnswer::Admin(AdminAnswer::Standing(standing)) = terminal.report(&mut line).await.unwrap()
        else {
            panic!("no standing")
        };
        assert_eq!(standing.word.pin_format, asked, "terminals are told before each sale");
        for sent in [PinBlockFormat::Format4, PinBlockFormat::Format0] {
            let mut sale = terminal.sale(&mut card, 5_000, Pin::Typed("1234")).request;
            if sent == PinBlockFormat::Format0 {
                let (ksn, key) = terminal.keys.next_tdea_key(KeyUsage::PinEncryption).unwrap();
                let block = pin_block::encipher_format0(b"1234", card.pan.as_bytes(), &key).unwrap();
                let (ksn, block) = (Bytes::new(&ksn.to_bytes()).unwrap(), Sealed::new(&block).unwrap());
                sale.pin = Some(EncryptedPinBlock { ksn, block });
            }
            let content = terminal.content(HostRequest::Authorise(sale));
            let (message, hash) = terminal.sign_content(&content);
            let answer = terminal.ask(&mut line, &message).await;
            if sent == asked {
                assert!(matches!(answer, HostAnswer::Approved { .. }), "{answer:?}");
                (terminal.next_sequence, terminal.head) = (terminal.next_sequence + 1, hash);
            } else {
                assert_eq!(answer, HostAnswer::Refused(HostRefusal::PinFormat));
            }
        }
        assert_eq!(scene.refusals(), ["PinFormat"]);
    }
}
