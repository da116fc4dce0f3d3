//! # What
//! The list has at least so many items.
//!
//! A list that is NULL passes: `required` is the rule about NULL. An item that is NULL is counted.
//!
//! # Why
//! A basket without goods is an order of nothing.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:     {type: int64}
//!   basket: {type: list, items: {type: string}, min_items: 1}
//! ```
//!
//! # Passes
//! ```ndjson
//! {"id": 1, "basket": ["hose"]}
//! {"id": 2, "basket": ["hose", null]}
//! {"id": 3, "basket": null}
//! ```
//!
//! # Fails
//! ```ndjson
//! {"id": 1, "basket": ["hose"]}
//! {"id": 2, "basket": []}
//! ```

use crate::model::CellTest;
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `min_items`.
pub const KIND: RuleKind = RuleKind {
    name: "min_items",
    code: "R113",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Count,
    options: &[],
    page: include_str!("min_items.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let (cell, count, unit) = ask::items(asked, KIND.name)?;
    let test = CellTest::Items { minimum: Some(count), maximum: None };
    Ok(cell.built(test, &format!("has at least {count} {unit}"), format!("has fewer than {count} {unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Check;
    use crate::rule::testing::{codes, number, one};

    #[test]
    fn items_are_of_lists() {
        let built = one(&KIND, Some("basket"), &number("2"), &[]);
        assert_eq!(built.check, Check::Cell(CellTest::Items { minimum: Some(2), maximum: None }));
        assert_eq!(built.brief, "basket has at least 2 items");
        assert_eq!(codes(&KIND, Some("basket[]"), &number("1"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("basket"), &number("-1"), &[]), ["C903"]);
    }
}
