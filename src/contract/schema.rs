//! The JSON Schema of contracts (draft 2020-12), so that editors complete and check them.

use serde_json::{Map, Value, json};

use crate::contract::vocabulary::{
    COLUMN, DOCUMENT, FAULT, Form, GENERATION, Key, Part, RULE, SOURCE, SOURCE_FITS, TABLE, TABLE_GENERATION, keywords,
    long_forms,
};
use crate::model::data_type;
use crate::rule::{KindOption, RuleKind, Shape, pages};

/// Gives the JSON Schema of the contract format.
///
/// It follows the reader's own lists of keys and kinds. What binds keys together (bounds that cross, references to
/// nothing) is beyond a schema and left to the reader.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = object(DOCUMENT.iter().map(entry), &required(DOCUMENT));
    insert(&mut schema, "$schema", json!("https://json-schema.org/draft/2020-12/schema"));
    insert(&mut schema, "title", json!("karat contract"));
    let definitions = json!({
        "table": object(TABLE.iter().map(entry), &required(TABLE)),
        "source": source(),
        "type": types(),
        "column": json!({"anyOf": [short_types(), column()]}),
        "rule": rule(),
        "table_generation": object(TABLE_GENERATION.iter().map(entry), &[]),
        "generation": object(GENERATION.iter().map(entry), &[]),
        "fault": fault(),
    });
    insert(&mut schema, "$defs", definitions);
    schema
}

fn insert(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = schema {
        object.insert(key.to_owned(), value);
    }
}

fn object(properties: impl Iterator<Item = (&'static str, Value)>, required: &[&'static str]) -> Value {
    let properties: Map<String, Value> = properties.map(|(name, value)| (name.to_owned(), value)).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required})
}

fn required(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().filter(|key| key.required).map(|key| key.name).collect()
}

fn entry(key: &Key) -> (&'static str, Value) {
    let mut value = form(&key.form);
    let default = if key.default.is_empty() { String::new() } else { format!(" Default: {}.", key.default) };
    insert(&mut value, "description", json!(format!("{}{default}", key.doc)));
    (key.name, value)
}

fn form(form: &Form) -> Value {
    match form {
        Form::Plain(shape) => self::shape(shape),
        Form::Version => json!({"const": 1}),
        Form::Byte { none } => {
            let words = if *none { json!(["tab", "none"]) } else { json!(["tab"]) };
            let one = "^([\\x01-\\x09\\x0b\\x0c\\x0e-\\x7f]|\\\\t)$";
            json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": one}]})
        }
        Form::Statements => json!({"type": "array", "items": {"type": "string", "pattern": "\\S"}}),
        Form::Type => json!({"$ref": "#/$defs/type"}),
        Form::Part(part) => reference(*part),
        Form::Named(part) => {
            json!({"type": "object", "minProperties": 1, "additionalProperties": reference(*part)})
        }
        Form::Listed(part) => json!({"type": "array", "items": reference(*part)}),
    }
}

fn reference(part: Part) -> Value {
    let name = match part {
        Part::Table => "table",
        Part::Source => "source",
        Part::Column => "column",
        Part::Rule => "rule",
        Part::TableGeneration => "table_generation",
        Part::Generation => "generation",
        Part::Fault => "fault",
    };
    json!({"$ref": format!("#/$defs/{name}")})
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Number => json!({"type": "number"}),
        // Not `"format": "regex"`: that is ECMAScript's syntax, ours is the `regex` crate's.
        Shape::Text | Shape::Sql | Shape::Regex => json!({"type": "string"}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::Scalars => json!({"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}),
        Shape::Names => {
            let name = json!({"type": ["string", "number", "boolean"]});
            json!({"anyOf": [name, {"type": "array", "items": name}]})
        }
        Shape::Duration => json!({"type": "string", "pattern": "^[0-9]"}),
        Shape::Tolerance => json!({"anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^ *[0-9]+(\\.[0-9]*)? *%$"},
        ]}),
        Shape::Word(words) => json!({"enum": words}),
        Shape::Keys(keys) => object(keys.iter().map(option), &[]),
        Shape::Whole => json!({"type": "integer"}),
        Shape::Share => json!({"anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": "^ *[0-9]+(\\.[0-9]*)? *%$"},
        ]}),
        Shape::Numbers(count) => numbers(*count),
        Shape::NumberRows(count) => json!({"type": "array", "items": numbers(*count)}),
        Shape::Weights => json!({"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}),
        Shape::Records => {
            let value = json!({"type": ["string", "number", "boolean", "null"]});
            json!({"type": "array", "items": {"type": "object", "additionalProperties": value}})
        }
        Shape::Either(shapes) => json!({"anyOf": shapes.iter().map(self::shape).collect::<Vec<_>>()}),
    }
}

