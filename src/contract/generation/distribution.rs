//! `distribution:` and the other weights.

use crate::contract::generation::{entries, need};
use crate::contract::shape;
use crate::model::DataType;
use crate::model::generation::Distribution;
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Reads `distribution:` of a column of a type.
pub fn read(node: &Node, data_type: &DataType, complaints: &mut Vec<Complaint>) -> Option<Distribution> {
    if node.text().is_some() {
        return Some(Distribution::Uniform);
    }
    let (key, value) = match entries(node) {
        [(key, value)] => (key, value),
        [] => {
            let complaint = Complaint::at(node, "C904", "`distribution` names none");
            complaints.push(complaint.hint("for example `distribution: {zipf: 1.1}`"));
            return None;
        }
        [_, (second, _), ..] => {
            let message = "a value has one distribution";
            complaints.push(Complaint::at(second, "C908", message).label("a second one").hint("keep one of them"));
            return None;
        }
    };
    let name = key.text().unwrap_or_default();
    if name != "zipf" && !data_type.is_numeric() {
        let message = format!("`{name}` spreads numbers, and this is {data_type}");
        complaints.push(Complaint::at(key, "C907", message).hint("`uniform` and `zipf` fit every type"));
        return None;
    }
    let mut number = |part: &str| need(value, name, part, complaints).and_then(shape::number);
    match name {
        "normal" => {
            let (mean, stddev) = (number("mean"), number("stddev"));
            let stddev = above_zero(value, "stddev", stddev, complaints)?;
            Some(Distribution::Normal { mean: mean?, stddev })
        }
        "lognormal" => {
            let (mu, sigma) = (number("mu"), number("sigma"));
            let sigma = above_zero(value, "sigma", sigma, complaints)?;
            Some(Distribution::Lognormal { mu: mu?, sigma })
        }
        "exponential" => {
            let mean = number("mean");
            Some(Distribution::Exponential { mean: above_zero(value, "mean", mean, complaints)? })
        }
        "zipf" => exponent(value, complaints).map(|exponent| Distribution::Zipf { exponent }),
        _ => histogram(value, complaints).map(Distribution::Histogram),
    }
}

fn above_zero(node: &Node, key: &str, number: Option<f64>, complaints: &mut Vec<Complaint>) -> Option<f64> {
    let number = number?;
    if number > 0.0 {
        return Some(number);
    }
    let at = node.get(key).unwrap_or(node);
    complaints.push(Complaint::at(at, "C903", format!("`{key}` must be above 0")));
    None
}

/// Reads the exponent of a zipf distribution, 0 (all alike) or above.
pub fn exponent(node: &Node, complaints: &mut Vec<Complaint>) -> Option<f64> {
    let number = shape::number(node);
    if number.is_none_or(|exponent| !(0.0..=20.0).contains(&exponent)) {
        let complaint = Complaint::at(node, "C903", "the exponent of `zipf` lies between 0 and 20");
        complaints.push(complaint.hint("0 is uniform, 1.1 is what is found of words and of customers"));
        return None;
    }
    number
}

fn histogram(node: &Node, complaints: &mut Vec<Complaint>) -> Option<Vec<(f64, f64, f64)>> {
    let Data::List(rows) = &node.data else { return None };
    let before = complaints.len();
    let mut bars: Vec<(f64, f64, f64)> = Vec::new();
    for row in rows {
        let Data::List(items) = &row.data else { continue };
        let numbers: Vec<f64> = items.iter().filter_map(shape::number).collect();
        let [from, to, weight] = *numbers.as_slice() else { continue };
        let trouble = match bars.last() {
            _ if from >= to => Some("a bar ends above where it starts"),
            _ if weight < 0.0 => Some("a weight is not negative"),
            Some((_, end, _)) if from < *end => Some("bars ascend and do not overlap"),
            _ => None,
        };
        complaints.extend(trouble.map(|trouble| Complaint::at(row, "C903", trouble)));
        bars.push((from, to, weight));
    }
    if complaints.len() == before && bars.iter().all(|(_, _, weight)| *weight == 0.0) {
        complaints.push(Complaint::at(node, "C903", "`histogram` has at least one bar with a weight above 0"));
    }
    (complaints.len() == before).then_some(bars)
}

/// Reads a list of weights, at least one above 0.
pub fn weights<const N: usize>(node: &Node, key: &str, complaints: &mut Vec<Complaint>) -> Option<[f64; N]> {
    let Data::List(items) = &node.data else { return None };
    let numbers: Vec<f64> = items.iter().filter_map(shape::number).collect();
    let weights: [f64; N] = numbers.try_into().ok()?;
    if weights.iter().any(|weight| *weight < 0.0) || weights.iter().all(|weight| *weight == 0.0) {
        let message = format!("`{key}` has no weight below 0, and at least one above it");
        complaints.push(Complaint::at(node, "C903", message));
        return None;
    }
    Some(weights)
}
