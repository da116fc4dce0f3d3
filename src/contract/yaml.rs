//! YAML text to a tree of [`Node`]s: spans in bytes, YAML 1.2 core typing, and limits that stop bombs.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// How large a document may grow.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Lists and mappings inside each other, aliases followed.
    pub depth: usize,
    /// Nodes, aliases expanded.
    pub nodes: usize,
    /// Bytes of text in all nodes, aliases expanded.
    pub text: usize,
}

/// The limits of a contract.
pub const LIMITS: Limits = Limits { bytes: 8 << 20, depth: 64, nodes: 1_000_000, text: 32 << 20 };

/// Reads one YAML document.
///
/// The tree is `None` where the text is not YAML, is empty or breaks a limit; then the complaints are not empty. They
/// may also be non-empty beside a tree: a key twice, a tag.
#[must_use]
pub fn load(text: &str) -> (Option<Node>, Vec<Complaint>) {
    load_within(text, LIMITS)
}

/// Reads one YAML document within limits of the caller's choice.
#[must_use]
pub fn load_within(text: &str, limits: Limits) -> (Option<Node>, Vec<Complaint>) {
    if text.len() > limits.bytes {
        let message = format!("the document has {} bytes; a contract may have {}", text.len(), limits.bytes);
        return (None, vec![complaint("C915", 0..0, message)]);
    }
    if let Some(at) = text.find('\0') {
        // The scanner takes a NUL for the end of the text: what follows would be dropped without a word.
        return (None, vec![complaint("C901", at..at + 1, "the document holds a NUL byte".to_owned())]);
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree {
        places: Places::new(body, text.len() - body.len()),
        limits,
        nodes: 0,
        text: 0,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
        documents: 0,
        complaints: Vec::new(),
    };
    let mut parser = Parser::new_from_str(body);
    while let Some(event) = parser.next_event() {
        let taken = match event {
            Ok((event, span)) => tree.take(event, span),
            Err(error) => Err(tree.broken(&error, text)),
        };
        if let Err(complaint) = taken {
            tree.complaints.push(complaint);
            return (None, tree.complaints);
        }
    }
    if tree.root.is_none() {
        tree.complaints.push(complaint("C904", 0..0, "the document is empty".to_owned()));
    }
    (tree.root, tree.complaints)
}

fn complaint(code: &'static str, span: Range<usize>, message: String) -> Complaint {
    Complaint { code, span, message, label: String::new(), hint: None }
}

/// Turns the scanner's character counts into byte offsets.
struct Places<'t> {
    /// Byte offset of every [`STEP`]-th character; empty where all characters are one byte.
    steps: Vec<usize>,
    text: &'t str,
    /// Bytes before the body (a byte-order mark).
    base: usize,
}

const STEP: usize = 64;

impl<'t> Places<'t> {
    fn new(body: &'t str, base: usize) -> Self {
        if body.is_ascii() {
            return Self { steps: Vec::new(), text: body, base };
        }
        let steps = body.char_indices().step_by(STEP).map(|(offset, _)| offset).collect();
        Self { steps, text: body, base }
    }

    fn byte(&self, index: usize) -> usize {
        if self.steps.is_empty() {
            return self.base + index.min(self.text.len());
        }
        let from = self.steps.get(index / STEP).copied().unwrap_or(self.text.len());
        let rest = self.text.get(from..).unwrap_or_default();
        self.base + from + rest.char_indices().nth(index % STEP).map_or(rest.len(), |(offset, _)| offset)
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

/// A list or mapping whose end has not come yet.
struct Open {
    span: Range<usize>,
    place: (u32, u32),
    anchor: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map { entries: Vec<(Node, Node)>, seen: HashSet<String>, key: Key },
}

enum Key {
    /// The next node is a key.
    Awaited,
    Given(Node),
    /// The next node is the value of a key that was complained about: it is dropped.
    Refused,
}

/// A node that aliases may repeat.
struct Anchored {
    node: Node,
    weight: Weight,
}

#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    text: usize,
    height: usize,
}

struct Tree<'t> {
    places: Places<'t>,
    limits: Limits,
    nodes: usize,
    text: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Node>,
    documents: usize,
    complaints: Vec<Complaint>,
}

