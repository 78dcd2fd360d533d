//! Caddy's own functions of templates, as far as they need no server.

use std::sync::Arc;

use crate::args::{Function, at_least, exactly};
use crate::printed::print_all;
use crate::{Error, Result, Run, Value, escape, pages};

/// A function of Caddy's.
pub(crate) fn find(name: &str) -> Option<Function> {
    match name {
        "markdown" => exactly(1, |args, run| {
            let text = text(args.any(0), run)?;
            Ok(pages::markdown(&text).into())
        }),
        "splitFrontMatter" => exactly(1, |args, run| {
            pages::split_front_matter(&text(args.any(0), run)?)
        }),
        "stripHTML" => exactly(1, |args, _| Ok(pages::strip_html(args.text(0)?).into())),
        "humanize" => exactly(2, |args, _| {
            pages::humanize(args.text(0)?, args.text(1)?).map(Value::from)
        }),
        "pathEscape" => exactly(1, |args, run| {
            run.room(args.text(0)?.len() * 3)?;
            Ok(escape::path(args.text(0)?).into())
        }),
        // It calls functions of plugins if they are there, and there are none.
        "maybe" => at_least(1, |args, _| args.text(0).map(|_| "".into())),
        "httpError" => exactly(1, |args, _| {
            let status = u16::try_from(args.int(0)?).ok();
            let status = status.filter(|status| (200..1000).contains(status));
            Err(status.map_or_else(|| Error::new("no status of an answer"), Error::status))
        }),
        _ => None,
    }
}

/// The steps that so many bytes are worth when they are parsed.
const BYTES_PER_STEP: usize = 8;

/// The text of a value that is parsed; nothing for nil.
fn text(value: &Value, run: &mut Run<'_>) -> Result<Arc<str>> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Nil => "".into(),
        other => print_all(std::slice::from_ref(other), &mut run.budget)?.into(),
    };
    run.steps(text.len() / BYTES_PER_STEP)?;
    Ok(text)
}
