//! A type and all that is in it as a Java class that reads itself from a frame, field by field in the wire's order.
//!
//! A struct is a class with final fields; an enum without data a Java enum; an enum with data an abstract class with a
//! class for each variant. A variant that holds one struct of its own name is that struct.

use super::{
    camel, constant,
    model::{Field, Kind, Model, ModelError},
    upper_first,
};
use mpos_protocol::PROTOCOL_VERSION;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
};

/// The class `root` and, in it, every type that it holds.
pub(super) fn class(model: &Model, root: &str, limit: &str) -> Result<String, ModelError> {
    let mut classes = Classes { model, queue: VecDeque::new(), parents: BTreeMap::new() };
    let mut text = format!(
        "// Made by `cargo xtask java` from protocol/src/screen.rs, which says what each of these is. Do not edit.\n\
         package com.procreditbank.kosovo.mpos;\n\n\
         /** All that is to be seen, read from its frame. It is never printed: it may hold what others must not see. */\n\
         final class {root} {{\n    static final int FRAME_BYTES_MAX = {};\n    static final int VERSION = \
         {PROTOCOL_VERSION};\n\n    /** Reads a whole frame. Any other bytes are a {{@link Frame.Bad}}. */\n    static \
         {root} of(byte[] frame) {{\n        Frame.Reader in = new Frame.Reader(frame, FRAME_BYTES_MAX, VERSION);\n        \
         {root} read = new {root}(in);\n        in.end();\n        return read;\n    }}\n\n",
        model.constant(limit)?
    );
    text.push_str(&classes.body(root, &model.record(root)?, "    ")?);
    while let Some(kind) = classes.queue.pop_front() {
        text.push('\n');
        text.push_str(&classes.declared(&kind)?);
    }
    text.push_str("}\n");
    Ok(text)
}

struct Classes<'a> {
    model: &'a Model,
    /// Types that were used and are not written yet.
    queue: VecDeque<Kind>,
    /// Each type that was used, and the class that it extends.
    parents: BTreeMap<String, Option<String>>,
}

impl Classes<'_> {
    /// Notes that a type is used.
    fn uses(&mut self, kind: &Kind, parent: Option<&str>) {
        match kind {
            Kind::List(of, _) | Kind::Optional(of) => self.uses(of, None),
            Kind::Record(name) | Kind::Names(name) | Kind::Choice(name) => {
                if !self.parents.contains_key(name) {
                    self.parents.insert(name.clone(), parent.map(ToOwned::to_owned));
                    self.queue.push_back(kind.clone());
                }
            }
            Kind::Flag | Kind::Number(_) | Kind::Text(_) | Kind::Bytes(_) => {}
        }
    }

    fn declared(&mut self, kind: &Kind) -> Result<String, ModelError> {
        match kind {
            Kind::Record(name) => {
                let fields = self.model.record(name)?;
                let parent = self.parents.get(name).cloned().flatten();
                self.record(name, &fields, parent.as_deref())
            }
            Kind::Names(name) => {
                let names = self.model.variants(name)?;
                let names: Vec<_> = names.iter().map(|variant| constant(&variant.name)).collect();
                Ok(format!("    enum {name} {{ {} }}\n", names.join(", ")))
            }
            Kind::Choice(name) => self.choice(name),
            _ => Ok(String::new()),
        }
    }

    fn record(&mut self, name: &str, fields: &[Field], parent: Option<&str>) -> Result<String, ModelError> {
        let extends = parent.map(|parent| format!(" extends {parent}")).unwrap_or_default();
        let body = self.body(name, fields, "        ")?;
        Ok(format!("    static final class {name}{extends} {{\n{body}    }}\n"))
    }

    fn choice(&mut self, name: &str) -> Result<String, ModelError> {
        let mut cases = String::new();
        let mut classes = String::new();
        for (index, variant) in self.model.variants(name)?.iter().enumerate() {
            let _ = writeln!(cases, "                case {index}: return new {}(in);", variant.name);
            match variant.fields.as_slice() {
                [Field { name: None, kind: kind @ Kind::Record(record), .. }] if *record == variant.name => {
                    self.uses(kind, Some(name));
                }
                fields => {
                    classes.push('\n');
                    classes.push_str(&self.record(&variant.name, fields, Some(name))?);
                }
            }
        }
        Ok(format!(
            "    abstract static class {name} {{\n        static {name} read(Frame.Reader in) {{\n            switch \
             (in.variant()) {{\n{cases}                default: throw in.bad();\n            }}\n        }}\n    }}\n\
             {classes}"
        ))
    }

    /// Fields, and the constructor that reads them.
    fn body(&mut self, name: &str, fields: &[Field], indent: &str) -> Result<String, ModelError> {
        let (mut declared, mut read) = (String::new(), String::new());
        for field in fields {
            self.uses(&field.kind, None);
            let java = named(field);
            let _ = writeln!(declared, "{indent}final {} {java};", java_type(&field.kind)?);
            if let Kind::List(of, most) = &field.kind {
                let (of_type, of_read) = (java_type(of)?, expression(of)?);
                let _ = writeln!(
                    read,
                    "{indent}    {java} = new {of_type}[in.count({most})];\n{indent}    for (int i = 0; i < \
                     {java}.length; i++) {java}[i] = {of_read};"
                );
            } else {
                let _ = writeln!(read, "{indent}    {java} = {};", expression(&field.kind)?);
            }
        }
        let access = if indent.len() == 4 { "private " } else { "" };
        Ok(format!("{declared}\n{indent}{access}{name}(Frame.Reader in) {{\n{read}{indent}}}\n"))
    }
}

