//! A finding: what a rule says, with the request that shows it and the edit that repairs it.

use caddis_source::{Diagnostic, Fix, Severity, Span};

use crate::routes::Request;
use crate::rule::{Level, Rule, Safety};

/// A request that shows a finding, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What is sent.
    pub request: Request,
    /// What answers it, in words: `reaches 127.0.0.1:11434`.
    pub outcome: String,
    /// False if it depends on something that the lint cannot know.
    pub proven: bool,
}

impl Witness {
    /// The same, for somebody who may come in.
    #[must_use]
    pub(crate) fn with_credentials(self) -> Self {
        Self {
            outcome: format!("{} with any credentials that are right", self.outcome),
            ..self
        }
    }
}

/// What is said of a config.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule; `None` for what the language itself says.
    pub rule: Option<&'static Rule>,
    /// How bad it is.
    pub level: Level,
    /// What is said, where.
    pub diagnostic: Diagnostic,
    /// A request that shows it.
    pub witness: Option<Witness>,
    /// Whether the fix, if there is one, can be made without thinking.
    pub safety: Safety,
    /// The addresses of the site that it is in.
    pub site: String,
    /// The reason of the comment that turned it off.
    pub suppressed: Option<String>,
}

impl Finding {
    /// A finding of a rule, as bad as the rule says.
    pub(crate) fn at(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule: Some(rule),
            level: rule.level,
            diagnostic: Diagnostic::warning(rule.code, span, message),
            witness: None,
            safety: Safety::None,
            site: String::new(),
            suppressed: None,
        }
    }

    /// What the language itself says.
    pub(crate) fn of_language(diagnostic: Diagnostic) -> Self {
        Self {
            rule: None,
            level: level_of(diagnostic.severity()),
            safety: match diagnostic.fixes() {
                Some(_) => Safety::Unsafe,
                None => Safety::None,
            },
            diagnostic,
            witness: None,
            site: String::new(),
            suppressed: None,
        }
    }

    /// The code for machines: `SEC007`, `args/missing`.
    pub fn code(&self) -> &'static str {
        self.diagnostic.code().0
    }

    /// The name; the code again for what the language itself says.
    pub fn name(&self) -> &'static str {
        self.rule.map_or(self.code(), |rule| rule.name)
    }

    /// The place.
    pub fn span(&self) -> Option<Span> {
        self.diagnostic.span()
    }

    /// Whether it counts.
    pub fn is_active(&self) -> bool {
        self.suppressed.is_none()
    }

    #[must_use]
    pub(crate) fn label(self, text: impl Into<String>) -> Self {
        self.map(|found| found.label(text))
    }

    #[must_use]
    pub(crate) fn also(self, span: Span, text: impl Into<String>) -> Self {
        self.map(|found| found.also(span, text))
    }

    #[must_use]
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        self.map(|found| found.help(text))
    }

    #[must_use]
    pub(crate) fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    #[must_use]
    pub(crate) fn fix(mut self, safety: Safety, fix: Fix) -> Self {
        self.safety = safety;
        self.map(|found| found.fix(fix))
    }

    #[must_use]
    pub(crate) fn witness(mut self, witness: Witness) -> Self {
        self.witness = Some(witness);
        self
    }

    pub(crate) fn map(mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        self.diagnostic = change(self.diagnostic);
        self
    }
}

/// The level that a severity of the language is.
pub(crate) fn level_of(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Info,
    }
}

/// The severity that a level is drawn as.
pub(crate) fn severity_of(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Info | Level::Style => Severity::Note,
    }
}
