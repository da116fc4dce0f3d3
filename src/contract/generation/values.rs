//! `generate:` of a column, an element or a field.

use std::cmp::Ordering;

use crate::contract::generation::{Site, Wish, distribution, links};
use crate::contract::part::{self, Fields};
use crate::contract::vocabulary::GENERATION;
use crate::contract::vocabulary::generation::ORIGINS;
use crate::contract::{cross, shape};
use crate::model::generation::LOCALES;
use crate::model::{CellTest, Check, Column, ColumnPath, CompareOp, DataType, Generation, Literal, Locale};
use crate::rule::node::{Data, Node};
use crate::rule::{Complaint, literal};

/// Tells whether a setting fits a type, and what it needs.
type Fit = (&'static str, fn(&DataType) -> bool, &'static str);

/// The settings that do not fit every type.
const FITS: &[Fit] = &[
    ("provider", |t| *t == DataType::String || t.is_integer(), "text or whole numbers"),
    ("fake", |t| *t == DataType::String, "text"),
    ("pattern", |t| *t == DataType::String, "text"),
    ("weighted", |t| !t.is_nested(), "single values"),
    ("sequence", |t| t.is_integer() || matches!(t, DataType::Decimal { .. }), "whole numbers or decimals"),
    ("template", |t| *t == DataType::String, "text"),
    ("reference", |t| !t.is_nested(), "single values"),
    ("expression", |t| !t.is_nested(), "single values"),
    ("distribution", |t| !t.is_nested() && *t != DataType::Binary, "single values"),
    ("distinct", |t| !t.is_nested(), "single values"),
    ("minimum", |t| t.is_numeric() || t.is_temporal(), "numbers or moments"),
    ("maximum", |t| t.is_numeric() || t.is_temporal(), "numbers or moments"),
    ("items", |t| matches!(t, DataType::List(_)), "a list"),
    ("together", |t| matches!(t, DataType::List(_)), "a list"),
    ("weekdays", has_day, "dates or timestamps"),
    ("months", has_day, "dates or timestamps"),
];

/// Settings, and the origins they mean nothing beside.
const ALONE: &[(&str, &[&str])] = &[
    ("minimum", ORIGINS),
    ("maximum", ORIGINS),
    ("weekdays", ORIGINS),
    ("months", ORIGINS),
    ("distribution", &["weighted", "sequence", "reference", "copy", "expression"]),
    ("distinct", &["weighted", "sequence", "reference", "copy", "expression"]),
    ("per", &["sequence", "template", "reference", "copy", "expression"]),
];

const fn has_day(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz)
}

/// Reads the settings of one column, element or field.
pub fn read(site: Site<'_, '_>, wish: &Wish<'_>, complaints: &mut Vec<Complaint>) -> Option<Generation> {
    let place = format!("`generate` of `{}`", wish.path.text);
    let fields = part::read(&place, wish.key, wish.node, GENERATION, complaints)?;
    fields.refuse_others(&place, GENERATION, complaints);
    let column = site.table.at(&wish.path);
    let origin = one_origin(&fields, complaints);
    fit(&fields, &wish.path, column, complaints);
    stand_alone(&fields, origin, complaints);
    if site.around.broken.contains(&column.name) {
        return None;
    }
    let mut reader = Reader { site, path: &wish.path, column, complaints };
    let from = origin.and_then(|origin| reader.origin(origin, &fields));
    let (minimum, maximum) = reader.limits(&fields);
    Some(Generation {
        from,
        locale: fields.get("locale").and_then(locale),
        distribution: fields
            .get("distribution")
            .and_then(|n| distribution::read(n, &column.data_type, reader.complaints)),
        distinct: reader.distinct(&fields),
        null_rate: reader.null_rate(&fields),
        minimum,
        maximum,
        items: reader.items(&fields),
        together: reader.together(&fields),
        weekdays: fields.get("weekdays").and_then(|n| distribution::weights(n, "weekdays", reader.complaints)),
        months: fields.get("months").and_then(|n| distribution::weights(n, "months", reader.complaints)),
        per: reader.per(&fields),
        place: wish.key.place,
    })
}

/// Reads a locale's name.
pub fn locale(node: &Node) -> Option<Locale> {
    LOCALES.iter().find(|(name, _)| Some(*name) == node.text()).map(|(_, locale)| *locale)
}

