//! Faults of the data set: its files, and which there are.

pub mod duplicate_file;
pub mod empty_file;
pub mod late_file;
pub mod missing_partition;
pub mod schema_drift;
pub mod volume_anomaly;
