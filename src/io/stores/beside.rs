//! Folders beside a target, in which a load makes what will take the target's place.
//!
//! Locks are `flock`s on the folders themselves, so they leave nothing behind and end with their process. Where a
//! file system has no locks on folders (some network mounts), loads into the same target are not kept apart.

use std::fs::{self, File};
use std::io::ErrorKind as Io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::model::{Error, Result};

/// The end of the name of a target moved aside while the new one takes its place (see `folder/swap.rs`).
pub const ASIDE: &str = "-old";

/// A folder of this process beside a target; it is removed when dropped, unless it took the target's place.
#[derive(Debug)]
pub struct Beside {
    pub path: PathBuf,
    /// The folder must not be removed any more.
    pub done: bool,
    _lock: Held,
}

impl Beside {
    /// Clears what dead loads into `parent/name` left, and makes the folder of this one, empty.
    ///
    /// # Errors
    /// Where this process loads into the target already, or the parent cannot be written.
    pub fn make(parent: &Path, name: &str) -> Result<Self> {
        clear_dead(parent, name);
        let path = parent.join(format!("{}{}", prefix(name), std::process::id()));
        let taken = || busy(&parent.join(name));
        fs::create_dir(&path).map_err(|error| match error.kind() {
            Io::AlreadyExists => taken(),
            _ => Error::writing(&path, error),
        })?;
        match lock_folder(&path) {
            Ok(Lock::Held(lock)) => Ok(Self { path, done: false, _lock: lock }),
            Ok(Lock::Busy | Lock::Gone) => Err(taken()),
            Err(error) => {
                let _ = fs::remove_dir(&path);
                Err(error)
            }
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Says that another load holds a target.
#[must_use]
pub fn busy(target: &Path) -> Error {
    Error::output(format!("another load into {} is running", target.display()))
        .hint("Wait until it ends, then run this one again.")
}

fn prefix(name: &str) -> String {
    format!(".{name}.karat-")
}

/// A lock on a folder, given back when it is dropped. Closing the file is not enough: a process forked meanwhile by
/// another thread holds a copy of it for a moment.
#[derive(Debug)]
pub struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// What came of asking for a lock.
pub enum Lock {
    Held(Held),
    /// Another process has it.
    Busy,
    /// There is no such folder.
    Gone,
}

/// Locks a folder for this process.
///
/// # Errors
/// Where it cannot be opened.
pub fn lock_folder(path: &Path) -> Result<Lock> {
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

/// Lists the folders earlier loads into the target left beside it, with the lock of each: their loads are dead.
#[must_use]
pub fn dead(parent: &Path, name: &str) -> Vec<(PathBuf, Held)> {
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

/// Removes what loads that died left. What cannot be removed stays: it harms nobody.
pub fn clear_dead(parent: &Path, name: &str) {
    for (path, _lock) in dead(parent, name) {
        let _ = fs::remove_dir_all(path);
    }
}
