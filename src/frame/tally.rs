//! tally: to come.
