//! Parts: a mapping of the document checked against the keys declared for it.

use crate::contract::shape;
use crate::contract::vocabulary::{Form, Key, Part, VERSION};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Holds the entries of a mapping whose keys are declared and whose values have the declared form.
#[derive(Debug)]
pub struct Fields<'n> {
    known: Vec<(&'static str, &'n Node, &'n Node)>,
    /// Entries whose key is not declared; the caller decides what they are.
    pub others: Vec<(&'n Node, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// Gives the value of a key; `None` where it is not written, or was complained about.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// Gives the key and value nodes of a key.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<(&'n Node, &'n Node)> {
        self.known.iter().find(|(known, _, _)| *known == name).map(|(_, key, value)| (*key, *value))
    }

    /// Gives the key and value nodes of all declared keys, as written.
    pub fn entries(&self) -> impl Iterator<Item = (&'n Node, &'n Node)> + '_ {
        self.known.iter().map(|(_, key, value)| (*key, *value))
    }

    /// Gives the text of a key's value.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Node::text).map(str::to_owned)
    }

    /// Gives the truth of a key's value.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Complains about every key that is not declared.
    pub fn refuse_others(&self, place: &str, keys: &'static [Key], complaints: &mut Vec<Complaint>) {
        for (key, _) in &self.others {
            complaints.push(shape::unknown(key, place, keys.iter().map(|key| key.name)));
        }
    }
}

/// Reads a mapping; `None`, with a complaint, where the node is something else.
///
/// `place` names the mapping in messages, `at` is where a missing key is shown: the mapping's name.
pub fn read<'n>(
    place: &str,
    at: &Node,
    node: &'n Node,
    keys: &'static [Key],
    complaints: &mut Vec<Complaint>,
) -> Option<Fields<'n>> {
    let entries = mapping(place, node, complaints)?;
    let mut fields = Fields { known: Vec::new(), others: Vec::new() };
    let mut seen = Vec::new();
    for (key, value) in entries {
        let word = key.text().unwrap_or_default();
        match keys.iter().find(|known| known.name == word) {
            Some(known) => {
                seen.push(known.name);
                if check(known, value, complaints) {
                    fields.known.push((known.name, key, value));
                }
            }
            None => fields.others.push((key, value)),
        }
    }
    for key in keys.iter().filter(|key| key.required && !seen.contains(&key.name)) {
        complaints.push(
            Complaint::at(at, "C904", format!("{place} has no `{}`", key.name))
                .label(format!("`{}` is missing", key.name))
                .hint(format!("add `{}:` ({})", key.name, key.doc.trim_end_matches('.'))),
        );
    }
    Some(fields)
}

/// Gives the entries of a mapping; complains about anything else.
pub fn mapping<'n>(place: &str, node: &'n Node, complaints: &mut Vec<Complaint>) -> Option<&'n [(Node, Node)]> {
    if let Data::Map(entries) = &node.data {
        return Some(entries);
    }
    complaints.push(shape::misfit(place, node, "a mapping"));
    None
}

fn check(key: &Key, value: &Node, complaints: &mut Vec<Complaint>) -> bool {
    let want = match key.form {
        Form::Plain(shape) => return shape::check(key.name, value, &shape, complaints),
        Form::Version => return check_version(value, complaints),
        Form::Byte { none } => {
            if byte(value).is_some_and(|byte| none || byte.is_some()) {
                return true;
            }
            let or_none = if none { ", or none" } else { "" };
            let want = format!("one byte, quoted (\"|\", \"\\t\"){or_none}");
            complaints.push(shape::mismatch(key.name, value, &want));
            return false;
        }
        Form::Statements => return check_statements(key.name, value, complaints),
        // The reader of columns says more about types and about a column that is no mapping.
        Form::Type | Form::Part(Part::Column) => return true,
        Form::Part(_) | Form::Named(_) if matches!(value.data, Data::Map(_)) => return true,
        Form::Listed(_) if matches!(value.data, Data::List(_)) => return true,
        Form::Part(_) => "a mapping",
        Form::Named(_) => "a mapping of names",
        Form::Listed(_) => "a list",
    };
    complaints.push(shape::mismatch(key.name, value, want));
    false
}

fn check_version(value: &Node, complaints: &mut Vec<Complaint>) -> bool {
    match &value.data {
        Data::Number(text) if text == VERSION => true,
        Data::Number(text) => {
            complaints.push(
                Complaint::at(value, "C917", format!("this karat does not know version {text} of the format"))
                    .hint(format!("this karat reads version {VERSION}; a later karat may read {text}")),
            );
            false
        }
        _ => {
            complaints.push(shape::mismatch("karat", value, &format!("the format version {VERSION}")));
            false
        }
    }
}

fn check_statements(key: &str, value: &Node, complaints: &mut Vec<Complaint>) -> bool {
    let Data::List(items) = &value.data else {
        complaints.push(shape::mismatch(key, value, "a list of SQL statements"));
        return false;
    };
    let before = complaints.len();
    for item in items.iter().filter(|item| item.text().is_none_or(|text| text.trim().is_empty())) {
        complaints.push(shape::mismatch(key, item, "SQL statements as text"));
    }
    complaints.len() == before
}

/// Reads a byte setting: the byte, or the inner `None` for `none`. The outer `None` is anything else.
#[must_use]
pub fn byte(node: &Node) -> Option<Option<u8>> {
    let text = node.scalar()?;
    match text.as_str() {
        "none" => Some(None),
        "tab" | "\\t" => Some(Some(b'\t')),
        text => match text.as_bytes() {
            [byte] if !matches!(byte, b'\n' | b'\r' | 0) => Some(Some(*byte)),
            _ => None,
        },
    }
}
