//! Scanner: walks one JSON text by RFC 8259, without recursion and without building anything.

use std::borrow::Cow;

use crate::frame::json::text;
use crate::model::{ParseCode, Why};

/// What a scan gives, or why the text cannot be read.
pub(super) type Scan<T = ()> = Result<T, Box<Why>>;

/// Up to so many keys are compared with each other; more are sorted.
const FEW_KEYS: usize = 16;

/// Says what a text may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Objects and arrays inside each other.
    pub depth: u32,
    /// Bytes of a string or a number.
    pub token_bytes: usize,
    /// Equal keys in one object are noted.
    pub unique_keys: bool,
}

/// Walks the values of one text after the other.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    limits: Limits,
    depth: u32,
    /// The arrays and objects [`Scanner::skip`] is in.
    open: Vec<Open>,
    /// The keys of all open objects, outermost first, escapes undone, and where they stand.
    keys: Vec<(Cow<'t, [u8]>, usize)>,
    /// The first key that stands in its object again.
    duplicate: Option<Box<Why>>,
}

/// A string as it stands between its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub content: &'t [u8],
    pub escaped: bool,
    /// Where its opening quote stands.
    pub at: usize,
}

#[derive(Debug, Clone, Copy)]
enum Open {
    Array,
    /// Its keys begin at this index.
    Object(usize),
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(limits: Limits) -> Self {
        Self { text: &[], at: 0, limits, depth: 0, open: Vec::new(), keys: Vec::new(), duplicate: None }
    }

    /// Turns to the start of another text, which must be UTF-8.
    pub(super) fn start(&mut self, text: &'t [u8]) {
        (self.text, self.at, self.depth, self.duplicate) = (text, 0, 0, None);
        self.open.clear();
        self.keys.clear();
    }

    /// Gives the place reached, in bytes.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Gives the text from a place up to here.
    pub(super) fn since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Walks a text that is one value and nothing else.
    pub(super) fn whole(&mut self) -> Scan {
        self.blanks();
        self.skip()?;
        self.end()
    }

