//! Framer: where the next record and its fields stand in a piece of text. Pure: it reads nothing and keeps nothing,
//! and where the text ends too early to decide it says so ([`Unit::More`]), so that a file gives the same records
//! however it is cut into blocks.
//!
//! Broken input condemns its first physical line only, and the next record starts on the next line: one stray
//! quote cannot swallow what follows. How far a record is looked ahead is bounded by the number of fields and by the
//! field limit.

use crate::frame::FieldSpan;
use crate::io::formats::csv::dialect::{Dialect, Ending, LineEnd};
use crate::model::{ParseCode, Why};

/// What stands next in the text.
#[derive(Debug, PartialEq, Eq)]
pub enum Unit {
    Record(Framed),
    /// A line with nothing but its ending; the position behind it.
    Blank(usize),
    /// A comment line; the position behind it.
    Comment(usize),
    /// The text ends too early to decide.
    More,
    /// The line that starts here is longer than any record may be.
    TooLong,
    /// The end of the file.
    End,
}

/// A record as it was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Framed {
    /// The position behind it.
    pub end: usize,
    /// Line endings in it.
    pub lines: u64,
    pub flaw: Option<Box<Flaw>>,
}

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Flaw {
    pub code: ParseCode,
    /// Position of the trouble in the text, where one is known.
    pub at: Option<usize>,
    /// In words, without a final stop.
    pub detail: String,
}

impl Flaw {
    /// Gives the reason for the record. `before`: the original bytes of it before a position.
    pub fn why(self, before: impl Fn(usize) -> u64) -> Why {
        Why { code: self.code, at: self.at.map(before), detail: self.detail }
    }
}

/// Why a record stops before its end.
enum Stop {
    More,
    Flaw(Box<Flaw>),
}

/// What follows a field.
enum Next {
    Field,
    /// The end of the record, at this position (behind the line ending).
    End(usize),
}

/// Frames what starts at `start`. The fields of a whole record are appended to `fields`, those of a broken one are
/// not. `eof`: nothing follows the text. `line`: the number of the line at `start`, for words. `width`: the fields a
/// record must have; any number where there is none.
pub fn next(
    dialect: &Dialect,
    text: &[u8],
    start: usize,
    eof: bool,
    line: u64,
    width: Option<usize>,
    fields: &mut Vec<FieldSpan>,
) -> Unit {
    let Some(first) = text.get(start) else {
        return if eof { Unit::End } else { Unit::More };
    };
    if matches!(first, b'\n' | b'\r') {
        match dialect.ending(text, start, eof) {
            // Before the header no line is a record yet.
            Ending::Ends(_) if dialect.blank_records && width.is_some() => {}
            Ending::Ends(len) => return Unit::Blank(start + len),
            Ending::Unsure => return Unit::More,
            Ending::Data => {}
        }
    }
    if dialect.comment == Some(*first) {
        return match dialect.line_end(text, start, eof) {
            LineEnd::At(end) => Unit::Comment(end),
            LineEnd::Unsure => Unit::More,
            LineEnd::TooLong => Unit::TooLong,
        };
    }
    let limit = width.map_or(usize::MAX, |width| width + usize::from(dialect.trailing_delimiter));
    let last = FieldSpan::default();
    let walk = Walk { dialect, text, start, eof, line, at: start, count: 0, limit, excess: None, last, wrapped: false };
    walk.record(width, fields)
}

/// One record on the way.
struct Walk<'a> {
    dialect: &'a Dialect,
    text: &'a [u8],
    start: usize,
    eof: bool,
    line: u64,
    /// Where the current field starts.
    at: usize,
    /// Fields behind us.
    count: usize,
    /// Fields allowed, a trailing delimiter's empty one included.
    limit: usize,
    /// Where the first field beyond the limit starts.
    excess: Option<usize>,
    /// The last field behind us.
    last: FieldSpan,
    /// The record goes over several physical lines.
    wrapped: bool,
}

