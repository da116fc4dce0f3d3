//! Presets: faults for any contract, by a name.

use crate::generate::faults::kind::{Act, FaultKind, Formats, Level, Needs};
use crate::generate::faults::kinds;
use crate::generate::faults::layout::Layout;
use crate::generate::faults::target::Target;
use crate::generate::random::Stream;
use crate::model::generation::Amount;
use crate::model::{Column, Contract, DataType, FaultSpec, Format, Table};

/// A mixture of faults.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    pub name: &'static str,
    /// What it plants, one line.
    pub doc: &'static str,
    /// The share of rows with a fault, over all its kinds.
    rate: f64,
    /// Whether a kind belongs to it.
    takes: fn(&FaultKind) -> bool,
}

/// All presets, sorted by name.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "csv",
        doc: "5 % of the rows: what breaks CSV records",
        rate: 0.05,
        takes: |kind| kind.level == Level::Csv && kind.is_by_row(),
    },
    Preset {
        name: "files",
        doc: "a fault of a whole file of each sort, each in one file",
        rate: 0.0,
        takes: |kind| matches!(kind.act, Act::File(_) | Act::Set(_)),
    },
    Preset { name: "heavy", doc: "20 % of the rows: all that falls on rows", rate: 0.2, takes: FaultKind::is_by_row },
    Preset {
        name: "json",
        doc: "5 % of the rows: what breaks JSON records",
        rate: 0.05,
        takes: |kind| kind.level == Level::Json,
    },
    Preset {
        name: "keys",
        doc: "2 % of the rows: duplicates, orphans and missing rows",
        rate: 0.02,
        takes: |kind| KEYS.contains(&kind.name),
    },
    Preset { name: "light", doc: "1 % of the rows: all that falls on rows", rate: 0.01, takes: FaultKind::is_by_row },
    Preset {
        name: "text",
        doc: "5 % of the rows: typos, blanks, encodings",
        rate: 0.05,
        takes: |kind| kind.level == Level::Text,
    },
    Preset {
        name: "values",
        doc: "5 % of the rows: missing, wrong and impossible values",
        rate: 0.05,
        takes: |kind| matches!(kind.level, Level::Value | Level::Time),
    },
];

const KEYS: &[&str] = &["dup_exact", "dup_key", "dup_case", "dup_near", "missing_row", "orphan_fk", "stale_version"];

/// Finds a preset by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

impl Preset {
    /// Gives the faults of the preset that fit the tables of a contract. Each kind falls on one column, one with a rule
    /// that notices it where there is any.
    #[must_use]
    pub fn faults(&self, contract: &Contract) -> Vec<FaultSpec> {
        contract.tables.iter().flat_map(|table| self.of_table(table)).collect()
    }

    fn of_table(&self, table: &Table) -> Vec<FaultSpec> {
        let paths = paths(table);
        let mut specs = Vec::new();
        for kind in kinds::all().filter(|kind| (self.takes)(kind) && fits(kind, table)) {
            let path = match kind.needs {
                Needs::Column => match column(kind, table, &paths) {
                    Some(path) => Some(path),
                    None => continue,
                },
                Needs::Any | Needs::Nothing => None,
            };
            specs.push(FaultSpec {
                id: format!("{}.{}.{}", self.name, table.name, kind.name),
                kind: kind.name.to_owned(),
                table: table.name.clone(),
                path,
                amount: Amount::Count(1),
                condition: None,
                burst: None,
                options: Vec::new(),
                place: (0, 0),
            });
        }
        #[expect(clippy::cast_precision_loss, reason = "there are few kinds")]
        let rate = self.rate / specs.len().max(1) as f64;
        for spec in specs.iter_mut().filter(|_| rate > 0.0) {
            spec.amount = Amount::Rate(rate);
        }
        specs
    }
}

fn fits(kind: &FaultKind, table: &Table) -> bool {
    let spec = &table.source;
    let formats = match kind.formats {
        Formats::Csv => spec.format == Format::Csv,
        Formats::Json => matches!(spec.format, Format::Ndjson | Format::Json),
        Formats::All => spec.format != Format::Parquet || !matches!(kind.act, Act::File(_)),
    };
    // What a table lacks for a kind that names no column.
    let has = match kind.name {
        "bare_quote" | "unclosed_quote" => spec.quote.is_some(),
        "header_missing" | "header_renamed" | "header_duplicated" | "header_reordered" | "schema_drift" => spec.header,
        "dup_case" => table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.iter().any(|column| table.columns[*column].data_type == DataType::String)),
        "stale_version" => table
            .columns
            .iter()
            .any(|column| matches!(column.data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz)),
        _ => true,
    };
    let whole = matches!(kind.act, Act::File(_)) && spec.format == Format::Json;
    // Files told by a value are known when their rows are.
    let by_value = table.generation.day.is_none() && !Layout::new(table).folders.is_empty();
    formats && has && !whole && (kind.is_by_row() || !by_value)
}

/// Picks the column a kind falls on.
fn column(kind: &FaultKind, table: &Table, paths: &[String]) -> Option<String> {
    let fit: Vec<Target> = paths
        .iter()
        .filter_map(|path| Target::new(table, path).ok())
        .filter(|target| (kind.fits)(target).is_ok())
        .collect();
    let typed = |target: &&Target| kind.catches.contains(&"type") && target.column.data_type != DataType::String;
    let noticed = |target: &&Target| typed(target) || target.rules.iter().any(|rule| kind.catches.contains(&rule.kind));
    let best: Vec<&Target> = fit.iter().filter(noticed).collect();
    let pool: Vec<&Target> = if best.is_empty() { fit.iter().collect() } else { best };
    let at = Stream::new(0, kind.name).below(0, pool.len() as u64);
    pool.get(usize::try_from(at).ok()?).map(|target| target.path.text.clone())
}

/// Lists the paths of a table that stand in its records.
fn paths(table: &Table) -> Vec<String> {
    fn walk(column: &Column, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        match &column.data_type {
            DataType::List(item) => walk(item, &format!("{path}[]"), found),
            DataType::Struct(fields) => {
                for field in fields {
                    walk(field, &format!("{path}.{}", field.name), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for column in Layout::new(table).inside {
        let column = &table.columns[column];
        walk(column, &column.name, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::faults::Planter;

    #[test]
    fn presets_can_be_planted_in_every_contract_at_hand() {
        assert!(PRESETS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let contracts = [
            include_str!("../../../rules/retail.yaml"),
            include_str!("../../../rules/claims.yaml"),
            include_str!("../../../rules/supplier.yaml"),
        ];
        for text in contracts {
            let contract = crate::contract::read(text);
            // Without an engine some contracts have expressions, which read all the same.
            let contract = contract.unwrap();
            for preset in PRESETS {
                let specs = preset.faults(&contract);
                for table in &contract.tables {
                    let planter = Planter::new(&contract, table, &specs, 10_000, 1);
                    assert!(planter.is_ok(), "{} {}: {}", preset.name, table.name, planter.unwrap_err());
                }
            }
            assert!(find("light").unwrap().faults(&contract).len() > 20);
        }
    }
}
