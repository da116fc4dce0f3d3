//! On a real server.

mod broken;
mod source;
mod target;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::RecordBatch;

use crate::frame::Body;
use crate::io::databases::address::Address;
use crate::io::databases::{self, Extract, Rows};
use crate::io::target::fixtures::Scratch;
use crate::io::target::servers::mariadb;
use crate::io::{InputFile, ReadOptions, formats};
use crate::model::{Access, Column, DataType, Result, SourceSpec, Table, TableGeneration};

/// A database of its own, beside which tests work with SQL.
struct Shop {
    to: String,
    name: String,
}

impl Shop {
    fn new() -> Self {
        let to = mariadb::new_database();
        let name = to.rsplit('/').next().unwrap().to_owned();
        Self { to, name }
    }

    /// Runs a script as the administrator; gives the lines it prints.
    fn sql(&self, script: &str) -> Vec<String> {
        let said = mariadb::root(&format!("USE {}; {script}", self.name));
        said.lines().map(str::to_owned).collect()
    }

    fn tables(&self) -> Vec<String> {
        self.sql("SHOW TABLES")
    }

    fn extract(&self, rows: Rows, partition_on: Option<&str>, threads: usize) -> Result<(Vec<InputFile>, Scratch)> {
        extract(&self.to, rows, partition_on, threads)
    }

    /// Extracts over one connection, and gives all rows.
    fn read(&self, rows: Rows) -> Vec<RecordBatch> {
        let (files, _scratch) = self.extract(rows, None, 1).unwrap();
        assert_eq!(files.len(), 1);
        batches(&files[0].path)
    }
}

fn extract(to: &str, rows: Rows, partition_on: Option<&str>, threads: usize) -> Result<(Vec<InputFile>, Scratch)> {
    let (scratch, address) = (Scratch::new(), Address::parse(to).unwrap());
    let (access, interrupted) = (Access::default(), Arc::new(AtomicBool::new(false)));
    let spool = scratch.path("spool");
    let asked = Extract {
        address: &address,
        access: &access,
        rows,
        partition_on,
        threads,
        spool: &spool,
        interrupted: &interrupted,
    };
    databases::extract(&asked).map(|files| (files, scratch))
}

/// Reads a spooled file.
fn batches(path: &std::path::Path) -> Vec<RecordBatch> {
    let file = InputFile { shown: "x".into(), path: path.to_owned(), partitions: Vec::new() };
    let mut source = formats::parquet::open(&file, &table("x", &[]), &ReadOptions::default()).unwrap();
    let mut found = Vec::new();
    while let Some(raw) = source.next_batch().unwrap() {
        match &raw.body {
            Body::Columns(rows) => found.push(rows.clone()),
            _ => panic!("Parquet has columns"),
        }
    }
    found
}

fn table(name: &str, columns: &[(&str, DataType)]) -> Table {
    Table {
        name: name.to_owned(),
        description: None,
        source: SourceSpec::default(),
        primary_key: None,
        columns: columns.iter().map(|(name, data_type)| Column::new(*name, data_type.clone())).collect(),
        rules: Vec::new(),
        generation: TableGeneration::default(),
    }
}

fn paths(files: &[InputFile]) -> Vec<&PathBuf> {
    files.iter().map(|file| &file.path).collect()
}
