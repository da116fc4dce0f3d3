//! COPY in chunks, each under a savepoint, by a task of its own: the caller encodes while the server takes rows.
//!
//! A chunk is kept until the server has taken it. Where the server refuses a row of it, the chunk is tried again piece
//! by piece ([`Window`]), and the row is left out. A row that the server drops without a word (a trigger that gives
//! NULL) is found in the same way, by the count of rows it says it took.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::SinkExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, CopyInSink, Statement};

use crate::io::Refused;
use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::encode::{self, Block};
use crate::io::databases::postgres::failure::{Fault, broken, failed, row_fault};
use crate::io::databases::postgres::watch::Activity;
use crate::io::databases::postgres::window::Window;
use crate::model::{Error, Result};

/// Rows and bytes a chunk holds at most, about.
const ROWS: usize = 128 * 1024;
const BYTES: usize = 8 << 20;
/// Blocks that wait for the server, while the caller encodes on.
const WAITING: usize = 16;
/// What is said of a row that vanished.
const DROPPED: &str = "a trigger of the target left the row out without a word";

/// Where rows are copied to.
#[derive(Debug, Clone)]
pub struct Place {
    /// `COPY … FROM STDIN (FORMAT binary)`
    pub statement: String,
    /// The table's name as messages show it.
    pub relation: String,
    /// What was tried, for errors.
    pub what: String,
}

/// What became of the rows.
#[derive(Debug, Default)]
pub struct Copied {
    /// By the server's own count.
    pub rows: u64,
    /// By ascending ordinal.
    pub refused: Vec<Refused>,
}

/// A COPY under way.
pub struct Copier {
    sender: mpsc::Sender<Block>,
    task: JoinHandle<Result<Copied>>,
}

impl Copier {
    /// Starts the task.
    ///
    /// # Errors
    /// Where the server refuses the statement.
    pub fn start(link: &Link, place: Place) -> Result<Self> {
        let prepared = link.wait(link.client.prepare(&place.statement));
        let statement = prepared.map_err(|error| failed(&place.what, &error))?;
        let (sender, orders) = mpsc::channel(WAITING);
        let activity = Arc::clone(&link.activity);
        let work = Work { client: Arc::clone(&link.client), activity, statement, place, done: Copied::default() };
        Ok(Self { sender, task: link.spawn(work.run(orders)) })
    }

    /// Hands on rows; `false` where the task has ended because of an error, which [`Copier::finish`] gives.
    pub fn send(&self, block: Block) -> bool {
        self.sender.blocking_send(block).is_ok()
    }

    /// Waits until the server has taken all rows.
    ///
    /// # Errors
    /// Where it failed otherwise than by refusing rows.
    pub fn finish(self, link: &Link) -> Result<Copied> {
        drop(self.sender);
        let ended = link.block(self.task);
        ended.map_err(|error| Error::output("the connection's task failed").because(error))?
    }

    /// Stops in the middle; the server undoes what it has.
    pub fn abort(self, link: &Link) {
        self.task.abort();
        let _ = link.block(self.task);
    }
}

struct Work {
    client: Arc<Client>,
    activity: Arc<Activity>,
    statement: Statement,
    place: Place,
    done: Copied,
}

/// What a try came to.
enum Tried {
    Taken,
    Failed(Fault),
}

impl Work {
    async fn run(mut self, mut orders: mpsc::Receiver<Block>) -> Result<Copied> {
        self.command("SAVEPOINT karat").await?;
        while let Some(block) = orders.recv().await {
            self.chunk(block, &mut orders).await?;
        }
        self.command("RELEASE SAVEPOINT karat").await?;
        Ok(self.done)
    }

    /// Sends a chunk as its blocks come.
    async fn chunk(&mut self, first: Block, orders: &mut mpsc::Receiver<Block>) -> Result<()> {
        let mut chunk = Chunk::default();
        let answer = {
            let mut sink = pin!(self.copy_in().await?);
            let mut next = Some(first);
            let mut broke = sink.feed(Bytes::from_static(encode::HEAD)).await;
            while let Some(block) = next.take() {
                let bytes = chunk.keep(block);
                if broke.is_ok() {
                    broke = self.activity.waiting(sink.feed(bytes)).await;
                }
                if !chunk.is_full() && broke.is_ok() {
                    next = orders.recv().await;
                }
            }
            if broke.is_ok() {
                broke = sink.feed(Bytes::from_static(encode::TAIL)).await;
            }
            match broke {
                Ok(()) => self.activity.waiting(sink.finish()).await,
                Err(error) => Err(error),
            }
        };
        match self.judge(answer, chunk.rows).await? {
            Tried::Taken => Ok(()),
            Tried::Failed(fault) => self.piece_by_piece(&chunk, fault).await,
        }
    }

