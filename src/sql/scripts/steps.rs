//! Steps: the statements that both warehouses share, from the checks to the history.

use crate::sql::scripts::options::{Mode, Options, Warehouse};
use crate::sql::scripts::plan::Plan;
use crate::sql::scripts::text::{Page, demand, list, literal};
use crate::sql::scripts::{Counts, TableLoad};

/// Gives the history's row of this load, as a WHERE clause.
pub(super) fn this_load(plan: &Plan<'_>, options: &Options) -> String {
    let [id, table] = ["load_id", "table_name"].map(|name| plan.own(name, options.exact_names));
    let name = literal(&plan.table.name);
    format!("{} WHERE {id} = '{}' AND {table} = {name}", plan.history, options.load_id())
}

/// Stops where the load was done before.
pub(super) fn not_loaded_before(page: &mut Page, plan: &Plan<'_>, options: &Options) {
    page.step("Stops where this load was done before.");
    let why = format!("load {} was loaded before ({{}} times)", options.load_id());
    page.run(&demand("COUNT(*) = 0", &why, &this_load(plan, options)));
}

/// Stops where the stage does not hold the rows expected, or a key twice, or (append) a key of the table.
pub(super) fn staged_well(page: &mut Page, plan: &Plan<'_>, counts: Option<Counts>, options: &Options) {
    if let Some(counts) = counts {
        page.step("Stops where other rows were staged than karat's report says.");
        let loaded = counts.loaded;
        let why = format!("{loaded} rows expected, {{}} staged");
        page.run(&demand(&format!("COUNT(*) = {loaded}"), &why, &plan.stage));
    } else {
        page.step("How many rows were staged: compare it with karat's report (--report writes the check).");
        page.run(&format!("SELECT COUNT(*) FROM {};", plan.stage));
    }
    if plan.audit.iter().all(|audit| audit.name != plan.load_id) {
        let id = options.load_id();
        page.step("Stops where a row is not of this load: the contract's own column says which.");
        let others = format!("{} WHERE {load} IS NULL OR {load} <> '{id}'", plan.stage, load = plan.load_id);
        page.run(&demand("COUNT(*) = 0", &format!("{{}} rows of the parts carry another load id than {id}"), &others));
    }
    if plan.key.is_empty() {
        return;
    }
    let keys = plan.key.join(", ");
    page.step("Stops where a key stands twice: the warehouse does not enforce it.");
    let repeated = format!("(SELECT {keys} FROM {} GROUP BY {keys} HAVING COUNT(*) > 1) AS karat_repeated", plan.stage);
    page.run(&demand("COUNT(*) = 0", "{} keys stand more than once in the parts", &repeated));
    if options.mode == Mode::Append {
        page.step("Stops where a key is in the table already.");
        let both = format!("{} AS s\nJOIN {} AS t ON {}", plan.stage, plan.target, same_key(plan, "t"));
        page.run(&demand("COUNT(*) = 0", "{} keys are in the table already", &both));
    }
}

fn same_key(plan: &Plan<'_>, target: &str) -> String {
    let pairs: Vec<String> = plan.key.iter().map(|key| format!("{target}.{key} = s.{key}")).collect();
    pairs.join(" AND ")
}

/// Keeps the rows that the load takes away.
pub(super) fn keep_old(page: &mut Page, plan: &Plan<'_>, mode: Mode) {
    let Some(old) = &plan.old else { return };
    let columns = plan.all_columns();
    let names = list(&columns, "  ");
    page.step("Keeps the rows that this load takes away, for the rollback.");
    let from = match mode {
        Mode::Upsert => format!("{} AS t JOIN {} AS s ON {}", plan.target, plan.stage, same_key(plan, "t")),
        _ => format!("{} AS t", plan.target),
    };
    let values: Vec<String> = columns.iter().map(|name| format!("t.{name}")).collect();
    page.run(&format!("INSERT INTO {old} ({names})\nSELECT {}\nFROM {from};", list(&values, "  ")));
}

/// Moves the staged rows into the table.
pub(super) fn arrive(page: &mut Page, plan: &Plan<'_>, mode: Mode) {
    let (columns, values) = (plan.all_columns(), plan.all_values());
    let names = list(&columns, "  ");
    let values_list = list(&values, "  ");
    match mode {
        Mode::Upsert => {
            let sets: Vec<String> =
                columns.iter().zip(&values).map(|(name, value)| format!("{name} = {value}")).collect();
            page.step("Instead of the rows with the same key, else beside.");
            page.run(&format!(
                "MERGE INTO {target}\nUSING {stage} AS s ON {same}\nWHEN MATCHED THEN UPDATE SET {sets}\n\
                 WHEN NOT MATCHED THEN INSERT ({names})\n  VALUES ({values_list});",
                target = plan.target,
                stage = plan.stage,
                same = same_key(plan, &plan.target),
                sets = list(&sets, "  "),
            ));
        }
        Mode::Append | Mode::Replace => {
            if mode == Mode::Replace {
                // TRUNCATE would commit on the spot.
                page.step("Instead of all rows that are there.");
                page.run(&format!("DELETE FROM {};", plan.target));
            } else {
                page.step("Beside the rows that are there.");
            }
            page.run(&format!(
                "INSERT INTO {} ({names})\nSELECT {values_list}\nFROM {} AS s;",
                plan.target, plan.stage
            ));
        }
    }
}

/// Stops where not every staged row arrived; then writes the history.
pub(super) fn arrived_and_recorded(page: &mut Page, plan: &Plan<'_>, load: &TableLoad<'_>, options: &Options) {
    page.step("Stops where the table does not hold every staged row under this load's id.");
    let here = format!("{} WHERE {} = '{}'", plan.target, plan.load_id, options.load_id());
    let all = format!("COUNT(*) = (SELECT COUNT(*) FROM {})", plan.stage);
    page.run(&demand(&all, "{} rows of this load arrived, not as many as were staged", &here));
    let names =
        ["load_id", "table_name", "mode", "files", "rows_loaded", "rows_rejected", "contract_sha256", "load_ts"];
    let names = list(&names.map(|name| plan.own(name, options.exact_names)), "  ");
    let (count, now) = match plan.warehouse {
        Warehouse::Redshift => ("BIGINT", "GETDATE()"),
        Warehouse::Snowflake => ("NUMBER(19,0)", "CURRENT_TIMESTAMP()"),
    };
    let rejected = load.counts.map_or_else(|| format!("CAST(NULL AS {count})"), |counts| counts.rejected.to_string());
    page.step("The history: one row a load and table.");
    page.run(&format!(
        "INSERT INTO {history} ({names})\nSELECT '{id}', {table}, '{mode}', {files}, COUNT(*), {rejected}, '{sha256}', {now}\n\
         FROM {stage};",
        history = plan.history,
        id = options.load_id(),
        table = literal(&plan.table.name),
        mode = options.mode.name(),
        files = load.parts.len(),
        sha256 = options.contract_sha256,
        stage = plan.stage,
    ));
}
