//! Rules in the long form: which kind they are, their common keys, the kind's options.

use std::ops::Range;

use crate::contract::rules::Around;
use crate::contract::vocabulary::{self, RULE};
use crate::contract::{nearest, part, shape};
use crate::model::{ColumnPath, Expression, NullPolicy, Severity, Table, Tolerance};
use crate::rule::node::{Data, Node};
use crate::rule::{Complaint, RuleKind, expression};

/// A rule of the long form, before its kind is asked.
#[derive(Debug)]
pub struct LongRule<'n> {
    pub kind: &'static RuleKind,
    /// The whole mapping.
    pub node: &'n Node,
    /// The kind's own key.
    pub key: &'n Node,
    pub argument: &'n Node,
    pub options: Vec<(&'n str, &'n Node)>,
    /// The rule is made once for each; empty where the kind needs none.
    pub paths: Vec<ColumnPath>,
    pub settings: Settings<'n>,
}

/// The keys every rule may have.
#[derive(Debug, Clone, Default)]
pub struct Settings<'n> {
    pub id: Option<&'n Node>,
    pub severity: Severity,
    pub condition: Option<Expression>,
    pub max_failures: Option<Tolerance>,
    pub nulls: NullPolicy,
    pub description: Option<String>,
    pub dimension: Option<String>,
}

/// Reads one item of `rules:`; `None` where it cannot be a rule (then it was complained about).
pub fn read<'n>(
    around: Around<'_>,
    table: &Table,
    node: &'n Node,
    complaints: &mut Vec<Complaint>,
) -> Option<LongRule<'n>> {
    let entries = part::mapping("a rule", node, complaints)?;
    let before = complaints.len();
    let Some((key, argument, kind)) = find_kind(entries, complaints) else {
        unknown_keys(entries, None, complaints);
        if complaints.len() == before {
            complaints.push(no_kind(node, entries));
        }
        return None;
    };
    let mut options = Vec::new();
    for (name, value) in entries.iter().filter(|(name, _)| !std::ptr::eq(name, key)) {
        let word = name.text().unwrap_or_default();
        let option = kind.options.iter().find(|option| option.name == word);
        if option.is_some_and(|option| shape::check(word, value, &option.shape, complaints)) {
            options.push((word, value));
        }
    }
    unknown_keys(entries, Some((key, kind)), complaints);
    let fields = |name: &str| {
        let own = kind.options.iter().any(|option| option.name == name);
        entries
            .iter()
            .find(|(key_node, _)| !own && key_node.text() == Some(name) && !std::ptr::eq(key_node, key))
            .map(|(_, value)| value)
    };
    let settings = settings(around, table, &fields, complaints);
    let paths = paths(around, table, &fields, complaints);
    // What was complained about stays out: its kind would complain again, or judge what nobody meant.
    let (paths, true) = (paths?, complaints.len() == before) else { return None };
    Some(LongRule { kind, node, key, argument, options, paths, settings })
}

/// Finds the one entry that names the rule's kind. `columns` is a kind and a common key: it is the kind where no other
/// key is one. A key that is an option of another kind here is that option.
fn find_kind<'n>(
    entries: &'n [(Node, Node)],
    complaints: &mut Vec<Complaint>,
) -> Option<(&'n Node, &'n Node, &'static RuleKind)> {
    let all: Vec<_> = entries
        .iter()
        .filter_map(|(key, value)| {
            let word = key.text()?;
            vocabulary::long_forms().find(|kind| kind.name == word).map(|kind| (key, value, kind))
        })
        .collect();
    let is_option = |name: &str| {
        all.iter().any(|(_, _, kind)| kind.name != name && kind.options.iter().any(|option| option.name == name))
    };
    let is_common = |name: &str| RULE.iter().any(|key| key.name == name);
    let named: Vec<_> =
        all.iter().filter(|(_, _, kind)| all.len() == 1 || !is_common(kind.name) && !is_option(kind.name)).collect();
    match named.as_slice() {
        [] => None,
        [only] => Some(**only),
        [first, second, ..] => {
            let message = format!("a rule has one kind; this has `{}` and `{}`", first.2.name, second.2.name);
            complaints.push(
                Complaint::at(second.0, "C903", message)
                    .label("a second kind")
                    .hint(format!("write two rules: `- {{{}: …}}` and `- {{{}: …}}`", first.2.name, second.2.name)),
            );
            None
        }
    }
}

