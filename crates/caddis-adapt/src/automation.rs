//! Who signs the certificates of which names: automation policies.

use std::collections::{BTreeSet, HashMap};

use caddis_ir::{Automation, CertificateFile, Certificates, Issuer, TlsApp};
use caddis_source::{Code, Diagnostic, Span};

use crate::listeners::Pairing;
use crate::names;
use crate::origins::{At, Trail};
use crate::policies::{self, Policy};
use crate::policy_places::Places;
use crate::scope::State;
use crate::servers::{hosts, keys, unique};
use crate::sites::{Key, Site};
use crate::{Options, issuers, names_twice, schemes};

const NAME: Code = Code("tls/not-a-certificate-name");
const CATCH_ALL: Code = Code("tls/conflict");

/// Builds the TLS app: automation policies, loaded certificates, names to manage.
pub(crate) fn build(
    pairings: &[Pairing],
    sites: &[Site],
    options: &Options,
    state: &mut State,
) -> (Option<TlsApp>, Trail) {
    let beside = shared_with_catch_all(pairings, sites, options);
    let mut draft = draft(pairings, sites, options, state);
    let automate = draft.automate(&beside);
    let loaded = loaded(pairings, sites, options);
    let (load_files, files): (Vec<_>, Vec<_>) = loaded.files.into_iter().unzip();
    let (load_folders, folders): (Vec<_>, Vec<_>) = loaded.folders.into_iter().unzip();
    let policies = policies::consolidate(draft.finish(options));
    names_twice::report(&policies, sites, state);
    let certificates = Certificates {
        automate,
        load_files,
        load_folders,
        ..Certificates::default()
    };
    let automation = Automation {
        policies,
        on_demand: options.tls.on_demand.clone(),
        ocsp_interval: options.tls.ocsp_interval,
        renew_interval: options.renew_interval,
        storage_clean_interval: options.tls.storage_clean_interval,
    };
    let places = Places::new(sites, options);
    let certificate_trail = Trail::default()
        .with(At::Key("automate"), places.names(&certificates.automate))
        .with(
            At::Key("load_files"),
            Trail::list(files.into_iter().map(Trail::at)),
        )
        .with(
            At::Key("load_folders"),
            Trail::list(folders.into_iter().map(Trail::at)),
        );
    let trail = places
        .app()
        .with(At::Key("certificates"), certificate_trail)
        .with(At::Key("automation"), places.automation(&automation));
    let app = TlsApp {
        certificates: (certificates != Certificates::default()).then_some(certificates),
        automation: (automation != Automation::default()).then_some(automation),
        disable_ocsp_stapling: options.tls.ocsp_stapling_off,
        disable_storage_check: options.tls.storage_check_off,
        disable_storage_clean: options.tls.storage_clean_off,
        encrypted_client_hello: options.tls.hello.clone(),
        dns: options.tls.dns.clone(),
        resolvers: options.tls.resolvers.clone(),
        ..TlsApp::default()
    };
    ((app != TlsApp::default()).then_some(app), trail)
}

/// The policies of every site that is not plain HTTP.
fn draft(pairings: &[Pairing], sites: &[Site], options: &Options, state: &mut State) -> Draft {
    let mut draft = Draft::new(options);
    for pairing in pairings {
        if !schemes::is_beside(&pairing.listeners, options.http()) {
            continue;
        }
        for share in &pairing.shares {
            let site = &sites[share.site];
            let keys = keys(share, site);
            if keys.iter().any(|key| key.address.scheme != "http") {
                draft.add((share.site, site), &keys, options, state);
            }
        }
    }
    draft
}

/// Names in a site that also takes every host: route matchers do not have them, so they are listed.
fn shared_with_catch_all(
    pairings: &[Pairing],
    sites: &[Site],
    options: &Options,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if options.auto_https.disabled || options.auto_https.disable_certificates {
        return names;
    }
    let http_port = options.http().to_string();
    for share in pairings.iter().flat_map(|pairing| &pairing.shares) {
        let keys = keys(share, &sites[share.site]);
        if keys.iter().all(|key| !key.address.host.is_empty()) {
            continue;
        }
        names.extend(tls_hosts(&keys, &http_port));
    }
    names
}

/// The hosts of the addresses that are not plain HTTP.
fn tls_hosts<'a>(keys: &'a [&Key], http_port: &'a str) -> impl Iterator<Item = String> + 'a {
    let tls = keys.iter().filter(move |key| {
        let address = &key.address;
        !address.host.is_empty() && address.scheme != "http" && address.port != http_port
    });
    tls.map(|key| key.address.host.clone())
}

