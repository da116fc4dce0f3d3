//! SQL expressions: parsed with `sqlparser`, resolved and typed against a table.
//!
//! An expression sees one row. What its parts mean, on every engine:
//!
//! - **Names.** A bare name means the column so spelled, else the only one that differs in case alone; a name in double
//!   quotes means exactly that column. `table.column` is fine for the table's own name. Text stands in single quotes.
//! - **Three values.** Comparisons with NULL are NULL, `AND`, `OR` and `NOT` follow Kleene's tables. `NOT` is moved
//!   inwards (`NOT a > b` is `a <= b`), so that a NaN breaks a comparison on either side of a `NOT`.
//! - **Whole numbers and decimals are exact**, of any mixture of types and scales. `+ - *` give a decimal wide enough
//!   (`int64 + int64` is a `decimal(20,0)`): nothing wraps. `%` leaves the remainder with the sign of its left side. A
//!   decimal has at most 38 digits; a result with more cannot be computed.
//! - **`/` is always float64**, as is any calculation with a float. A number written beside a float is read as a float
//!   of its type, so `ratio <= 0.1` means what it says for a float32 too. A float beside a whole number is compared
//!   exactly, beside a decimal with the float nearest to the decimal.
//! - **NaN and infinity** make every comparison false, `<>` and `NOT IN` too.
//! - **What cannot be computed** (division by zero, a `CAST` that does not fit, over 38 digits, a day before the year 1
//!   or after 9999) is NULL inside the expression. Where the whole expression is NULL because of it, it counts as
//!   false: it must not look like a pass. `TRY_CAST` gives a NULL that does not count as trouble.
//! - **Text** is compared by bytes and never with numbers. `LIKE` is sensitive to case, `ILIKE` is not; backslash
//!   escapes unless `ESCAPE` names another character. `trim` takes blanks, `length` counts code points.
//! - **Moments.** Text written beside a date, time or timestamp is read as one (ISO 8601: `order_date >= '2026-01-01'`).
//!   A day beside a timestamp is its midnight, in UTC for a `timestamptz`. `date - date` is a number of days, `date + 7`
//!   a later day. Parts of a `timestamptz` (`hour(x)`) are those of UTC. `today` and `now` are those of the run.
//! - **`CAST`** to a whole number or a decimal rounds half away from zero; text must read as the type in full.
//! - **`CASE`, `COALESCE`, `NULLIF`, `IN`** bring their values to one type; a list or struct may stand only in
//!   `IS [NOT] NULL` and in `length(list)`.

mod calls;
mod literals;
mod logic;
mod names;
mod operators;
mod resolve;
mod syntax;
mod types;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::model::{DataType, Expression, Table};

/// Says what is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Byte range in the expression's text.
    pub span: Range<usize>,
    /// The mistake in one line.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Reads an expression over the columns of a table. With `want_bool` its value must be true, false or NULL.
///
/// # Errors
/// The first [`Trouble`] found: text that is not SQL, a column that is not there, types that do not fit, something that
/// no single row can answer, or nesting beyond the limits.
pub fn parse(text: &str, table: &Table, want_bool: bool) -> Result<Expression, Trouble> {
    let tree = syntax::parse(text, table)?;
    let mut resolver = resolve::Resolver::new(text, table);
    let typed = resolver.resolve(&tree, 0)?;
    let wanted = if want_bool { DataType::Bool } else { typed.data_type.clone().unwrap_or(DataType::String) };
    let root = if want_bool { resolver.truth(typed, &tree)? } else { literals::coerce(typed, &wanted) };
    let columns = root.columns();
    Ok(Expression { text: text.to_owned(), root, data_type: wanted, columns })
}
