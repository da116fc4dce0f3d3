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
    server().put(&format!("{at}/odd/a\nb.csv"), b"");
    let error = fetched(&format!("{at}/odd/*"), &access(), folder.path()).unwrap_err();
    assert!(error.message.contains("cannot be asked for") && !error.hints.is_empty(), "{error}");
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

/// Loading into a prefix.
mod target {
    use super::*;
    use crate::io::target::fixtures::{contract, held, load, prepared, products, receipt, rows, seen, texts};
    use crate::io::target::{self, TargetOptions};
    use crate::io::{Mode, Taken};
    use crate::model::{DataType, ErrorKind};

    const FIRST: &[(i64, Option<i64>)] = &[(1, Some(1)), (2, Some(20)), (3, None)];
    const MORE: &[(i64, Option<i64>)] = &[(70, Some(3)), (71, None)];

    fn to(format: &str) -> (String, String) {
        let at = prefix();
        (format!("{format}:s3://{BUCKET}/{at}"), at)
    }

    /// The keys below a prefix, sorted.
    fn keys(at: &str) -> Vec<String> {
        let store = Store::open(Url::parse(&format!("s3://{BUCKET}/{at}/")).unwrap(), &access()).unwrap();
        let listed = store.list(&format!("{at}/"), usize::MAX).unwrap();
        let below = listed.iter().map(|meta| meta.location.as_ref().strip_prefix(&format!("{at}/")).unwrap());
        below.filter(|key| *key != "_karat/only-once").map(ToOwned::to_owned).collect()
    }

    fn manifest(at: &str) -> Vec<(String, u64)> {
        let text = fs::read(server().object(&format!("{at}/products.manifest"))).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let entry = |entry: &serde_json::Value| {
            assert_eq!(entry["mandatory"], true);
            let url = entry["url"].as_str().unwrap().strip_prefix(&format!("s3://{BUCKET}/{at}/")).unwrap();
            (url.to_owned(), entry["meta"]["content_length"].as_u64().unwrap())
        };
        read["entries"].as_array().unwrap().iter().map(entry).collect()
    }

    fn retail() -> crate::model::Contract {
        contract(vec![products()])
    }

    #[test]
    fn parts_state_and_manifest_stand_where_they_should() {
        let (to, at) = to("csv");
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        let state = "_karat/state-000000000001.json";
        assert_eq!(keys(&at), [state, "products.manifest", "products/part-a-0.csv"]);
        let part = fs::read(server().object(&format!("{at}/products/part-a-0.csv"))).unwrap();
        assert_eq!(manifest(&at), [("products/part-a-0.csv".to_owned(), part.len() as u64)]);
        // Replacing removes what was there; the state before stays for readers.
        load(&to, "b", &retail(), Mode::Replace, &[rows(MORE)]).unwrap();
        assert_eq!(manifest(&at).len(), 1);
        assert_eq!(keys(&at).last().unwrap(), "products/part-b-0.csv");
        assert_eq!(keys(&at).len(), 4);
        for id in ["c", "d", "e"] {
            load(&to, id, &retail(), Mode::Append, &[rows(&[])]).unwrap();
        }
        let states = keys(&at).into_iter().filter(|key| key.starts_with("_karat")).count();
        assert_eq!(states, 3, "older ones are forgotten");
        assert_eq!(held(&to, &retail(), &products()), texts(&rows(MORE)));
    }

    #[test]
    fn equal_compressed_parts_hold_the_rows() {
        let (to, at) = to("csv");
        let specs: Vec<(i64, Option<i64>)> = (0..1000).map(|n| (n, Some(n % 300))).collect();
        let options = TargetOptions { access: access(), parts: Some(4), gzip: true };
        let mut sink = target::open(&to, &options).unwrap();
        sink.begin(&retail(), &[0], Mode::Append).unwrap();
        sink.write(0, &rows(&specs[..700])).unwrap();
        sink.write(0, &rows(&specs[700..])).unwrap();
        let taken = sink.finish(&receipt("a", &retail(), &[1000])).unwrap();
        assert_eq!(taken, [Taken { loaded: 1000, updated: 0 }]);
        sink.commit().unwrap();
        let parts = manifest(&at);
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        let name = |number| format!("products/part-a-{number}.csv.gz");
        assert_eq!(names, [name(0), name(1), name(2), name(3)]);
        let (least, most) = (parts.iter().map(|p| p.1).min().unwrap(), parts.iter().map(|p| p.1).max().unwrap());
        assert!(most * 10 < least * 11, "{parts:?}");
        assert_eq!(held(&to, &retail(), &products()), texts(&rows(&specs)));
        // The parts are files like others.
        let spool = TestFolder::new();
        assert_eq!(fetched(&format!("{at}/products/*.csv.gz"), &access(), spool.path()).unwrap().len(), 4);
    }

