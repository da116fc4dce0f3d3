//! Changes: the batches of `--updates`, and the state they lead to, as tables of their own.
//!
//! `updates/1/<table>.csv`, `updates/2/…`: inserts, updates and deletes, told by a first column `op`.
//! `expected/<table>.csv`: the rows that the target must hold in the end.

use std::ops::Range;

use arrow_array::RecordBatch;

use crate::generate::generator::{Generator, Options, TableGenerator};
use crate::generate::updates::{Shares, Updates};
use crate::model::{Column, Contract, DataType, Result, SourceSpec, Table};
use crate::ops::generate::work::Source;

/// The column of the operations.
const OP: &str = "op";

/// What is changed of one table.
#[derive(Debug)]
pub struct Change<'g> {
    /// The contract's index of the table.
    pub table: usize,
    pub updates: Updates<'g>,
    pub batches: u32,
}

/// One file of changes or of what they lead to.
#[derive(Debug)]
pub struct Step<'g> {
    change: &'g Change<'g>,
    /// The batch, from 1; `None`: the state after all of them.
    batch: Option<u32>,
}

/// Gives the options under which every row that any batch brings is planned, and the rows that are there at first.
///
/// # Errors
/// As [`Generator::new`].
pub fn plan(contract: &Contract, options: &Options, batches: u32) -> Result<(Options, Vec<(String, u64)>)> {
    let first = Generator::new(contract, options)?;
    let mut planned = Options { rows: Vec::new(), scale: 1.0, ..options.clone() };
    let mut initial = Vec::new();
    for table in &first.tables {
        let keyed = contract.table(&table.name).is_some_and(|table| table.primary_key.is_some());
        let shares = Shares::default().of(contract, &table.name);
        let rows = if keyed { shares.planned(table.rows, batches) } else { table.rows };
        planned.rows.push((table.name.clone(), rows));
        initial.push((table.name.clone(), table.rows));
    }
    Ok((planned, initial))
}

/// Plans the changes of the tables wanted; a sentence for each that has none.
///
/// # Errors
/// Where a table that was named cannot change.
pub fn changes<'g>(
    contract: &Contract,
    generator: &'g Generator,
    initial: &[(String, u64)],
    (seed, batches): (u64, u32),
    named: &[String],
) -> Result<(Vec<Change<'g>>, Vec<String>)> {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    for (index, table) in contract.tables.iter().enumerate() {
        let is_named = named.contains(&table.name);
        if !named.is_empty() && !is_named {
            continue;
        }
        let Some(rows) = generator.table(&table.name) else { continue };
        let at_first = initial.iter().find(|(name, _)| *name == table.name).map_or(rows.rows, |(_, rows)| *rows);
        let shares = Shares::default().of(contract, &table.name);
        match Updates::new(table, rows, seed, at_first, batches, shares) {
            Ok(updates) => found.push(Change { table: index, updates, batches }),
            Err(error) if is_named => return Err(error),
            Err(error) => notes.push(format!("{} has no change batches: {error}", table.name)),
        }
    }
    Ok((found, notes))
}

impl<'g> Change<'g> {
    /// Gives the files of the table's changes: the batches in turn, then the state.
    pub fn steps(&'g self) -> impl Iterator<Item = Step<'g>> {
        let batches = (1..=self.batches).map(Some).chain([None]);
        batches.map(move |batch| Step { change: self, batch })
    }
}

impl Step<'_> {
    /// Counts the rows that are looked at; fewer are written.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.change.updates.known(self.batch.unwrap_or(self.change.batches)).end
    }

    /// Gives the index of the table in the contract.
    #[must_use]
    pub const fn table(&self) -> usize {
        self.change.table
    }

    /// Gives the table as it is written: its path, and a column for the operations.
    #[must_use]
    pub fn written(&self, table: &Table, file: &str) -> (Table, String) {
        let mut columns = table.columns.clone();
        let folder = match self.batch {
            Some(number) => {
                columns.insert(0, Column::new(OP, DataType::String));
                format!("updates/{number}")
            }
            None => "expected".to_owned(),
        };
        let source = SourceSpec { path: None, ..table.source.clone() };
        (Table { source, columns, ..table.clone() }, format!("{folder}/{file}"))
    }

    /// Names the step for the summary.
    #[must_use]
    pub fn name(&self, table: &Table) -> String {
        match self.batch {
            Some(number) => format!("{}, batch {number}", table.name),
            None => format!("{}, expected", table.name),
        }
    }
}

impl Source for Step<'_> {
    fn make(&self, rows: Range<u64>) -> Result<RecordBatch> {
        match self.batch {
            Some(batch) => self.change.updates.batch(batch, rows)?.with_op(OP),
            None => self.change.updates.state(self.change.batches, rows),
        }
    }

    fn is_dense(&self) -> bool {
        false
    }
}

/// Cuts the days of a table to the rows that are there at first.
#[must_use]
pub fn at_first(table: &TableGenerator, rows: u64) -> Vec<(i32, Range<u64>)> {
    let cut = |(day, range): &(i32, Range<u64>)| (*day, range.start.min(rows)..range.end.min(rows));
    table.days.iter().map(cut).filter(|(_, range)| range.start < range.end).collect()
}
