//! `log_name`: the access logs that a request goes to.

use std::collections::BTreeMap;

use caddis_ir::{Handler, Vars};
use serde_json::Value;

use crate::{Args, Directive, Lower, Token};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log_name",
    old_names: &[],
    summary: "Send requests to other access logs than the site's.",
    syntax: "log_name [<matcher>] <name...>",
    subdirectives: &[],
    examples: &["log_name /api/* api"],
    lower: Lower::Handler(|args, _| Ok(handler(args))),
};

fn handler(args: &mut Args<'_>) -> Handler {
    let names = args.rest();
    let names = if names.is_empty() {
        // Caddy takes a line without a name, and writes a list that was never filled.
        Value::Null
    } else {
        names.iter().map(Token::text).collect()
    };
    let vars = [("access_logger_names".to_owned(), names)];
    Handler::Vars(Vars(BTreeMap::from(vars)))
}
