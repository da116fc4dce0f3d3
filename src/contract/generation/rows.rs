//! `generate:` of a table.

use crate::contract::generation::{Settings, Site, need, values};
use crate::contract::part::{self, Fields};
use crate::contract::rules::Wanted;
use crate::contract::vocabulary::TABLE_GENERATION;
use crate::contract::{long, nearest, shape};
use crate::model::generation::{Origin, Rows};
use crate::model::{ColumnPath, DataType, Generation, Table};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Reads `generate:` of a table.
pub fn read(site: Site<'_, '_>, key: &Node, node: &Node, settings: &mut Settings, complaints: &mut Vec<Complaint>) {
    let place = format!("`generate` of `{}`", site.table.name);
    let Some(fields) = part::read(&place, key, node, TABLE_GENERATION, complaints) else { return };
    fields.refuse_others(&place, TABLE_GENERATION, complaints);
    settings.table.locale = fields.get("locale").and_then(values::locale);
    settings.table.rows = fields.get("rows").and_then(|node| rows(site, node, complaints));
    settings.table.day = fields.get("day").and_then(|node| day(site, node, complaints));
    late(&fields, settings, complaints);
    if let Some((key, node)) = fields.entry("records") {
        records(site, key, node, settings, complaints);
    }
}

fn rows(site: Site<'_, '_>, node: &Node, complaints: &mut Vec<Complaint>) -> Option<Rows> {
    if let Data::Number(text) = &node.data {
        return text.parse().ok().map(Rows::Count);
    }
    let (per, factor) = (need(node, "rows", "per", complaints), need(node, "rows", "factor", complaints));
    let (per, factor) = (per?, factor?);
    let table = per.text().unwrap_or_default();
    if table == site.table.name {
        let message = format!("the rows of `{table}` cannot be counted by its own rows");
        complaints.push(Complaint::at(per, "C919", message));
        return None;
    }
    if !site.around.tables.iter().any(|other| other.name == table) {
        let names = site.around.tables.iter().map(|table| table.name.as_str());
        let message = format!("there is no table `{}`", shape::clip(table));
        complaints.push(Complaint::at(per, "C909", message).hint(nearest::hint(table, names)));
        return None;
    }
    let number = shape::number(factor).filter(|factor| *factor > 0.0);
    if number.is_none() {
        complaints.push(Complaint::at(factor, "C903", "`factor` must be above 0"));
    }
    Some(Rows::Per { table: table.to_owned(), factor: number? })
}

/// Complains about tables whose rows are counted by each other.
pub fn circles(tables: &[Table], wanted: &[Wanted<'_>], complaints: &mut Vec<Complaint>) {
    let next = |name: &str| match tables.iter().find(|table| table.name == name).map(|table| &table.generation.rows) {
        Some(Some(Rows::Per { table, .. })) => Some(table.as_str()),
        _ => None,
    };
    for (index, table) in tables.iter().enumerate() {
        let mut names = vec![table.name.as_str()];
        while let Some(name) = names.last().copied().and_then(next) {
            names.push(name);
            // Told once, at the last table of the circle.
            if name == table.name || names.len() > tables.len() {
                break;
            }
        }
        let last = |name: &&str| tables.iter().position(|table| table.name == **name) <= Some(index);
        let closed = names.len() > 2 && names.last() == names.first() && names.iter().all(last);
        let place = wanted.get(index).and_then(|wanted| wanted.generate).and_then(|(_, node)| node.get("rows"));
        if let Some(node) = place.filter(|_| closed) {
            let message = format!("rows are counted by each other in a circle: {}", names.join(" ← "));
            complaints.push(Complaint::at(node, "C919", message).label("closes the circle"));
        }
    }
}

fn day(site: Site<'_, '_>, node: &Node, complaints: &mut Vec<Complaint>) -> Option<usize> {
    let name = node.text().unwrap_or_default();
    let Some(index) = site.table.column_index(name) else {
        if !site.around.mentions_broken(&node.span) {
            complaints.push(long::no_column(site.table, node, name));
        }
        return None;
    };
    let data_type = site.table.columns.get(index).map(|column| &column.data_type)?;
    if matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz) {
        return Some(index);
    }
    if !site.around.mentions_broken(&node.span) {
        let message = format!("`day` needs a date or a timestamp, and `{name}` is {data_type}");
        complaints.push(Complaint::at(node, "C907", message));
    }
    None
}

