//! Bounds: of a cell (one a kind) and of a number measured over a table (up to four in a mapping).

use std::cmp::Ordering;

use crate::model::{Bounds, CellTest, CompareOp, DataType, Literal};
use crate::rule::ask::{self, Made};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Complaint, KindOption, Shape, literal};

/// Gives the four keys of bounds, with values of a shape.
#[must_use]
pub const fn keys(shape: Shape) -> [KindOption; 4] {
    [
        KindOption { name: "minimum", shape, doc: "The least value allowed." },
        KindOption { name: "maximum", shape, doc: "The greatest value allowed." },
        KindOption { name: "exclusive_minimum", shape, doc: "Every value must be above this." },
        KindOption { name: "exclusive_maximum", shape, doc: "Every value must be below this." },
    ]
}

/// Makes the check of a kind that bounds a cell.
///
/// # Errors
/// C907 where the column is neither a number nor a moment, C903 and C912 where the bound is no value of its type.
pub fn of_cell(asked: &Asked<'_>, kind: &str, op: CompareOp) -> Made {
    let fits = |data_type: &DataType| data_type.is_numeric() || data_type.is_temporal();
    let cell = ask::cell(asked, kind, fits, "a number, a date, a time or a timestamp")?;
    let bound = literal::read_bound(asked.argument, cell.column).map_err(|complaint| vec![complaint])?;
    let (what, message) = if cell.column.data_type.is_temporal() {
        match op {
            CompareOp::GtEq => (format!("is {bound} or later"), format!("is before {bound}")),
            CompareOp::LtEq => (format!("is {bound} or earlier"), format!("is after {bound}")),
            CompareOp::Gt => (format!("is after {bound}"), format!("is not after {bound}")),
            _ => (format!("is before {bound}"), format!("is not before {bound}")),
        }
    } else {
        match op {
            CompareOp::GtEq => (format!("is at least {bound}"), format!("is below the minimum {bound}")),
            CompareOp::LtEq => (format!("is at most {bound}"), format!("is above the maximum {bound}")),
            CompareOp::Gt => (format!("is above {bound}"), format!("is not above {bound}")),
            _ => (format!("is below {bound}"), format!("is not below {bound}")),
        }
    };
    Ok(cell.built(CellTest::Bound { op, bound }, &what, message))
}

/// Reads the bounds a mapping holds.
///
/// # Errors
/// C903, C902 (unknown key), C904 (no bound at all), C908 (nothing fits them), and those of `read`.
pub fn of_mapping(
    kind: &str,
    node: &Node,
    read: impl Fn(&Node) -> Result<Literal, Complaint>,
) -> Result<Bounds, Vec<Complaint>> {
    let Data::Map(entries) = &node.data else {
        let complaint =
            Complaint::at(node, "C903", format!("`{kind}` takes a mapping of bounds, found {}", node.what()));
        return Err(vec![complaint.hint(format!("write `{kind}: {{minimum: …, maximum: …}}`"))]);
    };
    let mut found: Vec<(&str, &Node)> = Vec::new();
    let mut complaints = Vec::new();
    for (key, value) in entries {
        match key.text() {
            Some(name) if keys(Shape::Number).iter().any(|known| known.name == name) => found.push((name, value)),
            _ => {
                let name = key.scalar().unwrap_or_default();
                let complaint = Complaint::at(key, "C902", format!("`{kind}` has no key `{name}`"));
                complaints.push(ask::hint_nearest(
                    complaint,
                    &name,
                    keys(Shape::Number).iter().map(|known| known.name),
                ));
            }
        }
    }
    // The values are read all the same, so that one run tells every mistake.
    match of_entries(kind, node, &found, read) {
        Ok(bounds) if complaints.is_empty() => Ok(bounds),
        Ok(_) => Err(complaints),
        Err(more) if complaints.is_empty() => Err(more),
        Err(more) => {
            complaints.extend(more.into_iter().filter(|complaint| complaint.code != "C904"));
            Err(complaints)
        }
    }
}

