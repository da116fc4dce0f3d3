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
use crate::frame::parse;

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
        let text = self.text;
        let at = blanks(text, start);
        if text.get(at) != Some(&b'{') {
            return None;
        }
        // The walk may run on into the next record, but then it ends behind this one.
        let mut at = self.object(text, fields, row, at)?;
        while at < end && is_blank(*text.get(at)?) {
            at += 1;
        }
        (at == end).then_some(())
    }

    /// Enters the array or object whose bracket stands here: gives the place of what is in it.
    #[inline]
    fn open(&mut self, text: &[u8], at: usize) -> Option<usize> {
        if self.depth >= self.limits.depth {
            return None;
        }
        self.depth += 1;
        Some(blanks(text, at + 1))
    }

    /// Reads the object that opens here; gives the place behind it.
    fn object(&mut self, text: &'t [u8], fields: &mut Fields<'_>, row: usize, at: usize) -> Option<usize> {
        let mut at = self.open(text, at)?;
        let (mut filled, mut ignored) = (0, 0_u64);
        fields.order.start();
        let mut more = *text.get(at)? != b'}';
        if !more {
            at += 1;
        }
        while more {
            let (target, behind) = fields.order.find(text, at)?;
            at = blanks(text, behind);
            at = match target {
                Target::Field(index) => {
                    // One that holds a cell more has had its key before.
                    let field = fields.list.get_mut(index).filter(|field| field.len() == row)?;
                    filled += 1;
                    self.value(text, field, at)?
                }
                Target::Ignored(bit) if ignored & bit == 0 => {
                    ignored |= bit;
                    self.skip(text, at)?
                }
                Target::Ignored(_) => return None,
            };
            (at, more) = follow(text, at, b'}')?;
        }
        self.depth -= 1;
        if filled < fields.list.len() {
            fields.list.iter_mut().filter(|field| field.len() == row).for_each(Builder::null);
        }
        Some(at)
    }

    /// Reads the array that opens here; gives the place behind it.
    fn list(&mut self, text: &'t [u8], item: &mut Builder<'_>, at: usize) -> Option<usize> {
        let mut at = self.open(text, at)?;
        let mut more = *text.get(at)? != b']';
        if !more {
            at += 1;
        }
        while more {
            at = self.value(text, item, at)?;
            (at, more) = follow(text, at, b']')?;
        }
        self.depth -= 1;
        Some(at)
    }

    /// Reads one value into a column, an element or a field; gives the place behind it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each value shows in the profile")]
    fn value(&mut self, text: &'t [u8], builder: &mut Builder<'_>, at: usize) -> Option<usize> {
        let first = *text.get(at)?;
        if first == b'n' {
            let behind = literal(text, at, b"null")?;
            builder.null();
            return Some(behind);
        }
        let row = builder.len();
        let behind = match &mut builder.cells {
            Cells::Scalar { store: Values::Text(store), .. } if first == b'"' => {
                let behind = self.string(text, store, at)?;
                if !self.nulls.is_empty() && self.nulls.contains(&store.last()) {
                    store.drop_last();
                    builder.null();
                    return Some(behind);
                }
                behind
            }
            Cells::Scalar { store: Values::Int64(values), .. } if first != b'"' => {
                if let Some((value, behind)) = number::integer(text, at) {
                    values.push(value);
                    behind
                } else {
                    let end = number::end(text, at)?;
                    values.push(parse::whole(text.get(at..end)?).ok()?);
                    end
                }
            }
            Cells::Scalar { store, takes } => self.scalar(text, store, *takes, at)?,
            Cells::List { ends, item } if first == b'[' => {
                let behind = self.list(text, item, at)?;
                ends.push(i32::try_from(item.len()).ok()?);
                behind
            }
            Cells::Struct(fields) if first == b'{' => self.object(text, fields, row, at)?,
            _ => return None,
        };
        builder.keep();
        Some(behind)
    }

    /// Reads a string; its opening quote stands here.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as for values")]
    fn string(&mut self, text: &'t [u8], store: &mut Bytes, at: usize) -> Option<usize> {
        let chunk = text.get(at + 1..)?.first_chunk()?;
        match text::special(chunk) {
            Some(place) if chunk.get(place) == Some(&b'"') => {
                store.take_short(chunk, place)?;
                Some(at + place + 2)
            }
            _ => self.long_string(text, store, at),
        }
    }

    /// Reads a string that may have more than sixteen bytes, or escapes.
    #[inline(never)]
    fn long_string(&mut self, text: &'t [u8], store: &mut Bytes, at: usize) -> Option<usize> {
        let end = text::plain_end(text, at + 1);
        match *text.get(end)? {
            b'"' => {
                store.take(text.get(at + 1..end)?)?;
                Some(end + 1)
            }
            b'\\' => {
                self.scanner.start_at(text, at, self.depth);
                let token = self.scanner.string().ok()?;
                store.take_escaped(token.content)?;
                Some(self.scanner.at())
            }
            _ => None,
        }
    }

    /// Reads a value of a scalar type that is met less often, or written in another way than most.
    fn scalar(&mut self, text: &[u8], store: &mut Values, takes: Takes, at: usize) -> Option<usize> {
        let (content, behind) = match *text.get(at)? {
            b'"' if takes.text => {
                let end = text::plain_end(text, at + 1);
                let content = text.get(at + 1..end).filter(|_| text.get(end) == Some(&b'"'))?;
                let is_null = !self.nulls.is_empty() && self.nulls.contains(&content);
                if is_null || is_exponential(takes, content) {
                    return None;
                }
                (content, end + 1)
            }
            b'-' | b'0'..=b'9' if takes.number => {
                let end = number::end(text, at)?;
                (text.get(at..end)?, end)
            }
            b't' if takes.boolean => (b"true".as_slice(), literal(text, at, b"true")?),
            b'f' if takes.boolean => (b"false".as_slice(), literal(text, at, b"false")?),
            _ => return None,
        };
        store.read(content).ok()?;
        Some(behind)
    }

    /// Gives the place behind a value that nobody asked for.
    fn skip(&mut self, text: &'t [u8], at: usize) -> Option<usize> {
        match *text.get(at)? {
            b'-' | b'0'..=b'9' => number::end(text, at),
            b't' => literal(text, at, b"true"),
            b'f' => literal(text, at, b"false"),
            b'n' => literal(text, at, b"null"),
            b'"' => {
                let end = text::plain_end(text, at + 1);
                if *text.get(end)? == b'"' { Some(end + 1) } else { self.walk(text, at) }
            }
            _ => self.walk(text, at),
        }
    }

    /// Gives the place behind any value.
    fn walk(&mut self, text: &'t [u8], at: usize) -> Option<usize> {
        self.scanner.start_at(text, at, self.depth);
        self.scanner.skip().ok()?;
        self.scanner.keys().take_duplicate().is_none().then_some(self.scanner.at())
    }
}

/// Gives the place behind the blanks.
#[inline]
fn blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|byte| is_blank(*byte)) {
        at += 1;
    }
    at
}

/// Takes what stands behind an element: the place of the next one and `true`, or that behind the closing bracket.
#[inline]
fn follow(text: &[u8], at: usize, bracket: u8) -> Option<(usize, bool)> {
    let at = blanks(text, at);
    match *text.get(at)? {
        b',' => Some((blanks(text, at + 1), true)),
        byte => (byte == bracket).then_some((at + 1, false)),
    }
}

#[inline]
fn literal(text: &[u8], at: usize, name: &[u8]) -> Option<usize> {
    let end = at + name.len();
    (text.get(at..end)? == name).then_some(end)
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
