//! `php_fastcgi`: let PHP answer, as its front controllers want it.

use caddis_ir::{
    FastcgiTransport, FileMatch, Handler, MatcherSet, Path, ReverseProxy, Rewrite, Route,
    StaticResponse, Subroute, Transport,
};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::handle_response::Answers;
use super::passed_on::pass_on;
use super::reverse_proxy::{self, Draft};
use super::{fastcgi_transport, proxy_subdirectives};
use crate::routes::route;
use crate::{Args, Directive, Item, Lower, Result, Scope, Token, read, run_on};

const OPTIONS: &[&str] = &[
    "root",
    "split",
    "index",
    "try_files",
    "env",
    "resolve_root_symlink",
    "dial_timeout",
    "read_timeout",
    "write_timeout",
    "capture_stderr",
];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "php_fastcgi",
    old_names: &[],
    summary: "Let PHP answer: scripts by their names, and everything else through the index.",
    syntax: "php_fastcgi [<matcher>] <upstream...> { root, split, index, try_files, env, ..., and the options of reverse_proxy }",
    subdirectives: OPTIONS,
    examples: &[
        "php_fastcgi unix//run/php/php-fpm.sock",
        "php_fastcgi /blog/* localhost:9000 {\n\troot /srv/blog\n\tindex app.php\n\tenv APP_ENV prod\n}",
    ],
    lower: Lower::Items(lower),
};

const NOT_FASTCGI: Code = Code("php_fastcgi/not-fastcgi");

const PATH: &str = "{http.request.uri.path}";

/// What only `php_fastcgi` has.
struct Own {
    transport: FastcgiTransport,
    /// `off` for none.
    index: String,
    try_files: Vec<String>,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let matcher = scope.matcher(args)?;
    let mut own = Own {
        transport: FastcgiTransport {
            split_path: vec![".php".into()],
            ..FastcgiTransport::default()
        },
        index: "index.php".into(),
        try_files: Vec::new(),
    };
    let takes = [proxy_subdirectives::TAKES, fastcgi_transport::TAKES].concat();
    let known = [proxy_subdirectives::OPTIONS, OPTIONS].concat();
    let lines = run_on::lines(args.options(), &takes, &known);
    let mut passed_on = Vec::new();
    for line in lines.iter() {
        if OPTIONS.contains(&line.name().text()) {
            own.option(line, scope)?;
        } else {
            passed_on.push(pass_on(line, OPTIONS, args)?);
        }
    }
    let before = own.before();
    let scripts = own.transport.split_path.iter();
    let scripts = MatcherSet {
        path: Some(scripts.map(|ending| format!("*{ending}")).collect()),
        ..MatcherSet::default()
    };
    let draft = Draft::of(ReverseProxy {
        transport: Some(Transport::Fastcgi(Box::new(own.transport))),
        ..ReverseProxy::default()
    });
    let proxy = reverse_proxy::read(args, &passed_on, draft, Answers::default(), scope)?;
    if !matches!(proxy.transport, Some(Transport::Fastcgi(_))) {
        scope.report(not_fastcgi(args));
    }
    let last = route(Some(scripts), Handler::ReverseProxy(Box::new(proxy)));
    Ok(vec![together(matcher, before, last, scope)])
}

/// Behind a matcher the routes need a route around them.
fn together(
    matcher: Option<MatcherSet>,
    before: Vec<Route>,
    last: Route,
    scope: &mut Scope<'_>,
) -> Item {
    let Some(matcher) = matcher else {
        return Item::Bunch {
            before,
            route: last,
        };
    };
    let place = Path::root().key("routes").index(before.len());
    scope.notes_are_below(&place.key("handle").index(0));
    let routes = before.into_iter().chain([last]).collect();
    let subroute = Handler::Subroute(Subroute {
        routes,
        errors: None,
    });
    Item::Route(route(Some(matcher), subroute))
}

