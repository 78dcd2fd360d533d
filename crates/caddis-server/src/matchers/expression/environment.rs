//! What the CEL library is asked to know: Caddy's extensions, and `cel.bind`.

use std::sync::Arc;

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue};
use cel::parser::{Macro, MacroExprHelper};
use cel::{Env, extensions};

/// The environment of all expressions.
pub(crate) fn environment() -> Arc<Env> {
    let mut env = Env::stdlib().with_optional_support(false);
    let added = extensions::strings(&mut env)
        .and_then(|()| extensions::lists(&mut env))
        .and_then(|()| extensions::math(&mut env))
        .and_then(|()| {
            env.add_macro(Macro::receiver("bind", 3, |helper, target, arguments| {
                Ok(bind(helper, target, arguments))
            }))
        });
    added.expect("nothing is declared twice");
    Arc::new(env)
}

/// `cel.bind(name, value, expression)`: a loop that is never gone through, with the value where its result begins.
fn bind(
    helper: &mut MacroExprHelper<'_>,
    target: &mut Option<IdedExpr>,
    arguments: &mut Vec<IdedExpr>,
) -> Option<IdedExpr> {
    let is_cel = |target: &IdedExpr| matches!(&target.expr, Expr::Ident(name) if name == "cel");
    if !target.as_ref().is_some_and(is_cel) {
        return None;
    }
    let Some(Expr::Ident(name)) = arguments.first().map(|name| name.expr.clone()) else {
        return None;
    };
    let mut rest = arguments.split_off(1).into_iter();
    let (Some(value), Some(result)) = (rest.next(), rest.next()) else {
        return None;
    };
    let iter_range = helper.next_expr(Expr::List(ListExpr::new(Vec::new())));
    let no = helper.next_expr(Expr::Literal(LiteralValue::Boolean(false.into())));
    let same = helper.next_expr(Expr::Ident(name.clone()));
    let comprehension = ComprehensionExpr {
        iter_range,
        iter_var: "#unused".to_owned(),
        iter_var2: None,
        accu_var: name,
        accu_init: value,
        loop_cond: no,
        loop_step: same,
        result,
    };
    Some(helper.next_expr(Expr::Comprehension(Box::new(comprehension))))
}
