//! The filters of `format filter`: what becomes of one field.

use caddis_ir::{CookieAction, FieldFilter, QueryAction, RegexpOperation};
use caddis_source::Code;
use caddis_syntax::Line;

use crate::{Args, Result, Token, modules, run_on};

const FILTERS: &[&str] = &[
    "delete",
    "replace",
    "ip_mask",
    "query",
    "cookie",
    "regexp",
    "multi_regexp",
    "hash",
    "rename",
];

const ACTIONS: &[&str] = &["delete", "replace", "hash"];
const MASKS: &[&str] = &["ipv4", "ipv6"];

/// How many words an option takes, where another one may follow.
const LENGTHS: &[(&str, usize)] = &[("ipv4", 1), ("ipv6", 1)];

/// How many words an option takes, where another one may follow.
const WORDS_OF_ACTIONS: &[(&str, usize)] = &[("replace", 2), ("delete", 1), ("hash", 1)];

const UNKNOWN_FILTER: Code = Code("log/unknown-filter");
const NOT_A_LENGTH: Code = Code("log/not-a-prefix-length");
const NO_PATTERN: Code = Code("log/no-pattern");
const TOO_MANY: Code = Code("log/too-many-patterns");
const TOO_LONG: Code = Code("log/pattern-too-long");

/// The most patterns that Caddy takes for a field.
const MAX_PATTERNS: usize = 50;

/// The most bytes of one of several patterns.
const MAX_PATTERN: usize = 1000;

/// Reads a filter behind its name; what it leaves in `args` Caddy does not look at.
pub(super) fn read(kind: &Token, args: &mut Args<'_>) -> Result<FieldFilter> {
    let text = |token: Option<&Token>| token.map(Token::text).unwrap_or_default().to_owned();
    Ok(match kind.text() {
        "delete" => FieldFilter::Delete {},
        "hash" => FieldFilter::Hash {},
        "replace" => FieldFilter::Replace {
            value: text(args.optional()),
        },
        "rename" => FieldFilter::Rename {
            name: text(args.optional()),
        },
        "regexp" => FieldFilter::Regexp(RegexpOperation {
            regexp: text(args.optional()),
            value: text(args.optional()),
        }),
        "ip_mask" => ip_mask(args)?,
        "multi_regexp" => FieldFilter::MultiRegexp {
            operations: Some(operations(kind, args)?),
        },
        "query" => FieldFilter::Query {
            actions: actions(args, |kind, parameter, value| QueryAction {
                kind,
                parameter,
                value,
            })?,
        },
        "cookie" => FieldFilter::Cookie {
            actions: actions(args, |kind, name, value| CookieAction { kind, name, value })?,
        },
        _ => return Err(modules::unknown(kind, UNKNOWN_FILTER, "filter", FILTERS)),
    })
}

fn ip_mask(args: &mut Args<'_>) -> Result<FieldFilter> {
    let mut ipv4 = args.optional().map(length).transpose()?.flatten();
    let mut ipv6 = args.optional().map(length).transpose()?.flatten();
    args.no_more()?;
    for line in run_on::lines(args.options(), LENGTHS, MASKS).iter() {
        let target = match line.name().text() {
            "ipv4" => &mut ipv4,
            "ipv6" => &mut ipv6,
            _ => return Err(args.unknown(line.name(), MASKS)),
        };
        let mut own = Args::new(line, "ipv4 | ipv6 <length>");
        *target = length(own.only("the length of a prefix")?)?;
    }
    Ok(FieldFilter::IpMask {
        ipv4_cidr: ipv4,
        ipv6_cidr: ipv6,
    })
}

fn length(token: &Token) -> Result<Option<i64>> {
    let length = token.text().parse().map_err(|_| {
        let message = format!("`{}` is not the length of a prefix", token.text());
        token
            .error(NOT_A_LENGTH, message)
            .label("expected how many bits are left")
            .help("write `16` for IPv4, `32` for IPv6")
    })?;
    Ok(Some(length).filter(|length: &i64| *length != 0))
}

/// The actions of `query` and `cookie`; with an argument, Caddy does not look at the block.
fn actions<T>(
    args: &mut Args<'_>,
    make: impl Fn(String, String, String) -> T,
) -> Result<Option<Vec<T>>> {
    if args.peek().is_some() {
        return Ok(None);
    }
    let mut actions = Vec::new();
    for line in run_on::lines(args.options(), WORDS_OF_ACTIONS, ACTIONS).iter() {
        let (kind, name, value) = action(line, args)?;
        actions.push(make(kind, name, value));
    }
    Ok(Some(actions).filter(|actions| !actions.is_empty()))
}

fn action(line: &Line, of: &Args<'_>) -> Result<(String, String, String)> {
    let kind = line.name();
    let mut args = match kind.text() {
        "replace" => Args::new(line, "replace <name> <value>"),
        "delete" => Args::new(line, "delete <name>"),
        "hash" => Args::new(line, "hash <name>"),
        _ => return Err(of.unknown(kind, ACTIONS)),
    };
    let name = args.required("a name")?.text().to_owned();
    let value = if kind.text() == "replace" {
        args.required("a value")?.text().to_owned()
    } else {
        String::new()
    };
    args.finish()?;
    Ok((kind.text().to_owned(), name, value))
}

fn operations(kind: &Token, args: &mut Args<'_>) -> Result<Vec<RegexpOperation>> {
    let mut operations = Vec::new();
    // With an argument, Caddy does not look at the block.
    let lines = if args.peek().is_none() {
        args.options()
    } else {
        &[]
    };
    for line in lines {
        if line.name().text() != "regexp" {
            return Err(args.unknown(line.name(), &["regexp"]));
        }
        let mut own = Args::new(line, "regexp <pattern> <value>");
        let pattern = own.required("a pattern")?;
        let value = own.required("a value")?;
        own.finish()?;
        operations.push(RegexpOperation {
            regexp: pattern.text().into(),
            value: value.text().into(),
        });
        check(&operations, pattern)?;
    }
    if operations.is_empty() {
        let message = "`multi_regexp` needs a pattern";
        return Err(kind
            .error(NO_PATTERN, message)
            .help("write `multi_regexp { regexp <pattern> <value> }`, with a line for each"));
    }
    Ok(operations)
}

/// Refuses what Caddy refuses of several patterns: an empty one, a long one, and too many.
pub(super) fn check(operations: &[RegexpOperation], at: &Token) -> Result<()> {
    if operations.iter().any(|one| one.regexp.is_empty()) {
        return Err(at
            .error(NO_PATTERN, "the pattern is empty")
            .help("write a pattern, or take the line away"));
    }
    if operations.iter().any(|one| one.regexp.len() > MAX_PATTERN) {
        let message = format!("the pattern is longer than {MAX_PATTERN} bytes");
        return Err(at
            .error(TOO_LONG, message)
            .help("make several patterns of it"));
    }
    if operations.len() > MAX_PATTERNS {
        let message = format!("there are more than {MAX_PATTERNS} patterns for a field");
        return Err(at
            .error(TOO_MANY, message)
            .help("put some into one, with `|` between them"));
    }
    Ok(())
}