fn late(fields: &Fields<'_>, settings: &mut Settings, complaints: &mut Vec<Complaint>) {
    let Some((key, node)) = fields.entry("late") else { return };
    if fields.get("day").is_none() {
        let complaint = Complaint::at(key, "C904", "`late` needs `day`: which column's day a row is late for");
        complaints.push(complaint.hint("add `day:` with a date or timestamp column"));
    }
    let Some(rate) = need(node, "late", "rate", complaints).and_then(shape::rate) else { return };
    let days = node.get("days").and_then(Node::scalar).map_or(Some(1), |text| text.parse::<u32>().ok());
    if let Some(days @ 1..=3650) = days {
        settings.table.late = Some((rate, days));
    } else {
        let at = node.get("days").unwrap_or(node);
        complaints.push(Complaint::at(at, "C903", "`days` lies between 1 and 3650"));
    }
}

/// Turns rows with fixed values into the values of each of their columns.
fn records(site: Site<'_, '_>, key: &Node, node: &Node, settings: &mut Settings, complaints: &mut Vec<Complaint>) {
    let Data::List(rows) = &node.data else { return };
    let Some(first) = rows.first() else {
        complaints.push(Complaint::at(node, "C903", "`records` has at least one row"));
        return;
    };
    let Data::Map(head) = &first.data else { return };
    let names: Vec<&str> = head.iter().filter_map(|(name, _)| name.text()).collect();
    for row in rows {
        same_names(row, &names, complaints);
    }
    for (name, _) in head {
        let Some(path) = column(site, name, complaints) else { continue };
        let at = |(own, _): &(ColumnPath, Generation)| *own == path;
        let earlier = settings.columns.iter().position(at);
        if let Some((_, other)) =
            earlier.and_then(|index| settings.columns.get(index)).filter(|(_, g)| g.from.is_some())
        {
            let message = format!("`records` and the column's own `generate` both say what `{}` is", path.text);
            let line = other.place.0;
            complaints.push(Complaint::at(name, "C908", message).label(format!("against line {line}")));
            continue;
        }
        let cells: Vec<&Node> = rows.iter().filter_map(|row| row.get(&path.text)).collect();
        let written = values::check_written(site, &path, &cells, complaints);
        let from = Some(Origin::Values(written));
        match earlier.and_then(|index| settings.columns.get_mut(index)) {
            Some((_, generation)) => generation.from = from,
            None => settings.columns.push((path, Generation { from, place: key.place, ..Generation::default() })),
        }
    }
    if settings.table.rows.is_none() {
        settings.table.rows = u64::try_from(rows.len()).ok().map(Rows::Fixed);
    }
}

fn same_names(row: &Node, names: &[&str], complaints: &mut Vec<Complaint>) {
    let Data::Map(entries) = &row.data else { return };
    for (key, _) in entries.iter().filter(|(key, _)| key.text().is_none_or(|key| !names.contains(&key))) {
        let message = format!("the first of `records` has no `{}`", shape::clip(key.text().unwrap_or_default()));
        complaints.push(Complaint::at(key, "C902", message).hint("all rows name the same columns; write ~ for NULL"));
    }
    for name in names.iter().filter(|name| row.get(name).is_none()) {
        let message = format!("this row has no `{name}`");
        complaints.push(Complaint::at(row, "C904", message).hint("all rows name the same columns; write ~ for NULL"));
    }
}

fn column(site: Site<'_, '_>, name: &Node, complaints: &mut Vec<Complaint>) -> Option<ColumnPath> {
    let text = name.text().unwrap_or_default();
    let Some(column) = site.table.column_index(text) else {
        if !site.around.mentions_broken(&name.span) {
            complaints.push(long::no_column(site.table, name, text));
        }
        return None;
    };
    let path = ColumnPath { text: text.to_owned(), column, steps: Vec::new() };
    let data_type = &site.table.at(&path).data_type;
    if data_type.is_nested() {
        complaints.push(Complaint::at(
            name,
            "C907",
            format!("`records` holds single values, and `{text}` is {data_type}"),
        ));
        return None;
    }
    Some(path)
}
