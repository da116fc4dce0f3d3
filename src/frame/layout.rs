//! Layout: where a file keeps the contract's columns.

use crate::frame::raw::FileShape;
use crate::model::Table;

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

/// Finds the contract's columns in a file, contract order. A partition wins over a JSON key, a field of the
/// file over a partition.
#[must_use]
pub fn origins(table: &Table, file: &FileShape, json: bool) -> Vec<Origin> {
    table
        .columns
        .iter()
        .map(|column| {
            let mut found = file.names.iter().enumerate().filter(|(_, name)| **name == column.name);
            if let Some((index, _)) = found.next() {
                return if found.next().is_some() { Origin::Ambiguous } else { Origin::Field(index) };
            }
            if let Some((_, value)) = file.partitions.iter().find(|(key, _)| *key == column.name) {
                return Origin::Partition(value.clone());
            }
            if json { Origin::Key } else { Origin::Missing }
        })
        .collect()
}
