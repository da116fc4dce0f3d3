//! Folder: names in the reject folder, temporary first, final at commit.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::io::rejects::claim;
use crate::model::{Error, Result};

/// The part of a reject folder that belongs to one table.
pub struct Folder {
    dir: PathBuf,
    /// The table's name as a file name.
    table: String,
    /// Files under their temporary names, to be removed unless committed.
    temporary: Vec<PathBuf>,
    /// Folders that were made, outermost first.
    made: Vec<PathBuf>,
}

impl Folder {
    /// Names a folder, which need not be there.
    ///
    /// # Errors
    /// Where something else is there.
    pub fn new(dir: &Path, table: &str) -> Result<Self> {
        if fs::metadata(dir).is_ok_and(|found| !found.is_dir()) {
            return Err(Error::output(format!("{} is not a folder", dir.display()))
                .hint("Name a folder for the rejects that is new or empty."));
        }
        Ok(Self { dir: dir.to_owned(), table: file_name(table), temporary: Vec::new(), made: Vec::new() })
    }

    /// Names the reasons.
    pub fn reasons_name(&self) -> String {
        format!("{}.reasons.ndjson", self.table)
    }

    /// Gives the table's part of file names.
    pub fn stem(&self) -> &str {
        &self.table
    }

    /// Names the reject file with this number, from 1, of a partition.
    pub fn rejects_name(&self, partitions: &[(String, String)], number: usize, extension: &str) -> String {
        Self::name(&self.table, partitions, number, extension)
    }

    /// Names a reject file as [`Folder::rejects_name`] does; `stem` is that of its folder.
    pub fn name(stem: &str, partitions: &[(String, String)], number: usize, extension: &str) -> String {
        let mut folders = String::new();
        for (key, value) in partitions {
            let _ = write!(folders, "{}={}/", escape(key), escape(value));
        }
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        format!("{folders}{stem}.rejects{number}.{extension}")
    }

    /// Gives the path a file has until the commit.
    pub fn temporary(&self, name: &str) -> PathBuf {
        match name.rsplit_once('/') {
            Some((folders, name)) => self.dir.join(folders).join(format!(".{name}.partial")),
            None => self.dir.join(format!(".{name}.partial")),
        }
    }

    /// Creates the reasons file, before any other: it says that the table's rejects are being written.
    ///
    /// # Errors
    /// Where another run writes rejects of this table here, or it cannot be created.
    pub fn create_reasons(&mut self) -> Result<(PathBuf, BufWriter<File>)> {
        let path = self.temporary(&self.reasons_name());
        self.make_folders(&path)?;
        let file = claim::take(&path)?;
        self.temporary.push(path.clone());
        Ok((path, BufWriter::with_capacity(64 << 10, file)))
    }

