//! The law of imports, the homes of outside crates, and the size of files.

use std::fs;
use std::path::{Path, PathBuf};

/// Which modules a module may name besides itself; the table of `src/lib.rs`.
const LAW: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("rule", &["model"]),
    ("sql", &["model"]),
    ("contract", &["model", "rule"]),
    ("frame", &["model"]),
    ("analyze", &["model", "frame"]),
    ("generate", &["model", "frame"]),
    ("io", &["model", "frame", "sql"]),
    ("ops", &["model", "rule", "sql", "contract", "frame", "analyze", "generate", "io"]),
    ("render", &["model"]),
    ("cli", &["model", "rule", "contract", "ops", "render"]),
];

/// Where an outside crate may be named. Crates that are words of everyone (serde, arrow) are not listed.
const HOMES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["contract"]),
    ("bzip2", &["io/stores"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comfy_table", &["render"]),
    ("bytes", &["io"]),
    ("futures_util", &["io"]),
    // `sql/mysql.rs` is the dialect, not the crate.
    ("mysql", &["io/databases", "sql"]),
    ("object_store", &["io/stores/s3"]),
    ("percent_encoding", &["io"]),
    ("reqwest", &["io/stores/s3"]),
    ("rustls", &["io/databases", "io/stores/s3"]),
    ("rustls_native_certs", &["io/databases"]),
    ("tokio", &["io/databases/postgres", "io/stores/s3"]),
    ("tokio_postgres", &["io/databases/postgres"]),
    ("tokio_postgres_rustls", &["io/databases/postgres"]),
    // `sql/duckdb.rs` is the dialect, not the crate.
    ("duckdb", &["io/databases", "sql"]),
    ("fake", &["generate/providers"]),
    ("flate2", &["io/stores"]),
    ("foldhash", &["frame"]),
    ("hashbrown", &["frame"]),
    ("indicatif", &["cli"]),
    ("libc", &["cli"]),
    ("minijinja", &["render/html"]),
    ("parquet", &["io/formats", "io/stores", "io/rejects"]),
    ("polars", &["frame/expr", "frame/expr.rs"]),
    ("quick_xml", &["render"]),
    ("rand_core", &["generate/providers"]),
    ("regex_syntax", &["generate/providers"]),
    ("saphyr_parser", &["contract"]),
    ("signal_hook", &["cli"]),
    ("sqlparser", &["rule/expression", "rule/expression.rs"]),
    ("terminal_size", &["cli"]),
    ("zmij", &["io/formats/write"]),
    ("zstd", &["io/stores"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// All source files: path below `src/` and text without comments.
fn code() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let strip = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.lines().map(strip).collect::<Vec<_>>().join("\n");
            (path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

fn identifiers_after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn imports_follow_the_law() {
    let mut broken = Vec::new();
    for (path, text) in code() {
        let Some((module, _)) = path.split_once('/') else { continue };
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            continue;
        }
        let (_, allowed) =
            LAW.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no law"));
        // Tests may look across: generator and checker meet there.
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for target in identifiers_after(text, "crate::") {
            let known = LAW.iter().any(|(name, _)| *name == target);
            if known && target != module && !allowed.contains(&target) {
                broken.push(format!("{path} names crate::{target}; {module} may use {allowed:?}"));
            }
        }
        if text.contains("super::super") {
            broken.push(format!("{path} climbs with super::super; write crate::…"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn outside_crates_stay_at_home() {
    let mut broken = Vec::new();
    for (path, text) in code() {
        for (name, homes) in HOMES {
            let used = text.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                // `crate::io::databases::duckdb::` is ours.
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if used && !homes.iter().any(|home| path.starts_with(home)) {
                broken.push(format!("{path} names {name}, whose home is {homes:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_stay_small_and_say_what_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines; 600 is the limit", path.display());
        assert!(text.starts_with("//!"), "{} does not open with //!", path.display());
    }
}

#[test]
fn the_front_page_names_every_module() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (module, _) in LAW {
        assert!(page.contains(&format!("[`{module}`]")), "src/lib.rs does not name {module}");
        assert!(page.contains(&format!("pub mod {module};")), "src/lib.rs does not declare {module}");
    }
}
