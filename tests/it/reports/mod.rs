//! Reports for machines: every form against its published schema or a strict reader.

mod baseline;
mod ci;
mod forms;
mod junit;
mod page;
mod prometheus;
mod wheel;

use std::process::Output;

use crate::support::{Folder, karat};

/// A contract whose rules fail, warn and pass; line 5 is where `columns:` of `people` stands.
pub const CONTRACT: &str = "\
karat: 1
name: club
tables:
  people:
    columns:
      id: {type: int64, required: true, unique: true}
      name: {type: string, required: true, max_length: 40}
      email: {type: string, format: email}
      secret: {type: string, pattern: \"[a-z]+\", pii: true}
    rules:
      - {id: short-name, max_length: 20, column: name, severity: warning, description: \"Names are printed on labels.\"}
      - {row_count: {minimum: 100}}
";

/// Values that try to run, to hide and to break out, in a file that is broken in several ways.
pub const PEOPLE: &str = "id,name,email,secret\r\n\
1,\"<img src=x onerror=window.pwned=1>\",a@x.io,abc\r\n\
1,\"</script><script>window.pwned=2</script>\",nope,HUSH1\r\n\
x,\"\u{202e}evil\u{7}\",\"javascript:alert(1)\",HUSH2\r\n\
4,{{7*7}}{% raw %} and so on,@team|x::error::,HUSH3\r\n\
5,\"multi\r\nline, äö ]]>\",\"<!--\",\"HUSH4\"\r\n\
6,a long but lawful name of 30,b@x.io,abc\r\n\
,,\"=cmd|calc\",HUSH5\r\n\
7,too,many,fields,here\r\n";

/// A folder with the contract in `rules/club.yaml` and the data in `data/people.csv`.
pub fn club() -> Folder {
    let folder = Folder::new();
    folder.write("rules/club.yaml", CONTRACT);
    folder.write("data/people.csv", PEOPLE);
    folder
}

/// Runs a check of the club with further arguments; it fails its gate.
pub fn check(folder: &Folder, more: &[&str]) -> Output {
    let base = ["check", "data/people.csv", "-c", "rules/club.yaml"];
    let output = karat(folder.path(), &[&base[..], more].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    output
}
