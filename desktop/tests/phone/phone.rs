//! What a phone is to the library: its key store, its contactless field with a card that somebody holds to it, and the
//! shell that shows screens.

use crate::{
    air::Exchange,
    loader::{Calls, Java},
    wire::Value,
};
use mpos_cards::{FieldLoss, VirtualCard};
use mpos_protocol::screen::Screen;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey};
use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

/// The object of a card: there is one at a time.
const CARD: u32 = 7;
/// What the stand-in for the sealing key puts before what it sealed.
const SEAL: u8 = 0x5A;

/// What is seen and held; shared with whoever sees and holds it.
#[derive(Default)]
pub(crate) struct Surroundings {
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) screen: Option<Screen>,
    pub(crate) saved: Vec<(String, String, Vec<u8>)>,
    card: Option<VirtualCard>,
    pub(crate) is_polling: bool,
    pub(crate) taps: u32,
    /// Cards answer no sooner than real ones do.
    pub(crate) is_paced: bool,
    /// The tap in progress, or the last one.
    pub(crate) tap: Tap,
}

/// A card's time in the field.
#[derive(Default)]
pub(crate) struct Tap {
    began: Option<Instant>,
    pub(crate) exchanges: Vec<Exchange>,
    /// From the tap to the moment in which the card was let go of.
    pub(crate) took: Option<Duration>,
}

/// The phone, as the library calls it.
pub(crate) struct Phone {
    around: Arc<Surroundings>,
    keys: Arc<Mutex<KeyStore>>,
    calls: Calls,
}

/// Android Keystore's keys; they outlive the process, as on a phone.
#[derive(Default)]
pub(crate) struct KeyStore(HashMap<String, (KeyPair, Vec<u8>)>);

impl KeyStore {
    /// As when the phone's owner clears its credentials.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Phone {
    pub(crate) fn new(around: Arc<Surroundings>, keys: Arc<Mutex<KeyStore>>, calls: Calls) -> Self {
        Self { around, keys, calls }
    }

    fn make(&mut self, name: &str) -> Value {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let certificate =
            CertificateParams::new(Vec::new()).and_then(|params| params.self_signed(&key)).expect("one");
        let der = certificate.der().to_vec();
        self.keys.lock().expect("nobody panicked").0.insert(name.to_owned(), (key, der.clone()));
        Value::List(vec![Value::Bytes(der)])
    }

    fn polling(&mut self, on: bool) -> Value {
        let mut state = self.around.state.lock().expect("nobody panicked");
        state.is_polling = on;
        self.around.changed.notify_all();
        if !on && state.taps > 0 {
            // The reader let go of it: the hand takes it back.
            state.card = None;
        }
        if on && state.card.is_some() {
            tap(&mut state, &self.calls);
        }
        Value::Null
    }

    fn transceive(&mut self, command: &[u8]) -> Value {
        let arrived = Instant::now();
        let mut state = self.around.state.lock().expect("nobody panicked");
        match state.card.as_mut().map(|card| card.transmit(command)) {
            Some(Ok(answer)) => {
                if state.is_paced {
                    state.tap.exchanges.push(Exchange::paced(arrived, command, &answer));
                }
                Value::Bytes(answer)
            }
            Some(Err(FieldLoss::Silent)) => Value::Throw("java/io/IOException"),
            Some(Err(FieldLoss::Left)) | None => Value::Throw("android/nfc/TagLostException"),
        }
    }
}

impl Surroundings {
    /// Holds a card to the phone; it is tapped when the reader looks for one.
    pub(crate) fn hold(&self, card: VirtualCard, calls: &Calls) {
        let mut state = self.state.lock().expect("nobody panicked");
        state.card = Some(card);
        if state.is_polling {
            tap(&mut state, calls);
        }
    }
}

fn tap(state: &mut State, calls: &Calls) {
    if let Some(card) = &mut state.card {
        card.tap();
        state.taps += 1;
        state.is_polling = false;
        state.tap = Tap { began: Some(Instant::now()), ..Tap::default() };
        // Returns when the exchange is over; a phone gives it a thread of its own.
        calls.begin("tag", &[Value::Object(CARD)]);
    }
}

impl Java for Phone {
    fn call(&mut self, method: &str, arguments: &[Value]) -> Value {
        match (method, arguments) {
            // The object comes first where the method is one of an object's.
            ("Shell.show", [_, frame]) => {
                let screen = Screen::from_frame(frame.bytes()).expect("a screen");
                self.around.state.lock().expect("nobody panicked").screen = Some(screen);
                self.around.changed.notify_all();
                Value::Null
            }
            ("Shell.polling", [_, on]) => self.polling(on.number() == 1),
            ("Shell.save", [_, name, kind, content]) => {
                let file = (name.text().to_owned(), kind.text().to_owned(), content.bytes().to_vec());
                self.around.state.lock().expect("nobody panicked").saved.push(file);
                self.around.changed.notify_all();
                Value::Null
            }
            ("Keys.make", [name, _challenge]) => self.make(name.text()),
            ("Keys.chain", [name]) => {
                let keys = self.keys.lock().expect("nobody panicked");
                let certificate = keys.0.get(name.text()).map(|(_, der)| Value::Bytes(der.clone()));
                Value::List(certificate.into_iter().collect())
            }
            ("Keys.sign", [name, message]) => {
                match self.keys.lock().expect("nobody panicked").0.get(name.text()) {
                    Some((key, _)) => Value::Bytes(key.sign(message.bytes()).expect("a signature")),
                    None => Value::Throw("java/security/KeyStoreException"),
                }
            }
            ("Keys.seal", [plain]) => {
                // No cipher: what is under test is who keeps what. The key is in the store like the others.
                self.make("seal");
                Value::Bytes(std::iter::once(SEAL).chain(plain.bytes().iter().rev().copied()).collect())
            }
            ("Keys.open", [sealed]) => match sealed.bytes().split_first() {
                Some((&SEAL, rest)) if self.keys.lock().expect("nobody panicked").0.contains_key("seal") => {
                    Value::Bytes(rest.iter().rev().copied().collect())
                }
                _ => Value::Throw("javax/crypto/AEADBadTagException"),
            },
            ("Debug.isDebuggerConnected", []) => Value::Number(0),
            ("IsoDep.connect", [Value::Object(CARD)]) => Value::Null,
            ("IsoDep.close", [Value::Object(CARD)]) => {
                let mut state = self.around.state.lock().expect("nobody panicked");
                state.tap.took = state.tap.began.map(|began| began.elapsed());
                self.around.changed.notify_all();
                Value::Null
            }
            ("IsoDep.setTimeout", [Value::Object(CARD), wait]) => {
                assert_eq!(wait.number(), 1_500);
                Value::Null
            }
            ("IsoDep.transceive", [Value::Object(CARD), command]) => self.transceive(command.bytes()),
            other => panic!("the library calls {other:?}"),
        }
    }
}
