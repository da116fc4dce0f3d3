//! Real inputs nobody here wrote, where they lie beside the project.

use std::fs;

use karat::model::Contract;
use karat::ops::load::Mode;

use crate::support::{Folder, contract, project, run_check, run_load, settings, shared};

fn shipped(name: &str) -> Contract {
    contract(&fs::read_to_string(project().join("rules").join(name)).unwrap())
}

#[test]
fn shipped_contracts_are_good_and_fit_the_schema() {
    let schema = karat::contract::schema::json_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in ["retail.yaml", "products.yaml", "supplier.yaml", "claims.yaml"] {
        shipped(name);
    }
    let good = serde_json::json!({
        "karat": 1, "name": "x",
        "tables": {"t": {"columns": {"a": {"type": "int64", "minimum": 1}}, "rules": [{"row_count": {"minimum": 1}}]}}
    });
    assert!(validator.is_valid(&good), "{:?}", validator.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
    let mut bad = good.clone();
    bad["tables"]["t"]["columns"]["a"]["minimun"] = 1.into();
    assert!(!validator.is_valid(&bad));
}

#[test]
fn twenty_thousand_products() {
    let Some(data) = shared("data/postman") else { return };
    let contract = shipped("products.yaml");
    let (rejects, target) = (Folder::new(), Folder::new());
    let report = run_check(&contract, &data, Some(rejects.path()), &settings(2, 4096)).unwrap();
    let table = &report.tables[0];
    assert_eq!(table.records, 20_000, "records, not lines");
    // An independent count: the csv crate and an ordered map.
    let mut last = std::collections::BTreeMap::new();
    let mut reader = csv::Reader::from_path(data.join("products.csv")).unwrap();
    for (number, row) in reader.records().enumerate() {
        let row = row.unwrap();
        last.insert(row[1].to_owned(), (number, row[0].to_owned()));
    }
    assert_eq!(table.clean, last.len() as u64);
    assert_eq!(table.rejected, 20_000 - last.len() as u64);

    let to = format!("parquet:{}", target.join("out").display());
    let load = run_load(&contract, &data, &to, Mode::Upsert, rejects.path(), &settings(2, 4096)).unwrap();
    assert_eq!(load.tables[0].loaded, Some(last.len() as u64));
}

#[test]
fn ten_thousand_suppliers() {
    let Some(data) = shared("data/tpch") else { return };
    let rejects = Folder::new();
    let report = run_check(&shipped("supplier.yaml"), &data, Some(rejects.path()), &settings(2, 4096)).unwrap();
    assert!(report.passed, "{report:#?}");
    let clean: Vec<u64> = report.tables.iter().map(|table| table.clean).collect();
    assert_eq!(clean, [25, 10_000]);
}

#[test]
fn the_starter_shop() {
    let Some(data) = shared("data/starter") else { return };
    let rejects = Folder::new();
    let report = run_check(&shipped("retail.yaml"), &data, Some(rejects.path()), &settings(2, 64)).unwrap();
    let transactions = report.tables.iter().find(|table| table.table == "transactions").unwrap();
    assert_eq!(transactions.files.len(), 93);
    // An independent count of rows in the wrong day folder.
    let (mut records, mut wrong) = (0, 0);
    for entry in fs::read_dir(data.join("transactions")).unwrap() {
        let folder = entry.unwrap().path();
        let day = folder.file_name().unwrap().to_string_lossy().trim_start_matches("d=").to_owned();
        for line in fs::read_to_string(folder.join("transactions.json")).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            records += 1;
            wrong += u64::from(!row["date_of_purchase"].as_str().unwrap().starts_with(&day));
        }
    }
    assert_eq!(transactions.records, records);
    let rule = transactions.rules.iter().find(|rule| rule.id == "transactions.right-day-folder").unwrap();
    assert_eq!(rule.failures, wrong);
    assert!(wrong > 0);
}
