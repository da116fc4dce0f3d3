//! A prefix as target: parts are made in a local folder, uploaded in `finish`, and named by the next state in
//! `commit`. Until then no reader sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use arrow_array::RecordBatch;

use crate::io::stores::beside::Beside;
use crate::io::stores::folder::making::{Making, Shape};
use crate::io::stores::folder::{history, parts};
use crate::io::stores::s3::download::{Download, download};
use crate::io::stores::s3::state::{Held, Part, State, Target, columns};
use crate::io::stores::s3::store::Store;
use crate::io::stores::s3::url::Url;
use crate::io::target::{check_shape, names_of};
use crate::io::{Mode, Receipt, Sink, Taken};
use crate::model::{Access, Contract, Error, ErrorKind, Format, Result, Table};

/// Loads into objects below a prefix.
pub struct Objects {
    shape: Shape,
    url: Url,
    access: Access,
    load: Option<Load>,
    notes: Vec<String>,
}

/// A load that has begun.
struct Load {
    target: Target,
    /// The state before.
    before: State,
    /// The state to come, complete after `finish`.
    after: State,
    contract: Contract,
    mode: Mode,
    /// One a table of the contract.
    tables: Vec<Option<Making>>,
    /// Whole keys of what was uploaded; removed where the load is not committed.
    uploaded: Vec<String>,
    /// Copies of the parts that are there, by key.
    copies: BTreeMap<String, PathBuf>,
    staging: Beside,
}

impl Objects {
    /// Names the prefix; nothing is asked of the store yet.
    #[must_use]
    pub const fn new(shape: Shape, url: Url, access: Access) -> Self {
        Self { shape, url, access, load: None, notes: Vec::new() }
    }

    fn load(&mut self) -> Result<&mut Load> {
        self.load.as_mut().ok_or_else(|| Error::output("the load has not begun"))
    }
}

impl Sink for Objects {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        if mode == Mode::Upsert {
            return Err(Error::usage("rows of objects cannot be upserted: objects are never changed in place").hint(
                "Load with `--mode append` or `--mode replace`, or into a folder (`parquet:DIR`) or a database.",
            ));
        }
        let target = Target::new(Store::open(self.url.clone(), &self.access)?)?;
        let before = target.last()?;
        let staging = stage(&self.access)?;
        let mut makings: Vec<Option<Making>> = contract.tables.iter().map(|_| None).collect();
        for &index in tables {
            let (Some(table), Some(slot @ None)) = (contract.tables.get(index), makings.get_mut(index)) else {
                continue;
            };
            if let Some(held) = before.tables.get(&table.name).filter(|_| mode == Mode::Append) {
                held.check(self.shape.format.name(), table, &target.shown())?;
            }
            target.mend_manifest(&before, &table.name)?;
            let folder = staging.path.join(format!("new-{index}"));
            fs::create_dir(&folder).map_err(|error| Error::writing(&folder, error))?;
            *slot = Some(Making::new(self.shape, folder));
        }
        if !tables.is_empty() {
            target.keeps_what_is_there()?;
        }
        let after = before.clone();
        let (uploaded, copies, contract) = (Vec::new(), BTreeMap::new(), contract.clone());
        self.load = Some(Load { target, before, after, contract, mode, tables: makings, uploaded, copies, staging });
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        Ok(history::find(&self.load()?.before.history, table, sha256))
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        Ok(history::has_length(&self.load()?.before.history, table, bytes))
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let load = self.load()?;
        let Some(held) = load.before.tables.get(&table.name).cloned() else { return Ok(()) };
        let format = format_of(&held)?;
        for copy in load.copied(&held)? {
            parts::read(format, &copy, table, columns, visit)?;
        }
        Ok(())
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let (spec, making) = self.load()?.table(table)?;
        check_shape(spec, rows)?;
        making.write(spec, rows)
    }

    fn takes_text(&self, table: usize) -> bool {
        let load = self.load.as_ref();
        self.shape.format == Format::Csv && load.is_some_and(|load| load.tables.get(table).is_some_and(Option::is_some))
    }

    fn write_text(&mut self, table: usize, text: &[u8], rows: usize) -> Result<()> {
        let (spec, making) = self.load()?.table(table)?;
        making.write_text(spec, text, rows)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        let shape = self.shape;
        let load = self.load()?;
        let mut taken = vec![Taken::default(); load.contract.tables.len()];
        let mut uploads = Vec::new();
        for (index, slot) in taken.iter_mut().enumerate() {
            let clean = receipt.clean.get(index).copied().unwrap_or(0);
            if load.tables.get(index).is_some_and(Option::is_some) {
                *slot = load.end_table(index, shape, &receipt.load_id, clean, &mut uploads)?;
            }
        }
        // From the first byte on, whatever ends the load removes them.
        load.uploaded = uploads.iter().map(|(_, key)| key.clone()).collect();
        load.target.store.upload(&uploads)?;
        for (path, _) in &uploads {
            let _ = fs::remove_file(path);
        }
        let names = names_of(&load.contract, &load.tables);
        history::add(&mut load.after.history, receipt, load.mode, &names);
        load.after.number = load.before.number + 1;
        load.after.written_by.clone_from(&receipt.load_id);
        if !load.contract.after_load.is_empty() {
            self.notes.push("after_load was not run: an object store runs no SQL".to_owned());
        }
        Ok(taken)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let Some(mut load) = self.load.take() else { return Err(Error::output("the load has not begun")) };
        if let Err((error, certain)) = load.target.commit(&load.after) {
            if !certain {
                // A state may name them after all.
                load.uploaded.clear();
            }
            return Err(error);
        }
        load.uploaded.clear();
        // The load is committed: nothing that follows may fail it, and the next load does what is left undone.
        load.tidy();
        Ok(())
    }
}

