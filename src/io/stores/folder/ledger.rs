//! The load history of a folder as a ledger: an `append` load is undone by a new folder without its parts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::io::stores::folder::work::Work;
use crate::io::stores::folder::{history, parts, swap};
use crate::io::{Ledger, PastLoad};
use crate::model::{Format, Result};

/// The history of one folder.
pub struct FolderLedger {
    format: Format,
    path: PathBuf,
}

impl FolderLedger {
    /// Names the folder; nothing is read yet.
    #[must_use]
    pub const fn new(format: Format, path: PathBuf) -> Self {
        Self { format, path }
    }
}

impl Ledger for FolderLedger {
    fn loads(&mut self) -> Result<Vec<PastLoad>> {
        Ok(history::loads(&history::read(&self.path)?))
    }

    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        // Before anything is locked or made: most mistakes are seen here.
        history::undo(&mut history::read(&self.path)?, load_id, undone_at)?;
        let work = Work::begin(&self.path)?;
        let mut entries = history::read(&work.target)?;
        let tables = history::undo(&mut entries, load_id, undone_at)?;
        let mut superseded = BTreeSet::from([Path::new(history::FOLDER).join(history::FILE)]);
        for (table, loaded) in &tables {
            let folder = PathBuf::from(parts::folder_name(table));
            let mut gone = parts::list(&work.target.join(&folder), self.format)?;
            gone.retain(|part| part.file_name().is_some_and(|n| parts::is_of_load(&n.to_string_lossy(), load_id)));
            let there = parts::count_all(self.format, &gone)?.iter().sum();
            history::all_there(load_id, table, there, *loaded)?;
            superseded.extend(gone.iter().filter_map(|part| Some(folder.join(part.file_name()?))));
        }
        history::write(&work.path, &entries)?;
        swap::carry_over(&work, &superseded)?;
        swap::take_place(work, &superseded)?;
        Ok(tables.into_iter().collect())
    }
}