    /// Tries a chunk that failed as a whole again.
    async fn piece_by_piece(&mut self, chunk: &Chunk, mut fault: Fault) -> Result<()> {
        let bytes = Bytes::from(chunk.blocks.concat());
        let starts = encode::starts(&bytes);
        let ordinals = chunk.ordinals();
        let mut window = Window::new(chunk.rows);
        let mut found = window.failed(fault.line);
        loop {
            if let Some(row) = found {
                let row = ordinals.get(row).copied().unwrap_or_default();
                let Fault { message, column, .. } = fault.clone();
                self.done.refused.push(Refused { row, message, column });
            }
            let Some(range) = window.range() else { return Ok(()) };
            let (Some(&start), Some(&end)) = (starts.get(range.start), starts.get(range.end)) else {
                return Err(broken(format!("{}: the rows were not found again", self.place.what)));
            };
            found = match self.attempt(bytes.slice(start..end), range.len()).await? {
                Tried::Taken => window.taken(),
                Tried::Failed(next) => {
                    let line = next.line;
                    fault = next;
                    window.failed(line)
                }
            };
        }
    }

    /// Begins a COPY.
    async fn copy_in(&self) -> Result<CopyInSink<Bytes>> {
        let begun = self.activity.waiting(self.client.copy_in::<_, Bytes>(&self.statement)).await;
        begun.map_err(|error| self.error(&error))
    }

    async fn attempt(&mut self, bytes: Bytes, rows: usize) -> Result<Tried> {
        let answer = {
            let mut sink = pin!(self.copy_in().await?);
            let sent = async {
                sink.feed(Bytes::from_static(encode::HEAD)).await?;
                sink.feed(bytes).await?;
                sink.feed(Bytes::from_static(encode::TAIL)).await
            };
            match self.activity.waiting(sent).await {
                Ok(()) => self.activity.waiting(sink.finish()).await,
                Err(error) => Err(error),
            }
        };
        self.judge(answer, rows).await
    }

    /// Keeps what was taken, or goes back behind it.
    async fn judge(&mut self, answer: Result<u64, tokio_postgres::Error>, rows: usize) -> Result<Tried> {
        let fault = match answer {
            Ok(taken) if taken == rows as u64 => {
                self.command("RELEASE SAVEPOINT karat; SAVEPOINT karat").await?;
                self.done.rows += taken;
                return Ok(Tried::Taken);
            }
            Ok(_) => Fault { message: DROPPED.to_owned(), column: None, line: None },
            Err(error) => row_fault(&error, &self.place.relation).ok_or_else(|| self.error(&error))?,
        };
        self.command("ROLLBACK TO SAVEPOINT karat").await?;
        Ok(Tried::Failed(fault))
    }

    async fn command(&self, command: &str) -> Result<()> {
        self.activity.waiting(self.client.batch_execute(command)).await.map_err(|error| self.error(&error))
    }

    fn error(&self, error: &tokio_postgres::Error) -> Error {
        failed(&self.place.what, error)
    }
}

/// Rows that were sent and not answered yet.
#[derive(Default)]
struct Chunk {
    blocks: Vec<Bytes>,
    rows: usize,
    bytes: usize,
    /// Ordinals of each block's rows, and those left out of them.
    spans: Vec<(std::ops::Range<u64>, Vec<u64>)>,
}

impl Chunk {
    fn keep(&mut self, block: Block) -> Bytes {
        self.rows += block.rows;
        self.bytes += block.bytes.len();
        self.spans.push((block.first..block.end, block.left_out));
        let bytes = Bytes::from(block.bytes);
        self.blocks.push(bytes.clone());
        bytes
    }

    const fn is_full(&self) -> bool {
        self.rows >= ROWS || self.bytes >= BYTES
    }

    /// Gives the ordinal of each row.
    fn ordinals(&self) -> Vec<u64> {
        let here = |(span, left_out): &(std::ops::Range<u64>, Vec<u64>)| {
            let kept = span.clone().filter(|row| left_out.binary_search(row).is_err());
            kept.collect::<Vec<u64>>()
        };
        self.spans.iter().flat_map(here).collect()
    }
}
