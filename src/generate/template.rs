//! Template: text around a row's number: `C{n}`, `P{n:06}`.

/// A template made ready.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Vec<u8>),
    /// The number, with zeros in front up to this width.
    Number(usize),
}

impl Template {
    /// Reads a template. `{{` and `}}` stand for braces.
    ///
    /// # Errors
    /// In words, where braces hold anything but `n` and a width of at most 40.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                plain.push(if next == '{' { b'{' } else { b'}' });
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (inside, after) = after.split_once('}').ok_or_else(|| format!("`{text}` lacks a closing brace"))?;
                let width = match inside.strip_prefix("n:").or_else(|| inside.strip_prefix('n').filter(|tail| tail.is_empty())) {
                    Some("") => Some(0),
                    Some(width) => width.parse().ok().filter(|width| *width <= 40),
                    None => None,
                };
                let width = width.ok_or_else(|| format!("`{{{inside}}}` in `{text}`: write {{n}} or {{n:06}}"))?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Number(width));
                rest = after;
            } else {
                plain.extend_from_slice(&rest.as_bytes()[..next.len_utf8()]);
                rest = &rest[next.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// Tells whether different numbers give different texts.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Number(_)))
    }

    /// Appends the text of a number.
    #[inline]
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Number(width) => {
                    let mut buffer = itoa::Buffer::new();
                    let digits = buffer.format(number).as_bytes();
                    if digits.len() < *width {
                        const ZEROS: [u8; 40] = [b'0'; 40];
                        out.extend_from_slice(&ZEROS[..(*width - digits.len()).min(40)]);
                    }
                    out.extend_from_slice(digits);
                }
            }
        }
    }

    /// Guesses the bytes of a text.
    #[must_use]
    pub fn width(&self) -> usize {
        let width = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Number(width) => (*width).max(8),
        };
        self.parts.iter().map(width).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, number: u64) -> String {
        let mut out = Vec::new();
        Template::new(text).unwrap().write(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_stand_in_their_places() {
        assert_eq!(written("C{n}", 7), "C7");
        assert_eq!(written("é{n:06}-{n}", 123), "é000123-123");
        assert_eq!(written("P{n:02}", 12_345), "P12345");
        assert_eq!(written("{{{n}}}", 1), "{1}");
        assert!(!Template::new("x").unwrap().is_unique());
    }

    #[test]
    fn wrong_braces_are_refused() {
        for text in ["C{n", "C{m}", "C{n:x}", "C{n:999}", "{}"] {
            assert!(Template::new(text).is_err(), "{text}");
        }
    }
}
