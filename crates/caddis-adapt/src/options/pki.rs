//! `pki`: the names of certificate authorities of our own.

use caddis_ir::Authority;
use caddis_syntax::Line;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result};

/// The authority that `tls internal` and `local_certs` use.
const LOCAL: &str = "local";

const NAMES: &[&str] = &["name", "root_cn", "intermediate_cn"];

/// Options of Caddy's authorities that are not there yet.
const NOT_YET: &[&str] = &[
    "intermediate",
    "intermediate_lifetime",
    "maintenance_interval",
    "renewal_window_ratio",
    "root",
];

pub(super) const PKI: GlobalOption = GlobalOption {
    name: "pki",
    summary: "The names of the server's own certificate authorities, and of their certificates.",
    syntax: "pki { ca [<id>] { name <name>  root_cn <name>  intermediate_cn <name> } }",
    subdirectives: &["ca"],
    examples: &["pki {\n\tca {\n\t\tname \"Our Authority\"\n\t}\n}"],
    read: pki,
};

fn pki(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    let mut authorities = Vec::new();
    for line in args.options() {
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
    let mut args = Args::new(
        line,
        "ca [<id>] { name <name>  root_cn <name>  intermediate_cn <name> }",
    );
    let id = args.optional().map_or("", |id| id.text());
    args.no_more()?;
    let mut authority = Authority::default();
    for line in args.options() {
        let option = line.name();
        let field = match option.text() {
            "name" => &mut authority.name,
            "root_cn" => &mut authority.root_common_name,
            "intermediate_cn" => &mut authority.intermediate_common_name,
            other if NOT_YET.contains(&other) => return Err(args.not_yet(option)),
            _ => return Err(args.unknown(option, NAMES)),
        };
        *field = Args::new(line, "").only("a text")?.text().into();
    }
    let id = if id.is_empty() { LOCAL } else { id };
    Ok((id.into(), authority))
}
