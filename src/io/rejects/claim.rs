//! Claim: only one run at a time writes the rejects of a table to a folder.
//!
//! The claim is a lock on the table's unfinished reasons file, which is the first file a run makes and stays open to
//! its end. It ends with the process, so what a run that died left behind is anybody's.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::model::{Error, Result};

/// How often another run may come between making a file and locking it.
const TRIES: u32 = 20;

/// Makes the file that the claim is on, in place of a dead run's, and locks it.
///
/// # Errors
/// Where another run holds the claim, or the file cannot be made.
pub fn take(path: &Path) -> Result<File> {
    let failed = |error| Error::writing(path, error);
    for _ in 0..TRIES {
        if is_taken(path) {
            break;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let file = match File::create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            file => file.map_err(failed)?,
        };
        // Any other error says that the file system has no locks: go on without.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            continue;
        }
        let (held, there) = (file.metadata().map_err(failed)?, fs::metadata(path));
        if there.is_ok_and(|there| (there.dev(), there.ino()) == (held.dev(), held.ino())) {
            return Ok(file);
        }
    }
    Err(busy(path))
}

/// Tells whether a live run holds the claim on a file.
pub fn is_taken(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Makes the error of a claim that is taken.
pub fn busy(path: &Path) -> Error {
    let folder = path.parent().unwrap_or(path);
    Error::output(format!("another run is writing rejects of this table to {}", folder.display()))
        .hint("Wait until it ends, or give --rejects another folder.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::stores::testing::TestFolder;

    #[test]
    fn a_claim_is_for_one_and_ends_with_its_holder() {
        let folder = TestFolder::new();
        let path = folder.path().join("claim");
        let held = take(&path).unwrap();
        assert!(is_taken(&path));
        assert!(take(&path).unwrap_err().message.contains("another run"));
        drop(held);
        assert!(!is_taken(&path));
        assert!(take(&path).is_ok(), "what is left of a dead run is in nobody's way");
    }
}
