//! Node: a piece of a contract document with its place, before it means anything.

use std::ops::Range;

/// Holds a value of the document and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Byte range in the document.
    pub span: Range<usize>,
    /// Line and column of its first character, both from 1.
    pub place: (u32, u32),
    pub data: Data,
}

/// What a node holds. Plain scalars are typed by YAML 1.2's core schema, but numbers keep their text: exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    Null,
    Bool(bool),
    /// A plain scalar that is a number, as written.
    Number(String),
    /// Any other scalar.
    Text(String),
    List(Vec<Node>),
    /// Keys are scalars; order as written. A repeated key was complained about already.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Gives a scalar's text as written (numbers and booleans too); `None` for null, lists and maps.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match &self.data {
            Data::Bool(value) => Some(value.to_string()),
            Data::Number(text) | Data::Text(text) => Some(text.clone()),
            Data::Null | Data::List(_) | Data::Map(_) => None,
        }
    }

    /// Gives the text of a text node.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Data::Text(text) = &self.data { Some(text) } else { None }
    }

    /// Gives the value under a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Data::Map(entries) = &self.data else { return None };
        entries.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
    }

    /// Names what the node is, for messages: `a number`.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "true or false",
            Data::Number(_) => "a number",
            Data::Text(_) => "text",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }
}
