//! `push`: send resources before they are asked for.

use caddis_ir::{Handler, HeaderRules, Path, Push, PushResource};
use caddis_source::Diagnostic;
use caddis_syntax::Line;

use super::header_rules;
use crate::args::NO_BLOCK;
use crate::{Args, Directive, Lower, Result, Scope};

const OPTIONS: &[&str] = &["GET", "HEAD", "headers"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "push",
    old_names: &[],
    summary: "Send resources before they are asked for, over HTTP/2.",
    syntax: "push [<matcher>] [<resource>] [{ [GET | HEAD] <resource>; headers { <edit>... } }]",
    subdirectives: OPTIONS,
    examples: &[
        "push * /style.css",
        "push {\n\tGET /style.css\n\theaders {\n\t\tX-Pushed yes\n\t}\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut push = Push::default();
    if let Some(target) = args.optional() {
        push.resources.push(resource("", target.text()));
    }
    for line in args.options() {
        option(line, &mut push, scope)?;
    }
    Ok(Handler::Push(push))
}

fn resource(method: &str, target: &str) -> PushResource {
    PushResource {
        method: method.into(),
        target: target.into(),
    }
}

/// Caddy reads word after word here: what is left on a line is the next resource.
fn option(line: &Line, push: &mut Push, scope: &mut Scope<'_>) -> Result<()> {
    let mut args = Args::new(line, "[GET | HEAD] <resource>");
    let mut word = line.name();
    loop {
        match word.text() {
            "headers" => {
                scope.origin(&Path::root().key("headers"), line.span());
                return headers(&mut args, push);
            }
            method @ ("GET" | "HEAD") => {
                let target = args.required("a resource")?.text();
                push.resources.push(resource(method, target));
            }
            target => push.resources.push(resource("", target)),
        }
        let at = Path::root()
            .key("resources")
            .index(push.resources.len() - 1);
        scope.origin(&at, line.span());
        match args.optional() {
            None => return args.finish(),
            Some(next) => word = next,
        }
    }
}

fn headers(args: &mut Args<'_>, push: &mut Push) -> Result<()> {
    args.no_more()?;
    for line in args.options() {
        let mut own = Args::new(line, "[+ | -]<field> [<value> | <find> <replace>]");
        let rules = push.headers.get_or_insert_with(HeaderRules::default);
        let edit = header_rules::edit(line.name().text(), &mut own);
        header_rules::apply_to_request(rules, &edit, line.name())?;
        own.no_more()?;
        if let Some(block) = own.unread_block() {
            let message = "a header field does not take a block";
            return Err(Diagnostic::error(NO_BLOCK, block.open, message));
        }
    }
    Ok(())
}