impl Tree<'_> {
    /// Takes one event; an error ends the reading.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Complaint> {
        let range = self.places.range(span);
        let place = place(span.start);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here; a contract is one document".to_owned();
                    return Err(complaint("C901", range, message).hint("put each contract in its own file"));
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range);
                self.charge(Weight { nodes: 1, text: value.len(), height: 0 }, &range)?;
                let is_key = self.awaits_key();
                let data = if style == ScalarStyle::Plain && !is_key {
                    plain(value.into_owned())
                } else {
                    if is_key && style == ScalarStyle::Plain && value == "<<" {
                        self.refuse_merge(&range);
                    }
                    Data::Text(value.into_owned())
                };
                self.finish(Node { span: range, place, data }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range);
                self.enter(Open { span: range, place, anchor, inside: Inside::List(Vec::new()) })?;
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &range);
                let inside = Inside::Map { entries: Vec::new(), seen: HashSet::new(), key: Key::Awaited };
                self.enter(Open { span: range, place, anchor, inside })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(&range)?,
            Event::Alias(id) => self.follow(id, &range)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { inside: Inside::Map { key: Key::Awaited, .. }, .. }))
    }

    fn refuse_tag(&mut self, tagged: bool, range: &Range<usize>) {
        if tagged {
            let message = "a contract has no YAML tags (`!…`)".to_owned();
            self.complaints.push(
                complaint("C901", range.clone(), message)
                    .hint("drop the tag; quote the value if it must be text: \"12\""),
            );
        }
    }

    fn refuse_merge(&mut self, range: &Range<usize>) {
        let message = "merge keys (`<<`) are not part of YAML 1.2".to_owned();
        self.complaints.push(
            complaint("C901", range.clone(), message).hint("alias the whole mapping (`*name`) or write its keys"),
        );
    }

    /// Counts nodes and text against the limits.
    fn charge(&mut self, weight: Weight, range: &Range<usize>) -> Result<(), Complaint> {
        self.nodes = self.nodes.saturating_add(weight.nodes);
        self.text = self.text.saturating_add(weight.text);
        if self.nodes > self.limits.nodes || self.text > self.limits.text {
            let message = format!("the document expands to more than {} values", self.limits.nodes);
            return Err(complaint("C915", range.clone(), message).hint("use fewer aliases, or split the contract"));
        }
        if self.open.len() + weight.height > self.limits.depth {
            let message = format!("the document is nested deeper than {} levels", self.limits.depth);
            return Err(complaint("C915", range.clone(), message));
        }
        Ok(())
    }

    fn enter(&mut self, open: Open) -> Result<(), Complaint> {
        self.charge(Weight { nodes: 1, text: 0, height: 1 }, &open.span)?;
        self.open.push(open);
        Ok(())
    }

    fn leave(&mut self, end: &Range<usize>) -> Result<(), Complaint> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (data, last) = match open.inside {
            Inside::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (Data::List(items), last)
            }
            Inside::Map { entries, .. } => {
                let last = entries.last().map(|(_, value)| value.span.end);
                (Data::Map(entries), last)
            }
        };
        // A block ends with its last child; only `]` and `}` are text of their own.
        let end = if end.is_empty() { last.unwrap_or(open.span.end) } else { end.end };
        let span = open.span.start..end.max(open.span.start);
        self.finish(Node { span, place: open.place, data }, open.anchor)
    }

    fn follow(&mut self, id: usize, range: &Range<usize>) -> Result<(), Complaint> {
        let Some(anchored) = self.anchors.get(&id) else {
            let message = "an alias inside the value it names".to_owned();
            return Err(complaint("C901", range.clone(), message).hint("a contract cannot hold itself"));
        };
        let weight = anchored.weight;
        self.charge(weight, range)?;
        let Some(anchored) = self.anchors.get(&id) else { return Ok(()) };
        let node = anchored.node.clone();
        self.place(node);
        Ok(())
    }

    /// Keeps a copy of an anchored node, then puts the node where it belongs.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Complaint> {
        if anchor > 0 {
            let weight = measure(&node);
            // The kept copy costs memory as well: nested anchors would multiply unseen.
            self.charge(Weight { height: 0, ..weight }, &node.span)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), weight });
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut open.inside {
            Inside::List(items) => items.push(node),
            Inside::Map { entries, seen, key } => match std::mem::replace(key, Key::Awaited) {
                Key::Given(name) => entries.push((name, node)),
                Key::Refused => {}
                Key::Awaited => *key = new_key(node, seen, &mut self.complaints),
            },
        }
    }

    fn broken(&self, error: &ScanError, text: &str) -> Complaint {
        let start = self.places.byte(error.marker().index()).min(text.len());
        let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let line = text.get(..start).map_or("", |before| before.rsplit('\n').next().unwrap_or(""));
        let hint = if line.contains('\t') || text.get(start..).is_some_and(|rest| rest.starts_with('\t')) {
            "YAML indents with blanks, never with tabs"
        } else {
            "quote a value that holds `: ` or ` #`, or starts with one of [ ] { } * & ! | > % @ ` -; check the indent"
        };
        if error.info().contains("recursion limit") {
            let message = format!("the document is nested deeper than {} levels", self.limits.depth);
            return complaint("C915", start..start + width, message);
        }
        complaint("C901", start..start + width, format!("the document is not YAML: {}", error.info())).hint(hint)
    }
}

