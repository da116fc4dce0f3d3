//! Small tables of the page: a caption, headings and cells.

use serde::Serialize;

use crate::render::html::svg;
use crate::render::summary::VALUE;
use crate::render::text::{clean, share, short};

/// A table. A heading that starts with `#` is one of numbers.
#[derive(Serialize)]
pub struct Small {
    label: String,
    caption: String,
    head: Vec<Head>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Serialize)]
struct Head {
    text: String,
    number: bool,
}

/// One cell: what it says, and how.
#[derive(Serialize, Default)]
pub struct Cell {
    text: String,
    number: bool,
    code: bool,
    /// The id it leads to; empty for none.
    href: String,
    /// A drawing before the text; empty for none.
    bar: String,
}

impl Small {
    /// Makes a table; `None` without rows.
    pub fn of(caption: &str, head: &[&str], rows: Vec<Vec<Cell>>) -> Option<Self> {
        let head = head
            .iter()
            .map(|text| Head { text: text.trim_start_matches('#').to_owned(), number: text.starts_with('#') });
        (!rows.is_empty()).then(|| Self {
            label: caption.to_owned(),
            caption: caption.to_owned(),
            head: head.collect(),
            rows,
        })
    }

    /// Says whose table it is, for those who hear it.
    #[must_use]
    pub fn about(mut self, whose: &str) -> Self {
        self.label = format!("{} of {whose}", self.caption);
        self
    }
}

impl Cell {
    /// Words.
    pub fn text(text: &str) -> Self {
        Self { text: clean(text), ..Self::default() }
    }

    /// A value of the data, a name or a code: harmless and cut.
    pub fn code(text: &str) -> Self {
        Self { text: short(&clean(text), VALUE), code: true, ..Self::default() }
    }

    /// A number as it is shown.
    pub fn number(text: String) -> Self {
        Self { text, number: true, ..Self::default() }
    }

    /// A name that leads to its place in the page.
    pub fn link(text: &str, id: Option<String>) -> Self {
        Self { href: id.unwrap_or_default(), ..Self::code(text) }
    }

    /// A share of a whole, drawn and told.
    pub fn share(part: u64, whole: u64) -> Self {
        Self { text: share(part, whole), bar: svg::bar(part, whole), ..Self::default() }
    }
}
