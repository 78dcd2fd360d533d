//! `events`: what is done when something happens. Stock Caddy has nothing that could be done.

use caddis_source::Code;
use caddis_syntax::Line;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, modules};

const UNKNOWN_HANDLER: Code = Code("events/unknown-handler");

pub(super) const EVENTS: GlobalOption = GlobalOption {
    name: "events",
    summary: "What is done when something happens; stock Caddy has nothing that could be done.",
    syntax: "events { on <event> <handler> … }",
    subdirectives: &[],
    examples: &["events"],
    read: events,
};

fn events(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    options.events = true;
    // With an argument, Caddy does not look at the block either.
    if args.peek().is_none() {
        for line in args.options() {
            on(line, args)?;
        }
    }
    Ok(())
}

fn on(line: &Line, of: &Args<'_>) -> Result<()> {
    if line.name().text() != "on" {
        return Err(of.unknown(line.name(), &["on"]));
    }
    let mut args = Args::new(line, "on <event> <handler> …");
    args.required("an event")?;
    let handler = args.required("a handler")?;
    let kind = "handler of events";
    Err(modules::unknown(handler, UNKNOWN_HANDLER, kind, &[]))
}
