//! Local files: which ones a pattern means, what they hold, and whether they stay as they are.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::io::InputFile;
use crate::model::binary::to_hex;
use crate::model::{Error, Result};

/// Finds the files that a path or glob means, sorted, each once. A name that exists is itself, even with `*` in it.
///
/// A relative pattern starts at `base` (the current folder without one); `base` is not part of what is shown.
/// `**` goes into folders, `*` and `?` stay in one, names that start with `.` must be named. The `key=value` folders
/// of the pattern and below it are the file's partitions.
///
/// # Errors
/// Where nothing matches, a folder is named, or a folder cannot be read.
pub fn expand(pattern: &str, base: Option<&Path>) -> Result<Vec<InputFile>> {
    let base = base.filter(|base| !base.as_os_str().is_empty());
    let whole = base.map_or_else(|| PathBuf::from(pattern), |base| base.join(pattern));
    match fs::metadata(&whole) {
        Ok(found) if found.is_dir() => {
            let inside = pattern.trim_end_matches('/');
            return Err(Error::input(format!("{pattern} is a folder, not a file"))
                .hint(format!("Name its files with a pattern, such as `{inside}/*.csv`.")));
        }
        Ok(_) => return Ok(vec![input_file(whole, base)]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::reading(&whole, error)),
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(Error::input(format!("{pattern} does not exist")).hint(looked_in(base)));
    }
    let escaped = base.map_or_else(String::new, |base| glob::Pattern::escape(&base.to_string_lossy()));
    let full = Path::new(&escaped).join(pattern);
    let options =
        glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let matches = glob::glob_with(&full.to_string_lossy(), options)
        .map_err(|error| Error::input(format!("{pattern} is not a pattern of file names")).because(error))?;
    let mut files = Vec::new();
    for found in matches {
        let path = found.map_err(unreadable)?;
        if !path.is_dir() {
            files.push(input_file(path, base));
        }
    }
    files.sort_by(|left, right| left.shown.as_bytes().cmp(right.shown.as_bytes()));
    files.dedup();
    if files.is_empty() {
        return Err(Error::input(format!("no file matches {pattern}")).hint(looked_in(base)));
    }
    Ok(files)
}

/// Finds the files of several patterns, in the order of the patterns, each file once.
///
/// # Errors
/// As [`expand`], of the first pattern that means nothing.
pub fn expand_all(patterns: &[String], base: Option<&Path>) -> Result<Vec<InputFile>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut files = Vec::new();
    for pattern in patterns {
        files.extend(expand(pattern, base)?.into_iter().filter(|file| seen.insert(file.path.clone())));
    }
    Ok(files)
}

fn unreadable(error: glob::GlobError) -> Error {
    let path = error.path().to_owned();
    Error::reading(&path, error.into())
}

fn looked_in(base: Option<&Path>) -> String {
    let place = base.map_or_else(|| "the current folder".to_owned(), |base| base.display().to_string());
    format!("It was looked for in {place}; check the spelling, and quote patterns in the shell.")
}

fn input_file(path: PathBuf, base: Option<&Path>) -> InputFile {
    let relative = base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(&path);
    let mut shown = relative.to_string_lossy().into_owned();
    if std::path::MAIN_SEPARATOR != '/' {
        shown = shown.replace(std::path::MAIN_SEPARATOR, "/");
    }
    let partitions = partitions(&shown);
    InputFile { shown, path, partitions }
}

/// Gives the `key=value` folders of a path, outermost first, undoing `%41`.
#[must_use]
pub fn partitions(shown: &str) -> Vec<(String, String)> {
    let folders = shown.rsplit_once('/').map_or("", |(folders, _)| folders);
    let pairs = folders.split('/').filter_map(|folder| folder.split_once('='));
    pairs.filter(|(key, _)| !key.is_empty()).map(|(key, value)| (percent_decode(key), percent_decode(value))).collect()
}

/// Undoes `%41`; leaves alone what is not so written, or would not be text.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        if let (b'%', [high, low, behind @ ..]) = (*first, after)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            bytes.push((high << 4) | low);
            rest = behind;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Copies a stream that can be read only once (standard input) to a new file in `dir`, which is made where it is not
