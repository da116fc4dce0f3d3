//! `infer`: a first contract from files, each rule with what speaks for it.
//!
//! ```text
//! files ─tables─▶ Found ─learn─▶ profiles of 4/5 of the rows and of all
//!                                   │ suggest, tree
//!                                   ▼
//!                  draft of the 4/5 ─trial─▶ how it does on the fifth held out; which keys are keys
//!                                   ▼
//!                  draft of all rows, less what did not hold, with keys and references
//!                                   │ trial, mended until every rule holds
//!                                   ▼
//!                                contract
//! ```
//!
//! What a profile suggests is decided by the check itself: each trial writes the contract, reads it and runs it. So keys
//! and references are exact, and a fresh contract passes on the files it was made of, broken records aside: those no
//! contract lets pass.

pub mod keys;
pub mod learn;
mod mend;
pub mod references;
pub mod suggest;
pub mod tables;
pub mod tree;
pub mod trial;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::contract;
pub use crate::io::formats::csv::sniff::Known;
use crate::model::draft::{Draft, Evidence, Held, KeyDraft, TableDraft, Value};
use crate::model::words::thousands;
use crate::model::{DataType, Encoding, Error, Escape, Format, Quotes, Result, SourceSpec};
use crate::ops::infer::learn::Learnt;
use crate::ops::infer::suggest::{Scene, Style};
use crate::ops::infer::tables::{Asked, Found};
use crate::ops::infer::trial::Trial;
use crate::ops::inputs::Servers;
use crate::ops::settings::Settings;

/// What a contract is made of.
pub struct InferRequest<'a> {
    /// Paths, globs, folders, `table=path`, or `-`.
    pub files: &'a [String],
    pub name: Option<&'a str>,
    pub style: Style,
    pub known: Known,
    pub spool: &'a Path,
    pub stdin: &'a mut dyn Read,
    pub servers: &'a Servers,
}

/// A contract and what to say of it.
#[derive(Debug)]
pub struct Inferred {
    /// The contract, YAML.
    pub text: String,
    /// One line a table, and what needs a look.
    pub remarks: Vec<String>,
    /// The folder that the contract's paths start from; empty for the current one.
    pub base: String,
    /// The files it was made from.
    pub read: Vec<PathBuf>,
}

