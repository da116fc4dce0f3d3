//! # What
//! Where one SQL condition is true, another is not false.
//!
//! Rows for which the condition under `when` is false or NULL pass. So do rows for which the one under `then` is
//! NULL.
//!
//! # Why
//! Many promises hold for some rows only: what is paid has a day of payment, what is sent has an address.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:      {type: int64}
//!   status:  {type: string}
//!   paid_on: {type: date}
//! rules:
//!   - {when: "status = 'paid'", then: "paid_on IS NOT NULL"}
//! ```
//!
//! # Passes
//! ```csv
//! id,status,paid_on
//! 1,paid,2025-03-01
//! 2,open,
//! 3,,
//! ```
//!
//! # Fails
//! ```csv
//! id,status,paid_on
//! 1,paid,2025-03-01
//! 2,paid,
//! ```

use crate::model::{Check, RowTest};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `when`.
pub const KIND: RuleKind = RuleKind {
    name: "when",
    code: "R122",
    scope: Scope::Row,
    keyword: false,
    long_form: true,
    argument: Shape::Sql,
    options: &[KindOption { name: "then", shape: Shape::Sql, doc: "What holds for the rows that `when` is true of." }],
    page: include_str!("when.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it names its columns itself")?;
    let when = ask::condition(asked.argument, asked.table, KIND.name);
    let Some(then) = asked.option("then") else {
        let mut complaints = when.err().unwrap_or_default();
        let missing = Complaint::at(asked.argument, "C904", "`when` has no `then`");
        complaints.push(missing.hint("add `then:` with the SQL condition that must hold"));
        return Err(complaints);
    };
    let (when, then) = match (when, ask::condition(then, asked.table, "then")) {
        (Ok(when), Ok(then)) => (when, then),
        (when, then) => {
            return Err(when.err().into_iter().chain(then.err()).flatten().collect());
        }
    };
    let mut columns: Vec<usize> = when.columns.iter().chain(&then.columns).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    Ok(vec![Built {
        columns: ask::paths(&columns, asked.table),
        brief: format!("{} where {}", then.text, when.text),
        message: format!("does not satisfy {} where {}", then.text, when.text),
        check: Check::Row(RowTest::When { when, then }),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, number, text};

    #[test]
    fn both_sides_are_told() {
        assert_eq!(codes(&KIND, None, &number("5"), &[]), ["C903", "C904"]);
        assert_eq!(codes(&KIND, None, &number("5"), &[("then", &number("6"))]), ["C903", "C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("id > 0"), &[]), ["C903"]);
    }
}
