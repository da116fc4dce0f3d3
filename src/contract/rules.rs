//! Rules of one table: the implied ones, the keywords of its columns, its key and the long forms.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::contract::columns::Keyword;
use crate::contract::generation::Wish;
use crate::contract::long::{self, LongRule, Settings};
use crate::contract::{shape, source, vocabulary};
use crate::model::{ColumnPath, Rule, Table};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, RuleKind};

/// A rule with its place in the document, for the checks that compare rules.
#[derive(Debug)]
pub struct Draft<'n> {
    pub rule: Rule,
    /// Where a complaint about the rule points.
    pub span: Range<usize>,
    /// The value of the kind's key, where one is written.
    pub argument: Option<&'n Node>,
}

/// What a table asks for, as read from the document.
#[derive(Debug, Default)]
pub struct Wanted<'n> {
    /// The table's name.
    pub name: Option<&'n Node>,
    pub keywords: Vec<Keyword<'n>>,
    pub column_names: Vec<&'n Node>,
    /// The names node of `primary_key`, and its `keep`.
    pub key: Option<(&'n Node, Option<&'n Node>)>,
    pub long: Vec<&'n Node>,
    /// The key and value of the table's `generate`.
    pub generate: Option<(&'n Node, &'n Node)>,
    /// `generate` of the columns, and of what is inside them.
    pub wishes: Vec<Wish<'n>>,
}

/// What all rules of a contract may look at while they are made.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub text: &'a str,
    pub tables: &'a [Table],
    /// Names that could not be read: a rule that mentions one is not complained about.
    pub broken: &'a [String],
}

/// Makes the rules of a table.
pub fn make<'n>(
    around: Around<'_>,
    table: &Table,
    wanted: &Wanted<'n>,
    complaints: &mut Vec<Complaint>,
) -> Vec<Draft<'n>> {
    let mut maker = Maker { around, table, drafts: Vec::new(), ids: BTreeMap::new(), complaints };
    let longs: Vec<LongRule<'n>> =
        wanted.long.iter().filter_map(|node| long::read(around, table, node, maker.complaints)).collect();
    maker.implied(wanted, &longs);
    maker.keywords(wanted);
    if let Some((names, keep)) = wanted.key {
        maker.key(names, keep);
    }
    maker.longs(longs);
    maker.drafts
}

/// A value that stands for `true` where the document writes nothing.
static YES: Node = Node { span: 0..0, place: (1, 1), data: Data::Bool(true) };

/// A mapping that sets nothing.
static NOTHING_SAID: Node = Node { span: 0..0, place: (1, 1), data: Data::Map(Vec::new()) };

/// Where a rule stands and what it is called.
struct Site<'n> {
    id: String,
    /// Written ids are told when they repeat; others are numbered.
    written: Option<&'n Node>,
    place: (u32, u32),
    span: Range<usize>,
    argument: Option<&'n Node>,
}

struct Maker<'a, 'n> {
    around: Around<'a>,
    table: &'a Table,
    drafts: Vec<Draft<'n>>,
    /// Ids taken, each with the number its next repetition gets.
    ids: BTreeMap<String, u64>,
    complaints: &'a mut Vec<Complaint>,
}

