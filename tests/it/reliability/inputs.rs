//! Files that come again, change, are cut or packed badly.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use karat::model::ErrorKind;
use karat::ops::load::Mode;

use crate::reliability::{FIRST, SHOP, reasons, rows_of_folder, run, second, shop};
use crate::support::{Folder, contract, run_check, run_load, settings};

#[test]
fn r09_a_file_is_known_by_its_content() {
    let folder = shop();
    folder.write("copy.csv", FIRST);
    let load = "-c c.yaml --to csv:out --overwrite-rejects";
    assert_eq!(run(&folder, &format!("load first.csv {load}")).0, 0);
    for again in ["first.csv", "copy.csv"] {
        let (code, text) = run(&folder, &format!("load {again} {load}"));
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("loaded before") || text.contains("skipped"), "{again}: {text}");
        assert_eq!(rows_of_folder(&folder.join("out/products")).len(), 10);
    }
    folder.write("first.csv", "sku,price\nB1,1\n");
    let (code, text) = run(&folder, &format!("load first.csv {load}"));
    assert_eq!((code, rows_of_folder(&folder.join("out/products")).len()), (0, 11), "{text}");
}

#[test]
fn r11_an_input_that_changes_while_it_is_read() {
    let changes: [(&str, fn(&Path)); 3] = [
        ("grows", |path| {
            fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"Z1,1\n").unwrap();
        }),
        ("shrinks", |path| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() - 7).unwrap();
        }),
        ("is replaced", |path| {
            let new = path.with_extension("new");
            fs::write(&new, "sku,price\nZ1,1\n").unwrap();
            fs::rename(&new, path).unwrap();
        }),
    ];
    for (how, change) in changes {
        let (data, out) = (Folder::new(), Folder::new());
        let rows: String = (0..400_000).map(|row| format!("S{row},1\n")).collect();
        let path = data.write("products.csv", format!("sku,price\n{rows}"));
        let settings = settings(1, 20);
        let (records, ended) = (settings.progress.records.clone(), Arc::new(AtomicBool::new(false)));
        let watcher = std::thread::spawn({
            let ended = ended.clone();
            move || {
                // The first records are judged, the last are not: 20,000 batches lie between.
                while records.load(Ordering::Relaxed) == 0 && !ended.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                change(&path);
            }
        });
        let to = format!("csv:{}", out.join("out").display());
        let result = run_load(&contract(SHOP), data.path(), &to, Mode::Append, &out.join("rejects"), &settings);
        ended.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
        let error = result.expect_err(how);
        assert_eq!(error.kind, ErrorKind::Input, "{how}: {error}");
        assert!(error.to_string().contains("products.csv"), "{how}: {error}");
        assert!(!out.join("out").exists(), "{how}");
    }
}

/// Checks a file cut at every byte: every record read is clean or rejected, every byte belongs to something, and
/// what is kept of a reject is what stood there.
fn torn(name: &str, whole: &[u8], contract_text: &str) {
    let contract = contract(contract_text);
    for end in 0..=whole.len() {
        let (data, rejects) = (Folder::new(), Folder::new());
        let cut = &whole[..end];
        data.write(name, cut);
        let report = match run_check(&contract, data.path(), Some(rejects.path()), &settings(1, 2)) {
            Ok(report) => report,
            Err(error) => {
                assert!(error.to_string().contains(name), "{end}: {error}");
                continue;
            }
        };
        let table = &report.tables[0];
        assert_eq!(table.records, table.clean + table.rejected, "cut at {end}");
        let file = &table.files[0];
        assert_eq!(file.record_bytes + file.framing_bytes, end as u64, "cut at {end}");
        let reasons = reasons(rejects.path(), "t");
        assert_eq!(reasons.len() as u64, table.rejected, "cut at {end}");
        let kept = fs::read_dir(rejects.path()).unwrap().map(|entry| entry.unwrap().path());
        let kept = kept.filter(|path| path.to_string_lossy().contains(".rejects.")).map(|path| fs::read(path).unwrap());
        let kept = kept.collect::<Vec<_>>().concat();
        for reason in reasons {
            let at = |key: &str| usize::try_from(reason[key].as_u64().unwrap()).unwrap();
            let slice = &cut[at("offset")..at("offset") + at("length")];
            let found = memchr::memmem::find(&kept, slice).is_some();
            assert!(found, "cut at {end}: {:?} was not kept", String::from_utf8_lossy(slice));
        }
    }
}

