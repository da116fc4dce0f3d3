//! Amazon Redshift: COPY by a manifest into a staging table, then all else in one transaction.
//!
//! TRUNCATE and ALTER TABLE APPEND commit on the spot there, so neither is used. MERGE takes no subquery and no alias of
//! its target. Keys are not enforced, NOT NULL is.
//! <https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html>

use crate::sql::scripts::options::Options;
use crate::sql::scripts::parts::Compression;
use crate::sql::scripts::plan::{Item, Plan};
use crate::sql::scripts::text::{Page, list, shown};
use crate::sql::scripts::{TableLoad, ddl, steps};

/// Writes the load script.
pub(super) fn load(plan: &Plan<'_>, load: &TableLoad<'_>, options: &Options, compression: Compression) -> String {
    let mut page = Page::default();
    head(&mut page, plan, load, options);
    ddl::schema(&mut page, plan);
    page.step("The table, the history of loads, and a staging table of this session.");
    page.run(&ddl::target(plan));
    page.run(&ddl::history(plan, options));
    page.run(&ddl::stage(plan));
    let copy = copy(plan, load.stem, options, compression);
    page.step("A rehearsal: reads every part, loads nothing.");
    page.run(&format!("{copy}\n  NOLOAD;"));
    page.step("From here on all or nothing; two runs at once wait for each other.");
    page.run("BEGIN;");
    page.run(&format!("LOCK {};", plan.history));
    steps::not_loaded_before(&mut page, plan, options);
    page.step("Every part of the manifest, or an error.");
    page.run(&format!("{copy};"));
    steps::staged_well(&mut page, plan, load.counts, options);
    if let Some(old) = &plan.old {
        page.step("A table for the rows that go.");
        page.run(&format!("CREATE TABLE {old} (LIKE {});", plan.target));
    }
    steps::keep_old(&mut page, plan, options.mode);
    steps::arrive(&mut page, plan, options.mode);
    steps::arrived_and_recorded(&mut page, plan, load, options);
    page.run("COMMIT;");
    page.step("Not part of the load.");
    page.run(&format!("DROP TABLE {};", plan.stage));
    page.run(&format!("ANALYZE {};", plan.target));
    page.text()
}

fn head(page: &mut Page, plan: &Plan<'_>, load: &TableLoad<'_>, options: &Options) {
    let name = shown(&load.table.name);
    page.say([
        format!("karat: load {} into {name} on Redshift, {}", options.load_id(), options.mode.name()),
        String::new(),
        "Before: the parts go to the stage, and the manifest beside this file:".to_owned(),
        format!("  aws s3 cp {}.manifest {}", load.stem, shown(&manifest_url(load.stem, options))),
        "Then run it so that it stops at the first error; nothing is loaded unless it comes to the end:".to_owned(),
        "  psql -v ON_ERROR_STOP=1 -f THIS-FILE".to_owned(),
    ]);
    let missing = [
        (options.stage.is_none(), "<bucket> and <prefix> (--stage)"),
        (options.iam_role.is_none(), "<account> and <role> (--iam-role)"),
        (options.load_id.is_none(), "<load_id> (--load-id)"),
    ];
    let missing: Vec<&str> = missing.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if !missing.is_empty() {
        page.say([format!("Fill in: {}.", missing.join(", "))]);
    }
    if options.region.is_none() {
        page.say(["The bucket is taken to be in the cluster's region (--region)."]);
    }
    page.say(&plan.notes);
    if let Some(old) = &plan.old {
        page.say([format!("Rows that go are kept in {}: drop it when the load has proved good.", shown(old))]);
    }
}

/// Gives the manifest's place on the stage. The load's id stands in it: the next load has another, and karat itself keeps
/// `<table>.manifest` where it loads into S3.
fn manifest_url(stem: &str, options: &Options) -> String {
    format!("{}/{stem}.{}.manifest", options.stage_url(), options.load_id())
}

/// COPY without its end, as `NOLOAD` may follow.
fn copy(plan: &Plan<'_>, stem: &str, options: &Options, compression: Compression) -> String {
    let columns: Vec<&str> = plan.columns.iter().map(|item| item.name.as_str()).collect();
    let role = match options.iam_role.as_deref() {
        Some("default") => "default".to_owned(),
        Some(arn) => format!("'{arn}'"),
        None => "'arn:aws:iam::<account>:role/<role>'".to_owned(),
    };
    let region = options.region.as_ref().map_or_else(String::new, |region| format!(" REGION '{region}'"));
    let compression = match compression {
        Compression::None => "",
        Compression::Gzip => " GZIP",
        Compression::Zstd => " ZSTD",
        Compression::Bzip2 => " BZIP2",
    };
    // karat writes ISO 8601, which `auto` knows and a pattern could not: the fraction may be missing.
    format!(
        "COPY {stage} ({columns})\n  FROM '{url}'\n  IAM_ROLE {role}{region}\n  MANIFEST{compression}\n  \
         FORMAT AS CSV DELIMITER AS ',' QUOTE AS '\"' IGNOREHEADER 1{null}\n  \
         DATEFORMAT 'auto' TIMEFORMAT 'auto' ENCODING UTF8 MAXERROR 0\n  COMPUPDATE OFF STATUPDATE OFF",
        stage = plan.stage,
        columns = list(&columns, "    "),
        url = manifest_url(stem, options),
        null = null(plan),
    )
}

/// How NULL is spelled in the parts. Without `NULL AS` it is `\N`, and a text `\N` that karat wrote would be lost.
fn null(plan: &Plan<'_>) -> &'static str {
    let empty_is_null = |item: &Item<'_>| item.may_be_null_text() || item.column.data_type.is_nested();
    match plan.columns.as_slice() {
        // The part's own spelling in a table of one column. (Two backslashes: one of them is the literal's.)
        [_] => r" NULL AS '\\N'",
        items if items.iter().any(empty_is_null) => " NULL AS ''",
        // Every text is NOT NULL, so an empty field is an empty string; other types take it for NULL by themselves.
        _ => "",
    }
}
