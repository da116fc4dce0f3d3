//! What must hold when things go wrong. Each test carries the number of its line in the list of reliability tests that
//! `docs/reliability.md` shows; a number with several tests is covered by them together.

mod contracts;
mod crash;
mod disk;
mod formats;
mod inputs;
mod people;
mod servers;
mod values;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::Folder;

/// The first load of the shop: ten rows, all of them good.
pub const FIRST: &str =
    "sku,price\nA0,1.00\nA1,2.00\nA2,3.00\nA3,4.00\nA4,5.00\nA5,6.00\nA6,7.00\nA7,8.00\nA8,9.00\nA9,10.00\n";

/// The contract of the shop.
pub const SHOP: &str = "karat: 1
name: shop
tables:
  products:
    primary_key: [sku]
    columns:
      sku: {type: string}
      price: {type: \"decimal(8,2)\", required: true, minimum: 0}
";

/// The second load: A5 and later anew, every tenth row bad. 1,000 records, 100 of them rejects.
pub fn second() -> String {
    let rows = (0..1000).map(|row| {
        let sign = if row % 10 == 3 { "-" } else { "" };
        format!("A{},{sign}{row}.50\n", row + 5)
    });
    format!("sku,price\n{}", rows.collect::<String>())
}

/// A folder with the contract and both files.
pub fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    folder.write("first.csv", FIRST);
    folder.write("second.csv", second());
    folder
}

/// Runs a command line of the program, split at spaces, and gives its exit code and what it said.
pub fn run(folder: &Folder, line: &str) -> (i32, String) {
    let words: Vec<&str> = line.split(' ').collect();
    said(&crate::support::karat(folder.path(), &words))
}

/// Gives the exit code (a signal as 128 and its number) and both streams.
pub fn said(output: &Output) -> (i32, String) {
    use std::os::unix::process::ExitStatusExt as _;
    let code = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (code.expect("a process ends"), String::from_utf8_lossy(&text).into_owned())
}

/// Runs the program under `strace`, which plays the operating system that fails: `faults` are its `inject` expressions
/// (`write:error=ENOSPC:when=3`), counted for each thread.
pub fn with_faults(folder: &Folder, faults: &[&str], line: &str) -> (i32, String) {
    let injected: Vec<String> = faults.iter().map(|fault| format!("inject={fault}")).collect();
    let mut options = vec!["-o", "/dev/null"];
    for fault in &injected {
        options.extend(["-e", fault]);
    }
    said(&traced(folder, &options).args(line.split(' ')).output().unwrap())
}

/// The program under `strace`, its arguments still to come.
pub fn traced(folder: &Folder, options: &[&str]) -> Command {
    let mut command = Command::new(strace());
    command.args(["-f", "-qq", "-e", "signal=none"]).args(options).arg(env!("CARGO_BIN_EXE_karat"));
    command.current_dir(folder.path()).env("COLUMNS", "80").stdin(Stdio::null());
    command
}

/// Gives the path of `strace`, installing it where it is missing.
fn strace() -> &'static str {
    static FOUND: OnceLock<&'static str> = OnceLock::new();
    FOUND.get_or_init(|| {
        let works = || Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
        crate::servers::install(&["strace"], works);
        "strace"
    })
}

/// The rows of a table in a text folder target, sorted, without headers.
pub fn rows_of_folder(folder: &Path) -> Vec<String> {
    let mut rows = Vec::new();
    let Ok(parts) = fs::read_dir(folder) else { return rows };
    for part in parts {
        let path = part.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let skipped = usize::from(path.extension().is_some_and(|ending| ending == "csv"));
        assert!(text.ends_with('\n'), "{} is cut", path.display());
        rows.extend(text.lines().skip(skipped).map(str::to_owned));
    }
    rows.sort();
    rows
}

/// The reasons that a run left for a table, in order.
pub fn reasons(folder: &Path, table: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("{table}.reasons.ndjson"))).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The names in a folder, sorted, hidden ones with them.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
