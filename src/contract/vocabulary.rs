//! The keys of a contract, declared once: the reader, the JSON Schema and the reference all follow these lists.

pub mod generation;

use crate::rule::{KindOption, RuleKind, Shape, kinds};

pub use generation::{FAULT, GENERATION, TABLE_GENERATION};

/// Describes a key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    pub required: bool,
    /// What holds where the key is not written; empty where nothing does.
    pub default: &'static str,
    /// One line for the reference and the JSON Schema.
    pub doc: &'static str,
}

/// What the value of a key looks like.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    Plain(Shape),
    /// The format version.
    Version,
    /// One byte as text, `\t` or `tab`; `none` too where said.
    Byte {
        none: bool,
    },
    /// A list of SQL statements.
    Statements,
    /// A column's type.
    Type,
    /// One of the parts below.
    Part(Part),
    /// Names, each with a part.
    Named(Part),
    /// A list of parts.
    Listed(Part),
}

/// A mapping with keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Table,
    Source,
    /// A column, an element or a field.
    Column,
    /// A rule in the long form.
    Rule,
    /// `generate:` of a table.
    TableGeneration,
    /// `generate:` of a column, an element or a field.
    Generation,
    /// An entry of `faults:`.
    Fault,
}

/// The format version this reader knows.
pub const VERSION: &str = "1";

const fn key(name: &'static str, form: Form, default: &'static str, doc: &'static str) -> Key {
    Key { name, form, required: false, default, doc }
}

const fn needed(name: &'static str, form: Form, doc: &'static str) -> Key {
    Key { name, form, required: true, default: "", doc }
}

const fn word(words: &'static [&'static str]) -> Form {
    Form::Plain(Shape::Word(words))
}

/// Keys of the document.
pub const DOCUMENT: &[Key] = &[
    needed("karat", Form::Version, "The version of this format: 1."),
    needed("name", Form::Plain(Shape::Text), "The contract's name."),
    key("description", Form::Plain(Shape::Text), "", "What the data is, for people."),
    needed("tables", Form::Named(Part::Table), "The tables by name; karat loads parents before children."),
    key("after_load", Form::Statements, "", "SQL run in the target after all tables, inside the load's transaction."),
    key(
        "audit_columns",
        Form::Plain(Shape::Names),
        "",
        "Columns that tables of a target carry besides their own: `load_id` (the load a row came with) and `load_ts` (when).",
    ),
    key("faults", Form::Listed(Part::Fault), "", "What `karat generate` plants among the rows; checks do not read it."),
];

/// Keys of a table.
pub const TABLE: &[Key] = &[
    key("description", Form::Plain(Shape::Text), "", "What a row is, for people."),
    key("source", Form::Part(Part::Source), "csv with a header", "How the table's files are written."),
    key(
        "primary_key",
        Form::Plain(Shape::Either(&[Shape::Names, Shape::Keys(PRIMARY_KEY)])),
        "",
        "The columns that identify a row; they are unique and required.",
    ),
    needed("columns", Form::Named(Part::Column), "The columns by name, in the file's order."),
    key("rules", Form::Listed(Part::Rule), "", "Rules in the long form."),
    key("generate", Form::Part(Part::TableGeneration), "", "How test rows are made; checks do not read it."),
];

/// Keys of `primary_key` where it is a mapping.
pub const PRIMARY_KEY: &[KindOption] = &[
    KindOption { name: "columns", shape: Shape::Names, doc: "The columns that identify a row." },
    KindOption {
        name: "keep",
        shape: Shape::Word(&["none", "first", "last"]),
        doc: "Which row of a repeated key stays: none (the default), the first or the last.",
    },
];