impl Load {
    fn table(&mut self, table: usize) -> Result<(&Table, &mut Making)> {
        match (self.contract.tables.get(table), self.tables.get_mut(table)) {
            (Some(spec), Some(Some(making))) => Ok((spec, making)),
            _ => Err(Error::output(format!("table {table} was not prepared for rows"))),
        }
    }

    /// Ends the parts of a table, counts what they hold, and names them in the state to come.
    fn end_table(
        &mut self,
        index: usize,
        shape: Shape,
        load_id: &str,
        clean: u64,
        uploads: &mut Vec<(PathBuf, String)>,
    ) -> Result<Taken> {
        let (replace, target) = (self.mode == Mode::Replace, &self.target);
        let (Some(table), Some(Some(making))) = (self.contract.tables.get(index), self.tables.get_mut(index)) else {
            return Ok(Taken::default());
        };
        let held = self.after.tables.entry(table.name.clone()).or_default();
        if replace {
            held.parts.clear();
        }
        // A table without rows has a file all the same: it says which columns there are.
        let written = making.end(table, held.parts.is_empty())?;
        let counts = parts::count_all(shape.format, making.paths())?;
        let loaded: u64 = counts.iter().sum();
        if loaded != clean || written != clean {
            let what = format!("{}: {clean} clean rows were given, the new files hold {loaded}", table.name);
            return Err(Error::new(ErrorKind::Conservation, what)
                .hint("Nothing was loaded. This is a fault of karat or of the disk: please report it."));
        }
        shape.format.name().clone_into(&mut held.format);
        held.columns = columns(table);
        let known: BTreeSet<&str> =
            self.before.tables.values().flat_map(|held| &held.parts).map(|part| part.key.as_str()).collect();
        for (number, (path, rows)) in making.paths().iter().zip(counts).enumerate() {
            let name = parts::file_name(load_id, number, &shape.ending());
            let key = format!("{}/{name}", parts::folder_name(&table.name));
            if known.contains(key.as_str()) {
                return Err(Error::output(format!("{} is there already", target.store.url.of(&target.key(&key))))
                    .hint("Two loads must not have the same load id."));
            }
            let bytes = fs::metadata(path).map_err(|error| Error::reading(path, error))?.len();
            uploads.push((path.clone(), target.key(&key)));
            held.parts.push(Part { key, load_id: load_id.to_owned(), rows, bytes });
        }
        Ok(Taken { loaded, updated: 0 })
    }

    /// Gives local copies of the parts that are there.
    fn copied(&mut self, held: &Held) -> Result<Vec<PathBuf>> {
        let missing: Vec<&Part> = held.parts.iter().filter(|part| !self.copies.contains_key(&part.key)).collect();
        let mut wanted = Vec::new();
        let mut metas = Vec::new();
        for part in &missing {
            let key = self.target.key(&part.key);
            let gone = || {
                Error::output(format!("{} is not there, or not as it was loaded", self.target.store.url.of(&key)))
                    .hint("Somebody removed or changed it. Put it back, or replace the table (`--mode replace`).")
            };
            metas.push(self.target.store.look(&key)?.filter(|meta| meta.size == part.bytes).ok_or_else(gone)?);
        }
        for (meta, part) in metas.into_iter().zip(&missing) {
            let path = self.staging.path.join(format!("old-{}", self.copies.len()));
            self.copies.insert(part.key.clone(), path.clone());
            wanted.push(Download { meta, path });
        }
        download(&self.target.store, &wanted, None)?;
        Ok(held.parts.iter().filter_map(|part| self.copies.get(&part.key).cloned()).collect())
    }

    /// Does what follows a commit.
    fn tidy(&self) {
        let names = names_of(&self.contract, &self.tables);
        let live: BTreeSet<&str> =
            self.after.tables.values().flat_map(|held| &held.parts).map(|part| part.key.as_str()).collect();
        let before = self.before.tables.values().flat_map(|held| &held.parts);
        let gone = before.filter(|part| !live.contains(part.key.as_str())).map(|part| self.target.key(&part.key));
        let gone: Vec<String> = gone.collect();
        // A manifest must not name what is gone.
        if self.target.manifests(&self.after, &names).is_ok() && !gone.is_empty() {
            let _ = self.target.store.remove(&gone);
        }
        let _ = self.target.forget(&self.after);
        for name in names {
            let _ = self.target.clear(&self.after, name);
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if !self.uploaded.is_empty() {
            // Best effort: what stays is named by no state.
            let _ = self.target.store.remove(&self.uploaded);
        }
    }
}

fn format_of(held: &Held) -> Result<Format> {
    let known = [Format::Csv, Format::Ndjson, Format::Parquet];
    let found = known.into_iter().find(|format| format.name() == held.format);
    found.ok_or_else(|| Error::output(format!("the target holds {} files, which this karat cannot read", held.format)))
}

/// Makes a local folder that only this user can look into; what dead loads left is cleared.
fn stage(access: &Access) -> Result<Beside> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let parent = Path::new(access.variable("TMPDIR").unwrap_or("/tmp"));
    let staging = Beside::make(parent, &format!("karat-s3-{}", NEXT.fetch_add(1, Ordering::Relaxed)))?;
    let private = fs::set_permissions(&staging.path, fs::Permissions::from_mode(0o700));
    private.map_err(|error| Error::writing(&staging.path, error))?;
    Ok(staging)
}
