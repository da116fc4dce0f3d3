//! json: to come.

use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Result, Table};

/// Opens a file of JSON records.
///
/// # Errors
/// Where it cannot be opened.
pub fn open(file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Box<dyn Source>> {
    let _ = (file, table, options);
    todo!()
}
