//! What people and machines around a run see: terminals, secrets, other settings, many runs in one process.

use std::fs;
use std::process::Command;

use karat::ops::load::Mode;

use crate::reliability::{FIRST, SHOP, run, said, second, shop};
use crate::support::{Folder, contract, run_check, run_load, settings};

#[test]
fn r30_values_do_not_speak_to_the_terminal() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    let evil = "\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}\u{9b}1m<script>alert(1)</script>::error::x%0A";
    folder.write("products.csv", format!("sku,price\n{evil},-1\nB,\"{evil}\"\n"));
    let (code, text) = run(&folder, "check products.csv -c c.yaml --report json=r.json --report text=r.txt");
    assert_eq!(code, 1);
    for (what, said) in [("terminal", &text), ("text", &folder.text("r.txt"))] {
        for bad in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'] {
            assert!(!said.contains(bad), "{what} holds {bad:?}");
        }
    }
}

#[test]
fn r31_secrets_stand_in_no_output() {
    const CANARY: &str = "c4n4ry-s3cr3t";
    let folder = shop();
    for to in [
        "postgres://me:SECRET@localhost:1/db",
        "mysql://me:SECRET@localhost:1/db",
        "s3://SECRET@bucket/x",
        "nonsense:SECRET@x",
    ] {
        let to = to.replace("SECRET", CANARY);
        let (code, text) = run(&folder, &format!("load first.csv -c c.yaml --to {to} --report json=r.json"));
        assert!(code == 2 || code == 3, "{to}: {code}\n{text}");
        if to.contains("//") {
            assert!(!text.contains(CANARY), "{text}");
        }
    }
    let output = Command::new(env!("CARGO_BIN_EXE_karat"))
        .args("load second.csv -c c.yaml --to csv:out --report json=r.json --report text=r.txt -v".split(' '))
        .env("PGPASSWORD", CANARY)
        .env("AWS_SECRET_ACCESS_KEY", CANARY)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (code, text) = said(&output);
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains(CANARY));
    for file in folder.files() {
        let bytes = fs::read(folder.join(&file)).unwrap();
        assert!(memchr::memmem::find(&bytes, CANARY.as_bytes()).is_none(), "{file} holds the secret");
    }
}

#[test]
fn r40_home_locale_zone_and_mask_change_nothing() {
    let plain = shop();
    let (code, text) = run(&plain, "check second.csv -c c.yaml --rejects r --as-of 2026-01-01");
    assert_eq!(code, 1, "{text}");
    let odd = shop();
    let script = "umask 077; exec \"$0\" check second.csv -c c.yaml --rejects r --as-of 2026-01-01";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_karat")])
        .current_dir(odd.path())
        .env_clear()
        .env("LC_ALL", "tr_TR.ISO-8859-9")
        .env("TZ", "America/St_Johns")
        .output()
        .unwrap();
    let (code, text) = said(&output);
    assert_eq!(code, 1, "{text}");
    for file in ["r/products.rejects.csv", "r/products.reasons.ndjson"] {
        assert_eq!(plain.read(file), odd.read(file), "{file}");
    }
}

/// Open files and memory of this process.
fn held() -> (usize, u64) {
    let files = fs::read_dir("/proc/self/fd").unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    (files, line.split_whitespace().nth(1).unwrap().parse().unwrap())
}

#[test]
fn r42_many_runs_in_one_process_leak_nothing() {
    let data = Folder::new();
    data.write("products.csv", second());
    let contract = contract(SHOP);
    let round = || {
        let out = Folder::new();
        let to = format!("csv:{}", out.join("out").display());
        run_check(&contract, data.path(), None, &settings(2, 100)).unwrap();
        run_load(&contract, data.path(), &to, Mode::Append, &out.join("r"), &settings(2, 100)).unwrap();
        let stopped = settings(2, 100);
        stopped.interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
        run_load(&contract, data.path(), &to, Mode::Append, &out.join("r2"), &stopped).unwrap_err();
    };
    (0..20).for_each(|_| round());
    let before = held();
    (0..200).for_each(|_| round());
    let after = held();
    // Other tests run beside this one and open files of their own.
    assert!(after.0 < before.0 + 100, "open files: {} and then {}", before.0, after.0);
    assert!(after.1 < before.1 + 300_000, "KiB: {} and then {}", before.1, after.1);
}

#[test]
fn r42_ten_thousand_small_files() {
    let folder = Folder::new();
    folder.write("c.yaml", SHOP);
    for number in 0..10_000 {
        folder.write(&format!("d/p{number}.csv"), format!("sku,price\nS{number},1\n"));
    }
    let (code, text) = run(&folder, "load products=d/*.csv -c c.yaml --to csv:out");
    assert_eq!(code, 0, "{text}");
    assert_eq!(crate::reliability::rows_of_folder(&folder.join("out/products")).len(), 10_000);
}

#[test]
fn r43_planted_faults_are_found_and_nothing_else_is() {
    let folder = Folder::new();
    folder.write("first.csv", FIRST);
    let (code, text) = run(
        &folder,
        "generate retail --rows customers=20000 --rows products=500 --rows transactions=20000 --faults light --seed 7 --out shop",
    );
    assert_eq!(code, 0, "{text}");
    let files = folder.files();
    let manifest = files.iter().find(|name| name.contains("manifest")).unwrap();
    let contract = files.iter().find(|name| name.ends_with(".yaml")).unwrap();
    let (code, text) = run(&folder, &format!("check -c {contract} --data shop --score {manifest}"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("100"), "{text}");
}
