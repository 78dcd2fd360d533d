//! What can be written behind `caddis lint`.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// `caddis lint`
#[derive(Args, Debug)]
pub(crate) struct LintArgs {
    /// Caddyfiles, folders with some, or `-` for standard input; the Caddyfile in this folder if none is given
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) fixes: FixArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) environment: VariableArgs,
    /// What standard input is called in findings
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
    /// What the project says about its lint, instead of the nearest `caddis.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Look for no `caddis.toml`
    #[arg(long)]
    pub(crate) no_config: bool,
    /// Pass over what this file knows
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings into a file, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// List the rules
    #[arg(long)]
    pub(crate) list: bool,
    /// Explain a rule
    #[arg(long, value_name = "CODE")]
    pub(crate) explain: Option<String>,
}

/// Which rules run.
#[derive(Args, Clone, Debug)]
pub(crate) struct RuleArgs {
    /// These rules only: codes, names, beginnings of codes, or ALL
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// A choice of rules
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) profile: Option<ProfileName>,
    /// Another level for a rule
    #[arg(long, value_name = "CODE=LEVEL", value_delimiter = ',')]
    pub(crate) severity: Vec<String>,
    /// From which level on the exit code is 1; `warning` if not given
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<FailOn>,
}

/// A choice of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// Those that are on by default
    Default,
    /// The same; warnings about model servers are errors
    Ollama,
    /// All
    Strict,
    /// The default, and what stock Caddy would not load
    Portable,
}

/// From which level on the exit code is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    #[default]
    Warning,
    /// All but style
    Info,
    /// Everything
    Style,
    /// Nothing
    Never,
}

/// What is done about findings.
#[derive(Args, Clone, Debug)]
pub(crate) struct FixArgs {
    /// Make the fixes that need no thought
    #[arg(long)]
    pub(crate) fix: bool,
    /// Make all fixes
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Print what fixes would change, and change nothing
    #[arg(long)]
    pub(crate) diff: bool,
}

/// How findings are printed.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// How findings are printed; several are several reports
    #[arg(long, value_enum, value_name = "FORM", action = ArgAction::Append)]
    pub(crate) format: Vec<Format>,
    /// Where to: the first --output is for the first --format, and so on; standard output if not given
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) output: Vec<String>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Drawn over the text
    Full,
    /// A line each
    Concise,
    /// One JSON array
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// Annotations for GitHub's workflows
    Github,
    /// GitLab's report of code quality
    Gitlab,
    /// Checkstyle's XML
    Checkstyle,
    /// `JUnit`'s XML
    Junit,
    /// TAP 14
    Tap,
}

/// The variables that the config is read with; the process's own are not looked at.
#[derive(Args, Clone, Debug)]
pub(crate) struct VariableArgs {
    /// A variable that the config is read with
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// Files with variables, one `KEY=VALUE` a line
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) envfile: Vec<PathBuf>,
    /// Read variables that are not given as empty, as Caddy does
    #[arg(long)]
    pub(crate) strict_env: bool,
}
