//! The command line: one file a command. Only here karat speaks to terminal, clock and environment.
