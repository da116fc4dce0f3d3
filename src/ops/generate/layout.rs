//! Layout: which files a table is written to, by the path of its source.
//!
//! | path of the source | files |
//! |---|---|
//! | none | `<table>.csv` (the ending by the format) |
//! | `in/products.csv` | the same |
//! | `in/products-*.csv` | `in/products-1.csv`, with `--files 12` to `in/products-12.csv`, zeros before the number |
//! | `sales/d=*/sales.json` and rows by day | one file a day: `sales/d=2026-01-31/sales.json` |
//! | `y=*/m=*/d=*/a.csv`, keys called year, month, day | `y=2026/m=01/d=31/a.csv` |
//! | `sales/country=*/sales.csv` otherwise | one file a value of the column |

use std::fmt::Write as _;
use std::ops::Range;

use crate::generate::faults::PlannedFile;
use crate::io::stores::pack::Packing;
use crate::model::literal::{civil_from_days, date_text};
use crate::model::temporal::Pattern;
use crate::model::{Error, Format, Result, Table};

/// The endings that name a format, and may be changed for another's.
const ENDINGS: &[&str] = &["csv", "tsv", "tbl", "txt", "json", "jsonl", "ndjson", "parquet"];
/// Stands for the value of a column in a path that has one file a value.
pub const VALUE: &str = "\u{0}";

/// What the command line says about files.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub format: Format,
    pub packing: Packing,
    /// Files a table, at least 1; tables in folders have one a folder.
    pub files: u64,
}

/// The files of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub files: Vec<PlannedFile>,
    /// The column whose value names a file's folder, where it is not the day; the one path then holds [`VALUE`].
    pub by: Option<usize>,
    /// Columns that stand in the path, not in the records.
    pub omit: Vec<String>,
}

/// Lays a table out.
///
/// # Errors
/// Where the source's path leads out of the folder, or has a folder for something no column says.
pub fn lay_out(table: &Table, rows: u64, days: &[(i32, Range<u64>)], shape: Shape) -> Result<Layout> {
    let pieces = pieces(table)?;
    let keys: Vec<&str> = pieces.iter().filter_map(|piece| piece.key.as_deref()).collect();
    let omit: Vec<String> =
        keys.iter().filter(|key| table.column_index(key).is_some()).map(|key| (*key).to_owned()).collect();
    let whole = |path: String, range: Range<u64>| PlannedFile { path, rows: vec![range] };
    if keys.is_empty() {
        let name = |number: u64| path(table, &pieces, shape, Some((number, shape.files)), &|_| Ok(String::new()));
        let mut files = Vec::new();
        for number in 0..shape.files {
            let cut = |number: u64| share(rows, number, shape.files);
            files.push(whole(name(number)?, cut(number)..cut(number + 1)));
        }
        return Ok(Layout { files, by: None, omit });
    }
    if shape.files > 1 {
        let message = format!("table {} is kept in folders, one file each; --files does not apply to it", table.name);
        return Err(Error::usage(message).hint("leave --files away, or name the other tables with --tables"));
    }
    if days.is_empty() {
        let [key] = keys[..] else {
            return Err(unknown_folder(table, &keys.join(", ")));
        };
        let by = table.column_index(key).ok_or_else(|| unknown_folder(table, key))?;
        let name = path(table, &pieces, shape, None, &|_| Ok(VALUE.to_owned()))?;
        return Ok(Layout { files: vec![whole(name, 0..rows)], by: Some(by), omit });
    }
    let mut files: Vec<PlannedFile> = Vec::new();
    for (day, range) in days {
        let name = path(table, &pieces, shape, None, &|key| day_text(table, key, *day))?;
        match files.last_mut() {
            Some(PlannedFile { path, rows }) if *path == name => match rows.last_mut() {
                Some(last) => last.end = range.end,
                None => rows.push(range.clone()),
            },
            _ => files.push(whole(name, range.clone())),
        }
    }
    Ok(Layout { files, by: None, omit })
}

/// Gives where the `number`-th of `parts` equal shares of something starts.
#[must_use]
pub fn share(rows: u64, number: u64, parts: u64) -> u64 {
    let at = u128::from(rows) * u128::from(number) / u128::from(parts.max(1));
    u64::try_from(at).unwrap_or(rows)
}

