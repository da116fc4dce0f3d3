//! Columns of a table: their types and settings, and the rules asked for by keyword.

use crate::contract::generation::Wish;
use crate::contract::part::{self, Fields};
use crate::contract::vocabulary::{self, COLUMN};
use crate::contract::{nearest, shape};
use crate::model::temporal::Pattern;
use crate::model::{Column, ColumnPath, DataType, Step, data_type};
use crate::rule::node::{Data, Node};
use crate::rule::{Complaint, RuleKind};

/// A rule asked for by a column's keyword.
#[derive(Debug)]
pub struct Keyword<'n> {
    pub kind: &'static RuleKind,
    pub path: ColumnPath,
    pub key: &'n Node,
    pub argument: &'n Node,
}

/// The columns of a table as read.
#[derive(Debug, Default)]
pub struct Columns<'n> {
    pub columns: Vec<Column>,
    /// The name node of each column.
    pub names: Vec<&'n Node>,
    /// Keywords in the document's order; their paths tell the column.
    pub keywords: Vec<Keyword<'n>>,
    /// Names of columns, elements or fields whose type is not known: rules on them would complain without cause.
    pub broken: Vec<String>,
    /// Settings of the generator, in the document's order.
    pub wishes: Vec<Wish<'n>>,
}

/// Reads the mapping under `columns:`.
pub fn read<'n>(table: &str, entries: &'n [(Node, Node)], complaints: &mut Vec<Complaint>) -> Columns<'n> {
    let mut reader = Reader { found: Columns::default(), complaints };
    for (index, (key, value)) in entries.iter().enumerate() {
        let name = key.text().unwrap_or_default();
        reader.check_name(key, name);
        let path = ColumnPath { text: name.to_owned(), column: index, steps: Vec::new() };
        let column = reader.column(&format!("the column `{table}.{name}`"), name, key, value, &path);
        reader.found.columns.push(column);
        reader.found.names.push(key);
    }
    // Each column's rules in the order written, also where `format` was read first.
    reader.found.keywords.sort_by_key(|keyword| (keyword.path.column, keyword.key.span.start));
    reader.found
}

struct Reader<'n, 'c> {
    found: Columns<'n>,
    complaints: &'c mut Vec<Complaint>,
}

