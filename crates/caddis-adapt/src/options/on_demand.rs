//! `on_demand_tls`: who may have a certificate when a client first asks.

use caddis_ir::{OnDemand, Permission};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, Token};

const NOTHING: Code = Code("on_demand_tls/nothing");
const TWO_WAYS: Code = Code("on_demand_tls/two-permissions");
const GONE: Code = Code("on_demand_tls/gone");
const UNKNOWN: Code = Code("on_demand_tls/unknown-permission");

const SUBOPTIONS: &[&str] = &["ask", "permission"];

const PERMISSIONS: &[&str] = &["http"];

pub(super) const ON_DEMAND_TLS: GlobalOption = GlobalOption {
    name: "on_demand_tls",
    summary: "Who may have a certificate when a client first asks.",
    syntax: "on_demand_tls { ask <url> | permission http <url> }",
    subdirectives: SUBOPTIONS,
    examples: &["on_demand_tls {\n\task http://localhost:9123/ask\n}"],
    read: on_demand,
};

fn on_demand(args: &mut Args<'_>, options: &mut Options, state: &mut State) -> Result<()> {
    args.no_more()?;
    let mut permission: Option<Permission> = None;
    for line in args.options() {
        let is_known = SUBOPTIONS.contains(&line.name().text());
        if is_known && permission.is_some() {
            return Err(two_ways(line.name()));
        }
        permission = Some(read_permission(line, args, state)?);
    }
    if permission.is_none() {
        let message = "`on_demand_tls` does not say who may have a certificate";
        return Err(args.with_usage(Diagnostic::error(NOTHING, args.span(), message)));
    }
    options.tls.on_demand = Some(OnDemand {
        permission,
        ..OnDemand::default()
    });
    Ok(())
}

fn read_permission(line: &Line, of: &Args<'_>, state: &mut State) -> Result<Permission> {
    let name = line.name();
    match name.text() {
        "ask" => {
            let url = Args::new(line, "ask <url>").only("the address of a web server")?;
            let endpoint = url.text().into();
            Ok(Permission::Http { endpoint })
        }
        "permission" => {
            let mut args = Args::new(line, "permission http <url>");
            let module = args.required("the name of who decides")?;
            if module.text() != "http" {
                return Err(unknown(module));
            }
            let endpoint = args.required("the address of a web server")?.text().into();
            args.no_more()?;
            if let Some(warning) = crate::routes::warn_of_ignored(&args) {
                state.diagnostics.push(warning);
            }
            Ok(Permission::Http { endpoint })
        }
        "interval" | "burst" => Err(gone(name)),
        _ => Err(of.unknown(name, SUBOPTIONS)),
    }
}

fn two_ways(option: &Token) -> Diagnostic {
    let message = format!(
        "`{}` is the second to say who may have a certificate",
        option.text()
    );
    option.error(TWO_WAYS, message).help("write one of them")
}

fn gone(option: &Token) -> Diagnostic {
    let message = format!(
        "`{}` is an option that Caddy does not have any more",
        option.text()
    );
    option
        .error(GONE, message)
        .help("take it away, and let the server that `ask` names decide how often")
}

fn unknown(module: &Token) -> Diagnostic {
    let message = format!(
        "`{}` cannot decide who may have a certificate",
        module.text()
    );
    let error = module.error(UNKNOWN, message);
    match suggest(module.text(), PERMISSIONS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write `permission http <url>`; caddis has no plugins"),
    }
}
