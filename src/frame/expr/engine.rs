//! `Compiled`: the expressions of one table, ready to run on batches.

use polars::prelude::BooleanChunked;

use crate::frame::batch::Batch;
use crate::frame::expr::Tri;
use crate::frame::expr::compile::{Node, compile};
use crate::frame::expr::evaluate::{Frame, Troubles};
use crate::frame::expr::value::Value;
use crate::frame::mask::Mask;
use crate::model::{Context, Error, Expression, Result, Table};

/// Expressions of one table, compiled. Batches may be evaluated from several threads at once.
#[derive(Debug)]
pub struct Compiled {
    roots: Vec<Root>,
    /// The table's columns that any of them reads, ascending.
    columns: Vec<usize>,
}

#[derive(Debug)]
struct Root {
    text: String,
    node: Node,
}

impl Compiled {
    /// Compiles expressions that are true, false or NULL.
    ///
    /// # Errors
    /// Where a `LIKE` pattern is too large.
    pub fn new(expressions: &[Expression], table: &Table, context: &Context) -> Result<Self> {
        let mut columns: Vec<usize> = expressions.iter().flat_map(|expression| expression.root.columns()).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut roots = Vec::with_capacity(expressions.len());
        for Expression { text, root, .. } in expressions {
            let node = compile(root, &columns, context).map_err(|why| {
                Error::usage(format!("the expression `{text}` of `{}` cannot be compiled: {why}", table.name))
            })?;
            roots.push(Root { text: text.clone(), node });
        }
        Ok(Self { roots, columns })
    }

    /// Evaluates all expressions on the rows of a batch, in order. Only the columns they read are touched. Cells that
    /// did not parse are NULL here; the caller knows them.
    ///
    /// # Errors
    /// Where a column is not of its contract's type in memory.
    pub fn evaluate(&self, batch: &Batch) -> Result<Vec<Tri>> {
        let rows = batch.len();
        if rows == 0 {
            return Ok(self.roots.iter().map(|_| Tri::default()).collect());
        }
        let mut columns = Vec::with_capacity(self.columns.len());
        for index in &self.columns {
            let column = batch.columns.get(*index).and_then(Value::read);
            columns
                .push(column.ok_or_else(|| Error::input(format!("column {} has no values to evaluate", index + 1)))?);
        }
        let frame = Frame { columns: &columns, rows };
        self.roots.iter().map(|root| root.evaluate(&frame)).collect()
    }
}

impl Root {
    fn evaluate(&self, frame: &Frame<'_>) -> Result<Tri> {
        let mut troubles = Troubles::new(frame.rows);
        let value = frame.evaluate(&self.node, &mut troubles);
        let truth = value
            .and_then(Value::truth)
            .map_err(|why| Error::input(format!("the expression `{}` cannot be evaluated: {why}", self.text)))?;
        let mut value = to_tri(&truth, frame.rows);
        // NULL because something could not be computed must not look like a pass: it is false.
        if let Some(rows) = troubles.rows() {
            value.known.or(rows);
        }
        Ok(value)
    }
}

fn to_tri(truth: &BooleanChunked, rows: usize) -> Tri {
    if truth.len() == 1 && rows != 1 {
        let all = |set: bool| if set { Mask::full(rows) } else { Mask::new(rows) };
        let value = truth.get(0);
        return Tri { truth: all(value == Some(true)), known: all(value.is_some()) };
    }
    let mut value = Tri { truth: Mask::new(rows), known: Mask::new(rows) };
    for (row, cell) in truth.iter().enumerate() {
        if let Some(is_true) = cell {
            value.known.set(row);
            if is_true {
                value.truth.set(row);
            }
        }
    }
    value
}
