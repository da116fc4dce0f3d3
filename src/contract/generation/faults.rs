//! `faults:`: what is planted, where, and how much of it.

use crate::contract::part::{self, Fields};
use crate::contract::rules::Around;
use crate::contract::vocabulary::FAULT;
use crate::contract::{long, nearest, shape};
use crate::model::generation::Amount;
use crate::model::{Expression, FaultSpec, Table};
use crate::rule::node::Node;
use crate::rule::{Complaint, expression};

/// Reads a list of faults against the tables it is planted in.
pub fn read(around: Around<'_>, items: &[Node], complaints: &mut Vec<Complaint>) -> Vec<FaultSpec> {
    let mut specs: Vec<(FaultSpec, Option<&Node>)> =
        items.iter().filter_map(|item| fault(around, item, complaints)).collect();
    // Written ids are taken first: a numbered one gives way to them.
    for at in 0..specs.len() {
        let Some((spec, written)) = specs.get(at) else { continue };
        let same = |(other, id): &(FaultSpec, Option<&Node>)| id.is_some() && other.id == spec.id;
        if let (Some(node), Some((first, _))) =
            (written, specs.get(..at).and_then(|done| done.iter().find(|s| same(s))))
        {
            complaints.push(
                Complaint::at(node, "C911", format!("the id `{}` stands twice", shape::clip(&spec.id)))
                    .label("here again")
                    .hint(format!("the first is in line {}; the manifest tells faults apart by it", first.place.0)),
            );
        }
    }
    for at in 0..specs.len() {
        let Some((spec, None)) = specs.get(at) else { continue };
        let free = |id: &str| {
            specs.iter().enumerate().all(|(i, (other, own))| (i > at && own.is_none()) || i == at || other.id != id)
        };
        let mut id = spec.id.clone();
        let mut number = 2_u64;
        while !free(&id) {
            id = format!("{}_{number}", spec.kind);
            number += 1;
        }
        if let Some((spec, _)) = specs.get_mut(at) {
            spec.id = id;
        }
    }
    specs.into_iter().map(|(spec, _)| spec).collect()
}

fn fault<'n>(
    around: Around<'_>,
    node: &'n Node,
    complaints: &mut Vec<Complaint>,
) -> Option<(FaultSpec, Option<&'n Node>)> {
    let fields = part::read("a fault", node, node, FAULT, complaints)?;
    let options = options(&fields, complaints);
    let amount = amount(&fields, node, complaints);
    let id = fields.get("id");
    if let Some(node) = id {
        long::check_id(node, complaints);
    }
    let kind = fields.text("kind");
    if let Some(node) = fields.get("kind").filter(|_| kind.as_deref() == Some("")) {
        complaints.push(Complaint::at(node, "C903", "`kind` is empty"));
    }
    let (table, path) = place(around, fields.get("at")?, complaints)?;
    let condition = fields.get("where").and_then(|node| condition(around, table, node, complaints));
    let burst = fields.get("burst").and_then(Node::scalar).and_then(|text| text.parse::<u64>().ok());
    if let Some(node) = fields.get("burst").filter(|_| burst == Some(0)) {
        complaints.push(Complaint::at(node, "C903", "`burst` must be at least 1"));
    }
    let kind = kind?;
    let id_text = id.and_then(Node::text).map_or_else(|| kind.clone(), str::to_owned);
    let table = table.name.clone();
    let spec =
        FaultSpec { id: id_text, kind, table, path, amount: amount?, condition, burst, options, place: node.place };
    Some((spec, id))
}

/// All other keys are knobs of the kind, which the generator knows: here they are values, whatever they are called.
fn options(fields: &Fields<'_>, complaints: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let overlap = fields.flag("overlap").map(|overlap| ("overlap".to_owned(), overlap.to_string()));
    let mut options: Vec<(String, String)> = overlap.into_iter().collect();
    for (key, value) in &fields.others {
        let name = key.text().unwrap_or_default();
        if let Some(text) = value.scalar() {
            options.push((name.to_owned(), text));
            continue;
        }
        let complaint = shape::mismatch(name, value, "a single value");
        complaints.push(match nearest::nearest(name, FAULT.iter().map(|key| key.name)) {
            Some(near) => complaint.hint(format!("did you mean `{near}`?")),
            None => complaint,
        });
    }
    options
}

fn amount(fields: &Fields<'_>, node: &Node, complaints: &mut Vec<Complaint>) -> Option<Amount> {
    match (fields.entry("rate"), fields.entry("count")) {
        (Some((rate, _)), Some((count, _))) => {
            let second = if rate.span.start < count.span.start { count } else { rate };
            let complaint = Complaint::at(second, "C908", "a fault has a `rate` or a `count`, not both");
            complaints.push(complaint.hint("keep one of them"));
            None
        }
        (Some((_, rate)), None) => shape::rate(rate).map(Amount::Rate),
        (None, Some((_, count))) => count.scalar().and_then(|text| text.parse().ok()).map(Amount::Count),
        (None, None) => {
            // One of the wrong shape was told already.
            if node.get("rate").is_none() && node.get("count").is_none() {
                let complaint =
                    Complaint::at(node, "C904", "a fault does not say how many").label("no `rate`, no `count`");
                complaints.push(complaint.hint("add `rate: 1%` or `count: 500`"));
            }
            None
        }
    }
}

/// Finds the table and the path of `at`.
fn place<'a>(around: Around<'a>, node: &Node, complaints: &mut Vec<Complaint>) -> Option<(&'a Table, Option<String>)> {
    let text = node.text().unwrap_or_default();
    let (name, path) = text.split_once('.').map_or((text, None), |(name, path)| (name, Some(path)));
    let Some(table) = around.tables.iter().find(|table| table.name == name) else {
        if !around.mentions_broken(&node.span) {
            let names = around.tables.iter().map(|table| table.name.as_str());
            let message = format!("there is no table `{}`", shape::clip(name));
            complaints.push(Complaint::at(node, "C909", message).hint(nearest::hint(name, names)));
        }
        return None;
    };
    let Some(path) = path else { return Some((table, None)) };
    if long::resolve(table, path).is_none() {
        if !around.mentions_broken(&node.span) {
            complaints.push(long::no_column(table, node, path));
        }
        return None;
    }
    Some((table, Some(path.to_owned())))
}

fn condition(around: Around<'_>, table: &Table, node: &Node, complaints: &mut Vec<Complaint>) -> Option<Expression> {
    let trouble = match expression::parse(node.text()?, table, true) {
        Ok(expression) => return Some(expression),
        Err(trouble) => trouble,
    };
    if !around.mentions_broken(&node.span) {
        let mut complaint = Complaint::at(node, "C914", format!("`where`: {}", trouble.message));
        complaint.span = long::within(around.text, node, &trouble.span);
        complaint.hint = trouble.hint;
        complaints.push(complaint);
    }
    None
}
