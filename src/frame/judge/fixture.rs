//! Tables, rules and batches for tests.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;

use crate::frame::batch::Batch;
use crate::frame::mask::Mask;
use crate::frame::raw::{Body, FileShape, RawBatch, Record};
use crate::model::{
    Check, Column, DataType, Encoding, Expr, Expression, NullPolicy, Rule, Severity, SourceSpec, Table,
};

/// Makes a table of columns without rules.
pub fn table(columns: Vec<(&str, DataType)>) -> Table {
    Table {
        name: "t".into(),
        description: None,
        source: SourceSpec::default(),
        primary_key: None,
        columns: columns.into_iter().map(|(name, data_type)| Column::new(name, data_type)).collect(),
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

/// Makes a rule on columns of a table.
pub fn rule(table: &Table, columns: &[&str], check: Check) -> Rule {
    Rule {
        id: "t.rule".into(),
        kind: "test",
        code: "T000",
        columns: columns.iter().map(|path| table.path(path).unwrap()).collect(),
        check,
        severity: Severity::Error,
        condition: None,
        max_failures: None,
        nulls: NullPolicy::Ignore,
        description: None,
        dimension: None,
        brief: String::new(),
        message: String::new(),
        place: (1, 1),
    }
}

/// Makes an expression that reads columns; what it says is up to the test.
pub fn expression(columns: &[usize]) -> Expression {
    Expression {
        text: "…".into(),
        root: Expr::Literal(crate::model::Literal::Null),
        data_type: DataType::Bool,
        columns: columns.to_vec(),
    }
}

/// Makes a batch of typed columns named `c0`, `c1`, … without faults.
pub fn batch(columns: Vec<ArrayRef>) -> Batch {
    let rows = columns.first().map_or(0, |column| column.len());
    let record =
        |row: usize| Record { start: 0, len: 0, offset: 0, length: 0, line: 0, number: row as u64 + 1, fault: None };
    let file = FileShape {
        path: "t.parquet".into(),
        partitions: Vec::new(),
        spec: SourceSpec::default(),
        encoding: Encoding::Utf8,
        names: (0..columns.len()).map(|column| format!("c{column}")).collect(),
        header: Vec::new(),
    };
    let raw = RawBatch {
        file: Arc::new(file),
        text: Vec::new(),
        records: (0..rows).map(record).collect(),
        body: Body::Columns(RecordBatch::new_empty(Arc::new(Schema::empty()))),
    };
    let width = columns.len();
    Batch {
        raw,
        columns,
        absent: vec![false; width],
        broken: Mask::new(rows),
        unparsed: vec![None; width],
        faults: Vec::new(),
    }
}