fn numbers(count: usize) -> Value {
    json!({"type": "array", "items": {"type": "number"}, "minItems": count, "maxItems": count})
}

fn option(option: &KindOption) -> (&'static str, Value) {
    let mut value = shape(&option.shape);
    insert(&mut value, "description", json!(option.doc));
    (option.name, value)
}

fn kind(kind: &RuleKind) -> (&'static str, Value) {
    let mut value = shape(&kind.argument);
    insert(&mut value, "description", json!(format!("{}: {}", kind.code, pages::summary(kind))));
    (kind.name, value)
}

fn source() -> Value {
    let mut schema = object(SOURCE.iter().map(entry), &[]);
    let unfit = |format: &str| {
        let refused: Map<String, Value> = SOURCE_FITS
            .iter()
            .filter(|(_, formats)| !formats.contains(&format))
            .map(|(name, _)| ((*name).to_owned(), json!(false)))
            .collect();
        // A source that names no format is CSV.
        let needs: &[&str] = if format == "csv" { &[] } else { &["format"] };
        json!({
            "if": {"properties": {"format": {"const": format}}, "required": needs},
            "then": {"properties": refused},
        })
    };
    insert(&mut schema, "allOf", json!(["csv", "ndjson", "json", "parquet"].map(unfit)));
    schema
}

fn types() -> Value {
    let names: Vec<&str> = data_type::SCALARS.iter().map(|(name, _)| *name).chain(["list", "struct"]).collect();
    json!({"anyOf": [{"enum": names}, decimal()]})
}

fn short_types() -> Value {
    let names: Vec<&str> = data_type::SCALARS.iter().map(|(name, _)| *name).collect();
    json!({"anyOf": [{"enum": names}, decimal()]})
}

fn decimal() -> Value {
    json!({"type": "string", "pattern": "^decimal\\( *[0-9]{1,2} *(, *[0-9]{1,2} *)?\\)$"})
}

fn column() -> Value {
    let properties = COLUMN.iter().map(entry).chain(keywords().map(kind));
    let mut schema = object(properties, &required(COLUMN));
    let holds = |owner: &str, inside: &str| {
        json!({
            "if": {"properties": {"type": {"const": owner}}},
            "then": {"required": [inside]},
            "else": {"properties": {inside: false}},
        })
    };
    insert(&mut schema, "allOf", json!([holds("list", "items"), holds("struct", "fields")]));
    schema
}

/// A kind of fault has options of its own: any other key with a value.
fn fault() -> Value {
    let mut schema = object(FAULT.iter().map(entry), &required(FAULT));
    insert(&mut schema, "additionalProperties", json!({"type": ["string", "number", "boolean"]}));
    insert(&mut schema, "oneOf", json!([{"required": ["rate"]}, {"required": ["count"]}]));
    schema
}

/// A rule has one kind, and only that kind's options.
fn rule() -> Value {
    let one = |wanted: &'static RuleKind| {
        let own = |name: &str| wanted.name == name || wanted.options.iter().any(|option| option.name == name);
        let common = RULE.iter().filter(|key| !own(key.name)).map(entry);
        let properties = common.chain([kind(wanted)]).chain(wanted.options.iter().map(option));
        object(properties, &[wanted.name])
    };
    json!({"anyOf": long_forms().map(one).collect::<Vec<_>>()})
}
