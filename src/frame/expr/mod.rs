//! Expressions over a batch, compiled to Polars.
