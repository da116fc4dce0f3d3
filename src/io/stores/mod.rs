//! Where bytes lie: one file a store.

pub mod archive;
pub mod folder;
pub mod local;
