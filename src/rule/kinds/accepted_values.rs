//! # What
//! The value is one of a list.
//!
//! The list is read in the column's type: `1` and `1.00` are one decimal, text is compared byte by byte, so that
//! `House` is not `house`. NULL passes.
//!
//! # Why
//! A category spelled in a new way falls out of every report that groups by it, and nobody sees that it is gone.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:      {type: string}
//!   category: {type: string, accepted_values: [house, clothes, food]}
//! ```
//!
//! # Passes
//! ```csv
//! sku,category
//! A-1,house
//! A-2,food
//! A-3,
//! ```
//!
//! # Fails
//! ```csv
//! sku,category
//! A-1,house
//! A-2,House
//! ```

use crate::model::{CellTest, Literal};
use crate::rule::ask::{self, Made};
use crate::rule::node::Data;
use crate::rule::{Asked, Complaint, RuleKind, Scope, Shape, literal};

/// The kind `accepted_values`.
pub const KIND: RuleKind = RuleKind {
    name: "accepted_values",
    code: "R102",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Scalars,
    options: &[],
    page: include_str!("accepted_values.rs"),
    build,
};

/// A brief names so many values of a list, and counts the others.
const SHOWN: usize = 8;

fn build(asked: &Asked<'_>) -> Made {
    one_of(asked, KIND.name, false)
}

/// Makes the check of a kind that compares with a list of values.
///
/// # Errors
/// C903 where there is no list or nothing in it, C907, C912 for each value that is none of the column's type.
pub fn one_of(asked: &Asked<'_>, kind: &str, negated: bool) -> Made {
    let cell = ask::cell(asked, kind, |data_type| !data_type.is_nested(), "a column of a scalar type")?;
    let Data::List(items) = &asked.argument.data else {
        let message = format!("`{kind}` is a list of values, found {}", asked.argument.what());
        return Err(vec![Complaint::at(asked.argument, "C903", message).hint(format!("write `{kind}: [a, b]`"))]);
    };
    if items.is_empty() {
        return Err(vec![Complaint::at(asked.argument, "C903", format!("`{kind}` is an empty list"))]);
    }
    let (mut values, mut complaints) = (Vec::new(), Vec::new());
    for item in items {
        match item.data {
            Data::Null if negated => {
                let complaint = Complaint::at(item, "C903", format!("`{kind}` ignores NULL, as every value rule does"));
                complaints.push(complaint.hint("refuse NULL with `required: true`"));
            }
            Data::Null => values.push(Literal::Null),
            _ => match literal::read(item, cell.column) {
                Ok(value) => values.push(value),
                Err(complaint) => complaints.push(complaint),
            },
        }
    }
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let words = words(&values);
    let (what, message) = if negated {
        (format!("is none of {words}"), "is a value that is not allowed".to_owned())
    } else {
        (format!("is one of {words}"), format!("is not one of {words}"))
    };
    Ok(cell.built(CellTest::OneOf { values, negated }, &what, message))
}

fn words(values: &[Literal]) -> String {
    let word = |value: &Literal| match value {
        // An empty or blank-edged text would not be seen without its quotes.
        Literal::String(text) if text.is_empty() || text.trim() != text => format!("{text:?}"),
        _ => value.to_string(),
    };
    let shown: Vec<String> = values.iter().take(SHOWN).map(word).collect();
    let more = values.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Check;
    use crate::rule::testing::{codes, list, null, number, one, text, texts};

    #[test]
    fn values_are_read_in_the_columns_type() {
        let built = one(&KIND, Some("price"), &list(vec![number("1"), number("2.5"), null()]), &[]);
        let decimal = |unscaled| Literal::Decimal { unscaled, scale: 2 };
        let values = vec![decimal(100), decimal(250), Literal::Null];
        assert_eq!(built.check, Check::Cell(CellTest::OneOf { values, negated: false }));
        assert_eq!(built.brief, "price is one of 1.00, 2.50, NULL");
    }

    #[test]
    fn every_value_that_does_not_fit_is_told() {
        let items = list(vec![number("1"), text("x"), number("0.001")]);
        assert_eq!(codes(&KIND, Some("price"), &items, &[]), ["C912", "C912"]);
        assert_eq!(codes(&KIND, Some("tags"), &texts(&["a"]), &[]), ["C907"]);
        assert_eq!(codes(&KIND, Some("code"), &text("a"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, Some("code"), &list(Vec::new()), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &texts(&["a"]), &[]), ["C904"]);
    }

    #[test]
    fn long_lists_are_cut_in_words() {
        let built = one(&KIND, Some("tags[]"), &texts(&["a", "", "c", "d", "e", "f", "g", "h", "i", "j"]), &[]);
        assert_eq!(built.brief, "tags[] is one of a, \"\", c, d, e, f, g, h and 2 more");
    }
}
