//! Foreign: files that are no text at all, told from their first bytes, so that the error says what they are.

use std::io::Read;
use std::sync::Arc;

use crate::io::InputFile;
use crate::io::stores::archive;
use crate::model::{Error, Result};

/// First bytes, what they begin, and what to do.
const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)", UNPACK),
    (b"\xFD7zXZ\0", "an xz archive", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (b"\x04\x22\x4D\x18", "an lz4 archive", UNPACK),
    (b"\x1F\x8B\x08", "a gzip archive inside another archive", UNPACK),
    (b"\x28\xB5\x2F\xFD", "a zstd archive inside another archive", UNPACK),
    (b"BZh91AY&SY", "a bzip2 archive inside another archive", UNPACK),
    (b"PAR1\x15", "a Parquet file", "Say so in the contract: `source: {format: parquet}`."),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook", "Export it as CSV."),
    (b"Obj\x01", "an Avro file", "Export it as CSV, NDJSON or Parquet."),
    (b"SQLite format 3\0", "a SQLite database", "Export its table as CSV, NDJSON or Parquet."),
];

const UNPACK: &str = "Unpack it first: gzip, zstd and bzip2 are read as they are, once.";

/// Refuses a file whose content, unpacked, begins like something that is no text.
///
/// # Errors
/// Says what the file is. A file that cannot be read is left to its reader to complain about.
pub fn refuse(file: &InputFile) -> Result<()> {
    let mut head = Vec::new();
    let read = archive::open(&file.path, Arc::default()).map(|content| content.take(16).read_to_end(&mut head));
    if read.is_err() {
        return Ok(());
    }
    match KNOWN.iter().find(|(start, ..)| head.starts_with(start)) {
        Some((_, what, hint)) => Err(Error::input(format!("{} is {what}, not text", file.shown)).hint(*hint)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::stores::testing::TestFolder;

    fn refusal(bytes: &[u8]) -> Option<String> {
        let folder = TestFolder::new();
        let path = folder.file("f", bytes);
        refuse(&InputFile { shown: "f".into(), path, partitions: Vec::new() }).err().map(|error| error.message)
    }

    #[test]
    fn files_that_are_no_text_are_named() {
        assert_eq!(refusal(b"PK\x03\x04rest").unwrap(), "f is a zip archive (or an Excel workbook), not text");
        assert_eq!(refusal(b"PAR1\x15\x04").unwrap(), "f is a Parquet file, not text");
        for text in [&b""[..], b"PK", b"PK,name\n", b"PAR1,b\n", b"Obj,b\n", b"\xFF\xFEa\0", b"\x1F\x8B"] {
            assert_eq!(refusal(text), None, "{text:?}");
        }
    }
}
