//! `karat profile`, `merge` and `drift` as a user meets them, and the laws that profiles keep.

use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;

use karat::model::{Context, Profile};
use karat::ops::Settings;
use karat::ops::drift::{Limits, drift};
use karat::ops::inputs::Servers;
use karat::ops::merge::merge;
use karat::ops::profile::inputs::{Wanted, sniffed};
use karat::ops::profile::{Options, profile};
use karat::render;

use crate::support::Folder;

const KEEP: Options = Options { unmask: false, keep_state: true };

fn look(paths: &[&Path], threads: usize, options: Options) -> Profile {
    let files: Vec<String> = paths.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let folder = Folder::new();
    let inputs = sniffed(&mut Wanted {
        files: &files,
        spool: folder.path(),
        stdin: &mut std::io::empty(),
        servers: &Servers::default(),
    })
    .unwrap();
    let mut settings = Settings::new(Context { today: 0, now: 0 });
    settings.threads = threads;
    profile(&inputs, options, &settings).unwrap()
}

/// Hashes a number: unseeded randomness would make a test another one every day.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn orders(rows: std::ops::Range<u64>) -> String {
    let mut text = String::from("id,customer,amount,day,state,note,email\n");
    for row in rows {
        let noise = mix(row);
        let state = ["open", "paid", "sent", "lost"][usize::try_from(noise % 7 % 4).unwrap()];
        let day = 1 + noise % 28;
        let amount = format!("{}.{:02}", noise % 900, noise / 1000 % 100);
        let note = if noise % 3 == 0 { String::new() } else { format!("\"said \"\"{}\"\"\"", noise % 50) };
        let customer = noise / 7 % 5000;
        let _ = writeln!(text, "{row},C{customer:05},{amount},2025-03-{day:02},{state},{note},u{row}@example.com");
    }
    text
}

/// The same file with something wrong with the record on line 1,501.
fn spoiled(folder: &Folder, name: &str, line: &[u8]) -> Profile {
    let text = (0..2000).fold(String::from("id,name,amount,day\n"), |mut text, row| {
        let _ = writeln!(text, "{row},name{row},{}.50,2025-01-{:02}", row % 90, row % 28 + 1);
        text
    });
    let mut bytes = Vec::new();
    for (at, own) in text.split_inclusive('\n').enumerate() {
        bytes.extend_from_slice(if at == 1500 { line } else { own.as_bytes() });
    }
    look(&[&folder.write(name, bytes)], 2, KEEP)
}

#[test]
fn broken_records_are_counted_and_located_and_the_others_profiled() {
    let folder = Folder::new();
    for (name, line, code) in [
        ("long.csv", &b"1499,a,1.50,2025-01-01,extra\n"[..], "P005"),
        ("short.csv", b"1499,a\n", "P004"),
        ("utf8.csv", b"1499,\xFFa,1.50,2025-01-01\n", "P006"),
        ("quote.csv", b"1499,\"name,1.50,2025-01-01\n", "P001"),
        ("nul.csv", b"1499,a\0b,1.50,2025-01-01\n", "P007"),
    ] {
        let table = spoiled(&folder, name, line).tables.remove(0);
        assert_eq!((table.records, table.rows, table.malformed), (2000, 1999, 1), "{name}");
        let finding = &table.shape.findings[0];
        assert_eq!((finding.code.as_str(), finding.count), (code, 1), "{name}");
        assert_eq!((finding.places[0].line, finding.places[0].record), (1501, 1500), "{name}");
        assert_eq!(table.columns.len(), 4, "{name}");
        let types: Vec<&str> = table.columns.iter().map(|column| column.data_type.as_str()).collect();
        assert_eq!(types, ["int64", "string", "decimal(4,2)", "date"], "{name}");
        assert_eq!(table.columns[0].count, 1999, "{name}");
    }
    let table = spoiled(&folder, "crlf.csv", b"1499,a,1.50,2025-01-01\r\n").tables.remove(0);
    assert_eq!((table.shape.line_endings.lf, table.shape.line_endings.crlf), (1999, 1));
    let mixed = table.shape.findings.iter().find(|finding| finding.code == "A401").unwrap();
    assert_eq!(mixed.places[0].line, 1501);
}

