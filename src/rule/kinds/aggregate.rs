//! # What
//! A sum, mean, minimum, maximum, standard deviation or quantile of a column lies within bounds.
//!
//! Written `{aggregate: sum, column: price, minimum: 0}`; a quantile says which:
//! `{aggregate: quantile, quantile: 0.5, …}` is the median, interpolated between its neighbours. The standard
//! deviation is that of a sample (n - 1). Sums of integers and decimals are exact. NULL is passed over; a column
//! without a value passes. `min` and `max` also take moments.
//!
//! # Why
//! Each row may be right while the whole is not: shares that do not add up to 100, a mean that doubled overnight.
//!
//! # Example
//! ```yaml
//! columns:
//!   party: {type: string}
//!   share: {type: "decimal(5,2)"}
//! rules:
//!   - {aggregate: sum, column: share, minimum: 100, maximum: 100}
//!   - {aggregate: quantile, quantile: 0.5, column: share, exclusive_maximum: 50}
//! ```
//!
//! # Passes
//! ```csv
//! party,share
//! red,40.10
//! green,33.30
//! blue,26.60
//! none,
//! ```
//!
//! # Fails
//! ```csv
//! party,share
//! red,40.10
//! green,33.30
//! ```

use std::cmp::Ordering;

use crate::model::{Aggregate, Bounds, Check, ColumnPath, DataType, Literal, TableTest};
use crate::rule::ask::{self, Made};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, KindOption, RuleKind, Scope, Shape, bounds, literal};

/// The kind `aggregate`.
pub const KIND: RuleKind = RuleKind {
    name: "aggregate",
    code: "T304",
    scope: Scope::Table,
    keyword: false,
    long_form: true,
    argument: Shape::Word(FUNCTIONS),
    options: &OPTIONS,
    page: include_str!("aggregate.rs"),
    build,
};

const FUNCTIONS: &[&str] = &["sum", "mean", "min", "max", "stddev", "quantile"];

const OPTIONS: [KindOption; 5] = {
    let [minimum, maximum, exclusive_minimum, exclusive_maximum] = bounds::keys(Shape::Scalar);
    let quantile = KindOption { name: "quantile", shape: Shape::Number, doc: "Which quantile, from 0 to 1." };
    [minimum, maximum, exclusive_minimum, exclusive_maximum, quantile]
};

fn build(asked: &Asked<'_>) -> Made {
    let function = function(asked)?;
    let extreme = matches!(function, Aggregate::Min | Aggregate::Max);
    let fits = |data_type: &DataType| data_type.is_numeric() || (extreme && data_type.is_temporal());
    let cell = ask::cell(asked, KIND.name, fits, if extreme { "a number or a moment" } else { "a number" })?;
    if !cell.path.steps.is_empty() {
        let message = format!("`aggregate` looks at whole columns, and `{}` lies inside one", cell.path.text);
        return Err(vec![Complaint::at(asked.argument, "C907", message)]);
    }
    // A sum or mean of a column need not fit the column's type, a moment only makes sense in it.
    let read = |node: &Node| {
        if cell.column.data_type.is_temporal() {
            literal::read_bound(node, cell.column)
        } else {
            literal::read_number(node)
        }
    };
    let bounds = bounds::of_entries(KIND.name, asked.argument, asked.options, read)?;
    let (subject, words) = (format!("{} of {}", name(function), cell.path.text), bounds::words(&bounds));
    Ok(vec![built(cell.path, function, bounds, &subject, &words)])
}

fn built(path: ColumnPath, function: Aggregate, bounds: Bounds, subject: &str, words: &str) -> Built {
    Built {
        check: Check::Table(TableTest::Aggregate { column: path.column, function, bounds }),
        columns: vec![path],
        brief: format!("the {subject} is {words}"),
        message: format!("the {subject} is not {words}"),
    }
}

