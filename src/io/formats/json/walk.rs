//! Walk: finds where a JSON value ends, by its brackets and quotes alone.

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    /// It has so many bytes.
    Whole(usize),
    /// Not in these bytes.
    More,
    /// It breaks at this byte.
    Broken(usize, Break),
}

/// Why a value has no end that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// A bracket that closes another one; the one that is open wants this.
    Bracket { wanted: u8 },
    /// A line feed inside a string.
    LineFeed,
}

/// Walks over one value, whose bytes may come bit by bit.
#[derive(Debug, Default)]
pub(super) struct Walk {
    at: usize,
    in_text: bool,
    /// The brackets that close what is open.
    closers: Vec<u8>,
}

impl Walk {
    /// Goes back to the first byte of another value.
    pub(super) fn restart(&mut self) {
        (self.at, self.in_text) = (0, false);
        self.closers.clear();
    }

    /// Goes on to the end of the bytes or of the value. `bytes` are the same as before, and more.
    pub(super) fn on(&mut self, bytes: &[u8]) -> Walked {
        if self.closers.is_empty() && !self.in_text && !matches!(bytes.first(), Some(b'{' | b'[' | b'"')) {
            return self.token(bytes);
        }
        loop {
            let step = if self.in_text { self.text(bytes) } else { self.structure(bytes) };
            if let Some(walked) = step {
                return walked;
            }
        }
    }

    /// A number, a literal or junk: all up to a blank or a byte that JSON has a use for.
    fn token(&mut self, bytes: &[u8]) -> Walked {
        let delimits =
            |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'[' | b']' | b'{' | b'}' | b'"');
        let unseen = bytes.get(self.at..).unwrap_or_default();
        if let Some(end) = unseen.iter().position(delimits) {
            return Walked::Whole(self.at + end);
        }
        self.at = bytes.len();
        Walked::More
    }

    fn text(&mut self, bytes: &[u8]) -> Option<Walked> {
        let unseen = bytes.get(self.at..).unwrap_or_default();
        let Some(place) = memchr::memchr3(b'"', b'\\', b'\n', unseen) else {
            self.at = bytes.len();
            return Some(Walked::More);
        };
        let at = self.at + place;
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'"'), _) => {
                self.at = at + 1;
                self.in_text = false;
                self.closers.is_empty().then_some(Walked::Whole(self.at))
            }
            (Some(b'\\'), None) => {
                self.at = at;
                Some(Walked::More)
            }
            (Some(b'\\'), Some(b'\n')) => Some(Walked::Broken(at + 1, Break::LineFeed)),
            (Some(b'\\'), Some(_)) => {
                self.at = at + 2;
                None
            }
            _ => Some(Walked::Broken(at, Break::LineFeed)),
        }
    }

    fn structure(&mut self, bytes: &[u8]) -> Option<Walked> {
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    self.in_text = true;
                    return None;
                }
                b'{' => self.closers.push(b'}'),
                b'[' => self.closers.push(b']'),
                b'}' | b']' => match self.closers.last() {
                    Some(wanted) if wanted == byte => {
                        self.closers.pop();
                        if self.closers.is_empty() {
                            return Some(Walked::Whole(self.at + 1));
                        }
                    }
                    wanted => {
                        let wanted = wanted.copied().unwrap_or(b']');
                        return Some(Walked::Broken(self.at, Break::Bracket { wanted }));
                    }
                },
                _ => {}
            }
            self.at += 1;
        }
        Some(Walked::More)
    }
}
