//! # What
//! The list has at most so many items.
//!
//! A list that is NULL passes. An item that is NULL is counted.
//!
//! # Why
//! One record with a million items is a fault of the producer and a blow to whoever unnests it.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:   {type: int64}
//!   tags: {type: list, items: {type: string}, max_items: 2}
//! ```
//!
//! # Passes
//! ```ndjson
//! {"id": 1, "tags": ["new", "sale"]}
//! {"id": 2, "tags": []}
//! {"id": 3}
//! ```
//!
//! # Fails
//! ```ndjson
//! {"id": 1, "tags": ["new"]}
//! {"id": 2, "tags": ["new", "sale", "red"]}
//! ```

use crate::model::CellTest;
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `max_items`.
pub const KIND: RuleKind = RuleKind {
    name: "max_items",
    code: "R114",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Count,
    options: &[],
    page: include_str!("max_items.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let (cell, count, unit) = ask::items(asked, KIND.name)?;
    let test = CellTest::Items { minimum: None, maximum: Some(count) };
    Ok(cell.built(test, &format!("has at most {count} {unit}"), format!("has more than {count} {unit}")))
}