fn unknown_keys(entries: &[(Node, Node)], kind: Option<(&Node, &'static RuleKind)>, complaints: &mut Vec<Complaint>) {
    let common = RULE.iter().map(|key| key.name);
    for (key, _) in entries {
        let word = key.text().unwrap_or_default();
        let known = common.clone().any(|name| name == word);
        match kind {
            Some((own, kind)) => {
                if !known && !std::ptr::eq(own, key) && !kind.options.iter().any(|option| option.name == word) {
                    let names = kind.options.iter().map(|option| option.name).chain(common.clone());
                    complaints.push(shape::unknown(key, &format!("the rule `{}`", kind.name), names));
                }
            }
            None if known || vocabulary::long_forms().any(|kind| kind.name == word) => {}
            // Options of a kind are not the mistake where the kind's own key is the one misspelled.
            None if vocabulary::long_forms().any(|kind| kind.options.iter().any(|option| option.name == word)) => {}
            None => complaints.push(unknown_kind(key, word)),
        }
    }
}

fn unknown_kind(key: &Node, word: &str) -> Complaint {
    let message = format!("there is no rule kind `{}`", shape::clip(word));
    let complaint = Complaint::at(key, "C902", message).label("not known here");
    if vocabulary::kind(word).is_some() {
        return complaint.hint(format!("`{word}` is not written under `rules:`"));
    }
    let kinds = vocabulary::long_forms().map(|kind| kind.name);
    match nearest::nearest(word, kinds.clone().chain(RULE.iter().map(|key| key.name))) {
        Some(near) => complaint.hint(format!("did you mean `{near}`?")),
        None => complaint.hint(format!("kinds: {}", nearest::listed(kinds))),
    }
}

fn no_kind(node: &Node, entries: &[(Node, Node)]) -> Complaint {
    let at = entries.first().map_or(node, |(key, _)| key);
    let kinds = nearest::listed(vocabulary::long_forms().map(|kind| kind.name));
    Complaint::at(at, "C904", "a rule without a kind").label("what must hold?").hint(format!("kinds: {kinds}"))
}

fn settings<'n>(
    around: Around<'_>,
    table: &Table,
    field: &impl Fn(&str) -> Option<&'n Node>,
    complaints: &mut Vec<Complaint>,
) -> Settings<'n> {
    let mut checked = |name: &str| {
        let node = field(name)?;
        let key = RULE.iter().find(|key| key.name == name)?;
        match key.form {
            vocabulary::Form::Plain(form) => shape::check(name, node, &form, complaints).then_some(node),
            _ => None,
        }
    };
    let mut settings = Settings { id: checked("id"), ..Settings::default() };
    let word = |node: Option<&'n Node>| node.and_then(Node::text);
    if word(checked("severity")) == Some("warning") {
        settings.severity = Severity::Warning;
    }
    if word(checked("nulls")) == Some("fail") {
        settings.nulls = NullPolicy::Fail;
    }
    settings.description = word(checked("description")).map(str::to_owned);
    settings.dimension = word(checked("dimension")).map(str::to_owned);
    settings.max_failures = checked("max_failures").and_then(tolerance);
    let condition = checked("where");
    if let Some(node) = settings.id {
        check_id(node, complaints);
    }
    if let Some(node) = condition {
        settings.condition = parse_condition(around, table, node, complaints);
    }
    settings
}

