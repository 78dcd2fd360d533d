//! Names that two automation policies have: which one a certificate gets is not clear.

use std::collections::HashSet;

use caddis_ir::AutomationPolicy;
use caddis_source::{Code, Diagnostic, Span};

use crate::scope::State;
use crate::sites::Site;

const TWICE: Code = Code("tls/name-twice");

/// Refuses every name of which there is a second one.
pub(crate) fn report(policies: &[AutomationPolicy], sites: &[Site], state: &mut State) {
    let mut seen = HashSet::new();
    for name in policies.iter().flat_map(|policy| &policy.subjects) {
        if seen.insert(name) {
            continue;
        }
        let mut spans = spans_of(name, sites);
        let Some(last) = spans.pop() else { continue };
        let message = format!("`{name}` has different TLS settings in different sites");
        let error = Diagnostic::error(TWICE, last, message)
            .label("which settings its certificate gets is not clear")
            .help("give the sites of a host the same `tls`");
        let error = spans
            .into_iter()
            .fold(error, |error, span| error.also(span, "also here"));
        state.diagnostics.push(error);
    }
}

fn spans_of(name: &str, sites: &[Site]) -> Vec<Span> {
    let keys = sites.iter().flat_map(|site| &site.keys);
    keys.filter(|key| key.address.host == name)
        .map(|key| key.span)
        .collect()
}
