//! # What
//! A row has at least one value: not every cell of it is NULL.
//!
//! Written `{all_null: reject}`. Lists and structs that are there count as values, also when they are empty.
//!
//! # Why
//! Spreadsheets export the blank rows below their data as lines of delimiters, and each becomes a record of nothing.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string}
//! rules:
//!   - {all_null: reject}
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
//! ,
//! ```

use crate::model::{Check, RowTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::Data;
use crate::rule::{Asked, Built, Complaint, RuleKind, Scope, Shape};

/// The kind `all_null`.
pub const KIND: RuleKind = RuleKind {
    name: "all_null",
    code: "R123",
    scope: Scope::Row,
    keyword: false,
    long_form: true,
    argument: Shape::Either(&[Shape::Word(&["reject"]), Shape::Flag]),
    options: &[],
    page: include_str!("all_null.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it looks at the whole row")?;
    match (&asked.argument.data, asked.argument.text()) {
        (Data::Bool(false), _) => return Ok(Vec::new()),
        (Data::Bool(true), _) | (_, Some("reject")) => {}
        _ => {
            let complaint = Complaint::at(asked.argument, "C903", "`all_null` says what becomes of an empty row");
            return Err(vec![complaint.hint("write `all_null: reject`")]);
        }
    }
    Ok(vec![Built {
        check: Check::Row(RowTest::NotAllNull),
        columns: Vec::new(),
        brief: "a row has at least one value".to_owned(),
        message: "has no value at all".to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, build, codes, one, text};

    #[test]
    fn reject_is_the_word() {
        assert_eq!(one(&KIND, None, &text("reject"), &[]), one(&KIND, None, &boolean(true), &[]));
        assert_eq!(build(&KIND, None, &boolean(false), &[]), Ok(Vec::new()));
        assert_eq!(codes(&KIND, None, &text("allow"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("reject"), &[]), ["C903"]);
    }
}
