//! The whole document: tables one by one, then their rules, then what binds them together.

use crate::contract::columns::{self, Columns};
use crate::contract::generation::{self, Settings, Site};
use crate::contract::part::{self, Fields};
use crate::contract::rules::{self, Around, Draft, Wanted};
use crate::contract::vocabulary::generation::FAULT_FILE;
use crate::contract::vocabulary::{DOCUMENT, TABLE};
use crate::contract::{cross, long, order, shape, source};
use crate::model::{Contract, FaultSpec, PrimaryKey, SourceSpec, Table, TableGeneration};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Reads a contract from its tree. What it gives is whole only where no complaint was added.
pub fn read(text: &str, root: &Node, complaints: &mut Vec<Complaint>) -> Option<Contract> {
    // A key that is missing is shown at the first line, not over the whole document.
    let top = Node { span: root.span.start..root.span.start, place: root.place, data: Data::Null };
    let fields = part::read("the contract", &top, root, DOCUMENT, complaints)?;
    fields.refuse_others("the contract", DOCUMENT, complaints);

    let mut tables = Vec::new();
    let mut wanted = Vec::new();
    let mut broken = Vec::new();
    let entries = match fields.get("tables").map(|node| (node, &node.data)) {
        Some((node, Data::Map(entries))) => {
            if entries.is_empty() {
                complaints.push(Complaint::at(node, "C903", "a contract has at least one table"));
            }
            entries.as_slice()
        }
        _ => &[],
    };
    for (key, value) in entries {
        let (table, wants) = read_table(text, key, value, &mut broken, complaints);
        tables.push(table);
        wanted.push(wants);
    }
    broken.sort();
    broken.dedup();

    let around = Around { text, tables: &tables, broken: &broken };
    let mut drafts: Vec<Vec<Draft<'_>>> = Vec::new();
    let mut settings: Vec<Settings> = Vec::new();
    for (table, wants) in tables.iter().zip(&wanted) {
        let made = if table.columns.is_empty() { Vec::new() } else { rules::make(around, table, wants, complaints) };
        cross::check(&made, complaints);
        settings.push(generation::read(Site { around, table, drafts: &made }, wants, complaints));
        drafts.push(made);
    }
    let faults = match fields.get("faults").map(|node| &node.data) {
        Some(Data::List(items)) => generation::faults::read(around, items, complaints),
        _ => Vec::new(),
    };
    let order = order::parents_first(&tables, &drafts, complaints);
    for ((table, drafts), settings) in tables.iter_mut().zip(drafts).zip(settings) {
        table.rules = drafts.into_iter().map(|draft| draft.rule).collect();
        generation::apply(table, settings);
    }
    generation::rows::circles(&tables, &wanted, complaints);
    let audit_columns = audit_columns(&fields, &tables, complaints);
    let mut slots: Vec<Option<Table>> = tables.into_iter().map(Some).collect();
    Some(Contract {
        name: fields.text("name").unwrap_or_default(),
        description: fields.text("description"),
        tables: order.into_iter().filter_map(|index| slots.get_mut(index).and_then(Option::take)).collect(),
        after_load: statements(&fields),
        audit_columns,
        faults,
        sha256: crate::contract::sha256(text),
    })
}

/// Reads a file of faults for a contract.
pub fn read_faults(text: &str, root: &Node, contract: &Contract, complaints: &mut Vec<Complaint>) -> Vec<FaultSpec> {
    let top = Node { span: root.span.start..root.span.start, place: root.place, data: Data::Null };
    let Some(fields) = part::read("the file of faults", &top, root, FAULT_FILE, complaints) else { return Vec::new() };
    fields.refuse_others("the file of faults", FAULT_FILE, complaints);
    match fields.get("faults").map(|node| &node.data) {
        Some(Data::List(items)) => {
            generation::faults::read(Around { text, tables: &contract.tables, broken: &[] }, items, complaints)
        }
        _ => Vec::new(),
    }
}

