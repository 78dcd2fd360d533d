//! `log_name`: the access logs that a request goes to.

use std::collections::BTreeMap;

use caddis_ir::{Handler, Vars};
use serde_json::Value;

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log_name",
    old_names: &[],
    summary: "Send requests to other access logs than the site's.",
    syntax: "log_name [<matcher>] <name...>",
    subdirectives: &[],
    examples: &["log_name /api/* api"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let names = args.rest();
    let names = if names.is_empty() {
        // Caddy takes a line without a name, and writes a list that was never filled.
        Value::Null
    } else {
        names.iter().map(|name| name.text()).collect()
    };
    let vars = [("access_logger_names".to_owned(), names)];
    Ok(Handler::Vars(Vars(BTreeMap::from(vars))))
}
