//! The whole program against an S3 server: read, load, look back, undo; and killed on the way.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::reliability::{FIRST, names, said, second, shop, traced};
use crate::servers::s3::{BUCKET, KEY_ID, SECRET, server};
use crate::support::Folder;

/// A prefix of its own.
fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("it-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn with_server<'a>(command: &'a mut Command, folder: &Folder) -> &'a mut Command {
    let staging = folder.join("tmp");
    fs::create_dir_all(&staging).unwrap();
    command.envs(server().variables()).env("TMPDIR", staging).env("COLUMNS", "80").current_dir(folder.path())
}

/// Runs the program; neither key is ever in what it says.
fn run(folder: &Folder, line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karat"));
    let (code, text) = said(&with_server(&mut command, folder).args(line.split(' ')).output().unwrap());
    assert!(!text.contains(SECRET) && !text.contains(KEY_ID), "{text}");
    (code, text)
}

/// The last state of a prefix, read without karat.
fn state(at: &str) -> Value {
    let folder = server().object(&format!("{at}/_karat"));
    let names = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let last = names.filter(|path| path.extension().is_some_and(|ending| ending == "json")).max();
    last.map_or(Value::Null, |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
}

/// The rows of the parts that the state names, sorted.
fn rows(at: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for part in state(at)["tables"]["products"]["parts"].as_array().into_iter().flatten() {
        let bytes = fs::read(server().object(&format!("{at}/{}", part["key"].as_str().unwrap()))).unwrap();
        assert_eq!(part["bytes"], bytes.len());
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        rows.extend(text.lines().skip(1).map(str::to_owned));
    }
    rows.sort();
    rows
}

#[test]
fn objects_are_loaded_into_equal_parts_and_taken_back() {
    let (folder, at) = (shop(), prefix());
    server().put(&format!("{at}/in/a=1/first.csv"), FIRST.as_bytes());
    server().put(&format!("{at}/in/a=2/second.csv"), second().as_bytes());
    let to = format!("csv:s3://{BUCKET}/{at}/out");
    let from = format!("s3://{BUCKET}/{at}/in/a=1/*.csv");
    let (code, text) = run(&folder, &format!("load {from} -c c.yaml --parts 3 --compress gzip --to {to}"));
    assert_eq!(code, 0, "{text}");
    let out = format!("{at}/out");
    assert_eq!(rows(&out), FIRST.lines().skip(1).map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(state(&out)["tables"]["products"]["parts"].as_array().unwrap().len(), 3);
    // The same object again is known, another one is not; keys that are there are rejects.
    let (code, text) = run(&folder, &format!("load {from} -c c.yaml --overwrite-rejects --to {to}"));
    assert!(code == 0 && text.contains("was loaded before"), "{text}");
    let all = format!("s3://{BUCKET}/{at}/in/*/*.csv");
    let (code, text) = run(&folder, &format!("load {all} -c c.yaml --overwrite-rejects --to {to}"));
    assert_eq!(code, 1, "{text}");
    let loaded = rows(&out);
    let keys: BTreeSet<&str> = loaded.iter().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(keys.len(), loaded.len());
    assert!(loaded.len() > 800, "{}", loaded.len());
    let state = state(&out);
    let last = state["history"].as_array().unwrap().last().unwrap()["load_id"].as_str().unwrap();
    let (code, text) = run(&folder, &format!("history {to}"));
    assert!(code == 0 && text.contains(last), "{text}");
    let (code, text) = run(&folder, &format!("undo {last} --from {to}"));
    assert_eq!(code, 0, "{text}");
    assert_eq!(rows(&out).len(), 10);
    assert_eq!(names(&folder.join("tmp")), Vec::<String>::new());
}

#[test]
fn a_load_that_is_killed_leaves_the_old_state_or_the_new() {
    let (folder, origin) = (shop(), prefix());
    let to = |at: &str| format!("csv:s3://{BUCKET}/{at}");
    let (code, text) = run(&folder, &format!("load first.csv -c c.yaml --to {}", to(&origin)));
    assert_eq!(code, 0, "{text}");
    let line = |at: &str| {
        format!("load second.csv -c c.yaml --mode replace --parts 2 --threads 2 --overwrite-rejects --to {}", to(at))
    };
    let (old, mut killed, mut whole) = (rows(&origin), 0, 0);
    for calls in ["write,writev,sendto,sendmsg", "read,readv,recvfrom,recvmsg", "openat,unlink,unlinkat,mkdir"] {
        for step in 1.. {
            let at = prefix();
            copy(&origin, &at);
            let fault = format!("inject={calls}:signal=SIGKILL:when={}", step * 2);
            let mut command = traced(&folder, &["-o", "/dev/null", "-e", &fault]);
            let (code, text) = said(&with_server(&mut command, &folder).args(line(&at).split(' ')).output().unwrap());
            let now = rows(&at);
            let is_new = now.len() == 900;
            assert!(is_new || now == old, "{fault}: {} rows\n{text}", now.len());
            killed += u32::from(code == 137);
            whole += u32::from(is_new);
            let (again, text) = run(&folder, &line(&at));
            assert!(matches!(again, 0 | 1), "{fault}: {text}");
            assert_eq!(rows(&at).len(), 900, "{fault}");
            let manifest = fs::read(server().object(&format!("{at}/products.manifest"))).unwrap();
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            assert_eq!(manifest["entries"].as_array().unwrap().len(), 2, "{fault}");
            if code != 137 || step >= 40 {
                break;
            }
        }
    }
    assert!(killed >= 30 && whole >= 3, "{killed} killed, {whole} came through");
    assert_eq!(names(&folder.join("tmp")), Vec::<String>::new(), "the next load clears what a killed one left");
}

/// Copies the objects below one prefix to another; the state's keys are relative to it.
fn copy(from: &str, to: &str) {
    for below in ["_karat", "products", "."] {
        for entry in fs::read_dir(server().object(&format!("{from}/{below}"))).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap();
                server().put(&format!("{to}/{below}/{name}"), &fs::read(&path).unwrap());
            }
        }
    }
}

#[test]
fn a_store_that_refuses_is_an_error_without_secrets() {
    let folder = shop();
    let mut command = Command::new(env!("CARGO_BIN_EXE_karat"));
    let line = format!("load first.csv -c c.yaml --to csv:s3://{BUCKET}/x");
    let command = with_server(&mut command, &folder).env("AWS_SECRET_ACCESS_KEY", "canary-wrong");
    let (code, text) = said(&command.args(line.split(' ')).output().unwrap());
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("AWS_ACCESS_KEY_ID") && !text.contains("canary") && !text.contains(KEY_ID), "{text}");
    let (code, text) = run(&folder, "check s3://no-such-bucket/x.csv -c c.yaml");
    assert!(code == 3 && text.contains("no-such-bucket"), "{text}");
}
