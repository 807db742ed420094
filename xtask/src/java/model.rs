//! The types of screens and events as far as the wire knows them, read from their Rust source.
//!
//! Only what these types use is understood, and anything else is an error that names it: a type that is taken for
//! another would be a shell that reads something else than was written.

use std::collections::HashMap;
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, PathArguments, Type, punctuated::Punctuated};
use thiserror::Error;

/// Why the types cannot be put into Java.
#[derive(Debug, Error)]
pub(crate) enum ModelError {
    #[error("a source of the screens' types does not parse: {0}")]
    Syntax(#[from] syn::Error),
    #[error("no type, alias or constant is called `{0}` in the sources of the screens' types")]
    Unknown(String),
    #[error("{0} has a serde attribute: the generator cannot tell what it does to the wire")]
    Attribute(String),
    #[error("`{0}` is of a form that the generator does not know: teach it in xtask/src/java/")]
    Form(String),
}

/// A value on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Flag,
    /// Unsigned, of so many bits.
    Number(u8),
    /// At most so many bytes of UTF-8.
    Text(u64),
    /// At most so many bytes.
    Bytes(u64),
    /// At most so many items.
    List(Box<Kind>, u64),
    Optional(Box<Kind>),
    /// A struct, by name.
    Record(String),
    /// An enum without data, by name.
    Names(String),
    /// An enum with data, by name.
    Choice(String),
}

/// A field of a struct or variant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// As in Rust; of a field without a name none.
    pub(super) name: Option<String>,
    /// The type as it is written, for a field without a name: `ElementId`.
    pub(super) written: String,
    pub(super) kind: Kind,
}

/// A variant of an enum.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

/// Everything that the sources declare.
#[derive(Default)]
pub(super) struct Model {
    items: HashMap<String, Item>,
}

impl Model {
    /// Adds a source. A name that an earlier one declares stays what it is there.
    pub(super) fn add(&mut self, source: &str) -> Result<(), ModelError> {
        for item in syn::parse_file(source)?.items {
            let name = match &item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Const(item) => &item.ident,
                _ => continue,
            };
            self.items.entry(name.to_string()).or_insert(item);
        }
        Ok(())
    }

    /// The fields of a struct.
    pub(super) fn record(&self, name: &str) -> Result<Vec<Field>, ModelError> {
        match self.item(name)? {
            Item::Struct(item) => self.fields(&item.fields, name),
            _ => Err(ModelError::Form(name.to_owned())),
        }
    }

    /// The variants of an enum.
    pub(super) fn variants(&self, name: &str) -> Result<Vec<Variant>, ModelError> {
        let Item::Enum(item) = self.item(name)? else { return Err(ModelError::Form(name.to_owned())) };
        no_serde(&item.attrs, name)?;
        let variant = |variant: &syn::Variant| {
            no_serde(&variant.attrs, &format!("{name}::{}", variant.ident))?;
            let fields = self.fields(&variant.fields, name)?;
            Ok(Variant { name: variant.ident.to_string(), fields })
        };
        item.variants.iter().map(variant).collect()
    }

    /// A constant's value.
    pub(super) fn constant(&self, name: &str) -> Result<u64, ModelError> {
        match self.item(name)? {
            Item::Const(item) => self.value(&item.expr),
            _ => Err(ModelError::Form(name.to_owned())),
        }
    }

    fn item(&self, name: &str) -> Result<&Item, ModelError> {
        self.items.get(name).ok_or_else(|| ModelError::Unknown(name.to_owned()))
    }

    fn fields(&self, fields: &Fields, of: &str) -> Result<Vec<Field>, ModelError> {
        let field = |field: &syn::Field| {
            no_serde(&field.attrs, of)?;
            let name = field.ident.as_ref().map(ToString::to_string);
            let written = last_segment(&field.ty)?.ident.to_string();
            Ok(Field { name, written, kind: self.kind(&field.ty)? })
        };
        fields.iter().map(field).collect()
    }

    fn kind(&self, ty: &Type) -> Result<Kind, ModelError> {
        let segment = last_segment(ty)?;
        let name = segment.ident.to_string();
        let none = Punctuated::new();
        let arguments = match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => &arguments.args,
            _ => &none,
        };
        let mut arguments = arguments.iter();
        let mut next = || arguments.next().ok_or_else(|| ModelError::Form(name.clone()));
        Ok(match name.as_str() {
            "bool" => Kind::Flag,
            "u8" => Kind::Number(8),
            "u16" => Kind::Number(16),
            "u32" => Kind::Number(32),
            "Text" => Kind::Text(self.limit(next()?)?),
            "Bytes" => Kind::Bytes(self.limit(next()?)?),
            "List" => Kind::List(Box::new(self.argument(next()?)?), self.limit(next()?)?),
            "Option" => Kind::Optional(Box::new(self.argument(next()?)?)),
            // On the wire a secret is its value.
            "Secret" => self.argument(next()?)?,
            _ => return self.declared(&name),
        })
    }

    fn declared(&self, name: &str) -> Result<Kind, ModelError> {
        match self.item(name)? {
            Item::Type(item) => self.kind(&item.ty),
            Item::Struct(item) => match &item.fields {
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields
                    .unnamed
                    .first()
                    .map_or_else(|| Err(ModelError::Form(name.to_owned())), |inner| self.kind(&inner.ty)),
                _ => {
                    no_serde(&item.attrs, name)?;
                    Ok(Kind::Record(name.to_owned()))
                }
            },
            Item::Enum(item) if item.variants.iter().all(|variant| variant.fields.is_empty()) => {
                no_serde(&item.attrs, name)?;
                Ok(Kind::Names(name.to_owned()))
            }
            Item::Enum(_) => Ok(Kind::Choice(name.to_owned())),
            _ => Err(ModelError::Form(name.to_owned())),
        }
    }

    fn argument(&self, argument: &GenericArgument) -> Result<Kind, ModelError> {
        match argument {
            GenericArgument::Type(ty) => self.kind(ty),
            _ => Err(ModelError::Form("a generic argument".to_owned())),
        }
    }

    /// A limit: a number, or a constant's name, which reads as a type.
    fn limit(&self, argument: &GenericArgument) -> Result<u64, ModelError> {
        match argument {
            GenericArgument::Const(value) => self.value(value),
            GenericArgument::Type(ty) => self.constant(&last_segment(ty)?.ident.to_string()),
            _ => Err(ModelError::Form("a limit".to_owned())),
        }
    }

    fn value(&self, value: &Expr) -> Result<u64, ModelError> {
        let form = || ModelError::Form("the value of a constant".to_owned());
        match value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(number) => Ok(number.base10_parse()?),
                _ => Err(form()),
            },
            Expr::Binary(both) if matches!(both.op, syn::BinOp::Mul(_)) => {
                self.value(&both.left)?.checked_mul(self.value(&both.right)?).ok_or_else(form)
            }
            Expr::Path(path) => {
                let name = path.path.get_ident().ok_or_else(form)?;
                self.constant(&name.to_string())
            }
            _ => Err(form()),
        }
    }
}

