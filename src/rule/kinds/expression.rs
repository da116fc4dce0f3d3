//! # What
//! A SQL expression over the columns of a row is not false.
//!
//! It follows SQL: a comparison with NULL is NULL, and NULL passes; `nulls: fail` changes that. Text is compared by
//! bytes. Names with blanks stand in double quotes, text in single quotes.
//!
//! There are `AND OR NOT`, comparisons, `IS [NOT] NULL`, `IS [NOT] TRUE`, `BETWEEN`, `IN (…)`, `LIKE`, `ILIKE`,
//! `+ - * / %`, `||`, `CASE`, `CAST`, `TRY_CAST`, and the functions `abs`, `ceil`, `coalesce`, `contains`, `date`, `day`,
//! `ends_with`, `floor`, `hour`, `length`, `lower`, `minute`, `month`, `now`, `nullif`, `round`, `second`,
//! `starts_with`, `substring`, `today`, `trim`, `upper` and `year`.
//!
//! Whole numbers and decimals are exact and never wrap; `/` gives a float64. Text beside a date or timestamp is read as
//! one: `order_date >= '2026-01-01'`. `date + 7` and `date - date` count days. What cannot be computed (a division by
//! zero, a `CAST` that does not fit) fails the row, as does a comparison with NaN.
//!
//! There are `= <> < <= > >=`, `+ - * / %`, `AND OR NOT`, `IS NULL`, `IS DISTINCT FROM`, `IN (…)`, `BETWEEN`, `LIKE`,
//! `ILIKE`, `CASE`, `CAST(… AS …)`, `DATE '2026-01-31'`; and the functions `abs`, `ceil` (`ceiling`), `floor`, `round`,
//! `length` (`char_length`), `lower`, `upper`, `trim`, `substring` (`substr`), `contains`, `starts_with`, `ends_with`,
//! `coalesce`, `nullif`, `date`, `year`, `month`, `day`, `hour`, `minute`, `second`, `today` (`current_date`), `now`
//! (`current_timestamp`). A date plus or minus a whole number is a date so many days away.
//!
//! # Why
//! What holds between the columns of a row is seldom a sort of its own: the field already has a language for it.
//!
//! # Example
//! ```yaml
//! columns:
//!   price: {type: "decimal(12,2)"}
//!   cost:  {type: "decimal(12,2)"}
//! rules:
//!   - {id: price-covers-cost, expression: "price >= cost"}
//! ```
//!
//! # Passes
//! ```csv
//! price,cost
//! 10.00,9.99
//! 5.00,5.00
//! 5.00,
//! ```
//!
//! # Fails
//! ```csv
//! price,cost
//! 10.00,9.99
//! 5.00,5.01
//! ```

use crate::model::{Check, RowTest};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, Built, RuleKind, Scope, Shape};

/// The kind `expression`.
pub const KIND: RuleKind = RuleKind {
    name: "expression",
    code: "R120",
    scope: Scope::Row,
    keyword: false,
    long_form: true,
    argument: Shape::Sql,
    options: &[],
    page: include_str!("expression.rs"),
    build,
};

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it names its columns itself")?;
    let expression = ask::condition(asked.argument, asked.table, KIND.name)?;
    Ok(vec![Built {
        columns: ask::paths(&expression.columns, asked.table),
        brief: expression.text.clone(),
        message: format!("does not satisfy {}", expression.text),
        check: Check::Row(RowTest::Expression(expression)),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, list, number, text};

    #[test]
    fn only_text_is_sql() {
        assert_eq!(codes(&KIND, None, &number("5"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &list(Vec::new()), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("id"), &text("id > 0"), &[]), ["C903"]);
    }
}
