//! # What
//! Two columns of a row stand in an order.
//!
//! Written as two columns with one of `=`, `<>`, `!=`, `<`, `<=`, `>`, `>=` between them. Fields of structs may be
//! named (`address.since`), elements of lists not. A row with NULL on a side passes. For more than two columns and
//! for values there is `expression`.
//!
//! # Why
//! An end before its start, a delivery before its order: each date is right, the pair is impossible.
//!
//! # Example
//! ```yaml
//! columns:
//!   ordered_on:   {type: date}
//!   delivered_on: {type: date}
//! rules:
//!   - {compare: "ordered_on <= delivered_on"}
//! ```
//!
//! # Passes
//! ```csv
//! ordered_on,delivered_on
//! 2025-01-30,2025-02-01
//! 2025-01-30,2025-01-30
//! 2025-01-30,
//! ```
//!
//! # Fails
//! ```csv
//! ordered_on,delivered_on
//! 2025-01-30,2025-02-01
//! 2025-02-01,2025-01-30
//! ```

use crate::model::{Check, ColumnPath, CompareOp, DataType, RowTest, Step, Table};
use crate::rule::ask::{self, Made};
use crate::rule::node::Node;
use crate::rule::{Asked, Built, Complaint, RuleKind, Scope, Shape};

/// The kind `compare`.
pub const KIND: RuleKind = RuleKind {
    name: "compare",
    code: "R121",
    scope: Scope::Row,
    keyword: false,
    long_form: true,
    argument: Shape::Text,
    options: &[],
    page: include_str!("compare.rs"),
    build,
};

const HINT: &str = "write two columns and an operator: `start <= end`; for anything else use `expression`";

fn build(asked: &Asked<'_>) -> Made {
    ask::no_column(asked, KIND.name, "it names its two columns itself")?;
    let node = asked.argument;
    let Some((left, op, right)) = node.text().and_then(split) else {
        return Err(vec![Complaint::at(node, "C903", "`compare` takes two columns and one operator").hint(HINT)]);
    };
    let (left, right) = match (side(node, left, asked.table), side(node, right, asked.table)) {
        (Ok(left), Ok(right)) => (left, right),
        (left, right) => return Err(left.err().into_iter().chain(right.err()).collect()),
    };
    let (left_type, right_type) = (&asked.table.at(&left).data_type, &asked.table.at(&right).data_type);
    if !comparable(left_type, right_type) {
        let message =
            format!("`{}` is {left_type} and `{}` is {right_type}: they have no order", left.text, right.text);
        return Err(vec![Complaint::at(node, "C907", message)]);
    }
    let brief = format!("{} {} {}", left.text, op.symbol(), right.text);
    Ok(vec![Built {
        columns: vec![left.clone(), right.clone()],
        message: format!("does not satisfy {brief}"),
        brief,
        check: Check::Row(RowTest::Compare { left, op, right }),
    }])
}

/// Cuts `a <= b` at its operator; `None` where there is none, two, or nothing on a side.
fn split(text: &str) -> Option<(&str, CompareOp, &str)> {
    const OPERATORS: [(&str, CompareOp); 7] = [
        ("<=", CompareOp::LtEq),
        (">=", CompareOp::GtEq),
        ("<>", CompareOp::NotEq),
        ("!=", CompareOp::NotEq),
        ("<", CompareOp::Lt),
        (">", CompareOp::Gt),
        ("=", CompareOp::Eq),
    ];
    let at = outside_quotes(text)?;
    let (left, rest) = text.split_at(at);
    let (operator, op) = OPERATORS.iter().find(|(operator, _)| rest.starts_with(operator))?;
    let (left, right) = (left.trim(), rest[operator.len()..].trim());
    let whole = !left.is_empty() && !right.is_empty() && outside_quotes(right).is_none();
    whole.then_some((left, *op, right))
}

/// Finds the first character of an operator that no double quotes enclose.
fn outside_quotes(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (!quoted && matches!(letter, '<' | '>' | '=' | '!')).then_some(at)
    })
}

/// Finds the column of a side; double quotes around a name are taken off, as in SQL.
fn side(node: &Node, name: &str, table: &Table) -> Result<ColumnPath, Complaint> {
    let name = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    let path = ask::column_path(node, name, table)
        .map_err(|complaint| if complaint.hint.is_some() { complaint } else { complaint.hint(HINT) })?;
    if path.steps.contains(&Step::Items) {
        let message = format!("`{name}` names many elements, and `compare` takes one value on each side");
        return Err(Complaint::at(node, "C907", message));
    }
    Ok(path)
}

fn comparable(left: &DataType, right: &DataType) -> bool {
    (left == right && !left.is_nested()) || (left.is_numeric() && right.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{build, codes, number, one, text};

    #[test]
    fn every_operator_is_read() {
        for (operator, op) in [
            ("=", CompareOp::Eq),
            ("<>", CompareOp::NotEq),
            ("!=", CompareOp::NotEq),
            ("<", CompareOp::Lt),
            ("<=", CompareOp::LtEq),
            (">", CompareOp::Gt),
            (">=", CompareOp::GtEq),
        ] {
            for written in [format!("price {operator} cost"), format!("price{operator}\"cost\"")] {
                let built = one(&KIND, None, &text(&written), &[]);
                let Check::Row(RowTest::Compare { op: found, .. }) = built.check else { panic!("{written}") };
                assert_eq!(found, op, "{written}");
                assert_eq!(built.brief, format!("price {} cost", op.symbol()));
            }
        }
    }

    #[test]
    fn quotes_hide_operators() {
        assert_eq!(split("\"a<b\" >= c"), Some(("\"a<b\"", CompareOp::GtEq, "c")));
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in ["price", "price <", "< cost", "price < cost < rate", "price == cost", "price => cost", ""] {
            assert_eq!(codes(&KIND, None, &text(wrong), &[]), ["C903"], "{wrong}");
        }
        assert_eq!(codes(&KIND, None, &number("5"), &[]), ["C903"]);
        assert_eq!(codes(&KIND, None, &text("prise < 5"), &[]), ["C909", "C909"]);
        assert_eq!(codes(&KIND, None, &text("price < code"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &text("day < stamp"), &[]), ["C907"]);
        assert_eq!(codes(&KIND, None, &text("basket[].quantity < id"), &[]), ["C907"]);
        assert!(build(&KIND, None, &text("id < price"), &[]).is_ok());
    }
}
