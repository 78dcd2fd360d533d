//! `listener_wrappers`: what new connections go through before the server has them.

use std::io;

use caddis_ir::{ListenerWrapper, Server};

use super::proxied::Proxied;
use super::{Transport, to_https};
use crate::Connection;

/// What new connections go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wrappers {
    before_tls: Vec<Wrapper>,
    after_tls: Vec<Wrapper>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrapper {
    /// Reads who the client is.
    Proxied(Proxied),
    /// Sends clients on to HTTPS that do not encrypt.
    ToHttps {
        /// The most bytes of a request's header.
        most: usize,
    },
}

/// On which side of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// What is wrong with a wrapper, and which.
pub(crate) type Wrong = (usize, String);

impl Wrappers {
    /// Those of a server, with what is wrong with them.
    pub(crate) fn of(server: &Server, max_header: usize) -> (Self, Vec<Wrong>) {
        let given = &server.listener_wrappers;
        let is_tls = |wrapper: &ListenerWrapper| matches!(wrapper, ListenerWrapper::Tls {});
        let mut wrong = Vec::new();
        let mut wrappers = Self::default();
        // As in Caddy, TLS comes first if it has no place among the others.
        let mut side = if given.iter().any(is_tls) {
            Side::Before
        } else {
            Side::After
        };
        for (index, wrapper) in given.iter().enumerate() {
            let wrapper = match wrapper {
                ListenerWrapper::Tls {} => {
                    if side == Side::After {
                        wrong.push((index, "`tls` has one place among the wrappers".into()));
                    }
                    side = Side::After;
                    continue;
                }
                ListenerWrapper::HttpRedirect { max_header_bytes } => {
                    let most = max_header_bytes.and_then(|most| usize::try_from(most).ok());
                    Ok(Wrapper::ToHttps {
                        most: most.filter(|most| *most > 0).unwrap_or(max_header),
                    })
                }
                ListenerWrapper::ProxyProtocol(config) => Proxied::of(config).map(Wrapper::Proxied),
            };
            match (wrapper, side) {
                (Ok(wrapper), Side::Before) => wrappers.before_tls.push(wrapper),
                (Ok(wrapper), Side::After) => wrappers.after_tls.push(wrapper),
                (Err(why), _) => wrong.push((index, why)),
            }
        }
        (wrappers, wrong)
    }

    /// True if connections are the server's at once.
    pub(super) fn is_empty(&self) -> bool {
        self.before_tls.is_empty() && self.after_tls.is_empty()
    }

    /// Leads a connection through; `None` if it has ended there.
    pub(super) async fn lead(
        &self,
        side: Side,
        mut stream: Box<dyn Transport>,
        connection: &mut Connection,
    ) -> io::Result<Option<Box<dyn Transport>>> {
        let wrappers = match side {
            Side::Before => &self.before_tls,
            Side::After => &self.after_tls,
        };
        for wrapper in wrappers {
            stream = match wrapper {
                Wrapper::Proxied(proxied) => proxied.read(stream, connection).await?,
                Wrapper::ToHttps { most } => match to_https::lead(stream, *most).await? {
                    Some(stream) => stream,
                    None => return Ok(None),
                },
            };
        }
        Ok(Some(stream))
    }
}
