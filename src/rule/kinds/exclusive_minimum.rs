//! # What
//! A number or moment is above the bound; the bound itself is refused.
//!
//! The bound is read in the column's type and format, as for `minimum`.
//!
//! # Why
//! A quantity or a price of nothing is often a placeholder: `minimum: 0` would let it pass.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:   {type: string}
//!   price: {type: "decimal(12,2)", exclusive_minimum: 0}
//! ```
//!
//! # Passes
//! ```csv
//! sku,price
//! A-1,0.01
//! A-2,
//! ```
//!
//! # Fails
//! ```csv
//! sku,price
//! A-1,0.01
//! A-2,0.00
//! ```

use crate::model::CompareOp;
use crate::rule::ask::Made;
use crate::rule::{Asked, RuleKind, Scope, Shape, bounds};

/// The kind `exclusive_minimum`.
pub const KIND: RuleKind = RuleKind {
    name: "exclusive_minimum",
    code: "R106",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalar,
    options: &[],
    page: include_str!("exclusive_minimum.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    bounds::of_cell(asked, KIND.name, CompareOp::Gt)
}
