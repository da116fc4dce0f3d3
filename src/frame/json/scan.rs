//! Scanner: walks one JSON text by RFC 8259, without recursion and without building anything.

use crate::frame::json::keys::Keys;
use crate::frame::json::text::plain_end;
use crate::model::{ParseCode, Why};

/// What a scan gives, or why the text cannot be read.
pub(super) type Scan<T = ()> = Result<T, Box<Why>>;

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
    keys: Keys<'t>,
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
    pub(super) fn new(limits: Limits) -> Self {
        Self { text: &[], at: 0, limits, depth: 0, open: Vec::new(), keys: Keys::default() }
    }

    /// Turns to the start of another text, which must be UTF-8.
    pub(super) fn start(&mut self, text: &'t [u8]) {
        (self.text, self.at, self.depth) = (text, 0, 0);
        self.open.clear();
        self.keys.clear();
    }

    /// Turns to a place in a text, where so many arrays and objects are open.
    pub(super) fn start_at(&mut self, text: &'t [u8], at: usize, depth: u32) {
        self.start(text);
        (self.at, self.depth) = (at, depth);
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
        self.keys.take_duplicate().map_or(Ok(()), Err)
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
                    if followed && (0xDC00..0xE000).contains(&self.unit(at + 8)?) {
                        Ok(at + 12)
                    } else {
                        Err(self.lone(at))
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
                    self.keys.close(from);
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

    /// Keeps a key until its object closes.
    pub(super) fn note_key(&mut self, key: Token<'t>) {
        if self.limits.unique_keys {
            self.keys.note(key);
        }
    }

    /// Gives the keys of the open objects.
    pub(super) const fn keys(&mut self) -> &mut Keys<'t> {
        &mut self.keys
    }

    fn limit(&self, start: usize, len: usize) -> Scan {
        if len <= self.limits.token_bytes {
            return Ok(());
        }
        let detail =
            format!("the value of byte {} has {len} bytes, the limit is {}", start + 1, self.limits.token_bytes);
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

#[cfg(test)]
mod tests {
    use super::*;

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
