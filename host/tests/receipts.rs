//! Receipts by SMS: queued once for each press of the button, sent once, and not to be had for what was not paid.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::{
    Sms, SmsGateway,
    sms::{NotTaken, Taking},
};
use mpos_protocol::{
    Text,
    admin::{AdminAnswer, AdminRequest, Language, ReceiptFault, ReceiptRequest, SupervisorPurpose},
    host::HostAnswer,
    phone_number::PhoneNumber,
    sale::Reference,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::{Card, Line, Pin, Scene, Terminal};

const CODE: &str = "4711";
/// Looks at the queue, a tenth of a second apart, before a test gives up.
const LOOKS_MAX: usize = 600;

/// A gateway that counts what it takes, after it has refused some.
#[derive(Default)]
struct Counting {
    refuses: AtomicUsize,
    taken: Mutex<HashMap<u64, usize>>,
}

impl Counting {
    fn taken(&self) -> Vec<usize> {
        self.taken.lock().unwrap().values().copied().collect()
    }
}

impl SmsGateway for Counting {
    fn take<'a>(&'a self, sms: &'a Sms) -> Taking<'a> {
        let left = self.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return Box::pin(std::future::ready(Err(NotTaken)));
        }
        *self.taken.lock().unwrap().entry(sms.number).or_default() += 1;
        Box::pin(std::future::ready(Ok(())))
    }
}

fn start(card: &Card, gateway: &Arc<Counting>) -> Scene {
    Scene::start_with(std::slice::from_ref(card), |config| config.sms_gateway = gateway.clone())
}

fn ask(id: u8, reference: &Reference) -> ReceiptRequest {
    ReceiptRequest {
        id: [id; 16],
        reference: reference.clone(),
        phone: PhoneNumber::parse("044 123 456").unwrap(),
        language: Language::Albanian,
    }
}

async fn send(terminal: &Terminal, line: &mut Line, request: ReceiptRequest) -> AdminAnswer {
    terminal.ask_admin(line, AdminRequest::SendReceipt(request)).await
}

/// Waits until so many are delivered.
async fn delivered(scene: &Scene, count: usize) {
    for _ in 0..LOOKS_MAX {
        let messages = scene.console.messages(1000).unwrap();
        if messages.iter().filter(|sms| sms.delivered_ms.is_some()).count() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{count} messages were not delivered");
}

#[tokio::test]
async fn a_receipt_is_sent_once_however_often_it_is_asked_and_says_what_was_paid() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let reference = terminal.buy(&mut line, &mut card, 1230).await;
    for _ in 0..3 {
        assert_eq!(send(&terminal, &mut line, ask(1, &reference)).await, AdminAnswer::ReceiptQueued);
    }
    delivered(&scene, 1).await;
    let messages = scene.console.messages(10).unwrap();
    let [sms] = &messages[..] else { panic!("not one") };
    let auth_code = scene.console.sales(1).unwrap()[0].auth_code.clone().unwrap();
    assert!(sms.text.starts_with("ProCredit Bank\nPagesa u miratua: 12.30 EUR\nMastercard ***0036\n"));
    assert!(sms.text.ends_with(&format!("\nRef {reference}\nTM000016, kodi {auth_code}")), "{}", sms.text);
    assert_eq!((sms.phone.digits(), sms.terminal), ("38344123456", terminal.profile.terminal));
    let printed = format!("{sms:?}");
    assert!(!printed.contains("123456") && !printed.contains("12.30"), "{printed}");
}

