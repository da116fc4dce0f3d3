//! The rule kinds: one file each, one word in the list.

use crate::rule::RuleKind;

/// Declares the file of each kind and lists what it holds.
macro_rules! kinds {
    ($($name:ident)*) => {
        $(pub mod $name;)*

        /// Every kind, sorted by name.
        pub const KINDS: &[&RuleKind] = &[$(&$name::KIND),*];
    };
}

kinds! {
    accepted_values
    aggregate
    all_null
    columns
    compare
    distinct_count
    exclusive_maximum
    exclusive_minimum
    expression
    format
    freshness
    increasing
    max_items
    max_length
    maximum
    min_items
    min_length
    minimum
    multiple_of
    not_values
    null_rate
    pattern
    primary_key
    record
    references
    required
    row_count
    r#type
    unique
    when
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rule::{Scope, page, pages};

    #[test]
    fn kinds_are_sorted_by_name() {
        assert!(KINDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn codes_are_unique_and_fit_their_scope() {
        let mut codes = BTreeSet::new();
        for kind in KINDS {
            assert!(codes.insert(kind.code), "{} twice", kind.code);
            assert!(kind.code.len() == 4 && kind.code[1..].bytes().all(|byte| byte.is_ascii_digit()), "{}", kind.code);
            let prefix = match kind.scope {
                // The reader judges a record: its violations carry parse codes.
                _ if kind.name == "record" => "P0",
                Scope::Cell | Scope::Row => "R1",
                Scope::Key => "K2",
                Scope::Table => "T3",
            };
            assert!(kind.code.starts_with(prefix), "{} {}", kind.name, kind.code);
        }
    }

    #[test]
    fn every_file_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rule/kinds");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "mod.rs")
            .map(|name| name.trim_end_matches(".rs").to_owned())
            .collect();
        let names: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
        assert_eq!(files, names);
    }

    #[test]
    fn every_page_has_its_sections_in_order() {
        for kind in KINDS {
            let page = page(kind);
            let headings: Vec<&str> = ["What", "Why", "Example", "Parent", "Passes", "Fails"]
                .into_iter()
                .filter(|heading| *heading != "Parent" || kind.name == "references")
                .collect();
            let found: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("# ")).collect();
            assert_eq!(found, headings, "{}", kind.name);
            for heading in headings {
                let section = pages::section(&page, heading).unwrap();
                assert!(!section.is_empty(), "{} {heading}", kind.name);
                let fences: &[&str] = match heading {
                    "Example" => &["```yaml\n"],
                    "Parent" => &["```csv parent\n"],
                    "Passes" | "Fails" => &["```csv\n", "```ndjson\n"],
                    _ => continue,
                };
                assert!(fences.iter().any(|fence| section.starts_with(fence)), "{} {heading}", kind.name);
                assert!(section.ends_with("\n```"), "{} {heading}", kind.name);
                assert_eq!(section.matches("```").count(), 2, "{} {heading}", kind.name);
            }
            assert!(!page.lines().any(|line| line.len() > 120), "{}", kind.name);
        }
    }

    #[test]
    fn the_two_data_blocks_of_a_page_share_format_and_header() {
        for kind in KINDS {
            let page = page(kind);
            let head = |heading: &str| -> Vec<String> {
                let section = pages::section(&page, heading).unwrap();
                // A header of its own is what `columns` is about.
                let lines = if section.starts_with("```csv") && kind.name != "columns" { 2 } else { 1 };
                section.lines().take(lines).map(str::to_owned).collect()
            };
            assert_eq!(head("Passes"), head("Fails"), "{}", kind.name);
        }
    }

    #[test]
    fn a_kind_that_stands_nowhere_is_implicit() {
        let implicit: Vec<&str> =
            KINDS.iter().filter(|kind| !kind.keyword && !kind.long_form).map(|kind| kind.name).collect();
        assert_eq!(implicit, ["primary_key", "record", "type"]);
    }
}