/// Whose issuers a policy has: those of the site at this place, or else those of the global options.
type Source = Option<usize>;

/// Policies that are being collected.
struct Draft {
    policies: Vec<(Policy, Source)>,
    /// Which policies are listed, in order. The one for every name is listed again by each site for every host,
    /// and what the last of them says holds for all: so it is in Caddy.
    listed: Vec<usize>,
    /// The policy for every name, if there is one yet.
    catch_all: Option<usize>,
    forced: BTreeSet<String>,
    internal: Vec<String>,
    /// Policies with one source share its issuers: what the `bind` of one site does to them holds for all.
    /// So it is in Caddy.
    issuers: HashMap<Source, Vec<Issuer>>,
}

impl Draft {
    fn new(options: &Options) -> Self {
        let mut issuers = issuers::named(options);
        if issuers::is_prefilled(options) {
            for issuer in &mut issuers {
                issuers::fill(issuer, options);
            }
        }
        let mut draft = Self {
            policies: Vec::new(),
            listed: Vec::new(),
            catch_all: None,
            forced: BTreeSet::new(),
            internal: Vec::new(),
            issuers: HashMap::from([(None, issuers)]),
        };
        if has_base(options) {
            draft.put((base(options), None), None, true);
        }
        draft
    }

    fn add(
        &mut self,
        (at, site): (usize, &Site),
        keys: &[&Key],
        options: &Options,
        state: &mut State,
    ) {
        let hosts = hosts(keys);
        let known = self.catch_all.filter(|_| hosts.is_empty());
        let (mut policy, mut source) =
            known.map_or_else(|| (base(options), None), |at| self.policies[at].clone());
        policy.on_demand |= site.on_demand;
        if site.force_automate {
            self.forced.extend(hosts.iter().cloned());
        }
        if let Some(key_type) = &site.key_type {
            policy.key_type.clone_from(key_type);
        }
        policy.reuse_private_keys |= site.reuse_private_keys;
        if site.renewal_window_ratio.is_some() {
            policy.renewal_window_ratio = site.renewal_window_ratio;
        }
        policy.managers.extend(site.managers.iter().cloned());
        if !site.issuers.is_empty() {
            let own = || site.issuers.iter().map(|(issuer, _)| issuer.clone());
            self.issuers
                .entry(Some(at))
                .or_insert_with(|| own().collect());
            if known.is_some() && self.issuers.get(&Some(at)) != self.issuers.get(&source) {
                state.diagnostics.extend(conflict(keys, options));
            }
            source = Some(at);
        }
        let issuers = self.issuers.entry(source).or_default();
        issuers::bind(issuers, site);
        policy.issuers.clone_from(issuers);
        policy.subjects = sorted(unique(tls_hosts(keys, &options.http().to_string())));
        report_bad_names(&policy, keys, state);
        let internal = split_internal(&mut policy);
        self.put((policy, source), known, hosts.is_empty());
        if let Some(internal) = internal {
            self.put((internal, None), None, false);
        }
    }

    fn put(&mut self, policy: (Policy, Source), known: Option<usize>, is_catch_all: bool) {
        let at = known.unwrap_or(self.policies.len());
        match self.policies.get_mut(at) {
            Some(place) => *place = policy,
            None => self.policies.push(policy),
        }
        self.listed.push(at);
        if is_catch_all {
            self.catch_all.get_or_insert(at);
        }
    }

    /// The names to manage that no route has.
    fn automate(&mut self, beside: &BTreeSet<String>) -> Vec<String> {
        let internal = beside.iter().filter(|name| !names::is_known_outside(name));
        self.internal = internal.cloned().collect();
        beside.union(&self.forced).cloned().collect()
    }

    fn finish(mut self, options: &Options) -> Vec<Policy> {
        if let Some(hello) = &options.tls.hello {
            let names = hello
                .configs
                .iter()
                .map(|config| config.public_name.clone());
            let outer = Policy {
                subjects: names.filter(|name| !name.is_empty()).collect(),
                ..base(options)
            };
            self.put((outer, None), None, false);
        }
        if !self.internal.is_empty() {
            let internal = Policy {
                subjects: std::mem::take(&mut self.internal),
                implied_internal: true,
                ..Policy::default()
            };
            self.put((internal, None), None, false);
        }
        for (policy, source) in &mut self.policies {
            if policy.implied_internal {
                continue;
            }
            if let Some(issuers) = self.issuers.get(source) {
                policy.issuers.clone_from(issuers);
            }
            if policy.issuers.is_empty() && policy.is_for_public_names() {
                policy.issuers = issuers::by_default(options);
            }
            for issuer in &mut policy.issuers {
                issuers::fill(issuer, options);
            }
        }
        let listed = self.listed.iter();
        listed.map(|at| self.policies[*at].0.clone()).collect()
    }
}

