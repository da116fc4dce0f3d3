//! The rows of a query as batches, one after the other as the server sends them.

use arrow_array::ArrayRef;
use mysql::prelude::Queryable as _;
use mysql::{Column, Conn, Value};

use crate::io::databases::mysql::connect::{Server, Session, run};
use crate::io::databases::mysql::decode::{Collected, Misfit, Odd};
use crate::io::databases::mysql::errors::failed;
use crate::model::{DataType, Error, ErrorKind, Result};

/// Rows and bytes a batch at most.
const ROWS: usize = 8192;
const BYTES: usize = 8 << 20;

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walked {
    /// All rows were given, so many.
    Whole(u64),
    /// A value of this column is no moment: the column has to be text.
    Moment(usize),
    /// The receiver wanted no more.
    Stopped,
}

/// Takes rows.
pub trait Receiver {
    /// Hears which columns come, and says as what types they are wanted.
    ///
    /// # Errors
    /// Where they cannot be taken.
    fn begin(&mut self, columns: &[Column]) -> Result<Vec<DataType>>;

    /// Takes so many rows; `false` ends the walk.
    ///
    /// # Errors
    /// Where they cannot be taken.
    fn take(&mut self, arrays: Vec<ArrayRef>, rows: usize) -> Result<bool>;
}

/// Walks the rows of a query in the binary protocol, which tells every value exactly.
///
/// # Errors
/// Where the query fails or the connection ends, and the receiver's.
pub fn walk(
    (server, session): (&Server, Session),
    conn: &mut Conn,
    (what, query): (&str, &str),
    odd: Odd,
    receiver: &mut dyn Receiver,
) -> Result<Walked> {
    let kind = if session == Session::Source { ErrorKind::Input } else { ErrorKind::Output };
    let cannot = |error: mysql::Error| failed(kind, format!("cannot read {what}"), &error);
    let id = conn.connection_id();
    let statement = conn.prep(query).map_err(cannot)?;
    let mut result = conn.exec_iter(&statement, ()).map_err(cannot)?;
    let columns = result.columns().as_ref().to_vec();
    let mut pump = || -> Result<Walked> {
        let types = receiver.begin(&columns)?;
        let fresh = columns.iter().zip(&types).map(|(column, wanted)| Collected::new(column, wanted, odd));
        let mut collected: Vec<Collected> = fresh.collect();
        let (mut total, mut rows, mut bytes) = (0, 0, 0);
        for row in result.by_ref() {
            let row = row.map_err(cannot)?;
            for (index, (collected, value)) in collected.iter_mut().zip(row.unwrap_raw()).enumerate() {
                match collected.push(value.unwrap_or(Value::NULL)) {
                    Ok(more) => bytes += more,
                    Err(Misfit::Moment) => return Ok(Walked::Moment(index)),
                    Err(Misfit::Broken) => return Err(broken(kind, what, columns.get(index))),
                }
            }
            rows += 1;
            if rows == ROWS || bytes >= BYTES {
                if !receiver.take(collected.iter_mut().map(Collected::take).collect(), rows)? {
                    return Ok(Walked::Stopped);
                }
                total += rows as u64;
                (rows, bytes) = (0, 0);
            }
        }
        if rows > 0 && !receiver.take(collected.iter_mut().map(Collected::take).collect(), rows)? {
            return Ok(Walked::Stopped);
        }
        Ok(Walked::Whole(total + rows as u64))
    };
    let walked = pump();
    if !matches!(walked, Ok(Walked::Whole(_))) {
        // What is not asked for any more would be read to its end otherwise.
        kill(server, session, id);
    }
    drop(result);
    if !matches!(walked, Ok(Walked::Whole(_))) {
        // A kill that came late hits this.
        let _ = run(conn, "DO 0");
    }
    let _ = conn.close(statement);
    walked
}

/// Ends the query of a session, not the session.
pub fn kill(server: &Server, session: Session, id: u32) {
    if let Ok(mut conn) = server.connect(session) {
        let _ = run(&mut conn, &format!("KILL QUERY {id}"));
    }
}

fn broken(kind: ErrorKind, what: &str, column: Option<&Column>) -> Error {
    let name = column.map_or_else(String::new, |column| format!(".{}", column.name_str()));
    Error::new(kind, format!("a value of {what}{name} is not of the type the server announced"))
        .hint("Read the column as text: SELECT CAST(… AS CHAR) in a query.")
}
