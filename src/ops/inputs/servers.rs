//! Inputs that do not lie in files here: tables and queries of database servers, objects of S3. They are copied into the
//! run's own folder first, as they were at one moment, since a run reads its inputs several times.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::io::InputFile;
use crate::io::databases::address::Address;
pub use crate::io::databases::address::is_server;
use crate::io::databases::{self, Extract, Rows};
use crate::io::stores::s3;
use crate::model::source::ServerSource;
use crate::model::{Access, Error, Result};

/// What it takes to read from servers.
#[derive(Debug, Clone, Default)]
pub struct Servers {
    pub access: Access,
    /// A column by whose ranges tables are read over several connections at once.
    pub partition_on: Option<String>,
    /// Connections at most.
    pub threads: usize,
    /// Set by a signal.
    pub interrupted: Arc<AtomicBool>,
}

/// Tells whether a path is the URL of an object, or of several by a glob.
#[must_use]
pub fn is_object(path: &str) -> bool {
    path.starts_with("s3://")
}

/// Reads the URL of a database server as a source: `?table=`, `?query=` and `?partition_on=` say what is read.
///
/// # Errors
/// Where it is none.
pub fn source(url: &str) -> Result<(Address, ServerSource)> {
    let mut address = Address::parse(url)?;
    let mut take = |name: &str| {
        let at = address.settings.iter().rposition(|(known, _)| known == name)?;
        Some(address.settings.remove(at).1)
    };
    let (table, query, partition_on) = (take("table"), take("query"), take("partition_on"));
    if table.is_some() && query.is_some() {
        return Err(Error::usage(format!("{} names a table and a query", address.shown())).hint("give one of them"));
    }
    Ok((address, ServerSource { url: String::new(), table, query, partition_on }))
}

impl Servers {
    /// Copies what a contract's source names; the table is that of the contract where it names none.
    ///
    /// # Errors
    /// Where the environment lacks a `${NAME}`, or the rows cannot be read.
    pub fn declared(&self, source: &ServerSource, table: &str, spool: &Path) -> Result<Vec<InputFile>> {
        let (mut address, mut asked) = self::source(&source.url)?;
        let fill = |text: &mut String| -> Result<()> {
            *text = filled(text, &self.access)?;
            Ok(())
        };
        fill(&mut address.host)?;
        address.user.iter_mut().try_for_each(fill)?;
        address.password.iter_mut().try_for_each(fill)?;
        address.database.iter_mut().try_for_each(fill)?;
        address.settings.iter_mut().try_for_each(|(_, value)| fill(value))?;
        asked.table = source.table.clone().or(asked.table);
        asked.query = source.query.clone().or(asked.query);
        asked.partition_on = source.partition_on.clone().or(asked.partition_on);
        self.extract(&address, &asked, table, spool)
    }

    /// Copies the rows of a table or query; `table` is the one meant where the source names neither.
    ///
    /// # Errors
    /// Where the server cannot be reached or has no such table.
    pub fn extract(
        &self,
        address: &Address,
        source: &ServerSource,
        table: &str,
        spool: &Path,
    ) -> Result<Vec<InputFile>> {
        let rows = match (&source.query, &source.table) {
            (Some(query), _) => Rows::Query(query.clone()),
            (None, Some(table)) => Rows::Table(table.clone()),
            (None, None) => Rows::Table(table.to_owned()),
        };
        databases::extract(&Extract {
            address,
            access: &self.access,
            rows,
            partition_on: self.partition_on.as_deref().or(source.partition_on.as_deref()),
            threads: self.threads.max(1),
            spool: &folder(spool),
            interrupted: &self.interrupted,
        })
    }

    /// Fetches objects.
    ///
    /// # Errors
    /// Where nothing matches, or the store cannot be reached.
    pub fn fetch(&self, url: &str, spool: &Path) -> Result<Vec<InputFile>> {
        s3::fetch(url, &self.access, &folder(spool), &self.interrupted)
    }
}

/// Names a folder of its own below the spool.
pub(super) fn folder(spool: &Path) -> std::path::PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    spool.join(format!("copied-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Fills in `${NAME}` from the environment.
fn filled(text: &str, access: &Access) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = access.variable(name).ok_or_else(|| {
            Error::usage(format!("the contract asks for ${{{name}}}, which the environment does not have"))
                .hint(format!("set it: export {name}=…"))
        })?;
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_fills_in_names() {
        let access = Access::new([("A".to_owned(), "x@y".to_owned()), ("B".to_owned(), "${A}".to_owned())], None);
        assert_eq!(filled("${A}-${B}-$A-${", &access).unwrap(), "x@y-${A}-$A-${");
        assert!(filled("${C}", &access).unwrap_err().message.contains("${C}"));
    }

    #[test]
    fn what_is_read_stands_behind_the_question_mark() {
        let (address, asked) = source("mysql://me@h/shop?table=a.b&ssl-mode=required&partition_on=id").unwrap();
        assert_eq!((asked.table.as_deref(), asked.partition_on.as_deref()), (Some("a.b"), Some("id")));
        assert_eq!(address.settings, [("ssl-mode".to_owned(), "required".to_owned())]);
        assert!(source("mysql://h/d?table=a&query=b").is_err());
    }
}
