//! Baselines: what was known does not fail, what is new does.

use serde_json::Value;

use crate::support::{Folder, karat};

const CONTRACT: &str = "\
karat: 1
name: shop
tables:
  t:
    columns:
      id: {type: int64, required: true, unique: true}
      price: {type: int64, minimum: 0}
    rules:
      - {row_count: {maximum: 5}}
";

fn run(folder: &Folder, arguments: &[&str], code: i32) -> String {
    let output = karat(folder.path(), arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

fn rule(folder: &Folder, id: &str) -> Value {
    let report: Value = serde_json::from_slice(&folder.read("r.json")).unwrap();
    report["tables"][0]["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap().clone()
}

#[test]
fn only_what_is_new_fails() {
    let folder = Folder::new();
    folder.write("c.yaml", CONTRACT);
    folder.write("t.csv", "id,price\n1,-5\n2,3\nx,3\n");
    let check = ["check", "t.csv", "-c", "c.yaml", "--baseline", "b.json", "--report", "json=r.json"];
    run(&folder, &["baseline", "t.csv", "-c", "c.yaml", "-o", "b.json"], 0);
    let first = folder.text("b.json");
    assert!(!first.contains("-5"), "a baseline holds no values: {first}");
    let said = run(&folder, &check, 0);
    assert!(said.contains("the baseline holds all of it"), "{said}");
    assert_eq!(rule(&folder, "t.price.minimum")["known"], 1);
    assert_eq!(rule(&folder, "t.price.minimum")["outcome"], "warned");

    // Other lines and line endings: the same records.
    folder.write("t.csv", "id,price\r\n7,7\r\nx,3\r\n1,-5\r\n");
    run(&folder, &check, 0);

    // A record that changed, and a copy of a known one, are new.
    folder.write("t.csv", "id,price\n1,-6\nx,3\n");
    run(&folder, &check, 1);
    let minimum = rule(&folder, "t.price.minimum");
    assert_eq!((minimum["known"].as_u64(), minimum["outcome"].as_str()), (Some(0), Some("failed")));
    folder.write("t.csv", "id,price\n7,7\nx,3\nx,3\n1,-5\n");
    run(&folder, &check, 1);
    let kind = rule(&folder, "t.id.type");
    assert_eq!((kind["known"].as_u64(), kind["failures"].as_u64()), (Some(1), Some(2)));
    assert_eq!(kind["places"][0]["line"], 4, "the places are those that are new: {kind}");

    // The same bytes for the same data, whatever the threads.
    folder.write("t.csv", "id,price\n1,-5\n2,3\nx,3\n");
    run(&folder, &["baseline", "t.csv", "-c", "c.yaml", "-o", "again.json", "--threads", "3", "--batch-rows", "1"], 0);
    assert_eq!(first, folder.text("again.json"));
}

#[test]
fn a_table_rule_is_known_up_to_its_count() {
    let folder = Folder::new();
    folder.write("c.yaml", CONTRACT);
    let rows = |count: u32| (0..count).fold("id,price\n".to_owned(), |text, id| text + &format!("{id},1\n"));
    folder.write("t.csv", rows(6));
    run(&folder, &["baseline", "t.csv", "-c", "c.yaml", "-o", "b.json"], 0);
    run(&folder, &["check", "t.csv", "-c", "c.yaml", "--baseline", "b.json"], 0);
}

#[test]
fn what_is_no_baseline_is_told() {
    let folder = Folder::new();
    folder.write("c.yaml", CONTRACT);
    folder.write("t.csv", "id,price\n1,1\n");
    folder.write("b.json", "{\"schema\":\"karat.baseline/9\",\"contract\":\"x\",\"rules\":{}}");
    let said = run(&folder, &["check", "t.csv", "-c", "c.yaml", "--baseline", "b.json"], 2);
    assert!(said.contains("karat.baseline/1"), "{said}");
    let said = run(&folder, &["check", "t.csv", "-c", "c.yaml", "--baseline", "no.json"], 2);
    assert!(said.contains("karat baseline"), "{said}");
    run(&folder, &["baseline", "t.csv", "-c", "c.yaml", "--report", "json=x"], 2);
    let said = run(&folder, &["baseline", "t.csv", "-c", "c.yaml", "-o", "t.csv"], 2);
    assert!(said.contains("would overwrite"), "{said}");
}