/// Makes a contract.
///
/// # Errors
/// Where a file cannot be read.
pub fn infer(request: InferRequest<'_>, settings: &Settings) -> Result<Inferred> {
    let InferRequest { files, name, style, known, spool, stdin, servers } = request;
    let (found, base) = tables::find(Asked { files, known, spool, stdin, servers })?;
    let (mut learnt, mut kept, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for table in found {
        let facts = learn::learn(&table, settings)?;
        if facts.all.columns.is_empty() {
            empty.push(format!("{}: its files name no column, so it is left out", table.table.name));
        } else {
            learnt.push(facts);
            kept.push(table);
        }
    }
    let found = kept;
    if found.is_empty() {
        return Err(
            Error::usage("the files hold nothing to infer a contract from").hint("name files with at least a header")
        );
    }
    let today = settings.context.today;
    let scene = |found: &Found| Scene { style, today, typed: found.table.source.format != Format::Csv };
    let name = name.map_or_else(|| dataset_name(&found, &base), str::to_owned);
    let draft_of = |train: bool| {
        let table = |(found, learnt): (&Found, &Learnt)| {
            let profile = if train { learnt.train.as_ref().unwrap_or(&learnt.all) } else { &learnt.all };
            draft_table(found, profile, scene(found))
        };
        Draft { name: name.clone(), notes: Vec::new(), tables: found.iter().zip(&learnt).map(table).collect() }
    };

    // Learnt from four fifths of the rows, tried on all: what breaks there is broken by rows held out.
    let mut first = draft_of(true);
    let mut sets = Vec::new();
    for (table, learnt) in first.tables.iter_mut().zip(&learnt) {
        let candidates = keys::candidates(table, &learnt.all);
        for (number, set) in candidates.iter().enumerate() {
            table.rules.push(key_rule(number, set));
        }
        sets.push(candidates);
    }
    let trial = trial::run(&first, &found, true, settings)?;

    let mut draft = draft_of(false);
    mend::generalise(&mut draft, &first, &learnt, &trial, style);
    let mut parents = Vec::new();
    for (at, table) in draft.tables.iter_mut().enumerate() {
        let (Some(learnt), Some(sets)) = (learnt.get(at), sets.get(at)) else { continue };
        let holds = |number: usize| trial.of(&format!("{}.key-{number}", table.name)) == Some(0);
        let unique: Vec<Vec<String>> =
            sets.iter().enumerate().filter(|(number, _)| holds(*number)).map(|(_, set)| set.clone()).collect();
        give_keys(table, learnt, &unique, style);
        let single = unique.iter().filter_map(|set| match set.as_slice() {
            [column] => Some(column.clone()),
            _ => None,
        });
        parents.extend(single.map(|column| references::Parent { table: at, column, rows: learnt.all.rows }));
    }
    // Primary keys are the better parents.
    let is_primary = |parent: &references::Parent| {
        let key = draft.tables.get(parent.table).and_then(|table| table.primary_key.as_ref());
        key.is_some_and(|key| key.columns == [parent.column.clone()])
    };
    parents.sort_by_key(|parent| !is_primary(parent));
    let profiles: Vec<_> = learnt.iter().map(|learnt| &learnt.all).collect();
    for candidate in references::candidates(&draft, &parents, &profiles) {
        references::apply(&mut draft, &candidate);
    }
    let scenes: Vec<Scene> = found.iter().map(scene).collect();
    let (trial, mut remarks) = mend::until_it_holds(&mut draft, &found, &learnt, &scenes, settings)?;
    references::tidy(&mut draft);
    remarks.append(&mut empty);
    summarise(&draft, &learnt, &trial, &mut remarks);
    draft.notes = front(&found, &learnt, style);
    let read = found.iter().flat_map(|found| &found.files).map(|file| file.path.clone()).collect();
    Ok(Inferred { text: contract::write::write(&draft), remarks, base, read })
}

fn key_rule(number: usize, set: &[String]) -> (Vec<(&'static str, Value)>, Evidence) {
    let columns = set.iter().map(|name| Value::Text(name.clone())).collect();
    (vec![("id", Value::Text(format!("key-{number}"))), ("unique", Value::List(columns))], Evidence::default())
}

/// Names the contract after its only table, or the folder its files lie in.
fn dataset_name(found: &[Found], base: &str) -> String {
    if let [only] = found {
        return only.table.name.clone();
    }
    // A folder called `data` says nothing of what it holds.
    let says = |part: &&str| !part.is_empty() && !part.starts_with('.') && !["data", "in", "input"].contains(part);
    base.rsplit('/').find(says).unwrap_or("data").to_owned()
}

fn draft_table(found: &Found, profile: &crate::model::profile::TableProfile, scene: Scene) -> TableDraft {
    let mut columns = tree::columns(profile, scene.typed, scene);
    columns.extend(partitions(found, &columns));
    let mut source = source(&found.table.source, &found.path);
    null_values(&mut source, profile, scene);
    let mut rules = Vec::new();
    if profile.rows > 0 {
        let words = format!("{} records", thousands(profile.records));
        rules.push((vec![("row_count", Value::Plain("{minimum: 1}".to_owned()))], Evidence::words(words)));
    }
    let mut notes = found.notes.clone();
    if found.table.source.format == Format::Csv && found.table.columns.iter().any(|column| column.name == "column1") {
        notes.push("columns without a name are called by their place: rename them here".to_owned());
    }
    TableDraft { name: found.table.name.clone(), notes, source, primary_key: None, columns, rules }
}

/// Columns of `key=value` folders: days, numbers or text.
fn partitions(found: &Found, columns: &[crate::model::draft::ColumnDraft]) -> Vec<crate::model::draft::ColumnDraft> {
    let Some(first) = found.files.first() else { return Vec::new() };
    let mut drafts = Vec::new();
    for (key, _) in &first.partitions {
        let values: Vec<&str> = found
            .files
            .iter()
            .filter_map(|file| file.partitions.iter().find(|(name, _)| name == key))
            .map(|(_, value)| value.as_str())
            .collect();
        let is_known = columns.iter().any(|column| column.name == *key) || !found.path.contains(&format!("{key}=*"));
        if values.len() < found.files.len() || is_known {
            continue;
        }
        let date = crate::model::temporal::Pattern::default_for(&DataType::Date);
        let data_type = if values.iter().all(|value| date.matches(value.as_bytes())) {
            DataType::Date
        } else if values.iter().all(|value| value.parse::<i32>().is_ok() && (!value.starts_with('0') || *value == "0"))
        {
            DataType::Int32
        } else {
            DataType::String
        };
        let words = format!("from the folders, {} of them", thousands(values.len() as u64));
        let mut draft = crate::model::draft::ColumnDraft {
            name: key.clone(),
            data_type: data_type.to_string(),
            evidence: Evidence::words(words),
            ..Default::default()
        };
        draft.set("required", Value::Plain("true".to_owned()), Evidence::words("each file lies in such a folder"));
        drafts.push(draft);
    }
    drafts
}

/// Writes the source's settings that are not defaults.
fn source(spec: &SourceSpec, path: &str) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::Text(text.to_owned());
    let byte = |byte: u8| match byte {
        b'\t' => text("tab"),
        byte => Value::Text(char::from(byte).to_string()),
    };
    if let Some(server) = &spec.server {
        let parts = [("table", &server.table), ("query", &server.query), ("partition_on", &server.partition_on)];
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name, text(part.as_ref()?))));
        return std::iter::once(("url", text(&server.url))).chain(parts).collect();
    }
    let standard = SourceSpec::default();
    let mut settings = vec![("format", text(spec.format.name())), ("path", text(path))];
    if spec.format != Format::Csv {
        return settings;
    }
    settings.push(("delimiter", byte(spec.delimiter)));
    if spec.quote != standard.quote {
        settings.push(("quote", spec.quote.map_or_else(|| text("none"), byte)));
    }
    if spec.escape == Escape::Backslash {
        settings.push(("escape", text("backslash")));
    }
    if spec.quotes == Quotes::Lenient {
        settings.push(("quotes", text("lenient")));
    }
    settings.push(("header", Value::Plain(spec.header.to_string())));
    if spec.skip_lines > 0 {
        settings.push(("skip_lines", Value::Plain(spec.skip_lines.to_string())));
    }
    if let Some(comment) = spec.comment {
        settings.push(("comment", byte(comment)));
    }
    if spec.trailing_delimiter {
        settings.push(("trailing_delimiter", Value::Plain("true".to_owned())));
    }
    let encoding = match spec.encoding {
        Encoding::Latin1 => Some("latin1"),
        Encoding::Utf16Le => Some("utf-16le"),
        Encoding::Utf16Be => Some("utf-16be"),
        Encoding::Auto | Encoding::Utf8 => None,
    };
    settings.extend(encoding.map(|name| ("encoding", text(name))));
    settings
}

