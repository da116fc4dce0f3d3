//! Shapes: whether a value looks as its key asks, and what to say where it does not.

use crate::contract::nearest;
use crate::rule::node::{Data, Node};
use crate::rule::{Complaint, KindOption, Shape};

/// Checks a value against its shape and complains where it does not fit.
pub fn check(key: &str, node: &Node, shape: &Shape, complaints: &mut Vec<Complaint>) -> bool {
    if fits(node, shape) {
        return true;
    }
    explain(key, node, shape, complaints);
    false
}

/// Says in a few words what a shape is: `true or false`.
#[must_use]
pub fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Flag => "true or false".to_owned(),
        Shape::Count => "a whole number from 0".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Scalar => "a value of the column's type".to_owned(),
        Shape::Scalars => "a list of values".to_owned(),
        Shape::Names => "a name or a list of names".to_owned(),
        Shape::Regex => "a regular expression".to_owned(),
        Shape::Sql => "a SQL expression".to_owned(),
        Shape::Duration => "a duration such as 36h or 7d".to_owned(),
        Shape::Tolerance => "a count or a percentage such as \"0.1%\"".to_owned(),
        Shape::Word(words) => match words {
            [only] => format!("`{only}`"),
            words => format!("one of {}", nearest::listed(words.iter().copied())),
        },
        Shape::Keys(keys) => format!("a mapping of {}", nearest::listed(keys.iter().map(|key| key.name))),
        Shape::Whole => "a whole number".to_owned(),
        Shape::Share => "a percentage such as 5%, or a number from 0 to 1".to_owned(),
        Shape::Numbers(count) => format!("a list of {count} numbers"),
        Shape::NumberRows(count) => format!("a list of lists of {count} numbers"),
        Shape::Weights => "a mapping of values to weights (numbers from 0)".to_owned(),
        Shape::Records => "a list of rows, each a mapping of columns to values".to_owned(),
        Shape::Either(shapes) => shapes.iter().map(describe).collect::<Vec<_>>().join(", or "),
    }
}

fn fits(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Flag => matches!(node.data, Data::Bool(_)),
        Shape::Count => matches!(&node.data, Data::Number(text) if text.parse::<u64>().is_ok()),
        Shape::Number => matches!(node.data, Data::Number(_)),
        Shape::Text | Shape::Regex | Shape::Sql => matches!(node.data, Data::Text(_)),
        Shape::Scalar => matches!(node.data, Data::Bool(_) | Data::Number(_) | Data::Text(_)),
        Shape::Scalars => items(node, |item| !matches!(item.data, Data::List(_) | Data::Map(_))),
        Shape::Names => node.scalar().is_some() || items(node, |item| item.scalar().is_some()),
        Shape::Duration => node.text().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit())),
        Shape::Tolerance => match &node.data {
            Data::Number(text) => text.parse::<u64>().is_ok(),
            Data::Text(text) => share(text).is_some(),
            _ => false,
        },
        Shape::Word(words) => node.text().is_some_and(|text| words.contains(&text)),
        Shape::Keys(keys) => match &node.data {
            Data::Map(entries) => entries.iter().all(|(key, value)| {
                option(keys, key.text().unwrap_or_default()).is_some_and(|option| fits(value, &option.shape))
            }),
            _ => false,
        },
        Shape::Whole => matches!(&node.data, Data::Number(text) if text.parse::<i64>().is_ok()),
        Shape::Share => rate(node).is_some(),
        Shape::Numbers(count) => numbers(node, *count),
        Shape::NumberRows(count) => items(node, |item| numbers(item, *count)),
        Shape::Weights => match &node.data {
            Data::Map(entries) => entries.iter().all(|(_, weight)| number(weight).is_some_and(|weight| weight >= 0.0)),
            _ => false,
        },
        Shape::Records => items(node, is_record),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(node, shape)),
    }
}

/// Reads a finite number.
#[must_use]
pub fn number(node: &Node) -> Option<f64> {
    match &node.data {
        Data::Number(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Reads a share, `5%` or `0.05`, as a number from 0 to 1.
#[must_use]
pub fn rate(node: &Node) -> Option<f64> {
    match &node.data {
        Data::Text(text) => share(text),
        _ => number(node).filter(|number| (0.0..=1.0).contains(number)),
    }
}

fn numbers(node: &Node, count: usize) -> bool {
    matches!(&node.data, Data::List(items) if items.len() == count && items.iter().all(|item| number(item).is_some()))
}

fn is_record(node: &Node) -> bool {
    let scalar = |value: &Node| !matches!(value.data, Data::List(_) | Data::Map(_));
    matches!(&node.data, Data::Map(entries) if entries.iter().all(|(_, value)| scalar(value)))
}

/// Reads a percentage such as `0.1%` as a share from 0 to 1.
#[must_use]
pub fn share(text: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number / 100.0)
}

fn items(node: &Node, fit: impl Fn(&Node) -> bool) -> bool {
    matches!(&node.data, Data::List(items) if items.iter().all(fit))
}

fn option<'a>(keys: &'a [KindOption], name: &str) -> Option<&'a KindOption> {
    keys.iter().find(|key| key.name == name)
}

