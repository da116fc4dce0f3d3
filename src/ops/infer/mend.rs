//! From a first draft to one that holds: rules that did not do well on rows held out are left out, and rules that the
//! files break are dropped, widened or turned to text.

use crate::model::draft::{ColumnDraft, Draft, Evidence, Value};
use crate::model::{DataType, Result};
use crate::ops::infer::learn::Learnt;
use crate::ops::infer::suggest::{self, Scene, Style};
use crate::ops::infer::tables::Found;
use crate::ops::infer::trial::{self, Trial};
use crate::ops::infer::{held, tree};
use crate::ops::settings::Settings;

/// Trials until a draft must hold.
const TRIALS: usize = 8;

/// Tells whether a setting is a rule rather than a way of reading.
#[must_use]
pub fn is_rule(key: &str, column: &ColumnDraft) -> bool {
    key != "pii" && (key != "format" || column.data_type == DataType::String.to_string())
}

/// Puts beside each rule how its like, learnt from four fifths of the rows, did on the others; drops what did badly.
pub fn generalise(draft: &mut Draft, first: &Draft, learnt: &[Learnt], trial: &Trial, style: Style) {
    for ((table, early), learnt) in draft.tables.iter_mut().zip(&first.tables).zip(learnt) {
        if learnt.held == 0 {
            continue;
        }
        let mut seen: Vec<(String, &'static str)> = Vec::new();
        early.walk(&mut |path, column| {
            seen.extend(column.settings.iter().map(|setting| (path.to_owned(), setting.key)));
        });
        for (path, key) in seen {
            let rule = format!("{}.{path}.{key}", table.name);
            let Some(broken) = trial.of(&rule) else { continue };
            let broken = broken.min(learnt.held);
            let Some(column) = table.at(&path) else { continue };
            // One row in two hundred, or one new member of a set, and the rule is not one.
            let fails = match key {
                "accepted_values" | "pattern" | "format" | "references" => broken > 0 && style != Style::Strict,
                "required" | "min_items" => false,
                _ => broken * 200 > learnt.held && style != Style::Strict,
            };
            if fails && column.unset(key) {
                if key == "accepted_values" {
                    column.unset("pattern");
                }
                continue;
            }
            let counted = column.settings.iter_mut().filter(|setting| setting.evidence.seen > 0);
            if let Some(setting) = counted.into_iter().find(|setting| setting.key == key) {
                setting.evidence.held = held(learnt.held, broken);
            }
        }
    }
}

/// Tries a draft on its files until every rule holds; gives the last trial and what was changed.
///
/// # Errors
/// Where a file cannot be read.
pub fn until_it_holds(
    draft: &mut Draft,
    found: &[Found],
    learnt: &[Learnt],
    scenes: &[Scene],
    settings: &Settings,
) -> Result<(Trial, Vec<String>)> {
    let mut remarks = Vec::new();
    let mut round = 0;
    loop {
        // The last look is as a user will see it; before that no broken rule hides another.
        let trial = trial::run(draft, found, round < TRIALS && round > 0, settings)?;
        let mut changed = false;
        for (at, records) in trial.records.iter().enumerate() {
            let (Some(learnt), Some(scene)) = (learnt.get(at), scenes.get(at)) else { continue };
            changed |= mend(draft, at, &trial, *records, learnt, *scene, &mut remarks);
        }
        round += 1;
        if !changed || round > TRIALS * 2 {
            remarks.dedup();
            return Ok((trial, remarks));
        }
    }
}

/// Changes what the files break; gives whether anything was.
fn mend(
    draft: &mut Draft,
    at: usize,
    trial: &Trial,
    records: u64,
    learnt: &Learnt,
    scene: Scene,
    remarks: &mut Vec<String>,
) -> bool {
    let Some(table) = draft.tables.get_mut(at) else { return false };
    let bears = |broken: u64| scene.style == Style::Strict && broken * 100 <= records;
    let mut broken: Vec<(String, &'static str, u64)> = Vec::new();
    table.walk(&mut |path, column| {
        let keys = column.settings.iter().map(|setting| setting.key).chain(["type"]);
        for key in keys {
            if let Some(count) = trial.of(&format!("{}.{path}.{key}", table.name)).filter(|count| *count > 0) {
                broken.push((path.to_owned(), key, count));
            }
        }
    });
    let profiles = tree::by_path(&learnt.all);
    let mut changed = false;
    for (path, key, count) in broken {
        if bears(count) && key != "references" {
            continue;
        }
        changed = true;
        if key == "type" {
            retype(table, &path, profiles.get(path.as_str()).copied(), scene, remarks);
            continue;
        }
        if let Some(column) = table.at(&path) {
            column.unset(key);
        }
    }
    // A table's own rules: the names of columns differ from file to file, or a key of the draft has twins.
    if trial.of(&format!("{}.columns", table.name)).is_some_and(|count| count > 0)
        && !table.rules.iter().any(|(rule, _)| rule.iter().any(|(key, _)| *key == "columns"))
    {
        let policy = Value::Plain("{missing: true, extra: true, reordered: true}".to_owned());
        table.rules.push((vec![("columns", policy)], Evidence::words("the files do not all have the same columns")));
        changed = true;
    }
    if trial.of(&format!("{}.primary_key", table.name)).is_some_and(|count| count > 0)
        && table.primary_key.take().is_some()
    {
        changed = true;
    }
    changed
}

/// Makes a column whose values its type does not read text, or leaves it out.
fn retype(
    table: &mut crate::model::draft::TableDraft,
    path: &str,
    profile: Option<&crate::model::profile::ColumnProfile>,
    scene: Scene,
    remarks: &mut Vec<String>,
) {
    let name = table.name.clone();
    let Some(column) = table.at(path) else { return };
    let text = DataType::String.to_string();
    let is_leaf = column.items.is_none() && column.fields.is_empty();
    if let Some(profile) = profile.filter(|_| is_leaf && column.data_type != text) {
        let own = std::mem::take(&mut column.name);
        *column = suggest::as_text(&own, profile, scene);
        return;
    }
    // Text in one row and a list in the next has no type at all.
    let top = path.split(['.', '[']).next().unwrap_or(path).to_owned();
    table.columns.retain(|column| column.name != top);
    remarks.push(format!("{name}.{path}: its values are of no one type, so the column `{top}` is left out"));
}
