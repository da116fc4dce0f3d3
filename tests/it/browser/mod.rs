//! The HTML pages in a real browser: they ask for nothing, run nothing but their own script, and do what they offer.

mod chromium;

use std::path::Path;

use serde_json::json;

use crate::browser::chromium::Browser;
use crate::reports::{check, club};

/// Texts whose colour is too near to what lies behind them (WCAG 2.2, 1.4.3: 4.5 to 1).
const FAINT: &str = r#"(() => {
  const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const part = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`);
  }
  return faint;
})()"#;

/// What a page owes to those who do not see it, or see it otherwise.
const UNNAMED: &str = r#"(() => {
  const found = [];
  const note = (element, what) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  if (!document.documentElement.lang) found.push("no language");
  document.querySelectorAll("svg").forEach((e) => {
    const named = e.getAttribute("role") === "img" && e.getAttribute("aria-label");
    if (!named && e.getAttribute("aria-hidden") !== "true") note(e, "a drawing without words");
  });
  document.querySelectorAll("th").forEach((e) => e.scope || note(e, "a heading of nothing"));
  document.querySelectorAll("table").forEach((e) => e.caption || note(e, "a table without caption"));
  document.querySelectorAll("input").forEach((e) => e.labels.length || note(e, "an input without label"));
  document.querySelectorAll("details").forEach((e) => e.querySelector("summary") || note(e, "details without summary"));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => found.push(`the id ${id} twice`));
  return found;
})()"#;

/// Makes sure that nothing was asked for, said or run behind the reader's back.
pub fn is_quiet(browser: &mut Browser, page: &Path) {
    browser.eval("1");
    let asked: Vec<String> = browser
        .told("Network.requestWillBeSent")
        .iter()
        .map(|event| event["params"]["request"]["url"].to_string())
        .filter(|url| !url.starts_with("\"data:"))
        .collect();
    assert_eq!(asked, [format!("\"file://{}\"", page.display())], "the page asked for something");
    for event in
        ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"]
    {
        assert_eq!(browser.told(event), Vec::<&serde_json::Value>::new());
    }
    assert_eq!(browser.eval("typeof window.pwned"), "undefined", "a value of the data ran");
}

/// Looks at the page in every size and colour scheme.
pub fn looks_right(browser: &mut Browser, name: &str) {
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        for width in [1280, 390] {
            browser.show(width, 1400, scheme, "screen");
            browser.screenshot(&format!("{name}-{width}-{scheme}"));
            let wide = browser.eval("document.documentElement.scrollWidth").as_u64().unwrap();
            assert!(wide <= u64::from(width), "{name} is {wide} px wide in a window of {width}");
            assert_eq!(browser.eval(FAINT), json!([]), "{name}, {scheme}, {width} px");
        }
        grounds.push(browser.eval("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1], "dark is dark");
    assert_eq!(browser.eval(UNNAMED), json!([]), "{name}");
    browser.show(1280, 1400, "light", "screen");
}

fn page() -> (crate::support::Folder, std::path::PathBuf) {
    let club = club();
    check(&club, &["--report", "html=report.html", "--rejects", "rejects"]);
    let page = club.join("report.html").canonicalize().unwrap();
    (club, page)
}

const VISIBLE: &str = "[...document.querySelectorAll('.rule')].filter((row) => row.checkVisibility()).length";

#[test]
fn the_page_of_a_check_does_what_it_offers_and_nothing_else() {
    let (_club, page) = page();
    let mut browser = Browser::start();
    browser.show(1280, 1400, "light", "screen");
    browser.open(&page);
    is_quiet(&mut browser, &page);
    let all = browser.eval(VISIBLE).as_u64().unwrap();
    assert_eq!(all, 14);

    // Find.
    let find = |text: &str| {
        format!(
            "{{ const f = document.getElementById('find'); f.value = '{text}'; f.dispatchEvent(new Event('input', {{bubbles: true}})); }}"
        )
    };
    browser.eval(&find("E-MAIL"));
    assert_eq!(browser.eval(VISIBLE), 1);
    assert_eq!(browser.eval("document.getElementById('shown').textContent"), "1 of 14 shown");
    browser.eval(&find(""));
    // Filter.
    browser.eval("document.querySelector('input[value=passed]').click()");
    let broken = browser.eval(VISIBLE).as_u64().unwrap();
    assert!(broken > 5 && broken < all, "{broken}");
    assert_eq!(
        browser.eval("[...document.querySelectorAll('.rule.passed')].some((row) => row.checkVisibility())"),
        false
    );
    browser.eval("document.querySelector('input[value=passed]').click()");

    // Sort, both ways.
    let head = "[...document.querySelectorAll('.rules th')].find((th) => th.textContent === 'failed')";
    let counts = "[...document.querySelectorAll('.rules .rule')].map((row) => Number(row.cells[3].dataset.sort))";
    for (order, sign) in [("descending", -1), ("ascending", 1)] {
        browser.eval(&format!("{head}.querySelector('button').click()"));
        assert_eq!(browser.eval(&format!("{head}.getAttribute('aria-sort')")), order);
        let sorted = format!(
            "(() => {{ const c = {counts}; return c.every((n, i) => i === 0 || {sign} * (n - c[i - 1]) >= 0); }})()"
        );
        assert_eq!(browser.eval(&sorted), true, "{order}");
    }

    // Open a rule.
    let places = "document.querySelector('[id^=rule-][open] .places')?.checkVisibility() ?? false";
    assert_eq!(browser.eval(places), false);
    browser.eval("[...document.querySelectorAll('.rule summary')].find((s) => s.textContent.includes('people.email.format')).click()");
    assert_eq!(browser.eval(places), true);
    let shown = browser.eval("document.querySelector('[open] .places').textContent");
    let shown = shown.as_str().unwrap();
    assert!(shown.contains("javascript:alert(1)") && shown.contains("data/people.csv line 3, column 46"), "{shown}");
    assert!(!browser.eval("document.documentElement.textContent").as_str().unwrap().contains("HUSH"));
    browser.eval("document.getElementById('close').click()");
    assert_eq!(browser.eval("document.querySelectorAll('.rule details[open]').length"), 0);
    // A pair leads to its rules.
    browser.eval("document.querySelector('.together a').click()");
    browser.eval("new Promise((done) => setTimeout(done, 0))");
    assert_eq!(browser.eval("document.querySelectorAll('.rule details[open]').length"), 1);
    assert_eq!(browser.eval("document.querySelector('header a').getAttribute('href')"), "rejects/");
    assert_eq!(browser.eval("JSON.parse(document.getElementById('data').textContent).contract"), "club");

    browser.eval("document.getElementById('open').click()");
    looks_right(&mut browser, "check");
    is_quiet(&mut browser, &page);
}

#[test]
fn the_page_can_ask_for_nothing() {
    let (_club, page) = page();
    let mut browser = Browser::start();
    browser.open(&page);
    // What a value would do if it got through: the policy stops it.
    let attempt = "new Promise((done) => {
      const seen = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        seen.push(event.effectiveDirective);
        if (seen.length === 3) done(seen.sort());
      });
      const image = new Image();
      image.src = 'http://127.0.0.1:9/x.png';
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 3';
      document.body.append(image, script);
      fetch('http://127.0.0.1:9/').catch(() => {});
    })";
    assert_eq!(browser.eval(attempt), json!(["connect-src", "img-src", "script-src-elem"]));
    assert_eq!(browser.eval("typeof window.pwned"), "undefined");
}

#[test]
fn the_page_reads_without_javascript_and_on_paper() {
    let (_club, page) = page();
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.show(1280, 1400, "light", "screen");
    browser.open(&page);
    assert_eq!(browser.eval(VISIBLE), 14);
    assert_eq!(
        browser.eval("document.querySelector('.tools').checkVisibility()"),
        false,
        "nothing is offered that does not work"
    );
    browser.eval("document.querySelector('.rule.failed details').open = true");
    assert_eq!(browser.eval("document.querySelector('.rule.failed .places').checkVisibility()"), true);
    browser.eval("document.querySelector('.rule.failed details').open = false");
    browser.show(800, 1200, "dark", "print");
    browser.screenshot("check-print");
    assert_eq!(browser.eval("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)", "paper is white");
    let visible = "document.querySelector('.rule.failed .places').getBoundingClientRect().height > 20";
    assert_eq!(browser.eval(visible), true, "paper cannot be clicked, so what failed is open");
}

#[test]
fn the_page_of_a_profile_opens_its_columns() {
    let (club, _) = page();
    let rows: String = (0..400).map(|id| format!("{id},n{},p{id}@x.io,{}\n", id % 7, id * id)).collect();
    let lines = format!(
        "id,name,email,<b onclick=1>amount\n{rows}1,2\n401,\"</script><script>window.pwned=1</script>\",,N/A\n"
    );
    club.write("people.csv", lines);
    let made = crate::support::karat(club.path(), &["profile", "people.csv", "-o", "profile.html"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let page = club.join("profile.html").canonicalize().unwrap();
    assert!(!club.text("profile.html").contains("p17@x.io"), "addresses are masked");
    let mut browser = Browser::start();
    browser.show(1280, 1400, "light", "screen");
    browser.open(&page);
    is_quiet(&mut browser, &page);
    assert_eq!(browser.eval(VISIBLE), 4);
    let find = "{ const f = document.getElementById('find'); f.value = 'EMAIL'; f.dispatchEvent(new Event('input', {bubbles: true})); }";
    browser.eval(find);
    assert!(browser.eval(VISIBLE).as_u64().unwrap() < 4);
    browser.eval(&find.replace("EMAIL", ""));
    browser.eval("document.querySelector('.of-columns th:nth-child(4) button').click()");
    let distinct =
        browser.eval("[...document.querySelectorAll('.rule')].map((row) => Number(row.cells[3].dataset.sort))");
    let distinct: Vec<u64> = serde_json::from_value(distinct).unwrap();
    assert!(distinct.is_sorted_by(|a, b| a >= b), "{distinct:?}");
    browser.eval("[...document.querySelectorAll('.rule summary')].find((s) => s.textContent === 'name').click()");
    assert_eq!(browser.eval("document.querySelector('.rule details[open] .small').checkVisibility()"), true);
    browser.eval("document.getElementById('open').click()");
    looks_right(&mut browser, "profile");
    is_quiet(&mut browser, &page);
    let attributes = "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on')).length";
    assert_eq!(browser.eval(attributes), 0);
}
