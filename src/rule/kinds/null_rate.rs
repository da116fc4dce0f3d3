//! # What
//! The share of NULL among the cells of a column lies within bounds.
//!
//! Shares are written from 0 to 1 (`0.1`) or in percent (`"10%"`). A table without records has no share and passes.
//!
//! # Why
//! Some addresses are always missing; when half of them are, the form that asks for them broke last night.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string}
//! rules:
//!   - {null_rate: {maximum: "50%"}, column: name}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,hose
//! A-2,
//! ```
//!
//! # Fails
//! ```csv
//! sku,name
//! A-1,hose
//! A-2,
//! A-3,
//! ```

use std::cmp::Ordering;

use crate::model::{Check, Literal, TableTest, number};
use crate::rule::ask::{self, Made};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, RuleKind, Scope, Shape, bounds, literal};

/// The kind `null_rate`.
pub const KIND: RuleKind = RuleKind {
    name: "null_rate",
    code: "T302",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: Shape::Keys(&bounds::keys(Shape::Either(&[Shape::Number, Shape::Text]))),
    options: &[],
    page: include_str!("null_rate.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let cell = ask::cell(asked, KIND.name, |_| true, "a column");
    let bounds = bounds::of_mapping(KIND.name, asked.argument, share);
    let (cell, bounds) = match (cell, bounds) {
        (Ok(cell), Ok(bounds)) => (cell, bounds),
        (cell, bounds) => return Err(cell.err().into_iter().chain(bounds.err()).flatten().collect()),
    };
    if !cell.path.steps.is_empty() {
        let message = format!("`null_rate` looks at whole columns, and `{}` lies inside one", cell.path.text);
        return Err(vec![Complaint::at(asked.argument, "C907", message)]);
    }
    let (subject, words) = (format!("the share of NULL in {}", cell.path.text), bounds::words(&bounds));
    Ok(vec![Built {
        check: Check::Table(TableTest::NullRate { column: cell.path.column, bounds }),
        columns: vec![cell.path],
        brief: format!("{subject} is {words}"),
        message: format!("{subject} is not {words}"),
    }])
}

/// Reads a share from 0 to 1, or in percent.
fn share(node: &Node) -> Result<Literal, Complaint> {
    let wrong = || {
        let found = node.scalar().map_or_else(|| node.what().to_owned(), |text| format!("`{text}`"));
        Complaint::at(node, "C903", format!("a share lies between 0 and 1, found {found}")).hint("write 0.1 or \"10%\"")
    };
    let share = match &node.data {
        Data::Text(text) => {
            let digits = text.trim().strip_suffix('%').map(str::trim).ok_or_else(wrong)?;
            let (unscaled, scale) = number::any_decimal(digits.as_bytes()).map_err(|_| wrong())?;
            // 10% is 10 hundredths: two places more, and no division.
            Literal::Decimal { unscaled, scale: scale.checked_add(2).ok_or_else(wrong)? }
        }
        _ => literal::read_number(node).map_err(|_| wrong())?,
    };
    let below = literal::order(&share, &Literal::Int(0)) == Some(Ordering::Less);
    let above = literal::order(&share, &Literal::Int(1)) == Some(Ordering::Greater);
    if below || above { Err(wrong()) } else { Ok(share) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, map, number, one, text};

    #[test]
    fn shares_are_exact() {
        let read = |node: Node| share(&node);
        assert_eq!(read(number("0.1")), Ok(Literal::Decimal { unscaled: 1, scale: 1 }));
        assert_eq!(read(text("2.5%")), Ok(Literal::Decimal { unscaled: 25, scale: 3 }));
        assert_eq!(read(text("100 %")), Ok(Literal::Decimal { unscaled: 100, scale: 2 }));
        assert_eq!(read(number("1")), Ok(Literal::Int(1)));
        for wrong in [number("10"), number("-0.1"), text("101%"), text("0.1"), text("x%")] {
            assert_eq!(read(wrong).unwrap_err().code, "C903");
        }
    }

    #[test]
    fn a_column_has_a_share() {
        let tenth = map(vec![("maximum", number("0.1"))]);
        assert_eq!(one(&KIND, Some("code"), &tenth, &[]).brief, "the share of NULL in code is at most 0.1");
        assert_eq!(codes(&KIND, Some("basket[].sku"), &tenth, &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &number("0.1"), &[]), ["C904", "C903"]);
    }
}
