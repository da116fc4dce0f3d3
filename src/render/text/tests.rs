//! The text of reports: what stands where, and that it fits.

use crate::model::Severity;
use crate::model::report::SCHEMA;
use crate::render::text::*;

#[test]
fn numbers_read_well() {
    assert_eq!(thousands(0), "0");
    assert_eq!(thousands(999), "999");
    assert_eq!(thousands(1_234_567), "1,234,567");
    assert_eq!(share(1, 1_000_000), "<0.01%");
    assert_eq!(share(5, 100), "5.00%");
}

#[test]
fn values_cannot_speak_to_the_terminal() {
    assert_eq!(clean("a\x1b[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
    for hidden in ["\u{85}", "\u{9b}", "\u{61c}", "\u{2028}", "\u{2067}", "\u{e0041}"] {
        assert!(clean(hidden).starts_with("\\u{"), "{hidden:?}");
    }
}

#[test]
fn lines_fit() {
    let text = wrap(&format!("  {}", "word ".repeat(40).trim_end()), 50, 4);
    assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
}

fn rule(id: &str, code: &str, outcome: Outcome, failures: u64) -> RuleReport {
    RuleReport {
        id: id.to_owned(),
        kind: "kind".to_owned(),
        code: code.to_owned(),
        severity: Severity::Error,
        brief: "what must hold".to_owned(),
        outcome,
        failures,
        ..RuleReport::default()
    }
}

fn place(code: &str, value: &str, message: &str) -> Place {
    let (column, value) = (Some("name".to_owned()), Some(value.to_owned()));
    let (file, code, message) = ("-".to_owned(), code.to_owned(), message.to_owned());
    Place { file, record: 1, line: 2, offset: 9, code, column, value, message, ..Place::default() }
}

fn report(rules: Vec<RuleReport>) -> Report {
    let table = TableReport {
        table: "t".to_owned(),
        records: 4,
        clean: 3,
        rejected: 1,
        loaded: Some(3),
        rules,
        ..TableReport::default()
    };
    Report {
        schema: SCHEMA.to_owned(),
        command: "load".to_owned(),
        contract: "shop".to_owned(),
        contract_sha256: String::new(),
        passed: false,
        committed: Some(true),
        tables: vec![table],
        notes: Vec::new(),
        run: Some(RunReport {
            karat_version: "0".to_owned(),
            started_at: String::new(),
            seconds: 1.0,
            threads: 1,
            target: Some("shop.duckdb".to_owned()),
            load_id: Some("L1".to_owned()),
            rejects: Some("rejects".to_owned()),
            ..RunReport::default()
        }),
    }
}

#[test]
fn a_load_says_where_rows_and_rejects_went() {
    let mut required = rule("t.name.required", "R101", Outcome::Failed, 1);
    required.places = vec![place("R101", "***", "is missing")];
    let mut sum = rule("t.sum", "T304", Outcome::Failed, 1);
    (sum.observed, sum.note) = (Some("7".to_owned()), Some("7 is above the maximum 5".to_owned()));
    let lost = rule("t.other.type", "R100", Outcome::NotEvaluated, 0);
    let text = plain(&report(vec![required, sum, lost]));
    let (_, rules) = text.split_once("\n\nt: ").unwrap();
    assert_eq!(
        rules,
        "2 of 3 rules broken, 1 not evaluated
 ✗ FAILED t.name.required  1 (25.00%)
     R101 what must hold
     standard input line 2, byte 9: name is missing
 ✗ FAILED t.sum
     T304 what must hold
     7 is above the maximum 5
 ? NOT EVALUATED t.other.type
     R100 what must hold

loaded 3 rows into shop.duckdb (load L1)
kept 1 reject with reasons in rejects

Done. PASS=0 WARN=0 FAIL=2 NOT_EVALUATED=1 records=4 rejects=1 in 1.0 s
"
    );
}

#[test]
fn what_is_missing_shows_its_spelling_only() {
    assert!(one_place(&place("R101", "NA", "is missing")).ends_with("name \"NA\" is missing"));
    assert!(one_place(&place("R101", "", "is missing")).ends_with(": name is missing"));
    assert!(one_place(&place("R111", "", "is short")).ends_with("name \"\" is short"));
}

#[test]
fn colour_ends_with_its_line() {
    let mut long = rule("t.name.pattern", "R109", Outcome::Failed, 1);
    long.places = vec![place("R109", &"word ".repeat(30), "does not match")];
    let text = render(&report(vec![long]), Style { color: true, width: 60, verbose: false });
    for line in text.lines() {
        assert_eq!(line.matches("\x1b[").count() % 2, 0, "{line:?}");
    }
}
