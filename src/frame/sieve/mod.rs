//! Sieve: finds the records of a CSV batch that may break a rule, without building columns.
//!
//! Most records are clean, and that they are can be seen on their bytes alone. The sieve reads each column once and
//! lets a record pass only where the cell's type and every rule it covers surely hold. What it holds back is *suspect*:
//! the parser and the judge decide it, and say why. So a doubt costs time, never a verdict; the judge is the reference
//! that the sieve is tested against.

mod automaton;
mod cells;
pub mod digits;
mod kernel;
mod shifts;
mod small;
mod steps;
#[cfg(test)]
mod tests;
mod texts;
mod units;
#[cfg_attr(not(target_arch = "x86_64"), path = "narrow.rs")]
pub(super) mod wide;

use crate::frame::layout::Origin;
use crate::frame::mask::Mask;
use crate::frame::parse::Nulls;
use crate::frame::raw::{Body, RawBatch};
use crate::frame::sieve::cells::Cells;
use crate::frame::sieve::kernel::Kernel;
use crate::frame::sieve::wide::Wide;
use crate::model::{CellTest, Check, Context, NullPolicy, RowTest, Rule, Table};

/// So many records are sieved by all columns before the next ones are: their text stays in the nearest cache.
const STRETCH: usize = 128;

/// So many cells of a column are looked at together, where the machine can.
pub(super) const LANES: usize = 64;

/// Finds suspect records of one table.
#[derive(Debug)]
pub struct Sieve {
    columns: Vec<Column>,
    /// Which of the table's rules surely hold for a record that passes.
    covered: Vec<bool>,
    wide: Option<Wide>,
}

/// What is asked of the cells of one column.
#[derive(Debug)]
struct Column {
    /// NULL is suspect.
    required: bool,
    kernel: Kernel,
}

impl Sieve {
    /// Prepares the sieve of a table.
    #[must_use]
    pub fn new(table: &Table, context: &Context) -> Self {
        let mut columns: Vec<Column> =
            table.columns.iter().map(|column| Column { required: false, kernel: Kernel::new(column) }).collect();
        let mut covered = Vec::with_capacity(table.rules.len());
        for rule in &table.rules {
            covered.push(match &rule.check {
                Check::Record | Check::Type => true,
                Check::Cell(test) => cover(rule, test, table, context, &mut columns),
                Check::Row(RowTest::NotAllNull) if rule.condition.is_none() => {
                    // Where all cells are NULL the first one is.
                    columns.iter_mut().take(1).for_each(|first| first.required = true);
                    true
                }
                _ => false,
            });
        }
        Self { columns, covered, wide: Wide::new() }
    }

    /// Looks at cells one by one on any machine.
    #[cfg(test)]
    fn narrow(self) -> Self {
        Self { wide: None, ..self }
    }

    /// Tells for each rule of the table whether it surely holds for every record that passes.
    #[must_use]
    pub fn covered(&self) -> &[bool] {
        &self.covered
    }

    /// Marks the records that may break a covered rule. `None` where the batch cannot be sieved: it is not
    /// delimited, or a column is not among its fields.
    #[must_use]
    pub fn suspects(&self, raw: &RawBatch, origins: &[Origin]) -> Option<Mask> {
        let Body::Delimited(fields) = &raw.body else { return None };
        let place = |origin: &Origin| match origin {
            Origin::Field(field) if *field < fields.width() => Some(*field),
            _ => None,
        };
        let places: Vec<usize> = origins.iter().map(place).collect::<Option<_>>()?;
        let mut suspects = Mask::from_fn(raw.len(), |row| raw.records[row].fault.is_some());
        let spec = &raw.file.spec;
        let nulls = Nulls::new(spec);
        for first in (0..raw.len()).step_by(STRETCH) {
            let rows = first..raw.len().min(first + STRETCH);
            let ascii = raw.stretch(&rows).is_ascii();
            for (column, field) in self.columns.iter().zip(&places) {
                let (rows, field) = (rows.clone(), *field);
                let cells = Cells { text: &raw.text, fields, field, rows, spec, nulls: &nulls, ascii, wide: self.wide };
                column.kernel.hold(&cells, column.required, &mut suspects);
            }
        }
        Some(suspects)
    }
}

/// Adds a test of a plain cell to its column's kernel; `false` where the kernel cannot take it.
fn cover(rule: &Rule, test: &CellTest, table: &Table, context: &Context, columns: &mut [Column]) -> bool {
    let [path] = rule.columns.as_slice() else { return false };
    if rule.condition.is_some() || !path.steps.is_empty() {
        return false;
    }
    let (Some(column), Some(sieve)) = (table.columns.get(path.column), columns.get_mut(path.column)) else {
        return false;
    };
    let covered = matches!(test, CellTest::Required) || sieve.kernel.add(test, column, context);
    // Where NULL breaks the rule, or may, a NULL is suspect.
    sieve.required |= covered && (matches!(test, CellTest::Required) || rule.nulls == NullPolicy::Fail);
    covered
}