    fn make_folders(&mut self, path: &Path) -> Result<()> {
        let failed = |error| Error::writing(path, error);
        let missing = path.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let mut missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        missing.reverse();
        for folder in missing {
            match fs::create_dir(&folder) {
                Ok(()) => self.made.push(folder),
                // Another run was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// Creates a file under its temporary name, its folders too. Never follows a link.
    ///
    /// # Errors
    /// Where that fails.
    pub fn create(&mut self, name: &str) -> Result<(PathBuf, BufWriter<File>)> {
        let path = self.temporary(name);
        self.make_folders(&path)?;
        let failed = |error| Error::writing(&path, error);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let file = File::create_new(&path).map_err(failed)?;
        self.temporary.push(path.clone());
        Ok((path, BufWriter::with_capacity(64 << 10, file)))
    }

    /// Makes the files durable under their final names and removes those of earlier runs; gives the final paths.
    ///
    /// # Errors
    /// Where that fails.
    pub fn commit(&mut self, names: &[String]) -> Result<Vec<PathBuf>> {
        let claim = self.temporary(&self.reasons_name());
        if names.is_empty() && claim::is_taken(&claim) {
            return Err(claim::busy(&claim));
        }
        for name in names {
            let path = self.temporary(name);
            File::open(&path).and_then(|file| file.sync_all()).map_err(|error| Error::writing(&path, error))?;
        }
        let mut folders: BTreeSet<PathBuf> = self.made.iter().filter_map(|made| parent(made)).collect();
        let mut paths = Vec::new();
        for name in names {
            let path = self.dir.join(name);
            fs::rename(self.temporary(name), &path).map_err(|error| Error::writing(&path, error))?;
            folders.extend(parent(&path));
            paths.push(path);
        }
        self.temporary.clear();
        self.made.clear();
        let kept = paths.iter().cloned().collect();
        self.remove_stale(&self.dir, &kept, &mut folders)?;
        for folder in folders.iter().filter(|folder| folder.exists()) {
            sync_folder(folder)?;
        }
        Ok(paths)
    }

    /// Tells whether `commit` may replace or remove a file.
    pub fn would_replace(&self, path: &Path) -> bool {
        let (Ok(dir), Ok(path)) = (self.dir.canonicalize(), path.canonicalize()) else { return false };
        let Ok(inside) = path.strip_prefix(dir) else { return false };
        let name = inside.file_name().unwrap_or_default().to_string_lossy();
        let mut folders = inside.parent().into_iter().flat_map(Path::iter);
        folders.all(|folder| folder.to_string_lossy().contains('=')) && self.is_ours(&name)
    }

    /// Finds a file of the table that an earlier run left, also in `key=value` folders.
    pub fn earlier(&self) -> Option<PathBuf> {
        self.earlier_in(&self.dir)
    }

    fn earlier_in(&self, dir: &Path) -> Option<PathBuf> {
        let mut entries: Vec<_> = fs::read_dir(dir).ok()?.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        entries.into_iter().find_map(|entry| {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() && name.contains('=') {
                return self.earlier_in(&path);
            }
            (!name.starts_with('.') && self.is_ours(&name)).then_some(path)
        })
    }

    /// Removes the table's files of earlier runs, also in `key=value` folders, and the folders they leave empty.
    fn remove_stale(&self, dir: &Path, kept: &BTreeSet<PathBuf>, changed: &mut BTreeSet<PathBuf>) -> Result<()> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::writing(dir, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Error::writing(dir, error))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind = entry.file_type().map_err(|error| Error::writing(&path, error))?;
            if kind.is_dir() && name.contains('=') {
                self.remove_stale(&path, kept, changed)?;
                if changed.contains(&path) && fs::remove_dir(&path).is_ok() {
                    changed.insert(dir.to_owned());
                }
            } else if kind.is_file() && self.is_ours(&name) && !kept.contains(&path) {
                // Another run may have begun as soon as this one's reasons bore their final name.
                if name.ends_with(".partial") && claim::is_taken(&self.temporary(&self.reasons_name())) {
                    continue;
                }
                fs::remove_file(&path).map_err(|error| Error::writing(&path, error))?;
                changed.insert(dir.to_owned());
            }
        }
        Ok(())
    }

    /// Tells whether a file name is one that this table's rejects or reasons may have, temporary or final.
    fn is_ours(&self, name: &str) -> bool {
        let partial = name.strip_prefix('.').and_then(|name| name.strip_suffix(".partial"));
        let Some(rest) = partial.unwrap_or(name).strip_prefix(self.table.as_str()) else { return false };
        if rest == ".reasons.ndjson" {
            return true;
        }
        let Some((number, extension)) = rest.strip_prefix(".rejects").and_then(|rest| rest.split_once('.')) else {
            return false;
        };
        let digits = number.strip_prefix('-').unwrap_or("0");
        (number.is_empty() || number.starts_with('-'))
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !extension.is_empty()
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for path in &self.temporary {
            let _ = fs::remove_file(path);
        }
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() })
}

/// Makes renames in a folder durable.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Error::writing(folder, error))?;
    }
    Ok(())
}

/// Writes a partition's key or value as a folder name: `%2F` for what may not stand there.
fn escape(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"'
            | '#'
            | '%'
            | '\''
            | '*'
            | '/'
            | ':'
            | '='
            | '?'
            | '\\'
            | '{'
            | '['
            | ']'
            | '^'
            | '\0'..' '
            | '\u{7f}' => {
                let _ = write!(name, "%{:02X}", u32::from(character));
            }
            plain => name.push(plain),
        }
    }
    name
}

/// Writes a table's name as the start of a file name.
fn file_name(table: &str) -> String {
    let name = escape(table);
    match name.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => name,
    }
}
