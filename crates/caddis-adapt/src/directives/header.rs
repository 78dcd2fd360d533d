//! `header`: edit the header of the response.

use caddis_ir::{Handler, Headers, MatcherSet, ResponseHeaderRules, Route};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::header_rules::{self, Edit};
use super::response_matcher;
use crate::{Args, Directive, Item, Lower, Result, Scope, Token};

const OPTIONS: &[&str] = &["defer", "match"];

const ARGUMENT_AND_BLOCK: Code = Code("header/argument-and-block");
const READ_AS_FIELD: Code = Code("header/read-as-field");
const NO_EFFECT: Code = Code("header/no-effect");

pub(super) const DIRECTIVE: Directive = Directive {
    name: "header",
    old_names: &[],
    summary: "Edit the header of the response.",
    syntax: "header [<matcher>] [+ | - | ? | >]<field> [<value> | <find> <replace>]",
    subdirectives: OPTIONS,
    examples: &[
        "header Strict-Transport-Security \"max-age=31536000; includeSubDomains\"",
        "header -Server",
        "header {\n\tX-Frame-Options DENY\n\t?Cache-Control no-store\n}",
    ],
    lower: Lower::Items(lower),
};

/// What is edited in every response, and what is set if it is not there (`?`): two handlers.
#[derive(Default)]
struct Rules {
    always: ResponseHeaderRules,
    defaults: ResponseHeaderRules,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let matchers = scope.matcher(args)?;
    let mut rules = Rules::default();
    let field = args.optional();
    if let Some(field) = field {
        let edit = header_rules::edit(field.text(), args);
        header_rules::apply_to_response(&mut rules.always, &edit);
    }
    // Behind a word that it does not look at, Caddy looks at no block.
    let lines = if args.left() == 0 {
        args.options()
    } else {
        &[]
    };
    for line in lines {
        options(line, field, &mut rules, scope)?;
    }
    let routes: Vec<_> = [rules.always, rules.defaults]
        .into_iter()
        .filter(|rules| *rules != ResponseHeaderRules::default())
        .map(|rules| Item::Route(route(rules, matchers.as_ref())))
        .collect();
    if routes.is_empty() {
        scope.report(no_effect(args));
    }
    Ok(routes)
}

fn route(rules: ResponseHeaderRules, matchers: Option<&MatcherSet>) -> Route {
    let handler = Handler::Headers(Headers {
        request: None,
        response: Some(rules),
    });
    Route {
        matchers: matchers.cloned().into_iter().collect(),
        handle: vec![handler],
        ..Route::default()
    }
}

/// Caddy reads word after word here: what is left on a line after an edit is the next field.
fn options(
    line: &Line,
    in_arguments: Option<&Token>,
    rules: &mut Rules,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let mut args = Args::new(line, "");
    let mut name = line.name();
    loop {
        match (name.text(), in_arguments) {
            ("defer", _) => rules.always.deferred = true,
            ("match", _) => rules.always.require = Some(response_matcher::read(&mut args)?),
            (_, Some(field)) => return Err(argument_and_block(name, field)),
            (_, None) => apply(name, &mut args, rules),
        }
        match args.optional() {
            None => return args.finish(),
            Some(next) => {
                scope.report(read_as_field(next));
                name = next;
            }
        }
    }
}

fn apply<'a>(name: &'a Token, args: &mut Args<'a>, rules: &mut Rules) {
    // A colon behind the name is a habit from elsewhere, which Caddy forgives in blocks.
    let field = name.text().strip_suffix(':').unwrap_or(name.text());
    let edit = header_rules::edit(field, args);
    let rules = match edit {
        Edit::Default(..) => &mut rules.defaults,
        Edit::Add(..) | Edit::Delete(_) | Edit::Set(..) | Edit::Replace { .. } => &mut rules.always,
    };
    header_rules::apply_to_response(rules, &edit);
}

fn argument_and_block(name: &Token, field: &Token) -> Diagnostic {
    name.error(
        ARGUMENT_AND_BLOCK,
        "`header` has a field in its arguments and one in its block",
    )
    .also(field.span(), "the field in the arguments")
    .help("write all fields in the block")
}

fn read_as_field(token: &Token) -> Diagnostic {
    let message = format!("`{}` is read as a header field of its own", token.text());
    token
        .warning(READ_AS_FIELD, message)
        .help("put a value with spaces in quotes")
}

fn no_effect(args: &Args<'_>) -> Diagnostic {
    Diagnostic::warning(NO_EFFECT, args.span(), "this `header` edits nothing")
        .help(format!("usage: {}", DIRECTIVE.syntax))
}
