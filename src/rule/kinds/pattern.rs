//! # What
//! The text matches a regular expression, from its first character to its last.
//!
//! With the option `search: true` it is enough that a part of the text matches. The syntax is that of the `regex`
//! crate: no look-around and no back-references, so that no text can make a match slow. `.` matches no line feed.
//!
//! # Why
//! Codes, plates and references have a shape, and a value that lost it joins to nothing.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string, pattern: "[A-Z]{3}-[0-9]{6}"}
//!   note: {type: string}
//! rules:
//!   - {pattern: "[a-z]", column: note, search: true}
//! ```
//!
//! # Passes
//! ```csv
//! sku,note
//! ABC-000001,see A-1
//! XYZ-123456,
//! ```
//!
//! # Fails
//! ```csv
//! sku,note
//! ABC-000001,see A-1
//! ABC-0000012,ok
//! abc-000001,ok
//! ABC-000002,12345
//! ```

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::model::{CellTest, DataType};
use crate::rule::ask::{self, Made};
use crate::rule::{Asked, Complaint, KindOption, RuleKind, Scope, Shape};

/// The kind `pattern`.
pub const KIND: RuleKind = RuleKind {
    name: "pattern",
    code: "R109",
    scope: Scope::Cell,
    keyword: true,
    long_form: true,
    argument: Shape::Regex,
    options: &[KindOption {
        name: "search",
        shape: Shape::Flag,
        doc: "A part of the text may match; else the whole must.",
    }],
    page: include_str!("pattern.rs"),
    build,
};

/// A compiled pattern may take so many bytes: enough for any shape of a code, too few to eat a machine.
const SIZE_LIMIT: usize = 10 << 20;

fn build(asked: &Asked<'_>) -> Made {
    let cell = ask::cell(asked, KIND.name, |data_type| *data_type == DataType::String, "text")?;
    let search = ask::flag_option(asked, "search")?;
    let Some(pattern) = asked.argument.scalar() else {
        let message = format!("`pattern` is a regular expression, found {}", asked.argument.what());
        return Err(vec![Complaint::at(asked.argument, "C903", message)]);
    };
    // Alone first: a stray `)` must not be mended by the group that makes the whole text match. The line feed ends a
    // comment of the verbose mode, which would swallow that group's end.
    compile(&pattern)
        .and_then(|_| compile(&format!("^(?:{pattern}\n)$")))
        .map_err(|error| vec![refusal(asked, &pattern, &error)])?;
    let (what, message) = if search {
        (format!("contains a match of {pattern}"), format!("contains no match of {pattern}"))
    } else {
        (format!("matches {pattern}"), format!("does not match {pattern}"))
    };
    Ok(cell.built(CellTest::Pattern { pattern, search }, &what, message))
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build()
}

fn refusal(asked: &Asked<'_>, pattern: &str, error: &regex::Error) -> Complaint {
    let node = asked.argument;
    let text = error.to_string();
    // The crate draws the pattern and a caret; the line that says what is wrong begins with `error: `.
    let reason = text.lines().find_map(|line| line.strip_prefix("error: ")).or_else(|| text.lines().next());
    let complaint = Complaint {
        span: place(&text, pattern).map_or_else(|| node.span.clone(), |part| ask::inside(node, pattern, part)),
        ..Complaint::at(node, "C913", format!("the pattern `{pattern}` is not a regular expression"))
    };
    let complaint = complaint.label(reason.unwrap_or_default());
    if text.contains("look-around") || text.contains("backreferences") {
        return complaint.hint("split it into two rules, or use `expression`");
    }
    complaint
}

/// Finds the part of a one-line pattern that the crate's caret marks.
fn place(error: &str, pattern: &str) -> Option<Range<usize>> {
    const INDENT: usize = 4;
    let mut lines = error.lines().skip_while(|line| line.get(INDENT..) != Some(pattern)).skip(1);
    let marks = lines.next().filter(|line| line.trim_start().starts_with('^'))?;
    let before = marks.chars().take_while(|mark| *mark == ' ').count().checked_sub(INDENT)?;
    let width = marks.trim().chars().count();
    let byte = |index: usize| pattern.char_indices().map(|(at, _)| at).chain([pattern.len()]).nth(index);
    Some(byte(before)?..byte(before + width).unwrap_or(pattern.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, build, codes, one, text};

    #[test]
    fn a_broken_pattern_is_shown_where_it_breaks() {
        let complaint = build(&KIND, Some("code"), &text("[a-z]é(b"), &[]).unwrap_err().remove(0);
        assert_eq!(complaint.code, "C913");
        assert_eq!(complaint.label, "unclosed group");
        assert_eq!(complaint.span, 107..108);
    }

    #[test]
    fn what_no_finite_matcher_can_do_is_refused() {
        for pattern in ["(?=a)b", r"(a)\1", "a)(b", "(?:a{1000}){1000}"] {
            assert_eq!(codes(&KIND, Some("code"), &text(pattern), &[]), ["C913"], "{pattern}");
        }
        assert_eq!(codes(&KIND, Some("id"), &text("a"), &[]), ["C907"]);
    }

    #[test]
    fn search_is_an_option() {
        let built = one(&KIND, Some("tags[]"), &text("a|b"), &[("search", &boolean(true))]);
        assert_eq!(built.message, "contains no match of a|b");
        assert_eq!(codes(&KIND, Some("code"), &text("a"), &[("search", &text("yes"))]), ["C903"]);
    }
}
