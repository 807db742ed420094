//! The log: Android's on a phone, standard error elsewhere. What is logged is what the actors and this library say, and
//! secrets have no text (`mpos_protocol::Secret`).
//!
//! A subscriber of our own, since a phone needs no filters and no spans: warnings and errors always, what is between
//! them as `INFO`.
#![allow(unsafe_code)]

use std::fmt::{self, Write};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The longest line: Android cuts at about four thousand bytes.
const LINE_BYTES_MAX: usize = 2_000;

/// Has everything that is logged from now on go there. Once; later calls do nothing.
pub(crate) fn start() {
    let _already_set = tracing::subscriber::set_global_default(PhoneLog);
}

struct PhoneLog;

impl Subscriber for PhoneLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        write(event.metadata().level(), line.0);
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

/// The message, then its fields.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?} "),
            name => write!(self.0, "{name}={value:?} "),
        };
    }
}

fn cut(mut line: String) -> String {
    let end = (0..=line.len().min(LINE_BYTES_MAX)).rev().find(|end| line.is_char_boundary(*end));
    line.truncate(end.unwrap_or_default());
    line.truncate(line.trim_end().len());
    line
}

#[cfg(target_os = "android")]
fn write(level: &Level, line: String) {
    use std::ffi::{CString, c_char, c_int};

    #[link(name = "log")]
    unsafe extern "C" {
        fn __android_log_write(priority: c_int, tag: *const c_char, text: *const c_char) -> c_int;
    }
    // android/log.h: 4 is INFO, 5 WARN, 6 ERROR.
    let priority = match *level {
        Level::ERROR => 6,
        Level::WARN => 5,
        _ => 4,
    };
    let Ok(text) = CString::new(cut(line).replace('\0', " ")) else { return };
    // SAFETY: both strings end with a zero byte and outlive the call, which keeps neither.
    unsafe { __android_log_write(priority, c"mPOS".as_ptr(), text.as_ptr()) };
}

#[cfg(not(target_os = "android"))]
fn write(level: &Level, line: String) {
    eprintln!("{level} {}", cut(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_between_letters() {
        let line = cut("ë".repeat(LINE_BYTES_MAX) + " ");
        assert_eq!(line.len(), LINE_BYTES_MAX);
        assert_eq!(cut("short  ".to_owned()), "short");
    }
}
