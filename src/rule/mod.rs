//! What a contract may ask: the rule kinds, each plain data and one file.

pub mod ask;
pub mod bounds;
pub mod expression;
pub mod kinds;
pub mod literal;
pub mod node;
pub mod pages;
#[cfg(test)]
pub mod testing;

use std::ops::Range;

use crate::model::{Check, ColumnPath, Table};
use crate::rule::node::Node;

pub use pages::{explain, page, summary, table_markdown};

/// How much a rule must see to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Cell,
    Row,
    /// Remembers rows across batches.
    Key,
    Table,
}

/// Describes a sort of rule.
#[derive(Debug)]
pub struct RuleKind {
    /// As a contract writes it: `accepted_values`.
    pub name: &'static str,
    /// Stable code, never reused: `R105`.
    pub code: &'static str,
    pub scope: Scope,
    /// May stand as a keyword of a column (`minimum: 1`), element or field.
    pub keyword: bool,
    /// May stand under `rules:` (`{minimum: 1, column: price}`).
    pub long_form: bool,
    /// What its value looks like.
    pub argument: Shape,
    /// Keys it takes beside its own in the long form, besides the common ones.
    pub options: &'static [KindOption],
    /// The `//!` page of its file: sections What, Why, Example, Passes, Fails.
    pub page: &'static str,
    /// Makes the checks; most kinds make one.
    pub build: fn(&Asked<'_>) -> Result<Vec<Built>, Vec<Complaint>>,
}

/// A key a kind takes in its long form.
#[derive(Debug, Clone, Copy)]
pub struct KindOption {
    pub name: &'static str,
    pub shape: Shape,
    /// One line for the reference and the JSON Schema.
    pub doc: &'static str,
}

/// What a value in a contract looks like; the reader, the JSON Schema and the reference share it.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Count,
    /// Any number.
    Number,
    Text,
    /// Text, number or boolean: a value of the column's type.
    Scalar,
    /// A list of scalars (null allowed).
    Scalars,
    /// One name or a list of names.
    Names,
    /// A regular expression.
    Regex,
    /// A SQL expression.
    Sql,
    /// A duration: `36h`, `7d`, `15m`.
    Duration,
    /// A count (`5`) or a percentage (`"0.1%"`).
    Tolerance,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A mapping of these keys.
    Keys(&'static [KindOption]),
    /// A whole number, negative too.
    Whole,
    /// A percentage (`5%`) or a number from 0 to 1.
    Share,
    /// A list of exactly so many numbers.
    Numbers(usize),
    /// A list of lists of exactly so many numbers.
    NumberRows(usize),
    /// A mapping of values to weights, numbers from 0.
    Weights,
    /// A list of mappings of names to values (null allowed).
    Records,
    /// Any of these.
    Either(&'static [Shape]),
}

/// What a contract asks of a kind at one place.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The table, its columns and primary key complete; its rules may not be.
    pub table: &'a Table,
    /// All tables of the contract, columns complete: for references.
    pub tables: &'a [Table],
    /// The column, element or field: of the keyword, or named by `column:` in the long form.
    pub path: Option<ColumnPath>,
    /// The value of the kind's own key: the `1` of `minimum: 1`.
    pub argument: &'a Node,
    /// The other keys of the long form that belong to the kind (`keep`, `search`, …), checked against `options`.
    pub options: &'a [(&'a str, &'a Node)],
}

impl<'a> Asked<'a> {
    /// Gives the value of an option.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'a Node> {
        self.options.iter().find(|(key, _)| *key == name).map(|(_, node)| *node)
    }
}

/// A check a kind made.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    pub check: Check,
    pub columns: Vec<ColumnPath>,
    /// See [`crate::model::Rule::brief`].
    pub brief: String,
    /// See [`crate::model::Rule::message`].
    pub message: String,
}

/// One mistake in a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// `C9xx`.
    pub code: &'static str,
    /// Byte range in the document.
    pub span: Range<usize>,
    /// The mistake in one line.
    pub message: String,
    /// What stands beside the caret; may be empty.
    pub label: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Complaint {
    /// Makes a complaint about a node.
    pub fn at(node: &Node, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, span: node.span.clone(), message: message.into(), label: String::new(), hint: None }
    }

    /// Sets what stands beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Codes of contract mistakes, ascending, with a title each. Never reused.
pub const CONTRACT_CODES: &[(&str, &str)] = &[
    ("C901", "the document is not YAML"),
    ("C902", "an unknown key"),
    ("C903", "a value of the wrong shape"),
    ("C904", "a key that is missing"),
    ("C905", "a key twice in one mapping"),
    ("C906", "a type that does not exist"),
    ("C907", "a rule that does not fit the column's type"),
    ("C908", "rules that contradict each other"),
    ("C909", "a reference to nothing"),
    ("C910", "tables that reference each other in a circle"),
    ("C911", "an id twice"),
    ("C912", "a value that its own column refuses"),
    ("C913", "a pattern that is not a regular expression"),
    ("C914", "an expression that is not SQL, or not boolean"),
    ("C915", "a document that is too large, too deep, or expands too far"),
    ("C916", "a name twice"),
    ("C917", "a format version karat does not know"),
    ("C918", "a setting that does not fit the source's format"),
    ("C919", "rows or columns made from each other in a circle"),
    ("C920", "a password in the contract"),
];

/// Finds a kind by name or code.
#[must_use]
pub fn find(text: &str) -> Option<&'static RuleKind> {
    kinds::KINDS.iter().copied().find(|kind| kind.name == text || kind.code.eq_ignore_ascii_case(text))
}
