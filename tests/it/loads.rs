//! Loads as a whole: what stands in the target afterwards, and what does not.

use std::fs;
use std::io::Write;

use karat::model::ErrorKind;
use karat::ops::load::Mode;

use crate::support::{Folder, contract, run_load, settings};

const CONTRACT: &str = "karat: 1
name: l
tables:
  t:
    primary_key: [id]
    columns: {id: int64, name: {type: string, required: true}}
";

fn parquet(folder: &Folder) -> String {
    format!("parquet:{}", folder.join("target").display())
}

#[test]
fn a_torn_archive_commits_nothing() {
    let rows: String = (0..50_000).map(|row| format!("{row},name {row}\n")).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(format!("id,name\n{rows}").as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    for cut in [packed.len() / 2, packed.len() - 1, packed.len() - 6] {
        let (work, rejects) = (Folder::new(), Folder::new());
        work.write("data/t.csv.gz", &packed[..cut]);
        let target = parquet(&work);
        let error = run_load(
            &contract(CONTRACT),
            &work.join("data"),
            &target,
            Mode::Append,
            rejects.path(),
            &settings(2, 1000),
        )
        .expect_err("the archive is torn");
        assert_eq!(error.kind, ErrorKind::Input, "{error}");
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains("t.csv.gz"), "{error}");
        assert!(!work.join("target").exists(), "a torn archive left a target");
        assert!(rejects.files().is_empty(), "{:?}", rejects.files());
    }
    // Whole, and as two members one after the other, it loads.
    let (work, rejects) = (Folder::new(), Folder::new());
    work.write("data/t.csv.gz", &packed);
    let (target, settings) = (parquet(&work), settings(2, 1000));
    let report =
        run_load(&contract(CONTRACT), &work.join("data"), &target, Mode::Append, rejects.path(), &settings).unwrap();
    assert_eq!(report.tables[0].loaded, Some(50_000));
}

#[test]
fn a_broken_table_rule_undoes_the_load_and_keeps_the_rejects() {
    let (work, rejects) = (Folder::new(), Folder::new());
    work.write("data/t.csv", "id,name\n1,a\n2,\n");
    let text = format!("{CONTRACT}    rules: [{{row_count: {{minimum: 3}}}}]\n");
    let target = parquet(&work);
    let report =
        run_load(&contract(&text), &work.join("data"), &target, Mode::Append, rejects.path(), &settings(1, 10))
            .unwrap();
    assert_eq!((report.passed, report.committed), (false, Some(false)));
    assert_eq!(report.tables[0].loaded, Some(0));
    assert!(report.notes.iter().any(|note| note.contains("t.row_count")), "{:?}", report.notes);
    assert!(!work.join("target").exists());
    assert_eq!(rejects.text("t.rejects.csv"), "id,name\n2,\n");
}

#[test]
fn too_many_rejects_undo_the_load() {
    let shop = Folder::new();
    shop.write("c.yaml", CONTRACT);
    shop.write("t.csv", "id,name\n1,a\n2,\n3,c\n");
    let load = ["load", "t.csv", "-c", "c.yaml", "--to", "csv:o", "--max-rejects"];
    let strict = crate::support::karat(shop.path(), &[&load[..], &["0"]].concat());
    assert_eq!(strict.status.code(), Some(1));
    assert!(!shop.join("o").exists());
    let loose = crate::support::karat(shop.path(), &[&load[..], &["40%", "--overwrite-rejects"]].concat());
    assert_eq!(loose.status.code(), Some(1), "the gate fails all the same");
    assert!(shop.join("o").exists());
}

#[test]
fn modes_do_what_they_say() {
    for kind in ["parquet", "csv", "ndjson"] {
        let work = Folder::new();
        let target = format!("{kind}:{}", work.join("target").display());
        let run = |name: &str, data: &str, mode: Mode| {
            let rejects = work.join(&format!("rejects-{name}"));
            work.write(&format!("{name}/t.csv"), data);
            run_load(&contract(CONTRACT), &work.join(name), &target, mode, &rejects, &settings(1, 2)).unwrap()
        };
        let first = run("one", "id,name\n1,a\n2,b\n", Mode::Append);
        assert_eq!(first.tables[0].loaded, Some(2), "{kind}");
        let second = run("two", "id,name\n2,x\n3,c\n", Mode::Append);
        assert_eq!((second.tables[0].loaded, second.tables[0].rejected), (Some(1), 1), "{kind}: 2 is there already");
        let third = run("three", "id,name\n2,y\n4,d\n", Mode::Upsert);
        assert_eq!((third.tables[0].loaded, third.tables[0].updated), (Some(2), Some(1)), "{kind}");
        let fourth = run("four", "id,name\n9,z\n", Mode::Replace);
        assert_eq!(fourth.tables[0].loaded, Some(1), "{kind}");
        let rows: usize = fs::read_dir(work.join("target/t")).unwrap().count();
        assert_eq!(rows, 1, "{kind}: one part is left");
    }
}

#[cfg(feature = "duckdb")]
mod duckdb {
    use super::*;
    use crate::support::{project, shared};

    fn rows(file: &std::path::Path, sql: &str) -> Vec<Vec<String>> {
        let connection = ::duckdb::Connection::open(file).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let mut found = statement.query([]).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = found.next().unwrap() {
            let width = row.as_ref().column_count();
            rows.push((0..width).map(|column| row.get::<_, String>(column).unwrap()).collect());
        }
        rows
    }