fn last_segment(ty: &Type) -> Result<&syn::PathSegment, ModelError> {
    match ty {
        Type::Path(path) => path.path.segments.last().ok_or_else(|| ModelError::Form("a path".to_owned())),
        _ => Err(ModelError::Form("a type that is no path".to_owned())),
    }
}

fn no_serde(attributes: &[Attribute], of: &str) -> Result<(), ModelError> {
    let has_any = attributes.iter().any(|attribute| attribute.path().is_ident("serde"));
    if has_any { Err(ModelError::Attribute(of.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Model, ModelError};

    fn model(source: &str) -> Model {
        let mut model = Model::default();
        model.add(source).unwrap();
        model
    }

    fn only_kind(source: &str) -> Result<Kind, ModelError> {
        model(source).record("It").map(|mut fields| fields.remove(0).kind)
    }

    #[test]
    fn limits_are_found_behind_aliases_constants_and_secrets() {
        let source = "const MOST: usize = 2 * HALF; const HALF: usize = 16; type Label = Text<MOST>;
            struct It { one: Option<Secret<Label>> }";
        assert_eq!(only_kind(source).unwrap(), Kind::Optional(Box::new(Kind::Text(32))));
    }

    #[test]
    fn a_struct_of_one_nameless_field_is_that_field() {
        let source = "#[serde(transparent)] struct Glyph(Bytes<64>); struct It { one: List<Glyph, 3> }";
        assert_eq!(only_kind(source).unwrap(), Kind::List(Box::new(Kind::Bytes(64)), 3));
    }

    #[test]
    fn the_first_source_that_declares_a_name_decides() {
        let mut model = model("struct It { one: Thing } enum Thing { A, B }");
        model.add("struct Thing { other: u8 }").unwrap();
        assert_eq!(model.record("It").unwrap()[0].kind, Kind::Names("Thing".into()));
    }

    #[test]
    fn what_the_generator_cannot_know_is_refused_by_name() {
        assert!(
            matches!(only_kind("struct It { one: i64 }"), Err(ModelError::Unknown(name)) if name == "i64")
        );
        assert!(matches!(only_kind("struct It { one: (u8, u8) }"), Err(ModelError::Form(_))));
        let renamed = "struct It { #[serde(skip)] one: u8 }";
        assert!(matches!(only_kind(renamed), Err(ModelError::Attribute(name)) if name == "It"));
    }
}