const TORN: &str = "karat: 1
name: torn
tables:
  t:
    source: {format: FORMAT}
    columns: {id: {type: int64, required: true}, note: {type: string, required: true}}
";

#[test]
fn r12_a_file_cut_at_every_byte() {
    let csv = "id,note\r\n1,\"a \"\"b\"\"\r\nc\"\r\n2,ü\n\n3,\"x,y\"\r4,z\n5,last";
    torn("t.csv", csv.as_bytes(), &TORN.replace("FORMAT", "csv"));
    let ndjson = "{\"id\":1,\"note\":\"ü\\n\"}\n{\"id\":2,\"note\":\"{}\"}\r\n\n{\"id\":3,\"note\":\"z\"}";
    torn("t.ndjson", ndjson.as_bytes(), &TORN.replace("FORMAT", "ndjson"));
    let json = "[{\"id\":1,\"note\":\"ü\"},\n {\"id\":2,\"note\":\"]\"} ,{\"id\":3,\"note\":\"z\"}]\n";
    torn("t.json", json.as_bytes(), &TORN.replace("FORMAT", "json"));
}

/// Packs bytes in one of the forms that are read.
fn packed(form: &str, bytes: &[u8]) -> Vec<u8> {
    match form {
        "gz" => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        "zst" => {
            // As the command line tool packs: with a checksum.
            let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
            packer.include_checksum(true).unwrap();
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        _ => {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
    }
}

#[test]
fn r13_archives_that_are_cut_or_corrupt_load_nothing() {
    let contract = contract(SHOP);
    for form in ["gz", "zst", "bz2"] {
        let good = packed(form, second().as_bytes());
        let name = format!("products.csv.{form}");
        let tried = |bytes: &[u8]| {
            let (data, out) = (Folder::new(), Folder::new());
            data.write(&name, bytes);
            let to = format!("csv:{}", out.join("out").display());
            let result = run_load(&contract, data.path(), &to, Mode::Append, &out.join("rejects"), &settings(2, 100));
            (result, rows_of_folder(&out.join("out/products")).len())
        };
        let (whole, rows) = tried(&good);
        assert_eq!((whole.unwrap().tables[0].records, rows), (1000, 900), "{form}");
        for step in 1..40 {
            let (cut, rows) = tried(&good[..good.len() * step / 40]);
            let error = cut.expect_err("it is cut");
            assert!(error.to_string().contains(&name) && rows == 0, "{form}: {error}");
            let mut wrong = good.clone();
            wrong[good.len() * step / 40] ^= 0x20;
            // One bit: an error, or (a bit of a name or a time in the head) the same rows; never others.
            match tried(&wrong) {
                (Err(error), rows) => assert!(error.to_string().contains(&name) && rows == 0, "{form}: {error}"),
                (Ok(report), rows) => assert_eq!((report.tables[0].records, rows), (1000, 900), "{form}"),
            }
        }
    }
}

#[test]
fn r13_members_one_after_the_other_are_one_file_and_padding_is_none() {
    let text = second();
    let (front, back) = text.split_at(text.len() / 3);
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    let members = [packed("gz", front.as_bytes()), packed("gz", back.as_bytes()), vec![0; 512]].concat();
    folder.write("products.csv.gz", members);
    let (code, text) = run(&folder, "check products.csv.gz -c c.yaml --report json=r.json");
    assert_eq!(code, 1, "{text}");
    assert!(folder.text("r.json").contains("\"records\": 1000"), "{text}");
}

#[test]
fn r14_an_archive_of_nothing_but_zeros_is_refused_in_little_memory() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(b"sku,price\n").unwrap();
    for _ in 0..2048 {
        packer.write_all(&[0; 1 << 20]).unwrap();
    }
    folder.write("products.csv.gz", packer.finish().unwrap());
    let (code, text) = run(&folder, "check products.csv.gz -c c.yaml");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("products.csv.gz") && text.contains("MiB"), "{text}");
}

#[test]
fn r14_r15_archives_in_archives_and_zips_are_refused() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    folder.write("products.csv.gz", packed("gz", &packed("gz", FIRST.as_bytes())));
    let (code, text) = run(&folder, "check products.csv.gz -c c.yaml");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("inside another archive"), "{text}");
    // Zips are not unpacked at all, so no name in them can lead outside.
    folder.write("products.csv", b"PK\x03\x04\x14\0\0\0../../evil");
    let (code, text) = run(&folder, "check products=products.csv -c c.yaml");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("zip"), "{text}");
    assert!(!folder.join("../evil").exists());
}
