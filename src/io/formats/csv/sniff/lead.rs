//! What stands above the first record: titles and comments.

use crate::io::formats::csv::sniff::records::line;
use crate::io::formats::csv::sniff::vote::Vote;

/// Titles above the header are at most so many lines.
const MAX_TITLES: usize = 20;

/// Records of the head that are titles, and the physical lines they and the blank ones between them take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lead {
    pub records: usize,
    pub lines: u64,
}

/// Finds the byte that starts comments: `#` in front of the first line, and not of most lines.
pub fn comment(text: &[u8]) -> Option<u8> {
    let starts = |at: usize| text.get(at) == Some(&b'#') && text.get(at + 1).is_none_or(|byte| *byte != b',');
    if !starts(0) {
        return None;
    }
    let (mut at, mut marked, mut lines) = (0, 0_usize, 0_usize);
    while let Some((_, next)) = line(text, at) {
        marked += usize::from(starts(at));
        lines += 1;
        at = next;
    }
    // `#id;name` above data is a header, and a comment has more text in it than a name.
    let first = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let worded = first.get(1..).unwrap_or_default().trim_ascii().contains(&b' ');
    (marked * 2 < lines && (worded || marked > 1)).then_some(b'#')
}

/// Finds titles: single fields above the first record of a width of three or more.
pub fn titles(text: &[u8], vote: &Vote) -> Lead {
    if vote.width < 3 || vote.regular * 2 < vote.records.len() {
        return Lead::default();
    }
    let narrow = vote.records.iter().take_while(|row| row.width == 1).count();
    let Some(first) = vote.records.get(narrow).filter(|row| row.width == vote.width) else { return Lead::default() };
    if narrow == 0 || narrow > MAX_TITLES || vote.dialect.comment.is_some() {
        return Lead::default();
    }
    let (mut at, mut lines) = (0, 0);
    while at < first.start {
        let Some((_, next)) = line(text, at) else { break };
        lines += 1;
        at = next;
    }
    Lead { records: narrow, lines }
}