/// Writes a value as part of a path, `%2F` for `/`; NULL as Hive does.
#[must_use]
pub fn folder_text(value: Option<&str>) -> String {
    let Some(value) = value else { return "__HIVE_DEFAULT_PARTITION__".to_owned() };
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_control() || matches!(character, '/' | '\\' | '%' | '*' | '?' | '[' | '=' | ':') {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(character);
        }
    }
    text
}

/// A folder or the file's name.
struct Piece {
    text: String,
    /// Of a folder `key=*`.
    key: Option<String>,
}

fn pieces(table: &Table) -> Result<Vec<Piece>> {
    let Some(path) = &table.source.path else {
        let text = format!("{}.{}", table.name, table.source.format.name());
        return Ok(vec![Piece { text, key: None }]);
    };
    let mut pieces = Vec::new();
    for text in path.split('/').filter(|text| !matches!(*text, "" | "." | "**")) {
        if text == ".." || path.starts_with('/') {
            let message = format!("the path `{path}` of table {} leads out of the data folder", table.name);
            return Err(Error::usage(message).hint("write the path of the source relative to the folder of the data"));
        }
        let key = text.split_once('=').filter(|(key, value)| !key.is_empty() && is_pattern(value));
        pieces.push(Piece { text: text.to_owned(), key: key.map(|(key, _)| key.to_owned()) });
    }
    Ok(pieces)
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn path(
    table: &Table,
    pieces: &[Piece],
    shape: Shape,
    number: Option<(u64, u64)>,
    value: &dyn Fn(&str) -> Result<String>,
) -> Result<String> {
    let mut path = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let text = match &piece.key {
            Some(key) => format!("{key}={}", value(key)?),
            None if index + 1 == pieces.len() => file_name(table, &piece.text, shape, number),
            None => filled(&piece.text, "1"),
        };
        if index > 0 {
            path.push('/');
        }
        path.push_str(&text);
    }
    Ok(path)
}

fn file_name(table: &Table, text: &str, shape: Shape, number: Option<(u64, u64)>) -> String {
    let (number, files) = number.unwrap_or((0, 1));
    let width = files.to_string().len();
    let number = format!("{:0width$}", number + 1);
    let mut name = if is_pattern(text) {
        filled(text, &number)
    } else if files > 1 {
        match text.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => format!("{stem}-{number}.{ending}"),
            _ => format!("{text}-{number}"),
        }
    } else {
        text.to_owned()
    };
    for packed in [".gz", ".zst", ".bz2"] {
        name = name.strip_suffix(packed).unwrap_or(&name).to_owned();
    }
    if shape.format != table.source.format {
        if let Some((stem, ending)) = name.rsplit_once('.')
            && ENDINGS.contains(&ending)
        {
            name = stem.to_owned();
        }
        name = format!("{name}.{}", shape.format.name());
    }
    if shape.format != Format::Parquet {
        name.push_str(shape.packing.ending());
    }
    name
}

/// Puts text in place of the first star of a pattern of file names, and the least that fits in place of the rest.
fn filled(pattern: &str, text: &str) -> String {
    let mut out = String::new();
    let mut characters = pattern.chars();
    let mut text = Some(text);
    while let Some(character) = characters.next() {
        match character {
            '*' => out.push_str(text.take().unwrap_or_default()),
            '?' => out.push('1'),
            '[' => {
                let class: String = characters.by_ref().take_while(|character| *character != ']').collect();
                out.push(class.chars().next().filter(|first| *first != '!').unwrap_or('1'));
            }
            plain => out.push(plain),
        }
    }
    out
}

fn day_text(table: &Table, key: &str, day: i32) -> Result<String> {
    let (year, month, of_month) = civil_from_days(day);
    let Some(column) = table.column_index(key).and_then(|index| table.columns.get(index)) else {
        return Ok(date_text(day));
    };
    if column.data_type.is_temporal() {
        let format = column.format.as_deref().and_then(|format| Pattern::new(format).ok());
        let Some(pattern) = format else { return Ok(date_text(day)) };
        let mut text = Vec::new();
        pattern.write(i64::from(day) * 86_400_000_000, &mut text);
        return Ok(folder_text(Some(&String::from_utf8_lossy(&text))));
    }
    Ok(match key.to_ascii_lowercase().as_str() {
        "y" | "year" => year.to_string(),
        "m" | "month" => format!("{month:02}"),
        "d" | "day" if column.data_type.is_integer() => format!("{of_month:02}"),
        _ if column.data_type == crate::model::DataType::String => date_text(day),
        _ => return Err(unknown_folder(table, key)),
    })
}