/// The policy that every site starts from.
fn base(options: &Options) -> Policy {
    Policy {
        issuers: issuers::named(options),
        key_type: options.key_type.clone().unwrap_or_default(),
        renewal_window_ratio: options.tls.renewal_window_ratio,
        ocsp_stapling_off: options.tls.ocsp_stapling_off,
        ..Policy::default()
    }
}

/// True if the global options say something of the certificates of all names.
fn has_base(options: &Options) -> bool {
    base(options) != Policy::default() || issuers::is_prefilled(options)
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

/// Internal names of a site that names no issuer get a policy of their own beside the public ones.
fn split_internal(policy: &mut Policy) -> Option<Policy> {
    if !policy.issuers.is_empty() {
        return None;
    }
    let names = policy
        .subjects
        .iter()
        .filter(|name| !names::is_tailscale(name));
    let (public, internal): (Vec<_>, Vec<_>) = names
        .cloned()
        .partition(|name| names::is_public(name, policy.on_demand));
    if public.is_empty() || internal.is_empty() {
        return None;
    }
    policy.subjects = public;
    Some(Policy {
        subjects: internal,
        implied_internal: true,
        ..policy.clone()
    })
}

fn report_bad_names(policy: &Policy, keys: &[&Key], state: &mut State) {
    if !policy.issuers.is_empty() {
        return;
    }
    let names = policy
        .subjects
        .iter()
        .filter(|name| !names::is_tailscale(name));
    for name in names.filter(|name| !names::can_have_certificate(name)) {
        let Some(key) = keys.iter().find(|key| key.address.host == **name) else {
            continue;
        };
        let message = format!("`{name}` cannot be a name in a certificate");
        let error = Diagnostic::error(NAME, key.span, message);
        state.diagnostics.push(error.help(help_with_name(name)));
    }
}

fn help_with_name(name: &str) -> &'static str {
    if name.contains('{') {
        "a placeholder is not filled in here: write `{$NAME}` for a variable of the environment"
    } else if name.contains('@') {
        "write the host alone, and `basic_auth` in the site to ask for a password"
    } else {
        "write a host name, with `*.` only at its start, or `http://` before it"
    }
}

fn conflict(keys: &[&Key], options: &Options) -> Option<Diagnostic> {
    let key = keys.iter().find(|key| key.address.host.is_empty())?;
    let message = "this site takes every host, but its issuer is not the one for every host";
    let error = Diagnostic::error(CATCH_ALL, key.span, message).label("also every host");
    let named = [
        "cert_issuer",
        "local_certs",
        "acme_ca",
        "acme_ca_root",
        "acme_eab",
        "preferred_chains",
        "key_type",
        "renewal_window_ratio",
        "ocsp_stapling",
    ];
    Some(match named.iter().find_map(|name| options.place(name)) {
        Some(span) => error
            .also(span, "for every host")
            .help("take one of them away, or name the hosts of this site"),
        None => error.help("give the sites for every host the same issuer, or name the hosts"),
    })
}

/// Certificates that are loaded, and where they stand.
#[derive(Default)]
struct Loaded {
    files: Vec<(CertificateFile, Span)>,
    folders: Vec<(String, Span)>,
}

/// The files and folders of every server that is not plain HTTP.
fn loaded(pairings: &[Pairing], sites: &[Site], options: &Options) -> Loaded {
    let mut loaded = Loaded::default();
    for pairing in pairings {
        if !schemes::is_beside(&pairing.listeners, options.http()) {
            continue;
        }
        for share in &pairing.shares {
            let site = &sites[share.site];
            let is_http = |key: &&Key| key.address.scheme == "http";
            if !keys(share, site).iter().all(is_http) {
                loaded.files.extend(site.certificate_files.iter().cloned());
                loaded
                    .folders
                    .extend(site.certificate_folders.iter().cloned());
            }
        }
    }
    loaded
}
