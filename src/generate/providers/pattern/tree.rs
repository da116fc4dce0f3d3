//! The tree of a pattern: what `regex-syntax` reads, reduced to what makes text.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::generate::providers::pattern::chars::Chars;

/// How many more than its least number of rounds a repetition without an end makes.
pub const MORE: u64 = 8;

/// A part of a pattern.
#[derive(Debug, Clone)]
pub enum Node {
    /// These characters, and how many they are.
    Text(Box<str>, u64),
    Class(Chars),
    Sequence(Vec<Node>),
    /// One of these; each as often as it holds alternatives.
    Choice(Vec<(Node, u64)>),
    Repeat {
        node: Box<Node>,
        least: u64,
        most: Option<u64>,
    },
}

impl Node {
    /// Parses a pattern whose whole value is to match.
    ///
    /// # Errors
    /// In words, where it is no pattern, matches nothing, or asks for what is beside the text.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let hir = regex_syntax::parse(pattern).map_err(|error| explain(&error))?;
        build(&hir, true, true)?.ok_or_else(|| "no text matches the pattern".into())
    }

    /// Gives the fewest characters.
    pub fn shortest(&self) -> u64 {
        match self {
            Self::Text(_, chars) => *chars,
            Self::Class(_) => 1,
            Self::Sequence(nodes) => nodes.iter().map(Self::shortest).fold(0, u64::saturating_add),
            Self::Choice(nodes) => nodes.iter().map(|(node, _)| node.shortest()).min().unwrap_or(0),
            Self::Repeat { node, least, .. } => node.shortest().saturating_mul(*least),
        }
    }

    /// Gives the most characters, where repetitions without an end stop at their least number and [`MORE`].
    pub fn longest(&self) -> u64 {
        match self {
            Self::Text(_, chars) => *chars,
            Self::Class(_) => 1,
            Self::Sequence(nodes) => nodes.iter().map(Self::longest).fold(0, u64::saturating_add),
            Self::Choice(nodes) => nodes.iter().map(|(node, _)| node.longest()).max().unwrap_or(0),
            Self::Repeat { node, least, most } => {
                node.longest().saturating_mul(most.unwrap_or(least.saturating_add(MORE)))
            }
        }
    }

    /// Gives the most characters there can be; none where there is no end.
    pub fn limit(&self) -> Option<u64> {
        match self {
            Self::Text(..) | Self::Class(_) => Some(self.longest()),
            Self::Sequence(nodes) => nodes.iter().try_fold(0u64, |sum, node| Some(sum.saturating_add(node.limit()?))),
            Self::Choice(nodes) => nodes.iter().try_fold(0, |most, (node, _)| Some(node.limit()?.max(most))),
            Self::Repeat { node, most, .. } => match (node.limit()?, most) {
                (0, _) => Some(0),
                (each, most) => Some(each.saturating_mul((*most)?)),
            },
        }
    }

    /// Tells whether there is a choice of alternatives anywhere.
    pub fn has_choice(&self) -> bool {
        match self {
            Self::Text(..) | Self::Class(_) => false,
            Self::Choice(_) => true,
            Self::Sequence(nodes) => nodes.iter().any(Self::has_choice),
            Self::Repeat { node, .. } => node.has_choice(),
        }
    }

    /// Narrows repetitions so that fewer values fall outside these lengths; no value inside them is lost.
    pub fn narrow(&mut self, lengths: (u64, u64)) {
        self.cut(lengths.1);
        // Where one repetition alone makes the length vary, its numbers of rounds follow from the lengths.
        let Self::Sequence(nodes) = self else {
            if let Self::Repeat { node, least, most } = self {
                fit(node, least, most, lengths, 0);
            }
            return;
        };
        let varies = |node: &Self| node.shortest() != node.longest();
        if nodes.iter().filter(|node| varies(node)).count() == 1 {
            let others = nodes.iter().filter(|node| !varies(node)).map(Self::shortest).fold(0, u64::saturating_add);
            for node in nodes {
                if let Self::Repeat { node, least, most } = node
                    && *most != Some(*least)
                {
                    fit(node, least, most, lengths, others);
                }
            }
        }
    }

    /// Cuts repetitions that are longer than all.
    fn cut(&mut self, longest: u64) {
        match self {
            Self::Text(..) | Self::Class(_) => {}
            Self::Sequence(nodes) => nodes.iter_mut().for_each(|node| node.cut(longest)),
            Self::Choice(nodes) => nodes.iter_mut().for_each(|(node, _)| node.cut(longest)),
            Self::Repeat { node, least, most } => {
                node.cut(longest);
                if let Some(rounds) = longest.checked_div(node.shortest()) {
                    *most = most.map(|most| most.min(rounds).max(*least));
                }
            }
        }
    }
}

/// Fits the rounds of a repetition of parts of one length into lengths, beside so many other characters.
fn fit(node: &Node, least: &mut u64, most: &mut Option<u64>, lengths: (u64, u64), others: u64) {
    let each = node.shortest();
    if each == 0 || each != node.longest() {
        return;
    }
    let low = lengths.0.saturating_sub(others).div_ceil(each).max(*least);
    let high = lengths.1.saturating_sub(others) / each;
    let high = match *most {
        // Still without an end: numbers of values may go beyond what is drawn.
        None if low.saturating_add(MORE) <= high => None,
        most => Some(most.unwrap_or(u64::MAX).min(high)),
    };
    if high.is_none_or(|high| low <= high) {
        (*least, *most) = (low, high);
    }
}

