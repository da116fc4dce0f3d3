//! Columns of a table from the profiles of their paths: `basket[].price` becomes a list of structs.

use std::collections::BTreeMap;

use crate::model::draft::{ColumnDraft, Evidence, Value};
use crate::model::profile::{ColumnProfile, TableProfile};
use crate::ops::infer::suggest::{self, Scene};

/// A column, element or field, and what is inside.
#[derive(Debug, Default)]
struct Node<'a> {
    name: String,
    profile: Option<&'a ColumnProfile>,
    items: Option<Box<Node<'a>>>,
    fields: Vec<Node<'a>>,
}

/// Drafts the columns of a table. `nested`: names are paths; those with empty or control characters in them are left out.
#[must_use]
pub fn columns(profile: &TableProfile, nested: bool, scene: Scene) -> Vec<ColumnDraft> {
    if !nested {
        return profile.columns.iter().map(|column| suggest::column(&column.name, column, scene)).collect();
    }
    let mut root = Node::default();
    // A contract has no name for these keys; records may hold keys that no contract names.
    let nameless = |path: &str| {
        path.split('.').any(|part| part.trim_end_matches("[]").is_empty()) || path.chars().any(char::is_control)
    };
    for column in profile.columns.iter().filter(|column| !nameless(&column.name)) {
        root.put(&column.name, column);
    }
    root.fields.iter().map(|node| node.draft(profile.rows, scene)).collect()
}

/// Finds the profiles of a table by path.
#[must_use]
pub fn by_path(profile: &TableProfile) -> BTreeMap<&str, &ColumnProfile> {
    profile.columns.iter().map(|column| (column.name.as_str(), column)).collect()
}

impl<'a> Node<'a> {
    /// Goes down a path as `fields` see it, and leaves the profile at its end.
    fn put(&mut self, path: &str, profile: &'a ColumnProfile) {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (name, rest) = path.split_at(end);
        let known = self.fields.iter().position(|field| field.name == name);
        let at = known.unwrap_or_else(|| {
            self.fields.push(Node { name: name.to_owned(), ..Node::default() });
            self.fields.len() - 1
        });
        if let Some(field) = self.fields.get_mut(at) {
            field.enter(rest, profile);
        }
    }

    fn enter(&mut self, rest: &str, profile: &'a ColumnProfile) {
        if rest.is_empty() {
            self.profile = Some(profile);
        } else if let Some(inside) = rest.strip_prefix("[]") {
            self.items.get_or_insert_with(Box::default).enter(inside, profile);
        } else {
            self.put(rest.trim_start_matches('.'), profile);
        }
    }

    fn draft(&self, rows: u64, scene: Scene) -> ColumnDraft {
        if let Some(items) = &self.items {
            return self.list(items, rows, scene);
        }
        if !self.fields.is_empty() {
            let fields: Vec<ColumnDraft> = self.fields.iter().map(|field| field.draft(rows, scene)).collect();
            let mut draft = self.outer("struct");
            // A struct is there in every row in which one of its fields is.
            if self.profile.is_none() && self.fields.iter().any(|field| field.is_always_there(rows)) {
                draft.set("required", Value::Plain("true".to_owned()), Evidence::counted("never NULL", rows, rows));
            }
            draft.fields = fields;
            return draft;
        }
        match self.profile {
            Some(profile) => suggest::column(&self.name, profile, scene),
            None => self.outer("string"),
        }
    }

    fn list(&self, items: &Node<'a>, rows: u64, scene: Scene) -> ColumnDraft {
        let mut draft = self.outer("list");
        if let Some(profile) = self.profile {
            let seen = profile.count;
            if seen > 0 && profile.nulls == 0 {
                draft.set("required", Value::Plain("true".to_owned()), Evidence::counted("never NULL", seen, seen));
            }
            let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u64>().ok());
            if let Some(least) = bound(&profile.minimum).filter(|least| *least > 0) {
                let values = profile.values();
                let most = bound(&profile.maximum).unwrap_or(least);
                let words = format!("{least} to {most} elements");
                draft.set("min_items", Value::Plain("1".to_owned()), Evidence::counted(words, values, values));
            }
        }
        let mut inside = items.draft(rows, scene);
        inside.name = String::new();
        draft.items = Some(Box::new(inside));
        draft
    }

    fn outer(&self, data_type: &str) -> ColumnDraft {
        ColumnDraft { name: self.name.clone(), data_type: data_type.to_owned(), ..ColumnDraft::default() }
    }

    fn is_always_there(&self, rows: u64) -> bool {
        self.profile.is_some_and(|profile| profile.nulls == 0 && profile.count == rows && rows > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::TypeCount;
    use crate::ops::infer::suggest::Style;

    #[test]
    fn paths_become_lists_and_structs() {
        let column = |name: &str, kind: &str, minimum: &str| ColumnProfile {
            name: name.to_owned(),
            count: 100,
            types: vec![TypeCount { kind: kind.to_owned(), count: 100, first: None }],
            minimum: Some(minimum.to_owned()),
            maximum: Some("3".to_owned()),
            ..ColumnProfile::default()
        };
        let columns_ = vec![
            column("id", "integer", "1"),
            column("basket", "list", "1"),
            column("basket[].price", "integer", "2"),
            column("home.city.zip", "integer", "2"),
            column("tags[]", "text", "a"),
        ];
        let profile = TableProfile { columns: columns_, rows: 100, ..TableProfile::default() };
        let drafts = columns(&profile, true, Scene { style: Style::Normal, today: 0, typed: true });
        let types: Vec<(&str, &str)> = drafts.iter().map(|d| (d.name.as_str(), d.data_type.as_str())).collect();
        assert_eq!(types, [("id", "int32"), ("basket", "list"), ("home", "struct"), ("tags", "list")]);
        let item = drafts[1].items.as_ref().unwrap();
        assert_eq!((item.data_type.as_str(), item.fields[0].name.as_str()), ("struct", "price"));
        assert_eq!(drafts[1].setting("min_items").unwrap().value, Value::Plain("1".into()));
        assert_eq!(drafts[2].fields[0].fields[0].data_type, "int32");
        assert_eq!(drafts[3].items.as_ref().unwrap().data_type, "string");
    }
}
