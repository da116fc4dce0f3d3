//! The tables a database has: their columns, and whether rows of the contract can go there without a loss.

use mysql::Conn;

use crate::io::Mode;
use crate::io::databases::mysql::connect::{all, run, text, whole};
use crate::io::databases::mysql::errors::wrong;
use crate::io::databases::mysql::history;
use crate::model::{Column, Contract, DataType, Error, Result, Table};
use crate::sql::{self, Dialect as _, MySql, literal};

/// Marks a table that a load made and did not finish: if it is still empty, it is as good as not there.
const UNFINISHED: &str = "made by karat for a load that is not committed";

/// A table as it is in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    pub columns: Vec<There>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    comment: String,
}

/// A column as it is in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    pub name: String,
    /// In small letters, without length: `varchar`.
    data_type: String,
    /// With length: `varchar(20)`.
    shown: String,
    /// Needs no value of ours.
    optional: bool,
    generated: bool,
    /// Digits behind the point of a decimal.
    scale: u64,
    /// Digits behind the point of a moment's second.
    digits: u64,
}

impl There {
    /// Gives the microseconds that a moment is a multiple of; 1 for any.
    #[must_use]
    pub fn step(&self) -> i64 {
        let missing = u32::try_from(6_u64.saturating_sub(self.digits)).unwrap_or(0);
        if matches!(self.data_type.as_str(), "time" | "datetime" | "timestamp") { 10_i64.pow(missing) } else { 1 }
    }
}

impl Described {
    /// Finds a column; case does not matter there.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&There> {
        self.columns.iter().find(|there| there.name.to_lowercase() == name.to_lowercase())
    }
}

/// Describes a table; `None` where there is none. `fold`: the server ignores case in names of tables.
///
/// # Errors
/// Where it is none that rows can be loaded into in a transaction, or the catalog cannot be read.
pub fn describe(conn: &mut Conn, name: &str, fold: bool) -> Result<Option<Described>> {
    let cannot = |error: mysql::Error| wrong(format!("cannot look for {name} in the target"), &error);
    let query = "SELECT t.table_name, t.table_type, t.table_comment, t.engine, e.transactions \
                 FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine \
                 WHERE t.table_schema = DATABASE() AND t.table_name = ?";
    let same = |there: &str| there == name || (fold && there.to_lowercase() == name.to_lowercase());
    let rows = all(conn, query, &[name]).map_err(cannot)?;
    let Some(row) = rows.iter().find(|row| text(row.first()).is_some_and(|there| same(&there))) else {
        return Ok(None);
    };
    let cell = |index: usize| text(row.get(index)).unwrap_or_default();
    if !matches!(cell(1).as_str(), "BASE TABLE" | "SYSTEM VERSIONED") {
        return Err(Error::output(format!("{name} is a {} in the target", cell(1).to_lowercase()))
            .hint("Drop or rename it, or rename the table in the contract."));
    }
    if cell(4) != "YES" {
        return Err(Error::output(format!("{name} is kept by {} in the target, which undoes nothing", cell(3))).hint(
            format!("ALTER TABLE {} ENGINE = InnoDB, so that a load that fails leaves it as it was.", quote(name)),
        ));
    }
    let comment = cell(2);
    let query = "SELECT column_name, data_type, column_type, is_nullable, column_default, extra, numeric_scale, \
                 datetime_precision FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? \
                 ORDER BY ordinal_position";
    let name = &cell(0);
    let columns = all(conn, query, &[name]).map_err(cannot)?;
    let there = |row: &Vec<mysql::Value>| {
        let cell = |index: usize| text(row.get(index));
        let extra = cell(5).unwrap_or_default().to_ascii_uppercase();
        let generated = ["VIRTUAL", "STORED", "PERSISTENT"].iter().any(|word| extra.contains(word));
        There {
            name: cell(0).unwrap_or_default(),
            data_type: cell(1).unwrap_or_default().to_ascii_lowercase(),
            shown: cell(2).unwrap_or_default(),
            optional: generated
                || extra.contains("AUTO_INCREMENT")
                || cell(3).as_deref() == Some("YES")
                || cell(4).is_some(),
            generated,
            scale: whole(row.get(6)).unwrap_or(0),
            digits: whole(row.get(7)).unwrap_or(0),
        }
    };
    let query = "SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() \
                 AND table_name = ? AND index_name = 'PRIMARY' ORDER BY seq_in_index";
    let key = all(conn, query, &[name]).map_err(cannot)?;
    Ok(Some(Described {
        columns: columns.iter().map(there).collect(),
        key: key.iter().filter_map(|row| text(row.first())).collect(),
        comment,
    }))
}

/// Quotes a name.
#[must_use]
pub fn quote(name: &str) -> String {
    MySql::default().quote(name)
}

