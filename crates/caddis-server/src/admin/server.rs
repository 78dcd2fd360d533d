//! Listens for the admin endpoint. The listener stays when a config takes the place of another one that has the
//! same address; otherwise the new one is there before the old one goes.

use std::error::Error;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use caddis_ir::Config;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::Instant;
use tower::ServiceExt;
use tracing::{info, warn};

use super::address::{Endpoint, endpoint};
use super::bodies::Bodies;
use super::pki::Authorities;
use super::router::{Site, router};
use super::serving::Serving;
use crate::handlers::reverse_proxy::Hosts;
use crate::listen::{Alone, Answer, BindError, ListenAddress, Ready, Served, Settings};
use crate::log::Nested;
use crate::metrics::Metrics;
use crate::tls::Storage;
use crate::{Adapt, Body, Connection, Control, Environment, Request, Response};

/// How long the header of a request may take.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole request may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may wait with its next request.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// The most bytes of a header.
const MAX_HEADER: usize = 64 * 1024 + 4096;
/// The most connections at a time.
const MAX_CONNECTIONS: usize = 256;
/// How long answers that are under way may take when the server ends.
const GOODBYE: Duration = Duration::from_secs(1);

/// The admin endpoint of a process, whether it listens or not.
pub(crate) struct AdminServer {
    adapt: Option<Arc<dyn Adapt>>,
    bodies: Bodies,
    open: Option<Open>,
}

/// An endpoint that is ready to be served; nothing has changed for anybody yet.
pub(crate) struct Bound(Option<Wanted>);

struct Wanted {
    endpoint: Endpoint,
    authorities: Authorities,
    hosts: Arc<Hosts>,
    metrics: Arc<Metrics>,
    /// Where it will listen, if not where the one before it does.
    ready: Option<Ready>,
}

/// An endpoint that listens.
struct Open {
    address: ListenAddress,
    listener: Alone<Desk>,
}

/// What answers.
struct Desk(Router);

impl AdminServer {
    /// An endpoint that does not listen yet.
    pub(crate) fn new(adapt: Option<Arc<dyn Adapt>>) -> Self {
        Self {
            adapt,
            bodies: Bodies::default(),
            open: None,
        }
    }

    /// Binds what a config wants, if that is not open already.
    pub(crate) fn bind(
        &self,
        config: &Config,
        environment: &Environment,
        hosts: &Arc<Hosts>,
        metrics: Arc<Metrics>,
    ) -> Result<Bound, BindError> {
        let wanted = endpoint(config.admin.as_ref(), environment).map_err(|error| BindError {
            address: "the admin endpoint".into(),
            error: io::Error::new(io::ErrorKind::InvalidInput, error.message),
            holder: None,
        })?;
        let Some(endpoint) = wanted else {
            return Ok(Bound(None));
        };
        let is_open = |open: &Open| open.is_at(&endpoint.address);
        let ready = if self.open.as_ref().is_some_and(is_open) {
            None
        } else {
            Some(Ready::at(&endpoint.address, self.port())?)
        };
        let storage = Storage::of(config, &environment.data_dir);
        Ok(Bound(Some(Wanted {
            endpoint,
            authorities: Authorities::of(config, storage),
            hosts: Arc::clone(hosts),
            metrics,
            ready,
        })))
    }

    /// Serves what was bound, and nothing else from now on.
    pub(crate) fn serve(&mut self, bound: Bound, control: &Control) {
        self.serve_for(bound, Arc::new(control.clone()));
    }

    fn serve_for(&mut self, bound: Bound, serving: Arc<dyn Serving>) {
        let Some(wanted) = bound.0 else {
            self.close();
            warn!(target: "admin", "admin endpoint disabled");
            return;
        };
        let Wanted {
            endpoint,
            authorities,
            hosts,
            metrics,
            ready,
        } = wanted;
        tell(&endpoint);
        let site = Arc::new(Site {
            guests: endpoint.guests,
            serving,
            adapt: self.adapt.clone(),
            authorities,
            bodies: self.bodies.clone(),
            hosts,
            metrics,
        });
        let served = Arc::new(Served {
            tree: Arc::new(Desk(router(site))),
            settings: Arc::new(settings()),
            tls: None,
        });
        if let Some(ready) = ready {
            let listener = Alone::accept(ready, served, MAX_CONNECTIONS);
            self.close();
            self.open = Some(Open {
                address: endpoint.address,
                listener,
            });
        } else if let Some(open) = &mut self.open {
            open.listener.becomes(served);
            open.moves_to(endpoint.address);
        }
    }

    /// Listens no more, and waits for answers that are under way.
    pub(crate) async fn finish(&mut self) {
        /// How often it is looked whether all connections have ended.
        const LOOK: Duration = Duration::from_millis(5);
        let Some(open) = self.open.take() else {
            return;
        };
        let connections = open.listener.connections();
        drop(open);
        let told = Instant::now();
        while !connections.is_empty() && told.elapsed() < GOODBYE {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The port that is listened on.
    pub(crate) fn port(&self) -> Option<u16> {
        self.open.as_ref()?.listener.port
    }

    fn close(&mut self) {
        if let Some(before) = self.open.take() {
            info!(target: "admin", address = %before.address, "stopped previous server");
        }
    }
}

fn tell(endpoint: &Endpoint) {
    let Endpoint { address, guests } = endpoint;
    let origins = guests.origins.iter();
    let origins = Nested(
        origins
            .map(|origin| Value::from(origin.to_string()))
            .collect(),
    );
    info!(
        target: "admin",
        %address,
        enforce_origin = guests.enforce_origin,
        origins = &origins as &(dyn Error + 'static),
        "admin endpoint started"
    );
    if !guests.check_host {
        warn!(
            target: "admin",
            %address,
            "admin endpoint on open interface; host checking disabled"
        );
    }
}

fn settings() -> Settings {
    Settings {
        header_timeout: Some(HEADER_TIMEOUT),
        read_timeout: Some(READ_TIMEOUT),
        idle_timeout: Some(IDLE_TIMEOUT),
        max_header_bytes: MAX_HEADER,
        http2: false,
        h2c: false,
        ..Settings::default()
    }
}

impl Open {
    /// Whether it listens at an address; that of a unix socket is its file.
    fn is_at(&self, address: &ListenAddress) -> bool {
        match (self.address.file(), address.file()) {
            (Some(own), Some(other)) => own == other,
            _ => self.address == *address,
        }
    }

    fn moves_to(&mut self, address: ListenAddress) {
        if self.address != address
            && let ListenAddress::Unix { path, mode, .. } = &address
        {
            let permissions = std::fs::Permissions::from_mode(*mode);
            if let Err(error) = std::fs::set_permissions(path, permissions) {
                warn!(target: "admin", %address, %error, "setting the permissions of the socket");
            }
        }
        self.address = address;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(file) = self.address.file() {
            // One that is gone already is what was wanted.
            std::fs::remove_file(file).ok();
        }
    }
}

impl Answer for Desk {
    async fn answer(&self, connection: Arc<Connection>, request: Request) -> Option<Response> {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(connection.peer);
        // The error of a router is one that cannot happen.
        let response = self.0.clone().oneshot(request).await.ok()?;
        Some(response.map(|body| Body::new(body.map_err(Into::into))))
    }
}
