//! What `karat generate` is told: `generate:` of tables and columns, and `faults:`. Read after the rules, whose words
//! they must not contradict.

pub mod distribution;
pub mod faults;
pub mod links;
pub mod origins;
pub mod rows;
pub mod values;

#[cfg(test)]
pub(in crate::contract) mod tests;

use crate::contract::rules::{Around, Draft, Wanted};
use crate::model::{Column, ColumnPath, DataType, Generation, Step, Table, TableGeneration};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// `generate:` of a column, an element or a field, before it is read.
#[derive(Debug)]
pub struct Wish<'n> {
    pub path: ColumnPath,
    pub key: &'n Node,
    pub node: &'n Node,
}

/// What the settings of a table are read against.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a, 'n> {
    pub around: Around<'a>,
    pub table: &'a Table,
    pub drafts: &'a [Draft<'n>],
}

/// The settings of one table.
#[derive(Debug, Default)]
pub struct Settings {
    table: TableGeneration,
    columns: Vec<(ColumnPath, Generation)>,
}

/// Reads all settings of a table.
pub fn read(site: Site<'_, '_>, wanted: &Wanted<'_>, complaints: &mut Vec<Complaint>) -> Settings {
    let mut settings = Settings::default();
    for wish in &wanted.wishes {
        if let Some(generation) = values::read(site, wish, complaints) {
            settings.columns.push((wish.path.clone(), generation));
        }
    }
    links::circles(site, &settings.columns, wanted, complaints);
    if let Some((key, node)) = wanted.generate {
        rows::read(site, key, node, &mut settings, complaints);
    }
    settings
}

/// Puts the settings where they belong.
pub fn apply(table: &mut Table, settings: Settings) {
    table.generation = settings.table;
    for (path, generation) in settings.columns {
        if let Some(column) = column_mut(&mut table.columns, &path) {
            column.generation = Some(Box::new(generation));
        }
    }
}

fn column_mut<'t>(columns: &'t mut [Column], path: &ColumnPath) -> Option<&'t mut Column> {
    let mut at = columns.get_mut(path.column)?;
    for step in &path.steps {
        at = match (step, &mut at.data_type) {
            (Step::Items, DataType::List(item)) => item,
            (Step::Field(index), DataType::Struct(fields)) => fields.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(at)
}

/// Gives the value under a key of a mapping that must be there.
fn need<'n>(node: &'n Node, place: &str, key: &str, complaints: &mut Vec<Complaint>) -> Option<&'n Node> {
    let found = node.get(key);
    if found.is_none() {
        complaints.push(
            Complaint::at(node, "C904", format!("`{place}` has no `{key}`")).label(format!("`{key}` is missing")),
        );
    }
    found
}

fn entries(node: &Node) -> &[(Node, Node)] {
    match &node.data {
        Data::Map(entries) => entries,
        _ => &[],
    }
}
