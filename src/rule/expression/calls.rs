//! Functions, CAST and values with a type before them.

use sqlparser::ast::{
    CastKind, CeilFloorKind, DateTimeField, Expr as Sql, Function as SqlFunction, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, TypedString, Value,
};

use crate::model::expr::FUNCTIONS;
use crate::model::{BinaryOp, DataType, Expr, Function, Literal};
use crate::rule::expression::resolve::{Resolver, Typed, clock};
use crate::rule::expression::types::{castable, common, decimal, digits, named};
use crate::rule::expression::{Trouble, literals, names};

/// Functions that look at many rows, and the rule that does so.
const AGGREGATES: &[(&str, &str)] = &[
    ("avg", "aggregate"),
    ("count", "row_count"),
    ("max", "aggregate"),
    ("median", "aggregate"),
    ("min", "aggregate"),
    ("quantile", "aggregate"),
    ("row_number", "unique"),
    ("stddev", "aggregate"),
    ("sum", "aggregate"),
];

impl Resolver<'_> {
    /// Resolves a call, whatever form SQL has for it.
    pub fn call(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        match node {
            Sql::Function(call) => {
                let name = call.name.to_string().to_lowercase();
                let (function, args) = self.callee(node, call, &name)?;
                self.apply(node, &name, function, &args, depth)
            }
            Sql::Ceil { expr, field } | Sql::Floor { expr, field } => {
                if !matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)) {
                    return Err(self.trouble(node, "floor and ceil take one number"));
                }
                let (name, function) = match node {
                    Sql::Ceil { .. } => ("ceil", Function::Ceil),
                    _ => ("floor", Function::Floor),
                };
                self.apply(node, name, function, &[expr], depth)
            }
            Sql::Substring { expr, substring_from, substring_for, .. } => {
                let mut args = vec![&**expr];
                args.extend(substring_from.as_deref());
                args.extend(substring_for.as_deref());
                self.apply(node, "substring", Function::Substring, &args, depth)
            }
            Sql::Trim { trim_where: None, trim_what: None, trim_characters: None, expr } => {
                self.apply(node, "trim", Function::Trim, &[expr], depth)
            }
            _ => Err(self
                .trouble(node, format!("`{}` is not supported", self.shown(node)))
                .with_hint("substring(text, 1, 3) and trim(text) are")),
        }
    }

    /// Finds the function a call names, and its arguments.
    fn callee<'b>(&self, node: &Sql, call: &'b SqlFunction, name: &str) -> Result<(Function, Vec<&'b Sql>), Trouble> {
        if let Some((_, rule)) = AGGREGATES.iter().find(|(known, _)| *known == name)
            && !FUNCTIONS.iter().any(|(known, _)| *known == name)
        {
            let trouble = self.trouble(node, format!("`{name}` looks at many rows; an expression sees one row"));
            return Err(trouble.with_hint(format!("use the rule `{rule}`")));
        }
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let trouble = self.trouble(node, format!("there is no function `{name}`"));
            return Err(match names::nearest(name, FUNCTIONS.iter().map(|(known, _)| *known)) {
                Some(nearest) => trouble.with_hint(format!("did you mean `{nearest}`?")),
                None => trouble.with_hint("see `karat explain expression` for the functions there are"),
            });
        };
        let plain = call.over.is_none()
            && call.filter.is_none()
            && call.null_treatment.is_none()
            && call.within_group.is_empty()
            && matches!(call.parameters, FunctionArguments::None);
        let args = match &call.args {
            FunctionArguments::None => Some(Vec::new()),
            FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses })
                if clauses.is_empty() =>
            {
                let each = args.iter().map(|arg| match arg {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) => Some(arg),
                    _ => None,
                });
                each.collect()
            }
            _ => None,
        };
        match args {
            Some(args) if plain => Ok((*function, args)),
            _ => Err(self.trouble(node, format!("`{name}` takes plain values, nothing more"))),
        }
    }

    /// Types a call.
    fn apply(
        &mut self,
        node: &Sql,
        name: &str,
        function: Function,
        args: &[&Sql],
        depth: usize,
    ) -> Result<Typed, Trouble> {
        let (least, most) = match function {
            Function::Today | Function::Now => (0, 0),
            Function::Coalesce => (1, usize::MAX),
            Function::Substring => (2, 3),
            Function::Round => (1, 2),
            Function::StartsWith | Function::EndsWith | Function::Contains | Function::NullIf => (2, 2),
            _ => (1, 1),
        };
        if args.len() < least || args.len() > most {
            let count = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let count = if most == usize::MAX { format!("at least {least}") } else { count };
            return Err(self.trouble(node, format!("`{name}` takes {count} values, not {}", args.len())));
        }
        let mut typed = Vec::with_capacity(args.len());
        for arg in args {
            let nested_fits = function == Function::Length;
            typed.push(if nested_fits { self.resolve_any(arg, depth)? } else { self.resolve(arg, depth)? });
        }
        if function == Function::NullIf && typed.first().is_some_and(|first| first.data_type.is_none()) {
            return Ok(Typed::null());
        }
        let (args, data_type) = match function {
            Function::Today | Function::Now => return Ok(clock(function)),
            Function::Abs | Function::Floor | Function::Ceil | Function::Round => {
                self.rounding(function, typed, args)?
            }
            Function::Length => self.length(typed, args)?,
            Function::Lower | Function::Upper | Function::Trim => (self.texts(typed, args)?, DataType::String),
            Function::StartsWith | Function::EndsWith | Function::Contains => {
                (self.texts(typed, args)?, DataType::Bool)
            }
            Function::Substring => self.substring(typed, args)?,
            Function::Coalesce => match self.unify(typed.into_iter().zip(args.iter().copied()).collect())? {
                (args, Some(data_type)) => (args, data_type),
                (_, None) => return Ok(Typed::null()),
            },
            Function::NullIf => self.null_if(typed, args)?,
            Function::Date => self.date(typed, args)?,
            Function::Year | Function::Month | Function::Day => (self.part(name, typed, args, true)?, DataType::Int64),
            Function::Hour | Function::Minute | Function::Second => {
                (self.part(name, typed, args, false)?, DataType::Int64)
            }
        };
        Ok(Typed::new(Expr::Call { function, args }, data_type))
    }

    fn texts(&self, typed: Vec<Typed>, nodes: &[&Sql]) -> Result<Vec<Expr>, Trouble> {
        typed.into_iter().zip(nodes).map(|(typed, node)| self.text(typed, node)).collect()
    }

    fn rounding(
        &self,
        function: Function,
        typed: Vec<Typed>,
        nodes: &[&Sql],
    ) -> Result<(Vec<Expr>, DataType), Trouble> {
        let mut both = typed.into_iter().zip(nodes);
        let (Some((value, node)), kept) = (both.next(), both.next()) else { return Ok((Vec::new(), DataType::Int64)) };
        let (expr, wide) = self.signed(value, node)?;
        let kept = match kept {
            None => 0,
            Some((Typed { expr: Expr::Literal(Literal::Int(kept)), .. }, _)) if (-38..=38).contains(&kept) => kept,
            Some((_, node)) => {
                return Err(self.trouble(node, "write the digits to keep as a whole number from -38 to 38"));
            }
        };
        let data_type = match (function, digits(&wide)) {
            (Function::Abs, _) | (_, None) => wide,
            (_, Some((whole, scale))) => {
                let kept = u8::try_from(kept.max(0)).unwrap_or(0);
                decimal(whole.saturating_add(1), scale.min(kept))
            }
        };
        let mut args = vec![expr];
        if function == Function::Round {
            args.push(Expr::Literal(Literal::Int(kept)));
        }
        Ok((args, data_type))
    }

    fn length(&self, typed: Vec<Typed>, nodes: &[&Sql]) -> Result<(Vec<Expr>, DataType), Trouble> {
        let mut args = Vec::new();
        for (typed, node) in typed.into_iter().zip(nodes) {
            match &typed.data_type {
                None => args.push(literals::cast(typed.expr, &DataType::String)),
                Some(DataType::String | DataType::Binary | DataType::List(_)) => args.push(typed.expr),
                Some(other) => {
                    return Err(
                        self.trouble(node, format!("`{}` is {other}; length takes text or a list", self.shown(node)))
                    );
                }
            }
        }
        Ok((args, DataType::Int64))
    }

    fn substring(&self, typed: Vec<Typed>, nodes: &[&Sql]) -> Result<(Vec<Expr>, DataType), Trouble> {
        let mut args = Vec::new();
        for (index, (typed, node)) in typed.into_iter().zip(nodes).enumerate() {
            if index == 0 {
                args.push(self.text(typed, node)?);
                continue;
            }
            let data_type = self.number(&typed, node)?;
            if digits(&data_type).is_none_or(|(_, scale)| scale > 0) {
                return Err(self.trouble(node, "positions of substring are whole numbers"));
            }
            args.push(if typed.data_type.is_none() { literals::cast(typed.expr, &data_type) } else { typed.expr });
        }
        Ok((args, DataType::String))
    }

    fn null_if(&self, typed: Vec<Typed>, nodes: &[&Sql]) -> Result<(Vec<Expr>, DataType), Trouble> {
        let mut pairs = typed.into_iter().zip(nodes.iter().copied());
        let (Some(a), Some(b)) = (pairs.next(), pairs.next()) else { return Ok((Vec::new(), DataType::Bool)) };
        // Written down, the first takes the type of the second; a day beside a timestamp becomes one.
        let data_type = match (a.0.data_type.clone(), &b.0.data_type) {
            (Some(_), Some(other)) if a.0.is_text_literal() && other.is_temporal() => other.clone(),
            (Some(first), Some(other)) if first.is_temporal() => common(&first, other).unwrap_or(first),
            (Some(first), Some(other)) if a.0.is_written() && first.is_numeric() && other.is_float() => other.clone(),
            (first, _) => first.unwrap_or(DataType::Bool),
        };
        match self.compare(a, BinaryOp::Eq, b)? {
            Expr::Binary(left, _, right) => Ok((vec![*left, *right], data_type)),
            other => Ok((vec![other], data_type)),
        }
    }

    fn date(&self, typed: Vec<Typed>, nodes: &[&Sql]) -> Result<(Vec<Expr>, DataType), Trouble> {
        let mut args = Vec::new();
        for (typed, node) in typed.into_iter().zip(nodes) {
            match &typed.data_type {
                None => args.push(literals::cast(typed.expr, &DataType::Date)),
                Some(DataType::Date | DataType::Timestamp | DataType::TimestampTz | DataType::String) => {
                    args.push(typed.expr);
                }
                Some(other) => return Err(self.trouble(node, format!("`{}` is {other}, not a day", self.shown(node)))),
            }
        }
        Ok((args, DataType::Date))
    }

    fn part(&self, name: &str, typed: Vec<Typed>, nodes: &[&Sql], of_day: bool) -> Result<Vec<Expr>, Trouble> {
        let mut args = Vec::new();
        for (typed, node) in typed.into_iter().zip(nodes) {
            match &typed.data_type {
                None => args.push(literals::cast(typed.expr, &DataType::Timestamp)),
                Some(DataType::Timestamp | DataType::TimestampTz) => args.push(typed.expr),
                Some(DataType::Date) if of_day => args.push(typed.expr),
                Some(DataType::Time) if !of_day => args.push(typed.expr),
                Some(other) => {
                    let trouble = self.trouble(node, format!("`{}` is {other}; it has no {name}", self.shown(node)));
                    return Err(match other {
                        DataType::String => {
                            trouble.with_hint(format!("read it first: cast({} as timestamp)", self.shown(node)))
                        }
                        _ => trouble,
                    });
                }
            }
        }
        Ok(args)
    }

    /// Resolves CAST, `date '…'` and EXTRACT.
    pub fn conversion(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        match node {
            Sql::Cast { kind, expr, data_type, format: None } => {
                let to = named(data_type)
                    .map_err(|hint| self.trouble(node, format!("`{data_type}` is not a type")).with_hint(hint))?;
                let typed = self.resolve(expr, depth)?;
                let from = typed.data_type.clone();
                if from.as_ref().is_some_and(|from| !castable(from, &to)) {
                    let from = from.map_or_else(String::new, |from| from.to_string());
                    return Err(
                        self.trouble(node, format!("`{}` is {from}, which cannot be cast to {to}", self.shown(expr)))
                    );
                }
                let lenient = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
                let expr = Expr::Cast { expr: Box::new(typed.expr), to: to.clone(), lenient };
                Ok(Typed::new(expr, to))
            }
            Sql::TypedString(TypedString { data_type, value, .. }) => {
                let to = named(data_type).ok().filter(DataType::is_temporal);
                match (to, &value.value) {
                    (Some(to), Value::SingleQuotedString(text)) => match literals::moment(text, &to) {
                        Ok(expr) => Ok(Typed::new(expr, to)),
                        Err(why) => Err(self.unreadable(node, why)),
                    },
                    _ => Err(self
                        .trouble(node, format!("`{}` is not supported", self.shown(node)))
                        .with_hint("only date, time and timestamp stand before text; else use cast('…' as type)")),
                }
            }
            Sql::Extract { field, expr, .. } => {
                let name = field.to_string().to_lowercase();
                let function = match name.as_str() {
                    "year" => Function::Year,
                    "month" => Function::Month,
                    "day" => Function::Day,
                    "hour" => Function::Hour,
                    "minute" => Function::Minute,
                    "second" => Function::Second,
                    _ => {
                        return Err(self
                            .trouble(node, format!("EXTRACT of {name} is not supported"))
                            .with_hint("year, month, day, hour, minute and second are"));
                    }
                };
                self.apply(node, &name, function, &[expr], depth)
            }
            _ => Err(self.trouble(node, "CAST … FORMAT is not supported")),
        }
    }
}
