//! The events as Java: a method for each act that makes its frame. Java has no object for an event, so that what was
//! typed is in no more places than it must be.

use super::{
    camel,
    model::{Field, Kind, Model, ModelError},
    upper_first,
};
use mpos_protocol::PROTOCOL_VERSION;
use std::fmt::Write as _;

/// The class with a method for each variant of the event's `act`.
pub(super) fn class(model: &Model, root: &str, limit: &str) -> Result<String, ModelError> {
    let mut text = format!(
        "// Made by `cargo xtask java` from protocol/src/screen.rs, which says what each of these is. Do not edit.\n\
         package com.procreditbank.kosovo.mpos;\n\n\
         /** What can be done on a screen, each as its frame. What does not fit is a {{@link Frame.Bad}}. */\n\
         final class {root} {{\n    static final int FRAME_BYTES_MAX = {};\n    static final int VERSION = \
         {PROTOCOL_VERSION};\n\n    private {root}() {{}}\n\n",
        model.constant(limit)?
    );
    let fields = model.record(root)?;
    let [screen, Field { kind: Kind::Choice(acts), .. }] = fields.as_slice() else {
        return Err(ModelError::Form(root.to_owned()));
    };
    let mut before = Parameters::default();
    before.add(model, screen, "")?;
    for (index, act) in model.variants(acts)?.iter().enumerate() {
        let mut parameters = Parameters::default();
        for field in &act.fields {
            parameters.add(model, field, "")?;
        }
        let declared = [before.declared.as_slice(), &parameters.declared].concat().join(", ");
        let _ = writeln!(
            text,
            "    static byte[] {}({declared}) {{\n        return act({index}, {}){}.done();\n    }}\n",
            camel(&act.name),
            before.names.join(", "),
            parameters.written
        );
    }
    let _ = writeln!(
        text,
        "    private static Frame.Writer act(int act, {}) {{\n        return new Frame.Writer(FRAME_BYTES_MAX, \
         VERSION){}.number(act);\n    }}\n}}",
        before.declared.join(", "),
        before.written
    );
    Ok(text)
}

/// What a method takes, and how it writes that. A struct is taken as its fields.
#[derive(Default)]
struct Parameters {
    declared: Vec<String>,
    names: Vec<String>,
    written: String,
}

impl Parameters {
    fn add(&mut self, model: &Model, field: &Field, of: &str) -> Result<(), ModelError> {
        let own = match (&field.name, &field.kind) {
            (Some(name), _) => camel(name),
            (None, Kind::Number(_)) => "position".to_owned(),
            (None, _) => camel(&field.written),
        };
        let name = if of.is_empty() { own } else { format!("{of}{}", upper_first(&own)) };
        let (java, write) = match &field.kind {
            Kind::Flag => ("boolean", format!("flag({name})")),
            Kind::Number(8) => ("int", format!("octet({name})")),
            Kind::Number(_) => ("long", format!("number({name})")),
            Kind::Text(most) => ("CharSequence", format!("text({name}, {most})")),
            Kind::Record(record) => {
                let of = if field.name.is_some() { name.as_str() } else { "" };
                return model.record(record)?.iter().try_for_each(|inner| self.add(model, inner, of));
            }
            other => return Err(ModelError::Form(format!("{other:?} in an event"))),
        };
        self.declared.push(format!("{java} {name}"));
        self.names.push(name);
        let _ = write!(self.written, ".{write}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Model, class};

    #[test]
    fn an_act_is_a_method_that_takes_the_fields_of_what_it_holds() {
        let mut model = Model::default();
        let source = "const MOST: usize = 9; struct It { screen: u32, act: Act } struct Point { x: u16, y: u16 }
            enum Act { Ready, Touch { pad: u32, at: Secret<Point> }, Press(ElementId) } type ElementId = Text<32>;";
        model.add(source).unwrap();
        let text = class(&model, "It", "MOST").unwrap();
        assert!(
            text.contains("static byte[] ready(long screen) {\n        return act(0, screen).done();"),
            "{text}"
        );
        assert!(text.contains("touch(long screen, long pad, long atX, long atY)"), "{text}");
        assert!(text.contains("act(1, screen).number(pad).number(atX).number(atY).done()"), "{text}");
        assert!(text.contains("press(long screen, CharSequence elementId)"), "{text}");
        assert!(text.contains(".text(elementId, 32)"), "{text}");
    }
}
