//! JUnit XML against the Jenkins schema, read by a small reader of the part of XML Schema it uses.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::reports::{check, club};
use crate::support::project;

#[derive(Debug, Default)]
struct Element {
    children: BTreeSet<String>,
    /// Name and whether it must stand.
    attributes: BTreeMap<String, bool>,
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            (key, attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap().into_owned())
        })
        .collect()
}

/// Reads the elements on top of the schema: the children they refer to and their attributes.
fn schema() -> BTreeMap<String, Element> {
    let text = std::fs::read_to_string(project().join("fixtures/schemas/junit-10.xsd")).unwrap();
    let mut reader = Reader::from_str(&text);
    let mut elements: BTreeMap<String, Element> = BTreeMap::new();
    let (mut depth, mut current) = (0, None);
    loop {
        let event = reader.read_event().unwrap();
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                depth -= 1;
                if depth == 1 {
                    current = None;
                }
                continue;
            }
            Event::Eof => return elements,
            _ => continue,
        };
        let about = attributes(start);
        match (start.name().as_ref(), depth) {
            (b"xs:element", 1) => {
                elements.entry(about["name"].clone()).or_default();
                current = (!empty).then(|| about["name"].clone());
            }
            (b"xs:element", _) => {
                if let (Some(name), Some(child)) = (&current, about.get("ref")) {
                    elements.get_mut(name).unwrap().children.insert(child.clone());
                }
            }
            (b"xs:attribute", _) => {
                if let Some(name) = &current {
                    let required = about.get("use").is_some_and(|used| used == "required");
                    elements.get_mut(name).unwrap().attributes.insert(about["name"].clone(), required);
                }
            }
            _ => {}
        }
        depth += i32::from(!empty);
    }
}

/// Checks a document against the schema, and counts its elements.
fn validate(text: &str) -> BTreeMap<String, usize> {
    let schema = schema();
    assert!(schema["testcase"].children.contains("failure") && schema["testcase"].attributes["name"]);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Eof => break,
            Event::Text(text) => {
                let text = text.decode().unwrap();
                assert!(text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{text:?}");
                continue;
            }
            _ => continue,
        };
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let element = schema.get(&name).unwrap_or_else(|| panic!("no element {name}"));
        if let Some(parent) = open.last() {
            assert!(schema[parent].children.contains(&name), "{name} in {parent}");
        }
        let here = attributes(start);
        for attribute in here.keys() {
            assert!(element.attributes.contains_key(attribute), "{name} has no {attribute}");
        }
        for (attribute, _) in element.attributes.iter().filter(|(_, required)| **required) {
            assert!(here.contains_key(attribute), "{name} needs {attribute}");
        }
        *counts.entry(name.clone()).or_default() += 1;
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty());
    counts
}

#[test]
fn junit_keeps_the_schema_of_jenkins() {
    let club = club();
    check(&club, &["--report", "junit=out.xml", "--report", "json=out.json"]);
    let text = club.text("out.xml");
    let counts = validate(&text);
    let report: serde_json::Value = serde_json::from_slice(&club.read("out.json")).unwrap();
    let rules = report["tables"][0]["rules"].as_array().unwrap();
    let of = |outcome: &str| rules.iter().filter(|rule| rule["outcome"] == outcome).count();
    assert_eq!(counts["testcase"], rules.len());
    assert_eq!(counts["failure"], of("failed"));
    assert_eq!(counts["skipped"], of("warned"));
    assert!(text.contains(&format!("tests=\"{}\"", rules.len())), "{text}");
    assert!(text.contains("contract: rules/club.yaml:8"), "{text}");
    assert!(text.contains("&lt;!--") && !text.contains("<!--"), "{text}");
}
