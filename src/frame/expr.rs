//! Expressions over a batch, compiled to Polars.

use crate::frame::batch::Batch;
use crate::frame::mask::Mask;
use crate::model::{Context, Error, Expression, Result, Table};

/// The value of one boolean expression on each row. `truth` is inside `known`; a row outside `known` is NULL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tri {
    pub truth: Mask,
    pub known: Mask,
}

/// Expressions of one table, compiled.
#[derive(Debug)]
pub struct Compiled {}

impl Compiled {
    /// Compiles expressions.
    ///
    /// # Errors
    /// Where this build has no expression engine.
    pub fn new(expressions: &[Expression], table: &Table, context: &Context) -> Result<Self> {
        let _ = (expressions, table, context);
        Err(Error::usage("this build of karat has no expression engine (feature `polars`)"))
    }

    /// Evaluates all expressions, in order.
    ///
    /// # Errors
    /// Where the engine fails.
    pub fn evaluate(&self, batch: &Batch) -> Result<Vec<Tri>> {
        let _ = batch;
        Ok(Vec::new())
    }
}
