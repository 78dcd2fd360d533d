//! ACME servers by their directories, and what they are called in storage.

/// The directory of Let's Encrypt, which is asked if the config names none.
const LETS_ENCRYPT: &str = rustls_acme::acme::LETS_ENCRYPT_PRODUCTION_DIRECTORY;
/// Where Let's Encrypt may be asked as often as one likes.
const LETS_ENCRYPT_STAGING: &str = rustls_acme::acme::LETS_ENCRYPT_STAGING_DIRECTORY;

/// An ACME server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CertificateAuthority {
    /// The URL of its directory.
    pub(super) directory: String,
    /// What it is called in storage and in logs.
    pub(super) folder: String,
}

impl CertificateAuthority {
    pub(super) fn new(directory: &str) -> Self {
        let directory = match directory {
            "" => LETS_ENCRYPT,
            directory => directory,
        };
        Self {
            directory: directory.to_owned(),
            folder: folder(directory),
        }
    }

    /// The one to try first after a failure, so that the real one does not count the failures that follow.
    pub(super) fn test_of(&self, given: &str) -> Option<Self> {
        match given {
            "" if self.directory == LETS_ENCRYPT => Some(Self::new(LETS_ENCRYPT_STAGING)),
            "" => None,
            given => Some(Self::new(given)),
        }
    }
}

/// The host and the path of a directory as one part of a path: `acme.example-directory`.
fn folder(directory: &str) -> String {
    let rest = directory
        .split_once("://")
        .map_or(directory, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.replace('/', "-");
    match path.trim_matches('-') {
        "" => host.to_owned(),
        path => format!("{host}-{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::CertificateAuthority;

    /// The folders are those that Caddy 2.11.4 names in its log.
    #[test]
    fn servers_are_called_as_caddy_calls_them() {
        let folder = |directory| CertificateAuthority::new(directory).folder;
        assert_eq!(folder("https://127.0.0.1:14000/dir"), "127.0.0.1:14000-dir");
        assert_eq!(folder(""), "acme-v02.api.letsencrypt.org-directory");
        assert_eq!(
            folder("https://acme.zerossl.com/v2/DV90"),
            "acme.zerossl.com-v2-DV90"
        );
    }

    #[test]
    fn only_lets_encrypt_has_a_test_server_that_need_not_be_named() {
        let test = |directory, given| {
            CertificateAuthority::new(directory)
                .test_of(given)
                .map(|test| test.folder)
        };
        assert_eq!(
            test("", "").as_deref(),
            Some("acme-staging-v02.api.letsencrypt.org-directory")
        );
        assert_eq!(test("https://a.test/dir", ""), None);
        assert_eq!(
            test("https://a.test/dir", "https://b.test/dir").as_deref(),
            Some("b.test-dir")
        );
    }
}
