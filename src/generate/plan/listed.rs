//! Lists: accepted values, and values written under `generate:`.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, StringArray};

use crate::generate::column::Source;
use crate::generate::column::pick::Pick;
use crate::generate::grid::{self, Form};
use crate::generate::judging;
use crate::generate::plan::distinct::Asked;
use crate::generate::plan::leaf::Made;
use crate::generate::plan::table::Planner;
use crate::model::{Column, DataType, Literal, Rule};

impl<'a> Planner<'a, '_> {
    /// Plans one of the accepted values; those that break another rule are left out.
    pub(super) fn accepted(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        all: &[&'a Rule],
        (rule, values): (&'a Rule, &[Literal]),
    ) -> Made<'a> {
        let Some(array) = self.literals(column, values) else {
            self.problems.rule(rule, "none of its values is one of the column's type");
            return Made::nothing();
        };
        let Some(array) = self.kept(column, all, &array) else {
            let names: Vec<String> = all.iter().map(|rule| judging::named(rule)).collect();
            self.problems.rule(rule, format!("none of its values keeps {}", names.join(" and ")));
            return Made::nothing();
        };
        let rises = asked.facts.increasing.is_some();
        let array = if rises { arrow_ord::sort::sort(&array, None).unwrap_or(array) } else { array };
        let pick = self.pick(asked, array.len() as u128, None, None);
        Made { source: Source::Listed { values: array, pick }, open: Vec::new() }
    }

    /// Keeps the values that no rule refuses; `None` where none is left.
    fn kept(&self, column: &Column, rules: &[&Rule], array: &ArrayRef) -> Option<ArrayRef> {
        let judge = judging::of_column(column, rules, self.context).ok()?;
        let failing = judging::failing(&judge, vec![array.clone()], array.len());
        let places: Vec<u32> = (0u32..).take(array.len()).filter(|at| failing.binary_search(at).is_err()).collect();
        if places.is_empty() { None } else { crate::generate::column::frame::take(array, &places).ok() }
    }

    fn literals(&self, column: &Column, values: &[Literal]) -> Option<ArrayRef> {
        if let Some(form) = Form::of(&column.data_type) {
            let form =
                with_scale(form, values.iter().filter_map(grid::exact).map(|(_, scale)| scale).max().unwrap_or(0));
            let cuts = values.iter().filter_map(|value| grid::cut(value, form, self.context)).filter(|cut| cut.exact);
            return Some(form.wide_array(cuts.map(|cut| cut.floor).collect(), None));
        }
        match column.data_type {
            DataType::String => {
                let texts =
                    values.iter().filter_map(|value| if let Literal::String(text) = value { Some(text) } else { None });
                Some(Arc::new(StringArray::from_iter_values(texts)))
            }
            DataType::Binary => {
                let bytes = values
                    .iter()
                    .filter_map(|value| if let Literal::Binary(bytes) = value { Some(bytes) } else { None });
                Some(Arc::new(BinaryArray::from_iter_values(bytes)))
            }
            _ => None,
        }
    }

    /// Plans values written under `generate:`, by weight or one after the other. Each must keep the rules.
    pub(super) fn written(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        texts: &[Option<String>],
        weights: Option<&[f64]>,
    ) -> Made<'a> {
        let array = match self.read_values(column, texts) {
            Ok(array) if !array.is_empty() => array,
            Ok(_) => {
                self.problems.setting(asked.path, asked.wish.place, "its list of values is empty");
                return Made::nothing();
            }
            Err(text) => {
                let why = format!("its value `{text}` is no {}", column.data_type);
                self.problems.setting(asked.path, asked.wish.place, why);
                return Made::nothing();
            }
        };
        for rule in &asked.facts.cells {
            let Ok(judge) = judging::of_column(column, &[rule], self.context) else { continue };
            if let Some(bad) = judging::failing(&judge, vec![array.clone()], array.len()).first() {
                let text = texts.get(*bad as usize).and_then(Option::as_deref).unwrap_or("NULL");
                let why = format!("its value `{text}` breaks {}", judging::named(rule));
                self.problems.setting(asked.path, asked.wish.place, why);
            }
        }
        if let (Some(rule), true) = (asked.facts.required, array.null_count() > 0) {
            let why = format!("it lists NULL, against {}", judging::named(rule));
            self.problems.setting(asked.path, asked.wish.place, why);
        }
        let pick = match weights {
            Some(weights) => self.pick(asked, array.len() as u128, None, Some(weights)),
            None => Pick::Cycle(array.len() as u64),
        };
        Made { source: Source::Listed { values: array, pick }, open: Vec::new() }
    }

    fn read_values<'t>(&self, column: &Column, texts: &'t [Option<String>]) -> Result<ArrayRef, &'t str> {
        if let Some(form) = Form::of(&column.data_type) {
            let digits = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
            let longest = texts.iter().flatten().map(|text| digits(text)).max().unwrap_or(0);
            let form = with_scale(form, u8::try_from(longest).unwrap_or(0));
            let mut units = Vec::with_capacity(texts.len());
            for text in texts.iter().map(Option::as_deref) {
                units.push(match text {
                    None => 0,
                    Some(text) => match grid::read(text, column, form, self.context) {
                        Some(cut) if cut.exact && inside(cut.floor, form) => cut.floor,
                        _ => return Err(text),
                    },
                });
            }
            let valid: Vec<bool> = texts.iter().map(Option::is_some).collect();
            let nulls = valid.contains(&false).then(|| valid.clone().into());
            return Ok(form.wide_array(units, nulls));
        }
        match column.data_type {
            DataType::Binary => {
                let mut values = Vec::with_capacity(texts.len());
                for text in texts.iter().map(Option::as_deref) {
                    values.push(match text {
                        None => None,
                        Some(text) => Some(bytes_of(column, text).ok_or(text)?),
                    });
                }
                Ok(Arc::new(BinaryArray::from_iter(values)))
            }
            _ => Ok(Arc::new(StringArray::from(texts.iter().map(Option::as_deref).collect::<Vec<_>>()))),
        }
    }
}

/// Gives a float the digits after the point of its values.
const fn with_scale(form: Form, scale: u8) -> Form {
    match form {
        Form::Float32(_) => Form::Float32(scale),
        Form::Float64(_) => Form::Float64(scale),
        other => other,
    }
}

pub(super) fn inside(unit: i128, form: Form) -> bool {
    let (least, most) = form.range();
    (least..=most).contains(&unit)
}

fn bytes_of(column: &Column, text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match column.format.as_deref() {
        Some("base64") => crate::model::binary::base64(text.as_bytes(), &mut out)?,
        Some("hex") => crate::model::binary::hex(text.as_bytes(), &mut out)?,
        _ => out.extend_from_slice(text.as_bytes()),
    }
    Some(out)
}
