//! Builds without Polars: there is nothing to evaluate an expression with.

use crate::frame::batch::Batch;
use crate::frame::expr::Tri;
use crate::model::{Context, Error, Expression, Result, Table};

/// Stands where the compiled expressions of a table would; holds none.
#[derive(Debug)]
pub struct Compiled {}

impl Compiled {
    /// Accepts an empty list.
    ///
    /// # Errors
    /// A usage error for any expression.
    pub fn new(expressions: &[Expression], _: &Table, _: &Context) -> Result<Self> {
        if expressions.is_empty() {
            return Ok(Self {});
        }
        Err(Error::usage("this build of karat has no expression engine (feature `polars`)"))
    }

    /// Gives nothing, for no expression.
    ///
    /// # Errors
    /// None; the signature is that of builds with an engine.
    pub fn evaluate(&self, _: &Batch) -> Result<Vec<Tri>> {
        Ok(Vec::new())
    }
}
