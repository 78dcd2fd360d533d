//! A rule as data: what it finds, why that matters, a bad and a good example, and how it looks.

use caddis_source::Code;

use crate::check::Check;

/// How bad a finding is; `--severity` may say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A matter of taste.
    Style,
    /// Worth knowing.
    Info,
    /// Probably not what was meant.
    Warning,
    /// Open, broken or refused.
    Error,
}

impl Level {
    /// By its name on the command line.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == text)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// All of them, the mildest first.
    pub const ALL: [Self; 4] = [Self::Style, Self::Info, Self::Warning, Self::Error];
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The text with its comments.
    Text,
    /// Lines and blocks, with imports expanded.
    Tree,
    /// The routes in the order in which they run.
    Routes,
    /// The values of variables.
    Environment,
}

impl Phase {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "the text",
            Self::Tree => "the lines of the config",
            Self::Routes => "the routes in the order in which they run",
            Self::Environment => "the values of variables",
        }
    }
}

/// Whether a fix can be made without thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// There is no fix.
    None,
    /// The config means the same afterwards, or what was plainly meant.
    Safe,
    /// Somebody should look at it.
    Unsafe,
}

/// Something about a rule that a config file can set.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The key below `[lint.rule.CODE]`.
    pub name: &'static str,
    /// What it is if nobody sets it.
    pub default: Value,
    /// What it is for, in a few words.
    pub about: &'static str,
}

/// What a rule's option can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text: a duration, a size.
    Text(&'static str),
    /// Texts.
    Texts(&'static [&'static str]),
}

/// A rule. A `const` value in a file of its own.
#[derive(Clone, Copy)]
pub struct Rule {
    /// `SEC007`
    pub code: Code,
    /// `auth-gate-after-handle`
    pub name: &'static str,
    /// How bad it is unless somebody says otherwise.
    pub level: Level,
    /// Whether it runs unless it is asked for.
    pub enabled: bool,
    /// What it looks at.
    pub phase: Phase,
    /// What it finds, in a sentence.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A config with one finding.
    pub bad: &'static str,
    /// The line of the finding.
    pub bad_line: usize,
    /// The same config as it should be.
    pub good: &'static str,
    /// The variables that the examples need.
    pub environment: Option<&'static [(&'static str, &'static str)]>,
    /// What can be set.
    pub options: &'static [Choice],
    /// Whether it has a fix.
    pub fix: Safety,
    /// The weakness, in the numbers of CWE.
    pub cwe: Option<u16>,
    /// How dangerous it is, from 0 to 10 as CVSS has it.
    pub risk: Option<&'static str>,
    /// Findings of the language itself that it takes over.
    pub adopts: &'static [Code],
    /// Of those, the ones about a text that is this.
    pub adopts_if: fn(&str) -> bool,
    /// Looks.
    pub check: fn(&mut Check<'_>),
}

impl Rule {
    /// What most rules have in common; each fills in the rest.
    pub(crate) const NEW: Self = Self {
        code: Code(""),
        name: "",
        level: Level::Warning,
        enabled: true,
        phase: Phase::Tree,
        summary: "",
        why: "",
        bad: "",
        bad_line: 0,
        good: "",
        environment: None,
        options: &[],
        fix: Safety::None,
        cwe: None,
        risk: None,
        adopts: &[],
        adopts_if: |_| true,
        check: |_| {},
    };

    /// True if this is its code or its name.
    pub fn is_called(&self, text: &str) -> bool {
        self.code.0.eq_ignore_ascii_case(text) || self.name == text
    }

    /// True if this selects it: its code, its name, the beginning of its code, or `ALL`.
    pub fn is_selected_by(&self, text: &str) -> bool {
        let upper = text.to_ascii_uppercase();
        let is_prefix = upper.len() >= 3 && self.code.0.starts_with(&upper);
        upper == "ALL" || is_prefix || self.is_called(text)
    }

    /// The three letters of its code.
    pub fn family(&self) -> &'static str {
        self.code.0.get(..3).unwrap_or("")
    }

    /// True for those whose comments cannot say `all`.
    pub fn is_about_safety(&self) -> bool {
        matches!(self.family(), "SEC" | "OLL")
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.0)
    }
}
