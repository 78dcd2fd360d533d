//! `rate_limit`: how often something may be asked for, as the plugin <https://github.com/mholt/caddy-ratelimit> has it.

use caddis_ir::{Handler, Path, RateLimit, Zone};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, Token, read};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "rate_limit",
    old_names: &[],
    summary: "Answer 429 to requests that come too often.",
    syntax: "rate_limit [<matcher>] { zone <name> { key <text>, window <duration>, events <number> }, ... }",
    subdirectives: OPTIONS,
    examples: &[
        "rate_limit {\n\tzone clients {\n\t\tkey {remote_host}\n\t\twindow 1m\n\t\tevents 100\n\t}\n\tjitter 0.2\n\tsweep_interval 1m\n\tlog_key\n}",
    ],
    lower: Lower::Handler(lower),
};

const OPTIONS: &[&str] = &["zone", "jitter", "sweep_interval", "log_key"];
const ZONE_OPTIONS: &[&str] = &["key", "window", "events", "match"];

/// Those of the plugin that share what is counted between machines.
const NOT_YET: &[&str] = &["distributed", "storage"];

const NO_LIMIT: Code = Code("rate_limit/no-limit");
const NOT_A_NUMBER: Code = Code("rate_limit/not-a-number");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    args.only_a_matcher()?;
    let mut limit = RateLimit::default();
    for line in args.options() {
        let name = line.name();
        match name.text() {
            "zone" => {
                let (name, zone) = zone(line, scope)?;
                let at = Path::root().key("rate_limits").key(name);
                scope.origin(&at, line.span());
                limit.rate_limits.insert(name.into(), zone);
            }
            "jitter" => {
                let word = Args::new(line, "jitter <number>").only("a part of one")?;
                limit.jitter = part(word)?;
            }
            "sweep_interval" => {
                let word = Args::new(line, "sweep_interval <duration>").only("a duration")?;
                limit.sweep_interval = Some(read::duration(word)?);
            }
            "log_key" => {
                Args::new(line, "log_key").finish()?;
                limit.log_key = true;
            }
            other if NOT_YET.contains(&other) => return Err(args.not_yet(name)),
            _ => return Err(args.unknown(name, OPTIONS)),
        }
    }
    Ok(Handler::RateLimit(limit))
}

fn zone<'a>(line: &'a Line, scope: &mut Scope<'_>) -> Result<(&'a str, Zone)> {
    let mut args = Args::new(line, "zone <name> { <options...> }");
    let name = args.required("a name")?;
    args.no_more()?;
    let mut zone = Zone::default();
    for line in args.options() {
        let mut own = Args::new(line, usage(line.name()));
        match line.name().text() {
            "key" if zone.key.is_empty() => {
                zone.key = own.only("a text to count by")?.text().into();
            }
            "window" if zone.window.is_none() => {
                zone.window = Some(read::duration(own.only("a duration")?)?);
            }
            "events" if zone.max_events.is_none() => {
                zone.max_events = Some(number(own.only("a number")?, "a whole number")?);
            }
            "match" if zone.matchers.is_empty() => {
                own.no_more()?;
                zone.matchers.push(scope.matcher_set(own.options())?);
            }
            "key" | "window" | "events" | "match" => return Err(args.twice(line.name())),
            _ => return Err(args.unknown(line.name(), ZONE_OPTIONS)),
        }
    }
    let has_window = zone.window.is_some_and(|window| window.0 > 0);
    if has_window && zone.max_events.is_some_and(|events| events > 0) {
        Ok((name.text(), zone))
    } else {
        Err(no_limit(&args))
    }
}

fn usage(name: &Token) -> &'static str {
    match name.text() {
        "key" => "key <text>",
        "window" => "window <duration>",
        "events" => "events <number>",
        "match" => "match { <matchers...> }",
        _ => "",
    }
}

fn part(word: &Token) -> Result<f64> {
    let expected = "a part of one, such as `0.2`";
    let part: f64 = number(word, expected)?;
    if (0.0..=1.0).contains(&part) {
        return Ok(part);
    }
    let message = format!("`{}` is not a part of one", word.text());
    Err(word
        .error(NOT_A_NUMBER, message)
        .label(format!("expected {expected}")))
}

fn number<N: std::str::FromStr>(word: &Token, expected: &str) -> Result<N> {
    word.text().parse().map_err(|_| {
        word.error(NOT_A_NUMBER, format!("`{}` is not a number", word.text()))
            .label(format!("expected {expected}"))
    })
}

fn no_limit(args: &Args<'_>) -> Diagnostic {
    Diagnostic::error(NO_LIMIT, args.span(), "a zone needs `window` and `events`")
        .help("write `window 1m` and `events 100` for a hundred requests a minute")
}
