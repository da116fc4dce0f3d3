//! Keys: which columns must differ from row to row, alone or together, and which rise.

use crate::generate::column::Source;
use crate::generate::column::text::Text;
use crate::generate::grid::Form;
use crate::generate::permutation::Spread;
use crate::generate::plan::table::Planner;
use crate::generate::random::Stream;
use crate::model::generation::Origin;
use crate::model::{Check, Keep, KeyTest, Rule};

/// What is asked of a column over all rows.
#[derive(Debug, Clone, Copy, Default)]
pub enum Want<'r> {
    #[default]
    Any,
    /// A value of its own for each row.
    Unique { order: Order, rule: &'r Rule },
    /// Values that never fall.
    Rising,
    /// One digit of the row's place in the space of a key.
    Digit { spread: Spread, divisor: u128, radix: u128 },
}

/// In which order unique values come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first values of the column, ascending.
    Sequential,
    /// Spread over all values of the column, ascending.
    Ascending,
    Shuffled,
}

/// Decides what each column of the table must do for keys and order.
pub fn assign(planner: &mut Planner<'_, '_>) {
    let table = planner.table;
    planner.wants = vec![Want::Any; table.columns.len()];
    let keys = planner.read.keys.clone();
    for (rule, columns, primary) in &keys {
        if let [column] = columns
            && !repeats(planner, rule, columns)
        {
            unique(planner, rule, *column, *primary);
        }
    }
    for (index, column) in table.columns.iter().enumerate() {
        let Some(facts) = planner.read.facts.get(&column.name) else { continue };
        let Some((rule, strict)) = facts.increasing else { continue };
        let of_day = planner.is_of_day(index);
        let want = &mut planner.wants[index];
        if column.generation.as_ref().is_some_and(|wish| wish.from.is_some()) || of_day {
            planner.unproved.push(rule);
        } else if strict || matches!(want, Want::Unique { .. }) {
            let order = if matches!(want, Want::Unique { order: Order::Sequential, .. }) {
                Order::Sequential
            } else {
                Order::Ascending
            };
            *want = Want::Unique { order, rule };
        } else {
            *want = Want::Rising;
        }
    }
    for (rule, columns, _) in &keys {
        if columns.len() > 1 && !repeats(planner, rule, columns) {
            composite(planner, rule, columns);
        }
    }
}

/// Tells whether a key is meant to repeat: it says which duplicate stays, and a setting how many values there are.
fn repeats(planner: &Planner<'_, '_>, rule: &Rule, columns: &[usize]) -> bool {
    let keeps = matches!(&rule.check, Check::Key(KeyTest::Unique { keep, .. }) if *keep != Keep::None);
    let few =
        |column: &usize| planner.table.columns[*column].generation.as_ref().is_some_and(|wish| wish.distinct.is_some());
    keeps && columns.iter().any(few)
}

/// Makes a column unique on its own.
fn unique<'r>(planner: &mut Planner<'r, '_>, rule: &'r Rule, column: usize, primary: bool) {
    let at = &planner.table.columns[column];
    let from = at.generation.as_ref().and_then(|wish| wish.from.as_ref());
    match from {
        Some(
            Origin::Sequence { .. }
            | Origin::Permuted { .. }
            | Origin::Template { .. }
            | Origin::Values(_)
            | Origin::Copy { .. }
            | Origin::Derived(_),
        ) => {
            if !steps_apart(from) {
                planner.unproved.push(rule);
            }
        }
        Some(Origin::Weighted(_)) => {
            planner.problems.rule(rule, format!("`{}` draws its values by weight, so that they repeat", at.name));
        }
        _ => {
            let counts = Form::of(&at.data_type).is_some_and(|form| !form.is_moment() && form.scale() == 0);
            let order = if primary && counts { Order::Sequential } else { Order::Shuffled };
            if !matches!(planner.wants[column], Want::Unique { order: Order::Sequential, .. }) {
                planner.wants[column] = Want::Unique { order, rule };
            }
        }
    }
}

