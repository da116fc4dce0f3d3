//! What only PostgreSQL does, on a real server.

mod access;
mod extracts;
mod faults;
mod history;
mod refusals;
mod tables;
mod types;

use arrow_array::RecordBatch;

use crate::io::target::fixtures::{contract, open, receipt};
use crate::io::target::servers::postgres::{Postgres, postgres};
use crate::io::{Mode, Refused, Taken};
use crate::model::{Result, Table};

type Specs = &'static [(i64, Option<i64>)];
const FIRST: Specs = &[(1, Some(1)), (2, Some(20)), (3, None), (4, Some(5))];
const AGAIN: Specs = &[(2, Some(21)), (3, Some(7)), (50, Some(8))];

/// A database beside which tests work with SQL.
struct Shop {
    server: &'static Postgres,
    name: String,
}

impl Shop {
    fn new() -> Self {
        let server = postgres();
        Self { server, name: server.new_database() }
    }

    fn to(&self) -> String {
        self.server.address(&self.name)
    }

    fn run(&self, script: &str) -> Vec<String> {
        self.server.run(&self.name, script)
    }
}

/// Does a whole load of one table as `karat load` does: what the target refuses is no clean row in the end.
fn load_table(to: &str, id: &str, table: &Table, mode: Mode, rows: &[RecordBatch]) -> Result<(Taken, Vec<Refused>)> {
    let contract = contract(vec![table.clone()]);
    let mut sink = open(to)?;
    sink.begin(&contract, &[0], mode)?;
    for rows in rows {
        sink.write(0, rows)?;
    }
    let refused = sink.settle(0)?;
    let given: usize = rows.iter().map(RecordBatch::num_rows).sum();
    let taken = sink.finish(&receipt(id, &contract, &[(given - refused.len()) as u64]))?;
    sink.commit()?;
    Ok((taken[0], refused))
}
