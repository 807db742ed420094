//! The few commands of WebDriver (W3C) that these tests need, over one plain HTTP request each. A session that is
//! dropped closes its browser, also when its test has failed.

use serde_json::{Value, json};
use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A browser's start on a busy machine, or a page's script, takes well under this.
const COMMAND_WAIT: Duration = Duration::from_secs(60);
const DRIVER_WAIT: Duration = Duration::from_secs(20);
/// How elements are named on the wire (W3C WebDriver, 11.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const INSTALL: &str = "these tests drive a real Chromium: install it and its driver, \
    on Debian `apt-get install chromium chromium-driver`";

/// A session with a browser of its own.
pub(crate) struct Session {
    driver: Driver,
    path: String,
}

/// An element of a page.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Element(String);

impl Element {
    /// As a script's argument.
    pub(crate) fn as_argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// What the driver said no to: its error's name, as the specification has it.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

struct Driver {
    process: Child,
    port: u16,
}

impl Session {
    /// Starts Chromium with these options (`goog:chromeOptions`).
    pub(crate) fn start(options: Value) -> Self {
        let driver = Driver::start();
        let always = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let asked = json!({ "capabilities": { "alwaysMatch": always } });
        let session = driver.command("POST", "/session", &asked).unwrap_or_else(|Refused(error)| {
            panic!("Chromium did not start: {error}; {INSTALL}");
        });
        let id = session["sessionId"].as_str().expect("a session has an id");
        let path = format!("/session/{id}");
        Self { driver, path }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        self.driver.command("POST", &format!("{}{path}", self.path), body)
    }

    fn get(&self, path: &str) -> Result<Value, Refused> {
        self.driver.command("GET", &format!("{}{path}", self.path), &Value::Null)
    }

    pub(crate) fn open(&self, address: &str) {
        self.post("/url", &json!({ "url": address })).expect("the page opens");
    }

    pub(crate) fn reload(&self) {
        self.post("/refresh", &json!({})).expect("the page opens again");
    }

    /// The elements of an XPath that are there now.
    pub(crate) fn find(&self, xpath: &str) -> Vec<Element> {
        let found = self.post("/elements", &json!({ "using": "xpath", "value": xpath })).expect("an XPath");
        let id = |element: &Value| element[ELEMENT].as_str().map(|id| Element(id.to_owned()));
        found.as_array().into_iter().flatten().filter_map(id).collect()
    }

    /// What is rendered of it.
    pub(crate) fn text(&self, element: &Element) -> Result<String, Refused> {
        self.get(&format!("/element/{}/text", element.0))
            .map(|text| text.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn is_shown(&self, element: &Element) -> Result<bool, Refused> {
        self.get(&format!("/element/{}/displayed", element.0)).map(|shown| shown == true)
    }

    pub(crate) fn is_enabled(&self, element: &Element) -> Result<bool, Refused> {
        self.get(&format!("/element/{}/enabled", element.0)).map(|enabled| enabled == true)
    }

    pub(crate) fn click(&self, element: &Element) -> Result<(), Refused> {
        self.post(&format!("/element/{}/click", element.0), &json!({})).map(drop)
    }

    pub(crate) fn type_into(&self, element: &Element, text: &str) -> Result<(), Refused> {
        self.post(&format!("/element/{}/value", element.0), &json!({ "text": text })).map(drop)
    }

    /// Empties a line.
    pub(crate) fn clear(&self, element: &Element) {
        self.post(&format!("/element/{}/clear", element.0), &json!({})).expect("a line can be emptied");
    }

    /// Presses keys of the keyboard, wherever the focus is.
    pub(crate) fn keys(&self, keys: &str) {
        let press =
            |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }));
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] })).expect("a keyboard has these keys");
    }

    /// What has the focus.
    pub(crate) fn focused(&self) -> Option<Element> {
        self.get("/element/active").ok()?[ELEMENT].as_str().map(|id| Element(id.to_owned()))
    }

    /// Runs a script as a function that calls its last argument with its result.
    pub(crate) fn script(&self, script: &str, arguments: &Value) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": arguments })).expect("the script ends")
    }

    /// A new tab, in front from now on; `tab` names it.
    pub(crate) fn open_tab(&self) -> String {
        let tab = self.post("/window/new", &json!({ "type": "tab" })).expect("a tab opens");
        let handle = tab["handle"].as_str().expect("a tab has a name").to_owned();
        self.go_to_tab(&handle);
        handle
    }

    /// The tab in front.
    pub(crate) fn tab(&self) -> String {
        self.get("/window").expect("there is a tab").as_str().expect("a tab has a name").to_owned()
    }

    pub(crate) fn go_to_tab(&self, handle: &str) {
        self.post("/window", &json!({ "handle": handle })).expect("the tab is there");
    }

    /// A picture of an element, PNG in base64.
    pub(crate) fn picture(&self, element: &Element) -> String {
        let picture = self.get(&format!("/element/{}/screenshot", element.0)).expect("a picture");
        picture.as_str().expect("base64").to_owned()
    }

    /// What the page's scripts complained about, a refusal by the content security policy included.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" })).expect("Chromium keeps a log");
        let entries = log.as_array().into_iter().flatten();
        entries.filter_map(|entry| entry["message"].as_str().map(ToOwned::to_owned)).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver is killed after this, and leaves no browser behind when it has closed it before.
        let _closed = self.driver.command("DELETE", &self.path, &Value::Null);
    }
}

impl Driver {
    /// Starts chromedriver on a port of its choice, which it prints.
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; {INSTALL}"));
        let output = process.stdout.take().expect("piped");
        let mut driver = Self { process, port: 0 };
        let (tell, told) = mpsc::channel();
        // Reads on to the end: a driver whose output nobody takes would stand still.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let port =
                    line.rsplit_once("on port ").map(|(_, port)| port.trim_end_matches('.').parse::<u16>());
                if let Some(Ok(port)) = port {
                    let _heard = tell.send(port);
                }
            }
        });
        // The first line names the port that was asked for, 0; a later one the port it got.
        while driver.port == 0 {
            driver.port = told.recv_timeout(DRIVER_WAIT).expect("chromedriver says its port");
        }
        driver
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, Refused> {
        let lost = |error: io::Error| Refused(format!("no answer to {method} {path}: {error}"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(lost)?;
        stream.set_read_timeout(Some(COMMAND_WAIT)).map_err(lost)?;
        stream.write_all(request.as_bytes()).map_err(lost)?;
        let body = read_body(&mut BufReader::new(stream)).map_err(lost)?;
        let mut answer: Value = serde_json::from_slice(&body).map_err(|error| lost(error.into()))?;
        match answer["value"]["error"].as_str() {
            Some(error) => Err(Refused(format!("{error}: {}", answer["value"]["message"]))),
            None => Ok(answer["value"].take()),
        }
    }
}

/// The driver keeps its connections open: an answer ends where its length says.
fn read_body(answer: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(body)
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _gone = self.process.wait();
    }
}
