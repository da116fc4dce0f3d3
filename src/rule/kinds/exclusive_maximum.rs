//! # What
//! A number or moment is below the bound; the bound itself is refused.
//!
//! The bound is read in the column's type and format, as for `maximum`.
//!
//! # Why
//! Half-open ranges join without a gap or an overlap: a share below 1, a moment before the next month.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:         {type: int64}
//!   created_at: {type: timestamp, exclusive_maximum: "2025-02-01 00:00:00"}
//! ```
//!
//! # Passes
//! ```csv
//! id,created_at
//! 1,2025-01-31 23:59:59.999999
//! 2,
//! ```
//!
//! # Fails
//! ```csv
//! id,created_at
//! 1,2025-02-01 00:00:00
//! ```

use crate::model::CompareOp;
use crate::rule::ask::Made;
use crate::rule::{Asked, RuleKind, Scope, Shape, bounds};

/// The kind `exclusive_maximum`.
pub const KIND: RuleKind = RuleKind {
    name: "exclusive_maximum",
    code: "R107",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalar,
    options: &[],
    page: include_str!("exclusive_maximum.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    bounds::of_cell(asked, KIND.name, CompareOp::Lt)
}
