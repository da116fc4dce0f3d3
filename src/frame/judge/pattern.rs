//! Patterns: a class table where the pattern is simple enough, a regular expression otherwise.

use regex::Regex;

use crate::frame::judge::classes::Classes;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    classes: Option<Classes>,
    regex: Regex,
    /// The whole value must match.
    whole: bool,
}

impl Pattern {
    /// Compiles a pattern. The whole value must match, a line end at its end included, unless `search`.
    ///
    /// # Errors
    /// In words, where it is no regular expression or too large to compile.
    pub fn new(pattern: &str, search: bool) -> Result<Self, String> {
        // Compiled as written first: `a)(b` must not pass only because of what is put around it.
        let plain = Regex::new(pattern).map_err(|error| explain(&error))?;
        if search {
            return Ok(Self { classes: None, regex: plain, whole: false });
        }
        // The second form is for patterns in verbose mode that end in a comment.
        let regex = Regex::new(&format!(r"\A(?:{pattern})\z"))
            .or_else(|_| Regex::new(&format!("\\A(?:{pattern}\n)\\z")))
            .map_err(|error| explain(&error))?;
        Ok(Self { classes: Classes::new(pattern), regex, whole: true })
    }

    /// Gives the class table that decides ASCII values, where there is one.
    #[must_use]
    pub const fn classes(&self) -> Option<&Classes> {
        self.classes.as_ref()
    }

    /// Gives the regular expression that stands for the pattern, anchored at both ends; `None` for a search.
    #[must_use]
    pub fn anchored(&self) -> Option<&str> {
        self.whole.then(|| self.regex.as_str())
    }

    /// Tells whether a value matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match &self.classes {
            Some(classes) => classes.is_match(text.as_bytes()) || (!text.is_ascii() && self.regex.is_match(text)),
            None => self.regex.is_match(text),
        }
    }
}

fn explain(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the pattern needs more than {limit} bytes once compiled; use smaller counts")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern, false).unwrap().is_match(text)
    }

    #[test]
    fn the_whole_value_must_match() {
        for pattern in [r"ABC-\d", r"^ABC-\d$", r"ABC-(\d)", "(?x) ABC-\\d # one digit", r"X|ABC-\d"] {
            assert!(whole(pattern, "ABC-2"), "{pattern}");
            assert!(!whole(pattern, "ABC-2\n"), "{pattern}");
            assert!(!whole(pattern, "xABC-2"), "{pattern}");
            assert!(!whole(pattern, "ABC-2y"), "{pattern}");
        }
    }

    #[test]
    fn alternatives_are_tried_to_the_end() {
        assert!(whole("a|ab", "ab"));
        assert!(!whole("a|ab", "abc"));
    }

    #[test]
    fn a_search_looks_anywhere() {
        let pattern = Pattern::new(r"ABC-\d", true).unwrap();
        assert!(pattern.is_match("xxABC-1yy"));
        assert!(!pattern.is_match("ABC-"));
    }

    #[test]
    fn unicode_is_left_to_the_regex() {
        assert!(whole(r"\w+", "straße"));
        assert!(whole(r"\d", "٣"));
        assert!(whole("[^,]+", "né"));
        assert!(whole("..", "éé"));
        assert!(!whole("[a-z]+", "é"));
    }

    #[test]
    fn wrong_patterns_are_refused() {
        assert!(Pattern::new("a)(b", false).is_err());
        assert!(Pattern::new("[", true).is_err());
        assert!(Pattern::new(r"\w{1000}{1000}", false).unwrap_err().contains("smaller counts"));
    }
}
