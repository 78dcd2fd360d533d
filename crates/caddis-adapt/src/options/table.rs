//! The table of global options, and the reading of their block.

use caddis_syntax::{Block, Line};

use super::{
    Options, acme, admin, certificates, ech, events, filesystem, https, log, maintenance, metrics,
    on_demand, order, pki, ports, server, servers, storage, switches, timing,
};
use crate::routes::warn_of_ignored;
use crate::scope::State;
use crate::{Args, Result, caddys_words, unknown};

/// A global option. A `const` value in a file of its own, or beside those of its kind.
pub struct GlobalOption {
    /// The word that starts a line.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub summary: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// The names of its suboptions, for the tables, the docs and "did you mean".
    pub subdirectives: &'static [&'static str],
    /// Each is adapted by the tests and shown in the docs.
    pub examples: &'static [&'static str],
    /// Notes what a line says.
    pub(crate) read: fn(&mut Args<'_>, &mut Options, &mut State) -> Result<()>,
}

/// Every global option, by name.
pub(crate) const OPTIONS: &[GlobalOption] = &[
    certificates::ACME_CA,
    certificates::ACME_CA_ROOT,
    acme::ACME_DNS,
    acme::ACME_EAB,
    admin::ADMIN,
    https::AUTO_HTTPS,
    certificates::CERT_ISSUER,
    acme::CERT_LIFETIME,
    switches::DEBUG,
    ports::DEFAULT_BIND,
    maintenance::DEFAULT_SNI,
    acme::DNS,
    ech::ECH,
    https::EMAIL,
    maintenance::FALLBACK_SNI,
    events::EVENTS,
    filesystem::FILESYSTEM,
    timing::GRACE_PERIOD,
    ports::HTTP_PORT,
    ports::HTTPS_PORT,
    certificates::KEY_TYPE,
    switches::LOCAL_CERTS,
    log::LOG,
    metrics::METRICS,
    maintenance::OCSP_INTERVAL,
    maintenance::OCSP_STAPLING,
    on_demand::ON_DEMAND_TLS,
    order::ORDER,
    admin::PERSIST_CONFIG,
    pki::PKI,
    acme::PREFERRED_CHAINS,
    certificates::RENEW_INTERVAL,
    maintenance::RENEWAL_WINDOW_RATIO,
    servers::SERVERS,
    timing::SHUTDOWN_DELAY,
    switches::SKIP_INSTALL_TRUST,
    storage::STORAGE,
    maintenance::STORAGE_CHECK,
    maintenance::STORAGE_CLEAN_INTERVAL,
    acme::TLS_RESOLVERS,
];

/// Reads the global options; what cannot be read is reported and left out.
pub(crate) fn read(block: Option<&Block>, state: &mut State) -> Options {
    let mut options = Options::default();
    let lines = block.map_or(&[][..], |block| &block.lines);
    for line in lines {
        let known = state.diagnostics.len();
        if let Err(error) = read_line(line, &mut options, state) {
            state.diagnostics.push(error);
        }
        for found in state.diagnostics.iter_mut().skip(known) {
            found.change_caddys(|caddys| caddys_words::of_option(caddys, line));
        }
    }
    server::check(&mut options.servers, state);
    certificates::check(&options, state);
    options
}

fn read_line(line: &Line, options: &mut Options, state: &mut State) -> Result<()> {
    let name = line.name();
    let option = OPTIONS.iter().find(|option| option.name == name.text());
    let option = option.ok_or_else(|| unknown::option(name))?;
    let mut args = Args::new(line, option.syntax);
    (option.read)(&mut args, options, state)?;
    options.places.insert(option.name, args.span());
    if let Some(warning) = warn_of_ignored(&args) {
        state.diagnostics.push(warning);
    }
    Ok(())
}
