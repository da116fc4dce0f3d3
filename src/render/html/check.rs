//! The page of `check` and `load`: the verdict, each table with one row a rule, what broke together, the rejects.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::model::report::{PAIRS, Together};
use crate::model::{FileReport, Outcome, Place, Report, RuleReport, TableReport};
use crate::render::html::{fill, svg};
use crate::render::summary::{
    VALUE, count, finding, is_about_table, mark, position, rank, rules, severity, uri, value, version,
};
use crate::render::text::{clean, counted, share, thousands};

const TEMPLATE: &str = include_str!("check.html");

/// How many files of a table the page lists.
const FILES: usize = 50;

/// How many places a rule has at most.
const PLACES: usize = 5;

/// The outcomes by their class in the page, in the order of their rank.
const OUTCOMES: [Outcome; 4] = [Outcome::NotEvaluated, Outcome::Failed, Outcome::Warned, Outcome::Passed];

#[derive(Serialize)]
struct Page<'a> {
    contract: String,
    command: &'a str,
    verdict: Verdict,
    lead: String,
    meta: Vec<(&'static str, String)>,
    rejects: Option<RejectsView>,
    notes: Vec<String>,
    choices: Vec<Choice>,
    tables: Vec<TableView>,
    places_limit: usize,
    value_limit: usize,
}

#[derive(Serialize)]
struct Verdict {
    class: &'static str,
    mark: &'static str,
    word: &'static str,
}

#[derive(Serialize)]
struct Choice {
    class: &'static str,
    word: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct TableView {
    name: String,
    caption: String,
    split_bar: String,
    parts: Vec<Part>,
    files_summary: String,
    files: Vec<FileView>,
    more_files: Option<String>,
    rules: Vec<RuleView>,
    together: Vec<PairView>,
    together_note: String,
}

#[derive(Serialize)]
struct Part {
    class: &'static str,
    word: &'static str,
    count: String,
    share: String,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    records: String,
    bytes: String,
    framing: String,
    note: &'static str,
}

#[derive(Serialize)]
struct RuleView {
    id: String,
    anchor: String,
    class: &'static str,
    rank: u8,
    mark: &'static str,
    word: &'static str,
    brief: String,
    description: String,
    kind: String,
    code: String,
    severity: &'static str,
    finding: String,
    contract: String,
    columns: String,
    failures: u64,
    failed: String,
    share: String,
    share_bar: String,
    share_sort: String,
    known: String,
    unknown: String,
    first: String,
    first_sort: u64,
    places_caption: String,
    /// The places name other columns than the rule does.
    with_column: bool,
    /// The places say different things; else the caption says it once.
    with_message: bool,
    places: Vec<PlaceView>,
}

#[derive(Serialize)]
struct PlaceView {
    position: String,
    column: String,
    value: String,
    message: String,
    /// The parse code, where it is not the rule's own.
    code: String,
}

#[derive(Serialize)]
struct PairView {
    rules: [String; 2],
    anchors: [String; 2],
    records: u64,
    shown: String,
    shares: [String; 2],
    sorts: [f64; 2],
    bars: [String; 2],
}

/// Writes the page.
#[must_use]
pub fn render(report: &Report) -> String {
    let title = format!("karat {}: {} {}", report.command, clean(&report.contract), verdict(report).1);
    let anchors: BTreeMap<&str, String> =
        rules(report).enumerate().map(|(at, (_, rule))| (rule.id.as_str(), format!("rule-{}", at + 1))).collect();
    let tables: Vec<TableView> = report.tables.iter().map(|table| table_view(report, table, &anchors)).collect();
    let (sign, word) = verdict(report);
    let choices = OUTCOMES
        .into_iter()
        .map(|outcome| (outcome, count(report, outcome)))
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| Choice { class: class(outcome), word: mark(outcome).1, count })
        .collect();
    let page = Page {
        contract: clean(&report.contract),
        command: &report.command,
        verdict: Verdict { class: if report.passed { "passed" } else { "failed" }, mark: sign, word },
        lead: lead(report),
        meta: meta(report),
        rejects: rejects(report),
        notes: report.notes.iter().map(|note| clean(note)).collect(),
        choices,
        tables,
        places_limit: PLACES,
        value_limit: VALUE,
    };
    fill(TEMPLATE, &title, version(report), report, &page)
}

const fn verdict(report: &Report) -> (&'static str, &'static str) {
    if report.passed { ("✓", "PASSED") } else { ("✗", "FAILED") }
}

const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Warned => "warned",
        Outcome::Failed => "failed",
        Outcome::NotEvaluated => "unevaluated",
    }
}

