//! `intercept`: look at answers on their way to the client, and answer in their place.

use caddis_ir::{Handler, Intercept};

use super::handle_response::{self, Answers};
use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "intercept",
    old_names: &[],
    summary: "Change the status of answers, or answer in their place.",
    syntax: "intercept [<matcher>] { @<name> ..., replace_status, handle_response }",
    subdirectives: &handle_response::OPTIONS,
    examples: &[
        "intercept {\n\t@gone status 404 410\n\thandle_response @gone {\n\t\trespond \"nothing here\"\n\t}\n}",
        "intercept {\n\treplace_status 200\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut answers = Answers::default();
    // Caddy does not see the block behind an argument.
    let lines = if args.left() == 0 {
        args.options()
    } else {
        &[]
    };
    for line in lines {
        if !handle_response::is_option(line.name()) {
            return Err(args.unknown(line.name(), &handle_response::OPTIONS));
        }
        answers.option(line, scope)?;
    }
    Ok(Handler::Intercept(Box::new(Intercept {
        handle_response: answers.finish(scope)?,
    })))
}