/// Adds the spellings of NULL that columns hold.
fn null_values(source: &mut Vec<(&'static str, Value)>, profile: &crate::model::profile::TableProfile, scene: Scene) {
    if scene.typed {
        return;
    }
    let mut found: Vec<String> =
        profile.columns.iter().flat_map(suggest::spellings).map(|spelling| spelling.text.clone()).collect();
    found.sort();
    found.dedup();
    if !found.is_empty() {
        found.insert(0, String::new());
        found.dedup();
        source.push(("null_values", Value::List(found.into_iter().map(Value::Text).collect())));
    }
}

/// Chooses the primary key; other unique columns are marked where their names say that they identify something.
fn give_keys(table: &mut TableDraft, learnt: &Learnt, unique: &[Vec<String>], style: Style) {
    let profile = &learnt.all;
    let key = keys::primary(&table.name, profile, unique).cloned();
    if let Some(columns) = key {
        let words = format!("no two of {} rows alike, exact", thousands(profile.rows));
        for name in &columns {
            if let Some(column) = table.at(name) {
                // A primary key is required anyway.
                column.unset("required");
            }
        }
        table.primary_key = Some(KeyDraft { columns, evidence: Evidence::words(words) });
    }
    for set in unique {
        let [name] = set.as_slice() else { continue };
        let is_primary = table.primary_key.as_ref().is_some_and(|key| key.columns == *set);
        let semantic = profile.column(name).is_some_and(|column| {
            column.semantic.first().is_some_and(|found| matches!(found.kind.as_str(), "email" | "uuid" | "iban"))
        });
        let wanted = (semantic || keys::is_key_name(name) || style == Style::Strict) && profile.rows >= 10;
        if wanted
            && !is_primary
            && style != Style::Loose
            && let Some(column) = table.at(name)
        {
            let words = format!("no two of {} rows alike, exact", thousands(profile.rows));
            column.set("unique", Value::Plain("true".to_owned()), Evidence::words(words));
        }
    }
}

/// Says at the top what the contract is, and how to read it.
fn front(found: &[Found], learnt: &[Learnt], style: Style) -> Vec<String> {
    let records: u64 = learnt.iter().map(|learnt| learnt.all.records).sum();
    let files: usize = found.iter().map(|found| found.files.len()).sum();
    let held: u64 = learnt.iter().map(|learnt| learnt.held).sum();
    let (records, held_text) = (thousands(records), thousands(held));
    let mut notes = vec![format!(
        "Inferred by karat from {records} records in {} file{}. A first draft: read each rule before you rely on it.",
        thousands(files as u64),
        if files == 1 { "" } else { "s" }
    )];
    notes.push(
        "`all n, ≥ p`: all n values keep the rule; by that, at least p of future ones will (95 % confidence, Wilson)."
            .to_owned(),
    );
    if held > 0 {
        notes.push(format!("`held out`: {held_text} rows the rule was not learnt from, and how it did on them."));
    }
    match style {
        Style::Normal => {}
        Style::Loose => notes.push("Loose: types, keys and references only.".to_owned()),
        Style::Strict => {
            notes
                .push("Strict: bounds exactly as seen; up to one value in a hundred may break a rule here.".to_owned());
        }
    }
    notes
}

fn summarise(draft: &Draft, learnt: &[Learnt], trial: &Trial, remarks: &mut Vec<String>) {
    let mut lines = Vec::new();
    for (table, learnt) in draft.tables.iter().zip(learnt) {
        let mut rules = usize::from(table.primary_key.is_some()) + table.rules.len();
        table.walk(&mut |_, column| {
            rules += column.settings.iter().filter(|setting| mend::is_rule(setting.key, column)).count();
        });
        let rows = &learnt.all;
        lines.push(format!(
            "{}: {} columns, {rules} rules, from {} records",
            table.name,
            table.columns.len(),
            thousands(rows.records)
        ));
        if rows.malformed > 0 {
            let first = rows.shape.findings.iter().find(|finding| finding.code.starts_with('P'));
            let place = first.and_then(|finding| finding.places.first());
            let place =
                place.map_or(String::new(), |place| format!(", the first in line {} of {}", place.line, place.file));
            lines.push(format!(
                "{}: {} records cannot be read{place}: any contract refuses them",
                table.name,
                thousands(rows.malformed)
            ));
        }
        let prefix = format!("{}.", table.name);
        for (rule, broken) in trial.failures.range(prefix.clone()..).take_while(|(rule, _)| rule.starts_with(&prefix)) {
            if *broken > 0 && !rule.ends_with(".record") {
                lines.push(format!("{rule}: {} rows break it", thousands(*broken)));
            }
        }
    }
    lines.append(remarks);
    *remarks = lines;
}

/// Says how a rule did on rows held out.
const fn held(rows: u64, broken: u64) -> Option<Held> {
    if rows == 0 { None } else { Some(Held { rows, kept: rows.saturating_sub(broken) }) }
}
