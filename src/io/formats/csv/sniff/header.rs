//! Whether the first record names the columns.
//!
//! Each column votes: a name above numbers or moments speaks for a header, a number above numbers against one. Where
//! all columns are text, the words themselves decide: usual names of columns, another way of writing than below,
//! a word that comes again below.

use std::collections::BTreeSet;

use crate::io::formats::csv::sniff::cells::{Sort, sort};

/// Whether there is a header, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "it says what the first record is")]
pub struct Header {
    pub is_header: bool,
    /// It rests on more than a guess.
    pub is_sure: bool,
    pub why: String,
}

/// Words that name columns and are seldom values.
const NAMES: &[&str] = &[
    "account",
    "address",
    "age",
    "amount",
    "balance",
    "category",
    "city",
    "class",
    "code",
    "color",
    "colour",
    "comment",
    "count",
    "country",
    "created",
    "currency",
    "customer",
    "date",
    "day",
    "department",
    "desc",
    "description",
    "email",
    "end",
    "file",
    "first",
    "firstname",
    "gender",
    "group",
    "id",
    "index",
    "invoice",
    "item",
    "key",
    "label",
    "last",
    "lastname",
    "lat",
    "latitude",
    "level",
    "lon",
    "longitude",
    "mail",
    "month",
    "name",
    "no",
    "note",
    "notes",
    "number",
    "order",
    "path",
    "phone",
    "plz",
    "price",
    "product",
    "qty",
    "quantity",
    "rank",
    "rate",
    "region",
    "score",
    "sex",
    "size",
    "sku",
    "start",
    "state",
    "status",
    "street",
    "sum",
    "surname",
    "text",
    "time",
    "timestamp",
    "title",
    "total",
    "type",
    "unit",
    "updated",
    "url",
    "user",
    "username",
    "uuid",
    "value",
    "version",
    "year",
    "zip",
];

/// Judges the first of some records of one width.
pub fn find(rows: &[Vec<String>]) -> Header {
    let Some((first, below)) = rows.split_first() else { return guess(true, "there is no record to tell") };
    if below.is_empty() {
        let numbers = first.iter().any(|cell| is_value(cell));
        return guess(!numbers, "there is only one record");
    }
    if first.iter().any(|cell| cell.trim().is_empty())
        && below.iter().all(|row| row.iter().any(|cell| !cell.is_empty()))
    {
        let named = first.iter().filter(|cell| !cell.trim().is_empty()).count();
        if named == 0 {
            return sure(false, "the first record is empty");
        }
    }
    let mut score = 0_i64;
    let mut typed = 0;
    for (column, name) in first.iter().enumerate() {
        let vote = column_vote(name, column, below);
        typed += i64::from(vote != 0);
        score += vote;
    }
    if typed > 0 && score != 0 {
        let why =
            if score > 0 { "its cells are names above other values" } else { "its cells are values as those below" };
        return sure(score > 0, why);
    }
    texts(first, below)
}

fn sure(is_header: bool, why: &str) -> Header {
    Header { is_header, is_sure: true, why: format!("the first record decides, {why}") }
}

fn guess(is_header: bool, why: &str) -> Header {
    Header { is_header, is_sure: false, why: format!("a guess, since {why}") }
}

fn is_value(cell: &str) -> bool {
    matches!(sort(cell.as_bytes()), Sort::Number | Sort::Moment)
}

/// Gives +1 for a name above values, −1 for a value above values, 0 for a column of text.
fn column_vote(name: &str, column: usize, below: &[Vec<String>]) -> i64 {
    let cells = below.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.trim().is_empty());
    let (mut values, mut count) = (0_usize, 0_usize);
    for cell in cells {
        count += 1;
        values += usize::from(is_value(cell));
    }
    // Most, not all: a broken cell says nothing about the header.
    if count == 0 || values * 10 < count * 8 {
        return 0;
    }
    if name.trim().is_empty() {
        return 0;
    }
    if is_value(name) { -1 } else { 1 }
}

/// All columns are text.
fn texts(first: &[String], below: &[Vec<String>]) -> Header {
    let distinct: BTreeSet<&str> = first.iter().map(|name| name.trim()).collect();
    if distinct.len() < first.len() || distinct.contains("") {
        return sure(false, "its cells repeat or are empty");
    }
    let column = |at: usize| below.iter().filter_map(move |row| row.get(at)).map(String::as_str);
    let again = first.iter().enumerate().filter(|(at, name)| column(*at).any(|cell| cell == name.as_str())).count();
    if again > 0 {
        return sure(false, "a cell of it comes again below");
    }
    if first.iter().any(|name| is_value(name)) {
        return sure(false, "a cell of it is a number or a date");
    }
    if first.iter().any(|name| is_usual(name)) {
        return sure(true, "its words are names of columns");
    }
    // Written another way than below: `CITY` above `Berlin`, `fld_a` above `x y`.
    let differs = |(at, name): (usize, &String)| !column(at).take(200).any(|cell| style(cell) == style(name));
    if first.iter().enumerate().all(differs) {
        return sure(true, "its cells are written another way than those below");
    }
    guess(false, "its cells look like those below")
}

/// Tells whether a name holds a word of [`NAMES`].
fn is_usual(name: &str) -> bool {
    let lower = split_camel(name).to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| NAMES.binary_search(&word).is_ok())
}

/// Puts a blank before each capital that follows a small letter.
fn split_camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if small && c.is_uppercase() {
            out.push(' ');
        }
        small = c.is_lowercase();
        out.push(c);
    }
    out
}

/// The way a cell is written: which sorts of characters it holds, in order, repeated ones once.
fn style(cell: &str) -> String {
    let mut out = String::new();
    for c in cell.trim().chars() {
        let sort = match c {
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_numeric() => '9',
            c if c.is_whitespace() => ' ',
            other => other,
        };
        if !out.ends_with(sort) {
            out.push(sort);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(NAMES.is_sorted());
        assert!(is_usual("customerId") && is_usual("unit_price") && !is_usual("alice"));
    }
}