/// Builds a part; none where nothing matches it. `first` and `last` tell whether text may stand before and behind.
fn build(hir: &Hir, first: bool, last: bool) -> Result<Option<Node>, String> {
    Ok(match hir.kind() {
        HirKind::Empty => Some(Node::Text("".into(), 0)),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| "the pattern matches bytes that are no text")?;
            Some(Node::Text(text.into(), text.chars().count() as u64))
        }
        HirKind::Class(Class::Unicode(class)) => {
            Chars::new(class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())))).map(Node::Class)
        }
        HirKind::Class(Class::Bytes(class)) => {
            Chars::new(class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())))).map(Node::Class)
        }
        HirKind::Look(look) => {
            anchor(*look, first, last)?;
            Some(Node::Text("".into(), 0))
        }
        HirKind::Repetition(repetition) => {
            let (least, most) = (u64::from(repetition.min), repetition.max.map(u64::from));
            let once = most.is_some_and(|most| most <= 1);
            match build(&repetition.sub, first && once, last && once)? {
                Some(node) => Some(Node::Repeat { node: Box::new(node), least, most }),
                None if least == 0 => Some(Node::Text("".into(), 0)),
                None => None,
            }
        }
        HirKind::Capture(capture) => build(&capture.sub, first, last)?,
        HirKind::Concat(parts) => {
            let empty = |part: &Hir| part.properties().maximum_len() == Some(0);
            let mut nodes = Vec::with_capacity(parts.len());
            for (at, part) in parts.iter().enumerate() {
                let first = first && parts.iter().take(at).all(empty);
                let last = last && parts.iter().skip(at + 1).all(empty);
                match build(part, first, last)? {
                    Some(node) => nodes.push(node),
                    None => return Ok(None),
                }
            }
            Some(Node::Sequence(nodes))
        }
        HirKind::Alternation(parts) => {
            let mut nodes = Vec::with_capacity(parts.len());
            for part in parts {
                if let Some(node) = build(part, first, last)? {
                    nodes.push((node, alternatives(part)));
                }
            }
            if nodes.is_empty() { None } else { Some(Node::Choice(nodes)) }
        }
    })
}

/// Counts the alternatives of a part: `a|b` written as `x(a|b)` is still two.
fn alternatives(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Alternation(parts) => parts.iter().map(alternatives).fold(0, u64::saturating_add),
        HirKind::Concat(parts) => parts.iter().map(alternatives).fold(1, u64::saturating_mul),
        HirKind::Capture(capture) => alternatives(&capture.sub),
        _ => 1,
    }
}

fn anchor(look: Look, first: bool, last: bool) -> Result<(), String> {
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF if first => Ok(()),
        Look::End | Look::EndLF | Look::EndCRLF if last => Ok(()),
        Look::Start | Look::StartLF | Look::StartCRLF | Look::End | Look::EndLF | Look::EndCRLF => {
            Err("the pattern has an anchor (^ or $) inside; no text is made from that, write anchors at its ends"
                .into())
        }
        _ => {
            Err("the pattern has a word boundary (such as \\b); no text is made from that, write what stands there"
                .into())
        }
    }
}

fn explain(error: &regex_syntax::Error) -> String {
    let look_around = match error {
        regex_syntax::Error::Parse(error) => {
            matches!(error.kind(), regex_syntax::ast::ErrorKind::UnsupportedLookAround)
        }
        _ => false,
    };
    if look_around {
        "the pattern looks around ((?=, (?!, (?<= or (?<!), which is not understood; write what may stand there".into()
    } else {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_known() {
        for (pattern, shortest, longest) in [
            ("C[0-9]{6}", 7, 7),
            ("a*", 0, MORE),
            ("(ab|c){2,3}", 2, 6),
            ("", 0, 0),
            ("^ä?$", 0, 1),
            ("x{2,}", 2, 2 + MORE),
        ] {
            let node = Node::parse(pattern).unwrap();
            assert_eq!((node.shortest(), node.longest()), (shortest, longest), "{pattern}");
        }
    }

    #[test]
    fn what_is_beside_the_text_is_refused_in_words() {
        for (pattern, word) in [
            (r"\bfoo\b", "boundary"),
            ("a^b", "anchor"),
            ("a$b", "anchor"),
            ("(^a){2}", "anchor"),
            ("(?=a)b", "looks around"),
            ("(?<!a)b", "looks around"),
            ("a(", "unclosed"),
            (r"[^\s\S]", "no text"),
        ] {
            let error = Node::parse(pattern).unwrap_err();
            assert!(error.contains(word), "{pattern}: {error}");
        }
        for pattern in ["^a$", "^(a|^b)$", "(?m)^a$", "(^a|b$)", r"\Aab\z", "((^a))"] {
            assert!(Node::parse(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn one_repetition_is_narrowed_to_the_lengths() {
        let narrowed = |pattern: &str, lengths: (u64, u64)| {
            let mut node = Node::parse(pattern).unwrap();
            node.narrow(lengths);
            (node.shortest(), node.longest())
        };
        assert_eq!(narrowed("[a-z]+", (20, 30)), (20, 28));
        assert_eq!(narrowed(".{0,4000}", (0, 200)), (0, 200));
        assert_eq!(narrowed("A-[0-9]{1,}", (5, 6)), (5, 6));
        assert_eq!(narrowed("(ab)*c", (4, 6)), (5, 5));
    }
}
