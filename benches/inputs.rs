//! Makes the benchmark's inputs and says what is wrong in them.
//!
//! `inputs WORK ROWS FOLDER` with WORK one of `orders`, `orders50`, `tiny`, `products`, `transactions`, `int-keys`,
//! `text-keys`, `references`. The same words give the same bytes on every machine. Beside the data it writes `truth.json`
//! (rows, bytes, wrong rows and failures by rule of each table) and, for each table, `<table>.wrong`: the numbers of
//! the wrong records, from 1, as little-endian u32. A row has at most one defect.

use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, work, rows, folder] = args.as_slice() else {
        eprintln!("usage: inputs WORK ROWS FOLDER");
        std::process::exit(2);
    };
    let rows: u64 = rows.parse().expect("ROWS is a number");
    assert!(rows < u64::from(u32::MAX), "record numbers are 32 bits wide");
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let truth = match work.as_str() {
        "orders" => orders(rows, 1200, &folder)?,
        "orders50" => orders(rows, 24, &folder)?,
        "tiny" => orders(rows, 120, &folder)?,
        "products" => products(rows, &folder)?,
        "transactions" => transactions(rows, &folder)?,
        "int-keys" => vec![keys(rows, false, &folder)?],
        "text-keys" => vec![keys(rows, true, &folder)?],
        "references" => references(rows, &folder)?,
        other => panic!("no such work: {other}"),
    };
    std::fs::write(folder.join("truth.json"), json(&truth))
}

// ---- the truth

/// What is true of one table.
struct Truth {
    name: &'static str,
    file: String,
    rows: u64,
    bytes: u64,
    wrong: Vec<u32>,
    rules: Vec<(&'static str, u64)>,
}

impl Truth {
    fn new(name: &'static str, file: &str, rules: &[&'static str]) -> Truth {
        let rules = rules.iter().map(|rule| (*rule, 0)).collect();
        Truth { name, file: file.to_string(), rows: 0, bytes: 0, wrong: Vec::new(), rules }
    }

    fn fails(&mut self, row: u64, rule: usize) {
        self.wrong.push(row as u32 + 1);
        self.rules[rule].1 += 1;
    }

    /// Sorts the wrong records and writes them down.
    fn close(mut self, rows: u64, bytes: u64, folder: &Path) -> Result<Truth> {
        self.rows = rows;
        self.bytes = bytes;
        self.wrong.sort_unstable();
        let before = self.wrong.len();
        self.wrong.dedup();
        assert_eq!(before, self.wrong.len(), "one defect a row");
        let numbers: Vec<u8> = self.wrong.iter().flat_map(|n| n.to_le_bytes()).collect();
        std::fs::write(folder.join(format!("{}.wrong", self.name)), numbers)?;
        Ok(self)
    }
}

fn json(tables: &[Truth]) -> String {
    let tables: Vec<String> = tables
        .iter()
        .map(|t| {
            let rules: Vec<String> = t.rules.iter().map(|(rule, n)| format!("\"{rule}\": {n}")).collect();
            format!(
                "  \"{}\": {{\"file\": \"{}\", \"rows\": {}, \"bytes\": {}, \"wrong\": {},\n    \"rules\": {{{}}}}}",
                t.name,
                t.file,
                t.rows,
                t.bytes,
                t.wrong.len(),
                rules.join(", ")
            )
        })
        .collect();
    format!("{{\n{}\n}}\n", tables.join(",\n"))
}

// ---- chance and text

/// 64 well mixed bits of a number (SplitMix64).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The bits of a row for one purpose.
fn bits(row: u64, purpose: u64) -> u64 {
    mix(mix(row ^ (purpose << 56)) ^ purpose)
}

/// A file with a large buffer and hand-made formatting.
struct Out {
    file: File,
    buffer: Vec<u8>,
    bytes: u64,
}

impl Out {
    fn create(path: PathBuf) -> Result<Out> {
        Ok(Out { file: File::create(path)?, buffer: Vec::with_capacity(2 << 20), bytes: 0 })
    }

    fn text(&mut self, text: &str) -> &mut Out {
        self.buffer.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, n: u64) -> &mut Out {
        self.padded(n, 1)
    }

    /// A number with zeros before it, `width` digits wide at least.
    fn padded(&mut self, mut n: u64, width: usize) -> &mut Out {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        while n > 0 {
            at -= 1;
            digits[at] = b'0' + (n % 10) as u8;
            n /= 10;
        }
        let from = at.min(digits.len() - width);
        self.buffer.extend_from_slice(&digits[from..]);
        self
    }

