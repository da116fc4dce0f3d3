//! Rows as they come out of COPY, in batches.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::RecordBatch;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio_postgres::CopyOutStream;

use crate::io::databases::postgres::connect::Link;
use crate::io::databases::postgres::decode::Decoder;
use crate::model::{Column, Error, ErrorKind, Result};

/// Rows and bytes of a batch.
const ROWS: usize = 16 * 1024;
const BYTES: usize = 8 << 20;
/// How often a signal is looked for while the server says nothing.
const GLANCE: Duration = Duration::from_millis(300);

/// The rows of a query, while they come.
pub struct Reading<'a> {
    link: &'a Link,
    stream: Pin<Box<CopyOutStream>>,
    decoder: Decoder,
    interrupted: Option<&'a Arc<AtomicBool>>,
    ended: bool,
}

impl<'a> Reading<'a> {
    /// Starts a query, whose columns come in the forms that [`crate::sql::Postgres`] gives their types.
    ///
    /// # Errors
    /// The server's (made an error by `wrong`), and where a signal came.
    pub fn start(
        link: &'a Link,
        query: &str,
        columns: &[&Column],
        interrupted: Option<&'a Arc<AtomicBool>>,
        wrong: &dyn Fn(&tokio_postgres::Error) -> Error,
    ) -> Result<Self> {
        let query = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
        let _waiting = link.activity.begin();
        let mut starting = Box::pin(link.client.copy_out(&query));
        // The server answers with the first row only.
        let stream = loop {
            go_on(interrupted)?;
            if let Ok(answer) = link.block(async { tokio::time::timeout(GLANCE, &mut starting).await }) {
                break answer.map_err(|error| wrong(&error))?;
            }
        };
        Ok(Self { link, stream: Box::pin(stream), decoder: Decoder::new(columns), interrupted, ended: false })
    }

    /// Gives the next rows; `None` after the last.
    ///
    /// # Errors
    /// Where the connection breaks (made an error by `wrong`), a value cannot be read, or a signal came.
    pub fn next_batch(&mut self, wrong: &dyn Fn(&tokio_postgres::Error) -> Error) -> Result<Option<RecordBatch>> {
        // One wait, however often it is looked up from.
        let _waiting = self.link.activity.begin();
        while !self.ended && self.decoder.rows < ROWS && self.decoder.bytes < BYTES {
            go_on(self.interrupted)?;
            self.link.block(some(&mut self.stream, &mut self.decoder, &mut self.ended, wrong))?;
        }
        if self.decoder.rows == 0 { Ok(None) } else { self.decoder.batch().map(Some) }
    }
}

fn go_on(interrupted: Option<&Arc<AtomicBool>>) -> Result<()> {
    if interrupted.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
        return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was committed"));
    }
    Ok(())
}

/// Waits for rows, and takes all that are there already: each comes as a message of its own.
async fn some(
    stream: &mut Pin<Box<CopyOutStream>>,
    decoder: &mut Decoder,
    ended: &mut bool,
    wrong: &dyn Fn(&tokio_postgres::Error) -> Error,
) -> Result<()> {
    let Ok(mut next) = tokio::time::timeout(GLANCE, stream.next()).await else { return Ok(()) };
    loop {
        match next {
            None => {
                *ended = true;
                return Ok(());
            }
            Some(bytes) => decoder.take(&bytes.map_err(|error| wrong(&error))?)?,
        }
        if decoder.rows >= ROWS || decoder.bytes >= BYTES {
            return Ok(());
        }
        match stream.next().now_or_never() {
            Some(more) => next = more,
            None => return Ok(()),
        }
    }
}
