//! From a state to the profile that people read.

mod alerts;
mod column;
mod days;
pub mod meaning;
mod relations;
pub mod resolve;
mod shape;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use crate::analyze::profile::state::TableState;
use crate::model::profile::{DialectReport, NotComputed, TableProfile};
use crate::model::report::FileReport;

pub use relations::foreign_keys;

/// What is known of a table besides what was counted.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub name: String,
    pub format: String,
    pub dialect: Option<DialectReport>,
    pub files: Vec<FileReport>,
    pub byte_order_marks: u64,
    /// Names that stand more than once in a header.
    pub repeated_names: Vec<String>,
    /// The contract's types, by column.
    pub declared: BTreeMap<String, String>,
    /// Columns the contract marks `pii`.
    pub personal: BTreeSet<String>,
    /// Show the values of personal columns.
    pub unmask: bool,
    /// Keep the state in the profile.
    pub keep_state: bool,
}

/// Makes a table's profile.
#[must_use]
pub fn table(state: &mut TableState, about: &About) -> TableProfile {
    state.settle();
    let mut columns = Vec::with_capacity(state.columns.len());
    for counted in &state.columns {
        columns.push(column::describe(state, counted, about));
    }
    let mut not_computed = Vec::new();
    let keys = relations::keys(state, &columns);
    let correlations = relations::correlations(state, &columns, &mut not_computed);
    if state.patterns.lost > 0 {
        not_computed.push(NotComputed {
            what: "all patterns of missing values".to_owned(),
            reason: format!("there are too many; {} rows of rare ones are left out", state.patterns.lost),
        });
    }
    not_computed.push(NotComputed {
        what: "keys of several columns".to_owned(),
        reason: "only single columns are looked at".to_owned(),
    });
    for column in columns.iter().filter(|column| column.masked) {
        not_computed.push(NotComputed {
            what: format!("mean, quantiles and histogram of {}", column.name),
            reason: "the values look personal and are masked; --unmask shows them".to_owned(),
        });
    }
    let mut profile = TableProfile {
        name: about.name.clone(),
        format: about.format.clone(),
        dialect: about.dialect.clone(),
        bytes: about.files.iter().map(|file| file.bytes).sum(),
        files: about.files.clone(),
        records: state.records,
        rows: state.rows,
        malformed: state.records - state.rows,
        shape: shape::shape(state, about),
        duplicates: relations::duplicates(state),
        keys,
        correlations,
        missing: relations::missing(state),
        columns,
        alerts: Vec::new(),
        not_computed,
        state: None,
    };
    for key in &profile.keys {
        for column in &mut profile.columns {
            if key.columns.first() == Some(&column.name) {
                column.flags.insert(0, "key?".to_owned());
            }
        }
    }
    profile.alerts = alerts::alerts(state, &profile, about);
    if about.keep_state {
        let hidden = |name: &str| {
            let column = profile.columns.iter().find(|column| column.name == name)?;
            column.personal.as_ref().filter(|_| column.masked)
        };
        profile.state = serde_json::to_value(state.saved(hidden)).ok();
    }
    profile
}