impl Own {
    fn option(&mut self, line: &Line, scope: &mut Scope<'_>) -> Result<()> {
        let transport = &mut self.transport;
        match line.name().text() {
            "root" => transport.root = word(line, "root <path>", "a path")?,
            "index" => self.index = word(line, "index <file> | off", "a file")?,
            "split" => transport.split_path = words(line, "split <ending...>", "an ending")?,
            "try_files" => self.try_files = words(line, "try_files <file...>", "a file")?,
            "env" => {
                let mut args = Args::new(line, "env <name> <value>");
                let name = args.required("a name")?.text().into();
                let value = args.only("a value")?.text().into();
                transport.env.insert(name, value);
            }
            "dial_timeout" => transport.dial_timeout = timeout(line)?,
            "read_timeout" => transport.read_timeout = timeout(line)?,
            "write_timeout" => transport.write_timeout = timeout(line)?,
            "resolve_root_symlink" => transport.resolve_root_symlink = switch(line, scope)?,
            _ => transport.capture_stderr = switch(line, scope)?,
        }
        Ok(())
    }

    /// What comes before the scripts are run: a slash behind folders, and the file that is asked for.
    fn before(&self) -> Vec<Route> {
        if self.index == "off" {
            return Vec::new();
        }
        let in_folder = format!("{PATH}/{}", self.index);
        let files = if self.try_files.is_empty() {
            vec![PATH.into(), in_folder.clone(), self.index.clone()]
        } else {
            self.try_files.clone()
        };
        let has_folders = files.contains(&in_folder);
        let redirect = has_folders.then(|| redirect(in_folder));
        redirect.into_iter().chain([self.rewrite(files)]).collect()
    }

    fn rewrite(&self, files: Vec<String>) -> Route {
        // PHP may answer for files that are not there, so the last script needs not exist.
        let ends_in_php = |file: &String| file.as_bytes().ends_with(b".php");
        let fallback = self.try_files.is_empty() || files.last().is_some_and(ends_in_php);
        let found = MatcherSet {
            file: Some(FileMatch {
                try_files: files,
                try_policy: if fallback { "first_exist_fallback" } else { "" }.into(),
                split_path: self.transport.split_path.clone(),
                ..FileMatch::default()
            }),
            ..MatcherSet::default()
        };
        let rewrite = Handler::Rewrite(Rewrite {
            uri: "{http.matchers.file.relative}".into(),
            ..Rewrite::default()
        });
        route(Some(found), rewrite)
    }
}

/// A folder with an index gets its slash.
fn redirect(in_folder: String) -> Route {
    let with_slash = MatcherSet {
        path: Some(vec!["*/".into()]),
        ..MatcherSet::default()
    };
    let folder = MatcherSet {
        file: Some(FileMatch {
            try_files: vec![in_folder],
            ..FileMatch::default()
        }),
        not: Some(vec![with_slash]),
        ..MatcherSet::default()
    };
    let target = "{http.request.orig_uri.path}/{http.request.orig_uri.prefixed_query}";
    let moved = StaticResponse::status(308).header("Location", target);
    route(Some(folder), moved.into())
}

fn word(line: &Line, syntax: &'static str, what: &str) -> Result<String> {
    Ok(Args::new(line, syntax).only(what)?.text().into())
}

fn words(line: &Line, syntax: &'static str, what: &str) -> Result<Vec<String>> {
    let mut args = Args::new(line, syntax);
    let words = args.at_least_one(what)?.iter();
    args.finish()?;
    Ok(words.map(Token::text).map(String::from).collect())
}

fn timeout(line: &Line) -> Result<Option<caddis_ir::Duration>> {
    let time = Args::new(
        line,
        "dial_timeout | read_timeout | write_timeout <duration>",
    )
    .only("a duration")?;
    let time = read::duration(time)?;
    Ok(Some(time).filter(|time| time.0 != 0))
}

/// Caddy does not look at the words behind it.
fn switch(line: &Line, scope: &mut Scope<'_>) -> Result<bool> {
    if line.block.is_some() {
        let mut args = Args::new(line, "");
        args.rest();
        args.finish()?;
    }
    scope.ignored(&Args::new(line, ""));
    Ok(true)
}

fn not_fastcgi(args: &Args<'_>) -> Diagnostic {
    let message = "this `php_fastcgi` speaks HTTP, as the scheme of its upstream says";
    Diagnostic::warning(NOT_FASTCGI, args.span(), message)
        .label("its options for FastCGI have no effect")
        .help("write the upstream without a scheme")
}
