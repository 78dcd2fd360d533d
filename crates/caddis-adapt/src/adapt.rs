//! Tree → IR: all stages in their order.

use std::collections::BTreeMap;
use std::io;

use caddis_ir::{
    Admin, AdminConfig, Apps, Authority, Config, ErrorRoutes, EventsApp, HttpApp, PkiApp, Server,
};
use caddis_source::{Diagnostic, FileId, Sources};
use caddis_syntax::Tree;

use crate::connection_policies::Policy;
use crate::listeners::Pairing;
use crate::named_routes::NamedRoutes;
use crate::options::{self, Options, apply_server_options, server_metrics};
use crate::origins::{At, Origins, Trail};
use crate::scope::State;
use crate::servers::Draft;
use crate::sites::Site;
use crate::{automation, empty_address, listeners, logs, pem, servers, sites};

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

/// Makes a config from a Caddyfile that names no file whose certificates become part of the config.
pub fn adapt(tree: Tree, sources: &Sources) -> Adapted {
    adapt_with_files(tree, sources, &|_| Err(io::ErrorKind::Unsupported.into()))
}

/// Makes a config from a Caddyfile; `read` reads the files whose certificates become part of it.
pub fn adapt_with_files(
    tree: Tree,
    sources: &Sources,
    read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
) -> Adapted {
    let mut state = State::new(sources, pem::read(&tree, read));
    let options = read_options(tree.options.as_ref(), sources, &mut state);
    let named_routes = NamedRoutes::lower(tree.named_routes, &options, &mut state);
    let mut sites = sites::lower(tree.sites, &options, &mut state);
    let mut pairings = listeners::pair(&sites, &options, &mut state);
    let mut drafts = servers::build(&mut pairings, &mut sites, &options, &mut state);
    for (draft, pairing) in drafts.iter_mut().zip(&pairings) {
        named_routes.add(draft, pairing, &sites, &mut state);
    }
    let (config, origins) = assemble(drafts, &pairings, &sites, &options, &mut state);
    let mut diagnostics = state.diagnostics;
    sort(&mut diagnostics, sources);
    Adapted {
        config,
        origins,
        diagnostics,
    }
}

fn read_options(
    block: Option<&caddis_syntax::Block>,
    sources: &Sources,
    state: &mut State,
) -> Options {
    match block.and_then(|block| empty_address::find(block, sources)) {
        None => options::read(block, state),
        Some(error) => {
            state.diagnostics.push(error);
            Options::default()
        }
    }
}

fn assemble(
    drafts: Vec<Draft>,
    pairings: &[Pairing],
    sites: &[Site],
    options: &Options,
    state: &mut State,
) -> (Config, Origins) {
    let (http, http_trail) = http(drafts, options, state);
    let (tls, tls_trail) = automation::build(pairings, sites, options, state);
    let (logging, logs_trail) = logs::build(pairings, sites, options);
    let config = Config {
        admin: admin(options),
        logging,
        storage: options.storage.clone(),
        apps: Apps {
            filesystems: None,
            events: options.events.then(EventsApp::default),
            http: (!http.servers.is_empty()).then_some(http),
            pki: pki(options, sites),
            tls,
        },
    };
    let apps = Trail::default()
        .with(At::Key("events"), option(options, &["events"]))
        .with(At::Key("http"), http_trail)
        .with(
            At::Key("pki"),
            option(options, &["pki", "skip_install_trust"]),
        )
        .with(At::Key("tls"), tls_trail);
    let trail = under(&["apps"], apps)
        .with(At::Key("logging"), under(&["logs"], logs_trail))
        .with(
            At::Key("admin"),
            option(options, &["admin", "persist_config"]),
        )
        .with(At::Key("storage"), option(options, &["storage"]));
    (config, Origins::new(trail))
}

/// The HTTP app, and where its servers stand.
fn http(drafts: Vec<Draft>, options: &Options, state: &mut State) -> (HttpApp, Trail) {
    let numbered = drafts.into_iter().enumerate();
    let numbered = numbered.map(|(at, draft)| (format!("srv{at}"), finished(draft)));
    let mut named = apply_server_options(numbered.collect(), &options.servers, state);
    let metrics = server_metrics(&mut named, options.metrics.as_ref());
    let mut trail = Trail::default();
    let mut servers = BTreeMap::new();
    for (name, (server, server_trail)) in named {
        trail.children.push((At::Name(name.clone()), server_trail));
        servers.insert(name, server);
    }
    let app = HttpApp {
        http_port: options.http_port,
        https_port: options.https_port,
        grace_period: options.grace_period,
        shutdown_delay: options.shutdown_delay,
        servers,
        metrics,
    };
    let trail = under(&["servers"], trail)
        .with(At::Key("http_port"), option(options, &["http_port"]))
        .with(At::Key("https_port"), option(options, &["https_port"]))
        .with(At::Key("grace_period"), option(options, &["grace_period"]))
        .with(
            At::Key("shutdown_delay"),
            option(options, &["shutdown_delay"]),
        )
        .with(At::Key("metrics"), option(options, &["metrics", "servers"]));
    (app, trail)
}

/// The place of the first of these options that is there.
fn option(options: &Options, names: &[&str]) -> Trail {
    Trail {
        span: names.iter().find_map(|name| options.place(name)),
        children: Vec::new(),
    }
}

/// A server with its routes and policies. Not before all servers are built: policies are shared between them.
fn finished(draft: Draft) -> (Server, Trail) {
    let mut server = draft.server;
    let policies: Vec<_> = draft.policies.iter().map(Policy::get).collect();
    server.tls_connection_policies = (!policies.is_empty()).then_some(policies);
    let (routes, trails): (_, Vec<_>) = draft.routes.into_iter().unzip();
    server.routes = routes;
    let (routes, error_trails): (Vec<_>, Vec<_>) = draft.error_routes.into_iter().unzip();
    server.errors = (!routes.is_empty()).then_some(ErrorRoutes { routes });
    let errors = Trail::list(error_trails.into_iter().map(Trail::from));
    let policies = draft.policies.iter().map(|policy| Trail {
        span: policy.span,
        children: Vec::new(),
    });
    let trail = draft
        .trail
        .with(
            At::Key("routes"),
            Trail::list(trails.into_iter().map(Trail::from)),
        )
        .with(At::Key("errors"), under(&["routes"], errors))
        .with(At::Key("tls_connection_policies"), Trail::list(policies));
    (server, trail)
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
            ..AdminConfig::default()
        });
    }
    admin
}

/// The authorities of `pki`; `skip_install_trust` is a setting of each of them, or else of the one there always is.
fn pki(options: &Options, sites: &[Site]) -> Option<PkiApp> {
    let mut authorities: BTreeMap<String, Authority> =
        options.authorities.iter().cloned().collect();
    for id in sites.iter().flat_map(|site| &site.authorities) {
        authorities.entry(id.clone()).or_default();
    }
    if options.skip_install_trust {
        if authorities.is_empty() && !options.auto_https.disabled {
            authorities.insert("local".into(), Authority::default());
        }
        for authority in authorities.values_mut() {
            authority.install_trust = Some(false);
        }
    }
    (!authorities.is_empty()).then_some(PkiApp {
        certificate_authorities: authorities,
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
