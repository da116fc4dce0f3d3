//! Snowflake: parts to a stage, COPY into a table of the session, then all else in one transaction.
//!
//! Stage and staging table are temporary, so that a run that broke off leaves nothing and the next begins anew: COPY
//! remembers the files of a table, and this table is new. DDL commits there, so none stands in the transaction.
//! <https://docs.snowflake.com/en/sql-reference/sql/copy-into-table>

use crate::model::Result;
use crate::sql::identifier;
use crate::sql::scripts::options::{Options, Stage};
use crate::sql::scripts::parts::{Compression, Part};
use crate::sql::scripts::plan::Plan;
use crate::sql::scripts::text::{Page, list, literal, shown};
use crate::sql::scripts::{TableLoad, ddl, steps};

/// COPY takes so many names at once.
const NAMES: usize = 1000;

/// Writes the load script.
///
/// # Errors
/// A usage error where a part is a whole URL: a stage has paths.
pub(super) fn load(
    plan: &Plan<'_>,
    load: &TableLoad<'_>,
    options: &Options,
    compression: Compression,
) -> Result<String> {
    if let Some(part) = load.parts.iter().find(|part| part.is_url()) {
        return Err(crate::model::Error::usage(format!("the part {} is a whole URL", shown(&part.name)))
            .hint("give --stage the URL of the folder, and the part's name below it"));
    }
    let mut page = Page::default();
    head(&mut page, plan, load, options);
    ddl::schema(&mut page, plan);
    page.step("The table, and the history of loads.");
    page.run(&ddl::target(plan));
    page.run(&ddl::history(plan, options));
    steps::not_loaded_before(&mut page, plan, options);
    let stage = stage(&mut page, plan, load, options);
    page.step("A table of this session for the rows as they come.");
    page.run(&ddl::stage(plan));
    page.step("A rehearsal: lists what would fail, loads nothing.");
    for copy in copies(plan, load.parts, &stage, compression) {
        page.run(&format!("{copy}\n  VALIDATION_MODE = RETURN_ERRORS;"));
    }
    page.step("Every part, or an error.");
    for copy in copies(plan, load.parts, &stage, compression) {
        page.run(&format!("{copy}\n  ON_ERROR = ABORT_STATEMENT PURGE = FALSE;"));
    }
    steps::staged_well(&mut page, plan, load.counts, options);
    if let Some(old) = &plan.old {
        page.step("A table for the rows that go: DDL commits, so it stands before the transaction.");
        page.run(&format!("CREATE TABLE IF NOT EXISTS {old} LIKE {};", plan.target));
    }
    page.step("From here on all or nothing.");
    page.run("BEGIN;");
    steps::not_loaded_before(&mut page, plan, options);
    if let Some(old) = &plan.old {
        page.step("What a run that broke off may have left.");
        page.run(&format!("DELETE FROM {old};"));
    }
    steps::keep_old(&mut page, plan, options.mode);
    steps::arrive(&mut page, plan, options.mode);
    steps::arrived_and_recorded(&mut page, plan, load, options);
    page.run("COMMIT;");
    page.step("Not part of the load.");
    page.run(&format!("DROP TABLE {};", plan.stage));
    Ok(page.text())
}

fn head(page: &mut Page, plan: &Plan<'_>, load: &TableLoad<'_>, options: &Options) {
    let name = shown(&load.table.name);
    page.say([
        format!("karat: load {} into {name} on Snowflake, {}", options.load_id(), options.mode.name()),
        String::new(),
        "Run it so that it stops at the first error, and never twice at the same time:".to_owned(),
        "  snowsql -o exit_on_error=true -o variable_substitution=false -f THIS-FILE".to_owned(),
        "The table changes only if it comes to the end.".to_owned(),
    ]);
    let external = matches!(options.stage, Some(Stage::Url(_)));
    let distant = options.stage.is_none() && load.parts.iter().any(|part| part.local.is_none());
    let missing = [
        (external && options.storage_integration.is_none(), "<integration> (--storage-integration)"),
        (options.load_id.is_none(), "<load_id> (--load-id)"),
        (distant, "<folder>, where the parts stand"),
    ];
    let missing: Vec<&str> = missing.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if !missing.is_empty() {
        page.say([format!("Fill in: {}.", missing.join(", "))]);
    }
    page.say(&plan.notes);
    if let Some(old) = &plan.old {
        page.say([format!("Rows that go are kept in {}: drop it when the load has proved good.", shown(old))]);
    }
}

