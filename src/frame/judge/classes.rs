//! Class tables: a pattern that is a row of character classes with counts is matched without a regex engine.
//!
//! Only ASCII is decided here. A value with other bytes that does not match goes to the regex, which knows Unicode.

/// Patterns of one length up to this have a table for each place.
const PLACES: usize = 32;

const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A pattern as runs of classes; each run is as long as it can be and never gives back.
#[derive(Debug, Clone)]
pub struct Classes {
    runs: Vec<Run>,
    /// A table for each place, where the pattern has one length and that is short.
    places: Option<Vec<[bool; 256]>>,
    /// The same, where it has 8 to 16 places and every class is a range.
    ranges: Option<Ranges>,
    shortest: usize,
    longest: usize,
}

#[derive(Debug, Clone)]
struct Run {
    table: Box<[bool; 256]>,
    minimum: usize,
    maximum: usize,
}

/// One class and how often it stands, before the table is made. `maximum` is `usize::MAX` where nothing limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    set: u128,
    minimum: usize,
    maximum: usize,
}

impl Classes {
    /// Compiles a pattern that is to match a whole value; `None` where it is more than a row of classes, or where
    /// a run could have to give back what it took.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        let pieces = merge(Reader { rest: strip_anchors(pattern)?.as_bytes() }.pieces()?);
        for (at, piece) in pieces.iter().enumerate() {
            if piece.minimum < piece.maximum && piece.set & follow(&pieces[at + 1..]) != 0 {
                return None;
            }
        }
        let shortest = pieces.iter().fold(0usize, |sum, piece| sum.saturating_add(piece.minimum));
        let longest = pieces.iter().fold(0usize, |sum, piece| sum.saturating_add(piece.maximum));
        let runs: Vec<Run> = pieces.iter().map(Run::new).collect();
        let places = (shortest == longest && longest <= PLACES).then(|| {
            let tables = runs.iter().flat_map(|run| std::iter::repeat_n(*run.table, run.minimum));
            tables.collect()
        });
        let ranges = (shortest == longest).then(|| Ranges::new(&pieces)).flatten();
        Some(Self { runs, places, ranges, shortest, longest })
    }

    /// Tells whether the whole text matches, and is ASCII.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        if text.len() < self.shortest || text.len() > self.longest {
            return false;
        }
        if let Some(ranges) = &self.ranges {
            return ranges.hold(text);
        }
        if let Some(places) = &self.places {
            // To the end in any case: values that do not match are rare.
            return text.iter().zip(places).fold(true, |all, (byte, table)| all & table[usize::from(*byte)]);
        }
        let mut rest = text;
        for run in &self.runs {
            let limit = rest.len().min(run.maximum);
            let taken = rest[..limit].iter().take_while(|byte| run.table[usize::from(**byte)]).count();
            if taken < run.minimum {
                return false;
            }
            rest = &rest[taken..];
        }
        rest.is_empty()
    }
}

/// A range of characters for each of 8 to 16 places, as words of eight: of the first places, and of the last.
#[derive(Debug, Clone, Copy)]
struct Ranges([Word; 2]);

/// What is added to eight bytes below 0x80, so that their top bits tell how they compare.
#[derive(Debug, Clone, Copy)]
struct Word {
    /// Reaches the top bit from the lowest character on.
    from: u64,
    /// Reaches it behind the highest.
    beyond: u64,
}

impl Ranges {
    fn new(pieces: &[Piece]) -> Option<Self> {
        let mut places = Vec::new();
        for piece in pieces {
            let (low, high) = (piece.set.trailing_zeros(), 127_u32.checked_sub(piece.set.leading_zeros())?);
            if piece.set.count_ones() != high - low + 1 || piece.minimum > 16 {
                return None;
            }
            places.extend(std::iter::repeat_n((0x80 - u64::from(low), 0x7F - u64::from(high)), piece.minimum));
        }
        let word = |places: &[(u64, u64); 8]| {
            let of = |part: fn(&(u64, u64)) -> u64| places.iter().rev().fold(0, |word, place| word << 8 | part(place));
            Word { from: of(|place| place.0), beyond: of(|place| place.1) }
        };
        (places.len() <= 16).then_some(Self([word(places.first_chunk()?), word(places.last_chunk()?)]))
    }

    /// Tells whether a text of the right length matches.
    #[inline]
    fn hold(&self, text: &[u8]) -> bool {
        let (Some(head), Some(tail)) = (text.first_chunk(), text.last_chunk()) else { return false };
        let hold = |word: &Word, bytes: &[u8; 8]| {
            let bytes = u64::from_le_bytes(*bytes);
            // A byte beyond ASCII may carry into its neighbour; it is refused anyway.
            bytes.wrapping_add(word.from) & !bytes.wrapping_add(word.beyond) & !bytes
        };
        hold(&self.0[0], head) & hold(&self.0[1], tail) & HIGHS == HIGHS
    }
}

