//! A tiny evaluator of single rows, as plainly as SQL's definitions read, and random expressions for it.

use std::fmt;

use proptest::prelude::*;

/// One row of the test's table.
#[derive(Debug, Clone)]
pub struct Row {
    pub a: Option<i64>,
    pub b: Option<i64>,
    pub p: Option<bool>,
    pub q: Option<bool>,
}

/// A whole number.
#[derive(Debug, Clone)]
pub enum Number {
    A,
    B,
    Null,
    Literal(i64),
    Calculation(Box<Number>, char, Box<Number>),
    Case(Box<Truth>, Box<Number>, Box<Number>),
    Coalesce(Box<Number>, Box<Number>),
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Truth {
    P,
    Q,
    Null,
    Literal(bool),
    Compare(Number, &'static str, Number),
    Not(Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Or(Box<Truth>, Box<Truth>),
    IsNull(Number),
    Between(Number, Number, Number),
    In(Number, Vec<Number>, bool),
}

pub fn row() -> impl Strategy<Value = Row> {
    let number = || prop::option::of(prop_oneof![-3_i64..4, Just(i64::MAX), Just(i64::MIN)]);
    let truth = || prop::option::of(any::<bool>());
    (number(), number(), truth(), truth()).prop_map(|(a, b, p, q)| Row { a, b, p, q })
}

fn number_leaf() -> BoxedStrategy<Number> {
    prop_oneof![
        3 => Just(Number::A),
        3 => Just(Number::B),
        1 => Just(Number::Null),
        2 => (-3_i64..4).prop_map(Number::Literal),
    ]
    .boxed()
}

fn number() -> BoxedStrategy<Number> {
    let calculation = (number_leaf(), prop::sample::select(vec!['+', '-', '*']), number_leaf())
        .prop_map(|(a, op, b)| Number::Calculation(Box::new(a), op, Box::new(b)));
    let case = (truth_leaf(), number_leaf(), number_leaf())
        .prop_map(|(when, a, b)| Number::Case(Box::new(when), Box::new(a), Box::new(b)));
    let coalesce = (number_leaf(), number_leaf()).prop_map(|(a, b)| Number::Coalesce(Box::new(a), Box::new(b)));
    prop_oneof![4 => number_leaf(), 2 => calculation, 1 => case, 1 => coalesce].boxed()
}

fn truth_leaf() -> BoxedStrategy<Truth> {
    prop_oneof![
        2 => Just(Truth::P),
        2 => Just(Truth::Q),
        1 => Just(Truth::Null),
        1 => any::<bool>().prop_map(Truth::Literal),
    ]
    .boxed()
}

pub fn truth() -> impl Strategy<Value = Truth> {
    let compare = (number(), prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]), number())
        .prop_map(|(a, op, b)| Truth::Compare(a, op, b));
    let between = (number(), number(), number()).prop_map(|(a, b, c)| Truth::Between(a, b, c));
    let list = (number(), prop::collection::vec(number_leaf(), 1..12), any::<bool>())
        .prop_map(|(a, list, negated)| Truth::In(a, list, negated));
    let leaf = prop_oneof![
        2 => truth_leaf(),
        4 => compare,
        1 => between,
        1 => list,
        1 => number().prop_map(Truth::IsNull),
    ]
    .boxed();
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Truth::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Truth::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Truth::Or(Box::new(a), Box::new(b))),
        ]
    })
}

impl Number {
    fn evaluate(&self, row: &Row) -> Option<i128> {
        match self {
            Self::A => row.a.map(i128::from),
            Self::B => row.b.map(i128::from),
            Self::Null => None,
            Self::Literal(value) => Some(i128::from(*value)),
            Self::Calculation(a, op, b) => {
                let (a, b) = (a.evaluate(row)?, b.evaluate(row)?);
                Some(match op {
                    '+' => a + b,
                    '-' => a - b,
                    _ => a * b,
                })
            }
            Self::Case(when, a, b) => if when.evaluate(row) == Some(true) { a } else { b }.evaluate(row),
            Self::Coalesce(a, b) => a.evaluate(row).or_else(|| b.evaluate(row)),
        }
    }
}

impl Truth {
    pub fn evaluate(&self, row: &Row) -> Option<bool> {
        match self {
            Self::P => row.p,
            Self::Q => row.q,
            Self::Null => None,
            Self::Literal(value) => Some(*value),
            Self::Compare(a, op, b) => compare(a.evaluate(row), op, b.evaluate(row)),
            Self::Not(a) => a.evaluate(row).map(|value| !value),
            Self::And(a, b) => and(a.evaluate(row), b.evaluate(row)),
            Self::Or(a, b) => and(a.evaluate(row).map(|v| !v), b.evaluate(row).map(|v| !v)).map(|v| !v),
            Self::IsNull(a) => Some(a.evaluate(row).is_none()),
            Self::Between(a, low, high) => {
                let value = a.evaluate(row);
                and(compare(value, ">=", low.evaluate(row)), compare(value, "<=", high.evaluate(row)))
            }
            Self::In(a, list, negated) => {
                let value = a.evaluate(row);
                let mut none_is = Some(true);
                for item in list {
                    none_is = and(none_is, compare(value, "<>", item.evaluate(row)));
                }
                if *negated { none_is } else { none_is.map(|none| !none) }
            }
        }
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn compare(a: Option<i128>, op: &str, b: Option<i128>) -> Option<bool> {
    let (a, b) = (a?, b?);
    Some(match op {
        "=" => a == b,
        "<>" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    })
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A => f.write_str("a"),
            Self::B => f.write_str("b"),
            Self::Null => f.write_str("NULL"),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Calculation(a, op, b) => write!(f, "({a} {op} {b})"),
            Self::Case(when, a, b) => write!(f, "CASE WHEN {when} THEN {a} ELSE {b} END"),
            Self::Coalesce(a, b) => write!(f, "coalesce({a}, {b})"),
        }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P => f.write_str("p"),
            Self::Q => f.write_str("q"),
            Self::Null => f.write_str("NULL"),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Compare(a, op, b) => write!(f, "{a} {op} {b}"),
            Self::Not(a) => write!(f, "NOT ({a})"),
            Self::And(a, b) => write!(f, "({a}) AND ({b})"),
            Self::Or(a, b) => write!(f, "({a}) OR ({b})"),
            Self::IsNull(a) => write!(f, "{a} IS NULL"),
            Self::Between(a, low, high) => write!(f, "{a} BETWEEN {low} AND {high}"),
            Self::In(a, list, negated) => {
                let list = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                write!(f, "{a} {}IN ({list})", if *negated { "NOT " } else { "" })
            }
        }
    }
}