/// Keys of a source.
pub const SOURCE: &[Key] = &[
    key(
        "format",
        word(&["csv", "ndjson", "json", "parquet"]),
        "csv",
        "What the bytes mean; json is one array of objects.",
    ),
    key(
        "path",
        Form::Plain(Shape::Text),
        "",
        "A path or glob, relative to the data folder: `sales/d=*/part.csv`; a folder `d=…` fills the column `d`.",
    ),
    key(
        "url",
        Form::Plain(Shape::Text),
        "",
        "A database that holds the rows instead of files: `mysql://${DB_USER}@host/claims`; `${NAME}` is filled in from the environment.",
    ),
    key("table", Form::Plain(Shape::Text), "the table's own name", "The table or view at that `url`."),
    key("query", Form::Plain(Shape::Text), "", "The query at that `url`, instead of a table."),
    key(
        "partition_on",
        Form::Plain(Shape::Text),
        "",
        "A column whose ranges are read over several connections at once.",
    ),
    key("delimiter", Form::Byte { none: false }, "\",\"", "One byte between fields; `\"\\t\"` or `tab` for a tab."),
    key("quote", Form::Byte { none: true }, "'\"'", "One byte around fields, or `none`."),
    key(
        "escape",
        word(&["doubled", "backslash"]),
        "doubled",
        "How a quote is written inside a quoted field: `\"\"` or `\\\"`.",
    ),
    key(
        "quotes",
        word(&["strict", "lenient"]),
        "strict",
        "What a quote inside an unquoted field is: a fault of the record, or data.",
    ),
    key("header", Form::Plain(Shape::Flag), "true", "The first record names the columns."),
    key("line_ending", word(&["any", "lf", "crlf", "cr"]), "any", "Which bytes end a record."),
    key("comment", Form::Byte { none: true }, "none", "A line that starts with this byte is skipped."),
    key("skip_lines", Form::Plain(Shape::Count), "0", "Physical lines before the header that are not data."),
    key(
        "blank_lines",
        word(&["skip", "record"]),
        "skip",
        "What an empty line is: nothing, or a record of one empty field (files of one column).",
    ),
    key("trailing_delimiter", Form::Plain(Shape::Flag), "false", "Each record ends in a delimiter (`.tbl` files)."),
    key("null_values", Form::Plain(Shape::Scalars), "[\"\"]", "Spellings of NULL, compared with the whole field."),
    key("quoted_nulls", Form::Plain(Shape::Flag), "true", "A quoted spelling of NULL is NULL too."),
    key("max_field_bytes", Form::Plain(Shape::Count), "1048576", "A longer field is a fault of its record."),
    key(
        "encoding",
        word(&["auto", "utf-8", "utf-16le", "utf-16be", "latin1"]),
        "auto",
        "How characters are bytes; auto is UTF-16 by its byte-order mark, else UTF-8.",
    ),
    key("max_depth", Form::Plain(Shape::Count), "128", "JSON nested deeper is a fault of its record."),
];

/// Keys of a source and the formats they fit; a key that is not here fits all.
pub const SOURCE_FITS: &[(&str, &[&str])] = &[
    ("delimiter", &["csv"]),
    ("quote", &["csv"]),
    ("escape", &["csv"]),
    ("quotes", &["csv"]),
    ("header", &["csv"]),
    ("line_ending", &["csv"]),
    ("comment", &["csv"]),
    ("skip_lines", &["csv"]),
    ("blank_lines", &["csv"]),
    ("trailing_delimiter", &["csv"]),
    ("null_values", &["csv"]),
    ("quoted_nulls", &["csv"]),
    ("max_field_bytes", &["csv"]),
    ("encoding", &["csv", "ndjson", "json"]),
    ("max_depth", &["ndjson", "json"]),
];

/// Keys of a column, element or field, beside the rule kinds that may stand there.
pub const COLUMN: &[Key] = &[
    needed("type", Form::Type, "The type; a column with nothing but a type may be written `name: type`."),
    key(
        "format",
        Form::Plain(Shape::Text),
        "ISO 8601",
        "Dates and times: the pattern they are written in (`%Y-%m-%d`). Binary: `base64` or `hex`. Text: the rule kind `format`.",
    ),
    key("allow_nan", Form::Plain(Shape::Flag), "false", "NaN and infinities are values (floats only)."),
    key("pii", Form::Plain(Shape::Flag), "false", "Values are masked everywhere but in the reject file."),
    key("description", Form::Plain(Shape::Text), "", "What the value is, for people."),
    key("generate", Form::Part(Part::Generation), "", "How test values are made; checks do not read it."),
    key("items", Form::Part(Part::Column), "", "The element of a list."),
    key("fields", Form::Named(Part::Column), "", "The fields of a struct by name."),
];

