//! # What
//! The value reads as its column's type.
//!
//! Every column has this rule by its `type:`. Nothing is guessed, rounded or cut: `12.0` is no integer, `1,000` no
//! number, 300 does not fit `int8`, 30 February is no date. A violation carries the code of the fault (`P010` and
//! on), and the value's other rules are not asked.
//!
//! # Why
//! A value that a database would refuse, or silently turn into another one, must be found before the load.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:        {type: int64}
//!   price:     {type: "decimal(12,2)"}
//!   listed_on: {type: date}
//! ```
//!
//! # Passes
//! ```csv
//! id,price,listed_on
//! 1,19.90,2024-02-29
//! -2,5,
//! ```
//!
//! # Fails
//! ```csv
//! id,price,listed_on
//! one,19.90,2024-02-29
//! 2,5.001,2024-02-28
//! 3,5.00,2023-02-29
//! ```

use crate::model::{CellTest, Check};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `type`.
pub const KIND: RuleKind = RuleKind {
    name: "type",
    code: "R100",
    scope: Scope::Cell,
    keyword: false,
    long_form: false,
    argument: Shape::Text,
    options: &[],
    page: include_str!("type.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let cell = ask::cell(asked, KIND.name, |_| true, "a column")?;
    let data_type = &cell.column.data_type;
    let (what, message) = (format!("reads as {data_type}"), format!("does not read as {data_type}"));
    let mut built = cell.built(CellTest::Required, &what, message);
    for check in &mut built {
        check.check = Check::Type;
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{one, text};

    #[test]
    fn the_type_is_named() {
        let built = one(&KIND, Some("basket[].quantity"), &text("int32"), &[]);
        assert_eq!((built.check, built.brief.as_str()), (Check::Type, "basket[].quantity reads as int32"));
    }
}
