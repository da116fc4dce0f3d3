//! Where values come from: the setting of which a column has one at most.

use crate::contract::generation::values::{Reader, check_written};
use crate::contract::generation::{distribution, entries, links};
use crate::contract::part::Fields;
use crate::contract::{long, shape};
use crate::model::DataType;
use crate::model::generation::{Origin, Parents};
use crate::rule::node::{Data, Node};
use crate::rule::{Complaint, expression};

impl Reader<'_, '_, '_> {
    /// Reads the setting that says where values come from.
    pub(super) fn origin(&mut self, origin: &'static str, fields: &Fields<'_>) -> Option<Origin> {
        let node = fields.get(origin)?;
        let shuffled = fields.flag("shuffled").unwrap_or(false);
        let text = || node.text().unwrap_or_default().to_owned();
        match origin {
            "provider" => Some(Origin::Provider(text())),
            "fake" => Some(Origin::Fake(text())),
            "pattern" => self.pattern(node),
            "weighted" => Some(self.weighted(node)),
            "sequence" => self.sequence(node, shuffled),
            "template" => self.template(node, shuffled),
            "reference" => self.reference(node),
            "copy" => self.copy(node),
            _ => self.expression(node),
        }
    }

    fn pattern(&mut self, node: &Node) -> Option<Origin> {
        let text = node.text()?;
        if let Err(error) = regex::Regex::new(text) {
            let line = error.to_string();
            let reason = line.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let message = format!("`pattern` is not a regular expression: {reason}");
            self.complaints.push(Complaint::at(node, "C913", message));
            return None;
        }
        Some(Origin::Pattern(text.to_owned()))
    }

    fn weighted(&mut self, node: &Node) -> Origin {
        let written = entries(node);
        let weights: Vec<f64> = written.iter().filter_map(|(_, weight)| shape::number(weight)).collect();
        if weights.iter().all(|weight| *weight == 0.0) {
            let message = "`weighted` has at least one value with a weight above 0";
            self.complaints.push(Complaint::at(node, "C903", message));
        }
        let names: Vec<&Node> = written.iter().map(|(name, _)| name).collect();
        let values = check_written(self.site, self.path, &names, self.complaints);
        Origin::Weighted(values.into_iter().flatten().zip(weights).collect())
    }

    fn sequence(&mut self, node: &Node, shuffled: bool) -> Option<Origin> {
        if node.data == Data::Bool(false) {
            let complaint = Complaint::at(node, "C903", "`sequence` is true, or says where it starts");
            self.complaints.push(complaint.hint("drop it, or write `sequence: {start: 1, step: 1}`"));
            return None;
        }
        let number = |key: &str| node.get(key).and_then(Node::scalar).map_or(Some(1_i128), |text| text.parse().ok());
        let (start, step) = (number("start")?, number("step")?);
        let at = node.get("step").unwrap_or(node);
        if step == 0 {
            self.complaints.push(Complaint::at(at, "C903", "`step` is not 0"));
        }
        if shuffled && step != 1 {
            self.complaints.push(Complaint::at(at, "C908", "a sequence that is `shuffled` has the step 1"));
        }
        Some(if shuffled { Origin::Permuted { start } } else { Origin::Sequence { start, step } })
    }

    fn template(&mut self, node: &Node, permuted: bool) -> Option<Origin> {
        let text = node.text()?;
        if let Err(trouble) = template(text) {
            let complaint = Complaint::at(node, "C903", format!("`template`: {trouble}"));
            self.complaints.push(complaint.hint("write `C{n}`, `P{n:06}` for six digits, `{{` for a brace"));
            return None;
        }
        Some(Origin::Template { text: text.to_owned(), permuted })
    }

    fn reference(&mut self, node: &Node) -> Option<Origin> {
        if links::parent(self.site, &self.path.text).is_none() {
            let message = format!("`{}` has no `references`, so there is no parent to draw", self.path.text);
            let complaint =
                Complaint::at(node, "C904", message).hint("add `references: table.column` beside `generate`");
            self.complaints.push(complaint);
            return None;
        }
        let parents = match (node.text(), node.get("zipf")) {
            (Some("every_parent"), _) => Parents::Every,
            (Some(_), _) => Parents::Uniform,
            (None, Some(exponent)) => Parents::Zipf(distribution::exponent(exponent, self.complaints)?),
            (None, None) => {
                let complaint = Complaint::at(node, "C904", "`reference` does not say which parents are drawn");
                self.complaints.push(complaint.hint("write uniform, every_parent or {zipf: 1.1}"));
                return None;
            }
        };
        Some(Origin::Reference(parents))
    }

    fn copy(&mut self, node: &Node) -> Option<Origin> {
        let inside = links::siblings(self.path);
        let (through, column) = links::parent_column(self.site, inside, "copy", node, self.complaints)?;
        let (theirs, ours) = (column.data_type.to_string(), self.column.data_type.to_string());
        if theirs != ours {
            let message = format!("`{}` is {ours}, and what it copies, `{}`, is {theirs}", self.path.text, column.name);
            let complaint = Complaint::at(node, "C907", message);
            self.complaints.push(complaint.hint("give both columns the same type"));
        }
        Some(Origin::Copy { through, column: column.name.clone() })
    }

    fn expression(&mut self, node: &Node) -> Option<Origin> {
        let text = node.text()?;
        match expression::parse(text, self.site.table, false) {
            Ok(expression) => {
                if !castable(&expression.data_type, &self.column.data_type) {
                    let (theirs, ours) = (&expression.data_type, &self.column.data_type);
                    let message = format!("the expression gives {theirs}, and `{}` is {ours}", self.path.text);
                    self.complaints.push(Complaint::at(node, "C907", message).hint("CAST it, or change the type"));
                }
                Some(Origin::Derived(expression))
            }
            Err(trouble) => {
                if !self.site.around.mentions_broken(&node.span) {
                    let mut complaint = Complaint::at(node, "C914", format!("`expression`: {}", trouble.message));
                    complaint.span = long::within(self.site.around.text, node, &trouble.span);
                    complaint.hint = trouble.hint;
                    self.complaints.push(complaint);
                }
                None
            }
        }
    }
}

