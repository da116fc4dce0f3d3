//! The load history of a target as text: a line a load, and one below it for each of its tables.

use std::fmt::Write;

use crate::model::words::{counted, thousands};
use crate::model::{PastFile, PastLoad};
use crate::render::text::clean;

/// Writes the history, oldest load first.
#[must_use]
pub fn text(loads: &[PastLoad]) -> String {
    if loads.is_empty() {
        return "no load yet\n".to_owned();
    }
    let mut out = String::new();
    for load in loads {
        let moment = load.loaded_at.replacen('T', " ", 1);
        let undone = load.undone_at.as_ref().map_or_else(String::new, |at| format!(" {}", at.replacen('T', " ", 1)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}  {}  {}  {}{undone}  {}",
            clean(&load.load_id),
            clean(&moment),
            clean(&load.mode),
            load.outcome(),
            clean(&load.contract)
        );
        for (table, files) in by_table(&load.files) {
            let sum = |number: fn(&PastFile) -> u64| thousands(files.iter().map(|file| number(file)).sum());
            let replaced = files.iter().find_map(|file| file.replaced_by.as_ref()).filter(|_| load.undone_at.is_none());
            let replaced = replaced.map_or_else(String::new, |by| format!("; replaced by {}", clean(by)));
            let _ = writeln!(
                out,
                "  {}: {}, {} read, {} loaded, {} rejected{replaced}",
                clean(table),
                counted(files.len() as u64, "file"),
                sum(|file| file.file.records),
                sum(|file| file.file.clean),
                sum(|file| file.file.rejected)
            );
        }
    }
    out
}

fn by_table(files: &[PastFile]) -> Vec<(&str, Vec<&PastFile>)> {
    let mut tables: Vec<(&str, Vec<&PastFile>)> = Vec::new();
    for file in files {
        match tables.iter_mut().find(|(table, _)| *table == file.file.table) {
            Some((_, files)) => files.push(file),
            None => tables.push((&file.file.table, vec![file])),
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LoadedFile;

    #[test]
    fn loads_tell_what_became_of_them() {
        let file = |table: &str, replaced: Option<&str>| PastFile {
            file: LoadedFile {
                table: table.into(),
                records: 1200,
                clean: 1100,
                rejected: 100,
                ..LoadedFile::default()
            },
            replaced_by: replaced.map(str::to_owned),
        };
        let load = |id: &str, files: Vec<PastFile>| PastLoad {
            load_id: id.into(),
            loaded_at: "2026-01-01T00:00:00Z".into(),
            mode: "append".into(),
            contract: "shop".into(),
            files,
            ..PastLoad::default()
        };
        let mut undone = load("three", vec![file("a", Some("undo of three"))]);
        undone.undone_at = Some("2026-01-02T00:00:00Z".into());
        let loads =
            [load("one", vec![file("a", Some("two")), file("b", None), file("b", None)]), load("two", vec![]), undone];
        assert_eq!(
            text(&loads),
            "one  2026-01-01 00:00:00Z  append  partly replaced  shop\n\
             \x20 a: 1 file, 1,200 read, 1,100 loaded, 100 rejected; replaced by two\n\
             \x20 b: 2 files, 2,400 read, 2,200 loaded, 200 rejected\n\
             two  2026-01-01 00:00:00Z  append  loaded  shop\n\
             three  2026-01-01 00:00:00Z  append  undone 2026-01-02 00:00:00Z  shop\n\
             \x20 a: 1 file, 1,200 read, 1,100 loaded, 100 rejected\n"
        );
        assert_eq!(text(&[]), "no load yet\n");
    }
}
