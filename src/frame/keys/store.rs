//! Store: records scattered over partitions by many threads, spilled to disk where they pass a budget.
//!
//! Threads write through pens, each with an open chunk a partition; full chunks go to the shelf. When the chunks on all
//! shelves of a budget pass its limit, a shelf's chunks are appended to its file, partition by partition, and their
//! memory is used again. Memory is the records and about a chunk (8 KiB at most) a partition and pen, nothing is doubled.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::frame::keys::packed::{PAIR, Packed, pair};
use crate::frame::keys::spill::{Extent, Spill, SpillFile};
use crate::model::Result;

/// The number of partitions.
pub const PARTS: usize = 256;

/// The size of a full chunk, and of the first one of a partition.
const CHUNK: usize = 8 << 10;
const FIRST: usize = 256;

/// Bytes read back at once, where records have a fixed length.
const BLOCK: u64 = 1 << 20;

/// How many bytes several stores may keep in memory together, and where the others go.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    folder: Option<PathBuf>,
    held: AtomicUsize,
    spilled: AtomicU64,
    blank: Arc<Blank>,
}

/// Chunks to be used again, by any store of any table of a run: the allocator may keep what one thread gave back from
/// the others, so that a second table would take its memory beside that of the first.
#[derive(Debug, Default)]
pub struct Blank(Mutex<Vec<Vec<u8>>>);

impl Budget {
    /// Sets a limit. Without a folder nothing is spilled, whatever the limit.
    #[must_use]
    pub fn new(limit: usize, folder: Option<&Path>) -> Arc<Self> {
        Self::with_blank(limit, folder, Arc::default())
    }

    /// As [`Budget::new`], with the chunks that earlier budgets of the same limit left.
    #[must_use]
    pub fn with_blank(limit: usize, folder: Option<&Path>, blank: Arc<Blank>) -> Arc<Self> {
        let folder = folder.map(Path::to_owned);
        Arc::new(Self { limit, folder, held: AtomicUsize::new(0), spilled: AtomicU64::new(0), blank })
    }

    /// Gives the bytes spilled so far.
    #[must_use]
    pub fn spilled(&self) -> u64 {
        self.spilled.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Tells whether so many bytes that are never spilled leave room for others.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let most = self.limit - self.limit / 4;
        self.folder.is_none() || self.held.load(Ordering::Relaxed).saturating_add(bytes) <= most
    }

    /// Gives the bytes in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Gives the folder to spill to, where that is due.
    fn over(&self) -> Option<&Path> {
        self.folder.as_deref().filter(|_| self.held.load(Ordering::Relaxed) > self.limit)
    }

    /// Gives the size of a full chunk, a power of two. Chunks shrink with the limit, so that a small limit is kept too.
    pub(super) fn chunk(&self) -> usize {
        let shrunk = (self.limit / (4 * PARTS)).clamp(FIRST, CHUNK);
        if self.folder.is_some() { 1 << shrunk.ilog2() } else { CHUNK }
    }

    /// Gives an empty chunk of full size.
    pub(super) fn blank(&self) -> Vec<u8> {
        let used = self.blank.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        used.unwrap_or_else(|| Vec::with_capacity(self.chunk()))
    }

    /// Takes a chunk back.
    pub(super) fn recycle(&self, mut chunk: Vec<u8>) {
        if chunk.capacity() == self.chunk() {
            chunk.clear();
            self.blank.0.lock().unwrap_or_else(PoisonError::into_inner).push(chunk);
        }
    }
}

/// Records of one kind, while they come.
#[derive(Debug)]
pub struct Store {
    budget: Arc<Budget>,
    shelf: Mutex<Shelf>,
    spills: bool,
}

#[derive(Debug, Default)]
struct Shelf {
    /// Full chunks, by partition.
    chunks: Vec<Vec<Vec<u8>>>,
    held: usize,
    idle: Vec<Pen>,
    spill: Option<Spill>,
}

/// Writes records of one thread.
#[derive(Debug)]
pub struct Pen {
    open: Vec<Vec<u8>>,
    full: Vec<(usize, Vec<u8>)>,
    budget: Arc<Budget>,
}

impl Pen {
    fn new(budget: &Arc<Budget>) -> Self {
        Self { open: vec![Vec::new(); PARTS], full: Vec::new(), budget: budget.clone() }
    }

    /// Writes a record to a partition (below [`PARTS`]). It stays in one piece.
    #[inline]
    pub fn push(&mut self, part: usize, record: &[u8]) {
        let open = &mut self.open[part % PARTS];
        if open.capacity() - open.len() < record.len() {
            let full = std::mem::replace(open, room(&self.budget, open.capacity(), record.len()));
            if !full.is_empty() {
                self.full.push((part % PARTS, full));
            }
        }
        open.extend_from_slice(record);
    }

