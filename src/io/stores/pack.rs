//! Packing: text as gzip members and zstd frames, each whole in itself, so that those of one file can be made side by
//! side. One after the other they are a file that every decoder reads. Levels are fixed and no member holds a time, so
//! that equal text makes equal bytes.

use std::io::Write;

use crate::model::{Error, Result};

const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packing {
    #[default]
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// Gives what is added to a file's name, with the point.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// Compresses text as one member or frame; `None` where it stays as it is.
    ///
    /// # Errors
    /// Where the compressor fails.
    pub fn pack(self, text: &[u8]) -> Result<Option<Vec<u8>>> {
        let failed = |error| Error::output("cannot compress").because(error);
        match self {
            Self::None => Ok(None),
            Self::Gzip => {
                let out = Vec::with_capacity(text.len() / 2);
                // Without a modification time.
                let mut member = flate2::GzBuilder::new().write(out, flate2::Compression::new(GZIP_LEVEL));
                member.write_all(text).and_then(|()| member.finish()).map(Some).map_err(failed)
            }
            Self::Zstd => zstd::bulk::compress(text, ZSTD_LEVEL).map(Some).map_err(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::stores::archive;
    use crate::io::stores::testing::TestFolder;

    #[test]
    fn members_one_after_the_other_are_one_file() {
        let folder = TestFolder::new();
        for packing in [Packing::Gzip, Packing::Zstd] {
            let parts: [&[u8]; 4] = [b"a,b\n", b"", &[b'x'; 100_000], b"1,2\n"];
            let packed: Vec<u8> = parts.iter().flat_map(|part| packing.pack(part).unwrap().unwrap()).collect();
            let again: Vec<u8> = parts.iter().flat_map(|part| packing.pack(part).unwrap().unwrap()).collect();
            assert_eq!(packed, again);
            let path = folder.file(&format!("a{}", packing.ending()), &packed);
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut archive::open(&path, Arc::default()).unwrap(), &mut text).unwrap();
            assert_eq!(text, parts.concat());
        }
        assert_eq!(Packing::None.pack(b"a").unwrap(), None);
    }
}
