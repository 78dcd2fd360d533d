//! Which names get their certificates when a client first asks for them, and from whom.

use caddis_ir::{AutomationPolicy, Config, Issuer, Path, TlsApp};

use super::decide::{covers, issuers_of};
use super::names::can_have_certificate;
use crate::BuildError;
use crate::tls::{KEY_TYPES, Stapling, Subject};

/// Names that get their certificates when a client first asks for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OnDemandNames(Vec<Rule>);

/// What a policy of the config says of its names.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    /// All if empty.
    subjects: Vec<String>,
    /// How their certificates are got, if that is on demand; the name in it is empty.
    on_demand: Option<Subject>,
}

impl OnDemandNames {
    /// Those of a config.
    pub(super) fn of(tls: Option<&TlsApp>) -> Self {
        let protected = is_protected(tls);
        let rules = policies(tls).iter().map(|policy| Rule {
            subjects: policy.subjects.clone(),
            on_demand: is_on_demand(policy, protected).then(|| Subject {
                issuers: issuers_of(policy),
                key_type: policy.key_type.clone(),
                reuse_key: policy.reuse_private_keys,
                renewal_window: policy.renewal_window_ratio.and_then(window),
                must_staple: policy.must_staple,
                stapling: Stapling::of(Some(policy)),
                ..Subject::default()
            }),
        });
        Self(rules.collect())
    }

    /// True if there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|rule| rule.on_demand.is_none())
    }

    /// How certificates are got on demand, in the order of the policies.
    pub(crate) fn each(&self) -> impl Iterator<Item = Option<&Subject>> {
        self.0.iter().map(|rule| rule.on_demand.as_ref())
    }

    /// The policy of a name, if it gets its certificate on demand.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        if !can_have_certificate(name) || name.contains('*') {
            return None;
        }
        self.of_name(name)
    }

    pub(super) fn of_name(&self, name: &str) -> Option<usize> {
        let own = self.0.iter().position(|rule| {
            let mut subjects = rule.subjects.iter();
            subjects.any(|subject| subject.eq_ignore_ascii_case(name))
        });
        let at = own.or_else(|| {
            self.0.iter().position(|rule| {
                rule.subjects.is_empty()
                    || rule.subjects.iter().any(|subject| covers(subject, name))
            })
        });
        at.filter(|at| (self.0.get(*at)).is_some_and(|rule| rule.on_demand.is_some()))
    }
}

/// The part of the lifetime, at its end, in which a certificate is renewed.
pub(super) fn window(ratio: caddis_ir::Ratio) -> Option<f64> {
    let ratio = ratio.0;
    (ratio > 0.0 && ratio < 1.0).then_some(ratio)
}

fn policies(tls: Option<&TlsApp>) -> &[AutomationPolicy] {
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    automation.map_or(&[], |automation| &automation.policies)
}

/// Policies by which any stranger could have certificates ordered for any name: Caddy refuses them too.
pub(super) fn unprotected(config: &Config) -> Vec<BuildError> {
    let tls = config.apps.tls.as_ref();
    let protected = is_protected(tls);
    let at = Path::root()
        .key("apps")
        .key("tls")
        .key("automation")
        .key("policies");
    let mut errors = Vec::new();
    for (index, policy) in policies(tls).iter().enumerate() {
        let at = at.index(index);
        if policy.on_demand
            && !policy.key_type.is_empty()
            && !KEY_TYPES.contains(&policy.key_type.as_str())
        {
            errors.push(BuildError {
                path: at.key("key_type"),
                message: format!("`{}` is not a type of keys", policy.key_type),
                help: None,
            });
        }
        let has_managers = !policy.get_certificate.is_empty();
        if policy.on_demand && !protected && is_open(policy) && !has_managers {
            errors.push(BuildError {
                path: at.key("on_demand"),
                message: "anybody could have certificates ordered for any name".into(),
                help: Some(
                    "name who says which names may have one, in the global options: `on_demand_tls { ask URL }`"
                        .into(),
                ),
            });
        }
    }
    errors
}

/// True if the config names somebody who says which names may have a certificate.
fn is_protected(tls: Option<&TlsApp>) -> bool {
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let on_demand = automation.and_then(|automation| automation.on_demand.as_ref());
    on_demand.is_some_and(|on_demand| on_demand.permission.is_some() || !on_demand.ask.is_empty())
}

/// True if certificates of a policy are ordered when clients ask: where it says so, and where those who are asked for
/// certificates first have none. Not if they are all that is asked for just any name.
fn is_on_demand(policy: &AutomationPolicy, protected: bool) -> bool {
    let wanted = policy.on_demand || !policy.get_certificate.is_empty();
    wanted && (protected || !is_open(policy))
}

/// True if a policy is for names that it does not spell out, and asks others than our own authority.
fn is_open(policy: &AutomationPolicy) -> bool {
    let spelled_out = !policy.subjects.is_empty()
        && !policy
            .subjects
            .iter()
            .any(|subject| subject.starts_with('*'));
    !spelled_out && !matches!(policy.issuers.as_slice(), [Issuer::Internal(_)])
}
