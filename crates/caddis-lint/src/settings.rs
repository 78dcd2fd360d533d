//! Which rules run, how bad their findings are, and what they were told.

use std::collections::BTreeMap;

use crate::rule::{Level, Rule, Value};
use crate::rules::RULES;

/// A choice of rules for a purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The rules that are on by default.
    #[default]
    Default,
    /// The same, and what is a warning of a model server is an error.
    Ollama,
    /// Every rule.
    Strict,
    /// The default, and what stock Caddy would not load.
    Portable,
}

impl Profile {
    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "default" => Self::Default,
            "ollama" => Self::Ollama,
            "strict" => Self::Strict,
            "portable" => Self::Portable,
            _ => return None,
        })
    }
}

/// A value that a config file gives to an option of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
}

/// Which rules run, and how.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the rest begins with.
    pub profile: Profile,
    /// These only, by code, name, beginning of a code or `ALL`; those of the profile if empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// How bad findings are instead; the last that fits counts.
    pub severity: Vec<(String, Level)>,
    /// What rules were told, by code and the name of the option.
    pub options: BTreeMap<(String, String), Setting>,
    /// Rules that no comment turns off.
    pub unsuppressible: Vec<String>,
}

impl Settings {
    /// One rule and nothing else.
    pub fn only(code: &str) -> Self {
        Self {
            select: vec![code.into()],
            ..Self::default()
        }
    }

    /// Every rule.
    pub fn everything() -> Self {
        Self {
            profile: Profile::Strict,
            ..Self::default()
        }
    }

    /// Whether a rule runs. What is named more exactly counts more: `--select SEC --ignore SEC031`.
    pub fn runs(&self, rule: &Rule) -> bool {
        let chosen = longest(&self.select, rule);
        let ignored = longest(&self.ignore, rule);
        match (chosen, ignored) {
            (Some(chosen), Some(ignored)) => chosen > ignored,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self.select.is_empty() && self.in_profile(rule),
        }
    }

    fn in_profile(&self, rule: &Rule) -> bool {
        match self.profile {
            Profile::Default | Profile::Ollama => rule.enabled,
            Profile::Strict => true,
            Profile::Portable => rule.enabled || rule.code.0 == "CMP002",
        }
    }

    /// How bad a finding is that a rule calls this bad.
    pub(crate) fn level(&self, rule: &Rule, said: Level) -> Level {
        let remapped = self.severity.iter().rev();
        let mut remapped = remapped.filter(|(selector, _)| rule.is_selected_by(selector));
        if let Some((_, level)) = remapped.next() {
            return *level;
        }
        match (self.profile, rule.family(), said) {
            (Profile::Ollama, "OLL", Level::Warning) => Level::Error,
            _ => said,
        }
    }

    /// True if no comment turns the rule off.
    pub(crate) fn is_unsuppressible(&self, rule: &Rule) -> bool {
        longest(&self.unsuppressible, rule).is_some()
    }

    /// A rule's option that is a number.
    pub(crate) fn number(&self, rule: &Rule, name: &str) -> i64 {
        match (self.setting(rule, name), default(rule, name)) {
            (Some(Setting::Number(number)), _) => *number,
            (_, Some(Value::Number(number))) => number,
            _ => 0,
        }
    }

    /// A rule's option that is yes or no.
    pub(crate) fn flag(&self, rule: &Rule, name: &str) -> bool {
        match (self.setting(rule, name), default(rule, name)) {
            (Some(Setting::Flag(flag)), _) => *flag,
            (_, Some(Value::Flag(flag))) => flag,
            _ => false,
        }
    }

    /// A rule's option that is a text.
    pub(crate) fn text(&self, rule: &Rule, name: &str) -> String {
        match (self.setting(rule, name), default(rule, name)) {
            (Some(Setting::Text(text)), _) => text.clone(),
            (_, Some(Value::Text(text))) => text.into(),
            _ => String::new(),
        }
    }

    /// A rule's option that is texts.
    pub(crate) fn texts(&self, rule: &Rule, name: &str) -> Vec<String> {
        match (self.setting(rule, name), default(rule, name)) {
            (Some(Setting::Texts(texts)), _) => texts.clone(),
            (_, Some(Value::Texts(texts))) => texts.iter().map(|text| (*text).into()).collect(),
            _ => Vec::new(),
        }
    }

    fn setting(&self, rule: &Rule, name: &str) -> Option<&Setting> {
        self.options.get(&(rule.code.0.to_owned(), name.to_owned()))
    }
}

/// The length of the longest of these that selects the rule; a name counts as a whole code.
fn longest(selectors: &[String], rule: &Rule) -> Option<usize> {
    let fits = selectors.iter().filter(|one| rule.is_selected_by(one));
    fits.map(|one| match one.as_str() {
        whole if rule.is_called(whole) => rule.code.0.len(),
        all if all.eq_ignore_ascii_case("all") => 0,
        prefix => prefix.len(),
    })
    .max()
}

fn default(rule: &Rule, name: &str) -> Option<Value> {
    let choice = rule.options.iter().find(|choice| choice.name == name);
    choice.map(|choice| choice.default)
}

/// The rule of a code or name.
pub fn find(text: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.is_called(text))
}

/// True if the text selects at least one rule.
pub fn selects_something(text: &str) -> bool {
    RULES.iter().any(|rule| rule.is_selected_by(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: &str) -> &'static Rule {
        find(code).expect("there is such a rule")
    }

    #[test]
    fn what_is_named_more_exactly_counts_more() {
        let settings = Settings {
            select: vec!["SEC".into(), "COR004".into()],
            ignore: vec!["SEC007".into(), "COR".into()],
            ..Settings::default()
        };
        assert!(settings.runs(rule("SEC001")));
        assert!(!settings.runs(rule("SEC007")));
        assert!(settings.runs(rule("unused-matcher")));
        assert!(!settings.runs(rule("COR001")));
        assert!(!settings.runs(rule("OLL001")));
    }

    #[test]
    fn warnings_of_model_servers_are_errors_in_their_profile() {
        let settings = Settings {
            profile: Profile::Ollama,
            severity: vec![("OLL008".into(), Level::Info)],
            ..Settings::default()
        };
        assert_eq!(settings.level(rule("OLL006"), Level::Warning), Level::Error);
        assert_eq!(settings.level(rule("OLL008"), Level::Warning), Level::Info);
        assert_eq!(
            settings.level(rule("SEC012"), Level::Warning),
            Level::Warning
        );
    }
}