/// there. The caller removes `dir`.
///
/// # Errors
/// Where the stream cannot be read or the file cannot be written.
pub fn spool(mut reader: impl Read, dir: &Path) -> Result<InputFile> {
    fs::create_dir_all(dir).map_err(|error| Error::writing(dir, error))?;
    let mut number = 0_u32;
    let (mut file, path) = loop {
        let path = dir.join(format!("input-{number}"));
        match File::create_new(&path) {
            Ok(file) => break (file, path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100_000 => number += 1,
            Err(error) => return Err(Error::writing(&path, error)),
        }
    };
    let mut buffer = vec![0; 128 << 10];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::input("cannot read standard input").because(error)),
        };
        file.write_all(&buffer[..read]).map_err(|error| Error::writing(&path, error))?;
    }
    Ok(InputFile { shown: "-".to_owned(), path, partitions: Vec::new() })
}

/// Makes sure that a file can be read twice: a pipe or device is copied to a file in `dir` (see [`spool`]).
///
/// # Errors
/// Where it cannot be read, or the copy cannot be written.
pub fn settle(file: InputFile, dir: &Path) -> Result<InputFile> {
    let reading = |error| Error::reading(&file.path, error);
    if fs::metadata(&file.path).map_err(reading)?.is_file() {
        return Ok(file);
    }
    let pipe = File::open(&file.path).map_err(reading)?;
    let copy = spool(pipe, dir)?;
    Ok(InputFile { path: copy.path, ..file })
}

/// Gives the SHA-256 of a file as stored, in hex, and its length. `told` hears of bytes as they are read.
///
/// # Errors
/// Where the file cannot be read, and the error of `told`.
pub fn sha256(path: &Path, mut told: impl FnMut(u64) -> Result<()>) -> Result<(String, u64)> {
    let reading = |error| Error::reading(path, error);
    let mut file = File::open(path).map_err(reading)?;
    let mut hash = Sha256::new();
    let mut length = 0;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(reading(error)),
        };
        hash.update(&buffer[..read]);
        length += read as u64;
        told(read as u64)?;
    }
    Ok((to_hex(&hash.finalize()), length))
}

/// Remembers what a file looked like when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where the system has them.
    identity: (u64, u64),
}

impl Fingerprint {
    /// Looks at a file.
    ///
    /// # Errors
    /// Where it cannot be found.
    pub fn of(path: &Path) -> Result<Self> {
        let found = fs::metadata(path).map_err(|error| Error::reading(path, error))?;
        let (length, modified, identity) = (found.len(), found.modified().ok(), identity(&found));
        Ok(Self { path: path.to_owned(), length, modified, identity })
    }

    /// Gives the file's length in bytes, as stored.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Looks again.
    ///
    /// # Errors
    /// Where the file is no longer what it was: what was read of it is then worth nothing.
    pub fn check_unchanged(&self) -> Result<()> {
        let now = Self::of(&self.path)?;
        if now == *self {
            return Ok(());
        }
        let how = match () {
            () if now.identity != self.identity => "was replaced".to_owned(),
            () if now.length != self.length => format!("went from {} to {} bytes", self.length, now.length),
            () => "was written to".to_owned(),
        };
        Err(Error::input(format!("{} {how} while it was read", self.path.display()))
            .hint("Wait until the file is complete, then run again; nothing was committed."))
    }
}

