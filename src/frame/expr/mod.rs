//! Expressions over a batch, compiled to Polars.
//!
//! What each part of an expression means is said by `rule::expression`. Here it runs, column by column: comparisons,
//! truth tables and text by Polars' own kernels; numbers in 128 bits with their scale beside them, so that integers and
//! decimals of any mixture stay exact.

#[cfg(feature = "polars")]
mod cast;
#[cfg(feature = "polars")]
mod compare;
#[cfg(feature = "polars")]
mod compile;
#[cfg(feature = "polars")]
mod engine;
#[cfg(feature = "polars")]
mod evaluate;
#[cfg(feature = "polars")]
mod moment;
#[cfg(feature = "polars")]
mod number;
#[cfg(feature = "polars")]
mod text;
#[cfg(feature = "polars")]
mod value;

#[cfg(not(feature = "polars"))]
mod absent;

#[cfg(test)]
#[cfg(feature = "polars")]
mod tests;

use crate::frame::mask::Mask;

#[cfg(not(feature = "polars"))]
pub use absent::Compiled;
#[cfg(feature = "polars")]
pub use engine::Compiled;

/// The value of one boolean expression on each row. `truth` is inside `known`; a row outside `known` is NULL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tri {
    pub truth: Mask,
    pub known: Mask,
}
