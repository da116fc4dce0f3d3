//! Text to a tree of SQL, within limits, and places of the tree in the text.

use std::ops::Range;

use sqlparser::ast::{Expr as Sql, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::model::Table;
use crate::rule::expression::Trouble;

const DIALECT: GenericDialect = GenericDialect {};

/// The longest text read.
const MAX_BYTES: usize = 256 << 10;

/// The most operators, those of long chains of `AND` and `OR` among them.
const MAX_OPERATORS: usize = 2_000;

/// The deepest tree: a chain of other operators is as deep as it is long, which the parser's own limit does not see.
const MAX_NESTING: usize = 128;

/// Parses one expression; what follows it is refused.
pub(super) fn parse(text: &str, table: &Table) -> Result<Sql, Trouble> {
    if text.trim().is_empty() {
        return Err(whole(text, "the expression is empty"));
    }
    if text.len() > MAX_BYTES {
        return Err(whole(text, "the expression is too long").with_hint("split it into several rules"));
    }
    let tokens = Tokenizer::new(&DIALECT, text).tokenize_with_location().map_err(|error| Trouble {
        span: from_offset(text, offset(text, error.location)),
        message: lower_first(&error.message),
        hint: None,
    })?;
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > MAX_OPERATORS {
        return Err(whole(text, "the expression has too many operators").with_hint("split it into several rules"));
    }
    if nesting(&tokens) > MAX_NESTING {
        return Err(whole(text, "the expression is nested too deeply").with_hint("split it into several rules"));
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
pub(super) fn place(text: &str, node: &Sql) -> Range<usize> {
    let (first, last) = (outermost(node, true).span(), outermost(node, false).span());
    let (start, end) = (offset(text, first.start), offset(text, last.end));
    if first.start.line == 0 || end <= start {
        return 0..text.len();
    }
    start..end + closing(&text[start..end], &text[end..])
}

/// Follows the operators of a node to its first or last part. Chains of them are long, and the nodes' own way to find
/// their place takes much of the stack for each.
fn outermost(mut node: &Sql, first: bool) -> &Sql {
    loop {
        node = match node {
            Sql::BinaryOp { left, right, .. }
            | Sql::IsDistinctFrom(left, right)
            | Sql::IsNotDistinctFrom(left, right) => {
                if first {
                    left
                } else {
                    right
                }
            }
            Sql::Between { expr, high, .. } => {
                if first {
                    expr
                } else {
                    high
                }
            }
            Sql::Like { expr, pattern, .. } | Sql::ILike { expr, pattern, .. } => {
                if first {
                    expr
                } else {
                    pattern
                }
            }
            Sql::InList { expr, list, .. } => match list.last() {
                Some(last) if !first => last,
                _ => expr,
            },
            Sql::Nested(inner)
            | Sql::UnaryOp { expr: inner, .. }
            | Sql::Cast { expr: inner, .. }
            | Sql::IsNull(inner)
            | Sql::IsNotNull(inner)
            | Sql::IsTrue(inner)
            | Sql::IsNotTrue(inner)
            | Sql::IsFalse(inner)
            | Sql::IsNotFalse(inner)
            | Sql::IsUnknown(inner)
            | Sql::IsNotUnknown(inner) => inner,
            _ => return node,
        };
    }
}

/// Counts the bytes up to the parenthesis that closes what a piece opened: a call's place ends before it.
fn closing(piece: &str, rest: &str) -> usize {
    let count = |c: char| piece.matches(c).count();
    let mut open = count('(').saturating_sub(count(')'));
    for (index, character) in rest.char_indices() {
        match character {
            _ if open == 0 => return index,
            ')' => open -= 1,
            '(' => open += 1,
            _ => {}
        }
    }
    if open == 0 { rest.len() } else { 0 }
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
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::AT
                | Keyword::BETWEEN
                | Keyword::CASE
                | Keyword::COLLATE
                | Keyword::DIV
                | Keyword::GLOB
                | Keyword::ILIKE
                | Keyword::IN
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::MATCH
                | Keyword::MEMBER
                | Keyword::NOT
                | Keyword::NOTNULL
                | Keyword::OPERATOR
                | Keyword::OR
                | Keyword::OVERLAPS
                | Keyword::REGEXP
                | Keyword::RLIKE
                | Keyword::SIMILAR
                | Keyword::XOR
        ),
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

/// Gives a bound of the depth of the tree that the tokens will make, chains of `AND` and `OR` not counted.
fn nesting(tokens: &[TokenWithSpan]) -> usize {
    #[derive(Default)]
    struct Level {
        /// Operators since the last piece began, and the deepest level opened since.
        chain: usize,
        inner: usize,
        deepest: usize,
        /// How many `BETWEEN` wait for their `AND`.
        between: usize,
    }
    impl Level {
        fn end_piece(&mut self) {
            self.deepest = self.deepest.max(self.chain + self.inner);
            (self.chain, self.inner) = (0, 0);
        }
    }
    let (mut level, mut outer) = (Level::default(), Vec::new());
    for TokenWithSpan { token, .. } in tokens {
        let keyword = if let Token::Word(word) = token { word.keyword } else { Keyword::NoKeyword };
        match (token, keyword) {
            (Token::LParen | Token::LBracket, _) | (_, Keyword::CASE) => outer.push(std::mem::take(&mut level)),
            (Token::RParen | Token::RBracket, _) | (_, Keyword::END) => {
                level.end_piece();
                let depth = level.deepest + 1;
                level = outer.pop().unwrap_or_default();
                level.inner = level.inner.max(depth);
            }
            (_, Keyword::AND) if level.between > 0 => level.between -= 1,
            (Token::Comma, _) | (_, Keyword::AND | Keyword::OR | Keyword::WHEN | Keyword::THEN | Keyword::ELSE) => {
                level.end_piece();
            }
            _ => {
                level.between += usize::from(keyword == Keyword::BETWEEN);
                level.chain += usize::from(is_operator(token));
            }
        }
    }
    level.end_piece();
    // A parenthesis left open is for the parser to refuse; until it does, it is a level.
    let open: usize = outer.iter().map(|level| level.chain + 1).sum();
    level.deepest + open
}

fn trailing(text: &str, table: &Table, next: &TokenWithSpan) -> Trouble {
    let start = offset(text, next.span.start);
    let span = start..offset(text, next.span.end).max(start);
    let trouble = Trouble { span, message: format!("`{}` is not expected here", next.token), hint: None };
    match &next.token {
        Token::SemiColon => trouble.with_hint("write one expression, without `;`"),
        token => quotable(table, &token.to_string(), trouble),
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
    quotable(table, found, Trouble { span, message: format!("expected {expected}, found {shown}"), hint: None })
}

/// Adds a hint where the word in the way is part of a column's name that needs quotes.
fn quotable(table: &Table, word: &str, trouble: Trouble) -> Trouble {
    let parts = |name: &str| name.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word);
    match table.columns.iter().find(|column| column.name != word && parts(&column.name)) {
        Some(column) => trouble.with_hint(format!("put such a name in double quotes: \"{}\"", column.name)),
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
