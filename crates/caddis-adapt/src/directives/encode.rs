//! `encode`: compress answers.

use caddis_ir::{Encode, Handler, Path};
use caddis_source::Code;
use caddis_syntax::Line;

use super::encoder::{self, Encoder};
use super::response_matcher;
use crate::{Args, Directive, Lower, Result, Scope, Token, run_on};

const OPTIONS: &[&str] = &["gzip", "zstd", "match", "minimum_length"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("minimum_length", 1)];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "encode",
    old_names: &[],
    summary: "Compress answers.",
    syntax: "encode [<matcher>] [gzip | zstd]... [{ <option>... }]",
    subdirectives: OPTIONS,
    examples: &[
        "encode",
        "encode zstd gzip",
        "encode {\n\tgzip 6\n\tminimum_length 1000\n\tmatch header Content-Type text/*\n}",
    ],
    lower: Lower::Handler(lower),
};

const NOT_A_LENGTH: Code = Code("encode/not-a-length");
const NAMED_TWICE: Code = Code("encode/named-twice");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut encode = Encode::default();
    let inline = args.rest();
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        option(line, args, &mut encode, scope)?;
    }
    // Caddy reads the names behind `encode` after the block, and without settings.
    for name in inline {
        let encoder = encoder::named(name, &[])?;
        add(encoder, name, &mut encode, scope);
    }
    if encode.prefer.is_empty() {
        for encoder in [encoder::zstd(), encoder::gzip()] {
            put(encoder, &mut encode);
        }
    }
    Ok(Handler::Encode(Box::new(encode)))
}

fn option(line: &Line, args: &Args<'_>, encode: &mut Encode, scope: &mut Scope<'_>) -> Result<()> {
    let at = match line.name().text() {
        "minimum_length" => {
            let length = Args::new(line, "minimum_length <bytes>").only("a number of bytes")?;
            encode.minimum_length = bytes(length)?;
            Path::root().key("minimum_length")
        }
        "match" if encode.matcher.is_some() => return Err(args.twice(line.name())),
        "match" => {
            encode.matcher = Some(response_matcher::read(&mut Args::new(line, ""))?);
            Path::root().key("match")
        }
        name => {
            let encoder = encoder::read(line, OPTIONS, scope)?;
            add(encoder, line.name(), encode, scope);
            Path::root().key("encodings").key(name)
        }
    };
    scope.origin(&at, line.span());
    Ok(())
}

fn bytes(token: &Token) -> Result<i64> {
    let text = token.text();
    text.parse().map_err(|_| {
        token
            .error(NOT_A_LENGTH, format!("`{text}` is not a number of bytes"))
            .label("expected a number without a unit")
            .help("write a number such as `1000`")
    })
}

fn add(encoder: Encoder, name: &Token, encode: &mut Encode, scope: &mut Scope<'_>) {
    if encode.prefer.iter().any(|known| known == name.text()) {
        let message = format!("`encode` names `{}` twice", name.text());
        let warning = name.warning(NAMED_TWICE, message);
        scope.report(
            warning
                .label("Caddy adapts it, and does not start with it")
                .help("write it once"),
        );
    }
    put(encoder, encode);
}

fn put(encoder: Encoder, encode: &mut Encode) {
    encode.prefer.push(encoder.name().into());
    match encoder {
        Encoder::Gzip(gzip) => encode.encodings.gzip = Some(gzip),
        Encoder::Zstd(zstd) => encode.encodings.zstd = Some(zstd),
    }
}
