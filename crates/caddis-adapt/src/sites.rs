//! Site blocks: their addresses, and what their lines say.

use caddis_ir::{CertificateFile, CertificateManager, ConnectionPolicy, Issuer, Ratio, Route};
use caddis_source::{Code, Diagnostic, Span};
use caddis_syntax::Site as Block;

use crate::address::Address;
use crate::definitions::Definitions;
use crate::item::Places;
use crate::origins::RouteTrail;
use crate::routes::{self, Lowered, Piece};
use crate::scope::State;
use crate::{Item, Options, Result, SiteLog, Token, caddys_words, placeholders, surface};

const NO_ADDRESS: Code = Code("site/no-address");
const DIRECTIVE_AS_ADDRESS: Code = Code("site/directive-as-address");

/// A site, its lines lowered.
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) keys: Vec<Key>,
    pub(crate) routes: Vec<Piece>,
    /// How many servers have not taken the routes yet.
    pub(crate) servers: usize,
    /// What answers requests that failed.
    pub(crate) error_routes: Vec<(Route, RouteTrail)>,
    pub(crate) binds: Vec<Bind>,
    pub(crate) certificate_files: Vec<(CertificateFile, Span)>,
    pub(crate) certificate_folders: Vec<(String, Span)>,
    pub(crate) connection_policies: Vec<(ConnectionPolicy, Span)>,
    /// Where the lines of `tls` stand, by the fields that they become.
    pub(crate) places: Places,
    /// Who signs its certificates, and the lines that say it.
    pub(crate) issuers: Vec<(Issuer, Span)>,
    /// The line that says who signs its certificates and how.
    pub(crate) tls: Option<Span>,
    pub(crate) key_type: Option<String>,
    pub(crate) on_demand: bool,
    pub(crate) force_automate: bool,
    /// Who is asked for a certificate at each handshake.
    pub(crate) managers: Vec<CertificateManager>,
    pub(crate) reuse_private_keys: bool,
    pub(crate) renewal_window_ratio: Option<Ratio>,
    pub(crate) logs: Vec<SiteLog>,
    /// Authorities of our own that it signs with, for others.
    pub(crate) authorities: Vec<String>,
    /// The named routes that it invokes.
    pub(crate) invoked: Vec<Token>,
}

/// One of a site's addresses.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// As it was written.
    pub(crate) text: String,
    pub(crate) span: Span,
    pub(crate) address: Address,
}

/// Addresses to listen on, of one `bind`.
#[derive(Clone, Debug)]
pub(crate) struct Bind {
    pub(crate) addresses: Vec<String>,
    /// Of `protocols`; those of the server if empty.
    pub(crate) protocols: Vec<String>,
    pub(crate) span: Span,
}

/// Lowers every site; what cannot be read is reported and left out.
pub(crate) fn lower(blocks: Vec<Block>, options: &Options, state: &mut State) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let Some(error) = directive_as_address(&block, sites.is_empty()) {
            state.diagnostics.push(error);
            // What is in the braces of a directive are no directives.
            if has_braces(&block) {
                continue;
            }
        }
        sites.push(lower_site(block, options, state));
    }
    sites
}

fn lower_site(mut block: Block, options: &Options, state: &mut State) -> Site {
    placeholders::fill(&mut block.block);
    state.enter(&block.block);
    let mut site = Site {
        keys: keys(&block, state),
        ..Site::default()
    };
    let lines = &block.block.lines;
    let definitions = Definitions::read(lines, None, options, state);
    let known = state.diagnostics.len();
    let lowered = routes::lower(lines, &definitions, options, state);
    if !has_braces(&block) {
        for found in state.diagnostics.iter_mut().skip(known) {
            found.change_caddys(caddys_words::in_site_without_braces);
        }
    }
    for lowered in lowered {
        site.take(lowered, state);
    }
    site.invoked = std::mem::take(&mut state.invoked);
    site
}

fn keys(block: &Block, state: &mut State) -> Vec<Key> {
    if block.addresses.is_empty() {
        state.diagnostics.push(no_address(block.block.open));
    }
    if directive(&block.addresses).is_some() {
        return Vec::new();
    }
    let mut keys = Vec::with_capacity(block.addresses.len());
    for token in &block.addresses {
        match key(token) {
            Ok(key) => keys.push(key),
            Err(error) => state.diagnostics.push(error),
        }
    }
    keys
}

fn key(token: &Token) -> Result<Key> {
    Ok(Key {
        text: token.text().into(),
        span: token.span(),
        address: Address::read(token)?,
    })
}

