//! A gzip press: files compressed by threads of their own while rows are made, each file one member.
//!
//! One member a file is what every warehouse reads. A member is made by one thread, so files are compressed side by
//! side where there are several; no member holds a time, so that equal rows make equal bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::io::formats::write::file::Out;
use crate::io::formats::write::synced;
use crate::model::{Error, Result};

/// Text handed over at once.
const BLOCK: usize = 1 << 18;
/// Blocks that wait for a thread at most.
const WAITING: usize = 4;
/// Threads at most: more files share them.
const THREADS: usize = 8;
/// Measured on three tables of numbers and words: level 3 takes 78 to 97 MB/s of text a core, level 6 43 to 58, and its
/// files are 2 to 7 % longer; level 1 takes 130 to 171, and its files are half as long again.
const LEVEL: u32 = 3;

/// Compresses the files of one table.
pub struct Press {
    threads: Vec<SyncSender<Job>>,
    files: usize,
}

enum Job {
    Open(usize, Box<Pressing>),
    Text(usize, Vec<u8>),
    End(usize, SyncSender<Result<u64>>),
}

/// A file in a thread.
struct Pressing {
    path: PathBuf,
    out: Result<GzEncoder<BufWriter<File>>>,
    failed: Arc<AtomicBool>,
}

impl Press {
    /// Starts the threads for so many files at once.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(files: usize) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = files.clamp(1, cores.min(THREADS));
        let thread = |_| {
            let (sender, jobs) = sync_channel(WAITING);
            let started = std::thread::Builder::new().name("gzip".to_owned()).spawn(move || work(&jobs));
            started.map_err(|error| Error::output("cannot start a thread").because(error))?;
            Ok(sender)
        };
        Ok(Self { threads: (0..count).map(thread).collect::<Result<_>>()?, files: 0 })
    }

    /// Begins a new file, in the thread whose turn it is.
    ///
    /// # Errors
    /// Where the file exists or cannot be made.
    pub fn file(&mut self, path: &Path) -> Result<Pressed> {
        let file = File::create_new(path).map_err(|error| Error::writing(path, error))?;
        let id = self.files;
        self.files += 1;
        let thread = self.threads.get(id % self.threads.len().max(1)).ok_or_else(gone)?.clone();
        let failed = Arc::new(AtomicBool::new(false));
        let out = GzBuilder::new().write(BufWriter::with_capacity(1 << 17, file), Compression::new(LEVEL));
        let pressing = Pressing { path: path.to_owned(), out: Ok(out), failed: Arc::clone(&failed) };
        thread.send(Job::Open(id, Box::new(pressing))).map_err(|_| gone())?;
        Ok(Pressed { thread, id, text: Vec::new(), failed })
    }
}

/// The text side of a compressed file.
pub struct Pressed {
    thread: SyncSender<Job>,
    id: usize,
    text: Vec<u8>,
    failed: Arc<AtomicBool>,
}

impl Pressed {
    fn hand_over(&mut self) -> Result<()> {
        let text = std::mem::replace(&mut self.text, Vec::with_capacity(BLOCK));
        self.thread.send(Job::Text(self.id, text)).map_err(|_| gone())
    }

    fn end(&self) -> Result<u64> {
        let (reply, answer) = sync_channel(1);
        self.thread.send(Job::End(self.id, reply)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Out for Pressed {
    fn push(&mut self, text: &[u8]) -> Result<()> {
        // A full disk is told at once, not at the end of the file.
        if self.failed.load(Ordering::Relaxed) {
            return self.end().map(|_| ());
        }
        self.text.extend_from_slice(text);
        if self.text.len() >= BLOCK { self.hand_over() } else { Ok(()) }
    }

    fn finish(mut self) -> Result<u64> {
        self.hand_over()?;
        self.end()
    }
}

fn gone() -> Error {
    Error::output("a thread that compresses has ended").hint("This is a fault of karat: please report it.")
}

/// Compresses what comes until nobody sends any more.
fn work(jobs: &Receiver<Job>) {
    let mut files = BTreeMap::new();
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Open(id, file) => {
                files.insert(id, file);
            }
            Job::Text(id, text) => {
                if let Some(file) = files.get_mut(&id) {
                    file.press(&text);
                }
            }
            Job::End(id, reply) => {
                let ended = files.remove(&id).map_or_else(|| Err(gone()), |file| file.end());
                // Whoever asked may be gone: then nobody minds.
                let _ = reply.send(ended);
            }
        }
    }
}

impl Pressing {
    fn press(&mut self, text: &[u8]) {
        let Ok(out) = &mut self.out else { return };
        if let Err(error) = out.write_all(text) {
            self.out = Err(Error::writing(&self.path, error));
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    fn end(self) -> Result<u64> {
        let Self { path, out, .. } = self;
        let file = out?.finish().and_then(|file| file.into_inner().map_err(std::io::IntoInnerError::into_error));
        synced(&path, &file.map_err(|error| Error::writing(&path, error))?, None)
    }
}