impl<'n> Maker<'_, 'n> {
    fn implied(&mut self, wanted: &Wanted<'n>, longs: &[LongRule<'n>]) {
        let Some(name) = wanted.name else { return };
        self.stand("record", None, name, &YES, &[]);
        if source::names_columns(&self.table.source) && !longs.iter().any(|rule| rule.kind.name == "columns") {
            self.stand("columns", None, name, &NOTHING_SAID, &[]);
        }
        for (index, name) in wanted.column_names.iter().enumerate() {
            let Some(column) = self.table.columns.get(index) else { continue };
            let path = ColumnPath { text: column.name.clone(), column: index, steps: Vec::new() };
            self.stand("type", Some(path), name, &YES, &[]);
        }
    }

    fn keywords(&mut self, wanted: &Wanted<'n>) {
        for keyword in &wanted.keywords {
            let asked = Asked {
                table: self.table,
                tables: self.around.tables,
                path: Some(keyword.path.clone()),
                argument: keyword.argument,
                options: &[],
            };
            let span = keyword.key.span.start..keyword.argument.span.end.max(keyword.key.span.end);
            for built in self.ask(keyword.kind, &asked, &keyword.argument.span) {
                let site = Site {
                    id: auto_id(&self.table.name, Some(&keyword.path.text), keyword.kind.name),
                    written: None,
                    place: keyword.key.place,
                    span: span.clone(),
                    argument: Some(keyword.argument),
                };
                self.add(keyword.kind.name, keyword.kind.code, built, site, &Settings::default());
            }
        }
        // Each column's rules in one run: its type first, then its keywords.
        self.drafts.sort_by_key(|draft| draft.rule.columns.first().map(|path| path.column + 1));
    }

    fn key(&mut self, names: &'n Node, keep: Option<&'n Node>) {
        let options: Vec<(&str, &Node)> = keep.iter().map(|node| ("keep", *node)).collect();
        self.stand("primary_key", None, names, names, &options);
        let columns = self.table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        for column in columns {
            let has = |draft: &Draft<'_>| {
                let paths = &draft.rule.columns;
                draft.rule.kind == "required" && paths.first().is_some_and(|p| p.column == column && p.steps.is_empty())
            };
            let Some(name) = self.table.columns.get(column).map(|column| column.name.clone()) else { continue };
            if !self.drafts.iter().any(has) {
                let path = ColumnPath { text: name, column, steps: Vec::new() };
                self.stand("required", Some(path), names, &YES, &[]);
            }
        }
    }

    /// Makes a rule that the table implies: nobody wrote it, so its argument is not checked against the kind's shape.
    fn stand(
        &mut self,
        name: &str,
        path: Option<ColumnPath>,
        at: &'n Node,
        argument: &'n Node,
        options: &[(&str, &Node)],
    ) {
        let Some(kind) = vocabulary::kind(name) else { return };
        let column = path.as_ref().map(|path| path.text.clone());
        let asked = Asked { table: self.table, tables: self.around.tables, path, argument, options };
        for built in self.build(kind, &asked, &at.span) {
            let id = auto_id(&self.table.name, column.as_deref(), kind.name);
            let site = Site { id, written: None, place: at.place, span: at.span.clone(), argument: Some(argument) };
            self.add(kind.name, kind.code, built, site, &Settings::default());
        }
    }

    fn longs(&mut self, longs: Vec<LongRule<'n>>) {
        // Written ids are taken first: a numbered one gives way to them.
        let (written, auto): (Vec<_>, Vec<_>) =
            longs.into_iter().enumerate().partition(|(_, rule)| rule.settings.id.is_some());
        let first = self.drafts.len();
        let mut order = Vec::new();
        for (index, rule) in written.into_iter().chain(auto) {
            self.long(&rule);
            order.resize(self.drafts.len() - first, index);
        }
        let mut made: Vec<(usize, Draft<'n>)> = order.into_iter().zip(self.drafts.drain(first..)).collect();
        made.sort_by_key(|(index, _)| *index);
        self.drafts.extend(made.into_iter().map(|(_, draft)| draft));
    }

    fn long(&mut self, rule: &LongRule<'n>) {
        let span = rule.node.span.clone();
        let paths: Vec<Option<ColumnPath>> =
            if rule.paths.is_empty() { vec![None] } else { rule.paths.iter().cloned().map(Some).collect() };
        for path in paths {
            let asked = Asked {
                table: self.table,
                tables: self.around.tables,
                path,
                argument: rule.argument,
                options: &rule.options,
            };
            for built in self.ask(rule.kind, &asked, &span) {
                let columns: Vec<&str> = built.columns.iter().map(|path| path.text.as_str()).collect();
                let id = match rule.settings.id {
                    Some(node) => format!("{}.{}", self.table.name, node.text().unwrap_or_default()),
                    None => auto_id(&self.table.name, Some(&columns.join("+")), rule.kind.name),
                };
                let site = Site {
                    id,
                    written: rule.settings.id,
                    place: rule.node.place,
                    span: rule.key.span.start..rule.argument.span.end.max(rule.key.span.end),
                    argument: Some(rule.argument),
                };
                self.add(rule.kind.name, rule.kind.code, built, site, &rule.settings);
            }
        }
    }

    /// Lets a kind make its checks; its complaints are kept unless the rule mentions what could not be read.
    fn ask(&mut self, kind: &'static RuleKind, asked: &Asked<'_>, span: &Range<usize>) -> Vec<Built> {
        if !shape::check(kind.name, asked.argument, &kind.argument, self.complaints) {
            return Vec::new();
        }
        self.build(kind, asked, span)
    }

    fn build(&mut self, kind: &'static RuleKind, asked: &Asked<'_>, span: &Range<usize>) -> Vec<Built> {
        match (kind.build)(asked) {
            Ok(built) => built,
            Err(complaints) => {
                // What hangs on a type or a name that could not be read is no mistake of its own.
                let hollow = self.around.mentions_broken(span);
                let hangs = |code: &str| matches!(code, "C907" | "C909" | "C912" | "C914");
                self.complaints.extend(complaints.into_iter().filter(|complaint| !hollow || !hangs(complaint.code)));
                Vec::new()
            }
        }
    }

    fn add(&mut self, kind: &'static str, code: &'static str, built: Built, site: Site<'n>, settings: &Settings<'n>) {
        let mut id = site.id;
        if self.ids.contains_key(&id) {
            // Several checks of one written rule share its id, numbered.
            let own = site.written.is_some() && self.drafts.last().is_some_and(|last| last.rule.place == site.place);
            if let (Some(node), false) = (site.written, own) {
                let first = self.drafts.iter().find(|draft| draft.rule.id == id).map(|draft| draft.rule.place.0);
                let hint = first.map_or_else(String::new, |line| format!("the first is in line {line}; "));
                self.complaints.push(
                    Complaint::at(node, "C911", format!("the id `{id}` stands twice"))
                        .label("here again")
                        .hint(format!("{hint}reports tell rules apart by their id: choose another")),
                );
            }
            id = numbered(&mut self.ids, &id);
        }
        self.ids.insert(id.clone(), 2);
        let rule = Rule {
            id,
            kind,
            code,
            columns: built.columns,
            check: built.check,
            severity: settings.severity,
            condition: settings.condition.clone(),
            max_failures: settings.max_failures,
            nulls: settings.nulls,
            description: settings.description.clone(),
            dimension: settings.dimension.clone(),
            brief: built.brief,
            message: built.message,
            place: site.place,
        };
        self.drafts.push(Draft { rule, span: site.span, argument: site.argument });
    }
}

