//! Contract: the promise about one or more tables.

use crate::model::data_type::DataType;
use crate::model::generation::{FaultSpec, Generation, TableGeneration};
use crate::model::rule::Rule;
use crate::model::source::SourceSpec;

/// Holds a whole contract, resolved and free of contradictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    pub name: String,
    pub description: Option<String>,
    /// Parents stand before the tables that reference them.
    pub tables: Vec<Table>,
    /// SQL run in the target after all tables, inside the load's transaction.
    pub after_load: Vec<String>,
    /// Columns that every table of a target carries besides its own: `load_id`, `load_ts`.
    pub audit_columns: Vec<String>,
    /// What `generate` plants among the rows; checks do not read it.
    pub faults: Vec<FaultSpec>,
    /// SHA-256 of the document's bytes, in hex.
    pub sha256: String,
}

/// Describes one table: where it comes from, its columns and its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: String,
    pub description: Option<String>,
    pub source: SourceSpec,
    pub primary_key: Option<PrimaryKey>,
    pub columns: Vec<Column>,
    /// Every rule in one list: `record` first, then each column's, then the long forms.
    pub rules: Vec<Rule>,
    /// How `generate` makes the rows; checks do not read it.
    pub generation: TableGeneration,
}

/// Names the columns that identify a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryKey {
    /// Indices into [`Table::columns`].
    pub columns: Vec<usize>,
}

/// Describes a column, a list's element or a struct's field.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub data_type: DataType,
    /// How text is read: a date pattern (`%Y-%m-%d`) for temporal types, `hex` or `base64` for `binary`.
    pub format: Option<String>,
    /// NaN and infinities are values instead of parse errors (floats only).
    pub allow_nan: bool,
    /// Values are masked everywhere but in the reject file.
    pub pii: bool,
    pub description: Option<String>,
    /// How `generate` makes the values; checks do not read it.
    pub generation: Option<Box<Generation>>,
}

impl Column {
    /// Makes a column with no settings but its name and type.
    #[must_use]
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self {
            name: name.into(),
            data_type,
            format: None,
            allow_nan: false,
            pii: false,
            description: None,
            generation: None,
        }
    }

    /// Tells whether the column, or something inside it, is marked `pii`.
    #[must_use]
    pub fn holds_pii(&self) -> bool {
        self.pii
            || match &self.data_type {
                DataType::List(item) => item.holds_pii(),
                DataType::Struct(fields) => fields.iter().any(Self::holds_pii),
                _ => false,
            }
    }
}

/// Points at a column or at something inside it: `price`, `basket[]`, `basket[].price`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPath {
    /// The path as written.
    pub text: String,
    /// Index into [`Table::columns`].
    pub column: usize,
    /// How to go on from the column; empty for the column itself.
    pub steps: Vec<Step>,
}

/// One step into a nested value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Into every element of a list.
    Items,
    /// Into the field of a struct with this index.
    Field(usize),
}

impl Contract {
    /// Finds a table by name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// Makes a table of columns alone, without keys and rules.
    #[must_use]
    pub fn plain(name: &str, source: SourceSpec, columns: Vec<Column>) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            source,
            primary_key: None,
            columns,
            rules: Vec::new(),
            generation: TableGeneration::default(),
        }
    }

    /// Finds a column's index by name.
    #[must_use]
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Resolves a path such as `basket[].price`; `None` where it names nothing.
    #[must_use]
    pub fn path(&self, text: &str) -> Option<ColumnPath> {
        let mut pieces = text.split('.');
        let (head, lists) = strip_lists(pieces.next()?);
        let column = self.column_index(head)?;
        let mut steps = Vec::new();
        let mut at = &self.columns[column];
        at = enter_lists(at, lists, &mut steps)?;
        for piece in pieces {
            let (name, lists) = strip_lists(piece);
            let DataType::Struct(fields) = &at.data_type else { return None };
            let index = fields.iter().position(|field| field.name == name)?;
            steps.push(Step::Field(index));
            at = enter_lists(&fields[index], lists, &mut steps)?;
        }
        Some(ColumnPath { text: text.to_owned(), column, steps })
    }

    /// Gives the column, element or field a path ends at.
    #[must_use]
    pub fn at(&self, path: &ColumnPath) -> &Column {
        let mut at = &self.columns[path.column];
        for step in &path.steps {
            at = match (step, &at.data_type) {
                (Step::Items, DataType::List(item)) => item,
                (Step::Field(index), DataType::Struct(fields)) => &fields[*index],
                _ => at,
            };
        }
        at
    }

    /// Tells whether the column, or something a path to it passes or holds, is marked `pii`.
    #[must_use]
    pub fn is_pii(&self, path: &ColumnPath) -> bool {
        let mut at = &self.columns[path.column];
        for step in &path.steps {
            if at.pii {
                return true;
            }
            at = match (step, &at.data_type) {
                (Step::Items, DataType::List(item)) => item,
                (Step::Field(index), DataType::Struct(fields)) => &fields[*index],
                _ => at,
            };
        }
        at.holds_pii()
    }
}

fn strip_lists(piece: &str) -> (&str, usize) {
    let mut name = piece;
    let mut lists = 0;
    while let Some(shorter) = name.strip_suffix("[]") {
        name = shorter;
        lists += 1;
    }
    (name, lists)
}

fn enter_lists<'a>(mut at: &'a Column, lists: usize, steps: &mut Vec<Step>) -> Option<&'a Column> {
    for _ in 0..lists {
        let DataType::List(item) = &at.data_type else { return None };
        steps.push(Step::Items);
        at = item;
    }
    Some(at)
}