/// Tells whether an origin gives each row a value of its own by itself.
pub fn steps_apart(from: Option<&Origin>) -> bool {
    match from {
        Some(Origin::Sequence { step, .. }) => *step != 0,
        Some(Origin::Permuted { .. }) => true,
        Some(Origin::Template { text, .. }) => {
            crate::generate::template::Template::new(text).is_ok_and(|template| template.is_unique())
        }
        _ => false,
    }
}

/// One part of a key: columns that take their values from one digit.
struct Member {
    columns: Vec<usize>,
    /// Values there are.
    count: u128,
    /// There could be more than are needed, so that few of them look better.
    open: bool,
}

/// Makes columns unique together.
fn composite<'r>(planner: &mut Planner<'r, '_>, rule: &'r Rule, columns: &[usize]) {
    let settled = |column: &usize| {
        matches!(planner.wants[*column], Want::Unique { .. })
            || steps_apart(planner.table.columns[*column].generation.as_ref().and_then(|wish| wish.from.as_ref()))
    };
    if columns.iter().any(settled) {
        return;
    }
    let mut members: Vec<Member> = Vec::new();
    for column in columns {
        if members.iter().any(|member| member.columns.contains(column)) {
            continue;
        }
        if let Some(member) = member(planner, *column) {
            members.push(member);
        }
    }
    let rows = u128::from(planner.rows.max(1));
    // Open members give as many values as the others leave to be told apart.
    let closed = members
        .iter()
        .filter(|member| !member.open)
        .fold(1u128, |product, member| product.saturating_mul(member.count));
    let missing = rows.saturating_mul(2).div_ceil(closed.max(1)).max(1);
    let mut left = missing;
    for member in members.iter_mut().filter(|member| member.open) {
        member.count = member.count.min(left.max(3));
        left = left.div_ceil(member.count.max(1)).max(1);
    }
    let mut space = 1u128;
    let mut digits = Vec::new();
    for member in &members {
        // Enough is enough: more would overflow.
        let radix = member.count.min((1 << 100) / space.max(1)).max(1);
        digits.push((member, space, radix));
        space = space.saturating_mul(radix);
    }
    let key = Stream::new(planner.seed, &format!("{}#{}", planner.table.name, rule.id)).key();
    let Some(spread) = Spread::new(planner.rows.max(1), space, true, key) else {
        planner.problems.rule(rule, format!("{rows} rows need a key each, and its columns give {space}"));
        return;
    };
    for (member, divisor, radix) in digits {
        for column in &member.columns {
            planner.wants[*column] = Want::Digit { spread, divisor, radix };
        }
    }
}

/// Counts the values of a column, or of the parent its reference names.
fn member(planner: &mut Planner<'_, '_>, column: usize) -> Option<Member> {
    let at = &planner.table.columns[column];
    if !matches!(planner.wants[column], Want::Any) || planner.is_of_day(column) {
        return None;
    }
    let from = at.generation.as_ref().and_then(|wish| wish.from.as_ref());
    if matches!(from, Some(Origin::Copy { .. } | Origin::Derived(_) | Origin::Values(_) | Origin::Weighted(_))) {
        return None;
    }
    if at.generation.as_ref().is_some_and(|wish| wish.distribution.is_some() || wish.distinct.is_some()) {
        return None;
    }
    if let Some((columns, parents)) = planner.reference_of(column) {
        return Some(Member { columns, count: parents.into(), open: false });
    }
    let made = planner.dry(|planner| planner.leaf(at, &at.name, 0, None));
    let (count, open) = match &made.source {
        Source::Units { grid, .. } => (grid.count, planner.is_open(at)),
        Source::Listed { values, .. } => (values.len() as u128, false),
        Source::Text(Text::Coded { count, .. }) => (*count, false),
        Source::Text(Text::Drawn { provider, .. }) => (provider.values()?, false),
        Source::Text(Text::Words { .. }) => (1 << 60, true),
        _ => return None,
    };
    (count > 0).then(|| Member { columns: vec![column], count, open })
}