#[test]
fn strange_values_are_counted_with_their_first_place() {
    let folder = Folder::new();
    let table = spoiled(&folder, "mixed.csv", b"1499,a,N/A,2026-13-45\n").tables.remove(0);
    let amount = table.column("amount").unwrap();
    assert_eq!(amount.data_type, "decimal(4,2)");
    let text = amount.types.iter().find(|found| found.kind == "text").unwrap();
    let first = text.first.as_ref().unwrap();
    assert_eq!((text.count, first.value.as_str(), first.place.line), (1, "N/A", 1501));
    assert!(amount.null_spellings.iter().any(|spelling| spelling.text == "N/A" && !spelling.is_null));
    assert_eq!(table.column("day").unwrap().types.iter().map(|found| found.count).collect::<Vec<_>>(), [1999, 1]);
    let codes: Vec<&str> = table.alerts.iter().map(|alert| alert.code.as_str()).collect();
    assert!(codes.contains(&"A403") && codes.contains(&"A404"), "{codes:?}");
    // The byte of the cell itself.
    let bytes = folder.read("mixed.csv");
    let at = usize::try_from(first.place.offset).unwrap();
    assert_eq!(&bytes[at..at + 3], b"N/A");
}

#[test]
fn threads_and_compression_change_nothing() {
    let folder = Folder::new();
    let text = orders(0..60_000);
    let plain = folder.write("orders.csv", &text);
    let bytes = |threads| render::profile::json(&look(&[&plain], threads, KEEP));
    let one = bytes(1);
    for threads in [2, 3, 8] {
        assert!(bytes(threads) == one, "{threads} threads give other bytes");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = folder.write("orders.csv.gz", packed.finish().unwrap());
    let unpacked = render::profile::json(&look(&[&packed], 2, KEEP));
    assert!(unpacked.replace("orders.csv.gz", "orders.csv") == one, "a packed file gives other bytes");
}

#[test]
fn exact_values_are_exact() {
    let folder = Folder::new();
    let path = folder.write("orders.csv", orders(0..20_000));
    let table = look(&[&path], 2, KEEP).tables.remove(0);
    let column = |name: &str| table.column(name).unwrap();
    assert_eq!(table.rows, 20_000);
    assert_eq!((column("id").minimum.as_deref(), column("id").maximum.as_deref()), (Some("0"), Some("19999")));
    assert_eq!(column("id").sum.as_deref(), Some("199990000"));
    let cents: u64 = (0..20_000).map(mix).map(|noise| noise % 900 * 100 + noise / 1000 % 100).sum();
    assert_eq!(column("amount").sum.as_deref(), Some(format!("{}.{:02}", cents / 100, cents % 100).as_str()));
    let nulls = (0..20_000).filter(|row| mix(*row) % 3 == 0).count() as u64;
    assert_eq!((column("note").nulls, column("note").distinct.value), (nulls, 50));
    assert_eq!((column("state").distinct.value, column("state").distinct.rel_err), (4, 0.0));
    assert_eq!(column("day").dates.as_ref().unwrap().days, Some(28));
    assert_eq!(column("customer").masks[0].mask, "A9{5}");
    let median = column("id").quantile(0.5).unwrap().parse::<f64>().unwrap();
    assert!((median / 20_000.0 - 0.5).abs() < column("id").quantiles.as_ref().unwrap().rank_err, "{median}");
    let distinct = &column("customer").distinct;
    let truth = (0..20_000).map(|row| mix(row) / 7 % 5000).collect::<std::collections::BTreeSet<_>>().len();
    assert!((distinct.value as f64 / truth as f64 - 1.0).abs() <= 4.0 * distinct.rel_err, "{distinct:?} of {truth}");
    assert_eq!(table.keys.iter().map(|key| key.columns[0].as_str()).collect::<Vec<_>>(), ["id", "email"]);
    assert_eq!(table.duplicates.as_ref().unwrap().repeated.value, 0);
    assert_eq!(table.missing.len(), 2);
}

#[test]
fn personal_values_are_never_shown_nor_saved() {
    let folder = Folder::new();
    let path = folder.write("orders.csv", orders(0..3000));
    let masked = look(&[&path], 1, KEEP);
    let email = masked.tables[0].column("email").unwrap();
    assert!(email.masked && email.semantic[0].kind == "email");
    for text in [render::profile::json(&masked), render::profile::plain(&masked)] {
        assert!(!text.contains("example.com"));
    }
    let merged = merge(&[masked.clone(), masked]).unwrap();
    assert!(merged.tables[0].column("email").unwrap().masked);
    let open = look(&[&path], 1, Options { unmask: true, keep_state: false });
    assert!(render::profile::json(&open).contains("u0@example.com"));
}

#[test]
fn merged_parts_are_the_whole() {
    let folder = Folder::new();
    let whole = look(&[&folder.write("all.csv", orders(0..50_000))], 2, KEEP);
    let cuts = [0, 20_000, 20_001, 50_000];
    let parts: Vec<Profile> = cuts
        .windows(2)
        .map(|pair| {
            let saved = look(&[&folder.write("orders.csv", orders(pair[0]..pair[1]))], 2, KEEP);
            render::profile::parse(&render::profile::json(&saved)).unwrap()
        })
        .collect();
    let merged = merge(&parts).unwrap().tables.remove(0);
    let whole = &whole.tables[0];
    assert_eq!((merged.rows, merged.files.len()), (50_000, 3));
    assert_eq!(merged.missing, whole.missing);
    for (own, all) in merged.columns.iter().zip(&whole.columns) {
        assert_eq!(
            (&own.name, &own.data_type, own.nulls, own.count),
            (&all.name, &all.data_type, all.nulls, all.count)
        );
        if !own.masked {
            assert_eq!((&own.minimum, &own.maximum), (&all.minimum, &all.maximum), "{}", own.name);
        }
        assert_eq!((&own.sum, own.mean), (&all.sum, all.mean), "{}", own.name);
        for (own, all) in [(&own.distinct, &all.distinct), (&own.once, &all.once)] {
            let off = own.value.abs_diff(all.value) as f64 / all.value.max(1) as f64;
            assert!(off <= 4.0 * own.rel_err, "{own:?} is not {all:?}");
        }
        assert_eq!((&own.masks, own.lengths, own.text), (&all.masks, all.lengths, all.text));
        if let (Some(own), Some(all)) = (&own.quantiles, &all.quantiles) {
            assert_eq!(own.method, all.method);
        }
    }
    let id = merged.column("id").unwrap().quantile(0.25).unwrap().parse::<f64>().unwrap();
    assert!((id / 50_000.0 - 0.25).abs() < 0.0053 * 2.0, "{id}");
    assert!(merged.not_computed.iter().any(|left| left.what == "correlations"));
}

#[test]
fn drift_sees_what_changed_and_nothing_else() {
    let folder = Folder::new();
    let before = look(&[&folder.write("a.csv", orders(0..30_000))], 2, KEEP);
    let same = look(&[&folder.write("b.csv", orders(30_000..60_000))], 2, KEEP);
    let limits = Limits {
        psi: Some(0.1),
        ks: Some(0.1),
        nulls: Some(0.01),
        rows: Some(0.1),
        new_values: Some(0),
        any_schema: false,
    };
    // Ids run on, as they do.
    let quiet = drift(&before, &same, &Limits { psi: None, ks: None, ..limits }).unwrap();
    assert!(quiet.passed, "{:?}", quiet.tables[0].findings);
    let moved = orders(0..30_000).replace(",paid,", ",void,").replace("amount,", "total,");
    let other = look(&[&folder.write("c.csv", moved)], 2, KEEP);
    let found = drift(&before, &other, &limits).unwrap();
    let named: Vec<(&str, Option<&str>)> =
        found.tables[0].findings.iter().filter(|f| f.fails).map(|f| (f.what.as_str(), f.column.as_deref())).collect();
    assert!(!found.passed);
    for expected in [
        ("column_lost", Some("amount")),
        ("column_added", Some("total")),
        ("categories", Some("state")),
        ("psi", Some("state")),
    ] {
        assert!(named.contains(&expected), "{expected:?} is not among {named:?}");
    }
    let fewer = look(&[&folder.write("d.csv", orders(0..10_000))], 2, KEEP);
    assert!(drift(&before, &fewer, &limits).unwrap().tables[0].findings.iter().any(|f| f.what == "volume" && f.fails));
}

#[test]
fn nested_rows_are_profiled_by_path() {
    let folder = Folder::new();
    let mut text = String::new();
    for row in 0..500 {
        let _ = writeln!(
            text,
            r#"{{"id": {row}, "home": {{"city": "c{}"}}, "basket": [{{"price": {}.5}}, {{"price": 2}}], "tag": {}}}"#,
            row % 5,
            row % 10,
            if row % 2 == 0 { "null" } else { "\"7\"" },
        );
    }
    text.push_str("{\"id\": 500, \"home\"\n[1]\n");
    let table = look(&[&folder.write("t.ndjson", text)], 2, KEEP).tables.remove(0);
    assert_eq!((table.records, table.rows, table.format.as_str()), (502, 500, "ndjson"));
    let found: Vec<(&str, &str, u64)> =
        table.columns.iter().map(|column| (column.name.as_str(), column.data_type.as_str(), column.count)).collect();
    let expected = [
        ("id", "int64", 500),
        ("home.city", "string", 500),
        ("basket", "list", 500),
        ("basket[].price", "decimal(2,1)", 1000),
        ("tag", "string", 500),
    ];
    assert_eq!(found, expected);
    assert_eq!(table.column("tag").unwrap().nulls, 250);
    assert_eq!(table.column("basket").unwrap().maximum.as_deref(), Some("2"));
}

#[test]
fn children_are_found_in_their_parents() {
    let folder = Folder::new();
    let parents =
        (0..5000).fold(String::from("customer,name\n"), |text, row| text + &format!("C{row:05},n{}\n", row % 90));
    let (parents, children) = (folder.write("customers.csv", parents), folder.write("orders.csv", orders(0..30_000)));
    let found = look(&[&parents, &children], 2, KEEP).foreign_keys;
    let first = &found[0];
    assert_eq!((first.table.as_str(), first.column.as_str()), ("orders", "customer"));
    assert_eq!((first.parent_table.as_str(), first.parent_column.as_str()), ("customers", "customer"));
    assert!(first.contained > 0.99 && found.len() == 1, "{found:?}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_bytes_stop_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), text in "([-a1,;\"\n\r .:/{}\\[\\]]|1e308|true|2025-01-31|null){0,60}", json: bool) {
        let folder = Folder::new();
        let name = if json { "x.ndjson" } else { "x.csv" };
        for content in [bytes.as_slice(), text.as_bytes()] {
            let path = folder.write(name, content);
            let files = [path.to_str().unwrap().to_owned()];
            let wanted = &mut Wanted { files: &files, spool: folder.path(), stdin: &mut std::io::empty(), servers: &Servers::default() };
            let settings = Settings::new(Context { today: 0, now: 0 });
            // A header that cannot be read is an error, like a file that is no text at all.
            let Ok(found) = sniffed(wanted).and_then(|inputs| profile(&inputs, KEEP, &settings)) else { continue };
            let table = &found.tables[0];
            proptest::prop_assert_eq!(table.records, table.rows + table.malformed);
            let back = render::profile::parse(&render::profile::json(&found)).unwrap();
            merge(&[back.clone(), back]).unwrap();
            let _ = render::profile::plain(&found);
        }
    }
}

#[test]
fn files_without_rows_are_no_trouble() {
    let folder = Folder::new();
    for (name, text, columns) in [
        ("none.csv", "", 0),
        ("head.csv", "a,b\n", 2),
        ("one.csv", "a\n\n", 1),
        ("none.ndjson", "", 0),
        ("none.json", "[]", 0),
    ] {
        let table = look(&[&folder.write(name, text)], 2, KEEP).tables.remove(0);
        assert_eq!((table.rows, table.columns.len()), (0, columns), "{name}");
    }
}

#[cfg(feature = "duckdb")]
#[test]
fn tables_of_a_database_are_profiled_as_files_are() {
    let folder = Folder::new();
    let path = folder.join("shop.duckdb");
    let connection = ::duckdb::Connection::open(&path).unwrap();
    let script =
        "CREATE TABLE \"o'r\"\"ders\" (id BIGINT, price DECIMAL(8,2), wait INTERVAL, tags VARCHAR[], huge HUGEINT);
        INSERT INTO \"o'r\"\"ders\" SELECT range, range / 4, INTERVAL 1 DAY, ['a'], 1 FROM range(100);
        CREATE TABLE other (\"a\"\"b\" VARCHAR); INSERT INTO other VALUES ('x'), (NULL);";
    connection.execute_batch(script).unwrap();
    drop(connection);
    let all = crate::support::karat(folder.path(), &["profile", "shop.duckdb", "--format", "json", "--no-state"]);
    let text = String::from_utf8(all.stdout).unwrap();
    let found = render::profile::parse(&text).unwrap();
    let tables: Vec<(&str, u64)> = found.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(tables, [("o'r\"ders", 100), ("other", 2)]);
    let one = crate::support::karat(folder.path(), &["profile", "other=shop.duckdb"]);
    let text = String::from_utf8(one.stdout).unwrap();
    assert!(text.contains("a\"b") && !text.contains("price"), "{text}");
    let none = crate::support::karat(folder.path(), &["profile", "none=shop.duckdb"]);
    assert_eq!(none.status.code(), Some(2), "{}", String::from_utf8_lossy(&none.stderr));
}
