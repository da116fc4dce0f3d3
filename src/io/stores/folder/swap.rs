//! Making a new folder complete and putting it in the place of the old one, in one step.
//!
//! `renameat2(EXCHANGE)` swaps the two: at no moment is there no target or half a target. A file system without it
//! gets two renames: the old folder is moved aside first and stays there until the new one stands; should the process
//! die between the two, the next load puts the old one back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::io::stores::folder::work::Work;
use crate::model::{Error, Result};

/// Fills the new folder with what the old one holds besides: files by hard link (by copy where links fail).
/// Files named in `superseded` (relative paths) and files the new folder has already are left out.
///
/// # Errors
/// Where a file can neither be linked nor copied.
pub fn carry_over(work: &Work, superseded: &BTreeSet<PathBuf>) -> Result<()> {
    if work.exists { carry(work, Path::new(""), superseded) } else { Ok(()) }
}

fn carry(work: &Work, below: &Path, superseded: &BTreeSet<PathBuf>) -> Result<()> {
    for (relative, kind) in entries(&work.target, below)? {
        let (from, to) = (work.target.join(&relative), work.path.join(&relative));
        if superseded.contains(&relative) {
            continue;
        }
        if kind.is_dir() {
            make_like(&from, &to)?;
            carry(work, &relative, superseded)?;
        } else if to.symlink_metadata().is_ok() {
            // Ours already.
        } else if kind.is_symlink() {
            let link = fs::read_link(&from).and_then(|aim| std::os::unix::fs::symlink(aim, &to));
            link.map_err(|error| Error::writing(&to, error))?;
        } else if kind.is_file() {
            link_or_copy(&from, &to)?;
        } else {
            return Err(Error::output(format!("{} is neither a file nor a folder", from.display()))
                .hint("A target folder is replaced as a whole. Move it elsewhere."));
        }
    }
    Ok(())
}

fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let copied = fs::copy(from, to).and_then(|_| File::open(to)?.sync_all());
    copied.map_err(|error| Error::writing(to, error))
}

fn make_like(from: &Path, to: &Path) -> Result<()> {
    if !to.is_dir() {
        fs::create_dir(to).map_err(|error| Error::writing(to, error))?;
        if let Ok(metadata) = fs::metadata(from) {
            let _ = fs::set_permissions(to, metadata.permissions());
        }
    }
    Ok(())
}

/// Lists a folder below `root`: relative paths, sorted, links not followed.
fn entries(root: &Path, below: &Path) -> Result<Vec<(PathBuf, fs::FileType)>> {
    let folder = root.join(below);
    let read = || -> std::io::Result<Vec<(PathBuf, fs::FileType)>> {
        let entry = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry?;
            Ok((below.join(entry.file_name()), entry.file_type()?))
        };
        fs::read_dir(&folder)?.map(entry).collect()
    };
    let mut list = read().map_err(|error| Error::writing(&folder, error))?;
    list.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(list)
}

/// Puts the new folder in the target's place, on the disk too, and removes the old one.
///
/// # Errors
/// Where the new folder cannot be put there; the target is then as it was.
pub fn take_place(mut work: Work, superseded: &BTreeSet<PathBuf>) -> Result<()> {
    sync_folders(&work.path, Path::new(""))?;
    let old = if work.exists { Some(exchange(&work)?) } else { create(&work).map(|()| None)? };
    work.keep();
    // From here on the load is visible, so nothing may fail it any more.
    let _ = work.target.parent().map(sync_folder);
    if let Some(old) = old {
        retire(&old, &work.target, Path::new(""), superseded);
    }
    Ok(())
}

fn create(work: &Work) -> Result<()> {
    // A folder that was filled meanwhile is not replaced: the rename fails.
    fs::rename(&work.path, &work.target).map_err(|error| {
        Error::writing(&work.target, error).hint("It appeared while the load ran: run the load again.")
    })
}

/// Exchanges the two folders and gives where the old one stands now.
fn exchange(work: &Work) -> Result<PathBuf> {
    let failed = |error: std::io::Error| Error::writing(&work.target, error);
    match rustix::fs::renameat_with(CWD, &work.path, CWD, &work.target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(work.path.clone()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => two_renames(work).map_err(failed),
        Err(error) => Err(failed(error.into())),
    }
}

fn two_renames(work: &Work) -> std::io::Result<PathBuf> {
    let aside = work.aside();
    fs::rename(&work.target, &aside)?;
    match fs::rename(&work.path, &work.target) {
        Ok(()) => Ok(aside),
        Err(error) => {
            fs::rename(&aside, &work.target)?;
            Err(error)
        }
    }
}

fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| Error::writing(path, error))
}

fn sync_folders(root: &Path, below: &Path) -> Result<()> {
    for (relative, kind) in entries(root, below)? {
        if kind.is_dir() {
            sync_folders(root, &relative)?;
        }
    }
    sync_folder(&root.join(below))
}

