//! `browse` of `file_server`: lists of the files in folders.

use caddis_ir::Browse;
use caddis_source::Code;
use caddis_syntax::Line;

use crate::{Args, Result, Scope, Token, run_on};

const OPTIONS: &[&str] = &["reveal_symlinks", "sort", "file_limit"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("reveal_symlinks", 0)];

const SORTS: [&str; 6] = ["name", "namedirfirst", "size", "time", "asc", "desc"];

const UNKNOWN_SORT: Code = Code("file_server/unknown-sort");
const NOT_A_LIMIT: Code = Code("file_server/not-a-limit");

/// Reads `browse` and its block.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<Browse> {
    let mut args = Args::new(line, "browse [<template>] [{ <option>... }]");
    let mut browse = Browse::default();
    if let Some(template) = args.optional() {
        browse.template_file = template.text().into();
    }
    args.no_more()?;
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        option(line, &args, &mut browse, scope)?;
    }
    Ok(browse)
}

fn option(line: &Line, args: &Args<'_>, browse: &mut Browse, scope: &mut Scope<'_>) -> Result<()> {
    let name = line.name();
    match name.text() {
        "reveal_symlinks" if browse.reveal_symlinks => return Err(args.twice(name)),
        "reveal_symlinks" => {
            Args::new(line, "reveal_symlinks").finish()?;
            browse.reveal_symlinks = true;
        }
        "sort" => {
            let mut own = Args::new(line, "sort name | namedirfirst | size | time [asc | desc]");
            for word in own.rest() {
                browse.sort.push(sort(word)?.into());
            }
            own.finish()?;
        }
        "file_limit" if browse.file_limit != 0 => return Err(args.twice(name)),
        "file_limit" => {
            let limit = Args::new(line, "file_limit <number>").only("a number")?;
            browse.file_limit = file_limit(limit, scope);
        }
        _ => return Err(args.unknown(name, OPTIONS)),
    }
    Ok(())
}

fn sort(word: &Token) -> Result<&str> {
    let text = word.text();
    if SORTS.contains(&text) {
        return Ok(text);
    }
    let message = format!("files cannot be sorted by `{text}`");
    Err(word
        .error(UNKNOWN_SORT, message)
        .label("expected name, namedirfirst, size or time, then asc or desc"))
}

/// Caddy takes what is no number for no limit of its own.
fn file_limit(word: &Token, scope: &mut Scope<'_>) -> i64 {
    let text = word.text();
    text.parse().unwrap_or_else(|_| {
        let message = format!("`{text}` is not a number of files");
        let warning = word.warning(NOT_A_LIMIT, message);
        scope.report(
            warning
                .label("has no effect, as in Caddy")
                .help("write a number such as `4000`"),
        );
        0
    })
}
