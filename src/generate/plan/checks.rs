//! Checks: what construction cannot promise is looked at before the first row is handed out.
//!
//! A sample of rows is judged by all rules of rows, so that no rule is forgotten. Rules of the whole table are measured
//! on the rows themselves, on the first million of larger tables; keys that nothing makes unique are counted.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};

use crate::frame::Judge;
use crate::frame::Mask;
use crate::frame::keys::{DistinctKeys, KeyEncoder, KeySet, OrderState};
use crate::generate::column::table::Core;
use crate::generate::judging;
use crate::generate::plan::{Problems, measure};
use crate::model::{Check, Context, KeyTest, Result, Rule, Table};

/// Rows judged from the start, from the end, and between.
const SAMPLE: u64 = 200;

/// The most rows whose keys are counted.
const COUNTED: u64 = 1 << 20;

/// Rows made at once.
pub const CHUNK: u64 = 1 << 14;

/// Looks at a planned table.
pub fn check(
    table: &Table,
    core: &Core,
    unproved: &[&Rule],
    (context, cores): (&Context, &[Arc<Core>]),
    problems: &mut Problems,
) {
    if core.rows == 0 {
        return;
    }
    if let Err(error) = sample(table, core, context, problems) {
        problems.add(error.to_string());
        return;
    }
    for rule in unproved {
        if judging::is_of_rows(rule) {
            match cell_fails(rule, table, core, context) {
                Ok(true) => problems.rule(rule, "values that must be as they are break it"),
                Ok(false) => {}
                Err(error) => problems.add(error.to_string()),
            }
            continue;
        }
        if core.rows > COUNTED {
            problems.rule(rule, format!("nothing makes it true, and {} rows are too many to count", core.rows));
            continue;
        }
        match key_fails(rule, core, cores) {
            Ok(true) => problems.rule(rule, "the values that the settings give break it"),
            Ok(false) => {}
            Err(error) => problems.add(error.to_string()),
        }
    }
    measure::measure(table, core, context, problems);
}

/// Judges a sample of rows by all rules of rows.
fn sample(table: &Table, core: &Core, context: &Context, problems: &mut Problems) -> Result<()> {
    let rows = core.rows;
    let mut asked: Vec<u64> = (0..rows.min(SAMPLE)).collect();
    asked.extend((1..SAMPLE / 2).map(|step| rows / (SAMPLE / 2) * step));
    asked.extend(rows.saturating_sub(SAMPLE)..rows);
    asked.sort_unstable();
    asked.dedup();
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let columns = core.columns(&asked, &all)?;
    let judge = Judge::new(table, context)?;
    for (rule, verdict) in table.rules.iter().zip(judging::verdicts(&judge, columns, asked.len())) {
        if !judging::is_of_rows(rule) || verdict.not_evaluated.is_some() {
            continue;
        }
        if let Some(row) = verdict.failed.rows().next() {
            let why = format!("row {} breaks it; the settings or the other rules leave no other value", asked[row]);
            problems.rule(rule, why);
        }
    }
    Ok(())
}

/// Walks all rows of some columns.
///
/// # Errors
/// As the columns.
pub fn walk(core: &Core, rows: u64, columns: &[usize], mut see: impl FnMut(u64, &[ArrayRef])) -> Result<()> {
    let mut start = 0;
    while start < rows {
        let end = (start + CHUNK).min(rows);
        let asked: Vec<u64> = (start..end).collect();
        see(start, &core.columns(&asked, columns)?);
        start = end;
    }
    Ok(())
}

/// Tells whether a rule of cells fails on the rows themselves, the first million of larger tables.
fn cell_fails(rule: &Rule, table: &Table, core: &Core, context: &Context) -> Result<bool> {
    let Some(path) = rule.columns.first() else { return Ok(false) };
    let alone = Table { rules: vec![Rule { condition: None, ..rule.clone() }], ..table.clone() };
    let judge = Judge::new(&alone, context)?;
    let mut fails = false;
    walk(core, core.rows.min(COUNTED), &[path.column], |_, arrays| {
        let rows = arrays.first().map_or(0, Array::len);
        let nothing: ArrayRef = Arc::new(arrow_array::NullArray::new(rows));
        let mut all = vec![nothing; table.columns.len()];
        if let (Some(array), Some(place)) = (arrays.first(), all.get_mut(path.column)) {
            *place = array.clone();
        }
        fails |= !judging::failing(&judge, all, rows).is_empty();
    })?;
    Ok(fails)
}

/// Tells whether a rule of keys fails on the rows themselves.
fn key_fails(rule: &Rule, core: &Core, cores: &[Arc<Core>]) -> Result<bool> {
    let mut fails = false;
    match &rule.check {
        Check::Key(KeyTest::Unique { columns, .. }) => {
            let (mut known, mut key): (KeySet<()>, Vec<u8>) = (KeySet::new(), Vec::new());
            walk(core, core.rows, columns, |_, arrays| {
                let encoder = KeyEncoder::of(arrays);
                for row in 0..arrays.first().map_or(0, Array::len) {
                    fails |= encoder.encode(row, &mut key) && known.get_or_insert(&key, ()).is_some();
                }
            })?;
        }
        Check::Key(KeyTest::Increasing { column, strict }) => {
            let mut state = OrderState::default();
            walk(core, core.rows, &[*column], |_, arrays| {
                if let Some(array) = arrays.first() {
                    fails |= state.judge(array, &Mask::full(array.len()), *strict).any();
                }
            })?;
        }
        Check::Key(KeyTest::References { columns, parent, parent_columns }) => {
            let itself = *parent == core.name;
            let Some(of) = cores.iter().map(Arc::as_ref).find(|other| other.name == *parent).or(itself.then_some(core))
            else {
                return Ok(true);
            };
            if of.rows > COUNTED {
                return Ok(true);
            }
            let types = parent_columns.iter().filter_map(|column| of.schema.fields().get(*column));
            let mut known = DistinctKeys::new(types.map(|field| field.data_type()));
            walk(of, of.rows, parent_columns, |_, arrays| {
                let columns: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
                known.add(&columns, &Mask::full(columns.first().map_or(0, |array| array.len())));
            })?;
            let width = core.scope.nodes.len();
            let wanted: Vec<usize> = columns.iter().map(|path| path.column).collect();
            let references =
                crate::frame::keys::reference::References { paths: columns, parents: &known, null_fails: false };
            walk(core, core.rows, &wanted, |_, arrays| {
                let nothing: ArrayRef = Arc::new(arrow_array::NullArray::new(0));
                let mut all = vec![nothing; width];
                for (column, array) in wanted.iter().zip(arrays) {
                    all[*column] = array.clone();
                }
                let rows = arrays.first().map_or(0, Array::len);
                fails |= references.dangling(&all, &Mask::full(rows)).any();
            })?;
        }
        _ => {}
    }
    Ok(fails)
}
