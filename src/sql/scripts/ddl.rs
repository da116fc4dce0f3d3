//! Tables: CREATE TABLE of a contract's table, of the staging table and of the history.

use crate::model::{Contract, Result};
use crate::sql::scripts::options::{Options, Warehouse};
use crate::sql::scripts::plan::Plan;
use crate::sql::scripts::text::{Page, shown};

/// Writes CREATE TABLE of every table of a contract, as the load scripts make them.
///
/// # Errors
/// A usage error where the warehouse cannot hold a name or a type.
pub fn tables(contract: &Contract, warehouse: Warehouse, options: &Options) -> Result<String> {
    super::check(contract, warehouse, options)?;
    let mut page = Page::default();
    page.say([format!("karat: the tables of {}", shown(&contract.name))]);
    for (index, table) in contract.tables.iter().enumerate() {
        let plan = Plan::new(warehouse, table, options)?;
        if index == 0 {
            schema(&mut page, &plan);
        }
        page.step(&shown(&table.name));
        page.say(&plan.notes);
        page.run(&target(&plan));
    }
    Ok(page.text())
}

/// Makes the schema that was named the one of all statements.
pub(super) fn schema(page: &mut Page, plan: &Plan<'_>) {
    let Some(schema) = &plan.schema else { return };
    page.run(&format!("\nCREATE SCHEMA IF NOT EXISTS {schema};"));
    page.run(&match plan.warehouse {
        Warehouse::Redshift => format!("SET search_path TO {schema};"),
        Warehouse::Snowflake => format!("USE SCHEMA {schema};"),
    });
}

/// CREATE TABLE of the target.
pub(super) fn target(plan: &Plan<'_>) -> String {
    let encode = |encoding: &str| match plan.warehouse {
        Warehouse::Redshift => format!(" ENCODE {encoding}"),
        Warehouse::Snowflake => String::new(),
    };
    let null = |not_null: bool| if not_null { " NOT NULL" } else { "" };
    let own = plan
        .columns
        .iter()
        .map(|item| format!("{} {}{}{}", item.name, item.data_type, null(item.not_null), encode(item.encoding)));
    let audit = plan.audit.iter().map(|audit| {
        // Rows that came before the first script have neither.
        let encoding = if audit.data_type.starts_with("VARCHAR") { "ZSTD" } else { "AZ64" };
        format!("{} {}{}", audit.name, audit.data_type, encode(encoding))
    });
    let mut lines: Vec<String> = own.chain(audit).collect();
    if !plan.key.is_empty() {
        // Neither warehouse enforces it: the checks of the script do.
        lines.push(format!("PRIMARY KEY ({})", plan.key.join(", ")));
    }
    format!("CREATE TABLE IF NOT EXISTS {} (\n  {}\n){};", plan.target, lines.join(",\n  "), plan.layout)
}

/// CREATE TABLE of what COPY fills: for this session, so that a script that broke off leaves nothing.
pub(super) fn stage(plan: &Plan<'_>) -> String {
    let line = |item: &super::plan::Item<'_>| {
        format!("{} {}{}", item.name, item.stage_type, if item.not_null { " NOT NULL" } else { "" })
    };
    let lines: Vec<String> = plan.columns.iter().map(line).collect();
    let create = match plan.warehouse {
        Warehouse::Redshift => "CREATE TEMPORARY TABLE",
        Warehouse::Snowflake => "CREATE OR REPLACE TEMPORARY TABLE",
    };
    format!("{create} {} (\n  {}\n){};", plan.stage, lines.join(",\n  "), plan.stage_layout)
}

/// CREATE TABLE of the history: one row a load and table.
pub(super) fn history(plan: &Plan<'_>, options: &Options) -> String {
    let (count, moment) = match plan.warehouse {
        Warehouse::Redshift => ("BIGINT", "TIMESTAMP"),
        Warehouse::Snowflake => ("NUMBER(19,0)", "TIMESTAMP_LTZ(6)"),
    };
    let columns = [
        ("load_id", "VARCHAR(64) NOT NULL"),
        ("table_name", "VARCHAR(1024) NOT NULL"),
        ("mode", "VARCHAR(8) NOT NULL"),
        ("files", count),
        ("rows_loaded", count),
        ("rows_rejected", count),
        ("contract_sha256", "VARCHAR(64)"),
        ("load_ts", moment),
    ];
    let line = |(name, data_type): &(&str, &str)| format!("{} {data_type}", plan.own(name, options.exact_names));
    let lines: Vec<String> = columns.iter().map(line).collect();
    format!("CREATE TABLE IF NOT EXISTS {} (\n  {}\n);", plan.history, lines.join(",\n  "))
}
