//! Sniffer: finds a CSV file's dialect in its first bytes.
//!
//! Every candidate dialect cuts the head into records, and the records vote: the dialect wins under which most of them
//! have one width and cells that look like values. A ragged row, a stray quote or a title above the header costs its
//! own vote and no more, wherever it stands. Nothing here fails: a head without evidence keeps the defaults.
//!
//! | what | how |
//! |---|---|
//! | encoding | byte-order mark; zero bytes at every second place; more broken than good sequences of UTF-8 |
//! | delimiter, quote, escape | the vote (`vote`), over records cut as a lenient reader would (`records`) |
//! | title lines, comments | lines above the first record of the voted width (`lead`) |
//! | trailing delimiter | every record of the voted width ends in one |
//! | header | names against the values below them (`header`) |
//!
//! Whoever reads a file by what is found here says so: [`Sniffed::notes`] names each setting that differs from the
//! default, with its evidence. The same bytes give the same words.

mod cells;
mod encoding;
mod header;
mod lead;
mod records;
#[cfg(test)]
mod tests;
mod vote;

use std::io::Read;
use std::sync::Arc;

use crate::io::InputFile;
use crate::io::formats::transcode::TextReader;
use crate::io::stores::archive;
use crate::model::{Encoding, Escape, Quotes, Result, SourceSpec};

/// Bytes of a file that are looked at.
pub const HEAD: usize = 256 << 10;

/// What is known already and not to be found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    pub delimiter: Option<u8>,
    pub header: Option<bool>,
}

/// What a file's head says about its dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Sniffed {
    /// The dialect as a source; what the head says nothing about has its default.
    pub spec: SourceSpec,
    /// Fields of a record, a trailing delimiter's empty one not counted; 0 for a head without a record.
    pub width: usize,
    /// The header's names, as written; `None` where there is no header.
    pub names: Option<Vec<String>>,
    /// Records looked at, and those of them that have `width` fields.
    pub records: usize,
    pub regular: usize,
    /// Whether the choice of header or none rests on more than a guess.
    pub header_is_sure: bool,
    /// One sentence for each setting that differs from its default.
    pub notes: Vec<String>,
}

/// Sniffs a file, compressed or not.
///
/// # Errors
/// Where it cannot be opened or read.
pub fn file(file: &InputFile, known: Known) -> Result<Sniffed> {
    let (head, whole) = head(file, HEAD)?;
    Ok(sniff(&head, whole, known))
}

/// Reads a file's first bytes, decompressed; gives whether that is all of it.
///
/// # Errors
/// Where it cannot be opened or read.
pub fn head(file: &InputFile, bytes: usize) -> Result<(Vec<u8>, bool)> {
    let mut input = archive::open(&file.path, Arc::default())?;
    let mut head = Vec::new();
    let limit = u64::try_from(bytes).unwrap_or(u64::MAX);
    (&mut input).take(limit).read_to_end(&mut head).map_err(|error| archive::read_error(&file.path, error))?;
    let whole = head.len() < bytes;
    Ok((head, whole))
}

/// Sniffs the first bytes of a file; `whole`: they are all of it.
#[must_use]
pub fn sniff(head: &[u8], whole: bool, known: Known) -> Sniffed {
    let found = encoding::find(head, whole);
    let text = image(head, found.encoding);
    let comment = lead::comment(&text);
    let vote = vote::vote(&text, whole, comment, known);
    let delimiter = vote.dialect.delimiter;
    let mut spec = SourceSpec {
        delimiter,
        quote: vote.dialect.quote,
        escape: if vote.dialect.backslash { Escape::Backslash } else { Escape::Doubled },
        quotes: if vote.bare_quotes { Quotes::Lenient } else { Quotes::Strict },
        comment,
        // A byte-order mark is found again by whoever reads; what was guessed must be said.
        encoding: if found.marked { Encoding::Auto } else { found.setting() },
        trailing_delimiter: vote.trailing,
        ..SourceSpec::default()
    };
    let lead = lead::titles(&text, &vote);
    spec.skip_lines = lead.lines;
    let rows: Vec<Vec<String>> = vote.rows(&text, lead.records);
    let header = header::find(&rows);
    spec.header = known.header.unwrap_or(header.is_header);
    let names = spec.header.then(|| rows.first().cloned()).flatten();
    let mut sniffed = Sniffed {
        width: vote.width - usize::from(vote.trailing && vote.width > 1),
        names,
        records: vote.records.len() - lead.records.min(vote.records.len()),
        regular: vote.regular,
        header_is_sure: known.header.is_some() || header.is_sure,
        notes: Vec::new(),
        spec,
    };
    sniffed.notes = notes(&sniffed, &found, &header);
    sniffed
}

/// Gives the text of a head.
fn image(head: &[u8], encoding: Encoding) -> Vec<u8> {
    let bytes = std::io::Cursor::new(head.to_vec());
    let mut text = Vec::new();
    // Reading from memory does not fail.
    if let Ok(mut reader) = TextReader::open(Box::new(bytes), encoding) {
        let _ = reader.fill(&mut text, head.len().max(1) + 4);
    }
    text
}

fn notes(sniffed: &Sniffed, found: &encoding::Found, header: &header::Header) -> Vec<String> {
    let (spec, standard) = (&sniffed.spec, SourceSpec::default());
    let mut notes = Vec::new();
    if spec.delimiter != standard.delimiter {
        notes.push(format!(
            "fields are separated by {}: {} of the first {} records have {} fields",
            shown(spec.delimiter),
            sniffed.regular,
            sniffed.records,
            sniffed.width
        ));
    }
    match spec.quote {
        None => notes.push("no byte quotes: quotes are data".to_owned()),
        Some(quote) if Some(quote) != standard.quote => notes.push(format!("fields are quoted by {}", shown(quote))),
        Some(_) => {}
    }
    if spec.escape != standard.escape {
        notes.push("a quote inside quotes is written with a backslash".to_owned());
    }
    if spec.quotes != standard.quotes {
        notes.push("quotes stand inside unquoted fields and are taken as data".to_owned());
    }
    if spec.trailing_delimiter {
        notes.push("every record ends in a delimiter".to_owned());
    }
    if let Some(comment) = spec.comment {
        notes.push(format!("lines that start with {} are comments", shown(comment)));
    }
    if spec.skip_lines > 0 {
        notes.push(format!("the first {} lines are no records and are skipped", spec.skip_lines));
    }
    if !spec.header && sniffed.width > 0 {
        notes.push(format!("no header: {}", header.why));
    } else if !sniffed.header_is_sure && sniffed.width > 0 {
        notes.push(format!("the first record is taken as the header: {}", header.why));
    }
    if spec.encoding != standard.encoding {
        notes.push(found.why.clone());
    }
    notes
}

/// Writes a byte for people.
#[must_use]
pub fn shown(byte: u8) -> String {
    match byte {
        b'\t' => "a tab".to_owned(),
        b' ' => "a blank".to_owned(),
        byte if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
        byte => format!("the byte 0x{byte:02X}"),
    }
}
