//! The papers say what the program says. `KARAT_BLESS=1` rewrites the generated parts.

use std::fs;
use std::path::PathBuf;

use crate::support::project;

const START: &str = "<!-- generated: karat rules --markdown -->\n";
const END: &str = "<!-- end -->";

fn compare(path: &PathBuf, now: &str) {
    if std::env::var_os("KARAT_BLESS").is_some() {
        fs::write(path, now).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(stored == now, "{} is stale: run with KARAT_BLESS=1", path.display());
}

#[test]
fn the_readme_lists_the_rule_kinds() {
    let path = project().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once(START).expect("the README marks the table");
    let (_, tail) = rest.split_once(END).expect("the README marks the table's end");
    compare(&path, &format!("{head}{START}{}{END}{tail}", karat::rule::table_markdown()));
}

#[test]
fn the_contract_reference_is_fresh() {
    compare(&project().join("docs/contract.md"), &karat::contract::reference::markdown());
}

#[test]
fn the_page_on_making_data_lists_the_providers() {
    const START: &str = "<!-- generated: providers -->\n";
    let path = project().join("docs/generate.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(START).expect("the page marks the table");
    let (_, tail) = rest.split_once(END).expect("the page marks the table's end");
    let line = |(name, line): (&str, &str)| format!("| `{name}` | {line} |\n");
    let rows: String = karat::generate::providers::all().into_iter().map(line).collect();
    compare(&path, &format!("{head}{START}| provider | values |\n|---|---|\n{rows}{END}{tail}"));
}

#[test]
fn the_fault_reference_is_fresh() {
    compare(&project().join("docs/faults.md"), &karat::generate::faults::reference::markdown());
}

#[test]
fn codes_are_never_reused() {
    let kinds = karat::rule::kinds::KINDS.iter().map(|kind| format!("{} {}\n", kind.code, kind.name));
    let parse = karat::model::ParseCode::ALL.iter().map(|code| format!("{} {}\n", code.code(), code.title()));
    let contract = karat::rule::CONTRACT_CODES.iter().map(|(code, title)| format!("{code} {title}\n"));
    let refusal = std::iter::once(format!("{} {}\n", karat::model::refusal::CODE, karat::model::refusal::TITLE));
    let mut lines: Vec<String> = kinds.chain(parse).chain(contract).chain(refusal).collect();
    lines.sort();
    let codes: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "a code stands twice");
    compare(&project().join("fixtures/codes.txt"), &lines.concat());
}

#[test]
fn the_architecture_names_real_files() {
    let page = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    for word in page.split('`').skip(1).step_by(2) {
        let looks_like_path = word.contains('/') && (word.ends_with(".rs") || word.ends_with('/'));
        if looks_like_path && !word.contains('<') {
            let here = project().join(word).exists() || project().join("src").join(word).exists();
            assert!(here, "ARCHITECTURE.md names {word}, which does not exist");
        }
    }
}
