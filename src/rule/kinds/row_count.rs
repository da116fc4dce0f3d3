//! # What
//! The table has so many records.
//!
//! Written with bounds, or with one number for exactly so many. All records read are counted, rejected ones too; a
//! `where` counts those it is true of. It is the rule about emptiness: an empty table passes every other row rule.
//!
//! # Why
//! An export that failed often leaves a file with a header and nothing else, and every row of it is right.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string}
//! rules:
//!   - {row_count: {minimum: 2, maximum: 3}}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,hose
//! A-2,pipe
//! ```
//!
//! # Fails
//! ```csv
//! sku,name
//! A-1,hose
//! ```

use crate::model::{Bounds, Check, Literal, TableTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, RuleKind, Scope, Shape, bounds};

/// The kind `row_count`.
pub const KIND: RuleKind = RuleKind {
    name: "row_count",
    code: "T301",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: COUNTED,
    options: &[],
    page: include_str!("row_count.rs"),
    build,
};

/// The shape of a rule that bounds a count.
pub const COUNTED: Shape = Shape::Either(&[Shape::Count, Shape::Keys(&bounds::keys(Shape::Count))]);

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it counts the records of the table")?;
    let bounds = count_bounds(asked.argument, KIND.name)?;
    let words = bounds::words(&bounds);
    Ok(vec![Built {
        check: Check::Table(TableTest::RowCount(bounds)),
        columns: Vec::new(),
        brief: format!("the number of rows is {words}"),
        message: format!("the number of rows is not {words}"),
    }])
}

/// Reads the bounds of a count: a mapping, or one number for exactly so many.
///
/// # Errors
/// C903, C902, C904 and C908 as [`bounds::of_mapping`].
pub fn count_bounds(node: &Node, kind: &str) -> Result<Bounds, Vec<Complaint>> {
    let read = |node: &Node| ask::count(node, kind).map(|count| Literal::Int(i128::from(count)));
    match node.data {
        Data::Map(_) => bounds::of_mapping(kind, node, read),
        _ => read(node).map(bounds::exactly).map_err(|complaint| vec![complaint]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, map, number, one, text};

    #[test]
    fn a_number_is_exact() {
        let built = one(&KIND, None, &number("5"), &[]);
        assert_eq!(built.brief, "the number of rows is exactly 5");
        let built = one(&KIND, None, &map(vec![("minimum", number("1"))]), &[]);
        assert_eq!(built.message, "the number of rows is not at least 1");
        assert_eq!(codes(&KIND, None, &number("1.5"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &text("many"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &map(vec![("minimum", number("2")), ("maximum", number("1"))]), &[]), ["C908"]);
        assert_eq!(codes(&KIND, Some("id"), &number("5"), &[]), ["C903"]);
    }
}