    /// Writes a pair of words.
    #[inline]
    pub fn push_pair(&mut self, part: usize, first: u64, second: u64) {
        self.push(part, &pair(first, second));
    }
}

/// Gives the chunk after one of size `before`: small ones first, since there may never be more.
#[cold]
fn room(budget: &Budget, before: usize, record: usize) -> Vec<u8> {
    let chunk = budget.chunk();
    let room = (before * 4).clamp(FIRST, chunk).max(record);
    if room == chunk { budget.blank() } else { Vec::with_capacity(room) }
}

impl Store {
    /// Makes an empty store.
    #[must_use]
    pub fn new(budget: &Arc<Budget>) -> Self {
        let shelf = Shelf { chunks: vec![Vec::new(); PARTS], ..Shelf::default() };
        Self { budget: budget.clone(), shelf: Mutex::new(shelf), spills: true }
    }

    /// Makes an empty store that counts for the budget and is never spilled itself.
    #[must_use]
    pub fn in_memory(budget: &Arc<Budget>) -> Self {
        Self { spills: false, ..Self::new(budget) }
    }

    /// Gives a pen, to be put back with [`Store::put`].
    #[must_use]
    pub fn pen(&self) -> Pen {
        let idle = self.lock().idle.pop();
        idle.unwrap_or_else(|| Pen::new(&self.budget))
    }

    /// Takes a pen back, and spills where the budget is passed.
    ///
    /// # Errors
    /// Where the spilled bytes cannot be written.
    pub fn put(&self, mut pen: Pen) -> Result<()> {
        let mut shelf = self.lock();
        for (part, chunk) in pen.full.drain(..) {
            shelf.shelve(part, chunk, &self.budget);
        }
        shelf.idle.push(pen);
        match self.budget.over() {
            Some(folder) if self.spills && shelf.held > 0 => shelf.spill(folder, &self.budget),
            _ => Ok(()),
        }
    }

    /// Ends the writing.
    #[must_use]
    pub fn seal(self) -> Parts {
        let mut shelf = self.shelf.into_inner().unwrap_or_else(PoisonError::into_inner);
        for pen in std::mem::take(&mut shelf.idle) {
            let open = pen.open.into_iter().enumerate().filter(|(_, chunk)| !chunk.is_empty());
            for (part, chunk) in pen.full.into_iter().chain(open) {
                shelf.shelve(part, chunk, &self.budget);
            }
        }
        let chunks = shelf.chunks.into_iter().map(Mutex::new).collect();
        let (extents, file) = match shelf.spill {
            Some(spill) => {
                let (extents, file) = spill.finish();
                (extents, Some(Mutex::new(file)))
            }
            None => (Vec::new(), None),
        };
        Parts { budget: self.budget, chunks, extents, file }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn shelve(&mut self, part: usize, chunk: Vec<u8>, budget: &Budget) {
        budget.take(chunk.capacity());
        self.held += chunk.capacity();
        self.chunks[part].push(chunk);
    }

    fn spill(&mut self, folder: &Path, budget: &Budget) -> Result<()> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            empty => empty.insert(Spill::new(folder, PARTS)?),
        };
        let before = spill.len();
        spill.append(&mut self.chunks, |chunk| budget.recycle(chunk))?;
        budget.spilled.fetch_add(spill.len() - before, Ordering::Relaxed);
        budget.give_back(std::mem::take(&mut self.held));
        Ok(())
    }
}

/// Records of one kind, all there; partitions are taken one by one, by any thread.
#[derive(Debug)]
pub struct Parts {
    budget: Arc<Budget>,
    chunks: Vec<Mutex<Vec<Vec<u8>>>>,
    extents: Vec<Vec<Extent>>,
    file: Option<Mutex<SpillFile>>,
}

impl Parts {
    /// Takes a partition (below [`PARTS`]) out.
    #[must_use]
    pub fn take(&self, part: usize) -> Part<'_> {
        let chunks = match self.chunks.get(part) {
            Some(chunks) => std::mem::take(&mut *chunks.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Vec::new(),
        };
        self.budget.give_back(chunks.iter().map(Vec::capacity).sum());
        let extents = self.extents.get(part).map_or(&[][..], Vec::as_slice);
        Part { budget: &self.budget, chunks, extents, file: self.file.as_ref() }
    }

    /// Packs pairs into as little memory as they need.
    #[must_use]
    pub fn pack(&self, pairs: &[(u64, u64)]) -> Packed {
        Packed::new(pairs, self.budget.chunk() / PAIR, || self.budget.blank())
    }
}

/// The records of one partition, in no order.
#[derive(Debug)]
pub struct Part<'a> {
    budget: &'a Budget,
    chunks: Vec<Vec<u8>>,
    extents: &'a [Extent],
    file: Option<&'a Mutex<SpillFile>>,
}

