//! Knobs: the options a kind has, and their values in one fault.

/// One option of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Knob {
    pub name: &'static str,
    /// What it sets, one line; names its default.
    pub doc: &'static str,
    pub form: Form,
}

/// What a knob's value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number from 1.
    Whole,
    /// A number above 0.
    Number,
    /// One of these.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
}

/// Every fault may overlap: several faults then fall on one row.
pub const OVERLAP: Knob = Knob {
    name: "overlap",
    doc: "`true`: may fall on a row that has another fault; `false` unless said",
    form: Form::Word(&["false", "true"]),
};

/// The values of one fault's knobs.
#[derive(Debug, Clone, Default)]
pub struct Knobs(Vec<(String, String)>);

impl Knobs {
    /// Takes the options of a fault.
    ///
    /// # Errors
    /// In words, where one is unknown or has no such value.
    pub fn read(known: &[Knob], options: &[(String, String)]) -> Result<Self, String> {
        for (name, value) in options {
            let Some(knob) = known.iter().chain([&OVERLAP]).find(|knob| knob.name == name) else {
                let names: Vec<&str> = known.iter().chain([&OVERLAP]).map(|knob| knob.name).collect();
                return Err(format!("has no option `{name}`; there is {}", names.join(", ")));
            };
            let wanted = match knob.form {
                Form::Whole if value.parse::<u64>().is_ok_and(|number| number > 0) => continue,
                Form::Number if value.parse::<f64>().is_ok_and(|number| number.is_finite() && number > 0.0) => continue,
                Form::Word(words) if words.contains(&value.as_str()) => continue,
                Form::Text => continue,
                Form::Whole => "a whole number from 1".to_owned(),
                Form::Number => "a number above 0".to_owned(),
                Form::Word(words) => format!("one of {}", words.join(", ")),
            };
            return Err(format!("has `{name}: {value}`, where {wanted} is wanted"));
        }
        Ok(Self(options.to_vec()))
    }

    /// Gives a value as written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Gives a whole number, or the default.
    #[must_use]
    pub fn whole(&self, name: &str, default: u64) -> u64 {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// Gives a number, or the default.
    #[must_use]
    pub fn number(&self, name: &str, default: f64) -> f64 {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// Tells whether the fault may fall on a row that has another one.
    #[must_use]
    pub fn overlaps(&self) -> bool {
        self.text(OVERLAP.name) == Some("true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_and_values_are_refused() {
        let known = [Knob { name: "days", doc: "", form: Form::Whole }];
        let read = |name: &str, value: &str| Knobs::read(&known, &[(name.to_owned(), value.to_owned())]);
        assert_eq!(read("days", "3").unwrap().whole("days", 1), 3);
        assert!(read("overlap", "true").unwrap().overlaps());
        assert!(read("days", "0").unwrap_err().contains("from 1"));
        assert!(read("day", "1").unwrap_err().contains("there is days, overlap"));
    }
}
