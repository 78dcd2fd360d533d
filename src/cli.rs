//! What can be written on the command line.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::cli_lint::LintArgs;
use crate::cli_proxy::ReverseProxyArgs;
use crate::cli_quick::{FileServerArgs, RespondArgs};
use crate::cli_server::{ReloadArgs, RunArgs, StartArgs, StopArgs};
use crate::cli_trust::{TrustArgs, UntrustArgs};

/// Serves what a Caddyfile says.
#[derive(Debug, Parser)]
#[command(
    name = "caddis",
    about = "A drop-in replacement for the Caddy web server",
    disable_version_flag = true,
    args_override_self = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// How findings about a config are printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) diagnostics: Form,
    /// Print the version
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) version: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How findings about a config are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Drawn over the text
    #[default]
    Full,
    /// A line each
    Concise,
    /// One JSON array
    Json,
    /// Annotations for GitHub's workflows
    Github,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a config until told to stop
    Run(RunArgs),
    /// Serve a config in the background
    Start(StartArgs),
    /// End a server that runs
    Stop(StopArgs),
    /// Give a server that runs another config
    Reload(ReloadArgs),
    /// Ask other servers for all that comes to an address
    ReverseProxy(ReverseProxyArgs),
    /// Serve the files of a folder until told to stop
    FileServer(FileServerArgs),
    /// Print a config as Caddy's JSON
    Adapt(AdaptArgs),
    /// Say whether a config can be served, without serving it
    Validate(ValidateArgs),
    /// Find what is open, broken or not meant in Caddyfiles
    Lint(LintArgs),
    /// Print a Caddyfile with its white space put in order
    Fmt(FmtArgs),
    /// Answer every request in the same way, without a config
    Respond(RespondArgs),
    /// Hash a password for `basic_auth`
    HashPassword(HashPasswordArgs),
    /// Print the environment as the server sees it
    Environ(EnvironArgs),
    /// Let this machine trust what an authority of the server signs
    Trust(TrustArgs),
    /// Take a certificate out of this machine's trust stores
    Untrust(UntrustArgs),
    /// Try what a config does: run scripts (`.ctest`) and adapt goldens (`.caddyfiletest`)
    Test(TestArgs),
    /// Print a script that completes commands and flags in a shell
    Completion(CompletionArgs),
    /// Write a manual page for each command
    Manpage(ManpageArgs),
    /// List the modules that a config can have
    ListModules(ListModulesArgs),
    /// Print the version
    Version(Ignored),
    /// Any other word: a command of Caddy's that is not there yet, or nobody's.
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// Where a config comes from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfigArgs {
    /// The config: a file, or `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// The language of the config, where its name does not tell
    #[arg(long, short, value_name = "NAME")]
    pub(crate) adapter: Option<String>,
    #[command(flatten)]
    pub(crate) envfiles: EnvironArgs,
}

/// Files with environment variables.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct EnvironArgs {
    /// Files with environment variables, one `KEY=VALUE` a line
    #[arg(long = "envfile", value_name = "FILE", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) files: Vec<PathBuf>,
}

/// `caddis adapt`
#[derive(Args, Debug)]
pub(crate) struct AdaptArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Indent the JSON for people
    #[arg(long, short)]
    pub(crate) pretty: bool,
    /// Say also whether the config can be served
    #[arg(long)]
    pub(crate) validate: bool,
}

/// `caddis validate`
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `caddis fmt`
#[derive(Args, Debug)]
pub(crate) struct FmtArgs {
    /// The Caddyfile, or `-` for standard input [default: Caddyfile]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The Caddyfile, as a flag
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// Write the result to the file
    #[arg(long, short = 'w')]
    pub(crate) overwrite: bool,
    /// Print the lines that change
    #[arg(long, short)]
    pub(crate) diff: bool,
}

