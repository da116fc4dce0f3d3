//! Sheets and chunks: every file to be written, cut into ranges of rows that are made on their own.

use std::ops::Range;

use crate::generate::faults::PlannedFile;
use crate::io::stores::pack::Packing;
use crate::model::manifest::Entry;
use crate::model::{Encoding, Format};
use crate::ops::generate::layout::share;

/// A file to be written, or the part of one that this run writes.
#[derive(Debug)]
pub struct Sheet {
    /// Place among the works of the run.
    pub work: usize,
    pub path: String,
    /// Rows this run writes.
    pub rows: Vec<Range<u64>>,
    /// The rows of the whole file: the first and one past the last.
    pub whole: Range<u64>,
    /// The file's first byte is written by this run, and its last.
    pub first: bool,
    pub last: bool,
    /// Stands before the first record, and behind the last.
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
    /// So many bytes are cut off the end.
    pub cut: u64,
    pub encoding: Encoding,
    /// What was done to the file as a whole.
    pub entries: Vec<Entry>,
}

/// A piece of a sheet that one worker makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub sheet: usize,
    pub rows: Range<u64>,
    /// It holds the sheet's first or last byte.
    pub opens: bool,
    pub closes: bool,
}

/// `--part k/n`: the k-th of n parts, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub number: u64,
    pub of: u64,
}

impl Part {
    /// Gives the rows of the part among so many; parts of compressed files begin where chunks do.
    fn rows(self, rows: u64, step: u64) -> Range<u64> {
        let border = |number: u64| {
            let at = share(rows, number, self.of);
            if number >= self.of { rows } else { at - at % step.max(1) }
        };
        border(self.number - 1)..border(self.number)
    }

    /// Names the part of a file: `products.part-2-of-4.csv`, numbers of equal width.
    #[must_use]
    pub fn name(self, path: &str) -> String {
        let width = self.of.to_string().len();
        let mark = format!("part-{:0width$}-of-{}", self.number, self.of);
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
        let slash = if folder.is_empty() { "" } else { "/" };
        match name.split_once('.') {
            Some((stem, ending)) if !stem.is_empty() => format!("{folder}{slash}{stem}.{mark}.{ending}"),
            _ => format!("{folder}{slash}{name}.{mark}"),
        }
    }
}

/// Chooses what a part writes: of a table with one file a range of its rows, of one with several whole files.
#[must_use]
pub fn select(files: Vec<PlannedFile>, part: Option<Part>, chunk: u64, packing: Packing, format: Format) -> Vec<Sheet> {
    let sheet = |file: PlannedFile| {
        let whole = file.rows.iter().map(|rows| rows.start).min().unwrap_or(0)
            ..file.rows.iter().map(|rows| rows.end).max().unwrap_or(0);
        Sheet {
            work: 0,
            path: file.path,
            rows: file.rows,
            whole,
            first: true,
            last: true,
            head: Vec::new(),
            tail: Vec::new(),
            cut: 0,
            encoding: Encoding::Utf8,
            entries: Vec::new(),
        }
    };
    let Some(part) = part else { return files.into_iter().map(sheet).collect() };
    if files.len() == 1 {
        let mut sheets: Vec<Sheet> = files.into_iter().map(sheet).collect();
        for sheet in &mut sheets {
            let total: u64 = sheet.rows.iter().map(|rows| rows.end - rows.start).sum();
            let step = if packing == Packing::None && format != Format::Parquet { 1 } else { chunk };
            let mine = part.rows(total, step);
            sheet.path = part.name(&sheet.path);
            if (packing == Packing::None && format != Format::Json) || total == 0 {
                sheet.first = part.number == 1;
                sheet.last = part.number == part.of;
            } else {
                // A member of the whole holds the header and rows, and the bracket of an array takes the place of a comma:
                // they stay together.
                sheet.first = mine.start == 0 && mine.end > 0;
                sheet.last = mine.end == total && mine.start < total;
            }
            if format == Format::Parquet {
                (sheet.first, sheet.last) = (true, true);
            }
            sheet.rows = within(&sheet.rows, &mine);
        }
        return sheets;
    }
    let count = files.len() as u64;
    let mine = share(count, part.number - 1, part.of)..share(count, part.number, part.of);
    let numbered = (0..).zip(files);
    numbered.filter(|(number, _)| mine.contains(number)).map(|(_, file)| sheet(file)).collect()
}

