//! `try_files`: rewrite to the first of some files that is there.

use caddis_ir::{FileMatch, Handler, MatcherSet, Rewrite, Route};
use caddis_source::{Code, suggest};
use caddis_syntax::Line;

use crate::{Args, Directive, Item, Lower, Result, Scope, Token};

const OPTIONS: &[&str] = &["policy"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "try_files",
    old_names: &[],
    summary: "Rewrite to the first of some files that is there.",
    syntax: "try_files <file>... [{ policy <policy> }]",
    subdirectives: OPTIONS,
    examples: &[
        "try_files {path} /index.html",
        "try_files {path} /index.php?{query}",
        "try_files {path} {path}.html {\n\tpolicy first_exist_fallback\n}",
    ],
    lower: Lower::Items(lower),
};

const POLICIES: &[&str] = &[
    "first_exist",
    "first_exist_fallback",
    "largest_size",
    "most_recently_modified",
    "smallest_size",
];

const UNKNOWN_POLICY: Code = Code("try_files/unknown-policy");

/// Where the matcher notes the file that it found.
const FOUND: &str = "{http.matchers.file.relative}";

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    // It takes no matcher: what looks like one is a file.
    let files = args.at_least_one("a file")?;
    let mut policy = None;
    for line in args.options() {
        option(line, args, &mut policy, scope)?;
    }
    let attempts = attempts(files);
    let group = match attempts.as_slice() {
        [_] => String::new(),
        _ => scope.next_group(),
    };
    let policy = policy.map_or("", Token::text);
    let routes = attempts
        .into_iter()
        .map(|attempt| Item::Route(route(attempt, policy, &group)));
    Ok(routes.collect())
}

fn option<'a>(
    line: &'a Line,
    args: &Args<'_>,
    policy: &mut Option<&'a Token>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    if line.name().text() != "policy" {
        // Caddy skips what it does not know here.
        scope.skipped(args, line, OPTIONS);
        return Ok(());
    }
    if policy.is_some() {
        return Err(args.twice(line.name()));
    }
    let mut own = Args::new(line, "policy <policy>");
    let word = own.required("a policy")?;
    *policy = Some(known_policy(word)?);
    scope.ignored(&own);
    Ok(())
}

fn known_policy(word: &Token) -> Result<&Token> {
    let text = word.text();
    if POLICIES.contains(&text) {
        return Ok(word);
    }
    let message = format!("`{text}` is not a policy of `try_files`");
    let error = word.error(UNKNOWN_POLICY, message);
    Err(match suggest(text, POLICIES.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("the policies are {}", POLICIES.join(", "))),
    })
}

/// Files that are looked for together, and the query that the request gets if one is found.
#[derive(Default)]
struct Attempt<'a> {
    files: Vec<String>,
    query: Option<&'a str>,
}

/// A file with a query is looked for alone, because it is rewritten in its own way.
fn attempts(files: &[Token]) -> Vec<Attempt<'_>> {
    let mut attempts: Vec<Attempt<'_>> = Vec::new();
    for file in files {
        let (path, query) = match file.text().split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (file.text(), None),
        };
        match attempts.last_mut() {
            Some(last) if last.query.is_none() && query.is_none() => last.files.push(path.into()),
            Some(_) | None => attempts.push(Attempt {
                files: vec![path.into()],
                query,
            }),
        }
    }
    attempts
}

fn route(attempt: Attempt<'_>, policy: &str, group: &str) -> Route {
    let matcher = MatcherSet {
        file: Some(FileMatch {
            try_files: attempt.files,
            try_policy: policy.into(),
            ..FileMatch::default()
        }),
        ..MatcherSet::default()
    };
    let query = attempt.query.map(|query| format!("?{query}"));
    let rewrite = Rewrite {
        uri: FOUND.to_owned() + &query.unwrap_or_default(),
        ..Rewrite::default()
    };
    Route {
        group: group.into(),
        matchers: vec![matcher],
        handle: vec![Handler::Rewrite(rewrite)],
        ..Route::default()
    }
}
