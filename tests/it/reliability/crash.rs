//! Runs that end before their end: killed, told to stop, or beside another run.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::reliability::servers::{MARIADB, POSTGRES};
use crate::reliability::{names, rows_of_folder, run, said, shop, traced, with_faults};
use crate::support::Folder;

/// What a load of the second file says, whatever the target.
const SECOND: &str = "load second.csv -c c.yaml --mode upsert --threads 2 --overwrite-rejects --to";

/// A shop with a target of its own.
pub struct Site {
    pub folder: Folder,
    /// Its database on a server; empty for targets in the folder.
    pub database: String,
}

/// A kind of target, and how its rows are read without karat.
pub struct Target {
    pub name: &'static str,
    pub to: fn(&Site) -> String,
    pub rows: fn(&Site) -> Vec<String>,
    /// Makes a database with the content of another; without one, an empty one.
    pub database: fn(Option<&str>) -> String,
    /// The target's own name in the folder.
    pub file: Option<&'static str>,
    /// Points at which a load is killed.
    pub points: u64,
}

const fn no_database(_: Option<&str>) -> String {
    String::new()
}

const TARGETS: &[Target] = &[
    Target {
        name: "csv",
        to: |_| "csv:out".to_owned(),
        rows: |site| rows_of_folder(&site.folder.join("out/products")),
        database: no_database,
        file: Some("out"),
        points: 67,
    },
    Target {
        name: "ndjson",
        to: |_| "ndjson:out".to_owned(),
        rows: |site| rows_of_folder(&site.folder.join("out/products")),
        database: no_database,
        file: Some("out"),
        points: 67,
    },
    #[cfg(feature = "duckdb")]
    Target {
        name: "duckdb",
        to: |_| "out.duckdb".to_owned(),
        rows: rows_of_duckdb,
        database: no_database,
        file: Some("out.duckdb"),
        points: 67,
    },
    POSTGRES,
    MARIADB,
];