fn new_key(node: Node, seen: &mut HashSet<String>, complaints: &mut Vec<Complaint>) -> Key {
    let Some(name) = node.scalar() else {
        complaints.push(Complaint::at(&node, "C901", format!("a key must be text, not {}", node.what())));
        return Key::Refused;
    };
    if name == "<<" {
        return Key::Refused;
    }
    if !seen.insert(name.clone()) {
        complaints.push(
            Complaint::at(&node, "C905", format!("the key `{name}` stands twice in one mapping"))
                .label("here again")
                .hint("keep one of them; karat does not choose for you"),
        );
        return Key::Refused;
    }
    // A key that came by an alias may be a number or true: names are always text.
    Key::Given(Node { data: Data::Text(name), ..node })
}

fn place(marker: Marker) -> (u32, u32) {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    (number(marker.line().max(1)), number(marker.col() + 1))
}

/// Depth is bounded by the limits, so the recursion is too.
fn measure(node: &Node) -> Weight {
    let mut total = Weight { nodes: 1, text: 0, height: 0 };
    let mut add = |child: &Node| {
        let weight = measure(child);
        total.nodes = total.nodes.saturating_add(weight.nodes);
        total.text = total.text.saturating_add(weight.text);
        total.height = total.height.max(weight.height + 1);
    };
    match &node.data {
        Data::List(items) => items.iter().for_each(&mut add),
        Data::Map(entries) => entries.iter().for_each(|(key, value)| {
            add(key);
            add(value);
        }),
        Data::Number(text) | Data::Text(text) => total.text = text.len(),
        Data::Null | Data::Bool(_) => {}
    }
    if matches!(node.data, Data::List(_) | Data::Map(_)) {
        total.height = total.height.max(1);
    }
    total
}

/// Types a plain scalar by YAML 1.2's core schema. Hexadecimal, octal and the infinities stay text: no setting of a
/// contract takes them, and a product code `0x1F` is no number.
fn plain(text: String) -> Data {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ if is_number(&text) => Data::Number(text),
        _ => Data::Text(text),
    }
}

/// Tells whether text is `[-+]? (digits [. digits?] | . digits) ([eE] [-+]? digits)?`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && (!whole.is_empty() || !fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests;
