//! Archives: plain, gzip, zstd and bzip2 files as the stream of bytes they hold.
//!
//! The first bytes decide, never the name. All members of a gzip file, frames of a zstd file and streams of a bzip2
//! file are read, one after the other; zeros behind the last gzip member are padding. A stream that is cut short or
//! does not match its checksum is an error, given after the bytes before it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Error, Result};

const BUFFER: usize = 128 << 10;

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// Behind the lowest byte (`50` to `5F`) of a frame that decoders skip.
const ZSTD_SKIPPABLE: &[u8] = &[0x2A, 0x4D, 0x18];
/// Behind `BZh` and a digit: the start of a block, or of the end of an empty stream.
const BZIP2_BLOCKS: [&[u8]; 2] = [&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];

/// Opens a file and gives its decompressed bytes. `progress` counts the stored bytes that were read.
///
/// What goes wrong while reading is an [`io::Error`] that holds an input [`Error`]: [`read_error`] takes it out.
///
/// # Errors
/// Where the file cannot be opened or its first bytes cannot be read.
pub fn open(path: &Path, progress: Arc<AtomicU64>) -> Result<Box<dyn Read + Send>> {
    let file = File::open(path).map_err(|error| Error::reading(path, error))?;
    decode(Box::new(Counted { inner: file, progress }), path)
}

/// Makes an input error of what a stream of [`open`] gave.
#[must_use]
pub fn read_error(path: &Path, error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::reading(path, error),
    }
}

/// Tells by the first 10 bytes of a file whether it is stored as it is.
#[must_use]
pub fn is_plain(head: &[u8]) -> bool {
    Kind::of(head) == Kind::Plain
}

/// What a file is stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
}

impl Kind {
    /// Decides by the first 10 bytes. A whole file that ends inside a magic number is a stream cut short.
    fn of(head: &[u8]) -> Self {
        let cut = |magic: &[u8]| head.len() < magic.len() && magic.starts_with(head);
        match head {
            _ if head.starts_with(GZIP) => Self::Gzip,
            _ if head.starts_with(ZSTD) => Self::Zstd,
            [0x50..=0x5F, rest @ ..] if rest.starts_with(ZSTD_SKIPPABLE) => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if rest.len() < 6 || BZIP2_BLOCKS.contains(&&rest[..6]) => {
                let whole = BZIP2_BLOCKS.iter().any(|magic| magic.starts_with(&rest[..rest.len().min(6)]));
                if whole { Self::Bzip2 } else { Self::Plain }
            }
            // `B`, `(` and the like may be text; these are not.
            [0x1F] => Self::Gzip,
            [0x28, 0xB5, ..] if cut(ZSTD) => Self::Zstd,
            _ => Self::Plain,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

fn decode(mut stored: Box<dyn Read + Send>, path: &Path) -> Result<Box<dyn Read + Send>> {
    let reading = |error| Error::reading(path, error);
    let mut head = Vec::with_capacity(10);
    (&mut stored).take(10).read_to_end(&mut head).map_err(reading)?;
    let kind = Kind::of(&head);
    let stored: Stored = Box::new(Cursor::new(head).chain(stored));
    let inner: Box<dyn Read + Send> = match kind {
        Kind::Plain => stored,
        Kind::Gzip => Box::new(Members::Between(BufReader::with_capacity(BUFFER, stored))),
        Kind::Zstd => {
            let buffered = BufReader::with_capacity(BUFFER, stored);
            Box::new(zstd::stream::read::Decoder::with_buffer(buffered).map_err(reading)?)
        }
        Kind::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::with_capacity(BUFFER, stored))),
    };
    Ok(Box::new(Named { inner, kind, path: path.to_owned(), offset: 0, failed: false }))
}

type Stored = Box<dyn Read + Send>;

/// Counts the bytes read.
struct Counted<R> {
    inner: R,
    progress: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Says of every error in which file and where it happened.
struct Named {
    inner: Box<dyn Read + Send>,
    kind: Kind,
    path: PathBuf,
    /// Decompressed bytes given so far.
    offset: u64,
    /// A stream that failed stays failed: it must not look as if it had ended.
    failed: bool,
}

impl Read for Named {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other(self.explain(io::Error::other("reading has failed before"))));
        }
        match self.inner.read(buffer) {
            Ok(read) => {
                self.offset += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = true;
                Err(io::Error::new(error.kind(), self.explain(error)))
            }
        }
    }
}

impl Named {
    fn explain(&self, error: io::Error) -> Error {
        let (path, kind, offset) = (self.path.display(), self.kind.name(), self.offset);
        match (self.kind, error.kind()) {
            (Kind::Plain, _) => Error::input(format!("cannot read {path} beyond byte {offset}")).because(error),
            (_, io::ErrorKind::UnexpectedEof) => {
                Error::input(format!("{path} is cut short: its {kind} stream ends after byte {offset} of the content"))
                    .hint("Copy or download the file again; nothing of it was taken.")
                    .because(error)
            }
            _ => Error::input(format!(
                "{path} is corrupt: its {kind} stream cannot be read beyond byte {offset} of the content"
            ))
            .hint("Copy or download the file again; nothing of it was taken.")
            .because(error),
        }
    }
}