impl<'n> Reader<'n, '_> {
    fn check_name(&mut self, key: &Node, name: &str) {
        if name.is_empty() || name.chars().any(char::is_control) {
            let message = "a name must have characters, and none that control (a tab, a line break)";
            self.complaints.push(Complaint::at(key, "C903", message));
        }
    }

    /// Reads a column, an element or a field; where its type is not known it stands in as text.
    fn column(&mut self, place: &str, name: &str, key: &'n Node, node: &'n Node, path: &ColumnPath) -> Column {
        let mut column = Column::new(name, DataType::String);
        // The short form: `sku: string`.
        if let Data::Text(text) = &node.data {
            match self.scalar_type(text, node, None) {
                Some(data_type) => column.data_type = data_type,
                None => self.break_off(path),
            }
            return column;
        }
        if node.data == Data::Null {
            let message = format!("{place} has no `type`");
            self.complaints
                .push(Complaint::at(key, "C904", message).hint(format!("write `{name}: string`, or its type")));
            self.break_off(path);
            return column;
        }
        let Some(fields) = part::read(place, key, node, COLUMN, self.complaints) else {
            self.break_off(path);
            return column;
        };
        column.pii = fields.flag("pii").unwrap_or(false);
        column.description = fields.text("description");
        let data_type = self.data_type(place, key, &fields, path);
        let typed = data_type.is_some_and(|data_type| {
            column.data_type = data_type;
            self.settings(&mut column, &fields, path)
        });
        if !typed {
            self.break_off(path);
        }
        if let Some((key, node)) = fields.entry("generate").filter(|_| typed) {
            self.found.wishes.push(Wish { path: path.clone(), key, node });
        }
        self.keywords(place, &fields, typed, path);
        column
    }

    /// Notes the last name of a path as one whose values cannot be read.
    fn break_off(&mut self, path: &ColumnPath) {
        let name = path.text.trim_end_matches("[]").rsplit('.').next().unwrap_or_default();
        self.found.broken.push(name.to_owned());
    }

    fn data_type(&mut self, place: &str, key: &'n Node, fields: &Fields<'n>, path: &ColumnPath) -> Option<DataType> {
        let written = fields.get("type");
        let word = written.and_then(Node::text).map(str::trim);
        let items = fields.entry("items");
        let inside = fields.entry("fields");
        let other = |owner| word.is_some_and(|word| word != owner && is_type(word));
        if let Some((node, _)) = items.filter(|_| other("list")) {
            self.complaints.push(misplaced(node, "items", "list"));
        }
        if let Some((node, _)) = inside.filter(|_| other("struct")) {
            self.complaints.push(misplaced(node, "fields", "struct"));
        }
        // What stands inside is read even where the type is wrong: its mistakes are told in the same run.
        let item = items.map(|(node, value)| {
            let path = step(path, Step::Items, "[]");
            self.column(&format!("the element `{}`", path.text), "item", node, value, &path)
        });
        let members = inside.map(|(_, value)| self.fields(value, path));
        match word {
            Some("list") => {
                if item.is_none() {
                    self.complaints.push(missing(key, place, "items", "items: {type: string}"));
                }
                item.map(|item| DataType::List(Box::new(item)))
            }
            Some("struct") => {
                if members.is_none() {
                    self.complaints.push(missing(key, place, "fields", "fields: {name: string}"));
                }
                members.map(DataType::Struct)
            }
            Some(word) => self.scalar_type(word, written?, Some(fields)),
            None => {
                if let Some(node) = written {
                    self.complaints.push(shape::mismatch("type", node, "the name of a type"));
                }
                None
            }
        }
    }

    fn fields(&mut self, node: &'n Node, path: &ColumnPath) -> Vec<Column> {
        let Data::Map(entries) = &node.data else { return Vec::new() };
        if entries.is_empty() {
            self.complaints.push(Complaint::at(node, "C903", "a struct has at least one field"));
        }
        let mut columns = Vec::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            let name = key.text().unwrap_or_default();
            self.check_name(key, name);
            let path = step(path, Step::Field(index), &format!(".{name}"));
            columns.push(self.column(&format!("the field `{}`", path.text), name, key, value, &path));
        }
        columns
    }

    fn scalar_type(&mut self, text: &str, node: &Node, fields: Option<&Fields<'_>>) -> Option<DataType> {
        let found = DataType::parse_scalar(text);
        if found.is_none() {
            let hint = type_hint(text, fields.is_none());
            let message = format!("there is no type `{}`", shape::clip(text));
            self.complaints.push(Complaint::at(node, "C906", message).hint(hint));
        }
        found
    }

    /// Reads the settings that hang on the type; `false` where values of the column cannot be read by them.
    fn settings(&mut self, column: &mut Column, fields: &Fields<'n>, path: &ColumnPath) -> bool {
        column.allow_nan = fields.flag("allow_nan").unwrap_or(false);
        if let Some((node, _)) = fields.entry("allow_nan").filter(|_| column.allow_nan && !column.data_type.is_float())
        {
            let message = format!("`allow_nan` does not fit the type {}", column.data_type);
            self.complaints.push(Complaint::at(node, "C907", message).hint("only float32 and float64 hold NaN"));
        }
        let Some((key, value)) = fields.entry("format") else { return true };
        let text = value.text().unwrap_or_default();
        let trouble = match &column.data_type {
            DataType::String => {
                if let Some(kind) = vocabulary::kind("format") {
                    self.found.keywords.push(Keyword { kind, path: path.clone(), key, argument: value });
                }
                return true;
            }
            DataType::Binary if matches!(text, "base64" | "hex") => None,
            DataType::Binary => Some(Complaint::at(
                value,
                "C903",
                format!("`format` of binary is base64 or hex, not `{}`", shape::clip(text)),
            )),
            temporal if temporal.is_temporal() => pattern_trouble(text, temporal).map(|trouble| {
                Complaint::at(value, "C903", format!("`format` does not read a {temporal}: {trouble}"))
                    .hint("patterns are strftime's: %Y-%m-%d %H:%M:%S%.f")
            }),
            other => {
                let message = format!("`format` does not fit the type {other}");
                self.complaints
                    .push(Complaint::at(key, "C907", message).hint("it is for text, dates, times and binary"));
                return true;
            }
        };
        column.format = Some(text.to_owned());
        let readable = trouble.is_none();
        self.complaints.extend(trouble);
        readable
    }

    fn keywords(&mut self, place: &str, fields: &Fields<'n>, typed: bool, path: &ColumnPath) {
        for (key, argument) in &fields.others {
            let word = key.text().unwrap_or_default();
            match vocabulary::keywords().find(|kind| kind.name == word) {
                // Without a type there is nothing to ask the kind.
                Some(_) if !typed => {}
                Some(kind) => self.found.keywords.push(Keyword { kind, path: path.clone(), key, argument }),
                None => self.complaints.push(unknown_keyword(key, place, word)),
            }
        }
    }
}