    /// Takes the end of the text, and gives the first duplicate key that was found on the way.
    pub(super) fn end(&mut self) -> Scan {
        self.blanks();
        if self.at < self.text.len() {
            return Err(self.unexpected("the end of the text"));
        }
        self.duplicate.take().map_or(Ok(()), Err)
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub(super) fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes one byte with the blanks behind it, if it is this one.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.blanks();
        }
        found
    }

    /// Takes the bracket that opens an array or object, with the blanks behind it.
    pub(super) fn open(&mut self) -> Scan {
        if self.depth >= self.limits.depth {
            let detail = format!("values are nested deeper than {} levels from byte {} on", self.depth, self.at + 1);
            return Err(self.fault(ParseCode::JsonDepth, self.at, detail));
        }
        self.depth += 1;
        self.at += 1;
        self.blanks();
        Ok(())
    }

    /// Takes the bracket that closes an array or object.
    #[inline]
    pub(super) const fn close(&mut self) {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// Takes what stands behind an element: `true` for a comma, `false` for the bracket that closes the array.
    pub(super) fn more(&mut self, bracket: u8) -> Scan<bool> {
        self.blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.blanks();
                Ok(true)
            }
            Some(byte) if byte == bracket => {
                self.close();
                Ok(false)
            }
            _ if bracket == b']' => Err(self.unexpected("a comma or `]`")),
            _ => Err(self.unexpected("a comma or `}`")),
        }
    }

    /// Takes a key with its colon and the blanks around it.
    pub(super) fn key(&mut self) -> Scan<Token<'t>> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        self.blanks();
        if self.take(b':') { Ok(key) } else { Err(self.unexpected("a colon")) }
    }

    /// Takes a string; its opening quote stands here.
    pub(super) fn string(&mut self) -> Scan<Token<'t>> {
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            at = plain_end(self.text, at);
            match self.text.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at = self.escape(at)?;
                }
                Some(byte) => {
                    let detail = format!(
                        "byte {} is 0x{byte:02X} inside a string, where control characters are written as escapes",
                        at + 1
                    );
                    return Err(self.fault(ParseCode::JsonSyntax, at, detail));
                }
                None => return Err(self.ended(&format!("the string of byte {} is not closed", start + 1))),
            }
        }
        self.at = at + 1;
        let content = self.text.get(start + 1..at).unwrap_or_default();
        self.limit(start, content.len())?;
        Ok(Token { content, escaped, at: start })
    }

    /// Checks an escape and gives the place behind it.
    fn escape(&self, at: usize) -> Scan<usize> {
        match self.text.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => match self.unit(at + 2)? {
                0xD800..0xDC00 => {
                    let followed = [b'\\', b'u'].iter().zip(at + 6..).all(|(wanted, place)| {
                        // At the end of the text it is cut, not lone.
                        self.text.get(place).is_none_or(|byte| byte == wanted)
                    });
                    match followed {
                        true if (0xDC00..0xE000).contains(&self.unit(at + 8)?) => Ok(at + 12),
                        _ => Err(self.lone(at)),
                    }
                }
                0xDC00..0xE000 => Err(self.lone(at)),
                _ => Ok(at + 6),
            },
            Some(_) => Err(self.unexpected_at(at + 1, "a letter that JSON escapes with (one of \"\\/bfnrtu)")),
            None => Err(self.ended("an escape is not finished")),
        }
    }

    /// Reads the four hex digits of an escape.
    fn unit(&self, at: usize) -> Scan<u32> {
        let mut unit = 0;
        for place in at..at + 4 {
            let Some(byte) = self.text.get(place) else { return Err(self.ended("an escape is not finished")) };
            let digit = char::from(*byte).to_digit(16);
            unit = unit << 4 | digit.ok_or_else(|| self.unexpected_at(place, "one of four hex digits"))?;
        }
        Ok(unit)
    }

    #[cold]
    fn lone(&self, at: usize) -> Box<Why> {
        let escape = String::from_utf8_lossy(self.text.get(at..at + 6).unwrap_or_default());
        let detail = format!("`{escape}` at byte {} is half of a surrogate pair and names no character", at + 1);
        self.fault(ParseCode::JsonSyntax, at, detail)
    }

    /// Takes a number; its sign or first digit stands here.
    pub(super) fn number(&mut self) -> Scan<&'t [u8]> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.unexpected("no digit, since a number starts with one zero at most,"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.limit(start, self.at - start)?;
        Ok(self.since(start))
    }

    fn digits(&mut self) -> Scan {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.unexpected("a digit")) }
    }

    /// Takes `true`, `false` or `null`.
    pub(super) fn literal(&mut self, name: &'static str) -> Scan {
        for byte in name.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.unexpected(&format!("`{name}`")));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Takes one value of any kind.
    pub(super) fn skip(&mut self) -> Scan {
        let outside = self.open.len();
        loop {
            let opened = match self.peek() {
                Some(b'"') => self.string().map(|_| false)?,
                Some(b'-' | b'0'..=b'9') => self.number().map(|_| false)?,
                Some(b't') => self.literal("true").map(|()| false)?,
                Some(b'f') => self.literal("false").map(|()| false)?,
                Some(b'n') => self.literal("null").map(|()| false)?,
                Some(b'[') => self.enter(Open::Array)?,
                Some(b'{') => self.enter(Open::Object(self.keys.len()))?,
                _ => return Err(self.unexpected("a value")),
            };
            if !opened && !self.follow(outside)? {
                return Ok(());
            }
        }
    }

    /// Opens an array or object: `true` where a first value stands in it.
    fn enter(&mut self, kind: Open) -> Scan<bool> {
        self.open()?;
        let bracket = if matches!(kind, Open::Array) { b']' } else { b'}' };
        if self.peek() == Some(bracket) {
            self.close();
            return Ok(false);
        }
        self.open.push(kind);
        if matches!(kind, Open::Object(_)) {
            self.member()?;
        }
        Ok(true)
    }

    /// Goes on behind a value, out of all that it closes: `true` where another value follows.
    fn follow(&mut self, outside: usize) -> Scan<bool> {
        while self.open.len() > outside {
            match self.open.last().copied() {
                Some(Open::Object(from)) => {
                    if self.more(b'}')? {
                        self.member()?;
                        return Ok(true);
                    }
                    self.forget_keys(from);
                }
                _ => {
                    if self.more(b']')? {
                        return Ok(true);
                    }
                }
            }
            self.open.pop();
        }
        Ok(false)
    }

    fn member(&mut self) -> Scan {
        let key = self.key()?;
        self.note_key(key);
        Ok(())
    }

    /// Gives the number of keys of the open objects, to be handed to [`Scanner::forget_keys`] later.
    pub(super) const fn noted_keys(&self) -> usize {
        self.keys.len()
    }

    /// Keeps a key until its object closes.
    pub(super) fn note_key(&mut self, key: Token<'t>) {
        if !self.limits.unique_keys {
            return;
        }
        let content = if key.escaped {
            let mut undone = Vec::with_capacity(key.content.len());
            text::unescape(key.content, &mut undone);
            Cow::Owned(undone)
        } else {
            Cow::Borrowed(key.content)
        };
        self.keys.push((content, key.at));
    }

    /// Closes an object: looks for equal keys among those noted since, and forgets them.
    pub(super) fn forget_keys(&mut self, from: usize) {
        let Some(keys) = self.keys.get_mut(from..).filter(|keys| keys.len() > 1) else {
            self.keys.truncate(from);
            return;
        };
        let mut found: Option<(Vec<u8>, usize)> = None;
        if keys.len() <= FEW_KEYS {
            let again = (1..keys.len()).find(|later| keys[..*later].iter().any(|key| key.0 == keys[*later].0));
            found = again.map(|index| (keys[index].0.to_vec(), keys[index].1));
        } else {
            keys.sort_unstable();
            for pair in keys.windows(2) {
                if pair[0].0 == pair[1].0 && found.as_ref().is_none_or(|(_, at)| *at > pair[1].1) {
                    found = Some((pair[1].0.to_vec(), pair[1].1));
                }
            }
        }
        self.keys.truncate(from);
        if let Some((key, at)) = found {
            self.note_duplicate(&key, at);
        }
    }

    /// Notes a key that stands in its object again; of several the first counts.
    #[cold]
    pub(super) fn note_duplicate(&mut self, key: &[u8], at: usize) {
        if self.duplicate.as_ref().and_then(|why| why.at).is_none_or(|first| u64::try_from(at).is_ok_and(|at| at < first)) {
            let key = crate::frame::batch::shorten(key);
            let detail = format!("the key `{key}` stands in one object again at byte {}", at + 1);
            self.duplicate = Some(self.fault(ParseCode::JsonDuplicateKey, at, detail));
        }
    }

    fn limit(&self, start: usize, len: usize) -> Scan {
        if len <= self.limits.token_bytes {
            return Ok(());
        }
        let detail = format!("the value of byte {} has {len} bytes, the limit is {}", start + 1, self.limits.token_bytes);
        Err(self.fault(ParseCode::FieldTooLong, start, detail))
    }

    /// Says that something else stands here, or that the text ends.
    #[cold]
    pub(super) fn unexpected(&self, expected: &str) -> Box<Why> {
        self.unexpected_at(self.at, expected)
    }

    #[cold]
    fn unexpected_at(&self, at: usize, expected: &str) -> Box<Why> {
        let rest = self.text.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(4)).unwrap_or_default();
        let Some(found) = String::from_utf8_lossy(rest).chars().next() else {
            return self.ended(&format!("{expected} is expected"));
        };
        let found = if found.is_ascii_graphic() || found.is_alphanumeric() {
            format!("`{found}`")
        } else {
            format!("the character U+{:04X}", u32::from(found))
        };
        let detail = format!("{found} stands at byte {} where {expected} is expected", at + 1);
        self.fault(ParseCode::JsonSyntax, at, detail)
    }

    #[cold]
    fn ended(&self, missing: &str) -> Box<Why> {
        let detail = format!("the text ends after byte {}: {missing}", self.text.len());
        self.fault(ParseCode::JsonTruncated, self.text.len(), detail)
    }

    #[cold]
    #[expect(clippy::unused_self, reason = "reads better where it is called")]
    fn fault(&self, code: ParseCode, at: usize, detail: String) -> Box<Why> {
        Box::new(Why { code, at: u64::try_from(at).ok(), detail })
    }
}

