//! The vote: each candidate dialect cuts the head, and the one under which the records agree best wins.
//!
//! A candidate's score is `share² · look · width · prior`: the share of records that have the commonest width; how much
//! the cells look like values (after van den Burg, Nazábal and Sutton, *Wrangling messy CSV files by detecting row and
//! type patterns*, 2019); `w / (w + 1)`, so that a delimiter that occurs beats one that does not; and how usual the
//! delimiter is. Equal scores go to the candidate that stands first in the list.

use crate::io::formats::csv::sniff::Known;
use crate::io::formats::csv::sniff::cells::{Sort, sort};
use crate::io::formats::csv::sniff::records::{Cell, Cut, Row, cut};

/// The delimiters that are tried, the usual ones first, with what speaks for each from the start.
const DELIMITERS: &[(u8, f64)] = &[
    (b',', 1.0),
    (b'\t', 1.0),
    (b';', 1.0),
    (b'|', 1.0),
    (0x1F, 1.0),
    (0x01, 1.0),
    (b'^', 0.8),
    (b'~', 0.8),
    (b':', 0.5),
    (b' ', 0.4),
];

/// Delimiters before this place are usual; the others count only where none of these cuts anything.
const USUAL: usize = 6;

/// Records whose cells are looked at closely.
const CLOSE: usize = 500;

/// The dialect that won and the records it gives.
#[derive(Debug)]
pub struct Vote {
    pub dialect: Cut,
    /// The commonest number of fields, a trailing delimiter's empty one included; 0 without records.
    pub width: usize,
    pub records: Vec<Row>,
    pub cells: Vec<Cell>,
    /// Records of `width`.
    pub regular: usize,
    /// Each of them ends in a delimiter.
    pub trailing: bool,
    /// Quotes stand inside unquoted fields, and often.
    pub bare_quotes: bool,
    score: f64,
}

impl Vote {
    /// Gives the cells of the records from `first` on that have the voted width, as text, without the empty one of a
    /// trailing delimiter.
    pub fn rows(&self, text: &[u8], first: usize) -> Vec<Vec<String>> {
        let width = self.width - usize::from(self.trailing && self.width > 1);
        let rows = self.records.iter().skip(first).filter(|row| row.width == self.width && !row.broken);
        let shown = |cell: &Cell| {
            let text = String::from_utf8_lossy(text.get(cell.start..cell.end).unwrap_or_default()).into_owned();
            match self.dialect.quote.filter(|_| cell.quoted) {
                Some(quote) if !self.dialect.backslash => {
                    let quote = char::from(quote);
                    text.replace(&format!("{quote}{quote}"), &quote.to_string())
                }
                _ => text,
            }
        };
        rows.map(|row| self.of(row).iter().take(width).map(shown).collect()).collect()
    }

    /// Gives the cells of a record.
    pub fn of(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.first..row.first + row.width).unwrap_or_default()
    }
}

/// Finds the dialect of a head.
pub fn vote(text: &[u8], whole: bool, comment: Option<u8>, known: Known) -> Vote {
    let quotes = quotes(text);
    let mut best: Option<Vote> = None;
    for (place, (delimiter, prior)) in DELIMITERS.iter().enumerate() {
        let wanted = known.delimiter.is_none_or(|known| known == *delimiter);
        let needless = place >= USUAL && best.as_ref().is_some_and(|best| best.width > 1 && best.score > 0.25);
        // A delimiter that does not occur stands for a single column, whatever is in its text.
        let occurs = place < USUAL || memchr::memchr(*delimiter, text).is_some();
        if wanted && occurs && !(needless && known.delimiter.is_none()) {
            try_quotes(text, whole, *delimiter, *prior, comment, &quotes, &mut best);
        }
    }
    if let (None, Some(delimiter)) = (&best, known.delimiter) {
        try_quotes(text, whole, delimiter, 1.0, comment, &quotes, &mut best);
    }
    best.unwrap_or_else(|| {
        weigh(text, whole, Cut { delimiter: b',', quote: Some(b'"'), backslash: false, comment }, 1.0)
    })
}

fn try_quotes(
    text: &[u8],
    whole: bool,
    delimiter: u8,
    prior: f64,
    comment: Option<u8>,
    quotes: &[(Option<u8>, bool)],
    best: &mut Option<Vote>,
) {
    for (quote, backslash) in quotes.iter().filter(|(quote, _)| *quote != Some(delimiter)) {
        let vote = weigh(text, whole, Cut { delimiter, quote: *quote, backslash: *backslash, comment }, prior);
        if best.as_ref().is_none_or(|best| beats(&vote, best)) {
            *best = Some(vote);
        }
    }
}

/// Tells whether a later candidate is better: by more than rounding, and by more than one record where it gives up quotes
/// for a stray one.
fn beats(vote: &Vote, best: &Vote) -> bool {
    let alike = vote.dialect.delimiter == best.dialect.delimiter && vote.dialect.quote.is_none();
    let margin = if alike && vote.regular < best.regular + 2 { 1.05 } else { 1.0 };
    vote.score > best.score * margin + 1e-9
}

