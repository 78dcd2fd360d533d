//! Who says which names may have a certificate: a web server is asked with the name, and 200 to 299 mean yes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use caddis_ir::OnDemand;
use http::{Request, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use tracing::warn;

use crate::tls::issue::Fault;
use crate::tls::system_roots;
use crate::tls::web::Web;

/// How long it has to answer, as in Caddy.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most questions at a time.
const SIDE_BY_SIDE: usize = 16;

/// Says which names may have a certificate.
#[derive(Debug)]
pub(super) struct Permission {
    endpoint: String,
    web: Web,
    places: Semaphore,
}

impl Permission {
    /// Whom the config names, if anybody.
    pub(super) fn of(config: Option<&OnDemand>) -> Result<Option<Self>, Fault> {
        let Some(config) = config else {
            return Ok(None);
        };
        let endpoint = match &config.permission {
            Some(caddis_ir::Permission::Http { endpoint }) => endpoint,
            None if config.ask.is_empty() => return Ok(None),
            None => &config.ask,
        };
        let parsed = endpoint.parse::<Uri>().ok();
        let scheme = parsed.as_ref().and_then(Uri::scheme_str);
        if endpoint.contains('{') || !matches!(scheme, Some("http" | "https")) {
            return Err(format!("`{endpoint}` is not the address of a web server"));
        }
        Ok(Some(Self {
            endpoint: endpoint.clone(),
            web: Web::new(client()?, PATIENCE),
            places: Semaphore::new(SIDE_BY_SIDE),
        }))
    }

    /// Asks for a name; the error says why not.
    pub(super) async fn ask(&self, name: &str) -> Result<(), Fault> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| error.to_string())?;
        let url = with_name(&self.endpoint, name);
        let request = Request::get(&url).body(Bytes::new());
        let request = request.map_err(|error| error.to_string())?;
        let answer = self.web.ask(request).await.map_err(|silence| {
            warn!(target: "tls.on_demand", url, error = %silence, "asking for permission failed");
            format!("`{}` cannot be asked: {silence}", self.endpoint)
        })?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!(
            "`{name}` may have no certificate (status {})",
            answer.status().as_u16()
        ))
    }
}

/// The address with the name in its query; what else is in it stays.
fn with_name(endpoint: &str, name: &str) -> String {
    let endpoint = endpoint.split('#').next().unwrap_or(endpoint);
    let (address, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let others = query.split('&');
    let others =
        others.filter(|one| !one.is_empty() && *one != "domain" && !one.starts_with("domain="));
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC).to_string();
    // What needs no escape stays readable, as in Caddy's questions.
    let name = name
        .replace("%2E", ".")
        .replace("%2D", "-")
        .replace("%5F", "_");
    let mut query: Vec<_> = others.map(str::to_owned).collect();
    query.push(format!("domain={name}"));
    query.sort();
    format!("{address}?{}", query.join("&"))
}

fn client() -> Result<Arc<ClientConfig>, Fault> {
    let roots = system_roots().unwrap_or_else(|_| Arc::new(RootCertStore::empty()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use caddis_ir::OnDemand;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{Permission, with_name};

    #[test]
    fn the_name_stands_in_the_query() {
        let url = |endpoint| with_name(endpoint, "a-b.test");
        assert_eq!(url("http://x/ask"), "http://x/ask?domain=a-b.test");
        assert_eq!(
            url("http://x?z=1&b=2#f"),
            "http://x?b=2&domain=a-b.test&z=1"
        );
        assert_eq!(url("http://x?domain=evil"), "http://x?domain=a-b.test");
        assert_eq!(with_name("http://x/", "::1"), "http://x/?domain=%3A%3A1");
        assert_eq!(with_name("http://x/", "a&b"), "http://x/?domain=a%26b");
    }

    fn permission(ask: &str) -> Option<Permission> {
        let config = OnDemand {
            ask: ask.into(),
            permission: None,
        };
        Permission::of(Some(&config)).unwrap()
    }

    #[tokio::test]
    async fn only_a_two_hundred_is_a_yes() {
        for (status, yes) in [
            ("200 OK", true),
            ("204 No", true),
            ("302 Found", false),
            ("404 No", false),
        ] {
            let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/", socket.local_addr().unwrap());
            let answer =
                format!("HTTP/1.1 {status}\r\nLocation: {url}\r\nConnection: close\r\n\r\n");
            let serve = async {
                let (mut stream, _) = socket.accept().await.unwrap();
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            };
            let permission = permission(&url).unwrap();
            let ((), asked) = tokio::join!(serve, permission.ask("a.test"));
            assert_eq!(asked.is_ok(), yes, "{status}");
        }
    }

    #[tokio::test]
    async fn who_does_not_answer_does_not_allow() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        drop(socket);
        assert!(permission(&url).unwrap().ask("a.test").await.is_err());
        assert!(permission("").is_none());
    }
}
