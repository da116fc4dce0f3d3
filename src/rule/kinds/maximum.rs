//! # What
//! A number or moment is not above the bound; the bound itself is allowed.
//!
//! The bound is read in the column's type and format. Dates and timestamps may be bound by `today` or `now`, the day
//! and the moment of the run in UTC.
//!
//! # Why
//! A discount of 400 % or a sale of next year is a slip of the keyboard that every type lets through.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:       {type: string}
//!   discount:  {type: int64, maximum: 100}
//!   listed_on: {type: date, maximum: today}
//! ```
//!
//! # Passes
//! ```csv
//! sku,discount,listed_on
//! A-1,100,2020-05-01
//! A-2,0,1970-01-01
//! A-3,,
//! ```
//!
//! # Fails
//! ```csv
//! sku,discount,listed_on
//! A-1,101,2020-05-01
//! A-2,5,9999-12-31
//! ```

use crate::model::CompareOp;
use crate::rule::ask::Made;
use crate::rule::{Asked, RuleKind, Scope, Shape, bounds};

/// The kind `maximum`.
pub const KIND: RuleKind = RuleKind {
    name: "maximum",
    code: "R105",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalar,
    options: &[],
    page: include_str!("maximum.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    bounds::of_cell(asked, KIND.name, CompareOp::LtEq)
}
