//! `vars`: variables of the request.

use std::collections::BTreeMap;

use caddis_ir::{Handler, Path, Vars};
use caddis_source::{Code, Diagnostic};
use serde_json::Value;

use crate::scalar::scalar;
use crate::{Args, Directive, Lower, Result, Scope, Token};

const NO_NAME: Code = Code("vars/no-variable");

/// Caddy's JSON has the handler's own name under this key.
const HANDLER: &str = "handler";

pub(super) const DIRECTIVE: Directive = Directive {
    name: "vars",
    old_names: &[],
    summary: "Set variables of the request, `{vars.<name>}`.",
    syntax: "vars [<matcher>] [<name> <value>] { <name> <value>... }",
    subdirectives: &[],
    examples: &[
        "vars backend one",
        "vars /api/* {\n\tversion 2\n\tlevel \"3\"\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut vars = BTreeMap::new();
    if let Some(name) = args.optional() {
        let value = args.required("a value for the variable")?;
        args.no_more()?;
        set(name, value, &mut vars, scope)?;
    }
    for line in args.options() {
        let mut own = Args::new(line, "");
        let value = own.only("a value")?;
        scope.origin(&Path::root().key(line.name().text()), line.span());
        set(line.name(), value, &mut vars, scope)?;
    }
    Ok(Handler::Vars(Vars(vars)))
}

fn set(
    name: &Token,
    value: &Token,
    vars: &mut BTreeMap<String, Value>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let value = scalar(value)?;
    if name.text() == HANDLER {
        scope.report(lost(name));
        return Ok(());
    }
    vars.insert(name.text().into(), value);
    Ok(())
}

fn lost(name: &Token) -> Diagnostic {
    name.warning(NO_NAME, "a variable cannot be called `handler`")
        .label("is not set, as in Caddy")
        .help("give it another name")
}
