//! `expression`: requests for which an expression in CEL is true.

use caddis_ir::{Expression, MatcherSet};
use caddis_syntax::Quote;

use crate::{Args, Matcher, Result, Scope, Token};

pub(super) const MATCHER: Matcher = Matcher {
    name: "expression",
    summary: "Requests for which an expression in CEL is true; in quotes, the word `expression` can be left out.",
    syntax: "expression <expression...>",
    subdirectives: &[],
    examples: &[
        "expression `{http.request.method}.startsWith(\"P\")`",
        "expression {http.request.method} == \"GET\"",
    ],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    // Caddy reads the first of several lines, and no block behind it.
    if set.expression.is_some() {
        scope.ignored(args);
        return Ok(());
    }
    let words = args.at_least_one("an expression")?;
    set.expression = Some(match words {
        [expression] => alone(expression, scope),
        words => Expression {
            expr: words.iter().map(raw).collect::<Vec<_>>().join(" "),
            name: String::new(),
        },
    });
    scope.ignored(args);
    Ok(())
}

/// An expression of one word; regular expressions in it have the name of the definition.
fn alone(expression: &Token, scope: &Scope<'_>) -> Expression {
    Expression {
        expr: expression.text().into(),
        name: scope.matcher_name.unwrap_or("").into(),
    }
}

/// The word with the quotes in which it stands: they belong to the expression.
fn raw(word: &Token) -> String {
    let text = word.text();
    match word.quote() {
        Quote::Bare | Quote::Heredoc => text.into(),
        Quote::Double => format!("\"{text}\""),
        Quote::Back => format!("`{text}`"),
    }
}
