//! Mergeable measures of columns: one file a metric.
