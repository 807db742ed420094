//! The customer's phone: a gateway that brings the bank's messages to the page, and leaves them in the books as the
//! development bank's own does.

use mpos_host::{Sms, SmsGateway, Taking};
use serde::Serialize;
use tokio::sync::watch;

/// Messages that are shown, the newest.
const SHOWN_MAX: usize = 8;

/// A text message that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    #[serde(skip)]
    number: u64,
    to: String,
    text: String,
}

/// The phone, newest message first.
pub(super) struct CustomersPhone(pub(super) watch::Sender<Vec<Message>>);

impl SmsGateway for CustomersPhone {
    fn take<'a>(&'a self, sms: &'a Sms) -> Taking<'a> {
        let message =
            Message { number: sms.number, to: sms.phone.grouped().to_string(), text: sms.text.clone() };
        self.0.send_if_modified(|messages| {
            // After a crash of the host it may be offered again.
            let is_new = messages.iter().all(|known| known.number != message.number);
            if is_new {
                messages.insert(0, message);
                messages.truncate(SHOWN_MAX);
            }
            is_new
        });
        Box::pin(std::future::ready(Ok(())))
    }
}
