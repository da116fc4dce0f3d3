//! Lines: one record each.

use crate::io::formats::json::{Piece, Splitter, is_blank, trimmed};
use crate::model::{ParseCode, Why};

/// Cuts bytes into lines, and lines that are too long into pieces.
#[derive(Debug)]
pub(super) struct Lines {
    limit: usize,
    /// Bytes at the front that hold no line feed.
    scanned: usize,
    /// The next line is the rest of one that was cut.
    goes_on: bool,
}

/// A line, or a piece of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its length with its ending, and why it is refused already.
    Whole(usize, Option<Box<Why>>),
    /// The length of a piece of a line that is too long.
    Piece(usize, Box<Why>),
    More,
    End,
}

impl Lines {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, scanned: 0, goes_on: false }
    }

    /// Tells whether the next line is the rest of one that was cut.
    pub(super) const fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Says which line stands at the front.
    pub(super) fn next(&mut self, ahead: &[u8], last: bool) -> Line {
        if last && ahead.is_empty() {
            return Line::End;
        }
        let unseen = ahead.get(self.scanned..).unwrap_or_default();
        let feed = memchr::memchr(b'\n', unseen).map(|place| self.scanned + place);
        let content = match feed {
            Some(feed) => feed - usize::from(ahead[..feed].ends_with(b"\r")),
            // A CR at the end may be half of a line ending.
            None if !last => ahead.len() - usize::from(ahead.ends_with(b"\r")),
            None => ahead.len(),
        };
        if content > self.limit {
            self.scanned = 0;
            let goes_on = std::mem::replace(&mut self.goes_on, true);
            return Line::Piece(between_characters(ahead, self.limit), self.too_long(goes_on));
        }
        if feed.is_none() && !last {
            self.scanned = ahead.len();
            return Line::More;
        }
        self.scanned = 0;
        let goes_on = std::mem::take(&mut self.goes_on);
        Line::Whole(feed.map_or(ahead.len(), |feed| feed + 1), goes_on.then(|| self.too_long(true)))
    }

    fn too_long(&self, goes_on: bool) -> Box<Why> {
        let what = if goes_on { "it is the rest of a line" } else { "the line begins here and is one" };
        let detail = format!("{what} of more than {} bytes, sixteen times `max_field_bytes`", self.limit);
        Box::new(Why { code: ParseCode::FieldTooLong, at: None, detail })
    }
}

/// Gives the place at or just before `limit` where a character starts: an image that is cut inside a character cannot be
/// turned back into its bytes.
fn between_characters(ahead: &[u8], limit: usize) -> usize {
    let starts = |place: &usize| ahead.get(*place).is_none_or(|byte| byte & 0xC0 != 0x80);
    (limit.saturating_sub(3).max(1)..=limit).rev().find(starts).unwrap_or(limit)
}

/// Cuts a file into the records of NDJSON.
#[derive(Debug)]
pub(super) struct Ndjson {
    lines: Lines,
}

impl Ndjson {
    pub(super) const fn new(limit: usize) -> Self {
        Self { lines: Lines::new(limit) }
    }
}

impl Splitter for Ndjson {
    fn plain(&self, ahead: &[u8], rows: usize, bytes: usize, ends: &mut Vec<usize>) {
        if self.lines.scanned > 0 || self.lines.goes_on {
            return;
        }
        let mut start = 0;
        for feed in memchr::memchr_iter(b'\n', ahead) {
            let blank = ahead.get(start).is_none_or(|byte| is_blank(*byte));
            if ends.len() >= rows || start >= bytes || blank || feed - start > self.lines.limit {
                break;
            }
            start = feed + 1;
            ends.push(start);
        }
    }

    fn line_feeds(&self, piece: &[u8]) -> usize {
        usize::from(piece.ends_with(b"\n"))
    }

    fn next(&mut self, ahead: &[u8], last: bool) -> Piece {
        match self.lines.next(ahead, last) {
            Line::Whole(len, None)
                if ahead.first().is_some_and(|byte| is_blank(*byte)) && trimmed(&ahead[..len]) == 0 =>
            {
                Piece::Blank(len)
            }
            Line::Whole(len, fault) => Piece::Record(len, fault),
            Line::Piece(len, fault) => Piece::Record(len, Some(fault)),
            Line::More => Piece::More,
            Line::End => Piece::End,
        }
    }
}
