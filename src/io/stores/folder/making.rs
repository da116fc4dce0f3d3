//! Making the part files of a table: one after the other until each is full, or as many as were asked for, all about
//! equal; compressed or not.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use crate::io::formats::write::file::RowFile;
use crate::io::formats::write::{self, Writer};
use crate::io::stores::folder::press::Press;
use crate::model::{Error, Format, Result, Table};

/// Parts that can be asked for: each is an open file.
const MOST_PARTS: u32 = 512;
/// Rows that go to one part before it is the next one's turn, at most.
const MOST_ROWS: usize = 4096;

/// What the parts of a table look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub format: Format,
    /// One gzip member a file.
    pub gzip: bool,
    /// So many files, about equal; without it a file ends where it is full.
    pub parts: Option<usize>,
    /// A part that holds about as many bytes (of text, where it is compressed) is full.
    pub part_bytes: u64,
}

impl Shape {
    /// Checks what was asked for.
    ///
    /// # Errors
    /// A usage error where no parts or too many are asked for, or the format has its own compression.
    pub fn new(format: Format, parts: Option<u32>, gzip: bool, part_bytes: u64) -> Result<Self> {
        if gzip && format == Format::Parquet {
            return Err(Error::usage("Parquet files are not compressed by gzip: they are compressed inside (zstd)")
                .hint("Leave --compress away, or load into `csv:` or `ndjson:`."));
        }
        if let Some(count) = parts.filter(|count| *count == 0 || *count > MOST_PARTS) {
            return Err(Error::usage(format!("a table cannot be divided into {count} parts"))
                .hint(format!("--parts takes 1 to {MOST_PARTS}")));
        }
        Ok(Self { format, gzip, parts: parts.map(|count| count as usize), part_bytes })
    }

    /// Gives the ending of the files, without the first point.
    #[must_use]
    pub fn ending(&self) -> String {
        format!("{}{}", self.format.name(), if self.gzip { ".gz" } else { "" })
    }
}

/// The parts of one table being written, named `part-<n>.<ending>`.
pub struct Making {
    shape: Shape,
    folder: PathBuf,
    press: Option<Press>,
    /// The open files, one a lane; one lane where parts end when they are full.
    lanes: Vec<Option<Box<dyn Writer>>>,
    /// All files so far, in order.
    paths: Vec<PathBuf>,
    /// Rows of the files that ended.
    written: u64,
    deal: Deal,
}

impl Making {
    /// Prepares to write into a folder that is there; no file is made yet.
    #[must_use]
    pub fn new(shape: Shape, folder: PathBuf) -> Self {
        let lanes = shape.parts.unwrap_or(1).max(1);
        let deal = Deal::new(lanes);
        let lanes = std::iter::repeat_with(|| None).take(lanes).collect();
        Self { shape, folder, press: None, lanes, paths: Vec::new(), written: 0, deal }
    }

    /// Gives the files made, in order.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Writes rows: the contract's columns in its order and types.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&mut self, table: &Table, rows: &RecordBatch) -> Result<()> {
        if self.shape.parts.is_none() {
            self.lane(0, table)?.write(rows)?;
            return self.end_full();
        }
        let mut at = 0;
        while at < rows.num_rows() {
            let (lane, count) = self.deal.take(rows.num_rows() - at);
            self.lane(lane, table)?.write(&rows.slice(at, count))?;
            at += count;
        }
        Ok(())
    }

    /// Writes CSV records in the dialect of `formats::write::reading`, so many, each with its line end.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write_text(&mut self, table: &Table, text: &[u8], rows: usize) -> Result<()> {
        if self.shape.parts.is_none() {
            self.lane(0, table)?.write_text(text, rows)?;
            return self.end_full();
        }
        let (mut rest, mut left) = (text, rows);
        while left > 0 {
            let (lane, count) = self.deal.take(left);
            let end = if count == left { rest.len() } else { records_end(rest, count) };
            let (records, behind) = rest.split_at_checked(end).unwrap_or((rest, b""));
            self.lane(lane, table)?.write_text(records, count)?;
            (rest, left) = (behind, left - count);
        }
        Ok(())
    }

    /// Ends all files; where there is none and one is wanted, an empty one that names the columns. Gives the rows.
    ///
    /// # Errors
    /// Where a file cannot be written to its end.
    pub fn end(&mut self, table: &Table, wanted: bool) -> Result<u64> {
        if self.paths.is_empty() && wanted {
            self.lane(0, table)?.write(&RecordBatch::new_empty(crate::frame::schema::schema(table)))?;
        }
        for lane in &mut self.lanes {
            if let Some(writer) = lane.take() {
                self.written += writer.finish()?.rows;
            }
        }
        // Its threads end with it.
        self.press = None;
        Ok(self.written)
    }

    fn end_full(&mut self) -> Result<()> {
        let limit = self.shape.part_bytes;
        let Some(lane) = self.lanes.first_mut() else { return Ok(()) };
        if let Some(writer) = lane.take_if(|writer| writer.bytes() >= limit) {
            self.written += writer.finish()?.rows;
        }
        Ok(())
    }

    /// Gives the writer of a lane; opens a file where there is none.
    fn lane(&mut self, lane: usize, table: &Table) -> Result<&mut dyn Writer> {
        let Self { shape, folder, press, lanes, paths, .. } = self;
        let lane_count = lanes.len();
        let slot = lanes.get_mut(lane).ok_or_else(|| Error::output("there is no such part"))?;
        if slot.is_none() {
            let path = folder.join(format!("part-{}.{}", paths.len(), shape.ending()));
            *slot = Some(create(*shape, &path, table, press, lane_count)?);
            paths.push(path);
        }
        match slot {
            Some(writer) => Ok(writer.as_mut()),
            None => Err(Error::output("there is no such part")),
        }
    }
}

