//! What a template sees: the functions that need the server, and what its dot is.

use std::sync::Arc;

use caddis_template::{
    Args, Delimiters, Error, Limits, Object, Result, Run, Value, World, no_arguments,
};
use http::HeaderMap;
use http::request::Parts;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::files;
use super::request::{ShownRequest, cookies};
use super::response_header::ResponseHeader;
use super::visit::{Ask, Asking};
use crate::placeholders::{PlaceholderName, Values};
use crate::{Context, Environment, uri};

/// What is the same for all pages of a site.
pub(super) struct Site {
    pub(super) delimiters: Delimiters,
    pub(super) environment: Environment,
}

/// A page that is rendered for a request.
pub(super) struct Page {
    pub(super) site: Arc<Site>,
    pub(super) root: Vec<u8>,
    pub(super) head: Parts,
    pub(super) context: Context,
    pub(super) headers: Arc<Mutex<HeaderMap>>,
    pub(super) asking: Asking,
}

/// What the dot of a page is.
struct Dot {
    request: Arc<ShownRequest>,
    original: Arc<ShownRequest>,
    headers: Arc<Mutex<HeaderMap>>,
    root: String,
    remote_ip: String,
    client_ip: String,
    args: Vec<Value>,
}

impl Page {
    /// Renders a text that was answered. Blocks.
    pub(super) fn render(&self, text: &str) -> Result<String> {
        let mut run = Run::new(self, &self.site.delimiters, Limits::default());
        run.render(&self.name(), text, &self.dot(&[]))
    }

    fn name(&self) -> String {
        String::from_utf8_lossy(&uri::decoded_path(&self.head.uri)).into_owned()
    }

    fn dot(&self, args: &[Value]) -> Value {
        let context = &self.context;
        Value::object(Dot {
            request: Arc::new(ShownRequest::of(&self.head, context)),
            original: Arc::new(ShownRequest::original(context)),
            headers: Arc::clone(&self.headers),
            root: String::from_utf8_lossy(&self.root).into_owned(),
            remote_ip: context.connection().peer.ip().to_string(),
            client_ip: context.client_ip().to_string(),
            args: args.to_vec(),
        })
    }

    fn file(&self, name: &str, run: &mut Run<'_>) -> Result<String> {
        let text = files::text(&self.root, name)?;
        run.bytes(text.len())?;
        Ok(text)
    }

    fn include(&self, args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
        let name = args.text(0)?;
        let text = self.file(name, run)?;
        let dot = self.dot(args.from(1));
        run.render(name, &text, &dot).map(Value::from)
    }

    /// Asks the server itself. What a template of it made is not rendered again: it may hold what a client sent.
    fn http_include(&self, uri: &str, run: &mut Run<'_>) -> Result<Value> {
        let gone = || Error::new("the request has ended");
        let (reply, answer) = oneshot::channel();
        let uri = uri.to_owned();
        let ask = Ask {
            uri: uri.clone(),
            reply,
        };
        self.asking.blocking_send(ask).map_err(|_| gone())?;
        let answer = answer.blocking_recv().map_err(|_| gone())??;
        run.bytes(answer.body.len())?;
        let text = String::from_utf8(answer.body.into());
        let text = text.map_err(|_| Error::new(format!("what `{uri}` answers is not UTF-8")))?;
        if answer.is_made {
            return Ok(text.into());
        }
        run.render(&uri, &text, &self.dot(&[])).map(Value::from)
    }

    fn placeholder(&self, name: &str) -> Result<Value> {
        if name.starts_with("http.request.body") && self.context.notes().body.is_none() {
            let message = format!("`{name}` is known where the config has `{{{name}}}`");
            return Err(Error::new(message));
        }
        let found = PlaceholderName::read(name, &self.site.environment).map_err(Error::new)?;
        let value = found.value(&Values::of_head(&self.head, &self.context));
        let mut text = Vec::new();
        value.write(&mut text);
        Ok(String::from_utf8_lossy(&text).into_owned().into())
    }
}

impl World for Page {
    fn knows(&self, function: &str) -> bool {
        matches!(
            function,
            "include"
                | "import"
                | "readFile"
                | "listFiles"
                | "fileExists"
                | "fileStat"
                | "httpInclude"
                | "env"
                | "placeholder"
                | "ph"
        )
    }

    fn call(&self, function: &str, args: &[Value], run: &mut Run<'_>) -> Result<Value> {
        if args.len() != 1 && (function != "include" || args.is_empty()) {
            let got = args.len();
            let message = format!("wrong number of args for {function}: want 1 got {got}");
            return Err(Error::new(message));
        }
        let args = Args(args);
        let text = args.text(0)?;
        run.calls()?;
        match function {
            "include" => self.include(&args, run),
            "import" => {
                let file = self.file(text, run)?;
                run.import(text, &file)?;
                Ok("".into())
            }
            "readFile" => self.file(text, run).map(Value::from),
            "listFiles" => files::list(&self.root, text),
            "fileExists" => Ok(Value::Bool(files::exists(&self.root, text))),
            "fileStat" => files::stat(&self.root, text),
            "httpInclude" => self.http_include(text, run),
            "env" => {
                let value = (self.site.environment.variable)(text);
                Ok(value.unwrap_or_default().into())
            }
            _ => self.placeholder(text),
        }
    }

    fn waits(&self) -> bool {
        !self.asking.is_closed()
    }
}

impl Object for Dot {
    fn type_name(&self) -> &'static str {
        "*templates.TemplateContext"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let value = match name {
            "Cookie" => {
                let cookie = Args(args).text(0).map(|name| {
                    let mut cookies = cookies(&self.request.headers).into_iter();
                    let found = cookies.find(|cookie| cookie.name == **name);
                    found.map_or_else(|| "".into(), |cookie| cookie.value.into())
                });
                return Some(cookie);
            }
            "Req" => Value::Object(self.request.clone()),
            "OriginalReq" => Value::Object(self.original.clone()),
            "RespHeader" => Value::object(ResponseHeader(Arc::clone(&self.headers))),
            "Args" => Value::list(self.args.clone()),
            "Root" => self.root.as_str().into(),
            "RemoteIP" => self.remote_ip.as_str().into(),
            "ClientIP" => self.client_ip.as_str().into(),
            "Host" => self.request.host_without_port().into(),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        self.type_name().into()
    }
}
