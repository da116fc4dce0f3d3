//! Objects as inputs: which ones a pattern means, and copies of them to read as any other file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use object_store::ObjectMeta;

use crate::io::InputFile;
use crate::io::stores::local::partitions;
use crate::io::stores::s3::download::{Download, download, pin};
use crate::io::stores::s3::store::Store;
use crate::io::stores::s3::url::Url;
use crate::model::{Access, Error, Result};

/// Finds and copies the objects of an address.
///
/// # Errors
/// As `s3::fetch`.
pub fn fetch(url: &str, access: &Access, spool: &Path, interrupted: &AtomicBool) -> Result<Vec<InputFile>> {
    let store = Store::open(Url::parse(url)?, access)?;
    let found = expand(&store)?;
    fs::create_dir_all(spool).map_err(|error| Error::writing(spool, error))?;
    let mut number = 0;
    let mut wanted = Vec::with_capacity(found.len());
    for meta in found {
        let path = free(spool, meta.location.as_ref(), &mut number);
        wanted.push(Download { meta, path });
    }
    download(&store, &wanted, Some(interrupted))?;
    let input = |one: Download| {
        let shown = store.url.of(one.meta.location.as_ref());
        InputFile { partitions: partitions(one.meta.location.as_ref()), shown, path: one.path }
    };
    Ok(wanted.into_iter().map(input).collect())
}

/// Finds the objects of a key or pattern, sorted by key.
fn expand(store: &Store) -> Result<Vec<ObjectMeta>> {
    let pattern = store.url.key.as_str();
    if pattern.is_empty() || pattern.ends_with('/') {
        return Err(is_folder(store));
    }
    let Some(first) = pattern.find(['*', '?', '[']) else {
        return match store.look(pattern)? {
            Some(meta) => Ok(vec![meta]),
            None if !store.list(&format!("{pattern}/"), 1)?.is_empty() => Err(is_folder(store)),
            None => Err(Error::input(format!("{} does not exist", store.url)).hint("Keys differ by case.")),
        };
    };
    let mut found = store.list(pattern.get(..first).unwrap_or_default(), usize::MAX)?;
    // An object that has the whole pattern as its key is meant itself.
    if let Some(itself) = found.iter().position(|meta| meta.location.as_ref() == pattern) {
        found = vec![found.swap_remove(itself)];
    } else {
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let read = glob::Pattern::new(pattern)
            .map_err(|error| Error::input(format!("{} is no pattern of keys", store.url)).because(error))?;
        found.retain(|meta| read.matches_with(meta.location.as_ref(), options));
    }
    let found = pin(store, found)?;
    if found.is_empty() {
        return Err(Error::input(format!("no object matches {}", store.url)).hint(
            "Check the spelling, and quote patterns in the shell; `*` stays in one folder, `**` goes into all.",
        ));
    }
    Ok(found)
}

fn is_folder(store: &Store) -> Error {
    let inside = store.url.to_string();
    let inside = inside.trim_end_matches('/');
    Error::input(format!("{} is a folder, not an object", store.url))
        .hint(format!("Name its objects with a pattern, such as `{inside}/*.csv`."))
}

/// Gives a file name that is not taken: a number, with the ending of the key. Nothing else of a key, which may hold
/// anything, becomes part of a path.
fn free(spool: &Path, key: &str, number: &mut u32) -> PathBuf {
    loop {
        let path = spool.join(format!("object-{number}{}", ending(key)));
        *number = number.saturating_add(1);
        if !path.exists() {
            return path;
        }
    }
}

/// Gives the ending of a key, with the point: one, or two where the last names a compression.
fn ending(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or_default();
    let plain = |part: &str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Some((stem, last)) = name.rsplit_once('.').filter(|(_, last)| plain(last)) else { return String::new() };
    let packed = BTreeSet::from(["gz", "zst", "bz2"]).contains(last.to_ascii_lowercase().as_str());
    match stem.rsplit_once('.').filter(|(_, inner)| packed && plain(inner)) {
        Some((_, inner)) => format!(".{inner}.{last}"),
        None => format!(".{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_endings_are_taken() {
        for (key, want) in [
            ("a/b.csv", ".csv"),
            ("a/b.2024.csv.GZ", ".csv.GZ"),
            ("a/b.2024.csv", ".csv"),
            ("a.d/b", ""),
            ("b.c sv", ""),
            ("b../x", ""),
            ("x.gz", ".gz"),
            ("x.", ""),
        ] {
            assert_eq!(ending(key), want, "{key}");
        }
    }
}
