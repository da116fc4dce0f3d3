//! Head: skipped lines and the header record.

use crate::frame::FieldSpan;
use crate::frame::raw::unescape;
use crate::io::formats::csv::dialect::{Dialect, LineEnd};
use crate::io::formats::csv::framer::{self, Framed, Unit};
use crate::io::formats::csv::{Cursor, Input, verify};
use crate::model::{Error, ParseCode, Result, SourceSpec};

/// What stands before the records.
pub struct Head {
    /// The header's names; `None` where the source has no header.
    pub names: Option<Vec<String>>,
    /// The skipped lines and the header record, in UTF-8.
    pub text: Vec<u8>,
}

/// Reads the skipped lines and, where the source has one, the header. A file without any record has no names.
///
/// # Errors
/// Where the file cannot be read, or the header is broken: then nothing can be said about any record.
pub fn read(input: &mut Input, cursor: &mut Cursor, dialect: &Dialect, spec: &SourceSpec) -> Result<Head> {
    let mut text = Vec::new();
    for _ in 0..spec.skip_lines {
        if !skip_line(input, cursor, dialect, &mut text)? {
            break;
        }
    }
    let names = if spec.header { Some(header(input, cursor, dialect, spec, &mut text)?) } else { None };
    Ok(Head { names, text })
}

/// Skips a physical line; gives whether there was one.
fn skip_line(input: &mut Input, cursor: &mut Cursor, dialect: &Dialect, text: &mut Vec<u8>) -> Result<bool> {
    loop {
        match dialect.line_end(input.rest(), 0, input.eof) {
            LineEnd::At(0) => return Ok(false),
            LineEnd::At(end) => {
                text.extend_from_slice(input.rest().get(..end).unwrap_or_default());
                cursor.skip(input.original_len(0, end), 1);
                input.from += end;
                return Ok(true);
            }
            LineEnd::Unsure => input.more()?,
            LineEnd::TooLong => return Err(input.too_long(cursor.line, dialect.max_record)),
        }
    }
}

fn header(
    input: &mut Input,
    cursor: &mut Cursor,
    dialect: &Dialect,
    spec: &SourceSpec,
    text: &mut Vec<u8>,
) -> Result<Vec<String>> {
    let mut fields = Vec::new();
    loop {
        match framer::next(dialect, input.rest(), 0, input.eof, cursor.line, None, &mut fields) {
            Unit::Record(framed) => {
                let names = names(input, cursor, spec, &framed, &fields)?;
                text.extend_from_slice(input.rest().get(..framed.end).unwrap_or_default());
                cursor.skip(input.original_len(0, framed.end), framed.lines);
                input.from += framed.end;
                return Ok(names);
            }
            Unit::Blank(end) => {
                cursor.skip(input.original_len(0, end), 1);
                cursor.tally.blank_lines += 1;
                input.from += end;
            }
            Unit::Comment(end) => {
                cursor.skip(input.original_len(0, end), 1);
                cursor.tally.comment_lines += 1;
                input.from += end;
            }
            Unit::More => input.more()?,
            Unit::TooLong => return Err(input.too_long(cursor.line, dialect.max_record)),
            Unit::End => return Ok(Vec::new()),
        }
    }
}

/// Gives the header's names, their escapes undone.
fn names(
    input: &Input,
    cursor: &Cursor,
    spec: &SourceSpec,
    framed: &Framed,
    fields: &[FieldSpan],
) -> Result<Vec<String>> {
    let broken = |code: ParseCode, detail: &str| {
        let hint = match code {
            ParseCode::InvalidUtf8 | ParseCode::NulByte => "Check `source: {encoding: …}`, and that the file is CSV.",
            _ => "Check `delimiter` and `quote` under `source:`, or set `header: false` where the file has no header.",
        };
        let (file, line) = (&input.shown, cursor.line);
        Error::input(format!("cannot read the header of {file}, line {line}: {detail}")).hint(hint)
    };
    if let Some(flaw) = &framed.flaw {
        return Err(broken(flaw.code, &flaw.detail));
    }
    let record = input.rest().get(..framed.end).unwrap_or_default();
    let looked_at = if spec.delimiter == 0 { &[][..] } else { record };
    if let Some(why) = verify::piece(looked_at, input.reader.encoding(), cursor.offset) {
        return Err(broken(why.code, &why.detail));
    }
    let mut name = Vec::new();
    let mut names = Vec::with_capacity(fields.len());
    for span in fields {
        let content = record.get(span.start as usize..span.end as usize).unwrap_or_default();
        if span.escaped {
            unescape(content, *span, spec, &mut name);
            names.push(String::from_utf8_lossy(&name).into_owned());
        } else {
            names.push(String::from_utf8_lossy(content).into_owned());
        }
    }
    Ok(names)
}
