//! What tests of sinks share: a folder of their own, a contract with every type, rows, and one whole load.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array,
    Int64Array, RecordBatch, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt8Array,
    UInt64Array,
};
use arrow_schema::DataType as Arrow;

use crate::frame::schema;
use crate::io::formats::write::value;
use crate::io::target::{TargetOptions, servers};
use crate::io::{LoadedFile, Mode, Receipt, Sink, Taken, target};
use crate::model::{Access, Column, Contract, DataType, PrimaryKey, Result, SourceSpec, Table};

/// Opens a target that must be one, the ordinary way.
pub fn open(to: &str) -> Result<Box<dyn Sink>> {
    target::open(to, &TargetOptions { access: access(to), ..TargetOptions::default() })
}

/// What is needed to reach a target of the tests.
pub fn access(to: &str) -> Access {
    if to.contains("s3://") { Access::new(servers::s3::server().variables(), None) } else { Access::default() }
}

/// A folder that is removed with its content.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("karat-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What stands in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        names(&self.0)
    }
}

/// What stands in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn item(data_type: DataType) -> DataType {
    DataType::List(Box::new(Column::new("item", data_type)))
}

/// A table with every type, `id` its primary key.
pub fn products() -> Table {
    let line = vec![Column::new("product \"id\"", DataType::String), Column::new("price", DataType::Int64)];
    let place = vec![Column::new("city", DataType::String), Column::new("zip", DataType::Int32)];
    let columns = vec![
        Column::new("id", DataType::Int64),
        Column::new("sku \"x\", y", DataType::String),
        Column::new("price", DataType::Decimal { precision: 12, scale: 2 }),
        Column::new("wide", DataType::Decimal { precision: 38, scale: 6 }),
        Column::new("listed_on", DataType::Date),
        Column::new("opens", DataType::Time),
        Column::new("at", DataType::Timestamp),
        Column::new("seen", DataType::TimestampTz),
        Column::new("flag", DataType::Bool),
        Column::new("tiny", DataType::UInt8),
        Column::new("big", DataType::UInt64),
        Column::new("small", DataType::Float32),
        Column::new("ratio", DataType::Float64),
        Column::new("raw", DataType::Binary),
        Column::new("tags", item(DataType::String)),
        Column::new("basket", item(DataType::Struct(line))),
        Column::new("place", DataType::Struct(place)),
    ];
    Table {
        name: "products".to_owned(),
        description: None,
        source: SourceSpec::default(),
        primary_key: Some(PrimaryKey { columns: vec![0] }),
        columns,
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

pub fn contract(tables: Vec<Table>) -> Contract {
    Contract {
        name: "retail".to_owned(),
        description: None,
        tables,
        audit_columns: Vec::new(),
        after_load: Vec::new(),
        faults: Vec::new(),
        sha256: "c0ffee".to_owned(),
    }
}

/// Rows of [`products`]: an id and a seed for the rest; without a seed the rest is NULL.
pub fn rows(specs: &[(i64, Option<i64>)]) -> RecordBatch {
    fn each<T>(specs: &[(i64, Option<i64>)], f: impl Fn(i64) -> T) -> Vec<Option<T>> {
        specs.iter().map(|(_, seed)| seed.map(&f)).collect()
    }
    let decimal =
        |values: Vec<Option<i128>>, p, s| Decimal128Array::from(values).with_precision_and_scale(p, s).unwrap();
    let skus: Vec<Option<String>> = each(specs, |n| if n % 5 == 0 { String::new() } else { format!("a,\"{n}\"\né") });
    let raws: Vec<Option<Vec<u8>>> = each(specs, |n| vec![0xff; usize::try_from(n % 4).unwrap()]);
    let cities = StringArray::from(each(specs, |n| format!("city {n}")));
    let zips = Int32Array::from(each(specs, |n| i32::try_from(n).unwrap() - 7));
    let Arrow::Struct(place) = schema::arrow_type(&products().columns[16].data_type) else { panic!("a struct") };
    let present: Vec<bool> = specs.iter().map(|(_, seed)| seed.is_some_and(|n| n % 3 != 1)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(specs.iter().map(|(id, _)| *id).collect::<Vec<_>>())),
        Arc::new(StringArray::from(skus)),
        Arc::new(decimal(each(specs, |n| i128::from(n) * 7 - 9_999_999_999), 12, 2)),
        Arc::new(decimal(each(specs, |n| i128::from(n) - 99_999_999_999_999_999_999_999_999_999_999_999_999), 38, 6)),
        Arc::new(Date32Array::from(each(specs, |n| i32::try_from(n).unwrap() * 100 - 3000))),
        Arc::new(Time64MicrosecondArray::from(each(specs, |n| n * 1_000_003))),
        Arc::new(TimestampMicrosecondArray::from(each(specs, |n| n * 86_399_999_999 - 1))),
        Arc::new(TimestampMicrosecondArray::from(each(specs, |n| n * 86_400_000_001)).with_timezone("UTC")),
        Arc::new(BooleanArray::from(each(specs, |n| n % 2 == 0))),
        Arc::new(UInt8Array::from(each(specs, |n| u8::try_from(255 - n % 200).unwrap()))),
        Arc::new(UInt64Array::from(each(specs, |n| u64::MAX - n.unsigned_abs()))),
        Arc::new(Float32Array::from(each(specs, |n| f32::from(i16::try_from(n).unwrap()) / 3.0))),
        Arc::new(Float64Array::from(each(specs, |n| f64::from(i32::try_from(n).unwrap()) / 7.0))),
        Arc::new(BinaryArray::from(raws.iter().map(|raw| raw.as_deref()).collect::<Vec<_>>())),
        tags(specs),
        basket(specs),
        Arc::new(StructArray::new(place, vec![Arc::new(cities), Arc::new(zips)], Some(present.into()))),
    ];
    RecordBatch::try_new(schema::schema(&products()), columns).unwrap()
}

fn tags(specs: &[(i64, Option<i64>)]) -> ArrayRef {
    let mut tags = ListBuilder::new(StringBuilder::new());
    for (_, seed) in specs {
        for n in 0..seed.unwrap_or(0) % 4 {
            tags.values().append_option((n != 1).then(|| format!("tag {n}")));
        }
        tags.append(seed.is_some());
    }
    Arc::new(tags.finish())
}

fn basket(specs: &[(i64, Option<i64>)]) -> ArrayRef {
    let Arrow::List(item) = schema::arrow_type(&products().columns[15].data_type) else { panic!("a list") };
    let Arrow::Struct(fields) = item.data_type().clone() else { panic!("a struct") };
    let mut lines = ListBuilder::new(StructBuilder::from_fields(fields, 0));
    for (_, seed) in specs {
        for n in 0..seed.unwrap_or(0) % 3 {
            let line = lines.values();
            line.field_builder::<StringBuilder>(0).unwrap().append_value(format!("p{n}"));
            line.field_builder::<Int64Builder>(1).unwrap().append_option((n == 0).then_some(i64::MAX));
            line.append(true);
        }
        lines.append(seed.is_some());
    }
    Arc::new(lines.finish())
}

/// Writes rows as JSON texts, sorted.
pub fn texts(batch: &RecordBatch) -> Vec<String> {
    let rows = StructArray::from(batch.clone());
    let text = |row| {
        let mut out = Vec::new();
        value::push_json(&mut out, &rows, row);
        String::from_utf8(out).unwrap()
    };
    let mut texts: Vec<String> = (0..batch.num_rows()).map(text).collect();
    texts.sort();
    texts
}

/// Gives a receipt of one file a table.
pub fn receipt(load_id: &str, contract: &Contract, clean: &[u64]) -> Receipt {
    let file = |(table, &clean): (&Table, &u64)| LoadedFile {
        table: table.name.clone(),
        path: format!("in/{}.csv", table.name),
        sha256: format!("sha of {load_id}"),
        bytes: 100,
        records: clean + 1,
        clean,
        rejected: 1,
    };
    Receipt {
        load_id: load_id.to_owned(),
        loaded_at: "2026-10-31T12:00:00.123456Z".to_owned(),
        contract: contract.name.clone(),
        contract_sha256: contract.sha256.clone(),
        files: contract.tables.iter().zip(clean).map(file).collect(),
        clean: clean.to_vec(),
    }
}

/// Does all of a load but the commit; one batch a table.
pub fn prepared(
    to: &str,
    load_id: &str,
    contract: &Contract,
    mode: Mode,
    batches: &[RecordBatch],
) -> Result<(Box<dyn Sink>, Vec<Taken>)> {
    let mut sink = open(to)?;
    let tables: Vec<usize> = (0..batches.len()).collect();
    sink.begin(contract, &tables, mode)?;
    for (table, rows) in batches.iter().enumerate() {
        // Two batches, so that none is the whole.
        let half = rows.num_rows() / 2;
        sink.write(table, &rows.slice(0, half))?;
        sink.write(table, &rows.slice(half, rows.num_rows() - half))?;
    }
    let clean: Vec<u64> = batches.iter().map(|rows| rows.num_rows() as u64).collect();
    let taken = sink.finish(&receipt(load_id, contract, &clean))?;
    Ok((sink, taken))
}

/// Does a whole load.
pub fn load(to: &str, load_id: &str, contract: &Contract, mode: Mode, batches: &[RecordBatch]) -> Result<Vec<Taken>> {
    let (sink, taken) = prepared(to, load_id, contract, mode, batches)?;
    sink.commit()?;
    Ok(taken)
}

/// Reads what a sink's target held before the load.
pub fn seen(sink: &mut dyn Sink, table: &Table) -> Result<Vec<String>> {
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let mut found = Vec::new();
    sink.existing(table, &columns, &mut |rows| {
        assert_eq!(rows.schema(), schema::schema(table));
        found.extend(texts(rows));
        Ok(())
    })?;
    found.sort();
    Ok(found)
}

/// Reads what a target holds of a table.
pub fn held(to: &str, contract: &Contract, table: &Table) -> Vec<String> {
    let mut sink = open(to).unwrap();
    sink.begin(contract, &[], Mode::Append).unwrap();
    seen(&mut *sink, table).unwrap()
}
