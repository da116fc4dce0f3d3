//! The keys of `generate:` and `faults:`.

use crate::contract::vocabulary::{Form, Key, Part, key, needed, word};
use crate::rule::{KindOption, Shape};

/// The locales as written; `model::generation::LOCALES` says what they are.
pub const LOCALES: &[&str] = &["en_US", "en_GB", "de_DE", "fr_FR", "es_ES"];

/// Keys of a file of faults.
pub const FAULT_FILE: &[Key] = &[
    key("karat", Form::Version, "1", "The version of this format: 1."),
    needed("faults", Form::Listed(Part::Fault), "What is planted."),
];

/// Keys of `generate:` of a table.
pub const TABLE_GENERATION: &[Key] = &[
    key(
        "rows",
        Form::Plain(Shape::Either(&[Shape::Count, Shape::Keys(ROWS)])),
        "those of `records`, else the command line's",
        "How many rows: 1000, or `{per: customers, factor: 12.5}` for so many for each row of another table.",
    ),
    key(
        "records",
        Form::Plain(Shape::Records),
        "",
        "Rows with exactly these values, one after the other, from the first again after the last; the other columns \
         are made as their own settings say.",
    ),
    key("day", Form::Plain(Shape::Text), "", "The date or timestamp whose day orders the rows and names their folder."),
    key("late", Form::Plain(Shape::Keys(LATE)), "", "Rows that stand in the file of a later day than theirs."),
    key("locale", word(LOCALES), "en_US", "The language and country of names and addresses."),
];

/// Keys of `rows` where it is a mapping.
pub const ROWS: &[KindOption] = &[
    KindOption { name: "per", shape: Shape::Text, doc: "The other table." },
    KindOption { name: "factor", shape: Shape::Number, doc: "So many rows for each of its rows." },
];

/// Keys of `late`.
pub const LATE: &[KindOption] = &[
    KindOption { name: "rate", shape: Shape::Share, doc: "Which share of the rows is late." },
    KindOption { name: "days", shape: Shape::Count, doc: "At most so many days; 1 where it is not written." },
];

/// Keys of `generate:` of a column, an element or a field.
pub const GENERATION: &[Key] = &[
    key(
        "provider",
        Form::Plain(Shape::Text),
        "",
        "A sort of realistic values: `person_name`, `email`, `city`, `iban`, `text`, …",
    ),
    key("fake", Form::Plain(Shape::Text), "", "A word list of the `fake` crate by its path there: `company.Buzzword`."),
    key(
        "pattern",
        Form::Plain(Shape::Regex),
        "",
        "Text that matches this regular expression whole; the column's rule `pattern` is met without it.",
    ),
    key("weighted", Form::Plain(Shape::Weights), "", "Values, each with its weight: `{house: 15, clothes: 5}`."),
    key(
        "sequence",
        Form::Plain(Shape::Either(&[Shape::Flag, Shape::Keys(SEQUENCE)])),
        "",
        "Numbers one after the other: `true`, or where they start and how far apart they are.",
    ),
    key(
        "template",
        Form::Plain(Shape::Text),
        "",
        "Text around the row's number from 1: `C{n}`, or `P{n:06}` for six digits.",
    ),
    key(
        "shuffled",
        Form::Plain(Shape::Flag),
        "false",
        "The numbers of `sequence` or `template` in shuffled order: unique, and not ascending.",
    ),
    key(
        "reference",
        Form::Plain(Shape::Either(&[Shape::Word(&["uniform", "every_parent"]), Shape::Keys(REFERENCE)])),
        "uniform",
        "Which parents a column with `references` draws: all alike, each at least once, or few of them often \
         (`{zipf: 1.1}`).",
    ),
    key("copy", Form::Plain(Shape::Keys(PARENT_COLUMN)), "", "The value of the parent that a reference drew."),
    key("expression", Form::Plain(Shape::Sql), "", "A SQL expression over the table's other columns."),
    key(
        "per",
        Form::Plain(Shape::Text),
        "",
        "A reference (a column, or a field of the same struct): rows that drew the same parent get equal values.",
    ),
    key("locale", word(LOCALES), "the table's", "The language and country of names and addresses."),
    key(
        "distribution",
        Form::Plain(Shape::Either(&[Shape::Word(&["uniform"]), Shape::Keys(DISTRIBUTION)])),
        "uniform",
        "How values are spread; with `distinct`, how often each of them comes.",
    ),
    key("distinct", Form::Plain(Shape::Count), "", "Exactly so many different values in the whole table."),
    key("null_rate", Form::Plain(Shape::Share), "0", "The share of NULL."),
    key("minimum", Form::Plain(Shape::Scalar), "that of the rules", "The smallest value made."),
    key("maximum", Form::Plain(Shape::Scalar), "that of the rules", "The largest value made."),
    key("items", Form::Plain(Shape::Numbers(2)), "those of the rules", "The fewest and the most elements of a list."),
    key(
        "together",
        Form::Plain(Shape::Keys(PARENT_COLUMN)),
        "",
        "The elements of a list refer to parents that share one value of this column.",
    ),
    key("weekdays", Form::Plain(Shape::Numbers(7)), "", "Weights of the days of the week, Monday first."),
    key("months", Form::Plain(Shape::Numbers(12)), "", "Weights of the months, January first."),
];