/// Finds the first quote, backslash or control character, eight bytes at a time; the text's end where there is none.
#[inline]
fn plain_end(text: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let mut at = from;
    while let Some(eight) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        let (quote, slash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5C));
        // The lowest high bit set marks the first such byte; those above it may be borrows of the subtractions.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = slash.wrapping_sub(ONES) & !slash;
        let found = (control | quote | slash) & HIGHS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    at.min(text.len()) + end.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_at_the_first_special_byte() {
        let text: Vec<u8> = (0x20..=0xFF_u8).filter(|byte| !matches!(byte, b'"' | b'\\')).cycle().take(600).collect();
        for special in (0..0x20).chain([b'"', b'\\']) {
            for place in 0..40 {
                for from in [0, 1, 5, place] {
                    let mut text = text.clone();
                    text[place] = special;
                    text[place + 3] = b'"';
                    assert_eq!(plain_end(&text, from.min(place)), place, "{special}");
                    assert_eq!(plain_end(&text[..place], from.min(place)), place);
                }
            }
        }
    }

    #[test]
    fn many_keys_are_told_apart() {
        let limits = Limits { depth: 9, token_bytes: 99, unique_keys: true };
        for count in [2, 15, 16, 17, 18, 300] {
            let member = |key: usize| format!("\"k{key}\":0");
            let mut members: Vec<String> = (0..count).map(member).collect();
            let judge = |members: &[String]| {
                let text = format!("{{{}}}", members.join(","));
                let mut scanner = Scanner::new(limits);
                scanner.start(text.as_bytes());
                scanner.whole().map_err(|why| (why.code, why.at))
            };
            assert_eq!(judge(&members), Ok(()), "{count}");
            members.push(String::from("\"\\u006b1\":1"));
            members.push(member(0));
            let at = members[..count].iter().map(|member| member.len() + 1).sum::<usize>() + 1;
            assert_eq!(judge(&members), Err((ParseCode::JsonDuplicateKey, Some(at as u64))), "{count}");
        }
    }
}
