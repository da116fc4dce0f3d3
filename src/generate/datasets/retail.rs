//! A small shop: customers, products, and nested transactions in day folders, with some dirt of every sort.
//!
//! The shape is that of `rules/retail.yaml`. The dirt is planted at fixed rows, so that it is the same every time.

use std::fmt::Write;

use crate::generate::random::Stream;
use crate::model::literal::{date_text, timestamp_text};

/// One file of the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the data folder, `/` between folders.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// How much of everything is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub customers: u64,
    pub transactions: u64,
    pub days: u64,
}

impl Default for Size {
    fn default() -> Self {
        Self { customers: 200, transactions: 3000, days: 14 }
    }
}

/// The first day of the shop: 2026-01-05.
const FIRST_DAY: i32 = 20_458;

const CATALOGUE: &[(&str, &[(&str, u32)])] = &[
    ("house", &[("detergent", 499), ("kitchen roll", 219), ("bin liners", 189), ("candles", 350)]),
    ("clothes", &[("men's \"classic\" jeans", 3999), ("t-shirt", 1299), ("wool socks", 799), ("rain jacket", 5999)]),
    ("fruit_veg", &[("bananas", 119), ("potatoes, loose", 149), ("avocado", 95), ("kale", 135)]),
    ("sweets", &[("rice pudding", 165), ("fudge", 275), ("wine gums", 130), ("fruit jellies", 145)]),
    ("food", &[("steak", 899), ("sea bass", 749), ("potato waffles", 199), ("hot cross buns", 160)]),
    ("bws", &[("red wine", 850), ("gin", 1999), ("blonde beer", 225), ("cider", 210)]),
];

/// Makes all files of the data set.
#[must_use]
pub fn files(seed: u64, size: Size) -> Vec<File> {
    let mut files = vec![
        File { path: "customers.csv".to_owned(), bytes: customers(seed, size) },
        File { path: "products.csv".to_owned(), bytes: products() },
    ];
    files.extend(transactions(seed, size));
    files
}

fn customers(seed: u64, size: Size) -> Vec<u8> {
    let score = Stream::new(seed, "customers.loyalty_score");
    let mut out = String::from("customer_id,loyalty_score\n");
    for row in 1..=size.customers {
        let score = 1 + score.below(row, 10);
        let _ = match row {
            // A word where a number is promised, a missing value, one out of bounds, a customer twice.
            17 => writeln!(out, "C{row},seven"),
            41 => writeln!(out, "C{row},"),
            88 => writeln!(out, "C{row},11"),
            120 => writeln!(out, "C{row},{score}\nC{row},{score}"),
            _ => writeln!(out, "C{row},{score}"),
        };
    }
    let mut bytes = out.into_bytes();
    // Latin-1 in a UTF-8 file, and a quote that is never closed.
    bytes.extend_from_slice(b"C\xe9,5\n\"C999,3\n");
    bytes
}

fn products() -> Vec<u8> {
    let mut out = String::from("product_id,product_description,product_category\n");
    let mut number = 0;
    for (category, items) in CATALOGUE {
        for (description, _) in *items {
            number += 1;
            let quoted = description.replace('"', "\"\"");
            let _ = writeln!(out, "P{number:02},\"{quoted}\",{category}");
        }
    }
    // A category nobody knows, and an unquoted comma that makes one field too many.
    out.push_str("P98,garden gnome,garden\nP99,salt, coarse,food\n");
    out.into_bytes()
}

fn transactions(seed: u64, size: Size) -> Vec<File> {
    let days = size.days.max(1);
    let mut folders: Vec<String> = (0..days).map(|_| String::new()).collect();
    for row in 0..size.transactions {
        let day = row * days / size.transactions.max(1);
        let (folder, line) = transaction(seed, size, row, day);
        let index = usize::try_from(folder.min(days - 1)).unwrap_or(0);
        folders[index].push_str(&line);
        folders[index].push('\n');
    }
    let named = folders.into_iter().zip(FIRST_DAY..);
    named
        .map(|(text, day)| File {
            path: format!("transactions/d={}/transactions.json", date_text(day)),
            bytes: text.into_bytes(),
        })
        .collect()
}

/// Makes one transaction: the folder it goes to (a day's number) and its line.
fn transaction(seed: u64, size: Size, row: u64, day: u64) -> (u64, String) {
    let stream = |name: &str| Stream::new(seed, name);
    let micros = (i64::from(FIRST_DAY) + day.cast_signed()) * 86_400_000_000
        + stream("transactions.time").below(row, 86_400_000_000).cast_signed();
    let customer = 1 + stream("transactions.customer").below(row, size.customers.max(1));
    let (category, items) = stream("transactions.category").pick(row, CATALOGUE);
    let first = CATALOGUE.iter().take_while(|(name, _)| name != category).map(|(_, items)| items.len()).sum::<usize>();
    let mut basket = String::new();
    for item in 0..=stream("transactions.items").below(row, 3) {
        let index = usize::try_from(stream("transactions.item").below(row * 4 + item, items.len() as u64)).unwrap_or(0);
        let comma = if item == 0 { "" } else { ", " };
        let price = if row == 700 { 0 } else { items[index].1 };
        let _ = write!(basket, "{comma}{{\"product_id\": \"P{:02}\", \"price\": {price}}}", first + index + 1);
    }
    let when = timestamp_text(micros);
    let line = format!(r#"{{"customer_id": "C{customer}", "basket": [{basket}], "date_of_purchase": "{when}"}}"#);
    match row {
        // An unknown customer, an empty basket, a line cut in the middle, a late arrival in the wrong folder.
        350 => (day, line.replace("\"C", "\"X")),
        1050 => (day, format!(r#"{{"customer_id": "C{customer}", "basket": [], "date_of_purchase": "{when}"}}"#)),
        1400 => (day, line.chars().take(40).collect()),
        1750 | 2100 => (day + 1, line),
        _ => (day, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_bytes() {
        let size = Size::default();
        assert_eq!(files(1, size), files(1, size));
        assert_ne!(files(1, size), files(2, size));
        assert_eq!(files(1, size).len(), 2 + 14);
    }

    #[test]
    fn small_sizes_are_fine() {
        let size = Size { customers: 0, transactions: 0, days: 0 };
        assert_eq!(files(1, size).len(), 3);
    }
}
