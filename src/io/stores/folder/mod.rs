//! A folder as target: `DIR/<table>/part-<load>-<n>.<ending>` (`.gz` behind it where compressed), and the history in `DIR/_karat/history.ndjson`.
//!
//! All or nothing: a complete new folder is built beside the target, and the two are exchanged in one step (`swap`).
//! Files that stay are hard links, so a load costs what it writes, not what is there.

pub mod history;
pub mod keys;
pub mod ledger;
pub mod making;
pub mod nested;
pub mod parts;
pub mod press;
pub mod swap;
pub mod work;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use crate::io::target::{check_shape, names_of};
use crate::io::{Mode, Receipt, Sink, Taken};
use crate::model::{Contract, Error, ErrorKind, Format, Result, Table};

use self::history::Entry;
use self::keys::Keys;
use self::making::{Making, Shape, create_like};
use self::work::Work;

/// A part that holds about as many bytes is ended and the next one begun.
pub const PART_BYTES: u64 = 512 << 20;

/// Loads into a folder of files in one format.
pub struct Folder {
    shape: Shape,
    asked: PathBuf,
    state: Option<State>,
    notes: Vec<String>,
}

/// A load that has begun.
struct State {
    work: Work,
    contract: Contract,
    mode: Mode,
    /// One a table of the contract.
    loads: Vec<Option<Load>>,
    history: Vec<Entry>,
    /// Relative paths of files of the target that the new folder does not take over.
    superseded: BTreeSet<PathBuf>,
}

/// What comes into one table.
struct Load {
    /// The table's folder, relative.
    folder: PathBuf,
    /// Parts the target has.
    old: Vec<PathBuf>,
    /// Parts written by this load under their first names.
    new: Making,
    /// For an upsert.
    keys: Option<Keys>,
}

impl Folder {
    /// Names the folder; nothing is read or written yet.
    #[must_use]
    pub const fn new(shape: Shape, asked: PathBuf) -> Self {
        Self { shape, asked, state: None, notes: Vec::new() }
    }

    fn state(&mut self) -> Result<&mut State> {
        self.state.as_mut().ok_or_else(|| Error::output("the load has not begun"))
    }

    fn prepare(&self, work: &Work, table: &Table, mode: Mode) -> Result<Load> {
        let folder = PathBuf::from(parts::folder_name(&table.name));
        if work.target.join(&folder).is_symlink() {
            let shown = work.target.join(&folder);
            return Err(Error::output(format!("{} is a link", shown.display()))
                .hint("A target folder is replaced as a whole. Put the folder itself there."));
        }
        let old = parts::list(&work.target.join(&folder), self.shape.format)?;
        if mode != Mode::Replace {
            for part in &old {
                parts::check(self.shape.format, part, table)?;
            }
        }
        if mode == Mode::Upsert && table.primary_key.is_none() {
            return Err(Error::usage(format!("{} has no primary key, so rows cannot be upserted", table.name))
                .hint("Give the table a `primary_key:` in the contract, or load with `--mode append`."));
        }
        let path = work.path.join(&folder);
        fs::create_dir(&path).map_err(|error| Error::writing(&path, error))?;
        let keys = (mode == Mode::Upsert).then(|| Keys::new(table));
        Ok(Load { folder, old, new: Making::new(self.shape, path), keys })
    }
}

impl Sink for Folder {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        let work = Work::begin(&self.asked)?;
        let mut loads: Vec<Option<Load>> = contract.tables.iter().map(|_| None).collect();
        for &index in tables {
            if let (Some(table), Some(slot @ None)) = (contract.tables.get(index), loads.get_mut(index)) {
                *slot = Some(self.prepare(&work, table, mode)?);
            }
        }
        let history = history::read(&work.target)?;
        let contract = contract.clone();
        self.state = Some(State { work, contract, mode, loads, history, superseded: BTreeSet::new() });
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        Ok(history::find(&self.state()?.history, table, sha256))
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        Ok(history::has_length(&self.state()?.history, table, bytes))
    }

    fn holds(&self, path: &Path) -> bool {
        let (Some(state), Ok(path)) = (&self.state, path.canonicalize()) else { return false };
        state.loads.iter().flatten().any(|load| path.starts_with(state.work.target.join(&load.folder)))
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let format = self.shape.format;
        let folder = self.state()?.work.target.join(parts::folder_name(&table.name));
        for part in parts::list(&folder, format)? {
            parts::read(format, &part, table, columns, visit)?;
        }
        Ok(())
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let state = self.state()?;
        let (Some(spec), Some(Some(load))) = (state.contract.tables.get(table), state.loads.get_mut(table)) else {
            return Err(Error::output(format!("table {table} was not prepared for rows")));
        };
        check_shape(spec, rows)?;
        if let Some(keys) = &mut load.keys {
            keys.add(spec, rows)?;
        }
        load.new.write(spec, rows)
    }

    fn takes_text(&self, table: usize) -> bool {
        let load = self.state.as_ref().and_then(|state| state.loads.get(table)?.as_ref());
        // An upsert needs the keys of the rows.
        self.shape.format == Format::Csv && load.is_some_and(|load| load.keys.is_none())
    }

    fn write_text(&mut self, table: usize, text: &[u8], rows: usize) -> Result<()> {
        let state = self.state()?;
        let (Some(spec), Some(Some(load))) = (state.contract.tables.get(table), state.loads.get_mut(table)) else {
            return Err(Error::output(format!("table {table} was not prepared for rows")));
        };
        load.new.write_text(spec, text, rows)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let shape = self.shape;
        let state = self.state()?;
        let mut taken = vec![Taken::default(); state.contract.tables.len()];
        let loads = state.loads.iter_mut().zip(&state.contract.tables).zip(&mut taken).enumerate();
        for (index, ((load, table), taken)) in loads {
            let Some(load) = load else { continue };
            let clean = receipt.clean.get(index).copied().unwrap_or(0);
            let mut finishing = Finishing { work: &state.work, shape, table, superseded: &mut state.superseded };
            *taken = finishing.table(load, state.mode, &receipt.load_id, clean)?;
        }
        let mut entries = std::mem::take(&mut state.history);
        let tables = names_of(&state.contract, &state.loads);
        history::add(&mut entries, receipt, state.mode, &tables);
        history::write(&state.work.path, &entries)?;
        state.superseded.insert(Path::new(history::FOLDER).join(history::FILE));
        if !state.contract.after_load.is_empty() {
            self.notes.push("after_load was not run: a folder runs no SQL".to_owned());
        }
        Ok(taken)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let Some(mut state) = self.state.take() else { return Err(Error::output("the load has not begun")) };
        state.work.look_again()?;
        swap::carry_over(&state.work, &state.superseded)?;
        swap::take_place(state.work, &state.superseded)
    }
}