impl Run {
    fn new(piece: &Piece) -> Self {
        let mut table = Box::new([false; 256]);
        for (byte, slot) in table.iter_mut().take(128).enumerate() {
            *slot = piece.set >> byte & 1 == 1;
        }
        Self { table, minimum: piece.minimum, maximum: piece.maximum }
    }
}

/// Takes off a leading `^` and a trailing `$`, which say nothing where the whole value must match.
fn strip_anchors(pattern: &str) -> Option<&str> {
    if !pattern.is_ascii() {
        return None;
    }
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let Some(head) = pattern.strip_suffix('$') else { return Some(pattern) };
    let escapes = head.bytes().rev().take_while(|byte| *byte == b'\\').count();
    Some(if escapes % 2 == 0 { head } else { pattern })
}

/// Joins neighbours of the same class.
fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if last.set == piece.set => {
                last.minimum = last.minimum.saturating_add(piece.minimum);
                last.maximum = last.maximum.saturating_add(piece.maximum);
            }
            _ => merged.push(piece),
        }
    }
    merged
}

/// Gives the bytes that may come next.
fn follow(pieces: &[Piece]) -> u128 {
    let mut set = 0;
    for piece in pieces {
        set |= piece.set;
        if piece.minimum > 0 {
            break;
        }
    }
    set
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn pieces(mut self) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        while let Some(byte) = self.next() {
            let set = match byte {
                b'[' => self.class()?,
                b'\\' => escape(self.next()?)?,
                b'.' => !bit(b'\n'),
                b'^' | b'$' | b'|' | b'(' | b')' | b']' | b'{' | b'}' | b'*' | b'+' | b'?' => return None,
                literal => bit(literal),
            };
            let (minimum, maximum) = self.count()?;
            pieces.push(Piece { set, minimum, maximum });
        }
        Some(pieces)
    }

    /// Reads what stands after an atom: nothing, `?`, `*`, `+`, `{n}`, `{n,}` or `{n,m}`.
    fn count(&mut self) -> Option<(usize, usize)> {
        let count = match self.peek() {
            Some(b'?') => (0, 1),
            Some(b'*') => (0, usize::MAX),
            Some(b'+') => (1, usize::MAX),
            Some(b'{') => {
                let end = self.rest.iter().position(|byte| *byte == b'}')?;
                let inner = std::str::from_utf8(self.rest.get(1..end)?).ok()?;
                self.rest = &self.rest[end..];
                match inner.split_once(',') {
                    None => digits(inner).map(|n| (n, n))?,
                    Some((low, "")) => (digits(low)?, usize::MAX),
                    Some((low, high)) => (digits(low)?, digits(high)?),
                }
            }
            _ => return Some((1, 1)),
        };
        self.next();
        if self.peek() == Some(b'?') {
            // A lazy count takes the same whole values.
            self.next();
        }
        // A count of a count is left to the regex.
        let again = matches!(self.peek(), Some(b'?' | b'*' | b'+' | b'{'));
        (!again && count.0 <= count.1).then_some(count)
    }

    /// Reads a class after its `[`.
    fn class(&mut self) -> Option<u128> {
        let negated = self.peek() == Some(b'^');
        if negated {
            self.next();
        }
        let mut set = 0;
        let mut first = true;
        loop {
            let byte = self.next()?;
            match byte {
                b']' if first => return None,
                b']' => break,
                b'[' => return None,
                b'&' | b'~' | b'-' if self.peek() == Some(byte) => return None,
                b'-' if !first && self.peek() != Some(b']') => return None,
                b'\\' => {
                    let escaped = self.next()?;
                    let low = escape(escaped)?;
                    set |= self.range(low)?;
                }
                literal => set |= self.range(bit(literal))?,
            }
            first = false;
        }
        Some(if negated { !set } else { set })
    }

    /// Reads the rest of a range that starts with this character, if there is one.
    fn range(&mut self, low: u128) -> Option<u128> {
        if self.peek() != Some(b'-') || self.rest.get(1) == Some(&b']') {
            return Some(low);
        }
        self.next();
        let high = match self.next()? {
            b'\\' => escape(self.next()?)?,
            b'[' | b']' | b'-' | b'&' | b'~' => return None,
            literal => bit(literal),
        };
        // Both ends are single characters.
        if low.count_ones() != 1 || high.count_ones() != 1 || low > high {
            return None;
        }
        Some(high | (high - low))
    }

    const fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

const fn bit(byte: u8) -> u128 {
    if byte < 128 { 1 << byte } else { 0 }
}

fn between(low: u8, high: u8) -> u128 {
    (low..=high).map(bit).sum()
}