    fn end_row(&mut self) -> Result<()> {
        self.buffer.push(b'\n');
        if self.buffer.len() > 1 << 20 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// An earlier row without a defect for this one to repeat, if there is one.
fn earlier(row: u64, is_clean: impl Fn(u64) -> bool) -> Option<u64> {
    let start = bits(row, 9).checked_rem(row)?;
    (0..=start).rev().find(|row| is_clean(*row))
}

// ---- A, B and F: orders

const FIRST: [&str; 16] = [
    "Ada", "Björn", "Carlos", "Dana", "Emre", "Fatima", "Grace", "Hiro", "Inés", "Jack", "Katya", "Lena", "Mateo",
    "Nora", "Omar", "Zoë",
];
const LAST: [&str; 16] = [
    "Adams", "Bauer", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jensen", "Kowalski", "López",
    "Moreau", "Novak", "O'Neill", "Petrov",
];
const MAIL: [&str; 16] = [
    "ada", "bjorn", "carlos", "dana", "emre", "fatima", "grace", "hiro", "ines", "jack", "katya", "lena", "mateo",
    "nora", "omar", "zoe",
];
const HOST: [&str; 4] = ["example.com", "mail.example.org", "shop.example.net", "example.co.uk"];
const STATUS: [&str; 5] = ["new", "paid", "shipped", "returned", "cancelled"];

const ORDER_RULES: [&str; 11] = [
    "id.required",
    "id.minimum",
    "id.type",
    "id.unique",
    "amount.not_values",
    "amount.type",
    "sku.pattern",
    "email.pattern",
    "order_date.type",
    "status.accepted_values",
    "record",
];
const UNIQUE: usize = 3;

/// Orders in which about 12 of `share` rows are wrong: one of each of eleven kinds, and one that a repeated id makes wrong.
fn orders(rows: u64, share: u64, folder: &Path) -> Result<Vec<Truth>> {
    let defect = |row: u64| Some((bits(row, 1) % share) as usize).filter(|kind| *kind < ORDER_RULES.len());
    let mut truth = Truth::new("orders", "orders.csv", &ORDER_RULES);
    let mut without = Truth::new("orders-no-unique", "orders.csv", &ORDER_RULES);
    let mut repeated = Vec::new();
    let mut out = Out::create(folder.join("orders.csv"))?;
    out.text("id,customer_id,amount,sku,name,email,order_date,status").end_row()?;
    for row in 0..rows {
        let (mut id, mut kind) = (row + 1, defect(row));
        if kind == Some(UNIQUE) {
            match earlier(row, |other| defect(other).is_none()) {
                Some(other) => {
                    repeated.push(other);
                    id = other + 1;
                }
                None => kind = None,
            }
        }
        if let Some(kind) = kind {
            truth.fails(row, kind);
            if kind != UNIQUE {
                without.fails(row, kind);
            }
        }
        order(&mut out, row, id, kind.map(|kind| ORDER_RULES[kind]))?;
    }
    out.flush()?;
    repeated.sort_unstable();
    repeated.dedup();
    for row in repeated {
        truth.fails(row, UNIQUE);
    }
    Ok(vec![truth.close(rows, out.bytes, folder)?, without.close(rows, out.bytes, folder)?])
}

fn order(out: &mut Out, row: u64, id: u64, broken: Option<&str>) -> Result<()> {
    let is = |rule: &str| broken == Some(rule);
    let (a, b) = (bits(row, 2), bits(row, 3));
    if is("id.minimum") {
        out.text("-");
    } else if is("id.type") {
        out.text("x");
    }
    if !is("id.required") {
        out.number(id);
    }
    // One to one with the row: it tells which rows a tool refused.
    out.text(",").number((row * 2_654_435_761) & 0xFFFF_FFFF).text(",");
    let cents = 1 + a % 999_999;
    if is("amount.not_values") {
        out.text("0.00");
    } else if is("amount.type") {
        out.text("abc");
    } else {
        out.number(cents / 100).text(".").padded(cents % 100, 2);
    }
    out.text(if is("sku.pattern") { ",SKX-" } else { ",SKU-" }).padded((a >> 20) % 100_000_000, 8).text(",");
    let (f, l) = ((b & 15) as usize, ((b >> 4) & 15) as usize);
    // A short row stays on one line: a record of several lines with a field too few may as well be a quote that was never closed,
    // and what its records then are is the reader's choice.
    let style = (b >> 8) % 1000;
    match if is("record") && style == 100 { 101 } else { style } {
        0..100 => out.text("\"").text(LAST[l]).text(", ").text(FIRST[f]).text("\""),
        100 => out.text("\"").text(FIRST[f]).text("\n").text(LAST[l]).text("\""),
        101..103 => out.text("\"").text(FIRST[f]).text(" \"\"Ace\"\" ").text(LAST[l]).text("\""),
        _ => out.text(FIRST[f]).text(" ").text(LAST[l]),
    };
    out.text(",").text(MAIL[f]).text(".").number((b >> 20) % 1_000_000);
    out.text(if is("email.pattern") { "." } else { "@" }).text(HOST[(b >> 44) as usize % 4]);
    out.text(",").number(2020 + (b >> 46) % 6).text("-");
    out.padded(if is("order_date.type") { 13 } else { 1 + (b >> 49) % 12 }, 2);
    out.text("-").padded(1 + (b >> 53) % 28, 2);
    if !is("record") {
        out.text(",").text(if is("status.accepted_values") { "lost" } else { STATUS[(b >> 58) as usize % 5] });
    }
    out.end_row()
}

// ---- C: products

const WORDS: [&str; 64] = [
    "able", "above", "agree", "air", "art", "ball", "bank", "base", "bed", "best", "blue", "book", "build", "call",
    "care", "case", "chair", "city", "clear", "coach", "color", "cup", "deep", "door", "drive", "early", "east", "end",
    "face", "field", "final", "fish", "floor", "food", "form", "garden", "glass", "green", "hand", "heart", "home",
    "house", "idea", "item", "join", "key", "lay", "light", "line", "market", "music", "name", "night", "order",
    "paper", "plan", "raise", "road", "single", "stock", "table", "tree", "water", "window",
];

/// Products like a well-known sample file: three columns, most descriptions of several lines.
fn products(rows: u64, folder: &Path) -> Result<Vec<Truth>> {
    let rules = ["name.required", "sku.required", "sku.pattern", "description.required", "description.max_length"];
    let mut truth = Truth::new("products", "products.csv", &rules);
    let mut out = Out::create(folder.join("products.csv"))?;
    let mut text = String::new();
    out.text("name,sku,description").end_row()?;
    for row in 0..rows {
        let kind = Some((bits(row, 1) % 500) as usize).filter(|kind| *kind < rules.len());
        if let Some(kind) = kind {
            truth.fails(row, kind);
        }
        let is = |rule: &str| kind.is_some_and(|kind| rules[kind] == rule);
        let (a, mut b) = (bits(row, 2), bits(row, 3));
        if !is("name.required") {
            out.text(FIRST[(a & 15) as usize]).text(" ").text(LAST[((a >> 4) & 15) as usize]);
        }
        out.text(",");
        if !is("sku.required") {
            out.text(if is("sku.pattern") { "Sku " } else { "" });
            for word in 0..2 + (a >> 8) % 3 {
                out.text(if word == 0 { "" } else { "-" }).text(WORDS[(a >> (10 + 6 * word)) as usize & 63]);
            }
        }
        out.text(",");
        text.clear();
        let goal = 80 + (a >> 40) as usize % 100 + if is("description.max_length") { 200 } else { 0 };
        while text.len() < goal {
            b = mix(b);
            if !text.is_empty() {
                text.push_str(match b >> 6 & 31 {
                    0 => ".\n",
                    1 | 2 => ". ",
                    _ => " ",
                });
            }
            text.push_str(WORDS[b as usize & 63]);
        }
        if !is("description.required") {
            let quote = if text.contains('\n') { "\"" } else { "" };
            out.text(quote).text(&text).text(".").text(quote);
        }
        out.end_row()?;
    }
    out.flush()?;
    Ok(vec![truth.close(rows, out.bytes, folder)?])
}

// ---- D: transactions

/// Nested transactions, a JSON object a line.
fn transactions(rows: u64, folder: &Path) -> Result<Vec<Truth>> {
    let rules = [
        "customer_id.required",
        "customer_id.pattern",
        "basket.min_items",
        "basket[].price.exclusive_minimum",
        "basket.type",
        "basket[].product_id.pattern",
        "date_of_purchase.type",
        "record",
    ];
    let mut truth = Truth::new("transactions", "transactions.json", &rules);
    let mut out = Out::create(folder.join("transactions.json"))?;
    for row in 0..rows {
        let kind = Some((bits(row, 1) % 800) as usize).filter(|kind| *kind < rules.len());
        if let Some(kind) = kind {
            truth.fails(row, kind);
        }
        let is = |rule: &str| kind.is_some_and(|kind| rules[kind] == rule);
        let (a, mut b) = (bits(row, 2), bits(row, 3));
        if is("customer_id.required") {
            out.text("{\"customer_id\": null, \"basket\": [");
        } else {
            out.text("{\"customer_id\": \"").text(if is("customer_id.pattern") { "K" } else { "C" });
            out.number(1 + a % 1_000_000).text("\", \"basket\": [");
        }
        let items = if is("basket.min_items") { 0 } else { 1 + (a >> 20) % 3 };
        for item in 0..items {
            b = mix(b);
            let last = item + 1 == items;
            out.text(if item == 0 { "" } else { ", " }).text("{\"product_id\": \"P");
            out.text(if last && is("basket[].product_id.pattern") { "-" } else { "" }).padded(1 + b % 9_999, 4);
            out.text("\", \"price\": ");
            if last && is("basket[].price.exclusive_minimum") {
                out.text("0}");
            } else if last && is("basket.type") {
                out.text("\"free\"}");
            } else {
                out.number(1 + (b >> 20) % 2_000).text("}");
            }
        }
        out.text("], \"date_of_purchase\": \"").number(2020 + (a >> 22) % 6).text("-");
        out.padded(if is("date_of_purchase.type") { 13 } else { 1 + (a >> 25) % 12 }, 2);
        out.text("-").padded(1 + (a >> 29) % 28, 2).text(" ").padded((a >> 34) % 24, 2).text(":");
        out.padded((a >> 39) % 60, 2).text(":").padded((a >> 45) % 60, 2).text(".").padded(b % 1_000_000, 6);
        out.text(if is("record") { "\"" } else { "\"}" }).end_row()?;
    }
    out.flush()?;
    Ok(vec![truth.close(rows, out.bytes, folder)?])
}

// ---- E: keys

/// A number of 40 bits, one to one with a row below 2^40.
fn key(row: u64) -> u64 {
    const MASK: u64 = (1 << 40) - 1;
    let z = (row.wrapping_mul(0x9E37_79B9_7F4A_7C15)) & MASK;
    ((z ^ (z >> 21)).wrapping_mul(0xBF58_476D_1CE4_E5B9)) & MASK
}

fn key_text(out: &mut Out, n: u64) {
    out.text("k-");
    for digit in (0..10).rev() {
        let digit = (n >> (4 * digit)) & 15;
        out.text(&"0123456789abcdef"[digit as usize..][..1]);
    }
}

/// One column of keys in no order, one in 10,000 a repeated one.
fn keys(rows: u64, as_text: bool, folder: &Path) -> Result<Truth> {
    let repeats = |row: u64| bits(row, 1) % 10_000 == 0;
    let mut truth = Truth::new("keys", "keys.csv", &["id.unique"]);
    let mut repeated = Vec::new();
    let mut out = Out::create(folder.join("keys.csv"))?;
    out.text("id").end_row()?;
    for row in 0..rows {
        let mut from = row;
        if repeats(row)
            && let Some(other) = earlier(row, |other| !repeats(other))
        {
            truth.fails(row, 0);
            repeated.push(other);
            from = other;
        }
        if as_text {
            key_text(&mut out, key(from));
        } else {
            out.number(key(from));
        }
        out.end_row()?;
    }
    out.flush()?;
    repeated.sort_unstable();
    repeated.dedup();
    for row in repeated {
        truth.fails(row, 0);
    }
    truth.close(rows, out.bytes, folder)
}

/// Children, and a fifth as many parents; one child in 10,000 names a parent that is not there.
fn references(rows: u64, folder: &Path) -> Result<Vec<Truth>> {
    let parents = (rows / 5).max(1);
    let mut out = Out::create(folder.join("parents.csv"))?;
    out.text("id").end_row()?;
    for row in 0..parents {
        out.number(key(row)).end_row()?;
    }
    out.flush()?;
    let above = Truth::new("parents", "parents.csv", &[]).close(parents, out.bytes, folder)?;
    let mut truth = Truth::new("children", "children.csv", &["parent_id.references"]);
    let mut out = Out::create(folder.join("children.csv"))?;
    out.text("parent_id").end_row()?;
    for row in 0..rows {
        let a = bits(row, 2);
        let mut parent = a % parents;
        if bits(row, 1) % 10_000 == 0 {
            truth.fails(row, 0);
            parent += parents;
        }
        out.number(key(parent)).end_row()?;
    }
    out.flush()?;
    Ok(vec![above, truth.close(rows, out.bytes, folder)?])
}
