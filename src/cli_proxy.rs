//! What can be written after `caddis reverse-proxy`.

use clap::{ArgAction, Args};

use crate::cli::Ignored;

/// `caddis reverse-proxy`
#[derive(Args, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct ReverseProxyArgs {
    /// The address that requests come to; HTTPS, unless it is a port alone or says otherwise
    #[arg(long, short, value_name = "ADDRESS", default_value = "localhost")]
    pub(crate) from: String,
    /// Who is asked; one of them at random if there are several
    #[arg(long, short, value_name = "ADDRESS", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) to: Vec<String>,
    /// Ask for the host that is in the upstream's address, not the client's
    #[arg(long, short)]
    pub(crate) change_host_header: bool,
    /// Believe upstreams whose certificates nobody vouches for: this is not secure
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Send nobody from HTTP to HTTPS
    #[arg(long, short = 'r')]
    pub(crate) disable_redirects: bool,
    /// Let the server's own authority sign the certificate
    #[arg(long, short)]
    pub(crate) internal_certs: bool,
    /// A header field for upstreams: `Field: value`
    #[arg(long, short = 'H', value_name = "FIELD")]
    pub(crate) header_up: Vec<String>,
    /// A header field for clients: `Field: value`
    #[arg(long, short = 'd', value_name = "FIELD")]
    pub(crate) header_down: Vec<String>,
    /// Log every request
    #[arg(long)]
    pub(crate) access_log: bool,
    /// Log what is of use to find a fault
    #[arg(long, short = 'v')]
    pub(crate) debug: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}
