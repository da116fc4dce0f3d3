//! # What
//! The newest moment of a column is not older than an age.
//!
//! Ages are written as `15m`, `36h`, `7d` or `1d12h`, with the units `s`, `m`, `h`, `d` and `w`. They are counted
//! back from the moment of the run in UTC; a date is its midnight, a timestamp without a zone is taken as UTC. A
//! column without a value passes; `row_count` and `required` are the rules about that.
//!
//! # Why
//! A pipeline that delivers last week's file again looks healthy: every row is right, and nothing is new.
//!
//! # Example
//! ```yaml
//! columns:
//!   id:         {type: int64}
//!   created_at: {type: timestamp}
//! rules:
//!   - {freshness: created_at, maximum_age: 36h}
//! ```
//!
//! # Passes
//! ```csv
//! id,created_at
//! 1,2019-05-01 00:00:00
//! 2,2025-12-31 18:00:00
//! 3,
//! ```
//!
//! # Fails
//! ```csv
//! id,created_at
//! 1,2019-05-01 00:00:00
//! 2,2025-12-30 11:59:59
//! ```

use crate::model::{Check, DataType, TableTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::Node;
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `freshness`.
pub const KIND: RuleKind = RuleKind {
    name: "freshness",
    code: "T305",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: Shape::Text,
    options: &[KindOption {
        name: "maximum_age",
        shape: Shape::Duration,
        doc: "How old the newest value may be: `36h`, `7d`.",
    }],
    page: include_str!("freshness.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "write `freshness: created_at`")?;
    let missing = || {
        let complaint = Complaint::at(asked.argument, "C904", "`freshness` has no `maximum_age`");
        complaint.hint("add `maximum_age: 36h`")
    };
    let age = asked.option("maximum_age").ok_or_else(missing).and_then(age);
    let ((name, column), (written, maximum_age_micros)) = match (column(asked), age) {
        (Ok(column), Ok(age)) => (column, age),
        (column, age) => return Err(column.err().into_iter().chain(age.err()).collect()),
    };
    Ok(vec![Built {
        check: Check::Table(TableTest::Freshness { column, maximum_age_micros }),
        columns: ask::paths(&[column], asked.table),
        brief: format!("the newest {name} is at most {written} old"),
        message: format!("the newest {name} is older than {written}"),
    }])
}

fn column<'a>(asked: &Asked<'a>) -> Result<(&'a str, usize), Complaint> {
    let node = asked.argument;
    let Some(name) = node.text() else {
        return Err(Complaint::at(node, "C903", format!("`freshness` names a column, found {}", node.what())));
    };
    let index = ask::key_column(node, name, asked.table, KIND.name)?;
    match asked.table.columns.get(index).map(|column| &column.data_type) {
        Some(DataType::Date | DataType::Timestamp | DataType::TimestampTz) => Ok((name, index)),
        other => {
            let found = other.map(ToString::to_string).unwrap_or_default();
            Err(Complaint::at(
                node,
                "C907",
                format!("`freshness` needs a date or a timestamp, and `{name}` is {found}"),
            ))
        }
    }
}

/// Reads an age as written and in microseconds.
fn age(node: &Node) -> Result<(&str, i64), Complaint> {
    node.text().and_then(|text| micros(text).map(|micros| (text, micros))).ok_or_else(|| {
        let found = node.scalar().map_or_else(|| node.what().to_owned(), |text| format!("`{text}`"));
        Complaint::at(node, "C903", format!("`maximum_age` is a duration, found {found}"))
            .hint("write whole numbers with s, m, h, d or w: `36h`, `7d`, `1d12h`")
    })
}

fn micros(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0_i64;
    while !rest.is_empty() || total == 0 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let seconds = match rest.as_bytes().first()? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        rest = rest.get(1..)?.trim_start();
        total = total.checked_add(number.checked_mul(seconds * 1_000_000)?)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, number, one, text};

    #[test]
    fn ages_are_whole_units() {
        assert_eq!(micros("36h"), Some(129_600_000_000));
        assert_eq!(micros("1d12h"), micros("36h"));
        assert_eq!(micros("1d 12h"), micros("36h"));
        assert_eq!(micros("15m"), Some(900_000_000));
        for wrong in ["", "h", "36", "1.5h", "-1h", "1 h", "1y", "0s", "99999999999999999w", "9000000000000d"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_newest_value_has_an_age() {
        let built = one(&KIND, None, &text("day"), &[("maximum_age", &text("7d"))]);
        assert_eq!(built.brief, "the newest day is at most 7d old");
        assert_eq!(codes(&KIND, None, &text("at"), &[("maximum_age", &text("7d"))]), ["C907"]);
        assert_eq!(codes(&KIND, None, &text("nothing"), &[("maximum_age", &number("7"))]), ["C909", "C903"]);
        assert_eq!(codes(&KIND, None, &text("day"), &[]), ["C904"]);
    }
}
