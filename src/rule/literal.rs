//! Values of a contract read in a column type.
