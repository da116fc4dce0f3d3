//! What bytes mean: one file a format.

pub mod csv;
pub mod foreign;
pub mod json;
pub mod parquet;
pub mod transcode;
pub mod write;

use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Format, Result, Table};

/// Opens a file in the format its table's source names.
///
/// # Errors
/// Where it cannot be opened or its head cannot be read.
pub fn open(file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Box<dyn Source>> {
    if table.source.format != Format::Parquet {
        foreign::refuse(file)?;
    }
    match table.source.format {
        Format::Csv => csv::open(file, table, options),
        Format::Ndjson | Format::Json => json::open(file, table, options),
        Format::Parquet => parquet::open(file, table, options),
    }
}
