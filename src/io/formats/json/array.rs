//! Array: the elements of one JSON array (or the one value of a file), and what to do where it is broken.

use crate::frame::json;
use crate::io::formats::json::lines::{Line, Lines};
use crate::io::formats::json::walk::{Break, Walk, Walked};
use crate::io::formats::json::{Piece, Splitter, blanks, trimmed};
use crate::model::{ParseCode, Why};

/// Blanks kept at once to see what follows them.
const GAP: usize = 1 << 16;

/// Cuts a file into the elements of its array.
#[derive(Debug)]
pub(super) struct Array {
    state: State,
    /// The file is an array, not another value.
    in_brackets: bool,
    limit: usize,
    max_depth: u32,
    walk: Walk,
    lines: Lines,
    /// Bytes of framing that follow the record given last.
    tail: usize,
}

#[derive(Debug)]
enum State {
    /// Before the value that the file is.
    Outside,
    /// At the bracket or comma before an element, or behind it where that was taken.
    Before { first: bool, taken: bool },
    /// At an element's first byte.
    Element,
    /// Behind an element.
    Behind,
    /// Behind the array or value.
    Done,
    /// At the first byte that is refused.
    Broken(Box<Why>),
    /// Among lines behind that.
    Lines,
}

impl Array {
    pub(super) fn new(limit: usize, max_depth: u32) -> Self {
        Self {
            state: State::Outside,
            in_brackets: false,
            limit,
            max_depth,
            walk: Walk::default(),
            lines: Lines::new(limit),
            tail: 0,
        }
    }

    /// Gives framing of `len` bytes, and goes to a state behind them.
    fn framing(&mut self, len: usize, state: State) -> Option<Piece> {
        self.state = state;
        (len > 0).then_some(Piece::Framing(len))
    }

    /// Before anything but blanks.
    fn outside(&mut self, ahead: &[u8], last: bool) -> Option<Piece> {
        let len = blanks(ahead);
        match ahead.get(len) {
            Some(b'[') => {
                self.in_brackets = true;
                self.framing(len, State::Before { first: true, taken: false })
            }
            Some(_) => self.framing(len, State::Element),
            None => Some(nothing(len, last)),
        }
    }

    /// At a bracket or comma, or behind it: an element must follow, or the array's end behind the bracket.
    fn before(&mut self, ahead: &[u8], last: bool, first: bool, taken: bool) -> Option<Piece> {
        let own = usize::from(!taken);
        let len = own + blanks(ahead.get(own..).unwrap_or_default());
        if len > GAP {
            return self.framing(GAP, State::Before { first, taken: true });
        }
        match ahead.get(len) {
            Some(b']') if first => self.framing(len + 1, State::Done),
            Some(byte @ (b']' | b'}' | b',' | b':')) => {
                let why = stray(*byte, "an element");
                self.framing(len, State::Broken(why))
            }
            Some(_) => self.framing(len, State::Element),
            None if last => Some(self.never_closed(ahead.len())),
            None => Some(Piece::More),
        }
    }

    /// Behind an element: a comma or the array's end must follow.
    fn behind(&mut self, ahead: &[u8], last: bool) -> Option<Piece> {
        let len = blanks(ahead);
        if len > GAP {
            return self.framing(GAP, State::Behind);
        }
        match ahead.get(len) {
            Some(b',') => self.framing(len, State::Before { first: false, taken: false }),
            Some(b']') => self.framing(len + 1, State::Done),
            Some(byte) => {
                let why = stray(*byte, "a comma or `]`");
                self.framing(len, State::Broken(why))
            }
            None if last => Some(self.never_closed(ahead.len())),
            None => Some(Piece::More),
        }
    }

    fn never_closed(&mut self, len: usize) -> Piece {
        self.state = State::Done;
        let detail = String::from("the file ends before the array is closed");
        Piece::Record(len, Some(why(ParseCode::JsonTruncated, len, detail)))
    }

    /// Behind the end: nothing may follow.
    fn done(&mut self, ahead: &[u8], last: bool) -> Option<Piece> {
        let len = blanks(ahead);
        let Some(byte) = ahead.get(len) else { return Some(nothing(len, last)) };
        let mut why = stray(*byte, "the end of the file");
        if !self.in_brackets {
            why.detail.push_str(" (one object a line is `format: ndjson`)");
        }
        self.framing(len, State::Broken(why))
    }

    /// At an element.
    fn element(&mut self, ahead: &[u8], last: bool) -> Option<Piece> {
        // One byte more than the limit shows whether an element of just so many bytes has ended.
        let seen = ahead.get(..self.limit.saturating_add(1)).unwrap_or(ahead);
        let walked = self.walk.on(seen);
        let fault = match walked {
            Walked::Whole(len) if len > 0 && len <= self.limit => {
                self.ended();
                return Some(Piece::Record(len, None));
            }
            Walked::Whole(0) => stray(ahead.first().copied().unwrap_or_default(), "a value"),
            Walked::Broken(at, Break::LineFeed) => {
                why(ParseCode::JsonSyntax, at, String::from("a string is not closed before its line ends"))
            }
            Walked::Broken(at, Break::Bracket { wanted }) => {
                let found = ahead.get(at).copied().unwrap_or_default();
                let (found, wanted) = (char::from(found), char::from(wanted));
                why(
                    ParseCode::JsonSyntax,
                    at,
                    format!("`{found}` stands at byte {} where `{wanted}` must close first", at + 1),
                )
            }
            Walked::More if seen.len() <= self.limit && !last => return Some(Piece::More),
            Walked::More if seen.len() <= self.limit => return Some(self.cut(ahead)),
            Walked::Whole(_) | Walked::More => {
                let detail = format!("an element of more than {} bytes, sixteen times `max_field_bytes`", self.limit);
                why(ParseCode::FieldTooLong, 0, detail)
            }
        };
        self.walk.restart();
        self.state = State::Broken(fault);
        None
    }

