//! What can be written after the commands that serve without a config.

use clap::{ArgAction, Args};

use crate::cli::Ignored;

/// `caddis file-server`
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct FileServerArgs {
    /// The name of the site, which is then served over HTTPS
    #[arg(long, short, value_name = "NAME")]
    pub(crate) domain: Option<String>,
    /// The folder [default: this one]
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) root: Option<String>,
    /// The address to listen on [default: :80, or :443 with a name]
    #[arg(long, short, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// List the files of folders that have no index
    #[arg(long, short)]
    pub(crate) browse: bool,
    /// Show in lists where links lead
    #[arg(long)]
    pub(crate) reveal_symlinks: bool,
    /// Run the templates in pages
    #[arg(long, short)]
    pub(crate) templates: bool,
    /// Log every request
    #[arg(long, short)]
    pub(crate) access_log: bool,
    /// Log what is of use to find a fault
    #[arg(long, short = 'v')]
    pub(crate) debug: bool,
    /// The most files of a list
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 10_000,
        allow_negative_numbers = true
    )]
    pub(crate) file_limit: i64,
    /// Send files as they are, uncompressed
    #[arg(long)]
    pub(crate) no_compress: bool,
    /// Send compressed files that lie beside others, the best first: br, gzip, zstd
    #[arg(long, short, value_name = "NAMES", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) precompressed: Vec<String>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

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
