//! Faults on files: planted, written, and found again.
