//! # What
//! The value is there: it is not NULL.
//!
//! Which spellings are NULL is said by the source's `null_values`; in CSV the empty field is NULL, in JSON only
//! `null` and a key that is absent are. A primary key is required without saying so.
//!
//! # Why
//! Every other value rule passes over NULL, so a column that is half empty looks perfect without this one.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string, required: true}
//!   name: {type: string}
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
//! ,pipe
//! ```

use crate::model::CellTest;
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, RuleKind, Scope, Shape};

/// The kind `required`.
pub const KIND: RuleKind = RuleKind {
    name: "required",
    code: "R101",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Flag,
    options: &[],
    page: include_str!("required.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    let cell = ask::cell(asked, KIND.name, |_| true, "a column")?;
    if !ask::flag(asked.argument, KIND.name).map_err(|complaint| vec![complaint])? {
        return Ok(Vec::new());
    }
    Ok(cell.built(CellTest::Required, "is there", "is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, build, codes, one, text};

    #[test]
    fn false_makes_no_rule() {
        assert_eq!(build(&KIND, Some("id"), &boolean(false), &[]), Ok(Vec::new()));
        assert_eq!(one(&KIND, Some("basket"), &boolean(true), &[]).message, "is missing");
        assert_eq!(codes(&KIND, Some("id"), &text("yes"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &boolean(true), &[]), ["C904"]);
    }
}