fn explain(key: &str, node: &Node, shape: &Shape, complaints: &mut Vec<Complaint>) {
    match (shape, &node.data) {
        (Shape::Either(shapes), _) => match likely(node, shapes) {
            Some(shape) => explain(key, node, shape, complaints),
            None => complaints.push(wrong(key, node, shape)),
        },
        (Shape::Keys(keys), Data::Map(entries)) => {
            for (name, value) in entries {
                let word = name.text().unwrap_or_default();
                match option(keys, word) {
                    Some(option) => {
                        check(word, value, &option.shape, complaints);
                    }
                    None => complaints.push(unknown(name, &format!("`{key}`"), keys.iter().map(|key| key.name))),
                }
            }
        }
        (Shape::Word(words), Data::Text(text)) => complaints.push(
            Complaint::at(node, "C903", format!("`{key}` is {}, not `{}`", describe(shape), clip(text)))
                .hint(nearest::hint(text, words.iter().copied())),
        ),
        (Shape::Scalars | Shape::Names, Data::List(items)) => {
            for item in items.iter().filter(|item| !fits(item, &Shape::Scalar)) {
                if matches!(shape, Shape::Names) || !matches!(item.data, Data::Null) {
                    let what = if matches!(shape, Shape::Names) { "names" } else { "values" };
                    complaints.push(Complaint::at(item, "C903", format!("`{key}` holds {what}, not {}", item.what())));
                }
            }
        }
        (Shape::NumberRows(count), Data::List(items)) => {
            for item in items.iter().filter(|item| !numbers(item, *count)) {
                complaints.push(misfit(&format!("each item of `{key}`"), item, &describe(&Shape::Numbers(*count))));
            }
        }
        (Shape::Weights, Data::Map(entries)) => {
            let light = |node: &Node| number(node).is_none_or(|weight| weight < 0.0);
            for (name, weight) in entries.iter().filter(|(_, weight)| light(weight)) {
                let place = format!("the weight of `{}`", clip(name.text().unwrap_or_default()));
                complaints.push(misfit(&place, weight, "a number from 0"));
            }
        }
        (Shape::Records, Data::List(items)) => {
            for item in items.iter().filter(|item| !is_record(item)) {
                complaints.push(misfit(&format!("each row of `{key}`"), item, "a mapping of columns to values"));
            }
        }
        _ => complaints.push(wrong(key, node, shape)),
    }
}

/// Chooses the shape the writer likely meant: the one of the node's own sort.
fn likely<'a>(node: &Node, shapes: &'a [Shape]) -> Option<&'a Shape> {
    let found = |want: fn(&Shape) -> bool| {
        let mut fitting = shapes.iter().filter(|shape| want(shape));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    match node.data {
        Data::Map(_) => found(|shape| matches!(shape, Shape::Keys(_))),
        Data::List(_) => found(|shape| matches!(shape, Shape::Scalars | Shape::Names)),
        Data::Text(_) => found(|shape| !matches!(shape, Shape::Keys(_) | Shape::Scalars | Shape::Flag | Shape::Count))
            .filter(|shape| matches!(shape, Shape::Word(_))),
        _ => None,
    }
}

/// Complains about a value of the wrong shape.
#[must_use]
pub fn wrong(key: &str, node: &Node, shape: &Shape) -> Complaint {
    let complaint = mismatch(key, node, &describe(shape));
    match (&node.data, shape) {
        (Data::Number(_) | Data::Bool(_), Shape::Text | Shape::Regex | Shape::Sql | Shape::Duration) => {
            complaint.hint("quote it, so that it is text")
        }
        (Data::Text(text), Shape::Flag) if is_yes_or_no(text) => complaint.hint("YAML 1.2 knows true and false only"),
        (Data::Number(text), Shape::Share) => match text.parse::<f64>() {
            Ok(number) if number > 1.0 && number <= 100.0 => complaint.hint(format!("write {text}%")),
            _ => complaint,
        },
        (Data::List(items), Shape::Numbers(count)) if items.len() != *count => {
            complaint.label(format!("{} here", items.len()))
        }
        (Data::Text(text), Shape::Count | Shape::Number | Shape::Whole) if text.parse::<f64>().is_ok() => {
            complaint.hint("drop the quotes")
        }
        _ => complaint,
    }
}

/// Complains about a value that is something else than its key takes.
#[must_use]
pub fn mismatch(key: &str, node: &Node, want: &str) -> Complaint {
    misfit(&format!("`{key}`"), node, want)
}

