//! karat: one contract generates your test data, gates your files, and loads only the clean rows.
//!
//! ```text
//!  io            frame        frame           frame            io
//! Source ─RawBatch─▶ parse ─Batch─▶ judge ─Judged─▶ split ─clean──▶ Sink
//!                      │              │               └──rejects──▶ Sink
//!                      └── counts ────┴──▶ Tally ──▶ Report ──▶ render ──▶ text | json
//! ```
//!
//! | module | may use | and never |
//! |---|---|---|
//! | [`model`] | std, serde | anything of ours |
//! | [`rule`], [`sql`] | model | frame, io |
//! | [`contract`] | model, rule | frame, io |
//! | [`frame`] | model | rule, contract |
//! | [`analyze`], [`generate`] | model, frame | each other, rule |
//! | [`io`] | model, frame, sql | rule, ops |
//! | [`ops`] | all above | render, cli |
//! | [`render`] | model | frame, ops |
//! | [`cli`] | ops, render, model, contract, rule | frame, io |

pub mod analyze;
pub mod cli;
pub mod contract;
pub mod frame;
pub mod generate;
pub mod io;
pub mod model;
pub mod ops;
pub mod render;
pub mod rule;
pub mod sql;
