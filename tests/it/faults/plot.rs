//! A small data set, and the least that plants faults in it: what a real writer does with a planter.

use std::ops::Range;

use karat::frame::Mask;
use karat::generate::faults::{PlannedFile, Planter, Site};
use karat::model::generation::Amount;
use karat::model::manifest::{Entry, Header, SCHEMA};
use karat::model::{Contract, FaultSpec, Report, Result, Score, Table};
use karat::ops::check::CheckRequest;
use karat::ops::score::{Manifest, check_and_score};

use crate::support::{Folder, inputs, settings};

/// Customers, their orders (CSV with everything a rule can ask) and their baskets (nested, in day folders).
pub const CONTRACT: &str = r#"
karat: 1
name: plot
tables:
  customers:
    source: {format: csv, path: customers.csv}
    primary_key: [id]
    columns:
      id: {type: string, pattern: "C[0-9]+"}
      name: {type: string, required: true}
  orders:
    source: {format: csv, path: "orders-*.csv"}
    primary_key: [order_id]
    columns:
      order_id: {type: int64, minimum: 1}
      customer: {type: string, required: true, references: customers.id}
      sku: {type: string, required: true, unique: true, pattern: "[A-Z]{2}-[0-9]{4}"}
      city: {type: string, accepted_values: [Bath, York, Leeds, Hull]}
      note: {type: string, max_length: 30}
      qty: {type: int32, required: true, minimum: 1, maximum: 50}
      price: {type: "decimal(8,2)", required: true, minimum: 0}
      rate: {type: float64}
      ordered: {type: date, required: true, minimum: 2020-01-01, maximum: today}
      shipped: {type: date, format: "%d/%m/%Y"}
      seen: {type: timestamp}
      active: {type: bool}
      email: {type: string, format: email}
    rules:
      - {compare: "shipped >= ordered"}
      - {accepted_values: [0.5, 1.5, 2.5], column: rate, severity: warning}
      - {row_count: {minimum: 60}}
      - {columns: {missing: false, extra: false, reordered: false, duplicated: false}}
  baskets:
    source: {format: ndjson, path: "baskets/d=*/b.json"}
    primary_key: [id]
    columns:
      id: {type: int64, minimum: 1}
      customer: {type: string, required: true, references: customers.id}
      basket:
        type: list
        required: true
        min_items: 1
        max_items: 3
        items:
          type: struct
          fields:
            sku: {type: string, required: true, pattern: "[A-Z]{2}-[0-9]{4}"}
            price: {type: int32, required: true, exclusive_minimum: 0}
            gift: {type: bool}
      total: {type: "decimal(8,2)", required: true, minimum: 0}
      text: {type: string, min_length: 2}
      on: {type: date, required: true}
      d: {type: date, required: true}
    rules:
      - {compare: "on = d"}
"#;

/// The clean records of one table and how they lie in files.
pub struct Field {
    pub table: &'static str,
    pub head: Vec<u8>,
    pub records: Vec<Vec<u8>>,
    pub files: Vec<PlannedFile>,
}

/// Reads the contract. The day of the baskets names their folder.
pub fn contract() -> Contract {
    let mut contract = crate::support::contract(CONTRACT);
    for table in contract.tables.iter_mut().filter(|table| table.name == "baskets") {
        table.generation.day = table.column_index("on");
    }
    contract
}

fn file(path: &str, rows: Range<u64>) -> PlannedFile {
    PlannedFile { path: path.to_owned(), rows: vec![rows] }
}