impl Around<'_> {
    /// Tells whether a piece of the document names something that could not be read.
    #[must_use]
    pub fn mentions_broken(&self, span: &Range<usize>) -> bool {
        let piece = self.text.get(span.clone()).unwrap_or_default();
        let in_word = |c: char| c.is_alphanumeric() || c == '_';
        self.broken.iter().filter(|name| !name.is_empty()).any(|name| {
            piece.match_indices(name.as_str()).any(|(at, _)| {
                let before = piece.get(..at).and_then(|text| text.chars().next_back());
                let after = piece.get(at + name.len()..).and_then(|text| text.chars().next());
                !before.is_some_and(in_word) && !after.is_some_and(in_word)
            })
        })
    }
}

fn auto_id(table: &str, columns: Option<&str>, kind: &str) -> String {
    match columns.filter(|columns| !columns.is_empty()) {
        Some(columns) => format!("{table}.{columns}.{kind}"),
        None => format!("{table}.{kind}"),
    }
}

fn numbered(taken: &mut BTreeMap<String, u64>, id: &str) -> String {
    let mut number = taken.get(id).copied().unwrap_or(2);
    loop {
        let candidate = format!("{id}_{number}");
        number += 1;
        if !taken.contains_key(&candidate) {
            taken.insert(id.to_owned(), number);
            return candidate;
        }
    }
}
