//! The shape of a table's files.

use crate::analyze::profile::finish::About;
use crate::analyze::profile::part::Trouble;
use crate::analyze::profile::state::TableState;
use crate::model::ParseCode;
use crate::model::profile::{AlertKind, Shape, ShapeFinding, Spot};

/// Describes the shape.
#[must_use]
pub fn shape(state: &TableState, about: &About) -> Shape {
    let title = |code: &str| ParseCode::find(code).map_or_else(|| code.to_owned(), |code| code.title().to_owned());
    let finding = |(code, trouble): (&String, &Trouble)| ShapeFinding {
        code: code.clone(),
        title: title(code),
        count: trouble.count,
        places: trouble
            .places
            .iter()
            .map(|(at, detail)| Spot { detail: Some(detail.clone()), ..state.spot(at) })
            .collect(),
    };
    let mut findings: Vec<ShapeFinding> = state.trouble.iter().map(finding).collect();
    findings.extend(mixed(state));
    if about.byte_order_marks > 0 {
        findings.push(ShapeFinding {
            code: "A402".to_owned(),
            title: AlertKind::find("A402").map_or_else(String::new, |kind| kind.title.to_owned()),
            count: about.byte_order_marks,
            places: Vec::new(),
        });
    }
    Shape {
        findings,
        line_endings: state.line_endings,
        byte_order_marks: about.byte_order_marks,
        blank_lines: about.files.iter().map(|file| file.blank_lines).sum(),
        comment_lines: about.files.iter().map(|file| file.comment_lines).sum(),
    }
}

/// Names the endings that are not the usual one.
fn mixed(state: &TableState) -> Option<ShapeFinding> {
    let endings = state.line_endings;
    if !endings.are_mixed() {
        return None;
    }
    let counts = [endings.lf, endings.crlf, endings.cr];
    let usual = counts.iter().max().copied().unwrap_or(0);
    let named = ["LF", "CRLF", "CR"].into_iter().zip(counts).zip(state.first_endings);
    let rare = named.filter(|((_, count), _)| *count > 0 && *count < usual);
    let places = rare.filter_map(|((name, count), at)| {
        Some(Spot { detail: Some(format!("{count} end in {name}")), ..state.spot(&at?) })
    });
    Some(ShapeFinding {
        code: "A401".to_owned(),
        title: AlertKind::find("A401").map_or_else(String::new, |kind| kind.title.to_owned()),
        count: counts.iter().sum::<u64>() - usual,
        places: places.collect(),
    })
}