fn unknown_keyword(key: &Node, place: &str, word: &str) -> Complaint {
    let known = COLUMN.iter().map(|key| key.name).chain(vocabulary::keywords().map(|kind| kind.name));
    let complaint = shape::unknown(key, place, known);
    if vocabulary::long_forms().any(|kind| kind.name == word) {
        return complaint.hint(format!("`{word}` is a rule of its own: put it under `rules:`"));
    }
    if vocabulary::RULE.iter().any(|key| key.name == word) {
        return complaint.hint(format!("`{word}` belongs to a rule in the long form, under `rules:`"));
    }
    complaint
}

fn step(path: &ColumnPath, step: Step, text: &str) -> ColumnPath {
    let mut steps = path.steps.clone();
    steps.push(step);
    ColumnPath { text: format!("{}{text}", path.text), column: path.column, steps }
}

fn is_type(word: &str) -> bool {
    matches!(word, "list" | "struct") || DataType::parse_scalar(word).is_some()
}

fn misplaced(node: &Node, key: &str, owner: &str) -> Complaint {
    Complaint::at(node, "C907", format!("`{key}` fits `type: {owner}` only"))
}

fn missing(key: &Node, place: &str, name: &str, example: &str) -> Complaint {
    Complaint::at(key, "C904", format!("{place} has no `{name}`")).hint(format!("say what it holds: `{example}`"))
}

/// Says why a pattern cannot read a type; `None` where it can.
fn pattern_trouble(text: &str, data_type: &DataType) -> Option<String> {
    let pattern = match Pattern::new(text) {
        Ok(pattern) => pattern,
        Err(trouble) => return Some(trouble),
    };
    let lacks = match data_type {
        DataType::Time => (!pattern.has_time()).then_some("a time of day (%H, %M)"),
        DataType::TimestampTz if !pattern.has_offset() => Some("an offset from UTC (%z)"),
        _ => (!pattern.has_date()).then_some("a whole day (%Y, %m, %d)"),
    };
    lacks.map(|part| format!("it lacks {part}"))
}