/// Checks a template: one `{n}` or `{n:06}`, braces doubled elsewhere.
fn template(text: &str) -> Result<(), String> {
    let mut numbers = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (_, found) = rest.split_at(at);
        if let Some(after) = found.strip_prefix("{{").or_else(|| found.strip_prefix("}}")) {
            rest = after;
            continue;
        }
        let Some((inside, after)) = found.strip_prefix('{').and_then(|found| found.split_once('}')) else {
            return Err("a brace has no partner".to_owned());
        };
        let width = match inside.split_once(':') {
            None if inside == "n" => Some(0),
            Some(("n", digits)) if digits.len() <= 3 => digits.parse::<u8>().ok(),
            _ => None,
        };
        match width {
            Some(width) if width <= 40 => numbers += 1,
            _ => return Err(format!("`{{{}}}` is not a number's place", shape::clip(inside))),
        }
        rest = after;
    }
    match numbers {
        0 => Err("there is no place for the number".to_owned()),
        _ => Ok(()),
    }
}

/// Tells whether a value of one type can stand in a column of another without a CAST.
fn castable(from: &DataType, to: &DataType) -> bool {
    from == to
        || from.is_numeric() && to.is_numeric()
        || matches!(from, DataType::Date) && matches!(to, DataType::Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_have_a_place_for_the_number() {
        for good in ["C{n}", "P{n:06}", "{n}", "a{{b}}{n}", "{n}-{n:3}"] {
            assert_eq!(template(good), Ok(()), "{good}");
        }
        for wrong in ["", "C", "C{n", "C{}", "{m}", "{n:}", "{n:x}", "{n:100}", "{{n}}"] {
            assert!(template(wrong).is_err(), "{wrong}");
        }
    }
}