/// Complains about an id that reports could not print.
pub fn check_id(node: &Node, complaints: &mut Vec<Complaint>) {
    let id = node.text().unwrap_or_default();
    if id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
        complaints.push(
            Complaint::at(node, "C903", "an id has no blanks and is not empty").hint("for example price-covers-cost"),
        );
    }
}

fn tolerance(node: &Node) -> Option<Tolerance> {
    match &node.data {
        Data::Number(text) => text.parse().ok().map(Tolerance::Count),
        Data::Text(text) => shape::share(text).map(Tolerance::Share),
        _ => None,
    }
}

fn parse_condition(
    around: Around<'_>,
    table: &Table,
    node: &Node,
    complaints: &mut Vec<Complaint>,
) -> Option<Expression> {
    let text = node.text()?;
    match expression::parse(text, table, true) {
        Ok(expression) => Some(expression),
        Err(trouble) => {
            if !around.mentions_broken(&node.span) {
                let mut complaint = Complaint::at(node, "C914", format!("`where`: {}", trouble.message));
                complaint.span = within(around.text, node, &trouble.span);
                complaint.hint = trouble.hint;
                complaints.push(complaint);
            }
            None
        }
    }
}

/// Turns a byte range of a scalar's value into one of the document; the whole scalar where escapes or line breaks
/// stand between.
#[must_use]
pub fn within(text: &str, node: &Node, range: &Range<usize>) -> Range<usize> {
    let value = node.text().unwrap_or_default();
    let written = text.get(node.span.clone()).unwrap_or_default();
    let Some(offset) = [0, 1].into_iter().find(|offset| written.get(*offset..).is_some_and(|w| w.starts_with(value)))
    else {
        return node.span.clone();
    };
    let start = node.span.start + offset + range.start.min(value.len());
    let end = node.span.start + offset + range.end.min(value.len());
    if text.get(start..end).is_some_and(|piece| !piece.is_empty()) { start..end } else { node.span.clone() }
}

/// Resolves `column` and `columns`; `None` where one names nothing.
fn paths<'n>(
    around: Around<'_>,
    table: &Table,
    field: &impl Fn(&str) -> Option<&'n Node>,
    complaints: &mut Vec<Complaint>,
) -> Option<Vec<ColumnPath>> {
    let mut names: Vec<&Node> = Vec::new();
    if let Some(node) = field("column") {
        if !shape::check("column", node, &crate::rule::Shape::Text, complaints) {
            return None;
        }
        names.push(node);
    }
    if let Some(node) = field("columns") {
        if !shape::check("columns", node, &crate::rule::Shape::Names, complaints) {
            return None;
        }
        match &node.data {
            Data::List(items) => names.extend(items),
            _ => names.push(node),
        }
    }
    let mut paths: Vec<ColumnPath> = Vec::new();
    let mut whole = true;
    for node in names {
        let name = node.scalar().unwrap_or_default();
        match resolve(table, &name) {
            Some(path) if paths.iter().any(|earlier| earlier.text == path.text) => {
                complaints.push(Complaint::at(node, "C916", format!("the column `{name}` stands twice")));
                whole = false;
            }
            Some(path) => paths.push(path),
            None => {
                whole = false;
                if !around.mentions_broken(&node.span) {
                    complaints.push(no_column(table, node, &name));
                }
            }
        }
    }
    whole.then_some(paths)
}

/// Finds a column by its whole name, else what a path such as `basket[].price` leads to.
#[must_use]
pub fn resolve(table: &Table, name: &str) -> Option<ColumnPath> {
    match table.column_index(name) {
        Some(column) => Some(ColumnPath { text: name.to_owned(), column, steps: Vec::new() }),
        None => table.path(name),
    }
}

/// Complains about a column that is not there.
#[must_use]
pub fn no_column(table: &Table, node: &Node, name: &str) -> Complaint {
    Complaint::at(node, "C909", format!("the table `{}` has no column `{}`", table.name, shape::clip(name)))
        .hint(nearest::hint(name, table.columns.iter().map(|column| column.name.as_str())))
}
