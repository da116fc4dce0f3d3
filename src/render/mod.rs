//! A report as text for people and machines: one file a form. A report can be rendered from its JSON alone.

pub mod csv;
pub mod drift;
pub mod github;
pub mod gitlab;
pub mod history;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod openlineage;
pub mod profile;
pub mod prometheus;
pub mod sarif;
pub mod score;
pub mod summary;
pub mod text;

use crate::model::Report;

/// A form of report that `--report FORM=FILE` may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    pub render: fn(&Report) -> String,
}

/// Every form, sorted by name.
pub const FORMS: &[Form] = &[
    Form { name: "csv", render: csv::render },
    Form { name: "github", render: github::render },
    Form { name: "gitlab", render: gitlab::render },
    Form { name: "html", render: html::check::render },
    Form { name: "json", render: json::render },
    Form { name: "junit", render: junit::render },
    Form { name: "markdown", render: markdown::render },
    Form { name: "ndjson", render: ndjson::render },
    Form { name: "openlineage", render: openlineage::render },
    Form { name: "prometheus", render: prometheus::render },
    Form { name: "sarif", render: sarif::render },
    Form { name: "text", render: text::plain },
];

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
