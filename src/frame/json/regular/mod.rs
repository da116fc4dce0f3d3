//! Regular records: read in one pass, straight into the columns.
//!
//! A record is *regular* where nothing in it is wrong or rare: an object whose keys were met before, each once, with
//! values of their columns' types. All else is given up at the first byte that does not fit, and read again by
//! [`record`](crate::frame::json::record), which knows every fault and its words. What is read here is what is read
//! there: this code only ever says yes to what that code says yes to.
//!
//! It is fast because it guesses: the next key is the one that followed last time, a blank is one or none, a string
//! ends within sixteen bytes. A wrong guess costs a look, not the record.

mod key;
mod number;
mod order;

pub(super) use order::Order;

use crate::frame::json::builder::{Builder, Cells, Fields, Takes};
use crate::frame::json::regular::order::Target;
use crate::frame::json::scan::{Limits, Scanner};
use crate::frame::json::store::{Bytes, Store, Values};
use crate::frame::json::text;

/// Reads the regular records of a batch.
pub(super) struct Regular<'t> {
    /// The batch's whole text.
    text: &'t [u8],
    limits: Limits,
    /// Spellings of NULL; the empty string is none.
    nulls: Vec<&'t [u8]>,
    /// Reads what is rare but not wrong: escapes, and values nobody asked for.
    scanner: Scanner<'t>,
    /// The arrays and objects that are open.
    depth: u32,
}

