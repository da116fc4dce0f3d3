//! The working folder of a load: it stands beside the target, becomes it, and is gone when the load did not end.
//!
//! Locks are `flock`s on the folders themselves, so they leave nothing behind and end with their process. Where a
//! file system has no locks on folders (some network mounts), loads into the same folder are not kept apart.

use std::fs::{self, File};
use std::io::ErrorKind as Io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::io::stores::folder::history;
use crate::model::{Error, Result};

/// The end of the name of a target moved aside while the new one takes its place (see `swap`).
const ASIDE: &str = "-old";

/// A target folder and the folder that will take its place.
#[derive(Debug)]
pub struct Work {
    /// Absolute, symbolic links resolved.
    pub target: PathBuf,
    /// The new folder, empty at first, on the same file system.
    pub path: PathBuf,
    /// Whether the target exists.
    pub exists: bool,
    /// Held to the end: the target's lock, where it exists, and the new folder's.
    locks: Vec<Held>,
    /// The new folder must not be removed any more.
    done: bool,
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
        clear_dead(&parent, &name);
        let path = parent.join(format!("{}{}", prefix(&name), std::process::id()));
        fs::create_dir(&path).map_err(|error| match error.kind() {
            Io::AlreadyExists => busy(&target),
            _ => Error::writing(&path, error),
        })?;
        let mut work = Self { target, path, exists, locks: lock.into_iter().collect(), done: false };
        if let Ok(metadata) = fs::metadata(&work.target) {
            let _ = fs::set_permissions(&work.path, metadata.permissions());
        }
        match lock_folder(&work.path)? {
            Lock::Held(file) => work.locks.push(file),
            Lock::Busy | Lock::Gone => return Err(busy(&work.target)),
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
        self.locks.extend(lock_target(&self.target)?);
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
        self.done = true;
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.path);
        }
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

fn prefix(name: &str) -> String {
    format!(".{name}.karat-")
}

/// A lock on a folder, given back when it is dropped. Closing the file is not enough: a process forked meanwhile by
/// another thread holds a copy of it for a moment.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

enum Lock {
    Held(Held),
    /// Another process has it.
    Busy,
    /// There is no such folder.
    Gone,
}

fn lock_folder(path: &Path) -> Result<Lock> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == Io::NotFound => return Ok(Lock::Gone),
        Err(error) => return Err(Error::writing(path, error)),
    };
    // Any other error says that the file system has no such locks: go on without.
    if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Ok(Lock::Busy);
    }
    // The folder may have been exchanged between opening and locking: then another one stands there now.
    let same = |a: &fs::Metadata, b: &fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    let lock = Held(file);
    match (lock.0.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) if same(&held, &there) => Ok(Lock::Held(lock)),
        (Ok(_), Err(error)) if error.kind() == Io::NotFound => Ok(Lock::Gone),
        (Err(error), _) | (_, Err(error)) => Err(Error::writing(path, error)),
        _ => Ok(Lock::Busy),
    }
}

fn lock_target(target: &Path) -> Result<Option<Held>> {
    match lock_folder(target)? {
        Lock::Held(file) => Ok(Some(file)),
        Lock::Gone => Ok(None),
        Lock::Busy => Err(busy(target)),
    }
}

fn busy(target: &Path) -> Error {
    Error::output(format!("another load into {} is running", target.display()))
        .hint("Wait until it ends, then run this one again.")
}

/// Lists the folders earlier loads into the target left beside it, with the lock of each: their loads are dead.
fn dead(parent: &Path, name: &str) -> Vec<(PathBuf, Held)> {
    let prefix = prefix(name);
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| is_ours(name, &prefix));
        if ours && let Ok(file) = File::open(entry.path()) {
            // Only a lock that was truly got says that its process is gone.
            if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                found.push((entry.path(), Held(file)));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Tells whether a name is one that loads give: the prefix, a process id, and perhaps [`ASIDE`].
fn is_ours(name: &str, prefix: &str) -> bool {
    let Some(rest) = name.strip_prefix(prefix) else { return false };
    let id = rest.strip_suffix(ASIDE).unwrap_or(rest);
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
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

/// Removes what loads that died left. What cannot be removed stays: it harms nobody.
fn clear_dead(parent: &Path, name: &str) {
    for (path, _lock) in dead(parent, name) {
        let _ = fs::remove_dir_all(path);
    }
}
