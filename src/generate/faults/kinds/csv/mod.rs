//! Faults of CSV files.

pub mod bare_quote;
pub mod blank_lines;
pub mod bom;
pub mod crlf_mix;
pub mod delimiter_mix;
pub mod encoding_utf16;
pub mod footer;
pub mod header_duplicated;
pub mod header_missing;
pub mod header_renamed;
pub mod header_reordered;
pub mod no_final_newline;
pub mod nul_byte;
pub mod preamble;
pub mod ragged_long;
pub mod ragged_short;
pub mod truncated_file;
pub mod unclosed_quote;
pub mod unescaped_newline;