fn create(
    shape: Shape,
    path: &Path,
    table: &Table,
    press: &mut Option<Press>,
    lanes: usize,
) -> Result<Box<dyn Writer>> {
    if !shape.gzip {
        return write::create_one_of(shape.format, path, table, lanes);
    }
    let press = match press {
        Some(press) => press,
        none => none.insert(Press::new(lanes)?),
    };
    Ok(Box::new(RowFile::new(press.file(path)?, shape.format, table)?))
}

/// Makes one file again, compressed where its name says so.
///
/// # Errors
/// Where the file exists or cannot be made.
pub fn create_like(format: Format, path: &Path, table: &Table) -> Result<Box<dyn Writer>> {
    let gzip = path.extension().is_some_and(|ending| ending == "gz");
    create(Shape { format, gzip, parts: None, part_bytes: u64::MAX }, path, table, &mut None, 1)
}

/// Deals rows to lanes in turn, in blocks that grow with the rows dealt: few rows are dealt one by one, so that the
/// parts of a small table are equal too; of a large one no part is ahead by more than the 64th of its rows. Each round
/// begins with another lane, so that rows which are longer at regular places do not all meet in one part. Which row
/// goes where depends on its place alone, not on the batches it came in.
#[derive(Debug)]
struct Deal {
    lanes: usize,
    dealt: usize,
    /// Lanes that had their turn in this round.
    turn: usize,
    /// The lane this round began with.
    first: usize,
    /// Rows the lane still takes.
    left: usize,
    block: usize,
}

impl Deal {
    const fn new(lanes: usize) -> Self {
        Self { lanes, dealt: 0, turn: 0, first: 0, left: 1, block: 1 }
    }

    /// Gives the lane of the next rows, and how many of those available go there; at least one.
    fn take(&mut self, available: usize) -> (usize, usize) {
        if self.left == 0 {
            self.turn += 1;
            if self.turn == self.lanes {
                self.turn = 0;
                self.first = scattered(self.dealt) % self.lanes;
                self.block = (self.dealt / (64 * self.lanes)).clamp(1, MOST_ROWS);
            }
            self.left = self.block;
        }
        let count = self.left.min(available);
        self.left -= count;
        self.dealt += count;
        ((self.first + self.turn) % self.lanes, count)
    }
}