    /// Gives the element that the file ends in.
    fn cut(&mut self, ahead: &[u8]) -> Piece {
        self.ended();
        let token = !matches!(ahead.first(), Some(b'{' | b'[' | b'"'));
        if token && !self.in_brackets {
            // A number or literal ends with the file.
            return Piece::Record(ahead.len(), None);
        }
        self.state = State::Done;
        let detail = String::from("the file ends inside the value");
        Piece::Record(ahead.len(), Some(why(ParseCode::JsonTruncated, ahead.len(), detail)))
    }

    fn ended(&mut self) {
        self.walk.restart();
        self.state = if self.in_brackets { State::Behind } else { State::Done };
    }

    /// At the first byte that is refused: the rest of its line is.
    fn broken(&mut self, ahead: &[u8], last: bool, why: Box<Why>) -> Piece {
        self.state = State::Lines;
        match self.lines.next(ahead, last) {
            Line::Whole(len, _) => Piece::Record(trimmed(&ahead[..len]).max(1), Some(why)),
            Line::Piece(len, _) => Piece::Record(len, Some(why)),
            Line::More => {
                self.state = State::Broken(why);
                Piece::More
            }
            Line::End => Piece::End,
        }
    }

    /// Among the lines behind.
    fn line(&mut self, ahead: &[u8], last: bool) -> Piece {
        if !self.lines.goes_on() {
            let len = blanks(ahead);
            if len > 0 {
                return Piece::Framing(len);
            }
        }
        match self.lines.next(ahead, last) {
            Line::Whole(len, fault) => {
                let content = &ahead[..trimmed(&ahead[..len])];
                if content == b"]" && fault.is_none() && trimmed(ahead) == 1 {
                    if last {
                        return Piece::Framing(len);
                    }
                    if ahead.len() <= GAP {
                        return Piece::More;
                    }
                }
                self.candidate(content, len, fault, last && len == ahead.len())
            }
            Line::Piece(len, fault) => Piece::Record(len, Some(fault)),
            Line::More => Piece::More,
            Line::End => Piece::End,
        }
    }

    /// Gives a line as a record, a comma behind it as framing.
    fn candidate(&mut self, content: &[u8], len: usize, fault: Option<Box<Why>>, ends_file: bool) -> Piece {
        if content.is_empty() {
            return Piece::Framing(len);
        }
        let bare = content.strip_suffix(b",").map_or(0, trimmed);
        let own = if bare > 0 && fault.is_none() { bare } else { content.len() };
        self.tail = len - own;
        // The file's last line may be cut, unless something stands behind its value.
        if fault.is_none() && ends_file && self.tail == 0 {
            let cut = json::validate(content, self.max_depth).err();
            return Piece::Record(own, cut.filter(|why| why.code == ParseCode::JsonTruncated).map(Box::new));
        }
        Piece::Record(own, fault)
    }

    fn step(&mut self, ahead: &[u8], last: bool) -> Option<Piece> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Outside => {
                self.state = State::Outside;
                self.outside(ahead, last)
            }
            State::Before { first, taken } => {
                self.state = State::Before { first, taken };
                self.before(ahead, last, first, taken)
            }
            State::Element => {
                self.state = State::Element;
                self.element(ahead, last)
            }
            State::Behind => {
                self.state = State::Behind;
                self.behind(ahead, last)
            }
            State::Done => self.done(ahead, last),
            State::Broken(why) => Some(self.broken(ahead, last, why)),
            State::Lines => {
                self.state = State::Lines;
                Some(self.line(ahead, last))
            }
        }
    }
}

impl Splitter for Array {
    fn next(&mut self, ahead: &[u8], last: bool) -> Piece {
        let tail = std::mem::take(&mut self.tail);
        if tail > 0 {
            return Piece::Framing(tail);
        }
        loop {
            if let Some(piece) = self.step(ahead, last) {
                return piece;
            }
        }
    }
}

/// Gives what stands at the front where that is so many blanks and no more is known.
const fn nothing(blanks: usize, last: bool) -> Piece {
    match (blanks, last) {
        (0, true) => Piece::End,
        (0, false) => Piece::More,
        _ => Piece::Framing(blanks),
    }
}

fn stray(byte: u8, expected: &str) -> Box<Why> {
    let found =
        if byte.is_ascii_graphic() { format!("`{}`", char::from(byte)) } else { format!("the byte 0x{byte:02X}") };
    why(ParseCode::JsonSyntax, 0, format!("{found} stands where {expected} is expected"))
}

fn why(code: ParseCode, at: usize, detail: String) -> Box<Why> {
    Box::new(Why { code, at: u64::try_from(at).ok(), detail })
}
