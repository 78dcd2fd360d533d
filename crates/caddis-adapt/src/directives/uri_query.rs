//! `uri query`: changes of the query of a URL.

use caddis_ir::{ParameterReplacement, ParameterValue, QueryRewrite};
use caddis_source::Code;
use caddis_syntax::Line;

use crate::args::NO_BLOCK;
use crate::{Args, Result, Scope, Token};

const ARGUMENT_AND_BLOCK: Code = Code("uri/argument-and-block");
const NO_EFFECT: Code = Code("uri/no-effect");
const SECOND_RENAME: Code = Code("uri/second-rename");

const SYNTAX: &str = "<parameter> <value> | +<parameter> <value> | -<parameter> | <old>><new> | <parameter> <expression> <replacement>";

/// Reads one change in the arguments, or several in the block.
pub(super) fn read(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<QueryRewrite> {
    let mut query = QueryRewrite::default();
    let in_arguments = args.optional();
    if let Some(parameter) = in_arguments {
        change(parameter, args, &mut query, scope)?;
    }
    let lines = args.options();
    for line in lines {
        if let Some(parameter) = in_arguments {
            return Err(argument_and_block(line, parameter));
        }
        let mut own = Args::new(line, SYNTAX);
        change(line.name(), &mut own, &mut query, scope)?;
        no_block(&own)?;
    }
    if in_arguments.is_none() && lines.is_empty() {
        let warning = args
            .name()
            .warning(NO_EFFECT, "this `uri query` changes nothing");
        scope.report(warning.help(format!("usage: uri query {SYNTAX}")));
    }
    Ok(query)
}

fn change<'a>(
    parameter: &'a Token,
    args: &mut Args<'a>,
    query: &mut QueryRewrite,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let text = parameter.text();
    match text.split_at_checked(1) {
        Some(("-", key)) => query.delete.push(key.into()),
        Some(("+", key)) => {
            let value = args.required("a value")?;
            query.add.push(pair(key, value.text()));
        }
        _ => match text.split_once('>') {
            Some((old, new)) => query
                .rename
                .push(pair(old, new_name(parameter, new, scope))),
            None => set_or_replace(text, args, query)?,
        },
    }
    args.no_more()
}

fn set_or_replace(key: &str, args: &mut Args<'_>, query: &mut QueryRewrite) -> Result<()> {
    let value = args.required("a value")?.text();
    match args.optional() {
        None => query.set.push(pair(key, value)),
        Some(replacement) => query.replace.push(ParameterReplacement {
            key: key.into(),
            search: String::new(),
            search_regexp: value.into(),
            replace: replacement.text().into(),
        }),
    }
    Ok(())
}

fn pair(key: &str, value: &str) -> ParameterValue {
    ParameterValue {
        key: key.into(),
        val: value.into(),
    }
}

/// Caddy cuts the new name at a second `>`.
fn new_name<'a>(parameter: &Token, new: &'a str, scope: &mut Scope<'_>) -> &'a str {
    let Some((name, rest)) = new.split_once('>') else {
        return new;
    };
    let message = format!("`uri query` ignores `>{rest}`");
    let warning = parameter.warning(SECOND_RENAME, message);
    scope.report(
        warning
            .label("has no effect, as in Caddy")
            .help("rename one parameter on a line"),
    );
    name
}

fn no_block(args: &Args<'_>) -> Result<()> {
    args.unread_block().map_or(Ok(()), |block| {
        let message = "a change of the query does not take a block";
        Err(caddis_source::Diagnostic::error(
            NO_BLOCK, block.open, message,
        ))
    })
}

fn argument_and_block(line: &Line, parameter: &Token) -> caddis_source::Diagnostic {
    line.name()
        .error(
            ARGUMENT_AND_BLOCK,
            "`uri query` has a change in its arguments and one in its block",
        )
        .also(parameter.span(), "the change in the arguments")
        .help("write all changes in the block")
}
