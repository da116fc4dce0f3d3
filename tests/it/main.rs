//! The integration tests: one binary, one file a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]
#![allow(clippy::disallowed_methods, reason = "tests are outside")]

mod browser;
mod cli;
mod faults;
// Without Polars there are no expressions, which these use.
#[cfg(feature = "polars")]
mod conformance;
#[cfg(feature = "polars")]
mod fixtures;
mod generate;
mod hostile;
mod infer;
mod layering;
mod loads;
mod made;
mod objects;
#[cfg(feature = "polars")]
mod pages;
mod papers;
mod planted;
mod profile;
mod properties;
mod real;
mod reliability;
mod reports;
mod scripts;
#[path = "../servers/mod.rs"]
mod servers;
mod suites;
mod support;
