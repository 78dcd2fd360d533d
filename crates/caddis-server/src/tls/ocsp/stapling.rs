//! What the config says of OCSP for a certificate.

use std::collections::BTreeMap;

use caddis_ir::AutomationPolicy;

/// Whether a certificate has an OCSP answer with it, and who is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stapling {
    /// No answers.
    Off,
    /// Others are asked in place of these responders; an empty address stands for nobody.
    On(BTreeMap<String, String>),
}

impl Default for Stapling {
    fn default() -> Self {
        Self::On(BTreeMap::new())
    }
}

impl Stapling {
    /// As a policy wants it for its names.
    pub(crate) fn of(policy: Option<&AutomationPolicy>) -> Self {
        match policy {
            Some(policy) if policy.disable_ocsp_stapling => Self::Off,
            Some(policy) => Self::On(policy.ocsp_overrides.clone()),
            None => Self::default(),
        }
    }

    /// Who is asked in place of the responder that a certificate names, if anybody is.
    pub(super) fn responder<'a>(&'a self, named: &'a str) -> Option<&'a str> {
        let Self::On(overrides) = self else {
            return None;
        };
        let asked = overrides.get(named).map_or(named, String::as_str);
        (!asked.is_empty()).then_some(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::Stapling;

    #[test]
    fn others_are_asked_where_the_config_says_so() {
        let given = [("http://a", "http://b"), ("http://c", "")];
        let given = given.map(|(named, asked)| (named.to_owned(), asked.to_owned()));
        let stapling = Stapling::On(given.into());
        assert_eq!(stapling.responder("http://a"), Some("http://b"));
        assert_eq!(stapling.responder("http://c"), None);
        assert_eq!(stapling.responder("http://d"), Some("http://d"));
        assert_eq!(Stapling::Off.responder("http://d"), None);
    }
}
