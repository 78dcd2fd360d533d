//! What all configs have in common: names, secrets and places.

use std::path::{Path, PathBuf};

use crate::job::Setup;

/// The token that requests must bring.
pub(crate) const TOKEN: &str = "sesame";
/// Who may log in.
pub(crate) const USER: &str = "ali";
/// With which password.
pub(crate) const PASSWORD: &str = "opensesame";
/// The same as a server knows it: bcrypt at cost 14.
pub(super) const HASH: &str = "$2a$14$.uKCRF1NnDdx1wpCfdeJQOgs638YIQB.iPxq3tgs3YO8K2uoR5Dnu";
/// How many bytes a body under `/small/` may have.
pub(crate) const LIMIT: usize = 100_000;
/// The field of answers that says which config a site was served with.
pub(crate) const VERSION: &str = "x-version";

/// Where a server listens, and what it is in front of.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What it is configured for.
    pub(crate) setup: Setup,
    /// The port of HTTP.
    pub(crate) plain: u16,
    /// The port of HTTPS.
    pub(crate) tls: u16,
    /// Where Caddy's admin endpoint is.
    pub(crate) admin: u16,
    /// The port of the backend.
    pub(crate) backend: u16,
    /// Which config of several this is.
    pub(crate) version: u32,
    /// The caddis that makes JSON of Caddyfiles.
    pub(crate) adapter: PathBuf,
    /// The folder with the certificate.
    pub(crate) folder: PathBuf,
    /// The folder of this server alone.
    pub(crate) home: PathBuf,
}

impl Place {
    /// A file of the certificate.
    pub(super) fn shared(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }

    /// A file of the server's own.
    pub(crate) fn own(&self, file: &str) -> PathBuf {
        Path::join(&self.home, file)
    }
}

/// What the field with the token says.
pub(crate) fn token_line() -> String {
    format!("Bearer {TOKEN}")
}

/// The name of one of many sites.
pub(crate) fn host_of_site(at: usize) -> String {
    format!("site{at}.example.com")
}

/// What the requests for one of many routes begin with; all have one length, as Caddy puts longer ones first.
pub(crate) fn path_of_route(at: usize) -> String {
    format!("/route{at:03}/")
}
