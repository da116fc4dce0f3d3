//! The verbs. `flow` is the one pipeline; `check` and `load` are that flow with other ends.

pub mod baseline;
pub mod check;
pub mod demo;
pub mod dialects;
pub mod drift;
pub mod flow;
pub mod generate;
pub mod guard;
pub mod history;
pub mod infer;
pub mod inputs;
pub mod keys;
pub mod load;
pub mod merge;
pub mod parallel;
pub mod parents;
pub mod profile;
pub mod reading;
pub mod refused;
pub mod replay;
pub mod report;
pub mod score;
pub mod scripts;
pub mod settings;

pub use settings::Settings;