/// Complains about a value that is something else than its place takes; the place is shown as it is.
#[must_use]
pub fn misfit(place: &str, node: &Node, want: &str) -> Complaint {
    let have = match &node.data {
        Data::Null => "nothing is written".to_owned(),
        Data::Number(text) => format!("this is the number {}", clip(text)),
        Data::Text(text) if text.is_empty() => "this is an empty text".to_owned(),
        Data::Text(text) => format!("this is the text `{}`", clip(text)),
        _ => format!("this is {}", node.what()),
    };
    Complaint::at(node, "C903", format!("{place} takes {want}; {have}"))
}

/// Complains about a key that is not known in its place.
pub fn unknown<'a>(key: &Node, place: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Complaint {
    let word = key.text().unwrap_or_default();
    Complaint::at(key, "C902", format!("{place} has no key `{}`", clip(word)))
        .label("not known here")
        .hint(nearest::hint(word, known))
}

/// Cuts a text to what a message bears, on one line.
#[must_use]
pub fn clip(text: &str) -> String {
    let line: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() { format!("{line}…") } else { line }
}

fn is_yes_or_no(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::yaml;

    const KEYS: &[KindOption] = &[
        KindOption { name: "minimum", shape: Shape::Number, doc: "" },
        KindOption { name: "keep", shape: Shape::Word(&["first", "last"]), doc: "" },
    ];

    fn complaints(value: &str, shape: Shape) -> Vec<(String, Option<String>)> {
        let (node, _) = yaml::load(&format!("key: {value}\n"));
        let node = node.unwrap();
        let mut complaints = Vec::new();
        let fit = check("key", node.get("key").unwrap(), &shape, &mut complaints);
        assert_eq!(fit, complaints.is_empty(), "{value}");
        complaints.into_iter().map(|complaint| (complaint.message, complaint.hint)).collect()
    }

    #[test]
    fn fitting_values_pass() {
        let cases = [
            ("true", Shape::Flag),
            ("5", Shape::Count),
            ("-5.5", Shape::Number),
            ("a", Shape::Text),
            ("5", Shape::Scalar),
            ("[1, ~, a]", Shape::Scalars),
            ("[]", Shape::Scalars),
            ("a", Shape::Names),
            ("[a, b]", Shape::Names),
            ("36h", Shape::Duration),
            ("5", Shape::Tolerance),
            ("\"0.1%\"", Shape::Tolerance),
            ("first", Shape::Word(&["first", "last"])),
            ("{minimum: 1, keep: last}", Shape::Keys(KEYS)),
            ("true", Shape::Either(&[Shape::Flag, Shape::Names])),
            ("-5", Shape::Whole),
            ("5%", Shape::Share),
            ("0.05", Shape::Share),
            ("[1, 2.5]", Shape::Numbers(2)),
            ("[[1, 2], [3, 4]]", Shape::NumberRows(2)),
            ("{house: 15, 3: 0.5}", Shape::Weights),
            ("[{a: 1, b: ~}, {a: x}]", Shape::Records),
        ];
        for (value, shape) in cases {
            assert_eq!(complaints(value, shape), vec![], "{value}");
        }
    }

    #[test]
    fn others_are_explained() {
        let first = |value, shape| complaints(value, shape).remove(0);
        assert_eq!(first("yes", Shape::Flag).0, "`key` takes true or false; this is the text `yes`");
        assert!(first("yes", Shape::Flag).1.unwrap().contains("true and false"));
        assert_eq!(first("", Shape::Flag).0, "`key` takes true or false; nothing is written");
        assert_eq!(first("5", Shape::Text).1.unwrap(), "quote it, so that it is text");
        assert_eq!(first("'5'", Shape::Count).1.unwrap(), "drop the quotes");
        assert_eq!(first("frist", Shape::Word(&["first", "last"])).1.unwrap(), "did you mean `first`?");
        assert_eq!(first("{minimun: 1}", Shape::Keys(KEYS)).1.unwrap(), "did you mean `minimum`?");
        assert_eq!(first("[a, [b]]", Shape::Scalars).0, "`key` holds values, not a list");
        let both = complaints("{minimum: a, keep: b}", Shape::Either(&[Shape::Names, Shape::Keys(KEYS)]));
        assert_eq!(both.len(), 2);
        assert!(first("200%", Shape::Tolerance).0.contains("percentage"));
        assert_eq!(first("5", Shape::Share).1.unwrap(), "write 5%");
        assert!(first("[1]", Shape::Numbers(2)).0.contains("2 numbers"));
        assert_eq!(complaints("[[1, 2], 3, [4]]", Shape::NumberRows(2)).len(), 2);
        assert!(first("{a: -1}", Shape::Weights).0.starts_with("the weight of `a`"));
        assert_eq!(complaints("[{a: 1}, 2, {b: [1]}]", Shape::Records).len(), 2);
    }
}
