//! How many rows each table has.

use crate::generate::generator::Options;
use crate::generate::grid::exact;
use crate::generate::plan::Problems;
use crate::model::check::Bounds;
use crate::model::generation::Rows;
use crate::model::{Check, Contract, Literal, Table, TableTest};

/// The most rows of a table.
const MOST: u64 = 1 << 60;

/// Gives the rows of each table, contract order.
pub fn counts(contract: &Contract, options: &Options, problems: &mut Problems) -> Vec<u64> {
    for (name, _) in &options.rows {
        if contract.table(name).is_none() {
            problems.add(format!("rows are asked for the table `{name}`, which the contract does not have"));
        }
    }
    let count = |table: &Table, problems: &mut Problems| {
        let rows = resolve(contract, table, options, contract.tables.len()).unwrap_or_else(|why| {
            problems.add(format!("the rows of `{}` cannot be counted: {why}", table.name));
            Some(0)
        });
        within_rules(table, rows, options.default_rows, problems)
    };
    contract.tables.iter().map(|table| count(table, problems)).collect()
}

/// Gives the rows that the command line or the contract asks for.
fn resolve(contract: &Contract, table: &Table, options: &Options, depth: usize) -> Result<Option<u64>, String> {
    if let Some((_, rows)) = options.rows.iter().find(|(name, _)| *name == table.name) {
        return Ok(Some(*rows));
    }
    match &table.generation.rows {
        None => Ok(None),
        Some(Rows::Fixed(rows)) => Ok(Some(*rows)),
        Some(Rows::Count(rows)) => scaled(*rows, options.scale).map(Some),
        Some(Rows::Per { table: of, factor }) => {
            let parent = contract.table(of).ok_or_else(|| format!("there is no table `{of}`"))?;
            if depth == 0 {
                return Err(format!("the tables `{}` and `{of}` count each other", table.name));
            }
            let rows = resolve(contract, parent, options, depth - 1)?;
            let rows = within_rules(parent, rows, options.default_rows, &mut Problems::default());
            scaled(rows, *factor).map(Some)
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product was checked, and counts below 2^53 are exact"
)]
fn scaled(rows: u64, factor: f64) -> Result<u64, String> {
    let product = libm::floor(rows as f64 * factor);
    if !product.is_finite() || product < 0.0 || product > MOST as f64 {
        let factor = if factor < 1e15 { factor.to_string() } else { format!("{factor:e}") };
        return Err(format!("{rows} times {factor} is no number of rows"));
    }
    Ok(product as u64)
}

/// Holds rows against `row_count`: a default follows it, a wish must keep it.
fn within_rules(table: &Table, asked: Option<u64>, default: u64, problems: &mut Problems) -> u64 {
    let mut rows = asked.unwrap_or(default);
    for rule in &table.rules {
        let Check::Table(TableTest::RowCount(bounds)) = &rule.check else { continue };
        if rule.condition.is_some() {
            continue;
        }
        let (least, most) = whole_range(bounds);
        if asked.is_none() {
            rows = rows.clamp(least.min(most), most.max(least));
        }
        if rows < least || rows > most {
            problems.rule(rule, format!("{rows} rows are asked for"));
        }
    }
    if rows > MOST {
        problems.add(format!("`{}` cannot have {rows} rows; the most are {MOST}", table.name));
        rows = 0;
    }
    rows
}

/// Gives the whole numbers within bounds, inclusive.
pub fn whole_range(bounds: &Bounds) -> (u64, u64) {
    let at = |literal: &Option<Literal>| {
        literal.as_ref().and_then(exact).map(|(value, scale)| {
            let cut = crate::generate::grid::rescale(value, scale, 0);
            (cut.floor, cut.exact)
        })
    };
    let whole = |value: i128| u64::try_from(value.max(0)).unwrap_or(u64::MAX);
    let least = at(&bounds.minimum).map(|(floor, exact)| if exact { floor } else { floor.saturating_add(1) });
    let above = at(&bounds.exclusive_minimum).map(|(floor, _)| floor.saturating_add(1));
    let most = at(&bounds.maximum).map(|(floor, _)| floor);
    let below = at(&bounds.exclusive_maximum).map(|(floor, exact)| if exact { floor.saturating_sub(1) } else { floor });
    let least = least.unwrap_or(0).max(above.unwrap_or(0));
    let most = most.unwrap_or(i128::MAX).min(below.unwrap_or(i128::MAX));
    (whole(least), whole(most))
}
