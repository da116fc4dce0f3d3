//! Draft: a contract before it is written, each part with what speaks for it.

/// A contract to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub name: String,
    /// Lines of comment above everything.
    pub notes: Vec<String>,
    pub tables: Vec<TableDraft>,
}

/// A table to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableDraft {
    pub name: String,
    /// Lines of comment above the table.
    pub notes: Vec<String>,
    /// The settings of `source`, in order.
    pub source: Vec<(&'static str, Value)>,
    pub primary_key: Option<KeyDraft>,
    pub columns: Vec<ColumnDraft>,
    /// Rules of the whole table, each a mapping.
    pub rules: Vec<(Vec<(&'static str, Value)>, Evidence)>,
}

/// Columns that identify a row.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyDraft {
    pub columns: Vec<String>,
    pub evidence: Evidence,
}

/// A column, an element or a field to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnDraft {
    pub name: String,
    /// `int64`, `decimal(12,2)`, `list`, `struct` …
    pub data_type: String,
    pub evidence: Evidence,
    /// The other keys, in order.
    pub settings: Vec<Setting>,
    /// The element of a list.
    pub items: Option<Box<ColumnDraft>>,
    /// The fields of a struct.
    pub fields: Vec<ColumnDraft>,
}

/// One key of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// `minimum`; the rule's kind where it is a rule.
    pub key: &'static str,
    pub value: Value,
    pub evidence: Evidence,
}

/// A value in a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Written as it is: a number, `true`, `today`.
    Plain(String),
    /// Text, in quotes where YAML would read something else.
    Text(String),
    List(Vec<Value>),
}

/// What speaks for a part of a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// In words, without a final stop.
    pub words: String,
    /// Values or rows that were looked at, and those of them that keep the rule; none where it is not a count.
    pub seen: u64,
    pub kept: u64,
    /// Rows that were held out when the rule was learnt, and those of them that keep it; none where none were.
    pub held: Option<Held>,
}

/// How a rule did on rows it was not learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub rows: u64,
    pub kept: u64,
}

impl Evidence {
    /// Makes evidence of words alone.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self { words: words.into(), ..Self::default() }
    }

    /// Makes evidence of a count.
    #[must_use]
    pub fn counted(words: impl Into<String>, kept: u64, seen: u64) -> Self {
        Self { words: words.into(), seen, kept, held: None }
    }

    /// Gives the least share of future values that keep the rule, at 95 % confidence; `None` where nothing was counted.
    #[must_use]
    pub fn bound(&self) -> Option<f64> {
        (self.seen > 0).then(|| wilson(self.kept.min(self.seen), self.seen))
    }
}

/// Gives the lower end of Wilson's interval for a share, at 95 % confidence (z = 1.96): `kept` of `seen`.
///
/// Unlike Wald's it is below 1 where everything was kept: ten of ten give 0.72, a thousand of a thousand 0.996. (Wilson,
/// *Probable inference, the law of succession, and statistical inference*, 1927.)
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn wilson(kept: u64, seen: u64) -> f64 {
    const Z: f64 = 1.96;
    if seen == 0 {
        return 0.0;
    }
    let n = seen as f64;
    let share = kept as f64 / n;
    let z2 = Z * Z;
    let centre = share + z2 / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((centre - spread) / (1.0 + z2 / n)).clamp(0.0, 1.0)
}

impl ColumnDraft {
    /// Finds a setting.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// Adds a setting, or puts it in the place of one with the same key.
    pub fn set(&mut self, key: &'static str, value: Value, evidence: Evidence) {
        let setting = Setting { key, value, evidence };
        match self.settings.iter_mut().find(|old| old.key == key) {
            Some(old) => *old = setting,
            None => self.settings.push(setting),
        }
    }

    /// Takes a setting away; gives whether it was there.
    pub fn unset(&mut self, key: &str) -> bool {
        let before = self.settings.len();
        self.settings.retain(|setting| setting.key != key);
        self.settings.len() < before
    }

    fn at(&mut self, path: &str) -> Option<&mut Self> {
        if path.is_empty() {
            return Some(self);
        }
        if let Some(rest) = path.strip_prefix("[]") {
            return self.items.as_mut()?.at(rest);
        }
        let rest = path.strip_prefix('.')?;
        self.fields.iter_mut().find_map(|field| {
            let behind = rest.strip_prefix(field.name.as_str())?;
            (behind.is_empty() || behind.starts_with(['.', '['])).then(|| field.at(behind)).flatten()
        })
    }
}

impl TableDraft {
    /// Finds a column, element or field by its path: `basket[].price`.
    pub fn at(&mut self, path: &str) -> Option<&mut ColumnDraft> {
        self.columns.iter_mut().find_map(|column| {
            let behind = path.strip_prefix(column.name.as_str())?;
            (behind.is_empty() || behind.starts_with(['.', '['])).then(|| column.at(behind)).flatten()
        })
    }

    /// Shows every column, element and field with its path, outer ones first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a ColumnDraft)) {
        fn step<'a>(path: &str, column: &'a ColumnDraft, visit: &mut dyn FnMut(&str, &'a ColumnDraft)) {
            visit(path, column);
            if let Some(items) = &column.items {
                step(&format!("{path}[]"), items, visit);
            }
            for field in &column.fields {
                step(&format!("{path}.{}", field.name), field, visit);
            }
        }
        for column in &self.columns {
            step(&column.name, column, visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_grow_with_the_number() {
        let near = |left: f64, right: f64| (left - right).abs() < 5e-4;
        assert!(near(wilson(10, 10), 0.7225));
        assert!(near(wilson(1000, 1000), 0.9962));
        assert!(near(wilson(50, 100), 0.4038));
        assert!(wilson(0, 0) == 0.0 && wilson(0, 10) < 1e-9);
    }

    #[test]
    fn paths_lead_inside() {
        let field = |name: &str| ColumnDraft { name: name.into(), ..ColumnDraft::default() };
        let item = ColumnDraft { fields: vec![field("price"), field("p")], ..ColumnDraft::default() };
        let basket = ColumnDraft { items: Some(Box::new(item)), ..field("basket") };
        let mut table = TableDraft { columns: vec![field("b"), basket], ..TableDraft::default() };
        assert_eq!(table.at("basket[].p").unwrap().name, "p");
        assert_eq!(table.at("b").unwrap().name, "b");
        assert!(table.at("basket[].x").is_none() && table.at("bas").is_none());
        let mut paths = Vec::new();
        table.walk(&mut |path, _| paths.push(path.to_owned()));
        assert_eq!(paths, ["b", "basket", "basket[]", "basket[].price", "basket[].p"]);
    }
}