    #[test]
    fn nothing_is_seen_before_the_commit_and_nothing_is_left_without_it() {
        let (to, at) = to("ndjson");
        drop(prepared(&to, "z", &retail(), Mode::Append, &[rows(FIRST)]).unwrap());
        assert_eq!(keys(&at), Vec::<String>::new());
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        let before = keys(&at);
        for mode in [Mode::Append, Mode::Replace] {
            let (mut sink, _) = prepared(&to, "b", &retail(), mode, &[rows(MORE)]).unwrap();
            assert_eq!(seen(&mut *sink, &products()).unwrap(), texts(&rows(FIRST)), "the state before the load");
            assert_eq!(held(&to, &retail(), &products()), texts(&rows(FIRST)), "for others too");
            assert_eq!(manifest(&at).len(), 1);
            drop(sink);
            assert_eq!(keys(&at), before);
        }
        // A process that is killed removes nothing: its parts stay, and are no rows.
        server().put(&format!("{at}/products/part-dead-0.ndjson"), b"{}\n");
        assert_eq!(held(&to, &retail(), &products()), texts(&rows(FIRST)));
        load(&to, "c", &retail(), Mode::Append, &[rows(MORE)]).unwrap();
        assert_eq!(manifest(&at).len(), 2);
        assert!(keys(&at).contains(&"products/part-dead-0.ndjson".to_owned()), "it may belong to a running load");
        let dead = fs::File::open(server().object(&format!("{at}/products/part-dead-0.ndjson"))).unwrap();
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 60 * 60);
        dead.set_modified(long_ago).unwrap();
        server().put(&format!("{at}/products/notes.txt"), b"mine");
        fs::File::open(server().object(&format!("{at}/products/notes.txt"))).unwrap().set_modified(long_ago).unwrap();
        load(&to, "d", &retail(), Mode::Append, &[rows(&[])]).unwrap();
        let after = keys(&at);
        assert!(!after.contains(&"products/part-dead-0.ndjson".to_owned()), "{after:?}");
        assert!(after.contains(&"products/notes.txt".to_owned()), "{after:?}");
    }

    #[test]
    fn of_two_loads_at_once_one_fails_and_leaves_nothing() {
        let (to, at) = to("parquet");
        let (first, _) = prepared(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        let (second, _) = prepared(&to, "b", &retail(), Mode::Append, &[rows(MORE)]).unwrap();
        first.commit().unwrap();
        let error = second.commit().unwrap_err();
        assert!(error.message.contains("another load into s3://") && !error.hints.is_empty(), "{error}");
        assert_eq!(held(&to, &retail(), &products()), texts(&rows(FIRST)));
        assert!(!keys(&at).iter().any(|key| key.contains("part-b")), "{:?}", keys(&at));
    }

    #[test]
    fn a_commit_whose_answer_was_lost_is_known_by_what_stands_there() {
        let (_, at) = to("csv");
        let url = Url::parse(&format!("s3://{BUCKET}/{at}")).unwrap();
        let target = state::Target::new(Store::open(url, &access()).unwrap()).unwrap();
        let ours = state::State { number: 1, written_by: "a".to_owned(), ..state::State::default() };
        target.commit(&ours).unwrap();
        target.commit(&ours).unwrap();
        let theirs = state::State { written_by: "b".to_owned(), ..ours };
        let (error, certain) = target.commit(&theirs).unwrap_err();
        assert!(certain && error.hints[0].contains("It was a"), "{error:?}");
    }

    #[test]
    fn a_manifest_that_is_missing_or_old_is_written_again() {
        let (to, at) = to("csv");
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        for damage in [None, Some(&b"{\"entries\":[]}"[..])] {
            let path = server().object(&format!("{at}/products.manifest"));
            damage.map_or_else(|| fs::remove_file(&path), |text| fs::write(&path, text)).unwrap();
            let mut sink = target::open(&to, &TargetOptions { access: access(), ..TargetOptions::default() }).unwrap();
            sink.begin(&retail(), &[0], Mode::Append).unwrap();
            assert_eq!(manifest(&at).len(), 1);
        }
    }

    #[test]
    fn an_append_load_is_undone() {
        let (to, at) = to("csv");
        let mut ledger = target::ledger(&to, &access()).unwrap();
        assert!(ledger.loads().unwrap().is_empty());
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        load(&to, "b", &retail(), Mode::Append, &[rows(MORE)]).unwrap();
        assert_eq!(ledger.undo("a", "2026-11-01T00:00:00Z").unwrap(), [("products".to_owned(), 3)]);
        assert_eq!(held(&to, &retail(), &products()), texts(&rows(MORE)));
        assert_eq!(manifest(&at).len(), 1);
        assert!(!keys(&at).iter().any(|key| key.contains("part-a")));
        let loads = ledger.loads().unwrap();
        assert_eq!((loads.len(), loads[0].undone_at.as_deref()), (2, Some("2026-11-01T00:00:00Z")));
        for (id, words) in [("a", "undone"), ("x", "no load x")] {
            let error = ledger.undo(id, "now").unwrap_err();
            assert!(error.kind == ErrorKind::Usage && error.message.contains(words), "{error}");
        }
        load(&to, "a2", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
    }

    #[test]
    fn what_does_not_fit_is_refused_before_anything_is_sent() {
        let (to, at) = to("csv");
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        let before = keys(&at);
        let error = load(&to, "b", &retail(), Mode::Upsert, &[rows(FIRST)]).unwrap_err();
        assert!(error.kind == ErrorKind::Usage && error.message.contains("upsert"), "{error}");
        let error = load(&to.replace("csv:", "parquet:"), "b", &retail(), Mode::Append, &[rows(FIRST)]).unwrap_err();
        assert!(error.message.contains("as csv files"), "{error}");
        let mut other = retail();
        other.tables[0].columns[2].data_type = DataType::Decimal { precision: 14, scale: 2 };
        let mut sink = target::open(&to, &TargetOptions { access: access(), ..TargetOptions::default() }).unwrap();
        let error = sink.begin(&other, &[0], Mode::Append).unwrap_err();
        assert!(error.message.contains("price is Decimal128(12, 2) there"), "{error}");
        let error = load(&to, "a", &retail(), Mode::Append, &[rows(MORE)]).unwrap_err();
        assert!(error.message.contains("is there already"), "{error}");
        let error = load("csv:s3://nowhere/x", "a", &retail(), Mode::Append, &[rows(MORE)]).unwrap_err();
        assert!(error.message.contains("no bucket"), "{error}");
        assert_eq!(keys(&at), before);
    }

    #[test]
    fn odd_names_are_keys_too() {
        let (to, _) = to("csv");
        let mut table = products();
        table.name = "order \"1\"; it's /../ a table".to_owned();
        let contract = contract(vec![table.clone()]);
        load(&to, "a/b", &contract, Mode::Append, &[rows(FIRST)]).unwrap();
        load(&to, "c'd", &contract, Mode::Append, &[rows(MORE)]).unwrap();
        assert_eq!(held(&to, &contract, &table), texts(&rows(&[FIRST, MORE].concat())));
    }

    #[test]
    fn a_part_that_was_tampered_with_is_noticed() {
        let (to, at) = to("csv");
        load(&to, "a", &retail(), Mode::Append, &[rows(FIRST)]).unwrap();
        fs::remove_file(server().object(&format!("{at}/products/part-a-0.csv"))).unwrap();
        let mut sink = target::open(&to, &TargetOptions { access: access(), ..TargetOptions::default() }).unwrap();
        sink.begin(&retail(), &[0], Mode::Append).unwrap();
        let error = sink.existing(&products(), &[0], &mut |_| Ok(())).unwrap_err();
        assert!(error.message.contains("not as it was loaded"), "{error}");
    }

    #[test]
    fn a_large_part_goes_up_in_pieces() {
        let (folder, at) = (TestFolder::new(), prefix());
        let bytes: Vec<u8> = (0..20_000_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let path = folder.file("large", &bytes);
        let store = Store::open(Url::parse(&format!("s3://{BUCKET}/{at}")).unwrap(), &access()).unwrap();
        store.upload(&[(path, format!("{at}/large"))]).unwrap();
        assert!(fs::read(server().object(&format!("{at}/large"))).unwrap() == bytes);
        assert_eq!(keys(&at), ["large"]);
    }

    #[test]
    fn a_prefix_must_be_a_key() {
        for to in ["csv:s3://karat/a//b", "csv:s3://karat/../b", "csv:s3:///b"] {
            let begun = target::open(to, &TargetOptions { access: access(), ..TargetOptions::default() })
                .and_then(|mut sink| sink.begin(&retail(), &[0], Mode::Append));
            assert_eq!(begun.unwrap_err().kind, ErrorKind::Usage, "{to}");
        }
    }
}
