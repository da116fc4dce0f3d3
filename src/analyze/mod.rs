//! Mergeable measures of columns: one file a metric. Table rules and profiles share them.

pub mod completeness;
pub mod distinct;
pub mod extremes;
pub mod moments;
pub mod newest;
pub mod observed;
pub mod profile;
pub mod quantiles;
pub mod semantic;
pub mod sum;
pub mod table;

use arrow_array::Array;

use crate::frame::Mask;

pub use completeness::Completeness;
pub use distinct::Distinct;
pub use extremes::Extremes;
pub use moments::Moments;
pub use newest::Newest;
pub use observed::Observed;
pub use quantiles::Quantiles;
pub use sum::Sum;
pub use table::{TableFinding, TableState};

/// A measure of one column that grows batch by batch. Rows are taken in order, so that a result never depends on where
/// one batch ends and the next begins.
pub trait Metric {
    /// Takes the marked rows of an array. NULLs are skipped by all but [`Completeness`].
    fn update(&mut self, array: &dyn Array, rows: &Mask);

    /// Takes what another measure of the same column saw in later rows.
    fn merge(&mut self, other: Self);
}

#[cfg(test)]
mod fixture {
    use super::*;

    /// Measures an array whole, row by row, and as two merged halves.
    pub fn three_ways<M: Metric>(new: impl Fn() -> M, array: &dyn Array) -> [M; 3] {
        let all = |part: &dyn Array| {
            let mut metric = new();
            metric.update(part, &Mask::full(part.len()));
            metric
        };
        let mut single = new();
        for row in 0..array.len() {
            single.update(&array.slice(row, 1), &Mask::full(1));
        }
        let half = array.len() / 2;
        let mut merged = all(&array.slice(0, half));
        merged.merge(all(&array.slice(half, array.len() - half)));
        [all(array), single, merged]
    }
}