fn unknown_folder(table: &Table, key: &str) -> Error {
    let path = table.source.path.as_deref().unwrap_or_default();
    Error::usage(format!("nothing says what the folders `{key}=*` in the path `{path}` of table {} hold", table.name))
        .hint(format!("add a column `{key}`, or `generate: {{day: …}}` to the table where they are days"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    fn table(source: &str, columns: &str) -> Table {
        let text = format!("karat: 1\nname: x\ntables:\n  t:\n    source: {source}\n    columns: {columns}\n");
        match contract::read(&text) {
            Ok(contract) => contract.tables.into_iter().next().unwrap(),
            Err(complaints) => panic!("{}", contract::diagnose::render("t", &text, &complaints, false)),
        }
    }

    fn paths(table: &Table, days: &[(i32, Range<u64>)], shape: Shape) -> Vec<(String, Vec<Range<u64>>)> {
        let layout = lay_out(table, 10, days, shape).unwrap_or_else(|error| panic!("{error}"));
        layout.files.into_iter().map(|file| (file.path, file.rows)).collect()
    }

    const CSV: Shape = Shape { format: Format::Csv, packing: Packing::None, files: 1 };

    #[test]
    fn paths_follow_the_source() {
        let plain = table("{}", "{a: int64}");
        assert_eq!(paths(&plain, &[], CSV), [("t.csv".to_owned(), vec![0..10])]);
        let packed = Shape { packing: Packing::Gzip, format: Format::Ndjson, files: 1 };
        assert_eq!(paths(&plain, &[], packed)[0].0, "t.ndjson.gz");
        let named = table("{path: ./in/x.tbl}", "{a: int64}");
        assert_eq!(paths(&named, &[], CSV)[0].0, "in/x.tbl");
        assert_eq!(paths(&named, &[], Shape { format: Format::Parquet, ..packed })[0].0, "in/x.parquet");
        for outside in ["../x.csv", "a/../x.csv", "/data/x.csv"] {
            assert!(lay_out(&table(&format!("{{path: {outside}}}"), "{a: int64}"), 1, &[], CSV).is_err());
        }
    }

    #[test]
    fn several_files_share_the_rows() {
        let three = Shape { files: 3, ..CSV };
        let ranges = [vec![0..3], vec![3..6], vec![6..10]];
        let names = |stem: &str| (1..=3).map(|n| format!("{stem}{n}.csv")).collect::<Vec<_>>();
        for (source, stem) in [("{}", "t-"), ("{path: \"in/part-*.csv\"}", "in/part-")] {
            let found = paths(&table(source, "{a: int64}"), &[], three);
            let want: Vec<_> = names(stem).into_iter().zip(ranges.clone()).collect();
            assert_eq!(found, want);
        }
    }

    #[test]
    fn days_have_folders() {
        let days = [(0, 0..4), (1, 4..10)];
        let sales = table("{format: ndjson, path: \"s/d=*/s.json\"}", "{a: int64, d: date}");
        let shape = Shape { format: Format::Ndjson, ..CSV };
        let want =
            [("s/d=1970-01-01/s.json".to_owned(), vec![0..4]), ("s/d=1970-01-02/s.json".to_owned(), vec![4..10])];
        assert_eq!(paths(&sales, &days, shape), want);
        assert_eq!(lay_out(&sales, 10, &days, shape).unwrap().omit, ["d"]);
        let months = table("{path: \"y=*/m=*/s.csv\"}", "{a: int64, y: int32, m: int32}");
        assert_eq!(paths(&months, &days, CSV), [("y=1970/m=01/s.csv".to_owned(), vec![0..10])]);
        assert!(lay_out(&sales, 10, &days, Shape { files: 2, ..shape }).is_err());
    }

    #[test]
    fn other_folders_hold_the_values_of_a_column() {
        let sales = table("{path: \"c=*/s.csv\"}", "{a: int64, c: string}");
        let layout = lay_out(&sales, 10, &[], CSV).unwrap();
        assert_eq!((layout.files[0].path.as_str(), layout.by), ("c=\u{0}/s.csv", Some(1)));
        assert!(lay_out(&table("{path: \"z=*/s.csv\"}", "{a: int64}"), 10, &[], CSV).is_err());
        assert_eq!(folder_text(Some("a/b 100%")), "a%2Fb 100%25");
        assert_eq!(folder_text(None), "__HIVE_DEFAULT_PARTITION__");
    }
}
