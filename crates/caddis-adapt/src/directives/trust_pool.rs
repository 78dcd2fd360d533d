//! `trust_pool` and `tls_trust_pool`: the authorities whose certificates are believed.

use caddis_ir::{CaPool, CaPoolTls, Storage};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::options::read_storage;
use crate::{Args, Result, Token, read, run_on};

const POOLS: &[&str] = &[
    "combined",
    "file",
    "http",
    "inline",
    "pki_intermediate",
    "pki_root",
    "storage",
    "system",
];

const HTTP_OPTIONS: &[&str] = &["endpoints", "tls"];

const STORAGE_OPTIONS: &[&str] = &["storage", "keys"];

const TLS_OPTIONS: &[&str] = &[
    "ca",
    "insecure_skip_verify",
    "handshake_timeout",
    "server_name",
    "renegotiation",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("handshake_timeout", 1),
    ("insecure_skip_verify", 0),
    ("renegotiation", 1),
    ("server_name", 1),
];

/// When a server may ask for another handshake.
const RENEGOTIATION: &[&str] = &["never", "once", "freely"];

const UNKNOWN: Code = Code("trust_pool/unknown");
const EMPTY: Code = Code("trust_pool/empty");
const NOT_RENEGOTIATION: Code = Code("tls/not-renegotiation");

/// Reads `<pool> … { … }`: the arguments that are left, and the block.
pub(super) fn read(args: &mut Args<'_>) -> Result<CaPool> {
    let pool = args.required("the kind of a pool of authorities")?;
    match pool.text() {
        "combined" => combined(pool, args),
        "file" => words(pool, args, &["pem_file"]).map(|pem_files| CaPool::File { pem_files }),
        "http" => http(args),
        "inline" => {
            args.no_more()?;
            let trusted_ca_certs = words(pool, args, &["trust_der"])?;
            Ok(CaPool::Inline { trusted_ca_certs })
        }
        "pki_intermediate" => {
            words(pool, args, &["authority"]).map(|authority| CaPool::PkiIntermediate { authority })
        }
        "pki_root" => {
            words(pool, args, &["authority"]).map(|authority| CaPool::PkiRoot { authority })
        }
        "storage" => storage(args),
        "system" => system(pool, args),
        _ => Err(unknown(pool)),
    }
}

fn unknown(pool: &Token) -> Diagnostic {
    let message = format!("there is no pool of authorities `{}`", pool.text());
    let error = pool.error(UNKNOWN, message);
    match suggest(pool.text(), POOLS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("the pools are {}", POOLS.join(", "))),
    }
}

/// The words behind the pool's name and in the lines of its block, of which there must be some.
fn words(
    pool: &Token,
    args: &mut Args<'_>,
    option: &'static [&'static str],
) -> Result<Vec<String>> {
    let mut words = texts(args.rest());
    for line in args.options() {
        if !option.contains(&line.name().text()) {
            return Err(args.unknown(line.name(), option));
        }
        let mut own = Args::new(line, "");
        words.extend(texts(own.rest()));
        own.finish()?;
    }
    if words.is_empty() {
        return Err(empty(pool, &format!("{} …", option.join(" "))));
    }
    Ok(words)
}

fn texts(tokens: &[Token]) -> Vec<String> {
    tokens.iter().map(|token| token.text().into()).collect()
}

fn empty(pool: &Token, line: &str) -> Diagnostic {
    let message = format!("the pool `{}` has no authorities", pool.text());
    let error = pool.error(EMPTY, message);
    error.help(format!("write them in its block: `{line}`"))
}

fn system(pool: &Token, args: &mut Args<'_>) -> Result<CaPool> {
    if let Some(line) = args.options().first() {
        let error = args.unknown(line.name(), &[]);
        return Err(error.help(format!("write `{}` alone", pool.text())));
    }
    args.finish()?;
    Ok(CaPool::System {})
}

fn combined(pool: &Token, args: &mut Args<'_>) -> Result<CaPool> {
    args.no_more()?;
    let mut sources = Vec::new();
    for line in args.options() {
        if line.name().text() != "source" {
            return Err(args.unknown(line.name(), &["source"]));
        }
        sources.push(read(&mut Args::new(line, "source <pool> …"))?);
    }
    if sources.is_empty() {
        return Err(empty(pool, "source <pool> …"));
    }
    Ok(CaPool::Combined { sources })
}

fn storage(args: &mut Args<'_>) -> Result<CaPool> {
    let mut storage: Option<Storage> = None;
    let mut pem_keys = texts(args.rest());
    for line in args.options() {
        match line.name().text() {
            "storage" if storage.is_some() => return Err(args.twice(line.name())),
            "storage" => {
                let mut own = Args::new(line, "storage file_system <folder>");
                storage = Some(read_storage(&mut own)?);
            }
            "keys" => {
                let mut own = Args::new(line, "keys <key...>");
                pem_keys.extend(texts(own.rest()));
                own.finish()?;
            }
            _ => return Err(args.unknown(line.name(), STORAGE_OPTIONS)),
        }
    }
    Ok(CaPool::Storage { storage, pem_keys })
}

fn http(args: &mut Args<'_>) -> Result<CaPool> {
    let mut endpoints = texts(args.rest());
    let mut tls: Option<CaPoolTls> = None;
    for line in args.options() {
        match line.name().text() {
            "endpoints" => {
                let mut own = Args::new(line, "endpoints <URL...>");
                endpoints.extend(texts(own.at_least_one("a URL")?));
                own.finish()?;
            }
            "tls" if tls.is_some() => return Err(args.twice(line.name())),
            "tls" => tls = Some(tls_of_http(line)?),
            _ => return Err(args.unknown(line.name(), HTTP_OPTIONS)),
        }
    }
    Ok(CaPool::Http { endpoints, tls })
}

fn tls_of_http(line: &Line) -> Result<CaPoolTls> {
    let mut args = Args::new(line, "tls { … }");
    let lines = run_on::lines(args.options(), TAKES, TLS_OPTIONS);
    args.finish()?;
    let mut tls = CaPoolTls::default();
    for line in lines.iter() {
        match line.name().text() {
            "ca" => tls.ca = Some(Box::new(read(&mut Args::new(line, "ca <pool> …"))?)),
            "insecure_skip_verify" => {
                Args::new(line, "insecure_skip_verify").finish()?;
                tls.insecure_skip_verify = true;
            }
            "handshake_timeout" => {
                let time = Args::new(line, "handshake_timeout <duration>").only("a duration")?;
                tls.handshake_timeout = Some(read::duration(time)?).filter(|time| time.0 != 0);
            }
            "server_name" => {
                let name = Args::new(line, "server_name <name>").only("the name of a server")?;
                tls.server_name = name.text().into();
            }
            "renegotiation" => tls.renegotiation = renegotiation(line)?,
            _ => return Err(args.unknown(line.name(), TLS_OPTIONS)),
        }
    }
    Ok(tls)
}

/// When a server may ask for another handshake.
pub(super) fn renegotiation(line: &Line) -> Result<String> {
    let mut args = Args::new(line, "renegotiation never | once | freely");
    let level = args.only("`never`, `once` or `freely`")?;
    if RENEGOTIATION.contains(&level.text()) {
        return Ok(level.text().into());
    }
    let message = format!("`{}` is not a level of renegotiation", level.text());
    Err(level
        .error(NOT_RENEGOTIATION, message)
        .label("expected never, once or freely"))
}
