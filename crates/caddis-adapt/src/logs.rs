//! Loggers: those of the global options and those of sites.

use std::collections::{BTreeMap, BTreeSet};

use caddis_ir::{Log, Logging};

use crate::listeners::Pairing;
use crate::origins::{At, Trail};
use crate::sites::Site;
use crate::{Options, SiteLog};

/// The logger that takes what no other one does.
const DEFAULT: &str = "default";

/// All loggers, and where they stand.
pub(crate) fn build(
    pairings: &[Pairing],
    sites: &[Site],
    options: &Options,
) -> (Option<Logging>, Trail) {
    let of_sites = pairings
        .iter()
        .flat_map(|pairing| &pairing.shares)
        .filter_map(|share| sites.get(share.site))
        .flat_map(|site| &site.logs);
    let mut all: Vec<&SiteLog> = options.logs.iter().chain(of_sites).collect();
    all.retain(|log| log.name.is_some() && log.log.is_some());
    let mut logs: BTreeMap<String, Log> = BTreeMap::new();
    let mut trail = Trail::default();
    let (mut has_default, mut excluded) = (false, BTreeSet::new());
    for (name, log, place) in all.iter().filter_map(|log| parts(log)) {
        let mut log = log.clone();
        if options.debug && log.level.is_empty() {
            log.level = "DEBUG".into();
        }
        if name == DEFAULT {
            // The first one is taken, as Caddy does.
            if has_default {
                continue;
            }
            has_default = true;
        } else {
            // Most people want an access log with a place of its own there, and not twice.
            excluded.extend(log.include.iter().cloned());
        }
        trail.children.push((At::Name(name.into()), place.clone()));
        logs.insert(name.into(), log);
    }
    add_default(&mut logs, excluded, options);
    (
        (!logs.is_empty()).then_some(Logging { sink: None, logs }),
        trail,
    )
}

fn parts(log: &SiteLog) -> Option<(&str, &Log, &Trail)> {
    Some((log.name.as_deref()?, log.log.as_ref()?, &log.trail))
}

fn add_default(logs: &mut BTreeMap<String, Log>, excluded: BTreeSet<String>, options: &Options) {
    let says_default = |log: &SiteLog| log.name.as_deref() == Some(DEFAULT);
    if options.debug && !options.logs.iter().any(says_default) {
        // What a site says of a log of this name is lost, as in Caddy.
        let default = Log {
            level: "DEBUG".into(),
            ..Log::default()
        };
        logs.insert(DEFAULT.into(), default);
    }
    if excluded.is_empty() {
        return;
    }
    let default = logs.entry(DEFAULT.into()).or_default();
    let own = std::mem::take(&mut default.exclude).into_iter();
    let all: BTreeSet<String> = own.chain(excluded).collect();
    default.exclude = all.into_iter().collect();
}
