//! A report as text for people and machines: one file a form. A report can be rendered from its JSON alone.

pub mod drift;
pub mod json;
pub mod profile;
pub mod score;
pub mod text;

use crate::model::Report;

/// A form of report that `--report FORM=FILE` may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub render: fn(&Report) -> String,
}

/// Every form, sorted by name.
pub const FORMS: &[Form] = &[Form { name: "json", render: json::render }, Form { name: "text", render: text::plain }];

impl Form {
    /// Finds a form by name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        FORMS.iter().copied().find(|form| form.name == name)
    }

    /// Lists the names, for messages.
    #[must_use]
    pub fn names() -> String {
        FORMS.iter().map(|form| form.name).collect::<Vec<_>>().join(", ")
    }

    /// Renders a report.
    #[must_use]
    pub fn render(&self, report: &Report) -> String {
        (self.render)(report)
    }
}
