//! The pages of the kinds, and what `explain` says of any code.

use std::fmt::Write as _;

use crate::model::{ParseCode, refusal};
use crate::rule::{CONTRACT_CODES, RuleKind, Scope, find, kinds};

/// Gives the page of a kind as Markdown: the leading `//!` lines of its file.
#[must_use]
pub fn page(kind: &RuleKind) -> String {
    let mut page = String::new();
    for line in kind.page.lines().map_while(|line| line.strip_prefix("//!")) {
        page.push_str(line.strip_prefix(' ').unwrap_or(line));
        page.push('\n');
    }
    page
}

/// Gives the body of a section of a page, without its heading; `None` where the page has none of that name.
#[must_use]
pub fn section(page: &str, heading: &str) -> Option<String> {
    let mut body: Option<String> = None;
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        match (&mut body, line.strip_prefix("# ")) {
            (Some(_), Some(_)) if !fenced => break,
            (None, Some(found)) if !fenced && found == heading => body = Some(String::new()),
            (Some(body), _) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, _) => {}
        }
    }
    body.map(|body| body.trim().to_owned())
}

/// Explains a kind (by name or code), a parse code or a code of contract mistakes; `None` where there is no such.
#[must_use]
pub fn explain(text: &str) -> Option<String> {
    if let Some(kind) = find(text) {
        let scope = scope_word(kind.scope);
        return Some(format!("{} ({}), a rule on a {scope}\n\n{}", kind.name, kind.code, page(kind)));
    }
    if let Some(code) = ParseCode::find(text) {
        return Some(format!("{}: {}\n\n{}\n", code.code(), code.title(), code.page()));
    }
    if text.eq_ignore_ascii_case(refusal::CODE) {
        return Some(format!("{}: {}\n\n{}\n", refusal::CODE, refusal::TITLE, refusal::PAGE));
    }
    let (code, title) = CONTRACT_CODES.iter().find(|(code, _)| code.eq_ignore_ascii_case(text))?;
    Some(format!("{code}: {title}\n\nA mistake in a contract; the complaint names the place and what to do.\n"))
}

/// Says in one sentence what must hold: the first of the page's What.
#[must_use]
pub fn summary(kind: &RuleKind) -> String {
    first_sentence(&section(&page(kind), "What").unwrap_or_default())
}

/// Writes the README's table of kinds, by code.
#[must_use]
pub fn table_markdown() -> String {
    let mut sorted: Vec<&RuleKind> = kinds::KINDS.to_vec();
    sorted.sort_by_key(|kind| kind.code);
    let mut table = "| code | kind | scope | what must hold |\n|---|---|---|---|\n".to_owned();
    for kind in sorted {
        let what = summary(kind).replace('|', "\\|");
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {} | `{}` | {} | {what} |", kind.code, kind.name, scope_word(kind.scope));
    }
    table
}

/// Names a scope: `cell`, `row`, `key`, `table`.
#[must_use]
pub const fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Cell => "cell",
        Scope::Row => "row",
        Scope::Key => "key",
        Scope::Table => "table",
    }
}

fn first_sentence(text: &str) -> String {
    let paragraph: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    paragraph.split_once(". ").map_or(paragraph.clone(), |(first, _)| format!("{first}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_and_its_sections_found() {
        let kind = find("unique").unwrap();
        let page = page(kind);
        assert!(page.starts_with("# What\n"));
        assert!(!page.contains("//!") && !page.contains("use crate"));
        assert!(section(&page, "Example").unwrap().starts_with("```yaml"));
        assert_eq!(section(&page, "Nothing"), None);
    }

    #[test]
    fn a_heading_inside_a_fence_is_text() {
        let page = "# Example\n```yaml\n# note\na: 1\n```\n# Passes\nx\n";
        assert_eq!(section(page, "Example").unwrap(), "```yaml\n# note\na: 1\n```");
        assert_eq!(section(page, "note"), None);
        assert_eq!(section(page, "Passes").unwrap(), "x");
    }

    #[test]
    fn every_code_is_explained() {
        assert_eq!(explain("K201"), explain("unique"));
        assert_eq!(explain("k201"), explain("unique"));
        assert!(explain("P004").unwrap().starts_with("P004: too few fields"));
        assert!(explain("c913").unwrap().starts_with("C913: a pattern"));
        assert_eq!(explain("nonsense"), None);
    }

    #[test]
    fn the_page_of_expressions_names_every_function() {
        let page = explain("expression").unwrap();
        for (name, _) in crate::model::expr::FUNCTIONS {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn the_table_has_a_line_a_kind_by_code() {
        let table = table_markdown();
        assert_eq!(table.lines().count(), kinds::KINDS.len() + 2);
        assert!(table.lines().nth(2).unwrap().starts_with("| K201 | `unique` | key |"));
        assert!(table.lines().skip(2).all(|line| line.ends_with(". |")), "{table}");
    }
}
