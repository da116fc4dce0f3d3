//! # What
//! The text has at least so many characters.
//!
//! Characters are Unicode code points: é may be one or two. Binary values are counted in bytes.
//!
//! # Why
//! A name of one letter or a cut-off key is text like any other, until somebody counts.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string, min_length: 2}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,Jé
//! A-2,hose
//! A-3,
//! ```
//!
//! # Fails
//! ```csv
//! sku,name
//! A-1,hose
//! A-2,x
//! ```

use crate::model::CellTest;
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `min_length`.
pub const KIND: RuleKind = RuleKind {
    name: "min_length",
    code: "R111",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Count,
    options: &[],
    page: include_str!("min_length.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let (cell, count, unit) = ask::length(asked, KIND.name)?;
    let test = CellTest::Length { minimum: Some(count), maximum: None };
    Ok(cell.built(test, &format!("has at least {count} {unit}"), format!("has fewer than {count} {unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Check;
    use crate::rule::testing::{codes, number, one, text};

    #[test]
    fn lengths_are_of_text_and_binary() {
        let built = one(&KIND, Some("blob"), &number("1"), &[]);
        assert_eq!(built.check, Check::Cell(CellTest::Length { minimum: Some(1), maximum: None }));
        assert_eq!(built.message, "has fewer than 1 byte");
        assert_eq!(codes(&KIND, Some("tags"), &number("1"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("code"), &text("1"), &[]), ["C903"]);
    }
}