/// The stage that a script makes for its session. It needs no quotes, as no reference to a stage takes them gladly.
const STAGE: &str = "KARAT_PARTS";

/// Makes the stage, if none is named, and gives its reference.
fn stage(page: &mut Page, plan: &Plan<'_>, load: &TableLoad<'_>, options: &Options) -> String {
    match &options.stage {
        Some(Stage::Named { names, path }) => {
            let path = if path.is_empty() { String::new() } else { format!("{path}/") };
            return reference(&names.join("."), &path);
        }
        Some(Stage::Url(url)) => {
            let integration = options.storage_integration.as_deref().unwrap_or("<integration>");
            let integration = options.names(plan.warehouse).spell(integration).unwrap_or_default();
            page.step("The parts are in the bucket already.");
            page.run(&format!(
                "CREATE OR REPLACE TEMPORARY STAGE {STAGE}\n  URL = '{url}/'\n  STORAGE_INTEGRATION = {};",
                identifier(&integration)
            ));
        }
        None => {
            page.step("A stage of this session, and the parts.");
            page.run(&format!("CREATE OR REPLACE TEMPORARY STAGE {STAGE};"));
            for part in load.parts {
                let folder = part.name.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"));
                let local = part.local.clone().unwrap_or_else(|| format!("<folder>/{}", part.name));
                page.run(&format!(
                    "PUT {} {} AUTO_COMPRESS = FALSE OVERWRITE = TRUE;",
                    literal(&format!("file://{local}")),
                    reference(STAGE, &folder)
                ));
            }
        }
    }
    reference(STAGE, "")
}

/// Writes a reference to a path of a stage, in quotes where a letter wants them.
fn reference(stage: &str, path: &str) -> String {
    let text = format!("@{stage}/{path}");
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    if plain { text } else { literal(&text) }
}

/// COPY without its end, as often as the names want it.
fn copies(plan: &Plan<'_>, parts: &[Part], stage: &str, compression: Compression) -> Vec<String> {
    let columns: Vec<&str> = plan.columns.iter().map(|item| item.name.as_str()).collect();
    let columns = list(&columns, "    ");
    let compression = match compression {
        Compression::None => "NONE",
        Compression::Gzip => "GZIP",
        Compression::Zstd => "ZSTD",
        Compression::Bzip2 => "BZ2",
    };
    // NULL_IF would also take quoted text, and by itself it is `\N`.
    let null_if = if plan.columns.len() == 1 { r"('\\N')" } else { "()" };
    let copy = |names: &[Part]| {
        let names: Vec<String> = names.iter().map(|part| literal(&part.name)).collect();
        format!(
            "COPY INTO {table} ({columns})\n  FROM {stage}\n  FILES = ({names})\n  FILE_FORMAT = (TYPE = CSV COMPRESSION = \
             {compression} FIELD_DELIMITER = ',' RECORD_DELIMITER = '\\n'\n    SKIP_HEADER = 1 \
             FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE = NONE ESCAPE_UNENCLOSED_FIELD = NONE\n    NULL_IF = {null_if} \
             EMPTY_FIELD_AS_NULL = TRUE TRIM_SPACE = FALSE\n    ERROR_ON_COLUMN_COUNT_MISMATCH = TRUE \
             REPLACE_INVALID_CHARACTERS = FALSE ENCODING = 'UTF8'\n    BINARY_FORMAT = BASE64 DATE_FORMAT = AUTO \
             TIME_FORMAT = AUTO TIMESTAMP_FORMAT = AUTO)",
            table = plan.stage,
            names = list(&names, "    "),
        )
    };
    parts.chunks(NAMES).map(copy).collect()
}
