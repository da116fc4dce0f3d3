//! Complaints as text: code, message, place, the line with a caret, and what to do.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::rule::Complaint;

/// A longer line is named by its place alone.
const LONGEST_LINE: usize = 2_000;

/// So many complaints are drawn; the others are counted.
const MOST: usize = 500;

/// Draws complaints about a document. `path` is how the document is called; colours are ANSI escapes.
///
/// The last line counts them: `3 mistakes in rules/retail.yaml`.
#[must_use]
pub fn render(path: &str, text: &str, complaints: &[Complaint], color: bool) -> String {
    let renderer = if color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let lines = Lines::new(text);
    let mut out = String::new();
    for complaint in complaints.iter().take(MOST) {
        out.push_str(&draw(&renderer, path, &lines, complaint));
        out.push_str("\n\n");
    }
    if complaints.len() > MOST {
        let _ = writeln!(out, "… and {} more", complaints.len() - MOST);
    }
    let noun = if complaints.len() == 1 { "mistake" } else { "mistakes" };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} {noun} in {path}", complaints.len());
    out
}

fn draw(renderer: &Renderer, path: &str, lines: &Lines<'_>, complaint: &Complaint) -> String {
    let (number, start, line) = lines.around(complaint.span.start);
    let title = Level::ERROR.primary_title(&complaint.message).id(complaint.code);
    let label = Some(complaint.label.as_str()).filter(|label| !label.is_empty());
    let mut group = if line.len() <= LONGEST_LINE {
        let span = within(line, complaint.span.start - start..complaint.span.end.saturating_sub(start));
        let caret = AnnotationKind::Primary.span(span).label(label);
        title.element(Snippet::source(line).path(path).line_start(number).annotation(caret))
    } else {
        let before = line.get(..complaint.span.start - start).unwrap_or_default();
        title.element(Origin::path(path).line(number).char_column(before.chars().count() + 1))
    };
    if let Some(hint) = &complaint.hint {
        group = group.element(Level::HELP.message(hint));
    }
    renderer.render(&[group])
}

/// Cuts a range to one line, on the borders of characters. An empty one marks the character it stands at.
fn within(line: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(line.len());
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    let end = floor(range.end.max(start));
    if end > start {
        return start..end;
    }
    let width = line.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    start..start + width
}

/// Finds lines by byte offset.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Gives the number (from 1), the first byte and the text of the line a byte stands in.
    fn around(&self, at: usize) -> (usize, usize, &'t str) {
        let number = self.starts.partition_point(|start| *start <= at.min(self.text.len())).max(1);
        let start = self.starts.get(number - 1).copied().unwrap_or(0);
        let end = self.starts.get(number).map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end).unwrap_or_default();
        // The byte-order mark takes no place on the screen, nor has it a column.
        match line.strip_prefix('\u{feff}') {
            Some(rest) if start == 0 && at >= 3 => (number, 3, rest),
            _ => (number, start, line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str, piece: &str) -> Complaint {
        let start = text.find(piece).unwrap();
        Complaint {
            code: "C902",
            span: start..start + piece.len(),
            message: "the contract has no key `tabels`".to_owned(),
            label: "not known here".to_owned(),
            hint: Some("did you mean `tables`?".to_owned()),
        }
    }

    #[test]
    fn a_mistake_is_drawn_with_its_line() {
        let text = "karat: 1\nü: {tabels: {}}\n";
        let drawn = render("rules/a.yaml", text, &[complaint(text, "tabels")], false);
        let want = "\
error[C902]: the contract has no key `tabels`
 --> rules/a.yaml:2:5
  |
2 | ü: {tabels: {}}
  |     ^^^^^^ not known here
  |
  = help: did you mean `tables`?

1 mistake in rules/a.yaml
";
        assert_eq!(drawn, want);
    }

    #[test]
    fn colours_are_a_choice() {
        let text = "tabels: {}\n";
        let complaints = [complaint(text, "tabels"), complaint(text, "{}")];
        let drawn = render("a.yaml", text, &complaints, true);
        assert!(drawn.contains("\u{1b}["));
        assert!(drawn.ends_with("2 mistakes in a.yaml\n"));
        assert!(!render("a.yaml", text, &complaints, false).contains('\u{1b}'));
    }

    #[test]
    fn odd_places_do_no_harm() {
        let long = format!("{}: 1", "ä".repeat(5_000));
        for text in ["", "a", "ä\n", "a: |\n  b\n  c\n", "\u{feff}a: 1\r\n", "a\tb: \u{1b}[31m", long.as_str()] {
            for start in 0..=text.len().min(20) {
                for end in [start, start + 1, start + 100] {
                    let complaint = Complaint { span: start..end, ..complaint("x", "x") };
                    assert!(render("a.yaml", text, &[complaint], false).contains("a.yaml:"));
                }
            }
        }
    }

    #[test]
    fn a_thousand_mistakes_are_counted() {
        let text = "tabels: {}\n";
        let complaints = vec![complaint(text, "tabels"); 1_000];
        assert!(render("a.yaml", text, &complaints, false).ends_with("… and 500 more\n1000 mistakes in a.yaml\n"));
    }
}