/// The members of a gzip file, one after the other.
enum Members {
    Between(BufReader<Stored>),
    Inside(Box<flate2::bufread::GzDecoder<BufReader<Stored>>>),
    /// All read, or failed.
    Ended,
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Self::Ended) {
                Self::Ended => return Ok(0),
                Self::Inside(mut member) => match member.read(buffer) {
                    Ok(0) if !buffer.is_empty() => *self = Self::Between(member.into_inner()),
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                    other => {
                        *self = Self::Inside(member);
                        return other;
                    }
                },
                Self::Between(mut stored) => match stored.fill_buf().map(|bytes| bytes.first().copied()) {
                    Ok(None) => return Ok(0),
                    Ok(Some(0)) => return padding(&mut stored),
                    Ok(Some(_)) => *self = Self::Inside(Box::new(flate2::bufread::GzDecoder::new(stored))),
                    Err(error) => {
                        *self = Self::Between(stored);
                        return Err(error);
                    }
                },
            }
        }
    }
}

/// Reads to the end of the file, where only zeros may stand.
fn padding(stored: &mut BufReader<Stored>) -> io::Result<usize> {
    loop {
        let bytes = match stored.fill_buf() {
            Ok([]) => return Ok(0),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if bytes.iter().any(|byte| *byte != 0) {
            let what = "something that is neither a member nor padding follows the last member";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let length = bytes.len();
        stored.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::io::stores::testing::TestFolder;

    fn content() -> Vec<u8> {
        (0..3000_u32).flat_map(|i| format!("{i},{}\n", i.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd_frame(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(stored: &[u8]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let path = Path::new("data.csv");
        let mut stream = decode(Box::new(Cursor::new(stored.to_vec())), path)?;
        stream.read_to_end(&mut bytes).map_err(|error| read_error(path, error))?;
        Ok(bytes)
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    const PACKERS: [Pack; 3] = [gzip, zstd_frame, bzip];

    #[test]
    fn every_member_is_read() {
        let whole = content();
        let (left, right) = whole.split_at(1234);
        for pack in PACKERS {
            assert_eq!(read(&pack(&whole)).unwrap(), whole);
            assert_eq!(read(&[pack(left), pack(b""), pack(right)].concat()).unwrap(), whole);
        }
        assert_eq!(read(&whole).unwrap(), whole);
        assert_eq!(read(b"").unwrap(), b"");
    }

    #[test]
    fn text_that_looks_like_an_archive_is_text() {
        for text in [&b"B"[..], b"BZ", b"BZh", b"BZh9,a\n1,2\n", b"(", b"P*", b"BZh91AY,b\n1,2\n"] {
            assert_eq!(read(text).unwrap(), text);
        }
    }

    #[test]
    fn every_cut_is_an_error() {
        let whole = content();
        for pack in PACKERS {
            let one = pack(&whole[..40]);
            for stored in [one.clone(), [one.clone(), one.clone()].concat()] {
                // Behind the first member the file is whole; one to three bytes may still be text.
                for cut in (1..stored.len()).filter(|cut| *cut != one.len()) {
                    match read(&stored[..cut]) {
                        Ok(text) => assert!(cut < 4 && text == stored[..cut], "cut at {cut} was read"),
                        Err(error) => assert!(error.message.contains("data.csv"), "{error}"),
                    }
                }
            }
        }
        assert!(read(&[0x1F]).is_err() && read(&[0x28, 0xB5, 0x2F]).is_err() && read(b"BZh91AY").is_err());
    }

    #[test]
    fn wrong_bytes_are_errors() {
        for pack in PACKERS {
            let whole = content();
            let mut stored = pack(&whole);
            let middle = stored.len() / 2;
            stored[middle] ^= 0x10;
            let error = read(&stored).unwrap_err();
            assert!(error.message.contains("of the content"), "{error}");
        }
        let mut wrong_sum = gzip(b"a,b\n");
        let at = wrong_sum.len() - 6;
        wrong_sum[at] ^= 1;
        assert!(read(&wrong_sum).unwrap_err().message.contains("beyond byte 4 of the content"));
    }

    #[test]
    fn zeros_behind_gzip_are_padding() {
        let stored = [gzip(b"a\n"), gzip(b"b\n"), vec![0; 300_000]].concat();
        assert_eq!(read(&stored).unwrap(), b"a\nb\n");
        assert!(read(&[gzip(b"a\n"), vec![0, 0, 7]].concat()).is_err());
        assert!(read(&[gzip(b"a\n"), b"text".to_vec()].concat()).is_err());
    }

    #[test]
    fn progress_counts_stored_bytes() {
        let folder = TestFolder::new();
        let stored = gzip(&content());
        let path = folder.file("data", &stored);
        let progress = Arc::new(AtomicU64::new(0));
        let mut bytes = Vec::new();
        open(&path, Arc::clone(&progress)).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!((bytes, progress.load(Ordering::Relaxed)), (content(), stored.len() as u64));
    }
}
