//! Ports and addresses: `http_port`, `https_port`, `default_bind`.

use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::directives::bind_protocols;
use crate::scope::State;
use crate::sites::Bind;
use crate::{Args, Result};

const NOT_A_PORT: Code = Code("option/not-a-port");

pub(super) const HTTP_PORT: GlobalOption = GlobalOption {
    name: "http_port",
    summary: "The port on which the server speaks plain HTTP; clients still use 80.",
    syntax: "http_port <port>",
    subdirectives: &[],
    examples: &["http_port 8080"],
    read: |args, options, _| {
        options.http_port = Some(port(args)?);
        Ok(())
    },
};

pub(super) const HTTPS_PORT: GlobalOption = GlobalOption {
    name: "https_port",
    summary: "The port on which the server speaks HTTPS; clients still use 443.",
    syntax: "https_port <port>",
    subdirectives: &[],
    examples: &["https_port 8443"],
    read: |args, options, _| {
        options.https_port = Some(port(args)?);
        Ok(())
    },
};

pub(super) const DEFAULT_BIND: GlobalOption = GlobalOption {
    name: "default_bind",
    summary: "The addresses to listen on for sites that have no `bind`.",
    syntax: "default_bind <addresses...> { protocols <h1 | h2 | h2c | h3...> }",
    subdirectives: &["protocols"],
    examples: &["default_bind 127.0.0.1 ::1"],
    read: default_bind,
};

fn port(args: &mut Args<'_>) -> Result<u16> {
    let token = args.required("a port")?;
    args.no_more()?;
    match token.text().parse() {
        Ok(port @ 1..) => Ok(port),
        Ok(0) | Err(_) => Err(token
            .error(NOT_A_PORT, format!("`{}` is not a port", token.text()))
            .label("expected a number from 1 to 65535")
            .help(format!("write `{} 8080`", args.name().text()))),
    }
}

fn default_bind(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    let span = args.span();
    let mut addresses: Vec<String> = args.rest().iter().map(|word| word.text().into()).collect();
    if addresses.is_empty() {
        addresses.push(String::new());
    }
    options.default_bind.push(Bind {
        addresses,
        protocols: bind_protocols(args)?,
        span,
    });
    Ok(())
}