/// Turns a count into a number without its regularity: the high bits of a product.
const fn scattered(count: usize) -> usize {
    ((count as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize
}

/// Gives where the first so many CSV records end: behind line ends outside quotes.
fn records_end(text: &[u8], records: usize) -> usize {
    let (mut open, mut left) = (false, records);
    for at in memchr::memchr2_iter(b'\n', b'"', text) {
        if text.get(at) == Some(&b'"') {
            open = !open;
        } else if !open {
            left -= 1;
            if left == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::io::stores::folder::parts;
    use crate::io::stores::testing::TestFolder;
    use crate::io::target::fixtures::{products, rows, texts};

    fn made(shape: Shape, folder: &TestFolder, sizes: &[usize]) -> (Vec<PathBuf>, Vec<String>) {
        let table = products();
        let mut making = Making::new(shape, folder.path().to_owned());
        let (mut all, mut next) = (Vec::new(), 0_i64);
        for size in sizes {
            let last = next + i64::try_from(*size).unwrap();
            let batch = rows(&(next..last).map(|n| (n, Some(n % 900))).collect::<Vec<_>>());
            next = last;
            making.write(&table, &batch).unwrap();
            all.extend(texts(&batch));
        }
        assert_eq!(making.end(&table, true).unwrap(), all.len() as u64);
        all.sort();
        (making.paths().to_vec(), all)
    }

    fn held(format: Format, paths: &[PathBuf]) -> (Vec<u64>, Vec<String>) {
        let table = products();
        let columns: Vec<usize> = (0..table.columns.len()).collect();
        let mut found = Vec::new();
        for path in paths {
            parts::read(format, path, &table, &columns, &mut |batch| {
                found.extend(texts(batch));
                Ok(())
            })
            .unwrap();
        }
        found.sort();
        (paths.iter().map(|path| parts::count(format, path).unwrap()).collect(), found)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn parts_are_equal_and_hold_all_rows(
            count in 1_u32..9,
            sizes in proptest::collection::vec(0_usize..150, 0..6),
            kind in 0..4,
        ) {
            let folder = TestFolder::new();
            let format = [Format::Csv, Format::Csv, Format::Ndjson, Format::Parquet][kind as usize];
            let shape = Shape::new(format, Some(count), kind == 1, 1).unwrap();
            let (paths, all) = made(shape, &folder, &sizes);
            prop_assert_eq!(paths.len(), (count as usize).min(all.len()).max(1));
            let (counts, found) = held(format, &paths);
            prop_assert_eq!(&found, &all);
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            prop_assert!(most - least <= 1 + all.len() as u64 / (64 * u64::from(count)), "{:?}", counts);
        }

        #[test]
        fn text_is_cut_between_records(
            count in 1_u32..7,
            cells in proptest::collection::vec("[a\"\n,é]{0,6}", 1..200),
            batch in 1_usize..70,
        ) {
            let folder = TestFolder::new();
            let mut table = products();
            table.columns.truncate(2);
            let record = |(n, cell): (usize, &String)| format!("{n},\"{}\"\n", cell.replace('"', "\"\""));
            let records: Vec<String> = cells.iter().enumerate().map(record).collect();
            let shape = Shape::new(Format::Csv, Some(count), true, 1).unwrap();
            let mut making = Making::new(shape, folder.path().to_owned());
            for records in records.chunks(batch) {
                making.write_text(&table, records.concat().as_bytes(), records.len()).unwrap();
            }
            prop_assert_eq!(making.end(&table, true).unwrap(), records.len() as u64);
            let mut found = Vec::new();
            for path in making.paths() {
                let mut text = String::new();
                let mut file = crate::io::stores::archive::open(path, std::sync::Arc::default()).unwrap();
                std::io::Read::read_to_string(&mut file, &mut text).unwrap();
                let mut rest = text.split_once('\n').unwrap().1;
                while !rest.is_empty() {
                    let (record, behind) = rest.split_at(records_end(rest.as_bytes(), 1));
                    found.push(record.to_owned());
                    rest = behind;
                }
            }
            found.sort();
            let mut all = records;
            all.sort();
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn many_rows_are_dealt_evenly_too() {
        for lanes in [1, 2, 3, 7] {
            let mut deal = Deal::new(lanes);
            let mut counts = vec![0; lanes];
            for available in (0..200_000).map(|n| 1 + n % 1000) {
                let (lane, count) = deal.take(available);
                counts[lane] += count;
            }
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(most - least <= MOST_ROWS && (most - least) * 64 <= *most, "{counts:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_made_is_an_error() {
        let folder = TestFolder::new();
        let table = products();
        let shape = Shape::new(Format::Csv, Some(2), true, 1).unwrap();
        folder.file("part-0.csv.gz", b"");
        let mut making = Making::new(shape, folder.path().to_owned());
        assert!(making.write(&table, &rows(&[(1, None)])).is_err());
    }

    #[test]
    fn what_cannot_be_is_a_usage_error() {
        assert!(Shape::new(Format::Parquet, None, true, 1).is_err());
        assert!(Shape::new(Format::Csv, Some(0), false, 1).is_err());
        assert!(Shape::new(Format::Csv, Some(513), false, 1).is_err());
        assert_eq!(Shape::new(Format::Ndjson, Some(3), true, 1).unwrap().ending(), "ndjson.gz");
    }
}
