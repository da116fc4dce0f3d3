//! A report as text for people and machines: one file a form. A report can be rendered from its JSON alone.

pub mod json;
pub mod text;