/// A field without a name is called by what it holds.
fn named(field: &Field) -> String {
    match (&field.name, &field.kind) {
        (Some(name), _) => camel(name),
        (None, Kind::List(..)) => "items".to_owned(),
        (None, _) => "value".to_owned(),
    }
}

fn java_type(kind: &Kind) -> Result<String, ModelError> {
    Ok(match kind {
        Kind::Flag => "boolean".to_owned(),
        Kind::Number(32) => "long".to_owned(),
        Kind::Number(_) => "int".to_owned(),
        Kind::Text(_) => "String".to_owned(),
        Kind::Bytes(_) => "byte[]".to_owned(),
        Kind::List(of, _) => format!("{}[]", java_type(of)?),
        Kind::Optional(of) => match **of {
            Kind::Flag | Kind::Number(_) | Kind::List(..) | Kind::Optional(_) => {
                return Err(ModelError::Form(format!("an optional {of:?}")));
            }
            _ => java_type(of)?,
        },
        Kind::Record(name) | Kind::Names(name) | Kind::Choice(name) => upper_first(name),
    })
}

fn expression(kind: &Kind) -> Result<String, ModelError> {
    Ok(match kind {
        Kind::Flag => "in.flag()".to_owned(),
        Kind::Number(8) => "in.octet()".to_owned(),
        Kind::Number(16) => "in.shorter()".to_owned(),
        Kind::Number(_) => "in.number()".to_owned(),
        Kind::Text(most) => format!("in.text({most})"),
        Kind::Bytes(most) => format!("in.bytes({most})"),
        Kind::Optional(of) => format!("in.flag() ? {} : null", expression(of)?),
        Kind::Record(name) => format!("new {name}(in)"),
        Kind::Names(name) => format!("in.oneOf({name}.values())"),
        Kind::Choice(name) => format!("{name}.read(in)"),
        Kind::List(..) => return Err(ModelError::Form("a list in a list".to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::{Model, class};

    fn java(source: &str) -> String {
        let mut model = Model::default();
        model.add(&format!("const MOST: usize = 9; {source}")).unwrap();
        class(&model, "It", "MOST").unwrap()
    }

    #[test]
    fn fields_are_read_in_their_order_each_within_its_limit() {
        let text = java("struct It { a_name: Text<8>, counts: List<u32, 3>, last: Option<Text<2>> }");
        let order = [
            "aName = in.text(8);",
            "counts = new long[in.count(3)];",
            "counts[i] = in.number();",
            "last = in.flag() ? in.text(2) : null;",
        ];
        let places: Vec<_> = order.iter().map(|line| text.find(line)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    }

    #[test]
    fn a_variant_that_holds_a_struct_of_its_own_name_is_that_struct() {
        let text = java(
            "struct It { one: Node } enum Node { Pad(Pad), Words { text: Text<4> } } struct Pad { x: u16 }",
        );
        assert!(text.contains("static final class Pad extends Node"), "{text}");
        assert!(text.contains("static final class Words extends Node"), "{text}");
        assert!(text.contains("case 1: return new Words(in);"), "{text}");
    }

    #[test]
    fn an_enum_without_data_keeps_the_order_of_its_names() {
        assert!(
            java("struct It { one: Mark } enum Mark { Visa, VPay }").contains("enum Mark { VISA, V_PAY }")
        );
    }
}
