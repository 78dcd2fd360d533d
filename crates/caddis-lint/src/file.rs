//! `caddis.toml`: what a project says about its lint.

use std::collections::BTreeMap;

use glob::{MatchOptions, Pattern};
use serde::Deserialize;
use toml::Value as Toml;

use crate::rule::{Level, Value};
use crate::settings::{self, Profile, Setting, Settings};

/// The part of a config file that is about the lint.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "it says for which files")]
pub struct File {
    /// What rules run, and how.
    pub settings: Settings,
    /// From which level on the exit code says that something was found.
    pub fail_on: Option<String>,
    /// Rules that do not run over some files.
    per_file: Vec<(Pattern, Vec<String>)>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Whole {
    lint: Lint,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Lint {
    select: Vec<String>,
    ignore: Vec<String>,
    severity: BTreeMap<String, String>,
    fail_on: Option<String>,
    profile: Option<String>,
    unsuppressible: Vec<String>,
    rule: BTreeMap<String, BTreeMap<String, Toml>>,
    per_file_ignores: BTreeMap<String, Vec<String>>,
}

impl File {
    /// Reads a config file; the error says what is wrong, and where as far as it is known.
    pub fn read(text: &str) -> Result<Self, String> {
        let Whole { lint } =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for selector in lint
            .select
            .iter()
            .chain(&lint.ignore)
            .chain(&lint.unsuppressible)
        {
            known(selector)?;
        }
        let mut settings = Settings {
            profile: profile(lint.profile.as_deref())?,
            select: lint.select,
            ignore: lint.ignore,
            unsuppressible: lint.unsuppressible,
            ..Settings::default()
        };
        for (selector, level) in lint.severity {
            known(&selector)?;
            let level = Level::parse(&level).ok_or_else(|| {
                format!("`{level}` is no level: write error, warning, info or style")
            })?;
            settings.severity.push((selector, level));
        }
        for (code, options) in lint.rule {
            for (name, value) in options {
                let (key, setting) = option(&code, &name, &value)?;
                settings.options.insert(key, setting);
            }
        }
        let per_file = lint.per_file_ignores.into_iter().map(|(glob, codes)| {
            codes.iter().try_for_each(|code| known(code))?;
            let pattern = Pattern::new(&glob).map_err(|error| format!("`{glob}`: {error}"))?;
            Ok((pattern, codes))
        });
        Ok(Self {
            settings,
            fail_on: lint.fail_on,
            per_file: per_file.collect::<Result<_, String>>()?,
        })
    }

    /// The settings for a file, by its path from the folder of the config file.
    pub fn settings_for(&self, path: &str) -> Settings {
        let mut settings = self.settings.clone();
        let options = MatchOptions::new();
        for (pattern, codes) in &self.per_file {
            if pattern.matches_with(path, options) {
                settings.ignore.extend(codes.iter().cloned());
            }
        }
        settings
    }
}

fn known(selector: &str) -> Result<(), String> {
    if settings::selects_something(selector) {
        return Ok(());
    }
    Err(format!("there is no rule `{selector}`"))
}

fn profile(name: Option<&str>) -> Result<Profile, String> {
    let Some(name) = name else {
        return Ok(Profile::Default);
    };
    Profile::parse(name)
        .ok_or_else(|| format!("`{name}` is no profile: write default, ollama, strict or portable"))
}

fn option(code: &str, name: &str, value: &Toml) -> Result<((String, String), Setting), String> {
    let rule = settings::find(code).ok_or_else(|| format!("there is no rule `{code}`"))?;
    let choice = rule.options.iter().find(|choice| choice.name == name);
    let choice = choice.ok_or_else(|| format!("`{}` has no option `{name}`", rule.code))?;
    let setting = match (value, choice.default) {
        (Toml::Boolean(flag), Value::Flag(_)) => Some(Setting::Flag(*flag)),
        (Toml::Integer(number), Value::Number(_)) => Some(Setting::Number(*number)),
        (Toml::String(text), Value::Text(_)) => Some(Setting::Text(text.clone())),
        (Toml::Array(items), Value::Texts(_)) => texts(items).map(Setting::Texts),
        _ => None,
    };
    let setting = setting.ok_or_else(|| {
        format!(
            "`{name}` of `{}` is something like `{:?}`",
            rule.code, choice.default
        )
    })?;
    Ok(((rule.code.0.into(), name.into()), setting))
}

/// Ports may be written as numbers.
fn texts(items: &[Toml]) -> Option<Vec<String>> {
    let items = items.iter().map(|item| match item {
        Toml::String(text) => Some(text.clone()),
        Toml::Integer(number) => Some(number.to_string()),
        _ => None,
    });
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_which_rules_run_and_what_they_are_told() {
        let text = "[lint]\nprofile = \"ollama\"\nignore = [\"STY\"]\nfail_on = \"error\"\n\
            [lint.severity]\nOLL008 = \"info\"\n[lint.rule.OLL001]\nupstream_ports = [8000, \"11434\"]\n\
            [lint.per_file_ignores]\n\"old/*\" = [\"COR010\"]\n";
        let file = File::read(text).unwrap();
        let settings = file.settings_for("old/Caddyfile");
        let rule = settings::find("OLL001").unwrap();
        assert_eq!(settings.texts(rule, "upstream_ports"), ["8000", "11434"]);
        assert!(!settings.runs(settings::find("COR010").unwrap()));
        assert!(
            file.settings_for("Caddyfile")
                .runs(settings::find("COR010").unwrap())
        );
    }

    #[test]
    fn what_a_file_cannot_say_is_refused_by_name() {
        let wrong = |text: &str| File::read(text).unwrap_err();
        assert!(wrong("[lint]\nselect = [\"SEC999\"]").contains("SEC999"));
        assert!(wrong("[lint]\nselekt = []").contains("selekt"));
        assert!(wrong("[lint.rule.OLL001]\nport = 1").contains("port"));
        assert!(wrong("[lint.rule.OLL008]\nmin_llm_timeout = 5").contains("min_llm_timeout"));
        assert!(wrong("[lint]\nprofile = \"x\"").contains('x'));
    }
}