/// The clean data set.
pub fn fields() -> Vec<Field> {
    let customers = (0..10).map(|row| format!("C{row},Name {row}\n").into_bytes()).collect();
    let orders: Vec<Vec<u8>> = (0..80).map(|row| order(row).into_bytes()).collect();
    let baskets: Vec<Vec<u8>> = (0..60).map(|row| basket(row).into_bytes()).collect();
    let head = b"order_id,customer,sku,city,note,qty,price,rate,ordered,shipped,seen,active,email\n";
    vec![
        Field {
            table: "customers",
            head: b"id,name\n".to_vec(),
            records: customers,
            files: vec![file("customers.csv", 0..10)],
        },
        Field {
            table: "orders",
            head: head.to_vec(),
            records: orders,
            files: vec![file("orders-1.csv", 0..30), file("orders-2.csv", 30..80)],
        },
        Field {
            table: "baskets",
            head: Vec::new(),
            records: baskets,
            files: vec![
                file("baskets/d=2024-02-28/b.json", 0..20),
                file("baskets/d=2024-02-29/b.json", 20..40),
                file("baskets/d=2024-03-01/b.json", 40..60),
            ],
        },
    ]
}

fn order(row: u64) -> String {
    let city = ["Bath", "York", "Leeds", "Hull"][(row % 4) as usize];
    let note = ["", "plain text", "\"two\nlines, and a comma\"", "\"5\"\" pipe\"", "Zoë's order"][(row % 5) as usize];
    let shipped = if row.is_multiple_of(7) { String::new() } else { format!("{:02}/03/2024", 5 + row % 20) };
    let seen = if row.is_multiple_of(3) {
        format!("2024-02-01T10:{:02}:00.5", row % 60)
    } else {
        format!("2024-02-01T10:{:02}:01.25", row % 60)
    };
    format!(
        "{},C{},{}{}-{:04},{city},{note},{},{}.{:02},{}.5,2024-02-{:02},{shipped},{seen},{},user{row}@example.org\n",
        row + 1,
        row % 10,
        char::from(b'A' + (row % 26) as u8),
        char::from(b'K' + (row % 10) as u8),
        row * 37 % 10_000,
        1 + row % 50,
        row * 13 % 900,
        row % 100,
        row % 3,
        1 + row % 28,
        row.is_multiple_of(2),
    )
}

fn basket(row: u64) -> String {
    let items: Vec<String> = (0..=row % 3)
        .map(|item| {
            let gift = ["true", "false", "null"][((row + item) % 3) as usize];
            format!("{{\"sku\": \"QX-{:04}\", \"price\": {}, \"gift\": {gift}}}", row * 3 + item, 100 + row)
        })
        .collect();
    let text = if row.is_multiple_of(4) { "null".to_owned() } else { format!("\"say \\\"{row}\\\" \\u00e9\"") };
    let day = ["2024-02-28", "2024-02-29", "2024-03-01"][(row / 20) as usize];
    format!(
        "{{\"id\": {}, \"customer\": \"C{}\", \"basket\": [{}], \"total\": {}.50, \"text\": {text}, \"on\": \"{day}\"}}\n",
        row + 1,
        row % 10,
        items.join(", "),
        row + 3,
    )
}

/// A fault with nothing but a kind, a place and an amount.
pub fn fault(kind: &str, table: &str, path: Option<&str>, amount: Amount) -> FaultSpec {
    FaultSpec {
        id: kind.to_owned(),
        kind: kind.to_owned(),
        table: table.to_owned(),
        path: path.map(str::to_owned),
        amount,
        condition: None,
        burst: None,
        options: Vec::new(),
        place: (0, 0),
    }
}

/// One file as it was written, and the manifest's entries of it.
pub struct Written {
    pub path: String,
    pub bytes: Vec<u8>,
    pub entries: Vec<Entry>,
    /// The clean file without the rows whose record is the fault itself.
    pub untouched: Vec<u8>,
}

/// Plants the faults of one table and writes its files into memory; gives the entries of whole files beside.
pub fn plant(contract: &Contract, field: &Field, specs: &[FaultSpec], seed: u64) -> Result<(Vec<Written>, Vec<Entry>)> {
    let table = contract.table(field.table).unwrap();
    let rows = field.records.len() as u64;
    let planter = Planter::new(contract, table, specs, rows, seed)?;
    let mut files = field.files.clone();
    let mut of_files = planter.files(&mut files);
    let written = files.iter().map(|file| write(&planter, field, file, &mut of_files)).collect::<Result<_>>()?;
    Ok((written, of_files))
}