/// What is needed to end a table's load.
struct Finishing<'a> {
    work: &'a Work,
    shape: Shape,
    table: &'a Table,
    superseded: &'a mut BTreeSet<PathBuf>,
}

impl Finishing<'_> {
    fn table(&mut self, load: &mut Load, mode: Mode, load_id: &str, clean: u64) -> Result<Taken> {
        let kept = match mode {
            Mode::Replace => {
                self.supersede(&load.folder, &load.old);
                false
            }
            Mode::Append => !load.old.is_empty(),
            Mode::Upsert => self.upsert(load)?,
        };
        // A table without rows has a file all the same: it says which columns there are.
        let written = load.new.end(self.table, !kept)?;
        let loaded = self.name_parts(load, load_id)?;
        if loaded != clean || written != clean {
            return Err(self.broken(&format!("{clean} clean rows were given, the new files hold {loaded}")));
        }
        Ok(Taken { loaded, updated: load.keys.as_ref().map_or(0, Keys::updated) })
    }

    fn broken(&self, what: &str) -> Error {
        Error::new(ErrorKind::Conservation, format!("{}: {what}", self.table.name))
            .hint("Nothing was loaded. This is a fault of karat or of the disk: please report it.")
    }

    fn supersede(&mut self, folder: &Path, old: &[PathBuf]) {
        self.superseded.extend(old.iter().filter_map(|part| Some(folder.join(part.file_name()?))));
    }

    /// Gives the new parts their last names, and counts their rows as they stand on the disk.
    fn name_parts(&self, load: &Load, load_id: &str) -> Result<u64> {
        let rows = parts::count_all(self.shape.format, load.new.paths())?.iter().sum();
        for (number, part) in load.new.paths().iter().enumerate() {
            let name = parts::file_name(load_id, number, &self.shape.ending());
            let (here, there) = (part.with_file_name(&name), self.work.target.join(&load.folder).join(&name));
            let old = load.folder.join(&name);
            if here.exists() || (there.exists() && !self.superseded.contains(&old)) {
                return Err(Error::output(format!("{} is there already", there.display()))
                    .hint("Two loads must not have the same load id."));
            }
            fs::rename(part, &here).map_err(|error| Error::writing(&here, error))?;
        }
        Ok(rows)
    }

    /// Rewrites the old parts that hold rows whose key comes again. Tells whether an old part stays.
    fn upsert(&mut self, load: &mut Load) -> Result<bool> {
        let Some(keys) = &mut load.keys else { return Ok(!load.old.is_empty()) };
        let mut kept = false;
        for part in &load.old {
            let name = part.file_name().unwrap_or_default();
            let fresh = self.work.path.join(&load.folder).join(name);
            let gone = rewrite(self.shape.format, part, &fresh, self.table, keys)?;
            if gone == 0 {
                kept = true;
                continue;
            }
            self.superseded.insert(load.folder.join(name));
            let before = parts::count(self.shape.format, part)?;
            let after = parts::count(self.shape.format, &fresh)?;
            if before != after + gone {
                let name = name.to_string_lossy();
                return Err(self.broken(&format!("{name} held {before} rows; {gone} were replaced, {after} are left")));
            }
            if after == 0 {
                fs::remove_file(&fresh).map_err(|error| Error::writing(&fresh, error))?;
            }
            kept |= after > 0;
        }
        Ok(kept)
    }
}

/// Writes a part again without the rows whose key comes again, and gives their number. Where there are none, no file
/// is written: the part can stay as it is.
fn rewrite(format: Format, part: &Path, fresh: &Path, table: &Table, keys: &mut Keys) -> Result<u64> {
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let mut gone = 0_usize;
    parts::read(format, part, table, &columns, &mut |rows| {
        gone += keys.stay(rows).map_or(0, |stay| stay.false_count());
        Ok(())
    })?;
    if gone > 0 {
        let mut writer = create_like(format, fresh, table)?;
        parts::read(format, part, table, &columns, &mut |rows| match keys.stay(rows) {
            None => writer.write(rows),
            Some(stay) => {
                let left = arrow_select::filter::filter_record_batch(rows, &stay);
                writer.write(&left.map_err(|error| Error::output("cannot filter rows").because(error))?)
            }
        })?;
        writer.finish()?;
    }
    Ok(gone as u64)
}

#[cfg(test)]
mod tests;