#[tokio::test]
async fn only_what_was_paid_in_this_business_has_a_receipt_and_not_too_many() {
    let mut card = Card { balance: 9_000_000, ..Card::mastercard() };
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut colleague) = (scene.terminal().await, scene.terminal().await);
    let stranger = scene.terminal_of("Barnatorja Ilir").await;
    let mut line = terminal.connect().await.unwrap();
    let mut colleague_line = colleague.connect().await.unwrap();
    let mut stranger_line = stranger.connect().await.unwrap();
    let refused = AdminAnswer::ReceiptRefused;
    let paid = terminal.buy(&mut line, &mut card, 100).await;
    let message = terminal.purchase(&mut card, 4001, Pin::None);
    let HostAnswer::Declined { reference: declined, .. } = terminal.ask(&mut line, &message).await else {
        panic!("not declined")
    };
    let reversed = terminal.buy(&mut line, &mut card, 100).await;
    let reversal = terminal.reversal(terminal.next_sequence - 1, terminal.head);
    assert!(matches!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { .. }));
    for (reference, fault) in [
        (declined, ReceiptFault::NotPaid),
        (reversed, ReceiptFault::NotPaid),
        (Text::clipped("4864FC149502"), ReceiptFault::UnknownReference),
        (Text::clipped(""), ReceiptFault::UnknownReference),
    ] {
        assert_eq!(send(&terminal, &mut line, ask(9, &reference)).await, refused(fault));
    }
    let foreign = send(&stranger, &mut stranger_line, ask(1, &paid)).await;
    assert_eq!(foreign, refused(ReceiptFault::UnknownReference));

    // Three of one transaction, whichever terminal asks; the same id of another terminal is another press.
    assert_eq!(send(&colleague, &mut colleague_line, ask(1, &paid)).await, AdminAnswer::ReceiptQueued);
    for id in [1, 2] {
        assert_eq!(send(&terminal, &mut line, ask(id, &paid)).await, AdminAnswer::ReceiptQueued);
    }
    assert_eq!(send(&terminal, &mut line, ask(3, &paid)).await, refused(ReceiptFault::TooMany));
    assert_eq!(send(&terminal, &mut line, ask(2, &paid)).await, AdminAnswer::ReceiptQueued);

    // Thirty of one terminal in an hour.
    for id in 10..38 {
        let reference = terminal.buy(&mut line, &mut card, 1).await;
        assert_eq!(send(&terminal, &mut line, ask(id, &reference)).await, AdminAnswer::ReceiptQueued);
    }
    let reference = terminal.buy(&mut line, &mut card, 1).await;
    assert_eq!(send(&terminal, &mut line, ask(40, &reference)).await, refused(ReceiptFault::TooMany));
    let of_colleague = colleague.buy(&mut colleague_line, &mut card, 1).await;
    let queued = send(&colleague, &mut colleague_line, ask(2, &of_colleague)).await;
    assert_eq!(queued, AdminAnswer::ReceiptQueued);
    scene.clock.advance(Duration::from_mins(61));
    assert_eq!(send(&terminal, &mut line, ask(40, &reference)).await, AdminAnswer::ReceiptQueued);
    assert_eq!(scene.console.messages(100).unwrap().len(), 33);
}

#[tokio::test]
async fn what_a_gateway_does_not_take_is_offered_again_later_and_after_a_restart() {
    let mut card = Card::mastercard();
    let gateway = Arc::new(Counting { refuses: AtomicUsize::new(2), ..Counting::default() });
    let mut scene = start(&card, &gateway);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let reference = terminal.buy(&mut line, &mut card, 100).await;
    assert_eq!(send(&terminal, &mut line, ask(1, &reference)).await, AdminAnswer::ReceiptQueued);
    let attempts = |scene: &Scene| scene.console.messages(1).unwrap()[0].attempts;
    for expected in [1, 2] {
        for _ in 0..LOOKS_MAX {
            if attempts(&scene) == expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(attempts(&scene), expected);
        assert_eq!(scene.console.messages(1).unwrap()[0].delivered_ms, None);
        scene.restart();
        scene.clock.advance(Duration::from_secs(61));
    }
    delivered(&scene, 1).await;
    assert_eq!((attempts(&scene), gateway.taken()), (3, vec![1]));
}

#[tokio::test]
async fn receipts_that_wait_survive_a_restart_and_none_is_sent_twice() {
    let mut card = Card::mastercard();
    let gateway = Arc::new(Counting::default());
    let mut scene = start(&card, &gateway);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let mut asked = 0;
    for round in 0..4 {
        for number in 0..5 {
            let reference = terminal.buy(&mut line, &mut card, 100).await;
            let queued = send(&terminal, &mut line, ask(round * 5 + number, &reference)).await;
            assert_eq!(queued, AdminAnswer::ReceiptQueued);
            asked += 1;
        }
        scene.restart();
        terminal.address = scene.address();
        line = terminal.connect().await.unwrap();
    }
    delivered(&scene, asked).await;
    scene.restart();
    delivered(&scene, asked).await;
    assert_eq!(gateway.taken(), vec![1; asked]);
}

#[tokio::test]
async fn a_refund_has_a_receipt_of_its_own_in_each_language_in_one_part() {
    let mut card = Card::visa();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    let paid = terminal.buy(&mut line, &mut card, 4000).await;
    let purpose = SupervisorPurpose::Refund { reference: paid.clone() };
    let grant = terminal.agree(&mut line, CODE, purpose).await.unwrap();
    let message = terminal.refund(&mut card, 1500, &paid, &grant);
    let HostAnswer::Approved { reference, .. } = terminal.ask(&mut line, &message).await else {
        panic!("not approved")
    };
    for (id, language) in (1..).zip(Language::ALL) {
        let request = ReceiptRequest { language, ..ask(id, &reference) };
        assert_eq!(send(&terminal, &mut line, request).await, AdminAnswer::ReceiptQueued);
    }
    let messages = scene.console.messages(3).unwrap();
    let words =
        ["Povracaj odobren: 15.00 EUR", "Refund approved: 15.00 EUR", "Rimbursimi u miratua: 15.00 EUR"];
    for (sms, words) in messages.iter().zip(words) {
        assert!(sms.text.contains(words), "{}", sms.text);
        assert!(sms.text.is_ascii() && sms.text.len() <= 160);
    }
}
