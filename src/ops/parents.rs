//! Parents: the keys that `references` rules may name. They stay in memory, whatever the budget: 10 to 14 bytes for a
//! key that fits 64 bits, else its bytes and about 10.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use crate::frame::keys::DistinctKeys;
use crate::frame::schema::arrow_type;
use crate::frame::{Mask, Parser};
use crate::io::InputFile;
use crate::model::{Check, Contract, KeyTest, Result, Table};
use crate::ops::parallel::ordered;
use crate::ops::reading::{Claimed, Reading};
use crate::ops::settings::Settings;

/// Holds the referenced keys of every table of a contract, filled table by table, parents first.
#[derive(Debug)]
pub struct Parents {
    sets: Vec<ParentSet>,
}

#[derive(Debug)]
struct ParentSet {
    table: String,
    columns: Vec<usize>,
    types: Vec<DataType>,
    keys: Arc<DistinctKeys>,
    /// Rows of the run or of the target were looked at.
    known: bool,
}

impl Parents {
    /// Finds what the contract's `references` rules ask for.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        let mut sets: Vec<ParentSet> = Vec::new();
        for rule in contract.tables.iter().flat_map(|table| &table.rules) {
            let Check::Key(KeyTest::References { parent, parent_columns, .. }) = &rule.check else { continue };
            if !sets.iter().any(|set| set.table == *parent && set.columns == *parent_columns) {
                let found = contract.table(parent);
                let column = |column: &usize| found.and_then(|table| table.columns.get(*column));
                let types: Vec<_> =
                    parent_columns.iter().filter_map(column).map(|column| arrow_type(&column.data_type)).collect();
                let (table, columns) = (parent.clone(), parent_columns.clone());
                sets.push(ParentSet { table, columns, keys: Arc::new(DistinctKeys::new(&types)), types, known: false });
            }
        }
        Self { sets }
    }

    /// Gives the column sets of a table that others refer to, each with its number.
    pub fn of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (usize, &'a [usize])> + 'a {
        let sets = self.sets.iter().enumerate();
        sets.filter(move |(_, set)| set.table == table).map(|(number, set)| (number, set.columns.as_slice()))
    }

    /// Says that a table's rows are part of this run.
    pub fn mark_known(&mut self, table: &str) {
        for set in self.sets.iter_mut().filter(|set| set.table == table) {
            set.known = true;
        }
    }

    /// Adds keys of the target: `rows` has exactly the key's columns.
    pub fn seed(&mut self, number: usize, rows: &RecordBatch) {
        let columns: Vec<usize> = (0..rows.num_columns()).collect();
        if rows.num_rows() > 0 {
            self.sets[number].known = true;
        }
        self.add(number, &columns, rows);
    }

    /// Forgets the keys of a table: it is judged once more, or its rows of the target are gone.
    pub fn forget(&mut self, table: &str) {
        for set in self.sets.iter_mut().filter(|set| set.table == table) {
            (set.keys, set.known) = (Arc::new(DistinctKeys::new(&set.types)), false);
        }
    }

    /// Adds the accepted rows of a table.
    pub fn accept(&mut self, table: &str, rows: &RecordBatch) {
        for number in 0..self.sets.len() {
            if self.sets[number].table == table {
                let columns = self.sets[number].columns.clone();
                self.add(number, &columns, rows);
            }
        }
    }

    fn add(&mut self, number: usize, columns: &[usize], rows: &RecordBatch) {
        // Nobody reads a set while its table still runs, except a table that refers to itself.
        let Some(keys) = Arc::get_mut(&mut self.sets[number].keys) else { return };
        let columns: Vec<&dyn Array> = columns.iter().map(|column| rows.column(*column).as_ref()).collect();
        keys.add(&columns, &Mask::full(rows.num_rows()));
    }

    /// Adds every key of a table that refers to itself, before it is judged: a row may refer to a later one.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn read_own(&mut self, table: &Table, files: &[InputFile], settings: &Settings) -> Result<()> {
        let own: Vec<(usize, Vec<usize>)> = self.own(table);
        for (number, columns) in own {
            let parser = Parser::new(table).only(&columns);
            let mut reading = Reading::new(table, files, settings);
            let Some(keys) = Arc::get_mut(&mut self.sets[number].keys) else { continue };
            let work = |claimed: Claimed| Ok(parser.parse(claimed.frame()?.raw));
            ordered(
                settings.threads,
                || reading.claim(),
                work,
                |batch| {
                    let columns: Vec<&dyn Array> =
                        columns.iter().map(|column| batch.columns[*column].as_ref()).collect();
                    keys.add(&columns, &Mask::full(batch.len()));
                    Ok(())
                },
            )?;
        }
        Ok(())
    }

    fn own(&self, table: &Table) -> Vec<(usize, Vec<usize>)> {
        let refers = |columns: &[usize]| {
            table.rules.iter().any(|rule| {
                matches!(&rule.check, Check::Key(KeyTest::References { parent, parent_columns, .. })
                    if *parent == table.name && parent_columns == columns)
            })
        };
        let own = self.of(&table.name).filter(|(_, columns)| refers(columns));
        own.map(|(number, columns)| (number, columns.to_vec())).collect()
    }

    /// Tells whether a table refers to itself, so that its files are read once more.
    #[must_use]
    pub fn refers_to_itself(&self, table: &Table) -> bool {
        !self.own(table).is_empty()
    }

    /// Gives what each rule of a table may refer to: the keys, or why there are none. `None` for other rules.
    #[must_use]
    pub fn for_rules(&self, table: &Table) -> Vec<Option<Result<Arc<DistinctKeys>, String>>> {
        let find = |parent: &str, columns: &[usize]| {
            let set = self.sets.iter().find(|set| set.table == parent && set.columns == columns)?;
            Some(if set.known {
                Ok(set.keys.clone())
            } else {
                Err(format!("the table `{parent}` is not part of this run"))
            })
        };
        let rules = table.rules.iter().map(|rule| match &rule.check {
            Check::Key(KeyTest::References { parent, parent_columns, .. }) => find(parent, parent_columns),
            _ => None,
        });
        rules.collect()
    }
}