fn function(asked: &Asked<'_>) -> Result<Aggregate, Vec<Complaint>> {
    let word = asked.argument.text().unwrap_or_default();
    let function = match word {
        "sum" => Aggregate::Sum,
        "mean" => Aggregate::Mean,
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "stddev" => Aggregate::Stddev,
        "quantile" => return quantile(asked).map(Aggregate::Quantile).map_err(|complaint| vec![complaint]),
        _ => {
            let complaint = Complaint::at(asked.argument, "C903", "`aggregate` names a function");
            let complaint = complaint.hint(format!("known are {}", FUNCTIONS.join(", ")));
            return Err(vec![ask::hint_nearest(complaint, word, FUNCTIONS.iter().copied())]);
        }
    };
    match asked.option("quantile") {
        None => Ok(function),
        Some(node) => {
            let complaint = Complaint::at(node, "C903", format!("`quantile` means nothing to `aggregate: {word}`"));
            Err(vec![complaint.hint("write `aggregate: quantile`")])
        }
    }
}

fn quantile(asked: &Asked<'_>) -> Result<f64, Complaint> {
    let Some(node) = asked.option("quantile") else {
        let complaint = Complaint::at(asked.argument, "C904", "`aggregate: quantile` does not say which");
        return Err(complaint.hint("add `quantile: 0.5` for the median"));
    };
    let value = literal::read_number(node)?;
    let inside = literal::order(&value, &Literal::Int(0)).is_some_and(Ordering::is_ge)
        && literal::order(&value, &Literal::Int(1)).is_some_and(Ordering::is_le);
    match &node.data {
        Data::Number(text) if inside => text.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| Complaint::at(node, "C903", "`quantile` is a number from 0 to 1"))
}

fn name(function: Aggregate) -> String {
    match function {
        Aggregate::Sum => "sum",
        Aggregate::Mean => "mean",
        Aggregate::Min => "minimum",
        Aggregate::Max => "maximum",
        Aggregate::Stddev => "standard deviation",
        Aggregate::Quantile(share) => return format!("{share} quantile"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{codes, number, one, text};

    #[test]
    fn functions_and_bounds() {
        let (low, high) = (number("0"), number("10.5"));
        let built = one(&KIND, Some("price"), &text("sum"), &[("minimum", &low), ("maximum", &high)]);
        assert_eq!(built.brief, "the sum of price is at least 0 and at most 10.5");
        let built = one(&KIND, Some("rate"), &text("quantile"), &[("quantile", &number("0.95")), ("maximum", &high)]);
        assert_eq!(built.message, "the 0.95 quantile of rate is not at most 10.5");
        let built = one(&KIND, Some("day"), &text("max"), &[("maximum", &text("today"))]);
        assert_eq!(built.brief, "the maximum of day is at most today");
    }

    #[test]
    fn mistakes() {
        let low = number("0");
        let bound: &[(&str, &Node)] = &[("minimum", &low)];
        assert_eq!(codes(&KIND, Some("price"), &text("total"), bound), ["C903"]);
        assert_eq!(codes(&KIND, Some("price"), &text("sum"), &[]), ["C904"]);
        assert_eq!(codes(&KIND, Some("day"), &text("sum"), bound), ["C907"]);
        assert_eq!(codes(&KIND, Some("code"), &text("max"), bound), ["C907"]);
        assert_eq!(codes(&KIND, Some("basket[].quantity"), &text("sum"), bound), ["C907"]);
        assert_eq!(codes(&KIND, Some("price"), &text("quantile"), bound), ["C904"]);
        assert_eq!(codes(&KIND, Some("price"), &text("quantile"), &[("quantile", &number("1.1"))]), ["C903"]);
        assert_eq!(codes(&KIND, Some("price"), &text("sum"), &[("quantile", &number("1"))]), ["C903"]);
        assert_eq!(codes(&KIND, Some("day"), &text("max"), &[("maximum", &text("soon"))]), ["C912"]);
    }
}
