//! Runs that end before their end: killed, told to stop, or beside another run.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::reliability::{names, rows_of_folder, run, said, shop, traced, with_faults};
use crate::support::Folder;

/// What a load of the second file says, whatever the target.
const SECOND: &str = "load second.csv -c c.yaml --mode upsert --threads 2 --overwrite-rejects --to";

/// A kind of target, and how its rows are read without karat.
struct Target {
    to: &'static str,
    rows: fn(&Folder) -> Vec<String>,
}

const TARGETS: &[Target] = &[
    Target { to: "csv:out", rows: |folder| rows_of_folder(&folder.join("out/products")) },
    Target { to: "ndjson:out", rows: |folder| rows_of_folder(&folder.join("out/products")) },
    #[cfg(feature = "duckdb")]
    Target { to: "out.duckdb", rows: rows_of_duckdb },
];

#[cfg(feature = "duckdb")]
fn rows_of_duckdb(folder: &Folder) -> Vec<String> {
    let connection = ::duckdb::Connection::open(folder.join("out.duckdb")).unwrap();
    let mut statement = connection.prepare("SELECT sku || ',' || price::VARCHAR FROM products ORDER BY ALL").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What stands in a target before, and after a load that nothing disturbs.
struct Expected {
    before: Folder,
    old: Vec<String>,
    new: Vec<String>,
    rejects: Vec<u8>,
    /// System calls of the main thread.
    calls: Vec<(String, usize)>,
}

/// A shop whose target holds the first file.
fn begun(to: &str) -> Folder {
    let folder = shop();
    let (code, text) = run(&folder, &format!("load first.csv -c c.yaml --to {to}"));
    assert_eq!(code, 0, "{text}");
    folder
}

/// Copies a folder and all below it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

impl Target {
    fn expected(&self) -> Expected {
        let before = begun(self.to);
        let folder = Folder::new();
        copy(before.path(), folder.path());
        let old = (self.rows)(&folder);
        let (code, text) = run(&folder, &format!("{SECOND} {}", self.to));
        assert_eq!(code, 1, "{text}");
        let new = (self.rows)(&folder);
        // A8 comes again with a bad price, so the old row stays.
        assert_eq!((old.len(), new.len()), (10, 906), "{}", self.to);
        let rejects = folder.read("rejects/products.rejects.csv");
        let calls = self.calls(&before);
        Expected { before, old, new, rejects, calls }
    }

    /// Lists the system calls of the main thread of a load: each with how often it was made until then.
    fn calls(&self, before: &Folder) -> Vec<(String, usize)> {
        let folder = Folder::new();
        copy(before.path(), folder.path());
        let trace = folder.join("trace");
        let mut command = traced(&folder, &["-o", trace.to_str().unwrap()]);
        let (code, text) = said(&command.args(format!("{SECOND} {}", self.to).split(' ')).output().unwrap());
        assert_eq!(code, 1, "{text}");
        let text = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
        let mut calls: Vec<(String, usize)> = Vec::new();
        let mut main = None;
        for line in text.lines() {
            // `1234  write(3, ...`; a call that went on while others ran stands there twice, the second time resumed.
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let Some((name, _)) = call.trim_start().split_once('(') else { continue };
            let is_call = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if is_call && *main.get_or_insert(thread) == thread {
                let made = calls.iter().filter(|(other, _)| other == name).count();
                calls.push((name.to_owned(), made + 1));
            }
        }
        calls
    }

    /// Disturbs one load, then looks: the old state or the whole load, no half file under a last name, and a second
    /// try that comes to the same end. Gives the exit code of the disturbed load, and whether it had come to its end.
    fn disturbed(&self, expected: &Expected, faults: &[&str]) -> (i32, bool) {
        let folder = Folder::new();
        copy(expected.before.path(), folder.path());
        let (code, text) = with_faults(&folder, faults, &format!("{SECOND} {}", self.to));
        let rows = (self.rows)(&folder);
        let whole = rows == expected.new;
        assert!(whole || rows == expected.old, "{} {faults:?}: {} rows\n{text}", self.to, rows.len());
        assert!(!text.contains("panicked"), "{text}");
        if let Ok(rejects) = fs::read(folder.join("rejects/products.rejects.csv")) {
            assert!(rejects == expected.rejects, "{} {faults:?}: half a reject file", self.to);
        }
        if matches!(code, 0 | 1) {
            assert!(whole, "{} {faults:?}: exit code {code}, and nothing was loaded\n{text}", self.to);
        }
        let (again, text) = run(&folder, &format!("{SECOND} {}", self.to));
        assert_eq!(again, i32::from(!whole), "{} {faults:?}\n{text}", self.to);
        assert_eq!((self.rows)(&folder), expected.new, "{} {faults:?}", self.to);
        let target = self.to.rsplit(':').next().unwrap();
        let mut wanted = vec!["c.yaml", "first.csv", target, "rejects", "second.csv"];
        wanted.sort_unstable();
        assert_eq!(names(folder.path()), wanted, "{} {faults:?}", self.to);
        (code, whole)
    }
}

/// A small generator, so that the same points are tried each time (Steele et al., `SplitMix64`).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn r01_killed_at_two_hundred_points() {
    let (mut killed, mut whole) = (0, 0);
    for target in TARGETS {
        let expected = target.expected();
        let tries = 200_u64.div_ceil(TARGETS.len() as u64);
        for seed in 0..tries {
            let (call, at) = &expected.calls[usize::try_from(mix(seed) % expected.calls.len() as u64).unwrap()];
            let (code, came_through) = target.disturbed(&expected, &[&format!("{call}:signal=SIGKILL:when={at}")]);
            killed += u32::from(code == 137);
            whole += u32::from(came_through);
        }
    }
    assert!(killed >= 190, "only {killed} loads were killed");
    assert!(whole > 0, "no load was killed late");
}

