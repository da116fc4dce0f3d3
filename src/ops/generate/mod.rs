//! `generate`: the tables of a contract made up and written, with faults where they are asked for.
//!
//! ```text
//! Generator ─▶ layout: files ─▶ sheets ─▶ chunks ═workers═▶ text ─▶ packed ─▶ files, in order
//!                                              └─ Planter ─▶ entries ────────▶ manifest
//! ```
//!
//! A chunk's bytes depend on its rows alone, so threads, parts and the order of work change nothing.

pub mod changes;
pub mod dirty;
pub mod layout;
pub mod manifest;
pub mod output;
pub mod prepare;
pub mod run;
pub mod sheet;
#[cfg(test)]
mod tests;
pub mod work;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

pub use crate::generate::generator::Options;
pub use crate::io::stores::pack::Packing;
use crate::io::target::stamped::stamped;
pub use crate::ops::generate::run::Written;
pub use crate::ops::generate::sheet::Part;

use crate::generate::VERSION;
use crate::generate::generator::Generator;
use crate::generate::{datasets, faults};
use crate::io::stores::staging::Staging;
use crate::io::{Mode, Receipt, Sink};
use crate::model::manifest::{Header, SCHEMA};
use crate::model::{Contract, Error, FaultSpec, Format, Result, SourceSpec};
use crate::ops::Settings;
use crate::ops::generate::changes::{Change, Step};
use crate::ops::generate::manifest::ManifestWriter;
use crate::ops::generate::output::Output;
use crate::ops::generate::prepare::Prepared;
use crate::ops::generate::run::Ends;
use crate::ops::generate::work::Pool;

/// What is generated, and where it goes.
pub struct Request<'a> {
    pub contract: &'a Contract,
    pub options: Options,
    /// Names of the tables wanted; all where empty.
    pub tables: &'a [String],
    /// The format of each table's source where absent.
    pub format: Option<Format>,
    /// What the ending of the source's path says where absent.
    pub packing: Option<Packing>,
    /// Files a table, at least 1.
    pub files: u64,
    pub part: Option<Part>,
    pub faults: &'a [FaultSpec],
    pub to: Destination<'a>,
    /// Where the manifest goes.
    pub manifest: Option<PathBuf>,
    /// Files beside the data, such as the contract: name and content. They are left alone where they are there and
    /// the same.
    pub beside: &'a [(String, String)],
    /// Change batches to be made beside the first data.
    pub updates: u32,
    /// Replace files that are there.
    pub overwrite: bool,
    /// Part of the names of unfinished files; tells runs from each other.
    pub mark: String,
}

/// Where rows go.
pub enum Destination<'a> {
    Folder(&'a Path),
    /// Standard output: the one table wanted, all its rows and columns one after the other.
    Stream(Box<dyn Write + Send>),
    /// Nowhere: the manifest alone is wanted.
    Nothing,
    /// A load target; `loaded_at` in RFC 3339, UTC.
    Target {
        sink: Box<dyn Sink>,
        load_id: String,
        loaded_at: String,
    },
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Each table's name and what was written of it, in the order of the contract.
    pub tables: Vec<(String, Written)>,
    /// What a user should know besides, one sentence each.
    pub notes: Vec<String>,
}

/// Finds the contract of a preset by its name: the name of its file, and its text.
#[must_use]
pub fn preset(name: &str) -> Option<(&'static str, &'static str)> {
    datasets::PRESETS.iter().find(|preset| preset.name == name).map(|preset| (preset.file, preset.yaml))
}

/// Lists the presets, each with a line.
pub fn presets() -> impl Iterator<Item = (&'static str, &'static str)> {
    datasets::PRESETS.iter().map(|preset| (preset.name, preset.doc))
}

/// Gives the faults of a preset that fit a contract whose tables are written in this format, or as their sources say.
#[must_use]
pub fn fault_preset(name: &str, contract: &Contract, format: Option<Format>) -> Option<Vec<FaultSpec>> {
    let preset = faults::presets::find(name)?;
    let Some(format) = format else { return Some(preset.faults(contract)) };
    let mut written = contract.clone();
    for table in written.tables.iter_mut().filter(|table| table.source.format != format) {
        table.source = SourceSpec { format, path: table.source.path.clone(), ..SourceSpec::default() };
    }
    Some(preset.faults(&written))
}

/// Lists the presets of faults, each with a line.
pub fn fault_presets() -> impl Iterator<Item = (&'static str, &'static str)> {
    faults::presets::PRESETS.iter().map(|preset| (preset.name, preset.doc))
}

