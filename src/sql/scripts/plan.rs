//! Plan: one table as a warehouse will hold it. Names are spelled and quoted, types chosen, rows' ways decided.

use crate::model::{CellTest, Check, Column, DataType, Error, Literal, Result, Severity, Table};
use crate::sql::redshift::TEXT_BYTES;
use crate::sql::scripts::names::{NameRule, cut};
use crate::sql::scripts::options::{Mode, Options, Warehouse, column_of, is_ordered};
use crate::sql::scripts::text::shown;
use crate::sql::{Dialect, Redshift, Snowflake, identifier, not_null};

/// The table of loads that scripts keep: one row a load and table.
pub const HISTORY: &str = "karat_load_table";

/// One table as a warehouse will hold it. Names are quoted.
#[derive(Debug)]
pub struct Plan<'a> {
    pub warehouse: Warehouse,
    pub table: &'a Table,
    pub schema: Option<String>,
    pub target: String,
    pub columns: Vec<Item<'a>>,
    /// The columns that the script adds at the end of the table.
    pub audit: Vec<Audit>,
    /// The column that holds the load's id, the script's own or the contract's.
    pub load_id: String,
    /// The primary key; empty where there is none that SQL compares.
    pub key: Vec<String>,
    pub stage: String,
    pub history: String,
    /// Where rows go that the load takes away; `None` for an append.
    pub old: Option<String>,
    /// Behind the brackets of CREATE TABLE.
    pub layout: String,
    /// Behind the brackets of the staging table.
    pub stage_layout: String,
    /// What the reader of the script should know.
    pub notes: Vec<String>,
}

/// One column of the contract.
#[derive(Debug)]
pub struct Item<'a> {
    pub name: String,
    pub column: &'a Column,
    pub not_null: bool,
    pub data_type: String,
    /// What COPY reads the part's text as.
    pub stage_type: String,
    /// Redshift's compression.
    pub encoding: &'static str,
}

/// A column that the script fills.
#[derive(Debug)]
pub struct Audit {
    pub name: String,
    pub data_type: &'static str,
    /// The value in a SELECT.
    pub value: String,
}

impl Item<'_> {
    /// Tells whether COPY reads it as text, and it may be NULL.
    #[must_use]
    pub fn may_be_null_text(&self) -> bool {
        !self.not_null && matches!(self.column.data_type, DataType::String | DataType::Binary)
    }

    /// Gives the staged value in the table's type.
    #[must_use]
    pub fn value(&self, warehouse: Warehouse) -> String {
        let staged = format!("s.{}", self.name);
        match (warehouse, &self.column.data_type) {
            (Warehouse::Redshift, DataType::Binary) => format!("TO_VARBYTE({staged}, 'base64')"),
            (Warehouse::Snowflake, data_type) if data_type.is_nested() => {
                format!("CAST(PARSE_JSON({staged}) AS {})", self.data_type)
            }
            _ => staged,
        }
    }
}

impl<'a> Plan<'a> {
    /// Plans a table.
    ///
    /// # Errors
    /// A usage error where the warehouse cannot hold a name or a type.
    pub fn new(warehouse: Warehouse, table: &'a Table, options: &Options) -> Result<Self> {
        let rule = options.names(warehouse);
        let spelled = rule.spell(&table.name)?;
        let names = rule.spell_all("columns", table.columns.iter().map(|column| column.name.as_str()))?;
        let mut columns = Vec::new();
        for ((column, name), not_null) in table.columns.iter().zip(&names).zip(not_null(table)) {
            columns.push(item(warehouse, table, column, name, not_null)?);
        }
        let (audit, load_id) = audit(warehouse, &rule, &names, options.load_id())?;
        let key = key(table, &columns);
        let mut stage = rule.spell("karat_stage")?;
        while rule.same(&stage, &spelled) {
            stage.push('_');
        }
        let old = (options.mode != Mode::Append).then(|| old_name(warehouse, &rule, &spelled, options.load_id()));
        let mut plan = Self {
            warehouse,
            table,
            schema: options.schema.as_deref().map(|name| rule.spell(name)).transpose()?.map(|name| identifier(&name)),
            target: identifier(&spelled),
            columns,
            audit,
            load_id,
            key,
            stage: identifier(&stage),
            history: identifier(&rule.spell(HISTORY)?),
            old,
            layout: String::new(),
            stage_layout: String::new(),
            notes: Vec::new(),
        };
        if spelled.len() < table.name.len() {
            plan.notes.push(format!("The table's name is cut at {} bytes.", rule.limit));
        }
        match warehouse {
            Warehouse::Redshift => plan.spread(options),
            Warehouse::Snowflake => plan.cluster(options),
        }
        Ok(plan)
    }

