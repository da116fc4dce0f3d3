//! # What
//! The number divided by this one leaves nothing.
//!
//! Exact for integers and decimals: 0.30 is a multiple of 0.10. Floats cannot hold 0.1, so choose a decimal type
//! where fractions count.
//!
//! # Why
//! Goods sold in packs of six, prices in steps of 5 cents, timestamps on the quarter of an hour: the odd one is
//! wrong.
//!
//! # Example
//! ```yaml
//! columns:
//!   quantity: {type: int64, multiple_of: 6}
//!   price:    {type: "decimal(12,2)", multiple_of: 0.05}
//! ```
//!
//! # Passes
//! ```csv
//! quantity,price
//! 12,0.30
//! 0,-1.05
//! 6,
//! ```
//!
//! # Fails
//! ```csv
//! quantity,price
//! 12,0.31
//! 7,0.30
//! ```

use std::cmp::Ordering;

use crate::model::{CellTest, DataType, Literal};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, Complaint, RuleKind, Scope, Shape, literal};

/// The kind `multiple_of`.
pub const KIND: RuleKind = RuleKind {
    name: "multiple_of",
    code: "R108",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Number,
    options: &[],
    page: include_str!("multiple_of.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let cell = ask::cell(asked, KIND.name, DataType::is_numeric, "a number")?;
    let divisor = literal::read(asked.argument, cell.column).map_err(|complaint| vec![complaint])?;
    if literal::order(&divisor, &Literal::Int(0)) != Some(Ordering::Greater) {
        return Err(vec![Complaint::at(asked.argument, "C903", "`multiple_of` is a number above 0")]);
    }
    let (what, message) = (format!("is a multiple of {divisor}"), format!("is not a multiple of {divisor}"));
    Ok(cell.built(CellTest::MultipleOf(divisor), &what, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Check;
    use crate::rule::testing::{codes, number, one};

    #[test]
    fn the_divisor_is_exact_and_above_zero() {
        let built = one(&KIND, Some("price"), &number("0.05"), &[]);
        assert_eq!(built.check, Check::Cell(CellTest::MultipleOf(Literal::Decimal { unscaled: 5, scale: 2 })));
        assert_eq!(codes(&KIND, Some("price"), &number("0"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &number("-2"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &number("0.5"), &[]), ["C912"]);
        assert_eq!(codes(&KIND, Some("code"), &number("1"), &[]), ["C907"]);
    }
}
