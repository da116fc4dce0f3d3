//! # What
//! A number or moment is not below the bound; the bound itself is allowed.
//!
//! The bound is read in the column's type and format. Dates and timestamps may be bound by `today` or `now`, the day
//! and the moment of the run in UTC.
//!
//! # Why
//! A negative price or a birth date in 1870 is a real number and a real day: only the contract knows that it is
//! wrong.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:       {type: string}
//!   price:     {type: "decimal(12,2)", minimum: 0}
//!   listed_on: {type: date, minimum: 2000-01-01}
//! ```
//!
//! # Passes
//! ```csv
//! sku,price,listed_on
//! A-1,0.00,2000-01-01
//! A-2,19.90,2024-02-29
//! A-3,,
//! ```
//!
//! # Fails
//! ```csv
//! sku,price,listed_on
//! A-1,-0.01,2024-02-29
//! A-2,19.90,1999-12-31
//! ```

use crate::model::CompareOp;
use crate::rule::ask::Made;
use crate::rule::{Asked, RuleKind, Scope, Shape, bounds};

/// The kind `minimum`.
pub const KIND: RuleKind = RuleKind {
    name: "minimum",
    code: "R104",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalar,
    options: &[],
    page: include_str!("minimum.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    bounds::of_cell(asked, KIND.name, CompareOp::GtEq)
}
