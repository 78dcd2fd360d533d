//! What can be written after the commands that run a server, or ask one that runs.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{ConfigArgs, Ignored};

/// `caddis run`
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print the environment first
    #[arg(long, short)]
    pub(crate) environ: bool,
    /// Serve what was served last, if that was kept, rather than the config that is named
    #[arg(long, short)]
    pub(crate) resume: bool,
    /// Look at the config's file every second, and load it when it has changed
    #[arg(long, short)]
    pub(crate) watch: bool,
    /// A file for the process's number, which is there while it serves
    #[arg(long, value_name = "FILE")]
    pub(crate) pidfile: Option<PathBuf>,
    /// Where to send what came over standard input once it serves
    #[arg(long, hide = true, value_name = "ADDRESS")]
    pub(crate) pingback: Option<String>,
    /// Whether to leave the terminal once it serves
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// `caddis start`
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StartArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Look at the config's file every second, and load it when it has changed
    #[arg(long, short)]
    pub(crate) watch: bool,
    /// A file for the process's number, which is there while it serves
    #[arg(long, value_name = "FILE")]
    pub(crate) pidfile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// `caddis stop`
#[derive(Args, Debug)]
pub(crate) struct StopArgs {
    /// The config whose admin endpoint is asked
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The admin endpoint to ask [default: that of the config, `$CADDY_ADMIN`, or localhost:2019]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// `caddis reload`
#[derive(Args, Debug)]
pub(crate) struct ReloadArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The admin endpoint to ask [default: that of the config, `$CADDY_ADMIN`, or localhost:2019]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// Load the config even if it is the one that is served
    #[arg(long, short)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}