fn no_address(open: Span) -> Diagnostic {
    Diagnostic::error(
        NO_ADDRESS,
        open,
        "a block without an address is for global options",
    )
    .label("not the first block")
    .help("put it at the top of the file, or write the site's address before the brace")
}

/// `reverse_proxy localhost:9000` with no site around it reads as an address.
fn directive_as_address(block: &Block, is_first: bool) -> Option<Diagnostic> {
    let directive = directive(&block.addresses)?;
    let name = directive.text();
    let message = format!("`{name}` is a directive, not a site address");
    let error = directive
        .error(DIRECTIVE_AS_ADDRESS, message)
        .label("read as the address of a site")
        .caddys(format!(
            "parsed '{name}' as a site address, but it is a known directive; directives must appear in a site block"
        ))
        .caddys_before(directive.span());
    Some(error.help(if !is_first {
        "it stands behind the `}` of a site: move it into the braces".to_owned()
    } else if has_braces(block) {
        "put it into the block of a site: `:80 {` above it, and another `}` below it".to_owned()
    } else {
        format!("write the site's address above it: `:80`, then `{name} …`")
    }))
}

fn directive(addresses: &[Token]) -> Option<&Token> {
    let is_directive = |name: &str| surface::directives().any(|known| known == name);
    addresses.iter().find(|token| is_directive(token.text()))
}

/// Without braces, the block opens nowhere, or at the last address if the file ends there.
fn has_braces(block: &Block) -> bool {
    let open = block.block.open;
    let is_address = |address: &Token| address.span() == open;
    !open.range().is_empty() && !block.addresses.iter().any(is_address)
}

impl Site {
    /// The routes for one more server; the last one gets the site's own, and mostly it is the only one.
    pub(crate) fn routes_for_server(&mut self) -> Vec<Piece> {
        self.servers = self.servers.saturating_sub(1);
        if self.servers == 0 {
            std::mem::take(&mut self.routes)
        } else {
            self.routes.clone()
        }
    }

    fn take(&mut self, lowered: Lowered, state: &mut State) {
        let (name, trail) = (lowered.directive, lowered.trail);
        match lowered.item {
            Item::Route(route) => self.routes.push(Piece::new(name, route, trail)),
            Item::Bunch { before, route } => {
                let piece = Piece::new(name, route, trail);
                self.routes.push(piece.behind(before));
            }
            Item::ErrorRoute(route) => self.error_routes.push((route, trail)),
            Item::Bind(bind) => self.binds.push(bind),
            Item::CertificateFile { file, span } => self.certificate_files.push((file, span)),
            Item::CertificateFolders { folders, span } => {
                let folders = folders.into_iter().map(|folder| (folder, span));
                self.certificate_folders.extend(folders);
            }
            Item::ConnectionPolicy {
                policy,
                places,
                span,
            } => {
                self.connection_policies.push((policy, span));
                self.places.extend(places);
            }
            Item::CertificateManager { manager, span } => {
                self.managers.push(manager);
                self.tls.get_or_insert(span);
            }
            Item::ReusePrivateKeys { span } => {
                self.reuse_private_keys = true;
                self.tls.get_or_insert(span);
            }
            Item::RenewalWindowRatio { ratio, span } => {
                self.renewal_window_ratio.get_or_insert(ratio);
                self.tls.get_or_insert(span);
            }
            Item::Issuer { issuer, span } => {
                self.issuers.push((issuer, span));
                self.tls.get_or_insert(span);
            }
            Item::KeyType { key_type, span } => {
                self.key_type.get_or_insert(key_type);
                self.tls.get_or_insert(span);
            }
            Item::OnDemand { span } => {
                self.on_demand = true;
                self.tls.get_or_insert(span);
            }
            Item::ForceAutomate { span } => {
                self.force_automate = true;
                self.tls.get_or_insert(span);
            }
            Item::Log(log) => self.logs.push(named(*log, state)),
            Item::Authority { id } => self.authorities.push(id),
        }
    }
}

/// The log with its name and the entries that it takes.
fn named(mut log: SiteLog, state: &mut State) -> SiteLog {
    // Caddy does not count a log that says nothing.
    log.log = log.log.filter(|log| *log != caddis_ir::Log::default());
    if log.name.is_none() && log.log.is_some() {
        log.name = Some(state.next_log());
    }
    if let (Some(name), Some(log)) = (&log.name, &mut log.log) {
        log.include = vec![format!("http.log.access.{name}")];
    }
    log
}
