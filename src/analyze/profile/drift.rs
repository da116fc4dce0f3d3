//! Drift: how far two states of a table are apart.
