//! The integration tests: one binary, one file a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]
#![allow(clippy::disallowed_methods, reason = "tests are outside")]

mod cli;
mod conformance;
mod fixtures;
mod hostile;
mod layering;
mod pages;
mod papers;
mod properties;
mod real;
mod suites;
mod support;
