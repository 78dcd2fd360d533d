//! Tree → IR: all stages in their order.

use std::collections::BTreeMap;

use caddis_ir::{Admin, AdminConfig, Apps, Authority, Config, HttpApp, PkiApp};
use caddis_source::{Code, Diagnostic, FileId, Sources};
use caddis_syntax::{Site as Block, Tree};

use crate::listeners::Pairing;
use crate::options::{self, Options, apply_server_options};
use crate::origins::{At, Origins, Trail};
use crate::scope::State;
use crate::servers::Draft;
use crate::sites::Site;
use crate::{automation, listeners, logs, servers, sites};

const NAMED_ROUTE: Code = Code("route/not-yet");

/// A config, where its parts come from, and what was found on the way.
#[derive(Clone, Debug)]
pub struct Adapted {
    /// The config; what could not be read is left out of it.
    pub config: Config,
    /// Where each part of it stands in the text.
    pub origins: Origins,
    /// Sorted by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Makes a config from a Caddyfile.
pub fn adapt(tree: Tree, sources: &Sources) -> Adapted {
    let mut state = State::default();
    let options = options::read(tree.options.as_ref(), &mut state);
    refuse_named_routes(&tree.named_routes, &mut state);
    let mut sites = sites::lower(tree.sites, &options, &mut state);
    let mut pairings = listeners::pair(&sites, &options, &mut state);
    let drafts = servers::build(&mut pairings, &mut sites, &options, &mut state);
    let (config, origins) = assemble(drafts, &pairings, &sites, &options, &mut state);
    let mut diagnostics = state.diagnostics;
    sort(&mut diagnostics, sources);
    Adapted {
        config,
        origins,
        diagnostics,
    }
}

fn refuse_named_routes(routes: &[Block], state: &mut State) {
    for name in routes.iter().filter_map(|route| route.addresses.first()) {
        let message = "named routes are something of Caddy that caddis does not have yet";
        let error = name.error(NAMED_ROUTE, message).label("not there yet");
        state
            .diagnostics
            .push(error.help("write a snippet, `(name) { … }`, and `import name`"));
    }
}

fn assemble(
    drafts: Vec<Draft>,
    pairings: &[Pairing],
    sites: &[Site],
    options: &Options,
    state: &mut State,
) -> (Config, Origins) {
    let named = drafts.into_iter().enumerate().map(|(at, mut draft)| {
        let policies = draft.policies.iter().map(|policy| policy.get());
        let policies: Vec<_> = policies.collect();
        draft.server.tls_connection_policies = (!policies.is_empty()).then_some(policies);
        let routes;
        (draft.server.routes, routes) = std::mem::take(&mut draft.routes).into_iter().unzip();
        let policies = draft.policies.iter().map(|policy| Trail {
            span: policy.span,
            children: Vec::new(),
        });
        let routes: Vec<_> = routes;
        let trail = draft
            .trail
            .with(
                At::Key("routes"),
                Trail::list(routes.into_iter().map(Trail::from)),
            )
            .with(At::Key("tls_connection_policies"), Trail::list(policies));
        (format!("srv{at}"), (draft.server, trail))
    });
    let servers = apply_server_options(named.collect(), &options.servers, |pair| &mut pair.0);
    let mut trail = Trail::default();
    let mut built = BTreeMap::new();
    for (name, (server, server_trail)) in servers {
        trail.children.push((At::Name(name.clone()), server_trail));
        built.insert(name, server);
    }
    let http = HttpApp {
        http_port: options.http_port,
        https_port: options.https_port,
        grace_period: options.grace_period,
        servers: built,
    };
    let (tls, tls_trail) = automation::build(pairings, sites, options, state);
    let (logging, logs_trail) = logs::build(pairings, sites, options);
    let config = Config {
        admin: admin(options),
        logging,
        storage: options.storage.clone(),
        apps: Apps {
            http: (!http.servers.is_empty()).then_some(http),
            pki: pki(options),
            tls,
        },
    };
    let apps = under(&["http", "servers"], trail).with(At::Key("tls"), tls_trail);
    let trail = under(&["apps"], apps).with(At::Key("logging"), under(&["logs"], logs_trail));
    (config, Origins::new(trail))
}

fn under(keys: &[&'static str], trail: Trail) -> Trail {
    let keys = keys.iter().rev();
    keys.fold(trail, |inner, key| {
        Trail::default().with(At::Key(key), inner)
    })
}

fn admin(options: &Options) -> Option<Admin> {
    let mut admin = options.admin.clone();
    if options.persist_config_off {
        admin.get_or_insert_default().config = Some(AdminConfig {
            persist: Some(false),
        });
    }
    admin
}

/// `skip_install_trust` is a setting of our own authority.
fn pki(options: &Options) -> Option<PkiApp> {
    let authority = Authority {
        install_trust: Some(false),
        ..Authority::default()
    };
    options.skip_install_trust.then(|| PkiApp {
        certificate_authorities: BTreeMap::from([("local".into(), authority)]),
    })
}

/// By the place where a reader of the first file meets them: text from an import stands where its import line does.
fn sort(diagnostics: &mut [Diagnostic], sources: &Sources) {
    diagnostics.sort_by_cached_key(|found| {
        let span = found.span()?;
        let chain = sources.chain(span);
        let place = chain.last().map_or(span, |import| import.line);
        Some(((place.file, place.start), inner(span)))
    });
}

fn inner(span: caddis_source::Span) -> (FileId, u32) {
    (span.file, span.start)
}