/// Keys of every rule in the long form, beside its kind and the kind's options.
pub const RULE: &[Key] = &[
    key(
        "id",
        Form::Plain(Shape::Text),
        "from table, columns and kind",
        "A stable id; the table's name is put before it.",
    ),
    key("description", Form::Plain(Shape::Text), "", "Why the rule is there, for people."),
    key("dimension", Form::Plain(Shape::Text), "", "The quality dimension: accuracy, completeness, …"),
    key("severity", word(&["error", "warning"]), "error", "An error rejects the row; a warning reports it."),
    key("where", Form::Plain(Shape::Sql), "", "Only rows for which this is true are judged."),
    key("max_failures", Form::Plain(Shape::Tolerance), "0", "Failures borne before the rule fails: 5 or \"0.1%\"."),
    key("nulls", word(&["ignore", "fail"]), "ignore", "`fail`: NULL, or a comparison with it, breaks the rule."),
    key("column", Form::Plain(Shape::Text), "", "The column, element or field the rule is about: `basket[].price`."),
    key("columns", Form::Plain(Shape::Names), "", "Several columns: the rule is made for each of them."),
];

/// Gives the keys of a part.
#[must_use]
pub const fn keys(part: Part) -> &'static [Key] {
    match part {
        Part::Table => TABLE,
        Part::Source => SOURCE,
        Part::Column => COLUMN,
        Part::Rule => RULE,
        Part::TableGeneration => TABLE_GENERATION,
        Part::Generation => GENERATION,
        Part::Fault => FAULT,
    }
}

/// Gives the kinds that may stand as a key of a column and are not such a key already (`format` is both).
pub fn keywords() -> impl Iterator<Item = &'static RuleKind> + Clone {
    let taken = |kind: &&RuleKind| COLUMN.iter().any(|key| key.name == kind.name);
    kinds::KINDS.iter().copied().filter(|kind| kind.keyword).filter(move |kind| !taken(kind))
}

/// Gives the kinds that may stand under `rules:`.
pub fn long_forms() -> impl Iterator<Item = &'static RuleKind> + Clone {
    kinds::KINDS.iter().copied().filter(|kind| kind.long_form)
}

/// Finds a kind by its name alone (`rule::find` takes codes too).
#[must_use]
pub fn kind(name: &str) -> Option<&'static RuleKind> {
    kinds::KINDS.iter().copied().find(|kind| kind.name == name)
}

/// Gives the formats a source key fits; all where it is not named.
#[must_use]
pub fn fits(name: &str) -> Option<&'static [&'static str]> {
    SOURCE_FITS.iter().find(|(key, _)| *key == name).map(|(_, formats)| *formats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        for keys in [DOCUMENT, TABLE, SOURCE, COLUMN, RULE, TABLE_GENERATION, GENERATION, FAULT] {
            for (i, key) in keys.iter().enumerate() {
                assert!(!keys[..i].iter().any(|other| other.name == key.name), "{}", key.name);
                assert!(key.doc.ends_with(['.', '…', '"', '`']), "{}", key.doc);
            }
        }
        assert!(SOURCE_FITS.iter().all(|(name, _)| SOURCE.iter().any(|key| key.name == *name)));
    }

    #[test]
    fn an_option_of_a_kind_is_no_common_key() {
        for kind in long_forms() {
            for option in kind.options {
                let common = RULE.iter().any(|key| key.name == option.name);
                assert!(!common || matches!(option.name, "column" | "columns"), "{}: {}", kind.name, option.name);
            }
        }
    }
}