/// Reads the bounds among the keys of a rule; other keys are passed over.
///
/// # Errors
/// C904 (no bound at all), C908 (nothing fits them), and those of `read`.
pub fn of_entries(
    kind: &str,
    node: &Node,
    entries: &[(&str, &Node)],
    read: impl Fn(&Node) -> Result<Literal, Complaint>,
) -> Result<Bounds, Vec<Complaint>> {
    let mut bounds = Bounds::default();
    let mut complaints = Vec::new();
    for (name, value) in entries {
        let slot = match *name {
            "minimum" => &mut bounds.minimum,
            "maximum" => &mut bounds.maximum,
            "exclusive_minimum" => &mut bounds.exclusive_minimum,
            "exclusive_maximum" => &mut bounds.exclusive_maximum,
            _ => continue,
        };
        match read(value) {
            Ok(literal) => *slot = Some(literal),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if !complaints.is_empty() {
        return Err(complaints);
    }
    if bounds == Bounds::default() {
        let complaint = Complaint::at(node, "C904", format!("`{kind}` has no bound"));
        return Err(vec![complaint.hint("add `minimum`, `maximum`, `exclusive_minimum` or `exclusive_maximum`")]);
    }
    if is_empty(&bounds) {
        return Err(vec![Complaint::at(node, "C908", format!("no value of `{kind}` can be {}", words(&bounds)))]);
    }
    Ok(bounds)
}

/// Makes the bounds that one value alone fits.
#[must_use]
pub fn exactly(value: Literal) -> Bounds {
    Bounds { minimum: Some(value.clone()), maximum: Some(value), ..Bounds::default() }
}

/// Tells whether no value lies within bounds.
#[must_use]
pub fn is_empty(bounds: &Bounds) -> bool {
    let crossed = |low: &Option<Literal>, high: &Option<Literal>, inclusive: bool| {
        let (Some(low), Some(high)) = (low, high) else { return false };
        match literal::order(low, high) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !inclusive,
            _ => false,
        }
    };
    crossed(&bounds.minimum, &bounds.maximum, true)
        || crossed(&bounds.minimum, &bounds.exclusive_maximum, false)
        || crossed(&bounds.exclusive_minimum, &bounds.maximum, false)
        || crossed(&bounds.exclusive_minimum, &bounds.exclusive_maximum, false)
}

/// Writes bounds in words: `at least 1 and below 10`, `exactly 5`.
#[must_use]
pub fn words(bounds: &Bounds) -> String {
    if let (Some(low), Some(high)) = (&bounds.minimum, &bounds.maximum)
        && low == high
    {
        return format!("exactly {low}");
    }
    let sides = [
        ("at least", &bounds.minimum),
        ("above", &bounds.exclusive_minimum),
        ("at most", &bounds.maximum),
        ("below", &bounds.exclusive_maximum),
    ];
    let sides = sides.iter().filter_map(|(word, bound)| bound.as_ref().map(|bound| format!("{word} {bound}")));
    sides.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{map, number, text};

    #[test]
    fn a_mapping_tells_all_its_mistakes() {
        let node = map(vec![("minimun", number("1")), ("maximum", text("x"))]);
        let complaints = of_mapping("row_count", &node, literal::read_number).unwrap_err();
        assert_eq!(complaints.iter().map(|c| c.code).collect::<Vec<_>>(), ["C902", "C903"]);
        assert_eq!(complaints[0].hint.as_deref(), Some("did you mean `minimum`?"));
        let empty = of_mapping("row_count", &map(Vec::new()), literal::read_number).unwrap_err();
        assert_eq!(empty[0].code, "C904");
    }

    #[test]
    fn bounds_that_nothing_fits_are_refused() {
        let crossed = map(vec![("minimum", number("2")), ("maximum", number("1.5"))]);
        assert_eq!(of_mapping("null_rate", &crossed, literal::read_number).unwrap_err()[0].code, "C908");
        let empty = map(vec![("minimum", number("2")), ("exclusive_maximum", number("2"))]);
        assert_eq!(of_mapping("null_rate", &empty, literal::read_number).unwrap_err()[0].code, "C908");
        let point = map(vec![("minimum", number("2")), ("maximum", number("2"))]);
        assert_eq!(words(&of_mapping("null_rate", &point, literal::read_number).unwrap()), "exactly 2");
    }

    #[test]
    fn bounds_read_as_words() {
        let bounds = map(vec![("exclusive_maximum", number("10")), ("minimum", number("1"))]);
        assert_eq!(words(&of_mapping("row_count", &bounds, literal::read_number).unwrap()), "at least 1 and below 10");
    }
}
