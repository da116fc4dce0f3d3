//! Scribe: the rejects of one batch as bytes, made by the worker that judged it, so that the one that writes the files
//! only has to write.
//!
//! Each line of reasons is what `serde_json` makes of the same record; what a rule always says is quoted beforehand.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Mutex, PoisonError};

use crate::frame::split::Splitter;
use crate::frame::split::teller::{Found, Teller};
use crate::frame::{Body, Judged, Mask};
use crate::io::rejects::extension;
use crate::io::rejects::folder::Folder;
use crate::io::rejects::quote::{put_quoted, quoted};
use crate::io::rejects::text::gather;
use crate::model::{Rule, Severity, Table};

/// Makes the rejects of a table's batches ready to be written; workers share it.
#[derive(Debug)]
pub struct Scribe {
    /// The table's part of file names.
    stem: String,
    rules: Vec<Says>,
    /// Buffers that were written and can be filled again.
    spare: Mutex<Vec<Written>>,
}

/// What a rule always says, as it stands in a line.
#[derive(Debug)]
struct Says {
    /// `{"rule":"…","code":"`
    head: Vec<u8>,
    code: &'static str,
    /// The column, where it names a single one, and `,"column":"…"`.
    column: Option<(String, Vec<u8>)>,
    /// `,"message":"…"`
    message: Vec<u8>,
    /// `,"severity":"error"}`
    tail: &'static [u8],
}

/// The rejects of one batch, ready to be written.
#[derive(Debug, Default)]
pub struct Written {
    pub(super) records: u64,
    /// The records' own bytes, separators between them; none for typed rows.
    pub(super) text: Vec<u8>,
    /// The last record stands without a line ending.
    pub(super) unended: bool,
    /// One line of reasons a record.
    lines: Vec<u8>,
    /// The name, quoted, that the lines give the reject file: that of the first one of its kind.
    name: Vec<u8>,
    /// Where in the lines the name stands.
    names: Vec<usize>,
}

impl Scribe {
    pub(super) fn new(folder: &Folder, table: &Table) -> Self {
        let rules = table.rules.iter().map(Says::new).collect();
        Self { stem: folder.stem().to_owned(), rules, spare: Mutex::default() }
    }

    /// Makes the `rejected` rows of a batch ready; `ordinal` gives a row's place among all records of the table.
    #[must_use]
    pub fn write(
        &self,
        splitter: &Splitter<'_>,
        judged: &Judged,
        rejected: &Mask,
        ordinal: impl Fn(usize) -> u64,
    ) -> Written {
        let mut written = self.lock().pop().unwrap_or_default();
        written.clear();
        if !rejected.any() {
            return written;
        }
        let raw = &judged.batch.raw;
        written.records = rejected.count() as u64;
        if !matches!(raw.body, Body::Columns(_)) {
            written.unended = gather(raw, rejected.rows(), &mut written.text);
        }
        let name = Folder::name(&self.stem, &raw.file.partitions, 1, extension(&raw.file));
        put_quoted(&name, &mut written.name);
        let mut head = b"{\"file\":".to_vec();
        put_quoted(&raw.file.path, &mut head);
        head.extend_from_slice(b",\"record\":");
        let teller = Teller::new(splitter, judged);
        let lines = &mut written.lines;
        for row in rejected.rows() {
            let record = &raw.records[row];
            lines.extend_from_slice(&head);
            put_number(record.number, lines);
            for (key, number) in
                [(",\"line\":", record.line), (",\"offset\":", record.offset), (",\"length\":", record.length)]
            {
                lines.extend_from_slice(key.as_bytes());
                put_number(number, lines);
            }
            lines.extend_from_slice(b",\"rejects_file\":");
            written.names.push(lines.len());
            lines.extend_from_slice(&written.name);
            lines.extend_from_slice(b",\"violations\":[");
            for (number, found) in teller.of(row, ordinal(row)).enumerate() {
                if number > 0 {
                    lines.push(b',');
                }
                self.put(&found, lines);
            }
            lines.extend_from_slice(b"]}\n");
        }
        written
    }

    /// Takes back what was written, so that its memory is used again.
    pub fn take_back(&self, written: Written) {
        self.lock().push(written);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Written>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a violation.
    fn put(&self, found: &Found<'_>, out: &mut Vec<u8>) {
        let Some(rule) = self.rules.get(found.rule) else { return };
        out.extend_from_slice(&rule.head);
        out.extend_from_slice(found.code.unwrap_or(rule.code).as_bytes());
        out.push(b'"');
        match (&found.column, &rule.column) {
            (Some(column), Some((usual, text))) if column == usual => out.extend_from_slice(text),
            (Some(column), _) => put_member(",\"column\":", column, out),
            (None, _) => {}
        }
        if let Some(value) = &found.value {
            put_member(",\"value\":", value, out);
        }
        match &found.message {
            Some(message) => put_member(",\"message\":", message, out),
            None => out.extend_from_slice(&rule.message),
        }
        out.extend_from_slice(rule.tail);
    }
}

impl Says {
    fn new(rule: &Rule) -> Self {
        let member = |key: &str, text: &str| {
            let mut out = Vec::new();
            put_member(key, text, &mut out);
            out
        };
        let mut head = member("{\"rule\":", &rule.id);
        head.extend_from_slice(b",\"code\":\"");
        let column = match rule.columns.as_slice() {
            [path] => Some((path.text.clone(), member(",\"column\":", &path.text))),
            _ => None,
        };
        let tail: &[u8] = match rule.severity {
            Severity::Error => b",\"severity\":\"error\"}",
            Severity::Warning => b",\"severity\":\"warning\"}",
        };
        Self { head, code: rule.code, column, message: member(",\"message\":", &rule.message), tail }
    }
}

impl Written {
    fn clear(&mut self) {
        (self.records, self.unended) = (0, false);
        self.text.clear();
        self.lines.clear();
        self.name.clear();
        self.names.clear();
    }

    /// Writes the lines, in which the reject file bears `name`.
    pub(super) fn put_lines(&self, name: &str, file: &mut BufWriter<File>) -> io::Result<()> {
        let name = quoted(name);
        if name == self.name {
            return file.write_all(&self.lines);
        }
        let mut from = 0;
        for at in &self.names {
            file.write_all(self.lines.get(from..*at).unwrap_or_default())?;
            file.write_all(&name)?;
            from = at + self.name.len();
        }
        file.write_all(self.lines.get(from..).unwrap_or_default())
    }
}

/// Appends a member of an object: its key, as it stands in a line, and a text.
fn put_member(key: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(key.as_bytes());
    put_quoted(text, out);
}

fn put_number(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
