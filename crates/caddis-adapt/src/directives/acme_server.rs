//! `acme_server`: sign certificates for others, over ACME.

use caddis_ir::{AcmeNames, AcmePolicy, AcmeServer, Handler, Path};
use caddis_syntax::Line;

use crate::{Args, Directive, Item, Lower, Result, Scope, Token, read, routes, run_on};

const OPTIONS: &[&str] = &[
    "allow",
    "allow_wildcard_names",
    "ca",
    "challenges",
    "deny",
    "lifetime",
    "resolvers",
    "sign_with_root",
];

/// What stands in `allow` and `deny`.
const NAMES: &[&str] = &["domains", "ip_ranges"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("allow_wildcard_names", 0), ("lifetime", 1)];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "acme_server",
    old_names: &[],
    summary: "Sign certificates for others, over ACME, with an authority of our own.",
    syntax: "acme_server [<matcher>] { <options...> }",
    subdirectives: OPTIONS,
    examples: &[
        "acme_server",
        "acme_server {\n\tca example\n\tlifetime 24h\n\tallow {\n\t\tdomains *.example.com\n\t}\n}",
    ],
    lower: Lower::Items(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let matcher = scope.matcher(args)?;
    args.only_a_matcher()?;
    let mut server = AcmeServer::default();
    let mut authority = None;
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        if line.name().text() == "ca" {
            let id = Args::new(line, "ca <id>").only("the id of an authority")?;
            server.ca = id.text().into();
            authority = Some(Item::Authority {
                id: id.text().into(),
            });
        } else {
            option(line, args, &mut server)?;
        }
        if let Some(path) = place(line.name()) {
            scope.origin(&path, line.span());
        }
    }
    let route = routes::route(matcher, Handler::AcmeServer(server));
    Ok([Item::Route(route)].into_iter().chain(authority).collect())
}

/// Where in the handler an option's value is.
fn place(option: &Token) -> Option<Path> {
    match option.text() {
        policy @ ("allow" | "deny" | "allow_wildcard_names") => {
            Some(Path::root().key("policy").key(policy))
        }
        name @ ("ca" | "lifetime" | "resolvers" | "challenges" | "sign_with_root") => {
            Some(Path::root().key(name))
        }
        _ => None,
    }
}

fn option(line: &Line, of: &Args<'_>, server: &mut AcmeServer) -> Result<()> {
    let name = line.name();
    match name.text() {
        "lifetime" => {
            let time = Args::new(line, "lifetime <duration>").only("a duration")?;
            server.lifetime = Some(read::duration(time)?).filter(|time| time.0 != 0);
        }
        "resolvers" => {
            let mut own = Args::new(line, "resolvers <address...>");
            let addresses = own.at_least_one("the address of a DNS server")?;
            server.resolvers = texts(addresses);
            own.finish()?;
        }
        "challenges" => {
            let mut own = Args::new(line, "challenges <http-01 | dns-01 | tls-alpn-01...>");
            server.challenges.extend(texts(own.rest()));
            own.finish()?;
        }
        "sign_with_root" => {
            Args::new(line, "sign_with_root").finish()?;
            server.sign_with_root = true;
        }
        "allow_wildcard_names" => {
            Args::new(line, "allow_wildcard_names").finish()?;
            policy(server).allow_wildcard_names = true;
        }
        "allow" => policy(server).allow = Some(names(line)?),
        "deny" => policy(server).deny = Some(names(line)?),
        _ => return Err(of.unknown(name, OPTIONS)),
    }
    Ok(())
}

fn policy(server: &mut AcmeServer) -> &mut AcmePolicy {
    server.policy.get_or_insert_default()
}

fn names(line: &Line) -> Result<AcmeNames> {
    let syntax = "allow | deny { domains <name...>  ip_ranges <address or prefix...> }";
    let mut own = Args::new(line, syntax);
    own.no_more()?;
    let mut names = AcmeNames::default();
    for line in own.options() {
        let (list, syntax, what) = match line.name().text() {
            "domains" => (&mut names.domains, "domains <name...>", "a host name"),
            "ip_ranges" => {
                let syntax = "ip_ranges <address or prefix...>";
                (&mut names.ip_ranges, syntax, "an address or a prefix")
            }
            _ => return Err(own.unknown(line.name(), NAMES)),
        };
        let mut inner = Args::new(line, syntax);
        list.extend(texts(inner.at_least_one(what)?));
        inner.finish()?;
    }
    Ok(names)
}

fn texts(tokens: &[Token]) -> Vec<String> {
    tokens.iter().map(|token| token.text().into()).collect()
}