fn lead(report: &Report) -> String {
    let sum = |part: fn(&TableReport) -> u64| report.tables.iter().map(part).sum::<u64>();
    let (records, rejected) = (sum(|table| table.records), sum(|table| table.rejected));
    let mut text =
        format!("{} read, {} rejected ({})", counted(records, "record"), thousands(rejected), share(rejected, records));
    if report.command == "load" {
        let loaded = sum(|table| table.loaded.unwrap_or(0));
        let loaded = if report.committed == Some(true) { thousands(loaded) } else { "nothing".to_owned() };
        let _ = write!(text, ", {loaded} loaded");
    }
    let broken = rules(report).filter(|(_, rule)| rule.outcome != Outcome::Passed).count() as u64;
    let all = counted(rules(report).count() as u64, "rule");
    text + &format!("; {} of {all} did not pass.", thousands(broken))
}

/// Gives what is known about the run as label and value.
fn meta(report: &Report) -> Vec<(&'static str, String)> {
    let mut items = Vec::new();
    if let Some(run) = &report.run {
        let file = run.contract_file.as_deref().map(clean);
        items.extend(file.map(|file| ("contract", file)));
        items.extend(run.target.as_deref().map(|target| ("target", clean(target))));
        items.extend(run.load_id.as_deref().map(|load| ("load", clean(load))));
        items.extend(run.baseline.as_deref().map(|file| ("baseline", clean(file))));
        if run.seconds > 0.0 {
            items.push(("started", run.started_at.chars().take(19).collect::<String>().replace('T', " ") + " UTC"));
            items.push(("took", format!("{:.1} s", run.seconds)));
        }
    }
    let bytes: u64 = report.tables.iter().flat_map(|table| &table.files).map(|file| file.bytes).sum();
    items.push(("bytes", thousands(bytes)));
    items.push(("contract SHA-256", report.contract_sha256.chars().take(12).collect()));
    items
}

#[derive(Serialize)]
struct RejectsView {
    text: String,
    href: String,
}

fn rejects(report: &Report) -> Option<RejectsView> {
    let run = report.run.as_ref()?;
    let folder = run.rejects.as_deref()?;
    let any = report.tables.iter().any(|table| table.rejected > 0);
    let href = run.rejects_link.as_deref().map(|link| uri(link) + "/").unwrap_or_default();
    any.then(|| RejectsView { text: clean(folder), href })
}

fn table_view(report: &Report, table: &TableReport, anchors: &BTreeMap<&str, String>) -> TableView {
    let clean_only = table.clean - table.warned.min(table.clean);
    let parts = [
        ("passed", "clean", clean_only),
        ("warned", "clean with warnings", table.warned),
        ("failed", "rejected", table.rejected),
    ];
    let mut ranked: Vec<&RuleReport> = table.rules.iter().collect();
    ranked.sort_by_key(|rule| (rank(rule.outcome), std::cmp::Reverse(rule.failures)));
    let more = table.files.len().saturating_sub(FILES) as u64;
    let capped = table.together.len() >= PAIRS;
    TableView {
        name: clean(&table.table),
        caption: format!(
            "{}, the worst first. Open a rule for its first places.",
            counted(table.rules.len() as u64, "rule")
        ),
        split_bar: svg::stack(&format!("Records of {}", table.table), &parts),
        parts: parts
            .into_iter()
            .filter(|(_, _, count)| *count > 0)
            .map(|(class, word, count)| Part {
                class,
                word,
                count: thousands(count),
                share: share(count, table.records),
            })
            .collect(),
        files_summary: files_summary(table),
        files: table.files.iter().take(FILES).map(file_view).collect(),
        more_files: (more > 0).then(|| counted(more, "more file")),
        rules: ranked.into_iter().map(|rule| rule_view(report, table, rule, anchors)).collect(),
        together: table.together.iter().map(|pair| pair_view(table, pair, anchors)).collect(),
        together_note: if capped { format!("The {PAIRS} pairs with most records.") } else { String::new() },
    }
}

fn files_summary(table: &TableReport) -> String {
    let skipped = table.files.iter().filter(|file| file.skipped).count() as u64;
    let bytes: u64 = table.files.iter().map(|file| file.bytes).sum();
    let mut text = format!(
        "{}, {}, {}",
        counted(table.files.len() as u64, "file"),
        counted(table.records, "record"),
        counted(bytes, "byte")
    );
    if skipped > 0 {
        let _ = write!(text, ", {} skipped", thousands(skipped));
    }
    text
}

fn file_view(file: &FileReport) -> FileView {
    FileView {
        path: crate::render::summary::shown_file(&file.path),
        records: thousands(file.records),
        bytes: thousands(file.bytes),
        framing: thousands(file.framing_bytes),
        note: if file.skipped { "loaded before" } else { "" },
    }
}

