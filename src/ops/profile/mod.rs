//! `profile`: counts what is in some files, in one pass. Broken records are counted and located, never in the way.

pub mod inputs;

use std::collections::{BTreeMap, BTreeSet};

use crate::analyze::profile::{self, About, Part, Shared, TableState};
use crate::io::InputFile;
use crate::io::formats::csv::sniff;
use crate::model::profile::{DialectReport, Profile, SCHEMA, TableProfile};
use crate::model::{Encoding, FileReport, Format, Result, Table};
use crate::ops::parallel;
use crate::ops::reading::Reading;
use crate::ops::settings::Settings;

/// Records and bytes of a batch: what is counted at once decides what sketches hold, so these are no settings.
const BATCH_ROWS: usize = 16_384;
const BLOCK_BYTES: usize = 1 << 20;

/// The files of one table, and how they are read.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its source; its columns name the fields where there is no header, and are compared where a contract says them.
    pub table: Table,
    pub files: Vec<InputFile>,
    /// Who says how the files are read: `contract`, `sniffed` or `default`.
    pub from: &'static str,
}

/// What a profile shows and keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Show the values of personal columns.
    pub unmask: bool,
    /// Keep what `merge` and `drift` go on from.
    pub keep_state: bool,
}

/// Profiles every table.
///
/// # Errors
/// Where a file cannot be read or changed meanwhile, or its head is broken so that nothing can be said of any record.
pub fn profile(inputs: &[Input], options: Options, settings: &Settings) -> Result<Profile> {
    plan(inputs, settings);
    let mut tables: Vec<(TableState, TableProfile)> = Vec::with_capacity(inputs.len());
    for input in inputs {
        tables.push(table(input, options, settings)?);
    }
    let pairs: Vec<(&TableState, &TableProfile)> = tables.iter().map(|(state, table)| (state, table)).collect();
    let foreign_keys = profile::foreign_keys(&pairs);
    let tables = tables.into_iter().map(|(_, table)| table).collect();
    Ok(Profile { schema: SCHEMA.to_owned(), tables, foreign_keys, notes: Vec::new(), run: None })
}

fn plan(inputs: &[Input], settings: &Settings) {
    let files = inputs.iter().flat_map(|input| &input.files);
    let sizes = files.map(|file| std::fs::metadata(&file.path).map_or(0, |data| data.len()));
    settings.progress.total.store(sizes.sum(), std::sync::atomic::Ordering::Relaxed);
}

/// Counts one table.
///
/// # Errors
/// As [`profile`].
pub fn table(input: &Input, options: Options, settings: &Settings) -> Result<(TableState, TableProfile)> {
    let fixed = Settings { batch_rows: BATCH_ROWS, block_bytes: BLOCK_BYTES, ..settings.clone() };
    let mut state = TableState::new(input.files.iter().map(|file| file.shown.clone()).collect());
    let shared = Shared::default();
    let mut reading = Reading::new(&input.table, &input.files, &fixed);
    let mut encoding = Encoding::Utf8;
    parallel::ordered(
        fixed.threads,
        || reading.claim(),
        |claimed| {
            claimed
                .frame()
                .map(|piece| (piece.raw.file.encoding, Part::of(&piece.raw, piece.first, piece.file, &shared)))
        },
        |(found, part)| {
            encoding = found;
            state.absorb(part, &shared);
            Ok(())
        },
    )?;
    let read = reading.finish();
    let mut repeated = BTreeSet::new();
    for names in &read.names {
        // Columns of files without a record.
        for name in profile::part::unique_names(names) {
            state.name(&name);
        }
        let mut seen = BTreeSet::new();
        repeated.extend(names.iter().filter(|name| !seen.insert(*name)).cloned());
    }
    let about = about(input, options, read.files, repeated.into_iter().collect(), encoding);
    let profile = profile::table(&mut state, &about);
    Ok((state, profile))
}

fn about(input: &Input, options: Options, files: Vec<FileReport>, repeated: Vec<String>, encoding: Encoding) -> About {
    let source = &input.table.source;
    let is_declared = input.from == "contract";
    let columns = || input.table.columns.iter().filter(|_| is_declared);
    let marks = input.files.iter().filter(|file| source.format != Format::Parquet && has_mark(file)).count();
    About {
        name: input.table.name.clone(),
        format: source.format.name().to_owned(),
        dialect: (source.format == Format::Csv).then(|| DialectReport {
            delimiter: char::from(source.delimiter).to_string(),
            quote: source.quote.map(|quote| char::from(quote).to_string()),
            header: source.header,
            encoding: encoding.name().to_owned(),
            from: input.from.to_owned(),
        }),
        files,
        byte_order_marks: marks as u64,
        repeated_names: repeated,
        declared: columns()
            .map(|column| (column.name.clone(), column.data_type.to_string()))
            .collect::<BTreeMap<_, _>>(),
        personal: columns().filter(|column| column.holds_pii()).map(|column| column.name.clone()).collect(),
        unmask: options.unmask,
        keep_state: options.keep_state,
    }
}

fn has_mark(file: &InputFile) -> bool {
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    sniff::head(file, 3).is_ok_and(|(head, _)| marks.iter().any(|mark| head.starts_with(mark)))
}