    #[test]
    fn types_are_exact_and_statements_run_in_the_transaction() {
        let (work, rejects) = (Folder::new(), Folder::new());
        work.write(
            "data/t.ndjson",
            "{\"id\": 9007199254740993, \"paid\": 0.10, \"at\": \"2026-01-01T08:00:00.000001\", \"tags\": [\"a\"], \"who\": {\"n\": 1}}\n",
        );
        let text = "karat: 1
name: l
tables:
  t:
    source: {format: ndjson}
    primary_key: [id]
    columns:
      id: int64
      paid: decimal(12,2)
      at: timestamp
      tags: {type: list, items: {type: string}}
      who: {type: struct, fields: {n: int32}}
after_load:
  - CREATE OR REPLACE TABLE total AS SELECT sum(paid) AS paid FROM t
";
        let file = work.join("shop.duckdb");
        let target = file.display().to_string();
        let settings = settings(1, 10);
        let good = contract(text);
        run_load(&good, &work.join("data"), &target, Mode::Append, rejects.path(), &settings).unwrap();
        let types = "SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = 't' \
                     ORDER BY ordinal_position";
        let expected = ["id BIGINT", "paid DECIMAL(12,2)", "at TIMESTAMP", "tags VARCHAR[]", "who STRUCT(n INTEGER)"];
        assert_eq!(rows(&file, types).concat(), expected);
        let values = "SELECT id::VARCHAR, paid::VARCHAR, \"at\"::VARCHAR, tags::VARCHAR, who.n::VARCHAR FROM t";
        let expected = ["9007199254740993", "0.10", "2026-01-01 08:00:00.000001", "[a]", "1"];
        assert_eq!(rows(&file, values).concat(), expected);
        assert_eq!(rows(&file, "SELECT paid::VARCHAR FROM total").concat(), ["0.10"]);

        // A statement that fails takes the rows with it.
        work.write("data/t.ndjson", "{\"id\": 2}\n");
        let bad = contract(&text.replace("SELECT sum(paid) AS paid FROM t", "SELECT nothing FROM t"));
        let error = run_load(&bad, &work.join("data"), &target, Mode::Append, rejects.path(), &settings).unwrap_err();
        assert_eq!(error.exit_code(), 3, "{error}");
        assert_eq!(rows(&file, "SELECT count(*)::VARCHAR FROM t").concat(), ["1"]);
    }

    #[test]
    fn products_are_upserted_and_counted_by_name() {
        let Some(data) = shared("data/postman") else { return };
        let contract = contract(&fs::read_to_string(project().join("rules/products.yaml")).unwrap());
        let (work, rejects) = (Folder::new(), Folder::new());
        let file = work.join("shop.duckdb");
        let (target, settings) = (file.display().to_string(), settings(2, 4096));
        let report = run_load(&contract, &data, &target, Mode::Upsert, rejects.path(), &settings).unwrap();
        let mut last = std::collections::BTreeMap::new();
        let mut reader = csv::Reader::from_path(data.join("products.csv")).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            last.insert(row[1].to_owned(), row[0].to_owned());
        }
        let mut names = std::collections::BTreeMap::<&str, u64>::new();
        for name in last.values() {
            *names.entry(name).or_default() += 1;
        }
        assert_eq!(report.tables[0].loaded, Some(last.len() as u64));
        let found = rows(&file, "SELECT name, no_of_products::VARCHAR FROM products_by_name ORDER BY name");
        let expected: Vec<Vec<String>> =
            names.iter().map(|(name, count)| vec![(*name).to_owned(), count.to_string()]).collect();
        assert!(found == expected, "the aggregate differs");
        let kept = rows(&file, "SELECT sku, name FROM products ORDER BY sku");
        let expected: Vec<Vec<String>> = last.into_iter().map(|(sku, name)| vec![sku, name]).collect();
        assert!(kept == expected, "the last record of a SKU wins");
    }

    #[cfg(feature = "polars")]
    #[test]
    fn the_starter_view_counts_purchases() {
        let Some(data) = shared("data/starter") else { return };
        let contract = contract(&fs::read_to_string(project().join("rules/retail.yaml")).unwrap());
        let (work, rejects) = (Folder::new(), Folder::new());
        let file = work.join("shop.duckdb");
        let target = file.display().to_string();
        run_load(&contract, &data, &target, Mode::Append, rejects.path(), &settings(2, 64)).unwrap();
        let columns = "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns \
                       WHERE table_name = 'customer_purchases'";
        let expected = "customer_id,loyalty_score,product_id,product_category,purchase_count";
        assert_eq!(rows(&file, columns).concat(), [expected]);
        // An independent count: items in baskets of rows that lie in their own day's folder.
        let mut items = 0;
        for entry in fs::read_dir(data.join("transactions")).unwrap() {
            let folder = entry.unwrap().path();
            let day = folder.file_name().unwrap().to_string_lossy().trim_start_matches("d=").to_owned();
            for line in fs::read_to_string(folder.join("transactions.json")).unwrap().lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                if row["date_of_purchase"].as_str().unwrap().starts_with(&day) {
                    items += row["basket"].as_array().unwrap().len();
                }
            }
        }
        let counted = "SELECT sum(purchase_count)::VARCHAR FROM customer_purchases";
        assert_eq!(rows(&file, counted).concat(), [items.to_string()]);
    }
}