fn rule_view(report: &Report, table: &TableReport, rule: &RuleReport, anchors: &BTreeMap<&str, String>) -> RuleView {
    let (sign, word) = mark(rule.outcome);
    let has_share = !is_about_table(rule) && rule.outcome != Outcome::NotEvaluated && table.records > 0;
    let contract = report.run.as_ref().and_then(|run| run.contract_file.as_deref());
    let first = rule.places.first();
    let alike = |place: &Place| (place.message.clone(), place.code.clone());
    let with_message = first.is_some_and(|first| rule.places.iter().any(|place| alike(place) != alike(first)));
    RuleView {
        id: clean(&rule.id),
        anchor: anchors.get(rule.id.as_str()).cloned().unwrap_or_default(),
        class: class(rule.outcome),
        rank: rank(rule.outcome),
        mark: sign,
        word,
        brief: clean(&rule.brief),
        description: rule.description.as_deref().map(clean).unwrap_or_default(),
        kind: clean(&rule.kind),
        code: clean(&rule.code),
        severity: severity(rule.severity),
        finding: finding(table, rule),
        contract: contract.map(|file| format!("{}:{}", clean(file), rule.contract_line)).unwrap_or_default(),
        columns: clean(&rule.columns.join(", ")),
        failures: rule.failures,
        failed: if rule.outcome == Outcome::NotEvaluated { "?".to_owned() } else { thousands(rule.failures) },
        share: if has_share { share(rule.failures, table.records) } else { "–".to_owned() },
        share_bar: if has_share && rule.failures > 0 { svg::bar(rule.failures, table.records) } else { String::new() },
        share_sort: if has_share {
            format!("{:.6}", svg::ratio(rule.failures, table.records))
        } else {
            "-1".to_owned()
        },
        known: rule.known.map(|known| format!("holds {}", thousands(known))).unwrap_or_default(),
        unknown: if rule.unknown > 0 { counted(rule.unknown, "record") } else { String::new() },
        first: first.map(|place| first_place(table, place)).unwrap_or_default(),
        first_sort: first.map_or(u64::MAX, |place| place.offset),
        places_caption: places_caption(rule, with_message),
        with_column: rule.places.iter().any(|place| place.column.as_ref() != rule.columns.first()),
        with_message,
        places: rule.places.iter().map(|place| place_view(rule, place)).collect(),
    }
}

fn places_caption(rule: &RuleReport, with_message: bool) -> String {
    let shown = rule.places.len() as u64;
    let mut text = if rule.failures > shown {
        format!("The first {shown} of {}", thousands(rule.failures))
    } else {
        counted(shown, "place")
    };
    if let (false, Some(first)) = (with_message, rule.places.first()) {
        let _ = write!(text, ": {}", clean(&first.message));
        if first.code != rule.code {
            let _ = write!(text, " ({})", clean(&first.code));
        }
    }
    text
}

/// Says where a rule was broken first, in short; of a table with one file its name would say nothing.
fn first_place(table: &TableReport, place: &Place) -> String {
    match (&place.cell, place.line, table.files.len()) {
        (Some(cell), _, 1) => format!("line {}, column {}", cell.line, cell.column),
        (None, 0, 1) => format!("record {}", place.record),
        (None, line, 1) => format!("line {line}"),
        (_, line, _) => {
            let line = if line > 0 { format!("line {line}") } else { format!("record {}", place.record) };
            let end = place.file.rsplit('/').take(2).collect::<Vec<_>>();
            format!("{line}, {}", clean(&end.into_iter().rev().collect::<Vec<_>>().join("/")))
        }
    }
}

fn place_view(rule: &RuleReport, place: &Place) -> PlaceView {
    PlaceView {
        position: position(place),
        column: place.column.as_deref().map(clean).unwrap_or_default(),
        value: value(place).unwrap_or_default(),
        message: clean(&place.message),
        code: if place.code == rule.code { String::new() } else { clean(&place.code) },
    }
}

fn pair_view(table: &TableReport, pair: &Together, anchors: &BTreeMap<&str, String>) -> PairView {
    let failures = |id: &String| table.rules.iter().find(|rule| rule.id == *id).map_or(0, |rule| rule.failures);
    let each = pair.rules.each_ref().map(failures);
    PairView {
        rules: pair.rules.each_ref().map(|id| clean(id)),
        anchors: pair.rules.each_ref().map(|id| anchors.get(id.as_str()).cloned().unwrap_or_default()),
        records: pair.records,
        shown: thousands(pair.records),
        shares: each.map(|all| share(pair.records, all)),
        sorts: each.map(|all| svg::ratio(pair.records, all)),
        bars: each.map(|all| svg::bar(pair.records, all)),
    }
}