#[test]
fn r02_killed_at_every_change_of_the_disk() {
    const CALLS: &[&str] = &[
        "write,pwrite64,writev,pwritev",
        "fsync,fdatasync",
        "rename,renameat,renameat2,link,linkat",
        "unlink,unlinkat,rmdir,mkdir,mkdirat,ftruncate",
    ];
    for target in TARGETS {
        let expected = target.expected();
        for calls in CALLS {
            let mut points = 0;
            for at in 1.. {
                let (code, _) = target.disturbed(&expected, &[&format!("{calls}:signal=SIGKILL:when={at}")]);
                if code != 137 {
                    break;
                }
                points += 1;
                assert!(points < 500, "{}: {calls} without end", target.to);
            }
            assert!(points > 0, "{}: no load was killed at {calls}", target.to);
        }
    }
}

#[test]
fn r03_signals_stop_a_load_in_order() {
    for target in TARGETS {
        let expected = target.expected();
        for (signal, code) in [("SIGINT", 130), ("SIGTERM", 143)] {
            for at in [3, 12, 20] {
                let (ended, whole) = target.disturbed(&expected, &[&format!("read,pread64:signal={signal}:when={at}")]);
                assert!(ended == code || whole, "{}: {signal} at read {at} gave {ended}", target.to);
            }
        }
    }
}

#[test]
fn r03_a_closed_pipe_is_no_error_of_the_load() {
    let folder = shop();
    let mut child = Command::new(env!("CARGO_BIN_EXE_karat"))
        .args("load second.csv -c c.yaml --to csv:out --report json=-".split(' '))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 900);
}

#[test]
fn r10_one_of_two_runs_on_a_target_is_refused() {
    for target in TARGETS {
        let folder = begun(target.to);
        // The first run waits for its input, so it holds the target as long as the test wants.
        let mut first = Command::new(env!("CARGO_BIN_EXE_karat"))
            .args(format!("load products=- -c c.yaml --to {} --rejects r1", target.to).split(' '))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut pipe = first.stdin.take().unwrap();
        pipe.write_all(b"sku,price\nB1,1\n").unwrap();
        let (code, text) = run(&folder, &format!("load second.csv -c c.yaml --to {} --rejects r2", target.to));
        if code == 3 {
            assert!(text.contains("another") || text.contains("lock"), "{}: {text}", target.to);
        } else {
            // Standard input is spooled before the target is opened: then there was no conflict yet.
            assert_eq!(code, 1, "{}: {text}", target.to);
        }
        first.kill().unwrap();
        first.wait().unwrap();
        drop(pipe);
        // A killed run leaves no lock behind.
        let (code, text) =
            run(&folder, &format!("load second.csv -c c.yaml --to {} --rejects r3 --mode upsert", target.to));
        assert!(code == 1 || (code == 0 && text.contains("before")), "{}: {code}\n{text}", target.to);
        assert!((target.rows)(&folder).len() >= 900, "{}", target.to);
    }
}