/// `caddis hash-password`
#[derive(Args, Debug)]
pub(crate) struct HashPasswordArgs {
    /// The password; asked for where it is not given
    #[arg(long, short, value_name = "PASSWORD")]
    pub(crate) plaintext: Option<String>,
    /// The way of hashing
    #[arg(long, short, value_name = "NAME", default_value = "bcrypt")]
    pub(crate) algorithm: String,
    /// How much work a hash is: each step doubles it, from 4 to 31
    #[arg(
        long,
        value_name = "COST",
        default_value_t = 14,
        allow_negative_numbers = true
    )]
    pub(crate) bcrypt_cost: i64,
    /// How often Argon2id goes through its memory
    #[arg(long, value_name = "PASSES", default_value_t = 1)]
    pub(crate) argon2id_time: u32,
    /// How much memory Argon2id takes, in KiB
    #[arg(long, value_name = "KIB", default_value_t = 47_104)]
    pub(crate) argon2id_memory: u32,
    /// In how many parts Argon2id can be worked out at a time
    #[arg(long, value_name = "PARTS", default_value_t = 1)]
    pub(crate) argon2id_threads: u8,
    /// How long a hash of Argon2id is, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 32)]
    pub(crate) argon2id_keylen: u32,
}

/// `caddis test`
#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// Files, and folders with files [default: tests]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only cases whose file or title contains this
    #[arg(short = 'k', value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Print the names of the cases and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// How many cases run at a time [default: one per core]
    #[arg(short, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// Stop at the first failure
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) format: TestFormat,
    /// Ask a server in a process of its own over loopback, instead of the tree in this process
    #[arg(long)]
    pub(crate) wire: bool,
    /// With `--wire`: the server, which takes `run --config FILE --adapter caddyfile` [default: this program]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) server: Option<OsString>,
    #[command(flatten)]
    pub(crate) absent: AbsentTestArgs,
}

/// How `caddis test` reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// What failed, and how many passed
    #[default]
    Human,
    /// The Test Anything Protocol
    Tap,
    /// One JSON object
    Json,
}

impl From<TestFormat> for caddis_spec::report::Format {
    fn from(format: TestFormat) -> Self {
        match format {
            TestFormat::Human => Self::Human,
            TestFormat::Tap => Self::Tap,
            TestFormat::Json => Self::Json,
        }
    }
}

/// Flags of `caddis test` that are refused by name.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct AbsentTestArgs {
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub(crate) bless: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) bless_security: bool,
    #[arg(long, hide = true)]
    pub(crate) check_unreferenced: bool,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub(crate) shuffle: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) report_junit: Option<PathBuf>,
    #[arg(long, hide = true)]
    pub(crate) report_tap: Option<PathBuf>,
    #[arg(long, hide = true)]
    pub(crate) trace: bool,
    #[arg(long, hide = true)]
    pub(crate) coverage: bool,
}

/// `caddis completion`
#[derive(Args, Debug)]
pub(crate) struct CompletionArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = shell())]
    pub(crate) shell: Shell,
}

/// The shells that Caddy has scripts for.
fn shell() -> impl TypedValueParser<Value = Shell> {
    PossibleValuesParser::new(["bash", "zsh", "fish", "powershell"]).map(|name| {
        match name.as_str() {
            "zsh" => Shell::Zsh,
            "fish" => Shell::Fish,
            "powershell" => Shell::PowerShell,
            _ => Shell::Bash,
        }
    })
}

/// `caddis list-modules`
#[derive(Args, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct ListModulesArgs {
    /// Print the package of each module too
    #[arg(long)]
    pub(crate) packages: bool,
    /// Print the version of each module too
    #[arg(long)]
    pub(crate) versions: bool,
    /// Leave out the modules that Caddy itself has
    #[arg(long, short)]
    pub(crate) skip_standard: bool,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// `caddis manpage`
#[derive(Args, Debug)]
pub(crate) struct ManpageArgs {
    /// The folder to write them to, which is made if it is not there
    #[arg(long, short = 'o', value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// Words that Caddy does not look at.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Ignored {
    #[arg(hide = true)]
    pub(crate) words: Vec<OsString>,
}
