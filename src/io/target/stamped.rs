//! Stamped: a target whose tables carry the columns that `audit_columns` of the contract asks for, at their end.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use crate::frame::schema;
use crate::io::{LOAD_ID, LOAD_TS, Mode, Receipt, Refused, Sink, Taken};
use crate::model::temporal::Pattern;
use crate::model::{Column, Contract, DataType, Error, Result, Table};

/// Adds the columns to every row on its way to a target.
pub struct Stamped {
    inner: Box<dyn Sink>,
    load_id: String,
    /// Microseconds since 1970, UTC.
    loaded_at: i64,
    /// The contract with the columns, once begun.
    contract: Option<Contract>,
}

/// Wraps a target where the contract asks for audit columns.
///
/// # Errors
/// Where `loaded_at` is no moment.
pub fn stamped(inner: Box<dyn Sink>, contract: &Contract, load_id: &str, loaded_at: &str) -> Result<Box<dyn Sink>> {
    if contract.audit_columns.is_empty() {
        return Ok(inner);
    }
    let moment = Pattern::default_for(&DataType::TimestampTz).timestamp(loaded_at.as_bytes());
    let loaded_at = moment.ok_or_else(|| Error::usage(format!("`{loaded_at}` is no moment")))?;
    Ok(Box::new(Stamped { inner, load_id: load_id.to_owned(), loaded_at, contract: None }))
}

/// Gives the contract whose tables have the audit columns at their end.
#[must_use]
pub fn with_columns(contract: &Contract) -> Contract {
    let mut wider = contract.clone();
    for table in &mut wider.tables {
        table.columns.extend(contract.audit_columns.iter().map(|name| column(name)));
    }
    wider
}

fn column(name: &str) -> Column {
    Column::new(name, if name == LOAD_TS { DataType::TimestampTz } else { DataType::String })
}

impl Stamped {
    fn table(&self, index: usize) -> Result<&Table> {
        let table = self.contract.as_ref().and_then(|contract| contract.tables.get(index));
        table.ok_or_else(|| Error::output(format!("table {index} was not prepared for rows")))
    }
}

impl Sink for Stamped {
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()> {
        let wider = with_columns(contract);
        self.inner.begin(&wider, tables, mode)?;
        self.contract = Some(wider);
        Ok(())
    }

    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>> {
        self.inner.loaded_before(table, sha256)
    }

    fn loaded_as_long(&mut self, table: &str, bytes: u64) -> Result<bool> {
        self.inner.loaded_as_long(table, bytes)
    }

    fn holds(&self, path: &Path) -> bool {
        self.inner.holds(path)
    }

    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let wider = self.contract.as_ref().and_then(|contract| contract.table(&table.name));
        self.inner.existing(wider.unwrap_or(table), columns, visit)
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let spec = self.table(table)?;
        let mut columns = rows.columns().to_vec();
        for column in spec.columns.get(rows.num_columns()..).unwrap_or_default() {
            let stamp: ArrayRef = if column.name == LOAD_ID {
                Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&self.load_id, rows.num_rows())))
            } else {
                let moments = TimestampMicrosecondArray::from_value(self.loaded_at, rows.num_rows());
                Arc::new(moments.with_timezone("UTC"))
            };
            columns.push(stamp);
        }
        let wider = RecordBatch::try_new(schema::schema(spec), columns).map_err(|error| {
            Error::output(format!("{}: rows of another shape were given", spec.name)).because(error)
        })?;
        self.inner.write(table, &wider)
    }

    fn settle(&mut self, table: usize) -> Result<Vec<Refused>> {
        self.inner.settle(table)
    }

    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>> {
        self.inner.finish(receipt)
    }

    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }

    fn commit(self: Box<Self>) -> Result<()> {
        self.inner.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::{Scratch, contract, open, products, receipt, rows};

    #[test]
    fn every_row_carries_its_load() {
        let scratch = Scratch::new();
        let to = format!("csv:{}", scratch.path("out").display());
        let mut contract = contract(vec![products()]);
        contract.audit_columns = vec![LOAD_ID.to_owned(), LOAD_TS.to_owned()];
        for (id, key) in [("one", 1), ("two", 2)] {
            let inner = open(&to).unwrap();
            let mut sink = stamped(inner, &contract, id, "2026-01-02T03:04:05.5Z").unwrap();
            sink.begin(&contract, &[0], Mode::Append).unwrap();
            assert!(!sink.takes_text(0), "text has no room for the columns");
            sink.write(0, &rows(&[(key, None)])).unwrap();
            sink.finish(&receipt(id, &contract, &[1])).unwrap();
            sink.commit().unwrap();
        }
        let mut parts = crate::io::target::fixtures::names(&scratch.path("out/products"));
        parts.retain(|part| part.contains("one"));
        let text = std::fs::read_to_string(scratch.path("out/products").join(&parts[0])).unwrap();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().ends_with(",load_id,load_ts"));
        assert!(lines.next().unwrap().ends_with(",one,2026-01-02T03:04:05.500000Z"), "{text}");
    }
}
