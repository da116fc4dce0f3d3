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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(text: &str) -> Node {
        let (node, complaints) = load(text);
        assert_eq!(complaints, vec![], "{text}");
        node.unwrap()
    }

    fn only(text: &str) -> (&'static str, String) {
        let (_, complaints) = load(text);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        (complaints[0].code, text.get(complaints[0].span.clone()).unwrap().to_owned())
    }

    /// Every scalar's span must hold its own text.
    fn spans_hold(text: &str, node: &Node) {
        let slice = &text[node.span.clone()];
        match &node.data {
            Data::Null => assert!(matches!(slice.trim(), "" | "~" | "null" | "NULL"), "{slice:?}"),
            Data::Bool(value) => assert_eq!(slice.trim().to_lowercase(), value.to_string()),
            Data::Number(number) => assert_eq!(slice.trim(), number),
            Data::Text(value) => {
                let first = value.lines().next().unwrap_or("").trim();
                assert!(slice.contains(first) || slice.starts_with(['"', '\'', '|', '>']), "{slice:?} {value:?}");
            }
            Data::List(items) => items.iter().for_each(|item| {
                assert!(item.span.start >= node.span.start && item.span.end <= node.span.end);
                spans_hold(text, item);
            }),
            Data::Map(entries) => entries.iter().for_each(|(key, value)| {
                assert!(
                    key.span.start >= node.span.start && value.span.end <= node.span.end,
                    "{key:?} {value:?} {node:?}"
                );
                spans_hold(text, key);
                spans_hold(text, value);
            }),
        }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let cases = [
            ("no", "text"),
            ("on", "text"),
            ("yes", "text"),
            ("true", "true or false"),
            ("~", "nothing"),
            ("", "nothing"),
            ("null", "nothing"),
            ("12", "a number"),
            ("-1.5e3", "a number"),
            (".5", "a number"),
            ("5.", "a number"),
            (".", "text"),
            ("1.2.3", "text"),
            ("1e", "text"),
            ("2024-01-01", "text"),
            ("0x1F", "text"),
            ("\"12\"", "text"),
            ("'true'", "text"),
            ("\"\"", "text"),
        ];
        for (written, what) in cases {
            assert_eq!(tree(&format!("a: {written}\n")).get("a").unwrap().what(), what, "{written}");
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        let node = tree("a: 0012345678901234567890.10");
        assert_eq!(node.get("a").unwrap().data, Data::Number("0012345678901234567890.10".to_owned()));
    }

    #[test]
    fn spans_are_bytes_whatever_stands_before() {
        let text = "ä: \"日本語\"\n# größe\nlist:\n  - é: [1, ~, 'ü']\r\n  - plain text # note\nblock: |\n  one\n  zwei ö\nlast: {a: 1}\n";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}"),
            text.repeat(1) + &"# ö\n".repeat(100),
        ] {
            let node = tree(&text);
            spans_hold(&text, &node);
            let last = node.get("last").unwrap();
            assert_eq!(&text[last.span.clone()], "{a: 1}");
            assert_eq!(&text[last.get("a").unwrap().span.clone()], "1");
        }
        let text = format!("{}x: &a !t 1\n", "# äöü\n".repeat(200));
        assert_eq!(load(&text).1[0].code, "C901");
    }

    #[test]
    fn places_count_lines_and_characters() {
        let node = tree("a: 1\nü: {b: 2}\n");
        assert_eq!(node.get("ü").unwrap().get("b").unwrap().place, (2, 8));
    }

    #[test]
    fn mistakes_name_their_place() {
        assert_eq!(only("a: 1\nb: 2\na: 3\n"), ("C905", "a".to_owned()));
        assert_eq!(only("ä: [1, 2\nb: 3\n").0, "C901");
        assert_eq!(only("a: 1\n---\nb: 2\n"), ("C901", "---".to_owned()));
        assert_eq!(only("a: &x [*x]\n"), ("C901", "*x".to_owned()));
        assert_eq!(only("? [a]\n: 1\n").0, "C901");
        assert_eq!(only("a: {<<: {b: 1}}\n"), ("C901", "<<".to_owned()));
        assert_eq!(only("").0, "C904");
        assert_eq!(only("a: 1\0b: 2"), ("C901", "\0".to_owned()));
        assert!(load("a:\n\t- 1\n").1[0].hint.as_ref().unwrap().contains("tabs"));
        let (node, complaints) = load("a: !!str 12\nb: 1\n");
        assert_eq!((node.unwrap().get("b").is_some(), complaints[0].code), (true, "C901"));
    }

    #[test]
    fn aliases_repeat_their_anchor() {
        let node = tree("a: &x {type: string}\nb: *x\nc: &k key\n*k : 1\n");
        assert_eq!(node.get("b"), node.get("a"));
        assert!(node.get("key").is_some());
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(only(&bomb).0, "C915");
        let long = "x".repeat(1 << 20);
        assert_eq!(only(&format!("a: &a {long}\nb: [{}]", "*a, ".repeat(10_000))).0, "C915");
        assert_eq!(only(&"[".repeat(100_000)).0, "C915");
        assert_eq!(only(&format!("a: {}", "{a: ".repeat(70))).0, "C915");
        let mut deep = "a0: &a0 [x]\n".to_owned();
        for level in 1..100 {
            deep.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
        }
        assert_eq!(only(&deep).0, "C915");
        assert_eq!(only(&"a".repeat((8 << 20) + 1)).0, "C915");
        let nested = format!("{}x{}", "&a [".repeat(3), "]".repeat(3));
        assert_eq!(load_within(&nested, Limits { nodes: 6, ..LIMITS }).1[0].code, "C915");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn no_text_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
            "a", ": ", ":", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ",", "?", "? ", "&x ", "*x", "!t ", "!!",
            "\"", "'", "|", ">", "|2-\n", "#", " #", "---", "...", "\n---\n", "\n...\n", "%TAG ! x:\n", "%YAML 1.2\n", "\t", "\r", "\r\n", "ä", "日",
            "\u{feff}", "\u{85}", "\\x", "\\u12", "~", "1", "<<", "@", "`", " ", "\u{1f600}", "\u{2028}",
        ]), 0..40)) {
            let text: String = pieces.concat();
            let (node, complaints) = load(&text);
            prop_assert!(node.is_some() || !complaints.is_empty());
            for complaint in complaints {
                prop_assert!(text.get(complaint.span.clone()).is_some());
            }
        }

        #[test]
        fn arbitrary_text_is_read_or_refused(text in any::<String>()) {
            let (node, complaints) = load(&text);
            prop_assert!(node.is_some() || !complaints.is_empty());
        }
    }
}