fn type_hint(text: &str, short: bool) -> String {
    let base = text.split(['(', '<', '[']).next().unwrap_or_default().trim();
    if base.eq_ignore_ascii_case("decimal") && text.contains('(') {
        return "write decimal(precision,scale), 38 digits at most: decimal(12,2)".to_owned();
    }
    let nested = matches!(nearest::nearest(base, ["list", "struct"]), Some("list" | "struct"));
    if nested && (short || text != base) {
        return "write `type: list` with `items:`, or `type: struct` with `fields:`".to_owned();
    }
    let names = data_type::SCALARS.iter().map(|(name, _)| *name).chain(["decimal(18,2)", "list", "struct"]);
    nearest::hint(base, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::yaml;

    type Told = Vec<(&'static str, String, Option<String>)>;

    fn columns(text: &str) -> (Vec<Column>, Told) {
        let (root, complaints) = yaml::load(text);
        assert_eq!(complaints, vec![]);
        let root = root.unwrap();
        let Data::Map(entries) = &root.data else { panic!() };
        let mut complaints = Vec::new();
        let found = read("t", entries, &mut complaints);
        (found.columns, complaints.into_iter().map(|c| (c.code, text[c.span].to_owned(), c.hint)).collect())
    }

    fn told(text: &str) -> (&'static str, String) {
        let (_, mut told) = columns(text);
        assert_eq!(told.len(), 1, "{told:?}");
        let (code, span, _) = told.remove(0);
        (code, span)
    }

    #[test]
    fn types_nest() {
        let (columns, told) = columns(
            "a: string\nb: {type: 'decimal(12, 2)', pii: true, description: money}\n\
             c: {type: list, items: {type: struct, fields: {d: int64, e: {type: float64, allow_nan: true}}}}\n",
        );
        assert_eq!(told, vec![]);
        assert_eq!(columns[1].data_type, DataType::Decimal { precision: 12, scale: 2 });
        assert!(columns[1].pii);
        assert_eq!(columns[2].data_type.to_string(), "list<struct<d: int64, e: float64>>");
    }

    #[test]
    fn wrong_types_are_told_with_ours() {
        for (written, ours) in [
            ("varchar(20)", "`string`"),
            ("integer", "`int64`"),
            ("strnig", "`string`"),
            ("decimal", "`decimal(18,2)`"),
            ("decimal(40,2)", "38 digits"),
            ("list<int64>", "`items:`"),
        ] {
            let (_, told) = columns(&format!("a: {{type: '{written}'}}\n"));
            assert_eq!((told.len(), told[0].0), (1, "C906"), "{written}");
            assert!(told[0].2.as_ref().unwrap().contains(ours), "{written}: {:?}", told[0].2);
        }
        assert_eq!(told("a: strnig\n"), ("C906", "strnig".to_owned()));
        assert_eq!(told("a: list\n"), ("C906", "list".to_owned()));
    }

    #[test]
    fn settings_must_fit_the_type() {
        assert_eq!(told("a: {type: int64, allow_nan: true}"), ("C907", "allow_nan".to_owned()));
        assert_eq!(told("a: {type: int64, format: x}"), ("C907", "format".to_owned()));
        assert_eq!(told("a: {type: binary, format: x}"), ("C903", "x".to_owned()));
        assert_eq!(told("a: {type: int64, items: string}"), ("C907", "items".to_owned()));
        assert_eq!(told("a: {type: list}"), ("C904", "a".to_owned()));
        assert_eq!(told("a: {type: struct}"), ("C904", "a".to_owned()));
        assert_eq!(told("a: {type: struct, fields: {}}"), ("C903", "{}".to_owned()));
        assert_eq!(told("a: {pii: true}"), ("C904", "a".to_owned()));
        assert_eq!(told("a:\n"), ("C904", "a".to_owned()));
        assert_eq!(told("a: [string]\n"), ("C903", "[string]".to_owned()));
        assert_eq!(told("a: {type: [string]}\n"), ("C903", "[string]".to_owned()));
        assert_eq!(told("'': string"), ("C903", "''".to_owned()));
    }

    #[test]
    fn unknown_keys_are_told_at_any_depth() {
        let text = "a: {type: list, items: {type: struct, fields: {b: {type: string, descripton: x}}}}\n";
        let (_, told) = columns(text);
        assert_eq!((told[0].0, told[0].1.as_str()), ("C902", "descripton"));
        assert_eq!(told[0].2.as_deref(), Some("did you mean `description`?"));
    }

    #[test]
    fn mistakes_inside_a_wrong_type_are_told_too() {
        let (_, told) = columns("a: {type: lst, items: {type: strng}}\n");
        let codes: Vec<&str> = told.iter().map(|(code, _, _)| *code).collect();
        assert_eq!(codes, ["C906", "C906"]);
    }

    #[test]
    fn date_patterns_are_checked() {
        let (columns, told) = columns("a: {type: date, format: '%d.%m.%Y'}\n");
        assert_eq!((columns[0].format.as_deref(), told), (Some("%d.%m.%Y"), vec![]));
        assert_eq!(self::told("a: {type: date, format: '%H:%M'}\n"), ("C903", "'%H:%M'".to_owned()));
        assert_eq!(self::told("a: {type: timestamptz, format: '%Y-%m-%d'}\n").0, "C903");
        assert_eq!(self::told("a: {type: date, format: '%Q'}\n"), ("C903", "'%Q'".to_owned()));
    }
}
