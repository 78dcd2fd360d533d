//! `file_server`: serve files.

use caddis_ir::{Browse, FileServer, Handler, Path};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::{browse, precompressed};
use crate::{Args, Directive, Lower, Result, Scope, Token, hidden, read, run_on};

const OPTIONS: &[&str] = &[
    "fs",
    "root",
    "hide",
    "index",
    "browse",
    "precompressed",
    "status",
    "disable_canonical_uris",
    "pass_thru",
    "etag_file_extensions",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("fs", 1), ("root", 1), ("status", 1), ("browse", 1)];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "file_server",
    old_names: &[],
    summary: "Serve files.",
    syntax: "file_server [<matcher>] [browse] [{ <option>... }]",
    subdirectives: OPTIONS,
    examples: &[
        "file_server",
        "file_server /files/* browse",
        "file_server {\n\troot /srv\n\thide .git\n\tprecompressed zstd br gzip\n}",
    ],
    lower: Lower::Handler(lower),
};

const UNKNOWN_ARGUMENT: Code = Code("file_server/unknown-argument");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut server = FileServer::default();
    if let Some(word) = args.optional() {
        if word.text() != "browse" {
            return Err(args.with_usage(unknown_argument(word)));
        }
        args.no_more()?;
        server.browse = Some(Browse::default());
        scope.origin(&Path::root().key("browse"), word.span());
    }
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        let field = option(line, args, &mut server, scope)?;
        scope.origin(&Path::root().key(field), line.span());
    }
    hide_config(&mut server.hide, scope);
    Ok(Handler::FileServer(Box::new(server)))
}

/// Nobody is to read the config that the site itself comes from.
fn hide_config(hide: &mut Vec<String>, scope: &Scope<'_>) {
    for file in scope.config_files() {
        if !hidden::is_hidden(&file.absolute, hide) {
            hide.push(hidden::as_path(&file.name));
        }
    }
}

fn unknown_argument(word: &Token) -> Diagnostic {
    let text = word.text();
    let error = word
        .error(
            UNKNOWN_ARGUMENT,
            format!("`file_server` does not take `{text}`"),
        )
        .label("expected `browse` or nothing");
    error.help(format!("for a folder, write `root {text}` above"))
}

/// Reads an option, and says which field it is in Caddy's JSON.
fn option(
    line: &Line,
    args: &Args<'_>,
    server: &mut FileServer,
    scope: &mut Scope<'_>,
) -> Result<&'static str> {
    Ok(match line.name().text() {
        "fs" if !server.fs.is_empty() => return Err(args.twice(line.name())),
        "fs" => {
            let name = Args::new(line, "fs <name>").only("the name of a file system")?;
            server.fs = name.text().into();
            "fs"
        }
        "root" => {
            let folder = Args::new(line, "root <folder>").only("a folder")?;
            server.root = folder.text().into();
            "root"
        }
        "hide" => {
            server.hide = list(&mut Args::new(line, "hide <file>..."), "a file")?;
            "hide"
        }
        "index" => {
            let names = list(&mut Args::new(line, "index <file>..."), "a file")?;
            server.index_names = Some(names);
            "index_names"
        }
        "browse" if server.browse.is_some() => return Err(args.twice(line.name())),
        "browse" => {
            server.browse = Some(browse::read(line, scope)?);
            "browse"
        }
        "precompressed" => {
            precompressed::read(line, server)?;
            "precompressed"
        }
        "status" => {
            let status = Args::new(line, "status <code>").only("a status")?;
            let is_given = !status.text().is_empty();
            server.status_code = is_given.then(|| read::status(status)).transpose()?;
            "status_code"
        }
        "disable_canonical_uris" => {
            Args::new(line, "disable_canonical_uris").finish()?;
            server.canonical_uris = Some(false);
            "canonical_uris"
        }
        "pass_thru" => {
            Args::new(line, "pass_thru").finish()?;
            server.pass_thru = true;
            "pass_thru"
        }
        "etag_file_extensions" => {
            let mut own = Args::new(line, "etag_file_extensions <ending>...");
            server.etag_file_extensions = list(&mut own, "an ending such as `.sha256`")?;
            "etag_file_extensions"
        }
        _ => return Err(args.unknown(line.name(), OPTIONS)),
    })
}

fn list(args: &mut Args<'_>, what: &str) -> Result<Vec<String>> {
    let words = args.at_least_one(what)?;
    args.finish()?;
    Ok(words.iter().map(|word| word.text().into()).collect())
}
