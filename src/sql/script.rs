//! Scripts: text of several statements, taken apart without being understood.

/// Splits a script at its semicolons, but not at those in strings, quoted names and comments. Blank pieces are
/// dropped, each piece is trimmed.
#[must_use]
pub fn statements(script: &str) -> Vec<&str> {
    let bytes = script.as_bytes();
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let next = skip(bytes, at);
        if bytes.get(at) == Some(&b';') {
            pieces.push(script.get(start..at).unwrap_or_default());
            start = next;
        }
        at = next;
    }
    pieces.push(script.get(start..).unwrap_or_default());
    pieces.into_iter().map(str::trim).filter(|piece| !first_word(piece).is_empty()).collect()
}

/// Gives the first word of a statement in capitals, comments skipped; empty where there is none.
#[must_use]
pub fn first_word(statement: &str) -> String {
    let bytes = statement.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() || (is_comment(bytes, at) && skip(bytes, at) > at + 1) {
            at = skip(bytes, at);
            continue;
        }
        let word: String =
            statement.get(at..).unwrap_or_default().chars().take_while(|c| c.is_alphanumeric()).collect();
        // A statement may also begin with a bracket: it has a first word all the same.
        return if word.is_empty() { statement.chars().take(1).collect() } else { word.to_ascii_uppercase() };
    }
    String::new()
}

/// Tells whether a statement would end or nest the transaction a load runs in.
#[must_use]
pub fn controls_transaction(statement: &str) -> bool {
    matches!(first_word(statement).as_str(), "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT")
}

fn is_comment(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 2), Some(b"--" | b"/*"))
}

/// Gives the position after the piece at `at`: a string, a quoted name, a comment or one byte.
fn skip(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'\'') => {
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            quoted(bytes, at, b'\'', matches!(before, Some(b'e' | b'E')))
        }
        Some(b'"') => quoted(bytes, at, b'"', false),
        Some(b'$') => dollar_quoted(bytes, at).unwrap_or(at + 1),
        Some(b'-') if is_comment(bytes, at) => find(bytes, at, b"\n"),
        Some(b'/') if is_comment(bytes, at) => block_comment(bytes, at),
        _ => at + 1,
    }
}

/// A doubled quote closes and opens again at once, which comes to the same end.
fn quoted(bytes: &[u8], at: usize, quote: u8, backslash: bool) -> usize {
    let mut end = at + 1;
    while let Some(&byte) = bytes.get(end) {
        end += if backslash && byte == b'\\' { 2 } else { 1 };
        if byte == quote {
            break;
        }
    }
    end.min(bytes.len())
}

/// `$$ … $$` and `$tag$ … $tag$`.
fn dollar_quoted(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at + 1..)?;
    let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if rest.get(len) != Some(&b'$') || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let tag = bytes.get(at..at + len + 2)?;
    Some(find(bytes, at + tag.len(), tag))
}

fn block_comment(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut end) = (0_usize, at);
    loop {
        match bytes.get(end..end + 2) {
            Some(b"/*") => (depth, end) = (depth + 1, end + 2),
            Some(b"*/") => (depth, end) = (depth - 1, end + 2),
            Some(_) => end += 1,
            None => return bytes.len(),
        }
        if depth == 0 {
            return end;
        }
    }
}

/// Gives the position after the next `needle`, or the end.
fn find(bytes: &[u8], from: usize, needle: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(needle.len()).position(|window| window == needle).map_or(bytes.len(), |i| from + i + needle.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_in_text_do_not_split() {
        let script =
            "SELECT ';', \"a;b\" -- no; end\n; /* x; /* y; */ z; */ SELECT $q$;$q$, E'\\';'; ;\n -- only this\n";
        let pieces = statements(script);
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        assert!(pieces[1].ends_with("E'\\';'"));
    }

    #[test]
    fn first_words_skip_comments() {
        assert_eq!(first_word("-- c\n /* d */ create view v"), "CREATE");
        assert_eq!(first_word("(SELECT 1)"), "(");
        assert_eq!(first_word("  "), "");
    }

    #[test]
    fn transaction_words_are_found() {
        assert!(controls_transaction("/* now */ commit"));
        assert!(controls_transaction("START TRANSACTION"));
        assert!(!controls_transaction("CREATE TABLE commits AS SELECT 1"));
    }

    #[test]
    fn unfinished_text_ends_at_the_end() {
        for script in ["'abc", "\"abc", "/* abc", "$$ abc", "$a$ b $a", "E'\\", "$", "-", "/", "é;ü"] {
            let _ = statements(script);
        }
        assert_eq!(statements("é;ü"), ["é", "ü"]);
    }
}
