//! The working folder of a load: it stands beside the target, becomes it, and is gone when the load did not end.
//!
//! What stands beside a target, and its locks, are `beside.rs`.

use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use crate::io::stores::beside::{ASIDE, Beside, Held, Lock, busy, dead, lock_folder};
use crate::io::stores::folder::history;
use crate::model::{Error, Result};

/// A target folder and the folder that will take its place.
#[derive(Debug)]
pub struct Work {
    /// Absolute, symbolic links resolved.
    pub target: PathBuf,
    /// The new folder, empty at first, on the same file system.
    pub path: PathBuf,
    /// Whether the target exists.
    pub exists: bool,
    /// The target's lock, where it exists, held to the end.
    lock: Option<Held>,
    beside: Beside,
}

impl Work {
    /// Locks the target, clears what dead loads left, and makes the new folder.
    ///
    /// # Errors
    /// Where another load holds the target, it is no folder, or its parent cannot be written.
    pub fn begin(asked: &Path) -> Result<Self> {
        let target = resolve(asked)?;
        let (parent, name) = parts(&target)?;
        fs::create_dir_all(&parent).map_err(|error| Error::writing(&parent, error))?;
        restore(&parent, &name, &target)?;
        let lock = lock_target(&target)?;
        let exists = lock.is_some();
        let beside = Beside::make(&parent, &name)?;
        let work = Self { target, path: beside.path.clone(), exists, lock, beside };
        if let Ok(metadata) = fs::metadata(&work.target) {
            let _ = fs::set_permissions(&work.path, metadata.permissions());
        }
        Ok(work)
    }

    /// Looks at a target that was not there at the start: somebody may have put files there meanwhile, such as the
    /// rejects of this very load. They are then carried over as in any target.
    ///
    /// # Errors
    /// Where another load made it.
    pub fn look_again(&mut self) -> Result<()> {
        if self.exists || !self.target.is_dir() {
            return Ok(());
        }
        if self.target.join(history::FOLDER).exists() {
            return Err(Error::output(format!("another load made {} while this one ran", self.target.display()))
                .hint("Run this load again."));
        }
        self.lock = lock_target(&self.target)?;
        self.exists = true;
        Ok(())
    }

    /// Gives where the target is moved aside to on file systems that cannot exchange two folders.
    #[must_use]
    pub fn aside(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(ASIDE);
        self.path.with_file_name(name)
    }

    /// Says that the new folder stands in its place: it stays.
    pub const fn keep(&mut self) {
        self.beside.done = true;
    }
}

/// Makes a path absolute and free of symbolic links; the folder itself need not exist.
fn resolve(asked: &Path) -> Result<PathBuf> {
    match fs::canonicalize(asked) {
        Ok(target) => {
            if !target.is_dir() {
                return Err(Error::output(format!("{} is not a folder", asked.display())));
            }
            // The folder is replaced as a whole: whoever stands in it would be left in a folder that is gone.
            let here = fs::canonicalize(".").unwrap_or_default();
            if here.starts_with(&target) {
                return Err(Error::usage(format!("the target {} holds the working folder", asked.display()))
                    .hint("A load replaces the target folder as a whole. Name a folder inside it."));
            }
            Ok(target)
        }
        Err(error) if error.kind() == Io::NotFound => {
            let absolute = std::path::absolute(asked).map_err(|error| Error::writing(asked, error))?;
            let (parent, name) = parts(&absolute)?;
            Ok(fs::canonicalize(&parent).unwrap_or(parent).join(name))
        }
        Err(error) => Err(Error::writing(asked, error)),
    }
}

fn parts(target: &Path) -> Result<(PathBuf, String)> {
    let name = target.file_name().and_then(|name| name.to_str());
    match (target.parent(), name) {
        (Some(parent), Some(name)) => Ok((parent.to_owned(), name.to_owned())),
        _ => Err(Error::usage(format!("{} cannot be a target folder", target.display()))
            .hint("Name a folder that has a parent, in UTF-8.")),
    }
}

fn lock_target(target: &Path) -> Result<Option<Held>> {
    match lock_folder(target)? {
        Lock::Held(file) => Ok(Some(file)),
        Lock::Gone => Ok(None),
        Lock::Busy => Err(busy(target)),
    }
}

/// Puts a target back that a load moved aside before it died.
fn restore(parent: &Path, name: &str, target: &Path) -> Result<()> {
    if target.exists() {
        return Ok(());
    }
    let aside = dead(parent, name).into_iter().find(|(path, _)| path.to_string_lossy().ends_with(ASIDE));
    match aside {
        Some((path, _lock)) => fs::rename(&path, target).map_err(|error| Error::writing(target, error)),
        None => Ok(()),
    }
}