impl Part<'_> {
    /// Gives the number of bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let spilled: u64 = self.extents.iter().map(|extent| extent.len).sum();
        self.chunks.iter().map(Vec::len).sum::<usize>() + usize::try_from(spilled).unwrap_or(usize::MAX)
    }

    /// Shows all bytes, block by block; blocks hold whole pairs if only pairs were written.
    ///
    /// # Errors
    /// Where spilled bytes cannot be read back.
    pub fn read(&self, mut visit: impl FnMut(&[u8])) -> Result<()> {
        self.chunks.iter().for_each(|chunk| visit(chunk));
        self.read_spilled(BLOCK, visit)
    }

    /// As [`Part::read`], and gives the memory back on the way.
    ///
    /// # Errors
    /// Where spilled bytes cannot be read back.
    pub fn drain(mut self, mut visit: impl FnMut(&[u8])) -> Result<()> {
        for chunk in std::mem::take(&mut self.chunks) {
            visit(&chunk);
            self.budget.recycle(chunk);
        }
        self.read_spilled(BLOCK, visit)
    }

    /// Gives all bytes in one piece, each record whole.
    ///
    /// # Errors
    /// Where spilled bytes cannot be read back.
    pub fn into_bytes(self) -> Result<Vec<u8>> {
        let mut all = Vec::with_capacity(self.bytes());
        self.drain(|block| all.extend_from_slice(block))?;
        Ok(all)
    }

    fn read_spilled(&self, block: u64, mut visit: impl FnMut(&[u8])) -> Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        let mut buffer = Vec::new();
        for extent in self.extents {
            let mut at = 0;
            while at < extent.len {
                let len = block.min(extent.len - at);
                buffer.resize(usize::try_from(len).unwrap_or(0), 0);
                let mut spill = file.lock().unwrap_or_else(PoisonError::into_inner);
                spill.read(extent.start + at, &mut buffer)?;
                drop(spill);
                visit(&buffer);
                at += len;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::frame::keys::packed::pairs;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("karat-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    /// Writes `count` pairs with two pens and reads them back, sorted.
    fn round(budget: &Arc<Budget>, count: u64) -> Vec<(u64, u64)> {
        let store = Store::new(budget);
        for batch in 0..count / 100 {
            let (mut pen, other) = (store.pen(), store.pen());
            for number in batch * 100..batch * 100 + 100 {
                pen.push_pair(usize::try_from(number % 7).unwrap(), number, !number);
            }
            store.put(other).unwrap();
            store.put(pen).unwrap();
        }
        let parts = store.seal();
        let mut found = Vec::new();
        for part in 0..PARTS {
            let part = parts.take(part);
            let (bytes, mut read) = (part.bytes(), 0);
            part.read(|block| read += block.len()).unwrap();
            assert_eq!(bytes, read);
            part.drain(|block| found.extend(pairs(block))).unwrap();
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn what_was_written_is_read_back_spilled_or_not() {
        let folder = folder("round");
        let expected: Vec<(u64, u64)> = (0..20_000).map(|number| (number, !number)).collect();
        for limit in [0, 1 << 10, 1 << 17, usize::MAX] {
            let budget = Budget::new(limit, Some(&folder));
            assert_eq!(round(&budget, 20_000), expected);
            assert_eq!(budget.spilled() > 0, limit <= 1 << 17, "{limit}: {}", budget.spilled());
            assert_eq!(budget.held(), 0);
            if folder.exists() {
                assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing stays behind");
            }
        }
        let never = Budget::new(0, None);
        assert_eq!((round(&never, 20_000), never.spilled()), (expected, 0));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn records_of_any_length_stay_whole() {
        let folder = folder("whole");
        let budget = Budget::new(0, Some(&folder));
        let store = Store::new(&budget);
        let mut pen = store.pen();
        let records: Vec<Vec<u8>> = (1..=200_u8).map(|number| vec![number; usize::from(number) * 40]).collect();
        records.iter().for_each(|record| pen.push(3, record));
        store.put(pen).unwrap();
        let parts = store.seal();
        let all = parts.take(3).into_bytes().unwrap();
        assert_eq!(all.len(), records.iter().map(Vec::len).sum::<usize>());
        let mut rest = all.as_slice();
        while let Some(number) = rest.first() {
            let (record, behind) = rest.split_at(usize::from(*number) * 40);
            assert!(record.iter().all(|byte| byte == number));
            rest = behind;
        }
        drop(parts);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let file = folder("file");
        fs::write(&file, b"").unwrap();
        let budget = Budget::new(0, Some(&file));
        let store = Store::new(&budget);
        let mut pen = store.pen();
        (0..100).for_each(|number| pen.push_pair(0, number, number));
        let error = store.put(pen).unwrap_err();
        assert!(error.message.contains(&file.display().to_string()) && !error.hints.is_empty(), "{error}");
        fs::remove_file(&file).unwrap();
    }
}
