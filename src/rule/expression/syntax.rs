//! Text to a tree of SQL, within limits, and places of the tree in the text.

use std::ops::Range;

use sqlparser::ast::{Expr as Sql, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::model::Table;
use crate::rule::expression::Trouble;

const DIALECT: GenericDialect = GenericDialect {};

/// The longest text read.
const MAX_BYTES: usize = 256 << 10;

/// The most operators: a chain of them is a tree as deep as it is long, which the parser's own limit does not see.
const MAX_OPERATORS: usize = 2_000;

/// Parses one expression; what follows it is refused.
pub(super) fn parse(text: &str, table: &Table) -> Result<Sql, Trouble> {
    if text.trim().is_empty() {
        return Err(whole(text, "the expression is empty"));
    }
    if text.len() > MAX_BYTES {
        return Err(whole(text, "the expression is too long").with_hint("split it into several rules"));
    }
    let tokens = Tokenizer::new(&DIALECT, text)
        .tokenize_with_location()
        .map_err(|error| Trouble {
            span: from_offset(text, offset(text, error.location)),
            message: lower_first(&error.message),
            hint: None,
        })?;
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > MAX_OPERATORS {
        return Err(whole(text, "the expression has too many operators").with_hint("split it into several rules"));
    }
    let mut parser = Parser::new(&DIALECT).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| refused(text, table, error))?;
    let next = parser.next_token();
    if next.token == Token::EOF {
        return Ok(tree);
    }
    Err(trailing(text, table, &next))
}

/// Gives the bytes a node stands on; the whole text where the node does not know.
pub(super) fn place(text: &str, node: &impl Spanned) -> Range<usize> {
    let span = node.span();
    let (start, end) = (offset(text, span.start), offset(text, span.end));
    if span.start.line == 0 || end <= start { 0..text.len() } else { start..end }
}

impl Trouble {
    /// Sets what to do.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn whole(text: &str, message: &str) -> Trouble {
    Trouble { span: 0..text.len(), message: message.to_owned(), hint: None }
}

const fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => !matches!(word.keyword, sqlparser::keywords::Keyword::NoKeyword),
        Token::Comma
        | Token::Whitespace(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::HexStringLiteral(_)
        | Token::LParen
        | Token::RParen => false,
        _ => true,
    }
}

fn trailing(text: &str, table: &Table, next: &TokenWithSpan) -> Trouble {
    let start = offset(text, next.span.start);
    let span = start..offset(text, next.span.end).max(start);
    let trouble = Trouble { span, message: format!("`{}` is not expected here", next.token), hint: None };
    match &next.token {
        Token::SemiColon => trouble.with_hint("write one expression, without `;`"),
        token => reserved(table, &token.to_string(), trouble),
    }
}

/// Turns the parser's complaint into ours; it ends in ` at Line: L, Column: C` where the place is known.
fn refused(text: &str, table: &Table, error: ParserError) -> Trouble {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return whole(text, "the expression is nested too deeply").with_hint("split it into several rules");
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (message, location) = match message.rsplit_once(" at Line: ") {
        Some((head, tail)) => (head, read_location(tail)),
        None => (message.as_str(), None),
    };
    let span = match location {
        Some(location) => from_offset(text, offset(text, location)),
        None => text.len()..text.len(),
    };
    let Some((expected, found)) = message.strip_prefix("Expected: ").and_then(|m| m.rsplit_once(", found: ")) else {
        return Trouble { span, message: lower_first(message), hint: None };
    };
    let shown = if found == "EOF" { "the end".to_owned() } else { format!("`{found}`") };
    reserved(table, found, Trouble { span, message: format!("expected {expected}, found {shown}"), hint: None })
}

/// Adds a hint where the word in the way is a column's name that SQL keeps for itself.
fn reserved(table: &Table, word: &str, trouble: Trouble) -> Trouble {
    match table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(word)) {
        Some(column) => trouble.with_hint(format!("put a column named like a SQL word in double quotes: \"{}\"", column.name)),
        None => trouble,
    }
}

fn read_location(text: &str) -> Option<Location> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Location { line: line.parse().ok()?, column: column.parse().ok()? })
}

/// Turns a line and a column, in characters from 1, into a byte offset.
fn offset(text: &str, location: Location) -> usize {
    let mut at = Location { line: 1, column: 1 };
    for (index, character) in text.char_indices() {
        if at >= location {
            return index;
        }
        if character == '\n' {
            at = Location { line: at.line + 1, column: 1 };
        } else {
            at.column += 1;
        }
    }
    text.len()
}

/// Gives the word or character that starts at an offset.
fn from_offset(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let len = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
    start..start + len
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
