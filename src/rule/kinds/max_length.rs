//! # What
//! The text has at most so many characters.
//!
//! Characters are Unicode code points: é may be one or two. Binary values are counted in bytes.
//!
//! # Why
//! A column of the target holds so many characters and cuts, or refuses, what is longer.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string, max_length: 5}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,pâtés
//! A-2,
//! ```
//!
//! # Fails
//! ```csv
//! sku,name
//! A-1,hose
//! A-2,a very long name
//! ```

use crate::model::CellTest;
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `max_length`.
pub const KIND: RuleKind = RuleKind {
    name: "max_length",
    code: "R112",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Count,
    options: &[],
    page: include_str!("max_length.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let (cell, count, unit) = ask::length(asked, KIND.name)?;
    let test = CellTest::Length { minimum: None, maximum: Some(count) };
    Ok(cell.built(test, &format!("has at most {count} {unit}"), format!("has more than {count} {unit}")))
}