    /// Spells a name of karat's own, quoted.
    #[must_use]
    pub fn own(&self, name: &str, exact: bool) -> String {
        let upper = self.warehouse == Warehouse::Snowflake && !exact;
        identifier(&if upper { name.to_ascii_uppercase() } else { name.to_owned() })
    }

    /// Gives all columns of the target, in its order.
    #[must_use]
    pub fn all_columns(&self) -> Vec<&str> {
        let own = self.audit.iter().map(|audit| audit.name.as_str());
        self.columns.iter().map(|item| item.name.as_str()).chain(own).collect()
    }

    /// Gives the values of all columns, from the staging table `s`.
    #[must_use]
    pub fn all_values(&self) -> Vec<String> {
        let own = self.audit.iter().map(|audit| audit.value.clone());
        self.columns.iter().map(|item| item.value(self.warehouse)).chain(own).collect()
    }

    fn item_of(&self, column: &Column) -> Option<&Item<'a>> {
        self.columns.iter().find(|item| std::ptr::eq(item.column, column))
    }

    /// Finds the first column of days or moments that tells of the data, not of its load.
    fn first_moment(&self) -> Option<&'a Column> {
        let is_moment =
            |column: &&Column| matches!(column.data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz);
        let is_own = |column: &&Column| !column.name.eq_ignore_ascii_case("load_ts");
        self.table.columns.iter().filter(is_own).find(is_moment)
    }

    fn quoted(&self, columns: &[&Column]) -> Vec<String> {
        columns.iter().filter_map(|column| self.item_of(column)).map(|item| item.name.clone()).collect()
    }

    /// Redshift: how rows are spread over nodes and sorted.
    fn spread(&mut self, options: &Options) {
        let chosen = |entries: &[String]| -> Vec<&'a Column> {
            entries.iter().filter_map(|entry| column_of(self.table, entry)).collect()
        };
        let style = options.dist_key.iter().find(|entry| matches!(entry.as_str(), "even" | "all" | "auto"));
        let (by, dist_note) = match (chosen(&options.dist_key).first(), style, self.key.first()) {
            (Some(column), _, _) => (self.quoted(&[column]).pop(), "--dist-key".to_owned()),
            (None, Some(word), _) => (None, format!("--dist-key {word}")),
            (None, None, Some(first)) => (Some(first.clone()), "the primary key's first column; --dist-key".to_owned()),
            (None, None, None) => (None, "no primary key; --dist-key".to_owned()),
        };
        let dist = match (&by, style) {
            (Some(name), _) => format!("DISTSTYLE KEY DISTKEY ({name})"),
            (None, Some(word)) => format!("DISTSTYLE {}", word.to_ascii_uppercase()),
            (None, None) => "DISTSTYLE AUTO".to_owned(),
        };
        let sorted = chosen(&options.sort_key);
        let automatic = sorted.is_empty() && options.sort_key.iter().any(|entry| entry == "auto");
        let (sort, sort_note) = match (sorted.is_empty(), automatic, self.first_moment()) {
            (false, _, _) => (self.quoted(&sorted), "--sort-key"),
            (true, true, _) => (Vec::new(), "--sort-key auto"),
            (true, false, Some(column)) => (self.quoted(&[column]), "the first column of days or moments; --sort-key"),
            (true, false, None) if self.key.is_empty() => (Vec::new(), "neither a day nor a key; --sort-key"),
            (true, false, None) => (self.key.clone(), "the primary key, for want of a day; --sort-key"),
        };
        let spread = by.as_deref().map_or_else(|| dist.clone(), |name| format!("Distributed by {}", shown(name)));
        self.notes.push(format!("{spread} ({dist_note})."));
        for item in &mut self.columns {
            // A compressed sort key reads more blocks than it saves.
            item.encoding = if sort.contains(&item.name) { "RAW" } else { item.encoding };
        }
        let list = sort.join(", ");
        let (shown_sort, sort) = if sort.is_empty() {
            // What Redshift does where nothing is said.
            ("automatically".to_owned(), String::new())
        } else {
            (format!("by {}", shown(&list)), format!(" COMPOUND SORTKEY ({list})"))
        };
        self.notes.push(format!("Sorted {shown_sort} ({sort_note})."));
        self.stage_layout = format!(" {dist}");
        self.layout = format!(" {dist}{sort}");
        self.say_what_text_loses();
    }

    fn say_what_text_loses(&mut self) {
        let lone = self.columns.len() == 1;
        let names: Vec<String> =
            self.columns.iter().filter(|item| item.may_be_null_text()).map(|item| shown(&item.name)).collect();
        if !names.is_empty() && !lone {
            self.notes.push(format!(
                "NULL and the empty string: the guide does not say that COPY tells `\"\"` from nothing. \
                 An empty string may come as NULL in {}.",
                names.join(", ")
            ));
        }
        if self.columns.iter().any(|item| item.column.data_type == DataType::Binary) {
            self.notes
                .push("Bytes come as base64: TO_VARBYTE(…, 'base64') is newer than the guide of 2023.".to_owned());
        }
    }

    /// Snowflake: what rows are clustered by.
    fn cluster(&mut self, options: &Options) {
        if options.cluster_by.iter().any(|entry| entry == "none") {
            return;
        }
        let chosen: Vec<&Column> = options.cluster_by.iter().filter_map(|entry| column_of(self.table, entry)).collect();
        let (columns, why) = if chosen.is_empty() {
            (self.first_moment().into_iter().collect(), "the first column of days or moments; --cluster-by")
        } else {
            (chosen, "--cluster-by")
        };
        let expressions: Vec<String> = columns
            .iter()
            .filter_map(|column| self.item_of(column))
            .map(|item| match item.column.data_type {
                // Every moment would be a cluster of its own.
                DataType::Timestamp | DataType::TimestampTz => format!("TO_DATE({})", item.name),
                _ => item.name.clone(),
            })
            .collect();
        if expressions.is_empty() {
            self.notes.push("Not clustered: no column of days or moments; --cluster-by names others.".to_owned());
            return;
        }
        let list = expressions.join(", ");
        self.notes
            .push(format!("Clustered by {} ({why}; `none` for none: Snowflake bills reclustering).", shown(&list)));
        self.layout = format!(" CLUSTER BY ({list})");
    }
}