#[cfg(unix)]
fn identity(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
const fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::io::stores::testing::TestFolder;

    fn shown(files: &[InputFile]) -> Vec<&str> {
        files.iter().map(|file| file.shown.as_str()).collect()
    }

    #[test]
    fn globs_find_sorted_files_and_partitions() {
        let folder = TestFolder::new();
        for name in ["t/d=2026-10-31/x.json", "t/d=2026-09-01/x.json", "t/d=2026-09-01/.x.json", "t/y.json"] {
            folder.file(name, b"");
        }
        let files = expand("t/d=*/*.json", Some(folder.path())).unwrap();
        assert_eq!(shown(&files), ["t/d=2026-09-01/x.json", "t/d=2026-10-31/x.json"]);
        assert_eq!(files[1].partitions, [("d".to_owned(), "2026-10-31".to_owned())]);
        assert_eq!(shown(&expand("**/*.json", Some(folder.path())).unwrap()).len(), 3);
        let patterns = ["t/d=*/*.json".to_owned(), "t/d=2026-09-01/x.json".to_owned()];
        assert_eq!(expand_all(&patterns, Some(folder.path())).unwrap(), files);
    }

    #[test]
    fn partition_values_are_decoded() {
        let pairs = partitions("a/p=x%20y%2Fz/q=100%/=no/r=%FF/s/file=1.csv");
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("p", "x y/z"), ("q", "100%"), ("r", "%FF")]);
    }

    #[test]
    fn odd_names_are_themselves() {
        let folder = TestFolder::new();
        for name in ["[a].csv", "with space\n.csv", "*.csv", "a.csv"] {
            folder.file(name, b"");
            assert_eq!(shown(&expand(name, Some(folder.path())).unwrap()), [name]);
        }
        let odd_base = folder.file("b[1]/x.csv", b"");
        assert_eq!(shown(&expand("*.csv", odd_base.parent()).unwrap()), ["x.csv"]);
        let absolute = folder.path().join("a.csv");
        assert_eq!(expand(&absolute.to_string_lossy(), Some(Path::new("/nowhere"))).unwrap()[0].path, absolute);
    }

    #[test]
    fn nothing_is_an_error_with_the_pattern() {
        let folder = TestFolder::new();
        folder.file("sub/a.csv", b"");
        for (pattern, words) in [("*.tsv", "no file matches"), ("b.csv", "does not exist"), ("sub", "is a folder")] {
            let error = expand(pattern, Some(folder.path())).unwrap_err();
            assert!(error.message.contains(pattern) && error.message.contains(words), "{error}");
            assert!(!error.hints.is_empty());
        }
        assert!(expand("s*", Some(folder.path())).is_err(), "folders are not files");
        assert!(expand("[", Some(folder.path())).is_err());
    }

    #[test]
    fn sha256_is_of_the_stored_bytes() {
        let folder = TestFolder::new();
        let path = folder.file("abc", b"abc");
        let progress = AtomicU64::new(0);
        let count = |read| {
            progress.fetch_add(read, Ordering::Relaxed);
            Ok(())
        };
        let (hash, length) = sha256(&path, count).unwrap();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((length, progress.into_inner()), (3, 3));
    }

    #[test]
    fn changes_are_noticed() {
        let folder = TestFolder::new();
        let path = folder.file("a", b"abc");
        let before = Fingerprint::of(&path).unwrap();
        assert!(before.check_unchanged().is_ok());
        fs::write(&path, b"abcd").unwrap();
        assert!(before.check_unchanged().unwrap_err().message.contains("from 3 to 4 bytes"));
        fs::rename(folder.file("b", b"abc"), &path).unwrap();
        assert!(before.check_unchanged().unwrap_err().message.contains("replaced"));
        fs::remove_file(&path).unwrap();
        assert!(before.check_unchanged().is_err());
    }

    #[test]
    fn streams_are_spooled() {
        let folder = TestFolder::new();
        let first = spool(&b"one"[..], folder.path()).unwrap();
        let second = spool(&b"two"[..], folder.path()).unwrap();
        assert_eq!(fs::read(&first.path).unwrap(), b"one");
        assert_eq!((fs::read(&second.path).unwrap(), second.shown.as_str()), (b"two".to_vec(), "-"));
        assert_eq!(settle(first.clone(), folder.path()).unwrap(), first);
        let device = InputFile { shown: "null".into(), path: "/dev/null".into(), partitions: Vec::new() };
        let settled = settle(device, folder.path()).unwrap();
        assert_eq!((fs::read(&settled.path).unwrap().len(), settled.shown.as_str()), (0, "null"));
    }
}