/// Removes the old folder. A file in it that the new one does not have arrived after everything was carried over
/// (somebody else wrote it): it is moved into the new folder, so that nothing is lost.
fn retire(old: &Path, new: &Path, below: &Path, superseded: &BTreeSet<PathBuf>) {
    for (relative, kind) in entries(old, below).unwrap_or_default() {
        let (from, to) = (old.join(&relative), new.join(&relative));
        if kind.is_dir() {
            if !superseded.contains(&relative) {
                let _ = make_like(&from, &to);
            }
            retire(old, new, &relative, superseded);
        } else if superseded.contains(&relative) || same_file(&from, &to) || is_link_like(&from, &to) {
            let _ = fs::remove_file(&from);
        } else {
            let _ = fs::rename(&from, &to);
        }
    }
    let _ = fs::remove_dir(old.join(below));
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::symlink_metadata(a), fs::symlink_metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

fn is_link_like(a: &Path, b: &Path) -> bool {
    matches!((fs::read_link(a), fs::read_link(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::Scratch;

    fn put(root: &Path, relative: &str, text: &str) {
        let path = root.join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(root: &Path, relative: &str) -> String {
        fs::read_to_string(root.join(relative)).unwrap_or_default()
    }

    #[test]
    fn everything_else_is_carried_over() {
        let scratch = Scratch::new();
        let target = scratch.path("out");
        put(&target, "a/one.csv", "1");
        put(&target, "a/two.csv", "2");
        put(&target, "README", "mine");
        std::os::unix::fs::symlink("README", target.join("link")).unwrap();
        let work = Work::begin(&target).unwrap();
        put(&work.path, "a/two.csv", "new");
        let superseded = BTreeSet::from([PathBuf::from("a/one.csv"), PathBuf::from("a/two.csv")]);
        carry_over(&work, &superseded).unwrap();
        take_place(work, &superseded).unwrap();
        assert!(!target.join("a/one.csv").exists());
        assert_eq!(text(&target, "a/two.csv"), "new");
        assert_eq!(text(&target, "README"), "mine");
        assert_eq!(fs::read_link(target.join("link")).unwrap(), Path::new("README"));
        assert_eq!(scratch.names(), ["out"]);
    }

    #[test]
    fn files_that_arrive_late_are_kept() {
        let scratch = Scratch::new();
        let target = scratch.path("out");
        put(&target, "a/one.csv", "1");
        let work = Work::begin(&target).unwrap();
        carry_over(&work, &BTreeSet::new()).unwrap();
        put(&target, "late/rejects.csv", "late");
        fs::write(target.join("a/new.csv"), "rewritten").unwrap();
        fs::rename(target.join("a/new.csv"), target.join("a/one.csv")).unwrap();
        take_place(work, &BTreeSet::new()).unwrap();
        assert_eq!(text(&target, "late/rejects.csv"), "late");
        assert_eq!(text(&target, "a/one.csv"), "rewritten");
        assert_eq!(scratch.names(), ["out"]);
    }

    #[test]
    fn two_renames_do_the_same_where_exchange_is_missing() {
        let scratch = Scratch::new();
        let target = scratch.path("out");
        put(&target, "old.csv", "old");
        let work = Work::begin(&target).unwrap();
        put(&work.path, "new.csv", "new");
        let aside = two_renames(&work).unwrap();
        assert_eq!(text(&target, "new.csv"), "new");
        assert_eq!(text(&aside, "old.csv"), "old");
    }

    #[test]
    fn a_target_moved_aside_by_a_dead_load_is_put_back() {
        let scratch = Scratch::new();
        put(&scratch.path(".out.karat-1-old"), "old.csv", "old");
        put(&scratch.path(".out.karat-1"), "half.csv", "half");
        let target = scratch.path("out");
        let work = Work::begin(&target).unwrap();
        assert_eq!(text(&target, "old.csv"), "old");
        assert!(work.exists && !scratch.path(".out.karat-1").exists());
    }

    #[test]
    fn a_folder_that_is_in_use_is_refused() {
        let scratch = Scratch::new();
        let target = scratch.path("out");
        put(&target, "a.csv", "");
        let first = Work::begin(&target).unwrap();
        let error = Work::begin(&target).unwrap_err();
        assert!(error.message.contains("another load"), "{error}");
        drop(first);
        assert!(Work::begin(&target).is_ok());
        assert_eq!(scratch.names(), ["out"]);
    }

    #[test]
    fn the_working_folder_is_no_target() {
        let error = Work::begin(Path::new(".")).unwrap_err();
        assert!(error.message.contains("working folder"), "{error}");
        assert!(Work::begin(Path::new("/")).is_err());
    }
}
