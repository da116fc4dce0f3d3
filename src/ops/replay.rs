//! Replay: the mended rejects of an earlier load as inputs.

use std::path::Path;

use crate::io::stores::local;
use crate::model::{Contract, Error, Result};
use crate::ops::inputs::TableInput;

/// Finds the reject files of every table in a rejects folder, partition folders included.
///
/// # Errors
/// Where there are none.
pub fn inputs(contract: &Contract, folder: &Path) -> Result<Vec<TableInput>> {
    let mut found = Vec::new();
    for (index, table) in contract.tables.iter().enumerate() {
        let mut files = Vec::new();
        for pattern in [format!("**/{}.rejects.*", table.name), format!("**/{}.rejects-*.*", table.name)] {
            // A pattern that matches nothing is no error here: most tables have no rejects.
            files.extend(local::expand(&pattern, Some(folder)).unwrap_or_default());
        }
        files.retain(|file| file.path.extension().is_none_or(|ending| ending != "tmp"));
        if !files.is_empty() {
            found.push(TableInput::files(index, files));
        }
    }
    if found.is_empty() {
        return Err(Error::usage(format!("no reject files in {}", folder.display()))
            .hint("name the folder given to `--rejects` of the load whose rejects you mended"));
    }
    Ok(found)
}
