//! The verbs. `flow` is the one pipeline.