fn write(planter: &Planter, field: &Field, file: &PlannedFile, of_files: &mut Vec<Entry>) -> Result<Written> {
    let whole = planter.file(file, &field.head);
    of_files.extend(whole.entries);
    let mut bytes = whole.head.unwrap_or_else(|| field.head.clone());
    let mut untouched = bytes.clone();
    let (mut entries, mut record) = (Vec::new(), 1);
    let other = |row: u64| Ok(field.records[usize::try_from(row).unwrap()].clone());
    for range in &file.rows {
        let rows = planter
            .rows(range.clone(), &|_| Ok(Mask::full(usize::try_from(range.end - range.start).unwrap())))
            .unwrap();
        let mut faults = rows.into_iter().peekable();
        for row in range.clone() {
            let clean = &field.records[usize::try_from(row).unwrap()];
            let Some((_, numbers)) = faults.next_if(|(at, _)| *at == row) else {
                bytes.extend(clean);
                untouched.extend(clean);
                record += 1;
                continue;
            };
            let site = Site { row, record: clean, other: &other, file_rows: range.clone(), folder: None };
            let dirty = planter.apply(&numbers, &site)?;
            let (offset, line) = (bytes.len() as u64, 1 + lines(&bytes));
            let mut replaced = false;
            for mut entry in dirty.entries {
                entry.file.clone_from(&file.path);
                replaced |= entry.pair.is_none() && entry.kind != "blank_lines";
                entry.offset = entry.offset.map(|at| at + offset);
                entry.line = entry.line.map(|at| at + line);
                entry.record = entry.record.map(|at| at + record);
                entry.pair = entry.pair.map(|at| at + record);
                entries.push(entry);
            }
            if !replaced {
                untouched.extend(clean);
            }
            record += dirty.records;
            bytes.extend(dirty.bytes);
        }
    }
    bytes.extend(&whole.tail);
    bytes.truncate(bytes.len() - usize::try_from(whole.cut).unwrap());
    if whole.utf16 {
        let text = String::from_utf8(bytes).unwrap();
        bytes = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    }
    Ok(Written { path: file.path.clone(), bytes, entries, untouched })
}

pub fn lines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count() as u64 - 1
}

/// Plants faults in the whole data set and writes it to a folder.
pub fn sow(contract: &Contract, specs: &[FaultSpec], seed: u64, folder: &Folder) -> Result<Manifest> {
    let mut entries = Vec::new();
    for field in fields() {
        let (files, of_files) = plant(contract, &field, specs, seed)?;
        for file in files {
            folder.write(&file.path, &file.bytes);
            entries.extend(file.entries);
        }
        entries.extend(of_files);
    }
    let header = Header {
        schema: SCHEMA.to_owned(),
        contract: contract.name.clone(),
        contract_sha256: contract.sha256.clone(),
        seed,
        generator: karat::generate::VERSION,
        faults: entries.len() as u64,
    };
    Ok(Manifest { header, entries })
}

/// Checks a folder and scores what was found.
pub fn reap(contract: &Contract, folder: &Folder, manifest: &Manifest) -> (Report, Score) {
    let inputs = inputs(contract, folder.path());
    let request = CheckRequest { contract, inputs: &inputs, rejects: None, allow_empty: true };
    check_and_score(&request, &settings(1, 16), manifest).unwrap_or_else(|error| panic!("{error}"))
}

/// All paths of a table's records.
pub fn paths(table: &Table) -> Vec<String> {
    let mut paths: Vec<String> =
        table.columns.iter().map(|column| column.name.clone()).filter(|name| name != "d").collect();
    if table.name == "baskets" {
        paths.extend(["basket[].sku", "basket[].price", "basket[].gift"].map(str::to_owned));
    }
    paths
}
