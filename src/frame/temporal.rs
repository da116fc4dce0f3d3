//! Dates, times and timestamps as text, by compiled patterns.
