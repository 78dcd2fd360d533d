//! A stub in place of the server, and requests to it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use caddis_ir::{Admin, Config, Path};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::admin::address::endpoint;
use crate::admin::bodies::Bodies;
use crate::admin::pki::Authorities;
use crate::admin::router::{Site, router};
use crate::admin::serving::{Change, Changing, NotChanged, Serving, Waiting};
use crate::handlers::reverse_proxy::Hosts;
use crate::metrics::Metrics;
use crate::testing::environment;
use crate::tls::Storage;
use crate::{
    Adapt, AdaptWarning, AdaptedText, BuildError, Current, Load, LoadError, Loaded, Places, Source,
};

pub(super) const PORT: u16 = 2019;

/// A server that takes every config but those that say `bad`.
#[derive(Default)]
pub(super) struct Stub {
    pub(super) config: Config,
    pub(super) folder: Folder,
    pub(super) current: Mutex<Arc<Current>>,
    pub(super) forced: Mutex<u32>,
    pub(super) stopped: Mutex<bool>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) hosts: Arc<Hosts>,
}

/// Where authorities are kept.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Serving for Stub {
    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.lock())
    }

    fn change(&self, change: Change) -> Changing<'_> {
        Box::pin(async move {
            let load = change(&self.current()).map_err(NotChanged::Refused)?;
            self.load(load).map_err(NotChanged::Failed)
        })
    }

    fn turn(&self) -> Waiting<'_> {
        Box::pin(async { Box::new(()) as Box<dyn Send> })
    }

    fn stop(&self) {
        *self.stopped.lock() = true;
    }
}

impl Stub {
    fn load(&self, load: Load) -> Result<Loaded, LoadError> {
        if load.json.to_string().contains("bad") {
            return Err(LoadError {
                message: "the config cannot be served".into(),
                faults: vec![BuildError {
                    path: Path::root().key("apps").index(0),
                    message: "it is bad".into(),
                    help: Some("make it good".into()),
                }],
            });
        }
        *self.forced.lock() += u32::from(load.forced);
        let Load { json, source, .. } = load;
        *self.current.lock() = Arc::new(Current { json, source });
        Ok(Loaded::Changed)
    }
}

/// The only language is one in which a text is its own JSON.
pub(super) struct Echo;

impl Adapt for Echo {
    fn adapt(&self, adapter: &str, text: String) -> Result<AdaptedText, String> {
        if adapter != "caddyfile" {
            return Err(format!("there is no adapter `{adapter}`"));
        }
        Ok(AdaptedText {
            json: json!({ "text": text }),
            warnings: vec![AdaptWarning {
                file: "Caddyfile".into(),
                line: 2,
                message: "it is <old>".into(),
                ..AdaptWarning::default()
            }],
        })
    }

    fn places(&self, _: &Source, _: &Value) -> Option<Places> {
        None
    }
}

pub(super) struct Asked {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn field(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

/// An endpoint on this machine, as it is without a config.
pub(super) fn stub() -> Arc<Stub> {
    let stub = Stub::default();
    let routes = json!([{ "@id": "r0", "handle": [{ "body": "<a>" }] }, { "handle": [] }]);
    let json = json!({ "apps": { "http": { "servers": { "a": { "routes": routes, "listen": [":1"] } } } } });
    *stub.current.lock() = Arc::new(Current { json, source: None });
    Arc::new(stub)
}

pub(super) async fn send(stub: &Arc<Stub>, admin: &Admin, request: Request) -> Asked {
    let endpoint = endpoint(Some(admin), &environment()).unwrap().unwrap();
    let site = Site {
        guests: endpoint.guests,
        serving: Arc::clone(stub) as Arc<dyn Serving>,
        adapt: Some(Arc::new(Echo)),
        authorities: Authorities::of(&stub.config, Storage::of(&stub.config, stub.folder.path())),
        bodies: Bodies::default(),
        hosts: Arc::clone(&stub.hosts),
        metrics: Arc::clone(&stub.metrics),
    };
    let mut request = request;
    let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
    request.extensions_mut().insert(peer);
    let answer = router(Arc::new(site)).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Asked {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.into()).unwrap(),
    }
}

/// A request as text: `POST /load` with `name: value` fields; the host is the right one unless given.
pub(super) fn request(line: &str, fields: &[(&str, &str)], body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(target);
    if !fields
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        request = request.header("host", format!("localhost:{PORT}"));
    }
    for (name, value) in fields.iter().filter(|(_, value)| *value != "(none)") {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(super) async fn ask(stub: &Arc<Stub>, line: &str, body: &str) -> Asked {
    let json = [("content-type", "application/json")];
    send(stub, &Admin::default(), request(line, &json, body)).await
}

pub(super) async fn status(stub: &Arc<Stub>, line: &str, fields: &[(&str, &str)]) -> u16 {
    send(stub, &Admin::default(), request(line, fields, ""))
        .await
        .status
}
