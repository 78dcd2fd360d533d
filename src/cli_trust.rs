//! What can be written after the commands that change which certificates this machine trusts.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Ignored;

/// `caddis trust`
#[derive(Args, Debug)]
pub(crate) struct TrustArgs {
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// `caddis untrust`
#[derive(Args, Debug)]
pub(crate) struct UntrustArgs {
    /// The certificate's file; without it the server is asked, as by `trust`
    #[arg(long, short = 'p', value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

/// Whose root certificate is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AuthorityArgs {
    /// The authority, as `pki` in the config names it [default: local]
    #[arg(long, value_name = "ID")]
    pub(crate) ca: Option<String>,
    /// The admin endpoint to ask [default: that of the config, `$CADDY_ADMIN`, or localhost:2019]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// The config whose admin endpoint is asked, where there is no `--address`
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// The language of the config, where its name does not tell
    #[arg(long, short, value_name = "NAME")]
    pub(crate) adapter: Option<String>,
}
