//! Parts: the files a script loads, and the manifest that names them.

use std::collections::BTreeSet;

use crate::model::{Error, Result};
use crate::sql::scripts::text::shown;

/// One file to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its path below the stage, `/` between folders, or its whole URL.
    pub name: String,
    /// Where it stands on this machine, if it does.
    pub local: Option<String>,
}

impl Part {
    /// Tells whether the name is a whole URL.
    #[must_use]
    pub fn is_url(&self) -> bool {
        self.name.contains("://")
    }

    /// Gives the URL below a stage's.
    #[must_use]
    pub fn url(&self, stage: &str) -> String {
        if self.is_url() { self.name.clone() } else { format!("{}/{}", stage.trim_end_matches('/'), self.name) }
    }

    /// Gives the file's name without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// How parts are compressed, by the ending of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
}

impl Compression {
    /// The endings that are known, beside none.
    pub const ENDINGS: [(&'static str, Self); 3] = [(".gz", Self::Gzip), (".zst", Self::Zstd), (".bz2", Self::Bzip2)];

    fn of(name: &str) -> Self {
        let found = Self::ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
        found.map_or(Self::None, |(_, compression)| *compression)
    }
}

/// Looks at the parts of a table: there is one, each stands once, all are compressed alike.
///
/// # Errors
/// A usage error that names the table.
pub fn compression(table: &str, parts: &[Part]) -> Result<Compression> {
    let table = shown(table);
    let mut seen = BTreeSet::new();
    let mut files = BTreeSet::new();
    for part in parts {
        let name = shown(&part.name);
        if part.name.chars().any(|c| c.is_control() || matches!(c, '\'' | '\\' | '"' | '?' | '#')) {
            return Err(Error::usage(format!("{table}: the part {name} has a letter that no stage takes"))
                .hint("no quotes, backslashes, `?`, `#` or control characters"));
        }
        if !seen.insert(&part.name) {
            return Err(Error::usage(format!("{table}: the part {name} is named twice"))
                .hint("a file that stands twice in a manifest is loaded twice"));
        }
        if !files.insert(part.file_name()) {
            let error = Error::usage(format!("{table}: two parts are called {}", shown(part.file_name())));
            return Err(error.hint("parts of karat never share a name: are both of one load?"));
        }
    }
    let mut kinds = parts.iter().map(|part| Compression::of(&part.name));
    let Some(first) = kinds.next() else { return Err(Error::usage(format!("{table}: there are no parts to load"))) };
    if kinds.any(|other| other != first) {
        return Err(Error::usage(format!("{table}: some parts are compressed and others not, or otherwise"))
            .hint("one COPY reads one compression: load them apart"));
    }
    Ok(first)
}

/// Writes the manifest of Redshift's COPY: every part is mandatory and stands once.
/// <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html>
#[must_use]
pub fn manifest(stage: &str, parts: &[Part]) -> String {
    let entry = |part: &Part| format!("    {{\"url\": {}, \"mandatory\": true}}", json(&part.url(stage)));
    let entries: Vec<String> = parts.iter().map(entry).collect();
    format!("{{\n  \"entries\": [\n{}\n  ]\n}}\n", entries.join(",\n"))
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str) -> Part {
        Part { name: name.to_owned(), local: None }
    }

    #[test]
    fn a_part_stands_once() {
        for names in
            [["t/a.csv", "t/a.csv"], ["t/a.csv", "u/a.csv"], ["t/a.csv", "t/b.csv.gz"], ["t/a'.csv", "t/b.csv"]]
        {
            assert!(compression("t", &names.map(part)).is_err(), "{names:?}");
        }
        assert!(compression("t", &[]).is_err());
        assert_eq!(compression("t", &["t/a.csv.gz", "t/b.csv.gz"].map(part)).unwrap(), Compression::Gzip);
    }

    #[test]
    fn every_part_of_a_manifest_is_mandatory() {
        let text = manifest("s3://bucket/in/", &["t/ä.csv", "s3://other/b.csv"].map(part));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"entries": [
                {"url": "s3://bucket/in/t/ä.csv", "mandatory": true},
                {"url": "s3://other/b.csv", "mandatory": true},
            ]})
        );
    }
}
