//! Staging: new files under names of their own until all of them are whole.
//!
//! A run that fails leaves nothing: what it began is removed, and no file that was there has changed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Error, Result};

/// Files on their way to their final names.
#[derive(Debug)]
pub struct Staging {
    overwrite: bool,
    /// Where each file lies, and its final path.
    files: Vec<(PathBuf, PathBuf)>,
    /// Folders this run made, outermost first.
    folders: Vec<PathBuf>,
    /// Tells the names of this run from those of another.
    mark: String,
}

impl Staging {
    /// Begins; `mark` is part of the names of unfinished files.
    #[must_use]
    pub fn new(overwrite: bool, mark: impl Into<String>) -> Self {
        Self { overwrite, files: Vec::new(), folders: Vec::new(), mark: mark.into() }
    }

    /// Makes sure that a file may be written.
    ///
    /// # Errors
    /// A usage error where it is there already and may not be replaced, or is no file.
    pub fn check(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Err(Error::usage(format!("{} is a folder", path.display())).hint("give --out another folder"));
        }
        if !self.overwrite && path.symlink_metadata().is_ok() {
            return Err(Error::usage(format!("{} is there already", path.display()))
                .hint("give --out another folder, or --overwrite to replace it"));
        }
        Ok(())
    }

    /// Makes an unfinished file, its folders too; gives it and the path it lies at.
    ///
    /// # Errors
    /// As [`Staging::check`], and where it cannot be made.
    pub fn create(&mut self, path: &Path) -> Result<(File, PathBuf)> {
        let lies = self.reserve(path)?;
        let file = File::create_new(&lies).map_err(|error| writing(path, error))?;
        Ok((file, lies))
    }

    /// Gives the path at which a writer of its own may make the unfinished file.
    ///
    /// # Errors
    /// As [`Staging::check`], and where a folder cannot be made.
    pub fn reserve(&mut self, path: &Path) -> Result<PathBuf> {
        self.check(path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            self.make(folder)?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let lies = path.with_file_name(format!(".{name}.{}-{}", self.mark, self.files.len()));
        self.files.push((lies.clone(), path.to_owned()));
        Ok(lies)
    }

    fn make(&mut self, folder: &Path) -> Result<()> {
        let mut missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty()).collect();
        missing.retain(|folder| !folder.exists());
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.folders.push(folder.to_owned()),
                // Another run made it a moment ago.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(writing(folder, error)),
            }
        }
        Ok(())
    }

    /// Gives all files their final names.
    ///
    /// # Errors
    /// Where one cannot have it; those before it keep theirs.
    pub fn commit(mut self) -> Result<()> {
        for (_, path) in &self.files {
            self.check(path)?;
        }
        for (lies, path) in std::mem::take(&mut self.files) {
            if let Err(error) = fs::rename(&lies, &path) {
                self.files.push((lies, path.clone()));
                return Err(writing(&path, error));
            }
        }
        self.folders.clear();
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for (lies, _) in &self.files {
            let _ = fs::remove_file(lies);
        }
        for folder in self.folders.iter().rev() {
            // Only where nothing is in it.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Makes an output error about a path; says so where the disk is full.
#[must_use]
pub fn writing(path: &Path, error: io::Error) -> Error {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let error = Error::writing(path, error);
    if full { error.hint("The disk is full. What was begun has been removed again.") } else { error }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::io::stores::testing::TestFolder;

    #[test]
    fn files_appear_together() {
        let folder = TestFolder::new();
        let (one, two) = (folder.path().join("a/b/one.csv"), folder.path().join("two.csv"));
        let mut staging = Staging::new(false, "karat-1");
        staging.create(&one).unwrap().0.write_all(b"1").unwrap();
        staging.create(&two).unwrap();
        assert!(!one.exists() && !two.exists());
        staging.commit().unwrap();
        assert_eq!((fs::read(&one).unwrap(), fs::read(&two).unwrap()), (b"1".to_vec(), Vec::new()));
    }

    #[test]
    fn a_run_that_fails_leaves_nothing() {
        let folder = TestFolder::new();
        let kept = folder.file("kept.csv", b"old");
        let mut staging = Staging::new(true, "karat-1");
        staging.create(&kept).unwrap().0.write_all(b"new").unwrap();
        staging.create(&folder.path().join("new/one.csv")).unwrap();
        drop(staging);
        assert_eq!(fs::read(&kept).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_there_is_not_replaced_unasked() {
        let folder = TestFolder::new();
        let kept = folder.file("kept.csv", b"old");
        assert!(Staging::new(false, "m").create(&kept).unwrap_err().message.contains("is there already"));
        assert!(Staging::new(true, "m").create(folder.path()).unwrap_err().message.contains("is a folder"));
        let mut staging = Staging::new(true, "m");
        staging.create(&kept).unwrap();
        staging.commit().unwrap();
        assert_eq!(fs::read(&kept).unwrap(), b"");
    }
}