#[cfg(feature = "duckdb")]
fn rows_of_duckdb(site: &Site) -> Vec<String> {
    let connection = ::duckdb::Connection::open(site.folder.join("out.duckdb")).unwrap();
    let mut statement = connection.prepare("SELECT sku || ',' || price::VARCHAR FROM products ORDER BY ALL").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What stands in a target before, and after a load that nothing disturbs.
struct Expected {
    before: Site,
    old: Vec<String>,
    new: Vec<String>,
    rejects: Vec<u8>,
    /// System calls of the main thread.
    calls: Vec<(String, usize)>,
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
    /// A shop whose target holds the first file.
    fn begun(&self) -> Site {
        let site = Site { folder: shop(), database: (self.database)(None) };
        let (code, text) = run(&site.folder, &format!("load first.csv -c c.yaml --to {}", (self.to)(&site)));
        assert_eq!(code, 0, "{text}");
        site
    }

    fn copy(&self, site: &Site) -> Site {
        let folder = Folder::new();
        copy(site.folder.path(), folder.path());
        Site { folder, database: (self.database)(Some(&site.database)) }
    }

    fn second(&self, site: &Site) -> String {
        format!("{SECOND} {}", (self.to)(site))
    }

    fn expected(&self) -> Expected {
        let before = self.begun();
        let site = self.copy(&before);
        let old = (self.rows)(&site);
        let (code, text) = run(&site.folder, &self.second(&site));
        assert_eq!(code, 1, "{text}");
        let new = (self.rows)(&site);
        // A8 comes again with a bad price, so the old row stays.
        assert_eq!((old.len(), new.len()), (10, 906), "{}", self.name);
        let rejects = site.folder.read("rejects/products.rejects.csv");
        let calls = self.calls(&before);
        Expected { before, old, new, rejects, calls }
    }

    /// Lists the system calls of the main thread of a load: each with how often it was made until then.
    fn calls(&self, before: &Site) -> Vec<(String, usize)> {
        let site = self.copy(before);
        let trace = site.folder.join("trace");
        let mut command = traced(&site.folder, &["-o", trace.to_str().unwrap()]);
        let (code, text) = said(&command.args(self.second(&site).split(' ')).output().unwrap());
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
        let site = self.copy(&expected.before);
        let (code, text) = with_faults(&site.folder, faults, &self.second(&site));
        let rows = (self.rows)(&site);
        let whole = rows == expected.new;
        assert!(whole || rows == expected.old, "{} {faults:?}: {} rows\n{text}", self.name, rows.len());
        assert!(!text.contains("panicked"), "{text}");
        if let Ok(rejects) = fs::read(site.folder.join("rejects/products.rejects.csv")) {
            assert!(rejects == expected.rejects, "{} {faults:?}: half a reject file", self.name);
        }
        if matches!(code, 0 | 1) {
            assert!(whole, "{} {faults:?}: exit code {code}, and nothing was loaded\n{text}", self.name);
        }
        let (again, text) = run(&site.folder, &self.second(&site));
        assert_eq!(again, i32::from(!whole), "{} {faults:?}\n{text}", self.name);
        assert_eq!((self.rows)(&site), expected.new, "{} {faults:?}", self.name);
        let mut wanted = vec!["c.yaml", "first.csv", "rejects", "second.csv"];
        wanted.extend(self.file);
        wanted.sort_unstable();
        assert_eq!(names(site.folder.path()), wanted, "{} {faults:?}", self.name);
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
fn r01_killed_at_three_hundred_points() {
    let (mut killed, mut whole) = (0, 0);
    for target in TARGETS {
        let expected = target.expected();
        let before = (killed, whole);
        for seed in 0..target.points {
            let (call, at) = &expected.calls[usize::try_from(mix(seed) % expected.calls.len() as u64).unwrap()];
            let (code, came_through) = target.disturbed(&expected, &[&format!("{call}:signal=SIGKILL:when={at}")]);
            killed += u32::from(code == 137);
            whole += u32::from(came_through);
        }
        let (killed, whole) = (killed - before.0, whole - before.1);
        println!("{}: {} points, {killed} killed, {whole} times the whole load was there", target.name, target.points);
    }
    assert!(killed >= 285, "only {killed} loads were killed");
    assert!(whole > 0, "no load was killed late");
}

#[test]
fn r02_killed_at_every_change_of_the_disk() {
    const CALLS: &[&str] = &[
        "write,pwrite64,writev,pwritev",
        "fsync,fdatasync",
        "rename,renameat,renameat2,link,linkat",
        "unlink,unlinkat,rmdir,mkdir,mkdirat,ftruncate",
        "sendto,sendmsg",
        "recvfrom,recvmsg",
    ];
    for target in TARGETS {
        let expected = target.expected();
        for calls in CALLS {
            let (mut points, mut wholes) = (0, 0);
            for at in 1.. {
                let (code, whole) = target.disturbed(&expected, &[&format!("{calls}:signal=SIGKILL:when={at}")]);
                if code != 137 {
                    break;
                }
                points += 1;
                wholes += u32::from(whole);
                assert!(points < 500, "{}: {calls} without end", target.name);
            }
            println!("{}: killed at {points} of {calls}, {wholes} times the whole load was there", target.name);
            let on_wire = calls.contains("send") || calls.contains("recv");
            let expects = if on_wire { target.file.is_none() } else { target.file.is_some() };
            assert!(points > 0 || !expects, "{}: no load was killed at {calls}", target.name);
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
                assert!(ended == code || whole, "{}: {signal} at read {at} gave {ended}", target.name);
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
        let site = target.begun();
        let (folder, to) = (&site.folder, (target.to)(&site));
        // The first run waits for its input, so it holds the target as long as the test wants.
        let mut first = Command::new(env!("CARGO_BIN_EXE_karat"))
            .args(format!("load products=- -c c.yaml --to {to} --rejects r1").split(' '))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut pipe = first.stdin.take().unwrap();
        pipe.write_all(b"sku,price\nB1,1\n").unwrap();
        let (code, text) = run(folder, &format!("load second.csv -c c.yaml --to {to} --rejects r2"));
        if code == 3 {
            assert!(text.contains("another") || text.contains("lock"), "{}: {text}", target.name);
        } else {
            // Standard input is spooled before the target is opened: then there was no conflict yet.
            assert_eq!(code, 1, "{}: {text}", target.name);
        }
        first.kill().unwrap();
        first.wait().unwrap();
        drop(pipe);
        // A killed run leaves no lock behind.
        let (code, text) = run(folder, &format!("load second.csv -c c.yaml --to {to} --rejects r3 --mode upsert"));
        assert!(code == 1 || (code == 0 && text.contains("before")), "{}: {code}\n{text}", target.name);
        assert!((target.rows)(&site).len() >= 900, "{}", target.name);
    }
}