/// Makes a table of the contract, marked as not finished.
///
/// # Errors
/// Where the server does not make it.
pub fn create(conn: &mut Conn, dialect: MySql, table: &Table) -> Result<()> {
    let definition = sql::create_table(&dialect, &quote(&table.name), table);
    let collation = dialect.collation;
    let statement = format!(
        "{definition} ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation} COMMENT = {}",
        literal(UNFINISHED)
    );
    run(conn, &statement).map_err(|error| wrong(format!("cannot make the table {}", table.name), &error))?;
    Ok(())
}

/// Takes the mark off a table whose load is committed. Nothing is lost where that fails: a table with rows counts.
pub fn finished(conn: &mut Conn, name: &str) {
    let _ = run(conn, "SET SESSION lock_wait_timeout = 5");
    let _ = run(conn, &format!("ALTER TABLE {} COMMENT = ''", quote(name)));
}

/// Tells whether a table is what a killed load left: made by karat, and empty.
///
/// # Errors
/// Where it cannot be read.
pub fn is_left_over(conn: &mut Conn, name: &str, there: &Described) -> Result<bool> {
    Ok(there.comment == UNFINISHED && is_empty(conn, name)?)
}

/// Tells whether a table has no rows.
///
/// # Errors
/// Where it cannot be read.
pub fn is_empty(conn: &mut Conn, name: &str) -> Result<bool> {
    let rows = all(conn, &format!("SELECT 1 FROM {} LIMIT 1", quote(name)), &[]);
    Ok(rows.map_err(|error| wrong(format!("cannot read {name} in the target"), &error))?.is_empty())
}

/// Checks that the rows of a contract's table can go into a table as they are. It may have other columns, if they need
/// no value.
///
/// # Errors
/// An output error that names every column that differs.
pub fn check_columns(table: &Table, there: &Described) -> Result<()> {
    let mut differ = Vec::new();
    for column in &table.columns {
        match there.column(&column.name) {
            None => differ.push(format!("{} is missing there", column.name)),
            Some(found) if found.generated => differ.push(format!("{} is generated there", column.name)),
            Some(found) if !holds(found, &column.data_type) => {
                let asked = MySql::default().column_type(table, column);
                let asked = asked.split(" CHARACTER SET").next().unwrap_or_default().to_owned();
                differ.push(format!("{} is {} there and {asked} by the contract", column.name, found.shown));
            }
            Some(_) => {}
        }
    }
    for found in there.columns.iter().filter(|found| !found.optional) {
        if !table.columns.iter().any(|column| column.name.to_lowercase() == found.name.to_lowercase()) {
            differ.push(format!("{} wants a value and is not in the contract", found.name));
        }
    }
    if differ.is_empty() {
        return Ok(());
    }
    Err(Error::output(format!("the table {} does not fit the contract: {}", table.name, differ.join("; ")))
        .hint("Change the table (ALTER TABLE) or the contract, or load into another database."))
}

/// Tells whether a column holds every value of a type as it is, or refuses it: never another value.
fn holds(there: &There, data_type: &DataType) -> bool {
    let found = there.data_type.as_str();
    let whole = matches!(found, "tinyint" | "smallint" | "mediumint" | "int" | "bigint");
    let text = matches!(found, "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "json");
    match data_type {
        DataType::Bool => whole || found == "bit",
        DataType::Decimal { scale, .. } => {
            (found == "decimal" && there.scale >= u64::from(*scale)) || (whole && *scale == 0)
        }
        whole_number if whole_number.is_integer() => whole || found == "decimal",
        DataType::Float32 => matches!(found, "float" | "double"),
        DataType::Float64 => found == "double",
        // CHAR forgets blanks at the end, which is what it is for.
        DataType::String => text || matches!(found, "char" | "enum" | "set" | "uuid" | "inet4" | "inet6"),
        DataType::Date => matches!(found, "date" | "datetime"),
        DataType::Time => found == "time",
        DataType::Timestamp | DataType::TimestampTz => matches!(found, "datetime" | "timestamp"),
        DataType::Binary => matches!(found, "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob"),
        _ => text,
    }
}

/// Refuses names that the server does not take, or cannot tell apart, before anything is done.
///
/// # Errors
/// An output error that says which.
pub fn check_names(contract: &Contract, tables: &[usize], fold: bool) -> Result<()> {
    let tables: Vec<&Table> = tables.iter().filter_map(|&index| contract.tables.get(index)).collect();
    let folded = |name: &str| if fold { name.to_lowercase() } else { name.to_owned() };
    distinct("tables", tables.iter().map(|table| table.name.as_str()), &folded)?;
    for table in tables {
        possible("table", &table.name)?;
        for Column { name, .. } in &table.columns {
            possible(&format!("column of {}", table.name), name)?;
        }
        let columns = table.columns.iter().map(|column| column.name.as_str());
        distinct(&format!("columns of {}", table.name), columns, &str::to_lowercase)?;
        if history::TABLES.iter().any(|name| table.name.eq_ignore_ascii_case(name)) {
            return Err(Error::output(format!("{} is where karat keeps the load history", table.name))
                .hint("Give the table another name in the contract."));
        }
    }
    Ok(())
}

fn possible(what: &str, name: &str) -> Result<()> {
    let refused = |why: &str| {
        let shown: String = name.chars().take(100).collect();
        Err(Error::output(format!("MariaDB takes no {what} called `{shown}`: {why}"))
            .hint("Give it another name in the contract."))
    };
    if name.chars().count() > 64 {
        return refused("it has more than 64 characters");
    }
    if name.is_empty() || name.ends_with(' ') {
        return refused("it is empty or ends with a blank");
    }
    if name.chars().any(|letter| letter == '\0' || u32::from(letter) > 0xffff) {
        return refused("it has a character that names may not have");
    }
    Ok(())
}

fn distinct<'a>(what: &str, names: impl Iterator<Item = &'a str>, folded: &dyn Fn(&str) -> String) -> Result<()> {
    let mut seen: Vec<(String, &str)> = Vec::new();
    for name in names {
        let key = folded(name);
        if let Some((_, other)) = seen.iter().find(|(known, other)| *known == key && *other != name) {
            return Err(Error::output(format!("MariaDB cannot tell the {what} {other} and {name} apart"))
                .hint("It ignores case there: rename one of them."));
        }
        seen.push((key, name));
    }
    Ok(())
}

