//! What comes into one table.

use arrow_array::RecordBatch;

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::copy::{Copier, Place};
use crate::io::databases::postgres::encode::Encoder;
use crate::io::databases::postgres::failure::{broken, failed};
use crate::io::databases::postgres::merge::Stage;
use crate::io::databases::postgres::tables::{self, Described};
use crate::io::databases::postgres::wire::Wire;
use crate::io::{Mode, Refused, Taken};
use crate::model::{Error, Result, Table};
use crate::sql::{self, identifier};

/// A table's load.
pub struct Load {
    /// The table's name in SQL, with its schema.
    pub name: String,
    /// The table as it was found; absent where the load made it.
    pub there: Option<Described>,
    encoder: Encoder,
    /// Where rows are copied to: the table, or the stage.
    place: Place,
    /// Rows of an upsert wait here.
    stage: Option<Stage>,
    copier: Option<Copier>,
    taken: Taken,
    /// Rows given so far.
    given: u64,
    /// Refused rows that nobody was told of yet.
    refused: Vec<Refused>,
    settled: bool,
}

impl Load {
    /// Prepares a table of the contract: makes it, or looks whether it fits.
    ///
    /// # Errors
    /// Where it does not fit, or an upsert has no key to go by.
    pub fn begin(link: &Link, schema: &str, table: &Table, index: usize, mode: Mode) -> Result<Self> {
        if mode == Mode::Upsert && table.primary_key.is_none() {
            return Err(Error::usage(format!("{} has no primary key, so rows cannot be upserted", table.name))
                .hint("Give the table a `primary_key:` in the contract, or load with `--mode append`."));
        }
        let name = format!("{}.{}", identifier(schema), identifier(&table.name));
        let there = tables::describe(link, schema, &table.name)?;
        let wires = match &there {
            Some(there) => tables::fit(table, there)?,
            None => make(link, &name, table)?,
        };
        let what = format!("{} does not take rows", table.name);
        let columns = sql::identifiers(table.columns.iter().map(|column| column.name.as_str()));
        // Into a table that is new, an upsert is an append.
        let (stage, place) = match &there {
            Some(there) if mode == Mode::Upsert => {
                tables::check_key(link, &name, table, there)?;
                let stage = Stage::make(link, &name, table, there, index)?.upserting(table);
                let place = stage.place(what);
                (Some(stage), place)
            }
            // Rows may refer to such as come later, so all of them must come in one statement.
            Some(there) if there.circular => {
                let stage = Stage::make(link, &name, table, there, index)?;
                let place = stage.place(what);
                (Some(stage), place)
            }
            _ => {
                let statement = format!("COPY {name} ({columns}) FROM STDIN (FORMAT binary)");
                (None, Place { statement, relation: table.name.clone(), what })
            }
        };
        let encoder = Encoder::new(table, wires, stage.is_some());
        let taken = Taken::default();
        Ok(Self {
            name,
            there,
            encoder,
            place,
            stage,
            copier: None,
            taken,
            given: 0,
            refused: Vec::new(),
            settled: false,
        })
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Where the server fails otherwise than by refusing some of those taken so far.
    pub fn write(&mut self, link: &Link, rows: &RecordBatch) -> Result<()> {
        if self.settled {
            return Err(Error::output("rows came after the table was settled"));
        }
        if self.copier.is_none() {
            self.copier = Some(Copier::start(link, self.place.clone())?);
        }
        let Some(copier) = &self.copier else { return Ok(()) };
        let mut alive = true;
        self.encoder.encode(rows, &mut |block| {
            alive = alive && copier.send(block);
            Ok(())
        })?;
        self.given += rows.num_rows() as u64;
        // A task that ended says why.
        if alive { Ok(()) } else { self.stop(link) }
    }

    /// Waits until the server has taken what was written so far. Only one COPY can run at a time.
    ///
    /// # Errors
    /// Where it failed.
    pub fn stop(&mut self, link: &Link) -> Result<()> {
        let Some(copier) = self.copier.take() else { return Ok(()) };
        let rest = self.encoder.rest();
        if rest.rows > 0 || !rest.left_out.is_empty() {
            copier.send(rest);
        }
        let mut copied = copier.finish(link)?;
        self.taken.loaded += copied.rows;
        copied.refused.append(&mut self.encoder.refused());
        copied.refused.sort_by_key(|refused| refused.row);
        self.refused.append(&mut copied.refused);
        Ok(())
    }

    /// Brings the rows to their place and gives those refused.
    ///
    /// # Errors
    /// Where the server fails, or rows are neither in the table nor refused.
    pub fn settle(&mut self, link: &Link, table: &Table) -> Result<Vec<Refused>> {
        if self.settled {
            return Ok(std::mem::take(&mut self.refused));
        }
        self.stop(link)?;
        if let Some(stage) = self.stage.take() {
            self.taken = stage.merge(link, table, self.given, &mut self.refused)?;
            self.refused.sort_by_key(|refused| refused.row);
        }
        self.settled = true;
        let (loaded, refused) = (self.taken.loaded, self.refused.len() as u64);
        if loaded + refused != self.given {
            let given = self.given;
            return Err(broken(format!(
                "{}: {given} clean rows were given, the target took {loaded} and refused {refused}",
                table.name
            )));
        }
        Ok(std::mem::take(&mut self.refused))
    }

    /// Compares the server's count with the rows that are clean in the end.
    ///
    /// # Errors
    /// Where they differ.
    pub fn finish(&mut self, link: &Link, table: &Table, clean: u64) -> Result<Taken> {
        let untold = self.settle(link, table)?;
        if self.taken.loaded == clean {
            return Ok(self.taken);
        }
        let loaded = self.taken.loaded;
        let error = broken(format!("{}: {clean} clean rows were given, the target took {loaded}", table.name));
        Err(match untold.first() {
            Some(refused) => error.because(refused.message.clone()),
            None => error,
        })
    }

    /// Stops in the middle.
    pub fn abort(&mut self, link: &Link) {
        if let Some(copier) = self.copier.take() {
            copier.abort(link);
        }
    }
}

fn make(link: &Link, name: &str, table: &Table) -> Result<Vec<Wire>> {
    let mut statements = sql::create_table(&sql::Postgres, name, table);
    let keys = sql::key_columns(table);
    // Unlike most, PostgreSQL indexes JSON too.
    if keys.iter().any(|column| column.data_type.is_nested()) {
        let listed = sql::identifiers(keys.iter().map(|column| column.name.as_str()));
        statements = format!("{statements}; ALTER TABLE {name} ADD PRIMARY KEY ({listed})");
    }
    link.batch(&statements).map_err(|error| failed(format!("cannot make the table {}", table.name), &error))?;
    Ok(table.columns.iter().map(|column| Wire::of(&column.data_type)).collect())
}