/// Reads the columns that targets carry besides; they may not be columns of a table too.
fn audit_columns(fields: &Fields<'_>, tables: &[Table], complaints: &mut Vec<Complaint>) -> Vec<String> {
    let Some(node) = fields.get("audit_columns") else { return Vec::new() };
    let items: Vec<&Node> = if let Data::List(items) = &node.data { items.iter().collect() } else { vec![node] };
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = item.text().unwrap_or_default();
        if !AUDIT_COLUMNS.contains(&name) {
            let message = format!("`{}` is no audit column", shape::clip(name));
            complaints
                .push(Complaint::at(item, "C903", message).hint(format!("there are {}", AUDIT_COLUMNS.join(", "))));
        } else if let Some(table) = tables.iter().find(|table| table.column_index(name).is_some()) {
            let message = format!("the table `{}` has a column `{name}` of its own", table.name);
            complaints.push(Complaint::at(item, "C908", message).hint("rename that column, or leave this out"));
        } else if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// What `audit_columns` may name.
const AUDIT_COLUMNS: [&str; 2] = ["load_id", "load_ts"];

fn statements(fields: &Fields<'_>) -> Vec<String> {
    match fields.get("after_load").map(|node| &node.data) {
        Some(Data::List(items)) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn read_table<'n>(
    text: &str,
    key: &'n Node,
    node: &'n Node,
    broken: &mut Vec<String>,
    complaints: &mut Vec<Complaint>,
) -> (Table, Wanted<'n>) {
    let name = key.text().unwrap_or_default();
    check_table_name(key, name, complaints);
    let mut table = Table {
        name: name.to_owned(),
        description: None,
        source: SourceSpec::default(),
        primary_key: None,
        columns: Vec::new(),
        rules: Vec::new(),
        generation: TableGeneration::default(),
    };
    let mut wanted = Wanted { name: Some(key), ..Wanted::default() };
    let place = format!("the table `{}`", shape::clip(name));
    let Some(fields) = part::read(&place, key, node, TABLE, complaints) else {
        broken.push(name.to_owned());
        return (table, wanted);
    };
    fields.refuse_others(&place, TABLE, complaints);
    table.description = fields.text("description");
    if let Some((key, node)) = fields.entry("source") {
        table.source = source::read(text, key, node, complaints);
    }
    wanted.generate = fields.entry("generate");
    read_columns(&mut table, &mut wanted, &fields, broken, complaints);
    if let Some(node) = fields.get("primary_key").filter(|_| !table.columns.is_empty()) {
        read_key(&mut table, &mut wanted, node, complaints);
    }
    if let Some(Node { data: Data::List(items), .. }) = fields.get("rules") {
        wanted.long = items.iter().collect();
    }
    (table, wanted)
}

fn read_columns<'n>(
    table: &mut Table,
    wanted: &mut Wanted<'n>,
    fields: &Fields<'n>,
    broken: &mut Vec<String>,
    complaints: &mut Vec<Complaint>,
) {
    let Some(node) = fields.get("columns") else {
        broken.push(table.name.clone());
        return;
    };
    let Data::Map(entries) = &node.data else { return };
    if entries.is_empty() {
        complaints.push(Complaint::at(node, "C903", format!("the table `{}` has at least one column", table.name)));
        broken.push(table.name.clone());
    }
    let Columns { columns, names, keywords, broken: unread, wishes } = columns::read(&table.name, entries, complaints);
    table.columns = columns;
    wanted.column_names = names;
    wanted.keywords = keywords;
    wanted.wishes = wishes;
    broken.extend(unread);
}

/// A table's name becomes a file name and a name in SQL, and `table.column` must have one reading.
fn check_table_name(key: &Node, name: &str, complaints: &mut Vec<Complaint>) {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || name.len() > 200 || name.starts_with('-') || !name.chars().all(fits) {
        complaints.push(
            Complaint::at(key, "C903", format!("`{}` cannot name a table", shape::clip(name)))
                .hint("letters, digits, `_` and `-`; the name becomes file names and a table of the target"),
        );
    }
}

fn read_key<'n>(table: &mut Table, wanted: &mut Wanted<'n>, node: &'n Node, complaints: &mut Vec<Complaint>) {
    let (names, keep) = match &node.data {
        Data::Map(_) => {
            let Some(names) = node.get("columns") else {
                complaints.push(Complaint::at(node, "C904", "`primary_key` has no `columns`"));
                return;
            };
            (names, node.get("keep"))
        }
        _ => (node, None),
    };
    let items: &[Node] = match &names.data {
        Data::List(items) => items,
        _ => std::slice::from_ref(names),
    };
    if items.is_empty() {
        complaints.push(Complaint::at(names, "C903", "`primary_key` names at least one column"));
        return;
    }
    let before = complaints.len();
    let mut columns: Vec<usize> = Vec::new();
    for item in items {
        let name = item.scalar().unwrap_or_default();
        match table.column_index(&name) {
            Some(index) if columns.contains(&index) => {
                complaints.push(Complaint::at(item, "C916", format!("`primary_key` names `{name}` twice")));
            }
            Some(index) => columns.push(index),
            None => complaints.push(long::no_column(table, item, &name)),
        }
    }
    if complaints.len() == before {
        table.primary_key = Some(PrimaryKey { columns });
        wanted.key = Some((names, keep));
    }
}
