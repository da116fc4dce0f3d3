//! Pieces of script text: literals, comments, and queries that stop a script.

/// Writes text as a string literal of Redshift and Snowflake, where a backslash escapes.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// Makes text fit for a comment of one line: a line break in a name would end it.
#[must_use]
pub fn shown(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if breaks(c) { '\u{fffd}' } else { c }).collect()
}

/// Writes a query that answers 0 where a condition on `COUNT(*)` holds. Else it fails, and its message says why: the
/// text cannot be a number. `why` may hold `{}` for the count.
///
/// The count stands in the text, so that no planner can try the number beforehand.
#[must_use]
pub fn demand(condition: &str, why: &str, from: &str) -> String {
    let (before, after) = why.split_once("{}").unwrap_or((why, ""));
    let (before, after) = (literal(&format!("karat: {before}")), literal(after));
    format!(
        "SELECT CAST(CASE WHEN {condition} THEN '0'\n  ELSE {before} || CAST(COUNT(*) AS VARCHAR) || {after} END AS \
         INTEGER)\nFROM {from};"
    )
}

/// Joins a list by commas, in lines of a screen's width where it is long; `indent` stands before the later ones.
#[must_use]
pub fn list<T: AsRef<str>>(items: &[T], indent: &str) -> String {
    let mut text = String::new();
    let mut letters = 0;
    for (index, item) in items.iter().map(AsRef::as_ref).enumerate() {
        let own = item.chars().count() + 2;
        if index > 0 {
            text.push(',');
            if letters + own > WIDTH {
                text.push('\n');
                text.push_str(indent);
                letters = indent.len();
            } else {
                text.push(' ');
            }
        }
        text.push_str(item);
        letters += own;
    }
    text
}

/// Letters in a line of comment, about.
const WIDTH: usize = 110;

/// A script being written.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Adds comments, a line each or more. Their text has been through [`shown`] where it is not ours.
    pub fn say<T: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = T>) {
        for line in lines {
            let mut room = WIDTH;
            self.0.push_str("--");
            for word in line.as_ref().split(' ') {
                let letters = word.chars().count();
                if letters >= room && room < WIDTH {
                    self.0.push_str("\n--  ");
                    room = WIDTH - 2;
                }
                self.0.push(' ');
                self.0.push_str(word);
                room = room.saturating_sub(letters + 1);
            }
            self.0.truncate(self.0.trim_end_matches(' ').len());
            self.0.push('\n');
        }
    }

    /// Begins a section: an empty line and what it is for.
    pub fn step(&mut self, title: &str) {
        self.0.push('\n');
        self.say([title]);
    }

    /// Adds a statement, which ends in its semicolon.
    pub fn run(&mut self, statement: &str) {
        self.0.push_str(statement);
        self.0.push('\n');
    }

    /// Gives the text.
    #[must_use]
    pub fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_literal() {
        assert_eq!(literal(r"a'b\"), r"'a''b\\'");
        assert_eq!(literal(r"\' OR 1=1 --"), r"'\\'' OR 1=1 --'");
    }

    #[test]
    fn no_text_leaves_its_comment() {
        assert_eq!(shown("a\nDROP\r\u{85}\u{2028}b"), "a\u{fffd}DROP\u{fffd}\u{fffd}\u{fffd}b");
    }

    #[test]
    fn a_demand_says_what_it_found() {
        let query = demand("COUNT(*) = 3", "3 rows expected, {} found", "t");
        assert!(query.contains("'karat: 3 rows expected, ' || CAST(COUNT(*) AS VARCHAR) || ' found'"), "{query}");
    }
}