fn item<'a>(warehouse: Warehouse, table: &Table, column: &'a Column, name: &str, not_null: bool) -> Result<Item<'a>> {
    if let DataType::Decimal { scale: 38.., .. } = column.data_type {
        let shown = shown(&column.name);
        return Err(Error::usage(format!("{shown} has 38 places behind the point, and the warehouse takes 37")));
    }
    let (data_type, stage_type) = match warehouse {
        Warehouse::Redshift => {
            let text = || format!("VARCHAR({})", text_bytes(table, column));
            let own = Redshift.type_name(&column.data_type);
            match column.data_type {
                DataType::String => (text(), text()),
                // COPY reads hexadecimal digits; karat writes base64.
                DataType::Binary => (own, Redshift.type_name(&DataType::String)),
                _ => (own.clone(), own),
            }
        }
        Warehouse::Snowflake => {
            let own = Snowflake.type_name(&column.data_type);
            // COPY would keep the JSON as one string.
            let staged = if column.data_type.is_nested() { "VARCHAR".to_owned() } else { own.clone() };
            (own, staged)
        }
    };
    let encoding = encoding(&column.data_type);
    Ok(Item { name: identifier(name), column, not_null, data_type, stage_type, encoding })
}

/// Gives the compression that Redshift itself prefers for a type; ZSTD for text, as it needs no luck.
/// <https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html>
const fn encoding(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Bool | DataType::Float32 | DataType::Float64 => "RAW",
        DataType::String | DataType::Binary | DataType::List(_) | DataType::Struct(_) => "ZSTD",
        _ => "AZ64",
    }
}