/// The keys of which one at most says where values come from.
pub const ORIGINS: &[&str] =
    &["provider", "fake", "pattern", "weighted", "sequence", "template", "reference", "copy", "expression"];

/// Keys of `sequence` where it is a mapping.
pub const SEQUENCE: &[KindOption] = &[
    KindOption { name: "start", shape: Shape::Whole, doc: "The first number; 1 where it is not written." },
    KindOption { name: "step", shape: Shape::Whole, doc: "How far apart they are; 1 where it is not written." },
];

/// Keys of `reference` where it is a mapping.
pub const REFERENCE: &[KindOption] = &[KindOption {
    name: "zipf",
    shape: Shape::Number,
    doc: "How often a parent is drawn falls with its rank to this power.",
}];

/// Keys of `copy` and `together`.
pub const PARENT_COLUMN: &[KindOption] = &[
    KindOption { name: "through", shape: Shape::Text, doc: "The reference: a column, or a field of the same struct." },
    KindOption { name: "column", shape: Shape::Text, doc: "The parent's column." },
];

/// Keys of `distribution` where it is a mapping: one of them.
pub const DISTRIBUTION: &[KindOption] = &[
    KindOption { name: "normal", shape: Shape::Keys(NORMAL), doc: "The normal distribution." },
    KindOption { name: "lognormal", shape: Shape::Keys(LOGNORMAL), doc: "That of exp(normal(mu, sigma))." },
    KindOption { name: "exponential", shape: Shape::Keys(EXPONENTIAL), doc: "Exponential, from the minimum on." },
    KindOption { name: "zipf", shape: Shape::Number, doc: "Over ranks from 1: the weight of a rank is rank^-zipf." },
    KindOption {
        name: "histogram",
        shape: Shape::NumberRows(3),
        doc: "`[from, to, weight]` each, uniform inside; `to` belongs to the last only.",
    },
];

/// Keys of `normal`.
pub const NORMAL: &[KindOption] = &[
    KindOption { name: "mean", shape: Shape::Number, doc: "The mean." },
    KindOption { name: "stddev", shape: Shape::Number, doc: "The standard deviation." },
];

/// Keys of `lognormal`.
pub const LOGNORMAL: &[KindOption] = &[
    KindOption { name: "mu", shape: Shape::Number, doc: "The mean of the logarithm." },
    KindOption { name: "sigma", shape: Shape::Number, doc: "The standard deviation of the logarithm." },
];

/// Keys of `exponential`.
pub const EXPONENTIAL: &[KindOption] =
    &[KindOption { name: "mean", shape: Shape::Number, doc: "The mean distance from the minimum." }];

/// Keys of a fault, beside the options of its kind.
pub const FAULT: &[Key] = &[
    needed("kind", Form::Plain(Shape::Text), "The sort of dirt: `negative`, `typo`, `dup_key`, …"),
    needed("at", Form::Plain(Shape::Text), "A table, a column (`products.price`), or a path inside one."),
    key("rate", Form::Plain(Shape::Share), "", "Each row with this probability."),
    key("count", Form::Plain(Shape::Count), "", "Exactly so many."),
    key("id", Form::Plain(Shape::Text), "the kind", "A name for the manifest, unique among the faults."),
    key("where", Form::Plain(Shape::Sql), "", "Only rows for which this is true are dirtied."),
    key("burst", Form::Plain(Shape::Count), "", "Faults come in runs of about so many neighbouring rows."),
    key("overlap", Form::Plain(Shape::Flag), "false", "It may fall on a row that has another fault."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::generation;

    #[test]
    fn the_locales_are_those_of_the_model() {
        let names: Vec<&str> = generation::LOCALES.iter().map(|(name, _)| *name).collect();
        assert_eq!(LOCALES, names);
    }

    #[test]
    fn origins_are_keys() {
        assert!(ORIGINS.iter().all(|origin| GENERATION.iter().any(|key| key.name == *origin)));
    }
}
