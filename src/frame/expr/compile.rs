//! Expressions to nodes ready to run: constants made, patterns compiled.

use regex::{Regex, RegexBuilder};

use crate::frame::expr::value::Value;
use crate::model::{BinaryOp, Context, DataType, Expr, Function, Literal, UnaryOp};

/// The largest automaton of a `LIKE` pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// One step of a compiled expression.
#[derive(Debug)]
pub(super) enum Node {
    /// By place among the columns read.
    Column(usize),
    Constant(Value),
    Unary(UnaryOp, Box<Node>),
    Binary(Box<Node>, BinaryOp, Box<Node>),
    IsNull {
        node: Box<Node>,
        negated: bool,
    },
    InList {
        node: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Like {
        node: Box<Node>,
        pattern: Regex,
        negated: bool,
    },
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Cast {
        node: Box<Node>,
        to: DataType,
        lenient: bool,
    },
    Round {
        node: Box<Node>,
        kept: i32,
    },
    Call {
        function: Function,
        args: Vec<Node>,
    },
}

/// Compiles an expression. `columns` are those read, ascending.
///
/// # Errors
/// In words.
pub(super) fn compile(expr: &Expr, columns: &[usize], context: &Context) -> Result<Node, String> {
    let boxed = |expr: &Expr| compile(expr, columns, context).map(Box::new);
    let all = |exprs: &[Expr]| exprs.iter().map(|expr| compile(expr, columns, context)).collect::<Result<Vec<_>, _>>();
    Ok(match expr {
        Expr::Column(index) => {
            Node::Column(columns.binary_search(index).map_err(|_| format!("column {index} is not read"))?)
        }
        Expr::Literal(literal) => Node::Constant(Value::constant(literal, context).ok_or("a NULL has no type")?),
        Expr::Unary(op, inner) => Node::Unary(*op, boxed(inner)?),
        Expr::Binary(left, op, right) => Node::Binary(boxed(left)?, *op, boxed(right)?),
        Expr::IsNull { expr, negated } => Node::IsNull { node: boxed(expr)?, negated: *negated },
        Expr::InList { expr, list, negated } => {
            Node::InList { node: boxed(expr)?, list: all(list)?, negated: *negated }
        }
        Expr::Like { expr, pattern, negated, ignore_case } => {
            Node::Like { node: boxed(expr)?, pattern: like(pattern, *ignore_case)?, negated: *negated }
        }
        Expr::Case { branches, otherwise } => {
            let mut compiled = Vec::with_capacity(branches.len());
            for (when, then) in branches {
                compiled.push((compile(when, columns, context)?, compile(then, columns, context)?));
            }
            let otherwise = otherwise.as_ref().map(|expr| boxed(expr)).transpose()?;
            Node::Case { branches: compiled, otherwise }
        }
        Expr::Cast { expr, to, .. } if matches!(**expr, Expr::Literal(Literal::Null)) => {
            Node::Constant(Value::null(to))
        }
        Expr::Cast { expr, to, lenient } => Node::Cast { node: boxed(expr)?, to: to.clone(), lenient: *lenient },
        Expr::Call { function: Function::Today, .. } => clock(&Literal::Today, context)?,
        Expr::Call { function: Function::Now, .. } => clock(&Literal::Now, context)?,
        Expr::Call { function: Function::Round, args } => {
            let [value, rest @ ..] = args.as_slice() else { return Err("round without a number".to_owned()) };
            let kept = match rest {
                [Expr::Literal(Literal::Int(kept))] => i32::try_from(*kept).map_err(|_| "round to too many digits")?,
                _ => 0,
            };
            Node::Round { node: boxed(value)?, kept }
        }
        Expr::Call { function, args } => Node::Call { function: *function, args: all(args)? },
    })
}

fn clock(literal: &Literal, context: &Context) -> Result<Node, String> {
    Ok(Node::Constant(Value::constant(literal, context).ok_or("no clock")?))
}

/// Compiles a LIKE pattern to one that matches the whole text, in time linear in it.
fn like(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    let mut regex = String::with_capacity(pattern.len() + 16);
    regex.push_str(r"\A");
    let mut characters = pattern.chars();
    let mut buffer = [0; 4];
    while let Some(character) = characters.next() {
        match character {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(characters.next().unwrap_or('\\').encode_utf8(&mut buffer))),
            other => regex.push_str(&regex::escape(other.encode_utf8(&mut buffer))),
        }
    }
    regex.push_str(r"\z");
    RegexBuilder::new(&regex)
        .dot_matches_new_line(true)
        .case_insensitive(ignore_case)
        .size_limit(MAX_PATTERN)
        .build()
        .map_err(|_| format!("the LIKE pattern `{pattern}` is too large"))
}
