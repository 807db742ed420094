//! A bank in another process, its cards, and a phone that is switched on and off.

use crate::{
    host_process::HostProcess,
    loader::Loader,
    merchant::Merchant,
    phone::{KeyStore, Phone, Surroundings},
    wire::Value,
};
use mpos_cards::{CardStore, IssuerKeys, VirtualCard, catalogue};
use mpos_certs::DevelopmentBank;
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

/// What the phone says of itself: the bank's table for a development bank allows it.
const PHONE: [&str; 4] =
    ["Google Pixel 9", "16", "2026-11-05", "google/tokay/tokay:16/BP1A/1:user/release-keys"];

pub(crate) struct World {
    root: tempfile::TempDir,
    host: HostProcess,
    /// The phone's key store: it outlives the application.
    pub(crate) keys: Arc<Mutex<KeyStore>>,
}

/// The application at work; dropped as Android ends a process.
pub(crate) struct Running {
    pub(crate) merchant: Merchant,
    pub(crate) loader: Loader,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let host = HostProcess::start(&root.path().join("bank"));
        fs::create_dir(root.path().join("phone")).expect("a folder");
        Self { root, host, keys: Arc::default() }
    }

    fn bank(&self) -> PathBuf {
        self.root.path().join("bank")
    }

    /// The application's private folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("phone")
    }

    /// `mpos host` with these arguments, on the bank's folder.
    fn asks_host(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpos"));
        command.arg("--data").arg(self.bank()).arg("host").args(arguments);
        command.output().expect("the program runs")
    }

    /// The code that the bank sends by e-mail.
    pub(crate) fn activation_code(&self) -> String {
        let said = self.asks_host(&["activation-code", "--merchant", "Furra Çaka"]).stdout;
        String::from_utf8(said).expect("text").trim().to_owned()
    }

    /// The bank's books, a line a sale.
    pub(crate) fn transactions(&self) -> Vec<String> {
        let listed = self.asks_host(&["transactions"]).stdout;
        String::from_utf8_lossy(&listed).lines().skip(1).map(str::to_owned).collect()
    }

    /// How many sales of this amount stand in the bank's books as approved.
    pub(crate) fn approved(&self, amount: &str) -> usize {
        let sales = self.transactions();
        let words = |sale: &String| sale.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let is_it = |words: &Vec<String>| words.iter().any(|word| word == amount);
        sales
            .iter()
            .map(words)
            .filter(is_it)
            .filter(|words| words.iter().any(|word| word == "approved"))
            .count()
    }

    /// Has the bank compare both books from the first transaction on.
    pub(crate) fn orders_comparison(&self) {
        let said = String::from_utf8(self.asks_host(&["reconcile", "--again"]).stderr).expect("text");
        assert!(said.contains("is compared again from the first transaction"), "{said}");
    }

    /// Whether both books agree, by the bank's word, and how many transactions were compared.
    pub(crate) fn reconciled(&self) -> (bool, usize) {
        let said = self.asks_host(&["reconcile", "--json"]).stdout;
        let report: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
        let compared = report["terminals"][0]["transactions"].as_u64().expect("a number");
        (report["agrees"] == true, usize::try_from(compared).expect("a few"))
    }

    /// A card of the bank's.
    pub(crate) fn card(&self, name: &str) -> VirtualCard {
        let keys = DevelopmentBank::open_or_create(&self.bank().join("bank")).expect("the bank's keys");
        let store = CardStore::open(&self.bank().join("cards")).expect("the cards");
        let issuer =
            IssuerKeys { mastercard_imk: keys.mastercard_master_key(), visa_imk: keys.visa_master_key() };
        let choice = catalogue::find(name).expect("a card");
        choice.personalise(&store, &keys.schemes, &issuer).expect("a card")
    }

    /// What the APK has in its assets.
    pub(crate) fn bank_file(&self) -> Vec<u8> {
        let cas = fs::read(self.bank().join("bank/bank-ca.pem")).expect("the bank gives them out");
        [format!("address: {}\n", self.host.address).as_bytes(), &cas].concat()
    }

    /// Loads the library without starting anything.
    pub(crate) fn load(&self) -> Running {
        let around = Arc::<Surroundings>::default();
        let (seen, keys) = (Arc::clone(&around), Arc::clone(&self.keys));
        let loader = Loader::start(move |calls| Phone::new(seen, keys, calls));
        Running { merchant: Merchant { calls: loader.calls().clone(), around }, loader }
    }

    /// What `start` is called with.
    pub(crate) fn start_arguments(&self) -> [Value; 5] {
        let text = |text: &str| Value::Text(text.to_owned());
        [
            Value::Object(1),
            text(self.folder().to_str().expect("text")),
            Value::Bytes(self.bank_file()),
            text("en"),
            Value::List(PHONE.map(text).to_vec()),
        ]
    }

    /// Opens the application.
    pub(crate) fn open(&self) -> Running {
        let running = self.load();
        running.merchant.calls.call("start", &self.start_arguments()).expect("it starts");
        running
    }

    /// Opens it for the first time, with the supervisor's code defined.
    pub(crate) fn activate(&self, supervisor_code: &str) -> Running {
        let running = self.open();
        let merchant = &running.merchant;
        merchant.types("Activation code", &self.activation_code());
        merchant.presses("Next");
        merchant.sees("Define the supervisor code");
        merchant.types("Supervisor code", supervisor_code);
        merchant.types("Supervisor code once more", supervisor_code);
        merchant.presses("Confirm");
        merchant.waits("the menu", |screen| (&*screen.name == "menu").then_some(()));
        running
    }
}