impl Walk<'_> {
    fn record(mut self, width: Option<usize>, fields: &mut Vec<FieldSpan>) -> Unit {
        let mark = fields.len();
        let flaw = match self.fields(fields) {
            Ok(end) => match self.wrong_width(width, fields) {
                None => {
                    let lines = if self.wrapped {
                        self.dialect.count_endings(self.text.get(self.start..end).unwrap_or_default())
                    } else {
                        1
                    };
                    return Unit::Record(Framed { end, lines, flaw: None });
                }
                Some(flaw) => flaw,
            },
            Err(Stop::More) => {
                fields.truncate(mark);
                return Unit::More;
            }
            Err(Stop::Flaw(_)) if self.excess.is_some() => self.too_many(width, false),
            Err(Stop::Flaw(flaw)) => *flaw,
        };
        fields.truncate(mark);
        self.condemn(flaw)
    }

    /// Walks the fields to the end of the record.
    fn fields(&mut self, fields: &mut Vec<FieldSpan>) -> Result<usize, Stop> {
        loop {
            let from = self.at;
            let quoted = self.dialect.quote.is_some() && self.text.get(from).copied() == self.dialect.quote;
            let (span, next) = if quoted { self.quoted()? } else { self.unquoted()? };
            self.count += 1;
            self.last = span;
            if self.count <= self.limit {
                fields.push(span);
            } else {
                self.excess = self.excess.or(Some(from));
                if self.wrapped {
                    return Err(stop(ParseCode::TooManyFields, Some(from), String::new()));
                }
            }
            match next {
                Next::End(end) => return Ok(end),
                Next::Field if self.at - self.start > self.dialect.max_record => {
                    let detail = format!("the record has more than {} bytes", self.dialect.max_record);
                    return Err(stop(ParseCode::FieldTooLong, None, detail));
                }
                Next::Field => {}
            }
        }
    }

    #[inline]
    fn unquoted(&mut self) -> Result<(FieldSpan, Next), Stop> {
        let from = self.at;
        let mut at = from;
        let mut escaped = false;
        loop {
            let hit = self.dialect.find(self.text, at);
            if hit - from > self.dialect.max_field {
                return Err(self.too_long(from));
            }
            let Some(byte) = self.text.get(hit).copied() else {
                return if self.eof { Ok((span(from, hit, false, escaped), Next::End(hit))) } else { Err(Stop::More) };
            };
            if byte == self.dialect.delimiter {
                self.at = hit + 1;
                return Ok((span(from, hit, false, escaped), Next::Field));
            }
            if matches!(byte, b'\n' | b'\r') {
                match self.dialect.ending(self.text, hit, self.eof) {
                    Ending::Ends(len) => return Ok((span(from, hit, false, escaped), Next::End(hit + len))),
                    Ending::Unsure => return Err(Stop::More),
                    Ending::Data => at = hit + 1,
                }
            } else if byte == b'\\' && self.dialect.backslash {
                escaped = true;
                let Some(literal) = self.text.get(hit + 1) else {
                    if self.eof {
                        at = hit + 1;
                        continue;
                    }
                    return Err(Stop::More);
                };
                self.wrapped |= matches!(literal, b'\n' | b'\r');
                at = hit + 2;
            } else {
                let detail = format!("field {} holds a quote but does not start with one", self.count + 1);
                let detail = detail + &self.place(hit);
                return Err(stop(ParseCode::QuoteInField, Some(hit), detail));
            }
        }
    }

    #[inline]
    fn quoted(&mut self) -> Result<(FieldSpan, Next), Stop> {
        let from = self.at + 1;
        let (close, escaped) = self.close(from)?;
        self.wrapped |= self.dialect.has_ending(self.text.get(from..close).unwrap_or_default());
        let span = span(from, close, true, escaped);
        let after = close + 1;
        match self.text.get(after).copied() {
            None if self.eof => return Ok((span, Next::End(after))),
            None => return Err(Stop::More),
            Some(byte) if byte == self.dialect.delimiter => {
                self.at = after + 1;
                return Ok((span, Next::Field));
            }
            Some(b'\n' | b'\r') => match self.dialect.ending(self.text, after, self.eof) {
                Ending::Ends(len) => return Ok((span, Next::End(after + len))),
                Ending::Unsure => return Err(Stop::More),
                Ending::Data => {}
            },
            Some(_) => {}
        }
        let detail = format!("field {} is closed and then followed by text", self.count + 1) + &self.place(after);
        Err(stop(ParseCode::TextAfterQuote, Some(after), detail))
    }

    /// Finds the quote that closes the field whose content starts at `from`; tells whether escapes lie before it.
    fn close(&self, from: usize) -> Result<(usize, bool), Stop> {
        let quote = self.dialect.quote.unwrap_or(b'"');
        // The closing quote may stand right behind the longest content allowed, and no further.
        let window = from + self.dialect.max_field + 1;
        let searched = self.text.get(..window).unwrap_or(self.text);
        let mut at = from;
        let mut escaped = false;
        while let Some(rest) = searched.get(at..) {
            let hit =
                if self.dialect.backslash { memchr::memchr2(quote, b'\\', rest) } else { memchr::memchr(quote, rest) };
            let Some(hit) = hit.map(|hit| at + hit) else { break };
            let next = self.text.get(hit + 1).copied();
            if next.is_none() && !self.eof {
                return Err(Stop::More);
            }
            let closes = if self.dialect.backslash { searched[hit] == quote } else { next != Some(quote) };
            if closes {
                return Ok((hit, escaped));
            }
            escaped = true;
            at = hit + 2;
        }
        if self.text.len() >= window {
            return Err(self.too_long(from - 1));
        }
        if !self.eof {
            return Err(Stop::More);
        }
        let detail = format!("field {} opens a quote that is never closed", self.count + 1) + &self.place(from - 1);
        Err(stop(ParseCode::UnclosedQuote, Some(from - 1), detail))
    }

    /// The field that starts at `from` exceeds the limit. A quote that stays open over several lines was hardly meant
    /// to: it counts as one that is never closed.
    fn too_long(&self, from: usize) -> Stop {
        let limit = self.dialect.max_field;
        let head = self.text.get(from..(from + limit + 2).min(self.text.len())).unwrap_or_default();
        let open = head.first().is_some_and(|first| Some(*first) == self.dialect.quote);
        let (code, what) = if open && self.dialect.has_ending(head.get(1..).unwrap_or_default()) {
            (ParseCode::UnclosedQuote, "opens a quote that is not closed within the limit of")
        } else {
            (ParseCode::FieldTooLong, "has more than")
        };
        let detail = format!("field {} {what} {limit} bytes", self.count + 1) + &self.place(from);
        stop(code, Some(from), detail)
    }

    /// Judges the number of fields of a record that is framed whole; drops a trailing delimiter's empty field.
    fn wrong_width(&mut self, width: Option<usize>, fields: &mut Vec<FieldSpan>) -> Option<Flaw> {
        if self.dialect.trailing_delimiter && self.count > 1 && self.last.start == self.last.end && !self.last.quoted {
            if self.excess.is_none() {
                fields.pop();
            }
            self.count -= 1;
        }
        let wanted = width?;
        match self.count.cmp(&wanted) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(self.too_many(width, true)),
            std::cmp::Ordering::Less => {
                let over = if self.wrapped { "the record goes over several lines and " } else { "" };
                let detail = format!("{over}has {} where {wanted} are expected", count_fields(self.count));
                Some(Flaw { code: ParseCode::TooFewFields, at: None, detail })
            }
        }
    }

    /// `whole`: all fields of the record were counted.
    fn too_many(&self, width: Option<usize>, whole: bool) -> Flaw {
        let wanted = width.unwrap_or_default();
        let over = if self.wrapped { "the record goes over several lines and " } else { "" };
        let more = if whole { "" } else { "at least " };
        let detail = format!("{over}has {more}{} where {wanted} are expected", count_fields(self.count));
        Flaw { code: ParseCode::TooManyFields, at: self.excess, detail }
    }

    /// Refuses the first physical line of the record.
    fn condemn(&self, mut flaw: Flaw) -> Unit {
        match self.dialect.line_end(self.text, self.start, self.eof) {
            LineEnd::At(end) => {
                flaw.at = flaw.at.filter(|at| *at < end);
                Unit::Record(Framed { end, lines: 1, flaw: Some(Box::new(flaw)) })
            }
            LineEnd::Unsure => Unit::More,
            LineEnd::TooLong => Unit::TooLong,
        }
    }

    /// Names the line of a position where it is not the record's first.
    fn place(&self, at: usize) -> String {
        match self.dialect.count_endings(self.text.get(self.start..at).unwrap_or_default()) {
            0 => String::new(),
            below => format!(" on line {}", self.line + below),
        }
    }
}

fn stop(code: ParseCode, at: Option<usize>, detail: String) -> Stop {
    Stop::Flaw(Box::new(Flaw { code, at, detail }))
}

fn count_fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the text of a batch is shorter than 4 GiB: see `Dialect::new`")]
const fn span(start: usize, end: usize, quoted: bool, escaped: bool) -> FieldSpan {
    FieldSpan { start: start as u32, end: end as u32, quoted, escaped }
}
