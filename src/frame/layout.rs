//! Layout: where a file keeps the contract's columns.

use std::collections::BTreeMap;

use crate::frame::raw::FileShape;
use crate::model::{Column, Table};

/// Says where one contract column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The field with this index (CSV) or column of the schema (Parquet).
    Field(usize),
    /// The JSON key of the column's name.
    Key,
    /// A `key=value` folder of the path.
    Partition(String),
    /// The file does not have it.
    Missing,
    /// The file has it more than once.
    Ambiguous,
    /// Nobody asked for it: all NULL, without faults.
    Skipped,
}

impl Origin {
    /// Tells whether rules on the column cannot be evaluated.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Missing | Self::Ambiguous)
    }
}

/// Finds a column that is no field.
fn elsewhere(column: &Column, file: &FileShape, json: bool) -> Origin {
    match file.partitions.iter().find(|(key, _)| *key == column.name) {
        Some((_, value)) => Origin::Partition(value.clone()),
        None if json => Origin::Key,
        None => Origin::Missing,
    }
}

/// Finds the contract's columns in a file, contract order. A partition wins over a JSON key, a field of the
/// file over a partition.
#[must_use]
pub fn origins(table: &Table, file: &FileShape, json: bool) -> Vec<Origin> {
    // A map, because a wide table would be searched from its start for each of its columns.
    let mut fields: BTreeMap<&str, Origin> = BTreeMap::new();
    for (index, name) in file.names.iter().enumerate() {
        fields.entry(name).and_modify(|origin| *origin = Origin::Ambiguous).or_insert(Origin::Field(index));
    }
    let origin =
        |column: &Column| fields.get(column.name.as_str()).cloned().unwrap_or_else(|| elsewhere(column, file, json));
    table.columns.iter().map(origin).collect()
}
