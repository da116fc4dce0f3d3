//! # What
//! Each value is not below the one before it, in file order.
//!
//! With `strict: true` it must be above. NULLs are passed over. A value that falls behind is a violation and does not
//! become the measure for the next. Text is compared by bytes.
//!
//! # Why
//! Logs, sensors and ledgers come in order; where they do not, records were lost, doubled or merged by hand.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:         {type: int64}
//!   created_at: {type: timestamp}
//! rules:
//!   - {increasing: created_at}
//!   - {increasing: id, strict: true}
//! ```
//!
//! # Passes
//! ```csv
//! id,created_at
//! 1,2025-01-01 00:00:00
//! 2,2025-01-01 00:00:00
//! ,2025-01-01 08:00:00
//! 3,2025-01-02 00:00:00
//! ```
//!
//! # Fails
//! ```csv
//! id,created_at
//! 1,2025-01-02 00:00:00
//! 2,2025-01-01 00:00:00
//! 2,2025-01-03 00:00:00
//! ```

use crate::model::{Check, DataType, KeyTest};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `increasing`.
pub const KIND: RuleKind = RuleKind {
    name: "increasing",
    code: "K204",
    scope: Scope::Key,
    keyword: false,
    long_form: true,
    argument: Shape::Text,
    options: &[KindOption { name: "strict", shape: Shape::Flag, doc: "Equal neighbours break the rule too." }],
    page: include_str!("increasing.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "write `increasing: created_at`")?;
    let Some(name) = asked.argument.text() else {
        let message = format!("`increasing` names a column, found {}", asked.argument.what());
        return Err(vec![Complaint::at(asked.argument, "C903", message)]);
    };
    let column = ask::key_column(asked.argument, name, asked.table, KIND.name).map_err(|complaint| vec![complaint])?;
    let strict = ask::flag_option(asked, "strict")?;
    let columns = ask::paths(&[column], asked.table);
    let data_type = asked.table.columns.get(column).map(|column| &column.data_type);
    if matches!(data_type, Some(DataType::Bool | DataType::Binary)) {
        let message = format!("`increasing` needs a number, a moment or text, and `{name}` is none");
        return Err(vec![Complaint::at(asked.argument, "C907", message)]);
    }
    let (what, message) = if strict {
        ("is above the one before", "is not above the value before it")
    } else {
        ("is not below the one before", "is below the value before it")
    };
    Ok(vec![Built {
        check: Check::Key(KeyTest::Increasing { column, strict }),
        columns,
        brief: format!("{name} {what}"),
        message: message.to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, codes, one, text};

    #[test]
    fn a_column_in_order() {
        let built = one(&KIND, None, &text("stamp"), &[("strict", &boolean(true))]);
        assert_eq!(built.check, Check::Key(KeyTest::Increasing { column: 6, strict: true }));
        assert_eq!(codes(&KIND, None, &text("flag"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &text("basket[].sku"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &text("nothing"), &[]), ["C909"]);
        assert_eq!(codes(&KIND, None, &boolean(true), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("id"), &[]), ["C903"]);
    }
}
