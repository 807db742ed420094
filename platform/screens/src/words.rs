//! Words in the merchant's language. A [`Phrase`] names what is to be said and holds what belongs into it, in no
//! language: it is said when a screen is drawn, so that a change of language changes all that is to be seen.
//!
//! The words are Fluent resources, `lang/*.ftl`, built into the program. That each has every phrase, and that none
//! fails to format, is held by `tests/languages.rs`.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use mpos_protocol::{Moment, admin::Language};
use unic_langid::LanguageIdentifier;

/// What is to be said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phrase {
    id: &'static str,
    parts: Vec<(&'static str, Part)>,
}

/// What belongs into a phrase.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Number(u64),
    Phrase(Phrase),
    /// What is to be done about it.
    NextOf(Phrase),
    /// Uptime in milliseconds: said as the time that is left until then.
    Until(u64),
}

/// The phrase of this name.
pub(crate) fn say(id: &'static str) -> Phrase {
    Phrase { id, parts: Vec::new() }
}

impl Phrase {
    pub(crate) fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.parts.push((name, Part::Text(text.into())));
        self
    }

    pub(crate) fn number(mut self, name: &'static str, number: impl Into<u64>) -> Self {
        self.parts.push((name, Part::Number(number.into())));
        self
    }

    pub(crate) fn phrase(mut self, name: &'static str, phrase: Phrase) -> Self {
        self.parts.push((name, Part::Phrase(phrase)));
        self
    }

    /// What is to be done about another phrase: its attribute `next`.
    pub(crate) fn next_of(mut self, name: &'static str, phrase: Phrase) -> Self {
        self.parts.push((name, Part::NextOf(phrase)));
        self
    }

    pub(crate) fn until(mut self, name: &'static str, now: Moment, seconds: u32) -> Self {
        let until_ms = now.uptime_ms.saturating_add(u64::from(seconds).saturating_mul(1000));
        self.parts.push((name, Part::Until(until_ms)));
        self
    }
}

/// One language.
pub(crate) struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        let source = match language {
            Language::Albanian => include_str!("../lang/sq.ftl"),
            Language::English => include_str!("../lang/en.ftl"),
            Language::Serbian => include_str!("../lang/sr.ftl"),
        };
        let locale: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Marks around what is filled in matter where writing goes both ways; in these languages it does not.
        bundle.set_use_isolating(false);
        // What does not parse is left out of the resource; a test sees that nothing is.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _errors)| resource);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The phrase; its name where it has no words, which a test rules out.
    pub(crate) fn say(&self, phrase: &Phrase, now: Moment) -> String {
        self.format(phrase, None, now).unwrap_or_else(|| phrase.id.to_owned())
    }

    /// What is to be done about it: the phrase's attribute `next`.
    pub(crate) fn next(&self, phrase: &Phrase, now: Moment) -> Option<String> {
        self.format(phrase, Some("next"), now)
    }

    fn format(&self, phrase: &Phrase, attribute: Option<&str>, now: Moment) -> Option<String> {
        let message = self.bundle.get_message(phrase.id)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        let mut arguments = FluentArgs::with_capacity(phrase.parts.len());
        for (name, part) in &phrase.parts {
            let value = match part {
                Part::Text(text) => FluentValue::from(text.as_str()),
                Part::Number(number) => FluentValue::from(*number),
                Part::Phrase(phrase) => FluentValue::from(self.say(phrase, now)),
                Part::NextOf(phrase) => FluentValue::from(self.next(phrase, now).unwrap_or_default()),
                Part::Until(until_ms) => FluentValue::from(time_left(*until_ms, now)),
            };
            arguments.set(*name, value);
        }
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{}: {errors:?}", phrase.id);
        Some(said)
    }
}

/// `0:59`, `12:00`, `1:00:00`.
fn time_left(until_ms: u64, now: Moment) -> String {
    let seconds = until_ms.saturating_sub(now.uptime_ms).div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}
