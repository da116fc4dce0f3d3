//! # What
//! The value is none of a list.
//!
//! The list is read in the column's type. NULL passes: `required` is the rule about NULL.
//!
//! # Why
//! Placeholders such as 0, 9999 or `n/a` look like data and bend every sum and average they get into.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:   {type: string, not_values: [n/a, unknown]}
//!   price: {type: "decimal(12,2)", not_values: [0, 9999.99]}
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
//! A-1,0.00
//! n/a,5.00
//! ```

use crate::rule::ask::Made;
use crate::rule::kinds::accepted_values;
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `not_values`.
pub const KIND: RuleKind = RuleKind {
    name: "not_values",
    code: "R103",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalars,
    options: &[],
    page: include_str!("not_values.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    accepted_values::one_of(asked, KIND.name, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, list, null, number, one};

    #[test]
    fn null_is_left_to_required() {
        assert_eq!(codes(&KIND, Some("price"), &list(vec![number("0"), null()]), &[]), ["C903"]);
        let built = one(&KIND, Some("price"), &list(vec![number("0")]), &[]);
        assert_eq!(built.brief, "price is none of 0.00");
    }
}
