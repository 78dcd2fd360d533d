//! What can be written after the commands that serve without a config.

use clap::Args;

/// `caddis respond`
#[derive(Args, Debug)]
pub(crate) struct RespondArgs {
    /// The body; a number of three digits is the status, if no other is given
    #[arg(value_name = "BODY|STATUS")]
    pub(crate) answer: Vec<String>,
    /// Where to listen; each port of a range has a server of its own
    #[arg(long, short, value_name = "ADDRESS", default_value = ":0")]
    pub(crate) listen: String,
    /// The status [default: 200]
    #[arg(long, short, value_name = "STATUS")]
    pub(crate) status: Option<u16>,
    /// The body, in which `{{.N}}`, `{{.Port}}` and `{{.Address}}` stand for the server [default: standard input]
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) body: Option<String>,
    /// A field of the header: `Name: value`
    #[arg(long = "header", short = 'H', value_name = "FIELD")]
    pub(crate) headers: Vec<String>,
    /// Write an access log
    #[arg(long)]
    pub(crate) access_log: bool,
    /// Log more
    #[arg(long, short = 'v')]
    pub(crate) debug: bool,
}
