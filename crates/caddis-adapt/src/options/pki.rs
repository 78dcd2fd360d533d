//! `pki`: certificate authorities of our own, and their certificates.

use caddis_ir::{Authority, Duration, KeyPair, Ratio};
use caddis_source::Code;
use caddis_syntax::Line;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, Token, read, run_on};

/// The authority that `tls internal` and `local_certs` use.
const LOCAL: &str = "local";

const OF_AUTHORITY: &[&str] = &[
    "name",
    "root_cn",
    "intermediate_cn",
    "intermediate_lifetime",
    "maintenance_interval",
    "renewal_window_ratio",
    "root",
    "intermediate",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("name", 1),
    ("root_cn", 1),
    ("intermediate_cn", 1),
    ("intermediate_lifetime", 1),
    ("maintenance_interval", 1),
    ("renewal_window_ratio", 1),
    ("root", 0),
    ("intermediate", 0),
];

const OF_PAIR: &[&str] = &["cert", "key", "format"];

/// How many words an option takes, where another one may follow.
const WORDS_OF_PAIR: &[(&str, usize)] = &[("cert", 1), ("key", 1), ("format", 1)];

const SYNTAX: &str = "ca [<id>] { name <name>  root_cn <name>  intermediate_cn <name>  … }";

const NOT_A_RATIO: Code = Code("pki/not-a-ratio");

pub(super) const PKI: GlobalOption = GlobalOption {
    name: "pki",
    summary: "The server's own certificate authorities, and their certificates.",
    syntax: "pki { ca [<id>] { name <name>  root_cn <name>  intermediate_cn <name>  … } }",
    subdirectives: &[
        "ca",
        "name",
        "root_cn",
        "intermediate_cn",
        "intermediate_lifetime",
        "maintenance_interval",
        "renewal_window_ratio",
        "root",
        "intermediate",
        "cert",
        "key",
        "format",
    ],
    examples: &["pki {\n\tca {\n\t\tname \"Our Authority\"\n\t}\n}"],
    read: pki,
};

fn pki(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    let mut authorities = Vec::new();
    // With a word behind the name, Caddy does not look into the block.
    let lines = if args.left() == 0 {
        args.options()
    } else {
        &[]
    };
    for line in lines {
        if line.name().text() != "ca" {
            return Err(args.unknown(line.name(), &["ca"]));
        }
        authorities.push(authority(line)?);
    }
    // Of several `pki`, Caddy takes the last.
    options.authorities = authorities;
    Ok(())
}

fn authority(line: &Line) -> Result<(String, Authority)> {
    let mut args = Args::new(line, SYNTAX);
    let id = args.optional().map_or("", |id| id.text());
    args.no_more()?;
    let mut authority = Authority::default();
    for line in run_on::lines(args.options(), TAKES, OF_AUTHORITY).iter() {
        option(line, &args, &mut authority)?;
    }
    let id = if id.is_empty() { LOCAL } else { id };
    Ok((id.into(), authority))
}

fn option(line: &Line, of: &Args<'_>, authority: &mut Authority) -> Result<()> {
    match line.name().text() {
        "name" => authority.name = text(line)?,
        "root_cn" => authority.root_common_name = text(line)?,
        "intermediate_cn" => authority.intermediate_common_name = text(line)?,
        "intermediate_lifetime" => authority.intermediate_lifetime = time(line)?,
        "maintenance_interval" => authority.maintenance_interval = time(line)?,
        "renewal_window_ratio" => {
            let word = Args::new(line, "renewal_window_ratio <ratio>").only("a ratio")?;
            authority.renewal_window_ratio = Some(ratio(word)?);
        }
        "root" => pair(line, authority.root.get_or_insert_default())?,
        "intermediate" => pair(line, authority.intermediate.get_or_insert_default())?,
        _ => return Err(of.unknown(line.name(), OF_AUTHORITY)),
    }
    Ok(())
}

fn text(line: &Line) -> Result<String> {
    Ok(Args::new(line, "").only("a text")?.text().into())
}

fn time(line: &Line) -> Result<Option<Duration>> {
    let time = read::duration(Args::new(line, "").only("a duration")?)?;
    Ok(Some(time).filter(|time| time.0 != 0))
}

/// Here, Caddy takes the whole lifetime as well.
fn ratio(word: &Token) -> Result<Ratio> {
    match word.text().parse() {
        Ok(ratio) if ratio > 0.0 && ratio <= 1.0 => Ok(Ratio(ratio)),
        _ => {
            let message = format!("`{}` is not a part of a lifetime", word.text());
            let error = word.error(NOT_A_RATIO, message);
            Err(error.label("expected a number above 0, up to 1"))
        }
    }
}

fn pair(line: &Line, pair: &mut KeyPair) -> Result<()> {
    let mut args = Args::new(
        line,
        "root | intermediate { cert <file>  key <file>  format <format> }",
    );
    args.no_more()?;
    for line in run_on::lines(args.options(), WORDS_OF_PAIR, OF_PAIR).iter() {
        let field = match line.name().text() {
            "cert" => &mut pair.certificate,
            "key" => &mut pair.private_key,
            "format" => &mut pair.format,
            _ => return Err(args.unknown(line.name(), OF_PAIR)),
        };
        *field = text(line)?;
    }
    Ok(())
}
