//! The HTML page as a file: its size, and what it may not hold.

use std::fmt::Write;

use crate::reports::{check, club};
use crate::support::{Folder, karat};

#[test]
fn a_page_of_sixteen_columns_stays_small() {
    let folder = Folder::new();
    let mut contract = "karat: 1\nname: wide\ntables:\n  t:\n    columns:\n".to_owned();
    let (mut header, mut row) = (Vec::new(), Vec::new());
    for column in 0..16 {
        let _ = writeln!(contract, "      column_{column}: {{type: string, required: true, pattern: \"[a-z]+\"}}");
        header.push(format!("column_{column}"));
        row.push("A VALUE OF SOME LENGTH THAT BREAKS A RULE");
    }
    let (header, row) = (header.join(","), row.join(","));
    folder.write("c.yaml", contract);
    folder.write("t.csv", format!("{header}\n{}{}\n", format!("{row}\n").repeat(20), ",".repeat(15)));
    let output = karat(folder.path(), &["check", "t.csv", "-c", "c.yaml", "--report", "html=r.html"]);
    assert_eq!(output.status.code(), Some(1));
    let page = folder.text("r.html");
    assert!(page.len() <= 150 << 10, "{} bytes for 32 broken rules", page.len());
}

#[test]
fn a_page_holds_no_address_and_no_markup_of_the_data() {
    let club = club();
    check(&club, &["--report", "html=r.html"]);
    let page = club.text("r.html");
    assert!(page.starts_with("<!doctype html>") && !page.contains("This page is broken"), "{page:.300}");
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    assert!(!page.contains("http:") && !page.contains("https:"), "a page names no address");
    assert!(!page.contains("<img") && page.matches("<script").count() == 2 && page.matches("</script").count() == 2);
    assert!(page.contains("&lt;img src=x") || page.contains("&lt;img src&#x3d;x"));
    assert!(!page.contains('\u{202e}') && !page.contains('\u{7}'));
    assert!(page.contains("{{7*7}}"), "templates in the data are not run");
}