/// Deletes the rows of the tables that are replaced, children before their parents.
///
/// # Errors
/// Where rows of other tables would go too, or hold these.
pub fn clear(conn: &mut Conn, names: &[&str], mode: Mode) -> Result<()> {
    if mode != Mode::Replace {
        return Ok(());
    }
    let cannot = |error: mysql::Error| wrong("cannot look for references in the target", &error);
    let query = "SELECT table_name, referenced_table_name, delete_rule FROM information_schema.referential_constraints \
                 WHERE unique_constraint_schema = DATABASE()";
    let rows = all(conn, query, &[]).map_err(cannot)?;
    let cell = |row: &Vec<mysql::Value>, index: usize| text(row.get(index)).unwrap_or_default();
    let mut edges = Vec::new();
    for row in &rows {
        let (child, parent, rule) = (cell(row, 0), cell(row, 1), cell(row, 2));
        let among = |name: &str| names.iter().position(|known| known.to_lowercase() == name.to_lowercase());
        match (among(&child), among(&parent)) {
            (Some(child), Some(parent)) if child != parent => edges.push((child, parent)),
            (None, Some(_)) if matches!(rule.as_str(), "CASCADE" | "SET NULL" | "SET DEFAULT") => {
                return Err(Error::output(format!(
                    "replacing {parent} would change rows of {child}, which refers to it with ON DELETE {rule}"
                ))
                .hint(format!("Load {child} in the same run, or load {parent} with `--mode upsert`.")));
            }
            _ => {}
        }
    }
    for index in children_first(names.len(), &edges) {
        let Some(name) = names.get(index) else { continue };
        run(conn, &format!("DELETE FROM {}", quote(name)))
            .map_err(|error| wrong(format!("cannot take the old rows out of {name}"), &error))?;
    }
    Ok(())
}

/// Orders tables so that a child stands before its parents; edges are (child, parent). Those in a circle come last.
fn children_first(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    while order.len() < count {
        let waits = |index: &usize| edges.iter().any(|(child, parent)| parent == index && !order.contains(child));
        let left: Vec<usize> = (0..count).filter(|index| !order.contains(index)).collect();
        let next = left.iter().copied().find(|index| !waits(index)).or(left.first().copied());
        order.extend(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::{contract, products};

    #[test]
    fn names_the_server_does_not_take_are_refused() {
        let refused = |name: &str| {
            let mut table = products();
            table.columns[1].name = name.to_owned();
            check_names(&contract(vec![table]), &[0], false).is_err()
        };
        assert!(!refused(&"é".repeat(64)) && !refused("a`b") && !refused("x.y/z"));
        for name in ["", "a ", "a\0b", "😀", "ID", &"x".repeat(65)] {
            assert!(refused(name), "{name}");
        }
        let mut twin = products();
        twin.name = "PRODUCTS".to_owned();
        let both = contract(vec![products(), twin]);
        assert!(check_names(&both, &[0, 1], true).is_err());
        assert!(check_names(&both, &[0, 1], false).is_ok());
        let mut table = products();
        table.name = "Karat_load".to_owned();
        assert!(check_names(&contract(vec![table]), &[0], false).is_err());
    }

    #[test]
    fn children_stand_before_parents() {
        assert_eq!(children_first(3, &[(2, 0), (1, 2)]), [1, 2, 0]);
        assert_eq!(children_first(2, &[(0, 1), (1, 0)]).len(), 2);
    }
}
