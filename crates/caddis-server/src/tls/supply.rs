//! Certificates that are got while a client waits in its handshake.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, SignatureScheme};

/// Gets certificates while clients wait. Asked only where no certificate at hand has the name; how long it may take
/// is up to the one who is asked, and the handshake's time-out holds as well.
pub(crate) trait Supply: fmt::Debug + Send + Sync {
    /// The certificate for a client; `None` if somebody else may have one, and why the handshake is to fail.
    fn supply<'a>(&'a self, asked: &'a Asked) -> Supplying<'a>;
}

/// A certificate that is being got.
pub(crate) type Supplying<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Arc<CertifiedKey>>, String>> + Send + 'a>>;

/// What a client says of the certificate that it wants.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The name that a certificate is looked for: what the client asks for, else the policy's default, else our
    /// address. In lower case, without a dot at its end.
    pub(crate) name: String,
    /// The name that the client asks for; empty if it names none.
    pub(crate) server_name: String,
    /// The other end.
    pub(crate) peer: SocketAddr,
    /// Our end.
    pub(crate) local: SocketAddr,
    /// The signatures that it can check.
    pub(crate) schemes: Vec<SignatureScheme>,
    /// The ciphers that it has.
    pub(crate) cipher_suites: Vec<CipherSuite>,
}