/// Lists the quotes, with or without backslashes, that are worth a try.
fn quotes(text: &[u8]) -> Vec<(Option<u8>, bool)> {
    let mut list = vec![(Some(b'"'), false)];
    let has = |byte| memchr::memchr(byte, text).is_some();
    if has(b'"') {
        if memchr::memmem::find(text, b"\\\"").is_some() {
            list.push((Some(b'"'), true));
        }
        list.push((None, false));
    }
    if has(b'\'') {
        list.push((Some(b'\''), false));
        if memchr::memmem::find(text, b"\\'").is_some() {
            list.push((Some(b'\''), true));
        }
    }
    list
}

#[expect(clippy::cast_precision_loss, reason = "counts of a head")]
fn weigh(text: &[u8], whole: bool, dialect: Cut, prior: f64) -> Vote {
    let (records, cells) = cut(text, dialect, whole);
    let width = commonest(&records);
    let regular = records.iter().filter(|row| row.width == width && !row.broken).count();
    let mut vote = Vote { dialect, width, records, cells, regular, trailing: false, bare_quotes: false, score: 0.0 };
    if vote.records.is_empty() {
        return vote;
    }
    let close: Vec<&Row> = vote.records.iter().filter(|row| row.width == width && !row.broken).take(CLOSE).collect();
    let ends_empty = |row: &&Row| vote.of(row).last().is_some_and(|cell| cell.start == cell.end && !cell.quoted);
    let trailing = width > 1 && !close.is_empty() && close.iter().all(ends_empty);
    let (mut look, mut seen, mut bare, mut quoted) = (0.0, 0_usize, 0_usize, 0_usize);
    for row in &close {
        for cell in vote.of(row).iter().take(width - usize::from(trailing)) {
            let content = text.get(cell.start..cell.end).unwrap_or_default();
            look += looks(content, cell.quoted, dialect);
            seen += 1;
            quoted += usize::from(cell.quoted);
            bare += usize::from(!cell.quoted && dialect.quote.is_some_and(|quote| content.contains(&quote)));
        }
    }
    let share = regular as f64 / vote.records.len() as f64;
    let look = if seen == 0 { 0.0 } else { look / seen as f64 };
    let breadth = width as f64 / (width as f64 + 1.0);
    let comma_in_names = if names_in_one_column(text, &vote) { 0.3 } else { 1.0 };
    // A delimiter that most records do not agree about is a mark in a text.
    let agreed = if width > 1 && share < if prior < 1.0 { 0.9 } else { 0.5 } { 0.2 } else { 1.0 };
    vote.score = share * share * look * breadth * prior * comma_in_names * agreed;
    vote.trailing = trailing;
    // One stray quote is a fault of its record; many are how the file is written.
    let often = bare > 1 && bare * 50 > close.len();
    vote.bare_quotes = quoted > 0 && often;
    if quoted == 0 && often {
        vote.score *= 0.9;
    }
    vote
}

/// Says from 0 to 1 how much a cell looks like a value rather than a piece or a heap of them.
fn looks(content: &[u8], quoted: bool, dialect: Cut) -> f64 {
    if quoted {
        return 1.0;
    }
    match (content.first(), content.last()) {
        (Some(b'"'), Some(b'"')) if content.len() > 1 => return 0.2,
        (Some(b'\''), Some(b'\'')) if content.len() > 1 => return 0.6,
        (Some(b'"'), _) | (_, Some(b'"')) => return 0.4,
        _ => {}
    }
    match sort(content) {
        Sort::Number | Sort::Moment => 1.0,
        Sort::Empty => 0.9,
        Sort::Word => 0.95,
        Sort::Text => {
            let others = DELIMITERS.iter().take(USUAL).filter(|(byte, _)| *byte != dialect.delimiter);
            let holds = others.into_iter().any(|(byte, _)| content.contains(byte));
            if holds { 0.4 } else { 0.8 }
        }
    }
}

/// Gives the commonest width of whole records, the greater one of two.
fn commonest(records: &[Row]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for row in records.iter().filter(|row| !row.broken) {
        *counts.entry(row.width).or_insert(0_usize) += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

/// Tells whether a cut is more likely one column of `Last, First`: the first line has one field, all others two, and a
/// blank stands behind every delimiter.
fn names_in_one_column(text: &[u8], vote: &Vote) -> bool {
    let Some((first, rest)) = vote.records.split_first() else { return false };
    let blank = |row: &Row| vote.of(row).get(1).is_some_and(|cell| text.get(cell.start) == Some(&b' '));
    vote.width == 2 && first.width == 1 && !rest.is_empty() && rest.iter().all(|row| row.width != 2 || blank(row))
}