impl<'t> Regular<'t> {
    /// Prepares to read a text. `None` where it is too long for offsets of 31 bits.
    pub(super) fn new(text: &'t [u8], limits: Limits, nulls: &[&'t [u8]]) -> Option<Self> {
        i32::try_from(text.len()).ok()?;
        Some(Self { text, limits, nulls: nulls.to_vec(), scanner: Scanner::new(limits), depth: 0 })
    }

    /// Reads the record from `start` to `end`, which must be UTF-8, into fields that hold `row` cells so far. `None`
    /// where it is not regular; then some fields may hold more cells.
    pub(super) fn record(&mut self, fields: &mut Fields<'_>, row: usize, start: usize, end: usize) -> Option<()> {
        // No token can then be too long.
        if end - start > self.limits.token_bytes {
            return None;
        }
        self.depth = 0;
        let at = self.blanks(start);
        if self.byte(at) != Some(b'{') {
            return None;
        }
        // The walk may run on into the next record, but then it ends behind this one.
        let mut at = self.object(fields, row, at)?;
        while at < end && is_blank(self.byte(at)?) {
            at += 1;
        }
        (at == end).then_some(())
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// Gives the place behind the blanks.
    #[inline]
    fn blanks(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(is_blank) {
            at += 1;
        }
        at
    }

    /// Enters the array or object whose bracket stands here: gives the place of what is in it.
    #[inline]
    fn open(&mut self, at: usize) -> Option<usize> {
        if self.depth >= self.limits.depth {
            return None;
        }
        self.depth += 1;
        Some(self.blanks(at + 1))
    }

    /// Takes what stands behind an element: the place of the next one, or of what follows the closing bracket.
    #[inline]
    fn follow(&mut self, at: usize, bracket: u8) -> Option<Next> {
        let at = self.blanks(at);
        match self.byte(at)? {
            b',' => Some(Next::More(self.blanks(at + 1))),
            byte if byte == bracket => {
                self.depth -= 1;
                Some(Next::Done(at + 1))
            }
            _ => None,
        }
    }

    /// Reads the object that opens here; gives the place behind it.
    fn object(&mut self, fields: &mut Fields<'_>, row: usize, at: usize) -> Option<usize> {
        let mut at = self.open(at)?;
        let (mut filled, mut ignored) = (0, 0_u64);
        fields.order.start();
        if self.byte(at)? == b'}' {
            self.depth -= 1;
            at += 1;
        } else {
            loop {
                let (target, behind) = fields.order.find(self.text, at)?;
                at = self.blanks(behind);
                if self.byte(at)? != b':' {
                    return None;
                }
                at = self.blanks(at + 1);
                at = match target {
                    Target::Field(index) => {
                        // One that holds a cell more has had its key before.
                        let field = fields.list.get_mut(index).filter(|field| field.len() == row)?;
                        filled += 1;
                        self.value(field, at)?
                    }
                    Target::Ignored(bit) if ignored & bit == 0 => {
                        ignored |= bit;
                        self.skip(at)?
                    }
                    Target::Ignored(_) => return None,
                };
                match self.follow(at, b'}')? {
                    Next::More(next) => at = next,
                    Next::Done(behind) => {
                        at = behind;
                        break;
                    }
                }
            }
        }
        if filled < fields.list.len() {
            fields.list.iter_mut().filter(|field| field.len() == row).for_each(Builder::null);
        }
        Some(at)
    }

    /// Reads one value into a column, an element or a field; gives the place behind it.
    #[inline]
    fn value(&mut self, builder: &mut Builder<'_>, at: usize) -> Option<usize> {
        let first = self.byte(at)?;
        let behind = match (&mut builder.cells, first) {
            (_, b'n') => {
                let behind = self.literal(at, b"null")?;
                builder.null();
                return Some(behind);
            }
            (Cells::Scalar { store: Values::Text(store), .. }, b'"') => {
                let behind = self.string(store, at)?;
                if !self.nulls.is_empty() && self.nulls.contains(&store.last()) {
                    store.drop_last();
                    builder.null();
                    return Some(behind);
                }
                behind
            }
            (Cells::Scalar { store, takes }, b'"') if takes.text => {
                let end = text::plain_end(self.text, at + 1);
                let content = self.text.get(at + 1..end)?;
                if self.byte(end) != Some(b'"') || self.nulls.contains(&content) || is_exponential(*takes, content) {
                    return None;
                }
                store.read(content).ok()?;
                end + 1
            }
            (Cells::Scalar { store, takes }, b'-' | b'0'..=b'9') if takes.number => {
                if let Values::Int64(values) = store
                    && let Some((value, behind)) = number::integer(self.text, at)
                {
                    values.push(value);
                    behind
                } else {
                    let end = number::end(self.text, at)?;
                    store.read(self.text.get(at..end)?).ok()?;
                    end
                }
            }
            (Cells::Scalar { store, takes }, b't' | b'f') if takes.boolean => {
                let end = self.literal(at, if first == b't' { b"true" } else { b"false" })?;
                store.read(self.text.get(at..end)?).ok()?;
                end
            }
            (Cells::List { .. }, b'[') => self.list(builder, at)?,
            (Cells::Struct(_), b'{') => {
                let row = builder.len();
                let Cells::Struct(fields) = &mut builder.cells else { return None };
                self.object(fields, row, at)?
            }
            _ => return None,
        };
        builder.keep();
        Some(behind)
    }

    fn list(&mut self, builder: &mut Builder<'_>, at: usize) -> Option<usize> {
        let Cells::List { ends, item } = &mut builder.cells else { return None };
        let mut at = self.open(at)?;
        if self.byte(at)? == b']' {
            self.depth -= 1;
            at += 1;
        } else {
            loop {
                at = self.value(item, at)?;
                match self.follow(at, b']')? {
                    Next::More(next) => at = next,
                    Next::Done(behind) => {
                        at = behind;
                        break;
                    }
                }
            }
        }
        ends.push(i32::try_from(item.len()).ok()?);
        Some(at)
    }

    /// Reads a string; its opening quote stands here.
    #[inline]
    fn string(&mut self, store: &mut Bytes, at: usize) -> Option<usize> {
        let end = store.take_plain(self.text, at + 1)?;
        match self.byte(end)? {
            b'"' => {
                store.end()?;
                Some(end + 1)
            }
            b'\\' => {
                store.drop_open();
                self.scanner.start_at(self.text, at, self.depth);
                let token = self.scanner.string().ok()?;
                store.take_escaped(token.content);
                store.end()?;
                Some(self.scanner.at())
            }
            _ => None,
        }
    }

    #[inline]
    fn literal(&self, at: usize, name: &[u8]) -> Option<usize> {
        let end = at + name.len();
        (self.text.get(at..end)? == name).then_some(end)
    }

    /// Gives the place behind a value that nobody asked for.
    fn skip(&mut self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'-' | b'0'..=b'9' => number::end(self.text, at),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            b'"' => {
                let end = text::plain_end(self.text, at + 1);
                if self.byte(end)? == b'"' { Some(end + 1) } else { self.walk(at) }
            }
            _ => self.walk(at),
        }
    }

    /// Gives the place behind any value.
    fn walk(&mut self, at: usize) -> Option<usize> {
        self.scanner.start_at(self.text, at, self.depth);
        self.scanner.skip().ok()?;
        self.scanner.keys().take_duplicate().is_none().then_some(self.scanner.at())
    }
}

/// Where to go on behind an element.
enum Next {
    More(usize),
    Done(usize),
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Tells whether text is no form of a number although it might read as one.
fn is_exponential(takes: Takes, content: &[u8]) -> bool {
    takes.number && content.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

#[cfg(test)]
mod tests;