/// Gives the most bytes that a clean text has: a letter takes four at most.
fn text_bytes(table: &Table, column: &Column) -> u64 {
    let of = |rule: &&crate::model::Rule| {
        let path = rule.columns.first();
        let here = path.is_some_and(|path| path.steps.is_empty() && path.text == column.name);
        here && rule.severity == Severity::Error && rule.condition.is_none()
    };
    let bytes = table.rules.iter().filter(of).filter_map(|rule| match &rule.check {
        Check::Cell(CellTest::Length { maximum: Some(letters), .. }) => Some(letters.saturating_mul(4)),
        Check::Cell(CellTest::OneOf { values, negated: false }) => values
            .iter()
            .map(|value| if let Literal::String(text) = value { Some(text.len() as u64) } else { None })
            .try_fold(0, |most: u64, bytes| Some(most.max(bytes?))),
        _ => None,
    });
    bytes.min().unwrap_or(TEXT_BYTES).clamp(1, TEXT_BYTES)
}

/// Gives the audit columns that the table lacks, and the name of the one with the load's id.
fn audit(warehouse: Warehouse, rule: &NameRule, names: &[String], load_id: &str) -> Result<(Vec<Audit>, String)> {
    let (id_type, ts_type, now) = match warehouse {
        Warehouse::Redshift => ("VARCHAR(64)", "TIMESTAMP", "GETDATE()"),
        Warehouse::Snowflake => ("VARCHAR(64)", "TIMESTAMP_LTZ(6)", "CURRENT_TIMESTAMP()"),
    };
    let id = format!("'{load_id}'");
    let (mut added, mut id_name) = (Vec::new(), String::new());
    for (name, data_type, value) in [("load_id", id_type, id.as_str()), ("load_ts", ts_type, now)] {
        let spelled = rule.spell(name)?;
        let there = names.iter().find(|other| other.eq_ignore_ascii_case(&spelled));
        let quoted = identifier(there.unwrap_or(&spelled));
        if name == "load_id" {
            id_name.clone_from(&quoted);
        }
        if there.is_none() {
            added.push(Audit { name: quoted, data_type, value: value.to_owned() });
        }
    }
    Ok((added, id_name))
}

fn key(table: &Table, columns: &[Item<'_>]) -> Vec<String> {
    let indices = table.primary_key.iter().flat_map(|key| &key.columns);
    let items: Vec<&Item<'_>> = indices.filter_map(|&index| columns.get(index)).collect();
    let comparable = items.iter().all(|item| is_ordered(&item.column.data_type));
    if comparable { items.iter().map(|item| item.name.clone()).collect() } else { Vec::new() }
}

/// Names the table of rows that a load takes away: the table's name and the load's id, within the limit.
fn old_name(warehouse: Warehouse, rule: &NameRule, table: &str, load_id: &str) -> String {
    let middle = if warehouse == Warehouse::Snowflake && rule.fold != crate::sql::scripts::names::Fold::Exact {
        "_OLD_"
    } else {
        "_old_"
    };
    let room = rule.limit.saturating_sub(middle.len() + load_id.len());
    identifier(&format!("{}{middle}{load_id}", cut(table, room)))
}