fn one_origin(fields: &Fields<'_>, complaints: &mut Vec<Complaint>) -> Option<&'static str> {
    let mut written: Vec<(&'static str, &Node)> =
        ORIGINS.iter().filter_map(|origin| fields.entry(origin).map(|(key, _)| (*origin, key))).collect();
    written.sort_by_key(|(_, key)| key.span.start);
    if let [(first, _), (second, key), ..] = *written.as_slice() {
        let message = format!("a value comes from one place; this has `{first}` and `{second}`");
        complaints.push(Complaint::at(key, "C908", message).label("a second origin").hint("keep one of them"));
    }
    written.first().map(|(origin, _)| *origin)
}

fn fit(fields: &Fields<'_>, path: &ColumnPath, column: &Column, complaints: &mut Vec<Complaint>) {
    for (name, fits, wanted) in FITS {
        let Some((key, _)) = fields.entry(name).filter(|_| !fits(&column.data_type)) else { continue };
        let message = format!("`{name}` makes {wanted}, and `{}` is {}", path.text, column.data_type);
        complaints.push(Complaint::at(key, "C907", message));
    }
}

fn stand_alone(fields: &Fields<'_>, origin: Option<&'static str>, complaints: &mut Vec<Complaint>) {
    for (name, others) in ALONE {
        let Some((key, _)) = fields.entry(name) else { continue };
        if let Some(origin) = origin.filter(|origin| others.contains(origin)) {
            let message = format!("`{name}` says nothing beside `{origin}`");
            complaints.push(Complaint::at(key, "C908", message).hint("keep one of the two"));
        }
    }
    let from_list = origin.is_some_and(|origin| matches!(origin, "provider" | "fake" | "pattern" | "template"));
    if let Some((key, _)) = fields.entry("distribution").filter(|_| from_list && fields.get("distinct").is_none()) {
        let message = "`distribution` beside an origin needs `distinct`: it says how often each of the values comes";
        complaints
            .push(Complaint::at(key, "C904", message).hint("add `distinct:` with the number of different values"));
    }
    if let Some((key, _)) = fields.entry("shuffled").filter(|_| !matches!(origin, Some("sequence" | "template"))) {
        let message = "`shuffled` speaks of the numbers of `sequence` or `template`, and neither is written";
        complaints.push(Complaint::at(key, "C908", message));
    }
}

/// Reads values as written against their column: `None` for NULL. What the column refuses is complained about.
pub fn check_written(
    site: Site<'_, '_>,
    path: &ColumnPath,
    nodes: &[&Node],
    complaints: &mut Vec<Complaint>,
) -> Vec<Option<String>> {
    let column = site.table.at(path);
    let judges = cross::judges(site.drafts, &path.text);
    for node in nodes {
        if node.data == Data::Null {
            if let Some(rule) = required(site, path) {
                let message = format!("NULL can never pass: `{}` is required", path.text);
                complaints.push(Complaint::at(node, "C912", message).label(format!("against line {rule}")));
            }
            continue;
        }
        let typed = typed(node, column);
        let value = match literal::read(&typed, column) {
            Ok(value) => value,
            Err(complaint) => {
                complaints.push(complaint);
                continue;
            }
        };
        let refused = judges.iter().find(|(_, judge)| judge(&value) == Some(false));
        if let Some((draft, _)) = refused {
            let message = format!(
                "the value `{}` can never pass: `{}` refuses it",
                shape::clip(&value.to_string()),
                draft.rule.kind
            );
            complaints.push(
                Complaint::at(node, "C912", message)
                    .label(format!("{} (line {})", draft.rule.brief, draft.rule.place.0))
                    .hint("drop the value, or correct the rule"),
            );
        }
    }
    nodes.iter().map(|node| node.scalar()).collect()
}

/// Keys of a mapping are text: a boolean's is given its type back, so that it reads as a value would.
fn typed(node: &Node, column: &Column) -> Node {
    let data = match (&column.data_type, node.text()) {
        (DataType::Bool, Some("true")) => Data::Bool(true),
        (DataType::Bool, Some("false")) => Data::Bool(false),
        _ => node.data.clone(),
    };
    Node { data, ..node.clone() }
}

/// Gives the line of the rule that refuses every NULL of a place.
fn required(site: Site<'_, '_>, path: &ColumnPath) -> Option<u32> {
    let here = |columns: &[ColumnPath]| matches!(columns, [only] if only.text == path.text);
    let rules = site.drafts.iter().map(|draft| &draft.rule);
    let mut refusing = rules.filter(|rule| rule.kind == "required" && rule.condition.is_none() && here(&rule.columns));
    refusing.next().map(|rule| rule.place.0)
}

/// Reads the settings of one place.
pub(super) struct Reader<'a, 'n, 'c> {
    pub(super) site: Site<'a, 'n>,
    pub(super) path: &'a ColumnPath,
    pub(super) column: &'a Column,
    pub(super) complaints: &'c mut Vec<Complaint>,
}

impl Reader<'_, '_, '_> {
    fn per(&mut self, fields: &Fields<'_>) -> Option<String> {
        let node = fields.get("per")?;
        links::through(self.site, links::siblings(self.path), node, self.complaints)?;
        node.text().map(str::to_owned)
    }

    fn together(&mut self, fields: &Fields<'_>) -> Option<(String, String)> {
        let node = fields.get("together").filter(|_| matches!(self.column.data_type, DataType::List(_)))?;
        let inside = format!("{}[]", self.path.text);
        let found = links::parent_column(self.site, Some(&inside), "together", node, self.complaints)?;
        Some((found.0, found.1.name.clone()))
    }

    fn items(&mut self, fields: &Fields<'_>) -> Option<(u64, u64)> {
        let node = fields.get("items")?;
        let Data::List(numbers) = &node.data else { return None };
        let whole: Vec<u64> = numbers.iter().filter_map(|number| number.scalar()?.parse().ok()).collect();
        let [least, most] = *whole.as_slice() else {
            self.complaints.push(Complaint::at(node, "C903", "`items` holds whole numbers from 0: [1, 3]"));
            return None;
        };
        if least > most {
            self.complaints.push(Complaint::at(node, "C908", "`items` starts above its end"));
        }
        for draft in self.site.drafts.iter().filter(|draft| draft.rule.condition.is_none()) {
            let here = matches!(draft.rule.columns.as_slice(), [only] if only.text == self.path.text);
            let Check::Cell(CellTest::Items { minimum, maximum }) = &draft.rule.check else { continue };
            if here && (minimum.is_some_and(|minimum| minimum > most) || maximum.is_some_and(|maximum| maximum < least))
            {
                let message = format!("no list of {least} to {most} items can pass `{}`", draft.rule.kind);
                let label = format!("against line {}", draft.rule.place.0);
                self.complaints.push(Complaint::at(node, "C908", message).label(label));
            }
        }
        Some((least, most))
    }

    fn distinct(&mut self, fields: &Fields<'_>) -> Option<u64> {
        let node = fields.get("distinct")?;
        let count: u64 = node.scalar()?.parse().ok()?;
        if count == 0 {
            self.complaints.push(Complaint::at(node, "C903", "`distinct` must be at least 1"));
        }
        Some(count)
    }

    fn null_rate(&mut self, fields: &Fields<'_>) -> Option<f64> {
        let node = fields.get("null_rate")?;
        let rate = shape::rate(node)?;
        if let Some(line) = required(self.site, self.path).filter(|_| rate > 0.0) {
            let message = format!("`{}` is required: it cannot be NULL", self.path.text);
            let complaint = Complaint::at(node, "C908", message).label(format!("against line {line}"));
            self.complaints.push(complaint.hint("drop one of the two; faults are planted under `faults:`"));
        }
        Some(rate)
    }

    fn limits(&mut self, fields: &Fields<'_>) -> (Option<String>, Option<String>) {
        let mut read = |key: &str| {
            let node = fields.get(key).filter(|_| !self.column.data_type.is_nested())?;
            match literal::read_bound(node, self.column) {
                Ok(value) => Some((node, value)),
                Err(complaint) => {
                    self.complaints.push(complaint);
                    None
                }
            }
        };
        let (low, high) = (read("minimum"), read("maximum"));
        if let (Some((_, low)), Some((node, high))) = (&low, &high)
            && literal::order(low, high) == Some(Ordering::Greater)
        {
            let message = format!("no value lies between `minimum: {low}` and `maximum: {high}`");
            self.complaints.push(Complaint::at(node, "C908", message));
        }
        for (found, is_low) in [(&low, true), (&high, false)] {
            if let Some((node, value)) = found {
                self.against_rules(node, value, is_low);
            }
        }
        let text = |found: Option<(&Node, Literal)>| found.and_then(|(node, _)| node.scalar());
        (text(low), text(high))
    }

    /// A smallest value above the rule's largest leaves none, and the other way round.
    fn against_rules(&mut self, node: &Node, value: &Literal, is_low: bool) {
        for draft in self.site.drafts.iter().filter(|draft| draft.rule.condition.is_none()) {
            let here = matches!(draft.rule.columns.as_slice(), [only] if only.text == self.path.text);
            let Check::Cell(CellTest::Bound { op, bound }) = &draft.rule.check else { continue };
            let Some(order) = literal::order(value, bound).filter(|_| here) else { continue };
            let crossed = match (op, is_low) {
                (CompareOp::LtEq, true) => order == Ordering::Greater,
                (CompareOp::Lt, true) => order != Ordering::Less,
                (CompareOp::GtEq, false) => order == Ordering::Less,
                (CompareOp::Gt, false) => order != Ordering::Greater,
                _ => false,
            };
            if crossed {
                let message = format!("no value can fit both this and `{}: {bound}`", draft.rule.kind);
                let label = format!("against line {}", draft.rule.place.0);
                self.complaints.push(Complaint::at(node, "C908", message).label(label));
            }
        }
    }
}
