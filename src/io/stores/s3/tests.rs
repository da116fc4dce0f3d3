//! Against a server in this process.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;
use crate::io::stores::s3::store::Store;
use crate::io::stores::s3::url::Url;
use crate::io::stores::testing::TestFolder;
use crate::io::target::servers::s3::{BUCKET, SECRET, server};

fn access() -> Access {
    Access::new(server().variables(), None)
}

/// A prefix of its own for a test.
fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn fetched(key: &str, access: &Access, spool: &Path) -> Result<Vec<InputFile>> {
    fetch(&format!("s3://{BUCKET}/{key}"), access, spool, &Arc::new(AtomicBool::new(false)))
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(1));
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn patterns_find_objects_and_their_partitions() {
    let (folder, at) = (TestFolder::new(), prefix());
    for key in ["t/d=2026-10-31/x.csv", "t/d=2026-09-01/x.csv", "t/d=2026-09-01/.x.csv", "t/y.csv", "tt/z.csv"] {
        server().put(&format!("{at}/{key}"), key.as_bytes());
    }
    server().put(&format!("{at}/t/d=a%20b/x.csv.gz"), &gz(b"packed"));
    let shown = |pattern: &str| {
        let files = fetched(&format!("{at}/{pattern}"), &access(), folder.path()).unwrap();
        let start = format!("s3://{BUCKET}/{at}/");
        files.iter().map(|file| file.shown.strip_prefix(&start).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown("t/d=2*/*.csv"), ["t/d=2026-09-01/x.csv", "t/d=2026-10-31/x.csv"]);
    assert_eq!(shown("t/**/?.csv*").len(), 4);
    assert_eq!(shown("t/y.csv"), ["t/y.csv"]);
    let files = fetched(&format!("{at}/t/d=a*/*.csv.gz"), &access(), folder.path()).unwrap();
    assert_eq!(files[0].partitions, [("d".to_owned(), "a b".to_owned())]);
    assert!(files[0].path.to_str().unwrap().ends_with(".csv.gz"));
    assert_eq!(fs::read(&files[0].path).unwrap(), gz(b"packed"));
    let files = fetched(&format!("{at}/t/d=2026-09-01/x.csv"), &access(), folder.path()).unwrap();
    assert_eq!(fs::read(&files[0].path).unwrap(), b"t/d=2026-09-01/x.csv");
}

#[test]
fn odd_keys_are_read_and_name_no_local_file() {
    let (folder, at) = (TestFolder::new(), prefix());
    let keys = ["a b+c%2F.csv", "..x/é\"'&<>.csv", "[1]*.csv", "x=..%2f..%2fy/~#?.csv"];
    for key in keys {
        server().put(&format!("{at}/{key}"), key.as_bytes());
        let files = fetched(&format!("{at}/{key}"), &access(), folder.path()).unwrap();
        assert_eq!(files.len(), 1, "{key}");
        assert_eq!(files[0].shown, format!("s3://{BUCKET}/{at}/{key}"));
        assert_eq!(fs::read(&files[0].path).unwrap(), key.as_bytes());
        assert_eq!(files[0].path.parent(), Some(folder.path()));
    }
    for key in ["a\nb.csv", "a/../b.csv", "a//b.csv"] {
        let error = fetched(&format!("{at}/{key}"), &access(), folder.path()).unwrap_err();
        assert!(error.message.contains("cannot be asked for"), "{error}");
    }
}

#[test]
fn nothing_is_an_error_that_says_what_to_do() {
    let (folder, at) = (TestFolder::new(), prefix());
    server().put(&format!("{at}/d/a.csv"), b"1");
    for (key, words) in
        // The server of the tests has real folders, and falls over one that is asked for as an object.
        [("*.tsv", "no object matches"), ("b.csv", "does not exist"), ("d/", "is a folder")]
    {
        let error = fetched(&format!("{at}/{key}"), &access(), folder.path()).unwrap_err();
        assert!(error.message.contains(words) && !error.hints.is_empty(), "{key}: {error}");
    }
    let error = fetch("s3://no-such-bucket/x*", &access(), folder.path(), &Arc::default()).unwrap_err();
    assert!(error.message.contains("no bucket `no-such-bucket`"), "{error}");
}

#[test]
fn refusals_name_the_kind_of_credentials_and_no_secret() {
    let (folder, at) = (TestFolder::new(), prefix());
    server().put(&format!("{at}/a.csv"), b"1");
    let with = |name: &str, value: &str| {
        let mut variables = server().variables();
        variables.retain(|(other, _)| other != name);
        variables.push((name.to_owned(), value.to_owned()));
        Access::new(variables, None)
    };
    for access in [with("AWS_SECRET_ACCESS_KEY", "canary-wrong"), with("AWS_ACCESS_KEY_ID", "canary-id")] {
        for key in ["a*", "a.csv"] {
            let error = fetched(&format!("{at}/{key}"), &access, folder.path()).unwrap_err();
            let shown = format!("{error:?} {error}");
            assert!(error.message.contains("refused") && shown.contains("AWS_ACCESS_KEY_ID"), "{shown}");
            assert!(!shown.contains("canary") && !shown.contains(SECRET), "{shown}");
        }
    }
    let error = fetched("a", &with("AWS_SKIP_SIGNATURE", "true"), folder.path()).unwrap_err();
    assert!(format!("{error:?}").contains("AWS_SKIP_SIGNATURE"), "{error:?}");
}

#[test]
fn large_objects_come_by_ranges() {
    let (folder, at) = (TestFolder::new(), prefix());
    let bytes: Vec<u8> = (0..40_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    server().put(&format!("{at}/large.csv"), &bytes);
    server().put(&format!("{at}/empty.csv"), b"");
    let files = fetched(&format!("{at}/*.csv"), &access(), folder.path()).unwrap();
    assert_eq!(fs::read(&files[0].path).unwrap(), b"");
    assert!(fs::read(&files[1].path).unwrap() == bytes);
}

#[test]
fn an_object_that_changes_is_noticed() {
    let (folder, at) = (TestFolder::new(), prefix());
    let key = format!("{at}/a.csv");
    server().put(&key, b"before");
    let store = Store::open(Url::parse(&format!("s3://{BUCKET}/{key}")).unwrap(), &access()).unwrap();
    let pinned = download::pin(&store, store.list(&key, 9).unwrap()).unwrap();
    let get = |name: &str| {
        let one = download::Download { meta: pinned[0].clone(), path: folder.path().join(name) };
        download::download(&store, &[one], None)
    };
    get("0").unwrap();
    server().put(&key, b"AFTER.");
    assert!(get("1").unwrap_err().message.contains("changed while it was read"));
    fs::remove_file(server().object(&key)).unwrap();
    assert!(get("2").unwrap_err().message.contains("changed while it was read"));
}

#[test]
fn a_signal_ends_a_download() {
    let (folder, at) = (TestFolder::new(), prefix());
    server().put(&format!("{at}/a.csv"), b"1");
    let flag = Arc::new(AtomicBool::new(true));
    let error = fetch(&format!("s3://{BUCKET}/{at}/a.csv"), &access(), folder.path(), &flag).unwrap_err();
    assert_eq!(error.exit_code(), 130);
}
