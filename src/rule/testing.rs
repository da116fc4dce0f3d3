//! What the tests of the kinds share: nodes without a document, and a table with a column of every sort.

use crate::model::{Column, ColumnPath, DataType, PrimaryKey, SourceSpec, Table};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, RuleKind};

pub fn node(data: Data) -> Node {
    Node { span: 0..1, place: (1, 1), data }
}

pub fn null() -> Node {
    node(Data::Null)
}

pub fn boolean(value: bool) -> Node {
    node(Data::Bool(value))
}

pub fn number(text: &str) -> Node {
    node(Data::Number(text.to_owned()))
}

/// A text node whose span is as long as a plain scalar's, from byte 100.
pub fn text(text: &str) -> Node {
    Node { span: 100..100 + text.len(), ..node(Data::Text(text.to_owned())) }
}

pub fn list(items: Vec<Node>) -> Node {
    node(Data::List(items))
}

pub fn texts(items: &[&str]) -> Node {
    list(items.iter().map(|item| text(item)).collect())
}

pub fn map(entries: Vec<(&str, Node)>) -> Node {
    node(Data::Map(entries.into_iter().map(|(key, value)| (text(key), value)).collect()))
}

/// Makes the table `t`: `id`, `code`, `price`, `cost`, `rate`, `day`, `stamp`, `zoned`, `at`, `flag`, `blob`,
/// `tags` (list of text) and `basket` (list of structs with `sku` and `quantity`).
pub fn table() -> Table {
    let list = |item| DataType::List(Box::new(Column::new("item", item)));
    let decimal = DataType::Decimal { precision: 12, scale: 2 };
    let entry = DataType::Struct(vec![Column::new("sku", DataType::String), Column::new("quantity", DataType::Int32)]);
    let columns = [
        ("id", DataType::Int64),
        ("code", DataType::String),
        ("price", decimal.clone()),
        ("cost", decimal),
        ("rate", DataType::Float64),
        ("day", DataType::Date),
        ("stamp", DataType::Timestamp),
        ("zoned", DataType::TimestampTz),
        ("at", DataType::Time),
        ("flag", DataType::Bool),
        ("blob", DataType::Binary),
        ("tags", list(DataType::String)),
        ("basket", list(entry)),
    ];
    Table {
        name: "t".to_owned(),
        description: None,
        source: SourceSpec::default(),
        primary_key: Some(PrimaryKey { columns: vec![0] }),
        columns: columns.into_iter().map(|(name, data_type)| Column::new(name, data_type)).collect(),
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

/// Builds a kind as the contract reader does, on the table of [`table`].
///
/// # Errors
/// The complaints of the kind.
pub fn build(
    kind: &RuleKind,
    path: Option<&str>,
    argument: &Node,
    options: &[(&str, &Node)],
) -> Result<Vec<Built>, Vec<Complaint>> {
    let table = table();
    let tables = [table.clone(), Table { name: "other".to_owned(), ..table.clone() }];
    let path: Option<ColumnPath> = path.map(|text| table.path(text).unwrap());
    (kind.build)(&Asked { table: &table, tables: &tables, path, argument, options })
}

/// Builds a kind that must make exactly one check.
pub fn one(kind: &RuleKind, path: Option<&str>, argument: &Node, options: &[(&str, &Node)]) -> Built {
    let mut built = build(kind, path, argument, options).unwrap();
    assert_eq!(built.len(), 1);
    built.remove(0)
}

/// Gives the codes of the complaints a kind must make.
pub fn codes(kind: &RuleKind, path: Option<&str>, argument: &Node, options: &[(&str, &Node)]) -> Vec<&'static str> {
    build(kind, path, argument, options).unwrap_err().into_iter().map(|complaint| complaint.code).collect()
}