/// Generates.
///
/// # Errors
/// What cannot be met or written, before the first row where it can be known; else nothing is left behind.
pub fn generate(request: Request<'_>, settings: &Settings) -> Result<Summary> {
    let tables = prepare::wanted(&request)?;
    let (options, initial) = match request.updates {
        0 => (request.options.clone(), Vec::new()),
        batches => changes::plan(request.contract, &request.options, batches)?,
    };
    let generator = Generator::new(request.contract, &options)?;
    let (changes, notes) = match request.updates {
        0 => (Vec::new(), Vec::new()),
        batches => {
            let drawn = (request.options.seed, batches);
            changes::changes(request.contract, &generator, &initial, drawn, request.tables)?
        }
    };
    let steps: Vec<Step<'_>> = changes.iter().flat_map(Change::steps).collect();
    let mut prepared = prepare::prepare(&request, &tables, &generator, &initial, &steps)?;
    prepared.notes.extend(notes);
    settings.progress.total.store(prepared.rows(), Ordering::Relaxed);
    let mut beside = Staging::new(request.overwrite, format!("{}-beside", request.mark));
    if let Destination::Folder(root) = &request.to {
        check_files(root, &prepared, request.overwrite)?;
        put_beside(root, request.beside, &mut beside)?;
    }
    let pool = Pool::default();
    let output = match &request.to {
        Destination::Folder(root) => Output::folder(root, Staging::new(request.overwrite, request.mark.clone())),
        _ => Output::Nothing,
    };
    let manifest = match &request.manifest {
        Some(path) => Some(ManifestWriter::create(path, request.overwrite, &request.mark)?),
        _ => None,
    };
    let header = header(&request);
    let (contract, to, manifest_path) = (request.contract, request.to, request.manifest);
    let mut ends = Ends::new(&prepared.works, &prepared.sheets, &pool, output);
    ends.manifest = manifest;
    prepared.set_entries.iter().try_for_each(|(work, entry)| ends.note(*work, entry))?;
    let mut notes = prepared.notes.clone();
    match to {
        Destination::Target { sink, load_id, loaded_at } => {
            let load =
                Load { contract, prepared: &prepared, id: load_id, moment: loaded_at, replace: request.overwrite };
            notes.extend(load.run(sink, &mut ends, settings)?);
        }
        Destination::Stream(out) => {
            ends.output = Output::Stream(out);
            ends.run(settings)?;
        }
        Destination::Folder(_) | Destination::Nothing => ends.run(settings)?,
    }
    settings.go_on()?;
    let (written, output, manifest) = (ends.written, ends.output, ends.manifest);
    if let (Some(manifest), Some(_)) = (manifest, manifest_path) {
        let faults = manifest.count();
        manifest.finish(&Header { faults, ..header }, &mut beside)?;
    }
    output.commit()?;
    beside.commit()?;
    let names = prepared.works.iter().map(|work| work.name.clone());
    Ok(Summary { tables: names.zip(written).collect(), notes })
}

fn header(request: &Request<'_>) -> Header {
    Header {
        schema: SCHEMA.to_owned(),
        contract: request.contract.name.clone(),
        contract_sha256: request.contract.sha256.clone(),
        seed: request.options.seed,
        generator: VERSION,
        faults: 0,
    }
}

/// Makes sure, before the first row is made, that no file is in the way.
fn check_files(root: &Path, prepared: &Prepared<'_>, overwrite: bool) -> Result<()> {
    if root.exists() && !root.is_dir() {
        return Err(Error::usage(format!("{} is no folder", root.display())).hint("give --out a folder, or `-`"));
    }
    let staging = Staging::new(overwrite, "");
    prepared.sheets.iter().try_for_each(|sheet| staging.check(&root.join(&sheet.path)))
}

fn put_beside(root: &Path, files: &[(String, String)], staging: &mut Staging) -> Result<()> {
    for (name, text) in files {
        let path = root.join(name);
        if std::fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            continue;
        }
        let (mut file, _) = staging.create(&path)?;
        file.write_all(text.as_bytes()).map_err(|error| Error::writing(&path, error))?;
    }
    Ok(())
}

/// Rows on their way into a load target.
struct Load<'a> {
    contract: &'a Contract,
    prepared: &'a Prepared<'a>,
    id: String,
    moment: String,
    replace: bool,
}

impl Load<'_> {
    fn run(self, sink: Box<dyn Sink>, ends: &mut Ends<'_>, settings: &Settings) -> Result<Vec<String>> {
        let mode = if self.replace { Mode::Replace } else { Mode::Append };
        let mut sink = stamped(sink, self.contract, &self.id, &self.moment)?;
        sink.begin(self.contract, &self.prepared.tables, mode)?;
        ends.load(sink.as_mut(), &self.prepared.tables, settings)?;
        let mut clean = vec![0; self.contract.tables.len()];
        for (table, written) in self.prepared.tables.iter().zip(&ends.written) {
            if let Some(slot) = clean.get_mut(*table) {
                *slot = written.loaded;
            }
        }
        settings.go_on()?;
        let receipt = Receipt {
            load_id: self.id,
            loaded_at: self.moment,
            contract: self.contract.name.clone(),
            contract_sha256: self.contract.sha256.clone(),
            files: Vec::new(),
            clean,
        };
        sink.finish(&receipt)?;
        let notes = sink.notes();
        sink.commit()?;
        Ok(notes)
    }
}