/// Gives the characters of an escape, its backslash already read; the ASCII part of those that know Unicode.
fn escape(byte: u8) -> Option<u128> {
    let digit = between(b'0', b'9');
    let word = digit | between(b'a', b'z') | between(b'A', b'Z') | bit(b'_');
    let space = between(b'\t', b'\r') | bit(b' ');
    Some(match byte {
        b'd' => digit,
        b'D' => !digit,
        b'w' => word,
        b'W' => !word,
        b's' => space,
        b'S' => !space,
        b't' => bit(b'\t'),
        b'n' => bit(b'\n'),
        b'r' => bit(b'\r'),
        b'f' => bit(0x0c),
        b'v' => bit(0x0b),
        b'a' => bit(0x07),
        b'<' | b'>' => return None,
        punctuation if punctuation.is_ascii_punctuation() => bit(punctuation),
        _ => return None,
    })
}

fn digits(text: &str) -> Option<usize> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_of_classes_are_compiled_and_others_left() {
        for pattern in [
            "[A-Z]{3}-[0-9]{6}",
            r"\d+",
            "^abc$",
            "",
            r"[\w.-]+@x",
            "a?b*c",
            "[^,]*,x",
            r"\$\{",
            "[a-]",
            r"[\]\\]",
            r"\d\d+\d{2}",
            "a{2,}b",
            ".{3}",
            "a+?b",
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}",
        ] {
            assert!(Classes::new(pattern).is_some(), "{pattern}");
        }
        for pattern in [
            "a|b",
            "(ab)",
            "a*[ab]b",
            ".*x",
            "(?i)a",
            r"\bx",
            r"\p{L}",
            "[[:alpha:]]",
            "é",
            "a{2}{3}",
            "[a-z&&b]",
            "[]a]",
            "a?a?b?[ab]",
            r"\x41",
            "^^a",
            "a$b",
        ] {
            assert!(Classes::new(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn the_last_class_may_be_open() {
        let classes = Classes::new(r"[A-Z]{2}\d{1,3}x?").unwrap();
        assert!(classes.is_match(b"AB1") && classes.is_match(b"AB123x"));
        assert!(!classes.is_match(b"AB1234") && !classes.is_match(b"AB") && !classes.is_match(b"AB1x\n"));
    }

    proptest! {
        #[test]
        fn ranges_agree_with_regex(
            classes in proptest::collection::vec(
                proptest::sample::select(vec!["[a-c]", r"\d", "x", "[ -~]", "[0-1]{3}", "."]), 7..14),
            values in proptest::collection::vec("[abcx0-3é٣ \u{7f}]{8,16}|[abcx01]{8,16}", 1..20),
        ) {
            let pattern = classes.concat();
            let whole = regex::Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap();
            let places = Classes::new(&pattern);
            for value in places.iter().flat_map(|_| &values) {
                let found = places.as_ref().is_some_and(|places| places.is_match(value.as_bytes()));
                prop_assert_eq!(found, value.is_ascii() && whole.is_match(value), "{:?} on {:?}", pattern, value);
            }
            // And what is sure to match but for one place.
            let sure = pattern.replace("[a-c]", "b").replace(r"\d", "7").replace("[ -~]", "~").replace("[0-1]{3}", "010");
            if let Some(places) = places {
                prop_assert!(places.is_match(sure.as_bytes()));
                for at in 0..sure.len() {
                    let mut other = sure.clone().into_bytes();
                    other[at] = b'\n';
                    prop_assert!(!places.is_match(&other));
                    other[at] = 0xC3;
                    prop_assert!(!places.is_match(&other));
                }
            }
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let atom = proptest::sample::select(vec![
            "a", "b", "-", r"\d", r"\w", r"\s", r"\.", ".", "[ab]", "[^a]", "[a-c0-3]", "[^0-9-]", r"[\d_]", "[-x]",
            "é", "[b-]", r"\D", r"[^\w]", "(?:ab)", " ",
        ]);
        let count =
            proptest::sample::select(vec!["", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,1}", "{2,}", "+?", "{0}"]);
        (atom, count).prop_map(|(atom, count)| format!("{atom}{count}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn classes_agree_with_regex(
            pieces in proptest::collection::vec(piece(), 0..5),
            values in proptest::collection::vec("[abcx0-3é٣ ._\n-]{0,6}", 1..20),
        ) {
            let pattern = pieces.concat();
            let whole = regex::Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap();
            if let Some(classes) = Classes::new(&pattern) {
                for value in &values {
                    let expected = whole.is_match(value);
                    let found = classes.is_match(value.as_bytes());
                    // Beyond ASCII a table only ever says no.
                    if value.is_ascii() {
                        prop_assert_eq!(found, expected, "{:?} on {:?}", pattern, value);
                    } else {
                        prop_assert!(!found || expected, "{:?} on {:?}", pattern, value);
                    }
                }
            }
        }
    }
}