/// Gives the rows that stand at these places among those of the ranges.
fn within(ranges: &[Range<u64>], places: &Range<u64>) -> Vec<Range<u64>> {
    let mut before = 0;
    let mut found = Vec::new();
    for range in ranges {
        let length = range.end - range.start;
        let start = places.start.clamp(before, before + length) - before;
        let end = places.end.clamp(before, before + length) - before;
        if end > start {
            found.push(range.start + start..range.start + end);
        }
        before += length;
    }
    found
}

/// Cuts a sheet into chunks. Borders lie at multiples of the chunk's rows, counted over the whole table, so that a
/// chunk is the same whatever else is written. A sheet without rows is one chunk without rows.
pub fn chunks(index: usize, sheet: &Sheet, rows: u64) -> impl Iterator<Item = Chunk> + '_ {
    let rows = rows.max(1);
    let pieces = sheet.rows.iter().filter(|range| range.start < range.end).flat_map(move |range| {
        let mut start = range.start;
        std::iter::from_fn(move || {
            (start < range.end).then(|| {
                let end = (start - start % rows).saturating_add(rows).min(range.end);
                std::mem::replace(&mut start, end)..end
            })
        })
    });
    let at = sheet.rows.first().map_or(sheet.whole.start, |rows| rows.start);
    let mut pieces = pieces.peekable();
    let empty = pieces.peek().is_none().then_some(at..at);
    let mut pieces = pieces.chain(empty).peekable();
    let mut opens = sheet.first;
    std::iter::from_fn(move || {
        let rows = pieces.next()?;
        let closes = sheet.last && pieces.peek().is_none();
        Some(Chunk { sheet: index, rows, opens: std::mem::take(&mut opens), closes })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, rows: Range<u64>) -> PlannedFile {
        PlannedFile { path: path.to_owned(), rows: vec![rows] }
    }

    #[test]
    fn parts_of_one_file_are_its_rows_in_order() {
        for (of, packing) in [(1, Packing::None), (7, Packing::None), (64, Packing::Gzip)] {
            let (mut at, mut first, mut last) = (0, 0, 0);
            for number in 1..=of {
                let part = Some(Part { number, of });
                let sheets = select(vec![file("a.csv", 0..1000)], part, 16, packing, Format::Csv);
                assert!(!sheets[0].first || at == 0, "the header stands before the first row");
                first += u64::from(sheets[0].first);
                last += u64::from(sheets[0].last);
                for range in &sheets[0].rows {
                    assert_eq!(range.start, at);
                    at = range.end;
                }
            }
            assert_eq!((at, first, last), (1000, 1, 1));
        }
    }

    #[test]
    fn parts_of_many_files_are_whole_files() {
        let files: Vec<PlannedFile> =
            (0..10).map(|day| file(&format!("d={day}/a.csv"), day * 5..day * 5 + 5)).collect();
        let mut seen = Vec::new();
        for number in 1..=3 {
            let part = Some(Part { number, of: 3 });
            seen.extend(
                select(files.clone(), part, 16, Packing::None, Format::Csv).into_iter().map(|sheet| sheet.path),
            );
        }
        assert_eq!(seen, files.into_iter().map(|file| file.path).collect::<Vec<_>>());
    }

    #[test]
    fn chunks_begin_at_the_same_rows_in_every_part() {
        let mut sheet = select(vec![file("a.csv", 5..40)], None, 16, Packing::None, Format::Csv).remove(0);
        let rows: Vec<Range<u64>> = chunks(0, &sheet, 16).map(|chunk| chunk.rows).collect();
        assert_eq!(rows, [5..16, 16..32, 32..40]);
        sheet.rows.clear();
        let chunks: Vec<Chunk> = chunks(0, &sheet, 16).collect();
        assert_eq!((chunks.len(), chunks[0].opens, chunks[0].closes), (1, true, true), "an empty file is a file");
    }

    #[test]
    fn parts_have_names_that_sort() {
        assert_eq!(Part { number: 2, of: 12 }.name("in/a.csv.gz"), "in/a.part-02-of-12.csv.gz");
        assert_eq!(Part { number: 1, of: 2 }.name("a"), "a.part-1-of-2");
    }
}
