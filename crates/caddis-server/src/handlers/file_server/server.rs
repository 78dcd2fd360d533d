//! `file_server`: what a request asks for, and what becomes of what is found.

use std::io;
use std::sync::Arc;

use caddis_ir::{FileServer, Path};
use http::{HeaderValue, Method, StatusCode, header};

use super::browse::Browse;
use super::content_types::ContentTypes;
use super::encodings::{self, Encoding};
use super::find::{Found, Slash, Wanted};
use super::hide::Hidden;
use super::names::Names;
use super::{answer, redirect};
use crate::builder::Builder;
use crate::files::{self, Disk};
use crate::handlers::static_response::Status;
use crate::placeholders::{Template, Values};
use crate::{Body, Context, Handle, HandlerError, Node, Request, Response, Result, uri};

/// A file server.
struct Server {
    fs: Template,
    root: Template,
    hide: Names,
    working_folder: Arc<[u8]>,
    index: Names,
    is_canonical: bool,
    status: Option<Status>,
    passes: bool,
    browse: Option<Browse>,
    /// The compressed forms, each with its place in the order.
    encodings: Vec<(Encoding, usize)>,
    etag_endings: Arc<[String]>,
    types: Arc<ContentTypes>,
}

/// The files that are sent for a folder if the config names none.
const INDEX: [&str; 2] = ["index.html", "index.txt"];

/// Prepares a file server.
pub(crate) fn build(config: &FileServer, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let or = |text: &str, default: &str| if text.is_empty() { default } else { text }.to_owned();
    let index = config.index_names.as_ref();
    let index: Vec<&str> = match index {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => INDEX.to_vec(),
    };
    let at_status = at.key("status_code");
    let status = config.status_code.as_ref();
    let working_folder = std::env::current_dir().unwrap_or_default();
    let server = Server {
        fs: builder.template(&or(&config.fs, "{http.vars.fs}"), &at.key("fs")),
        root: builder.template(&or(&config.root, "{http.vars.root}"), &at.key("root")),
        hide: Names::build(
            config.hide.iter().map(String::as_str),
            &at.key("hide"),
            builder,
        ),
        working_folder: working_folder.as_os_str().as_encoded_bytes().into(),
        index: Names::build(index.into_iter(), &at.key("index_names"), builder),
        is_canonical: config.canonical_uris.unwrap_or(true),
        status: status.map(|status| Status::build(status, &at_status, builder)),
        passes: config.pass_thru,
        browse: config.browse.as_ref().map(Browse::build),
        encodings: encodings(config),
        etag_endings: config.etag_file_extensions.clone().into(),
        types: builder.content_types(),
    };
    Node::handler(server, next)
}

/// The compressed forms; those that the order does not name come last.
fn encodings(config: &FileServer) -> Vec<(Encoding, usize)> {
    let forms = &config.precompressed;
    let forms = [
        ("br", forms.br.is_some()),
        ("gzip", forms.gzip.is_some()),
        ("zstd", forms.zstd.is_some()),
    ];
    let order = &config.precompressed_order;
    let is_there = forms.iter().filter(|(_, is_there)| *is_there);
    let placed = is_there.filter_map(|(name, _)| {
        let place = order.iter().position(|ordered| ordered == name);
        Some((Encoding::named(name)?, place.unwrap_or(order.len())))
    });
    placed.collect()
}

impl Handle for Server {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let Some(wanted) = self.wanted(&request) else {
            return Err(not_found());
        };
        let found = match wanted.find(Disk::Memory) {
            Found::Later => files::wait_for(move || wanted.find(Disk::Waits)).await?,
            found => found,
        };
        match found {
            Found::File(opened) => {
                vary(&request);
                Self::check_method(&request)?;
                let status = self.status(&request)?;
                let mut response = answer::with(opened, &self.types, &request);
                if let Some(status) = status {
                    *response.status_mut() = status;
                }
                if request.method() == Method::HEAD {
                    *response.body_mut() = Body::Empty;
                }
                Ok(response)
            }
            Found::Slash(slash) => Ok(redirected(slash, &request)),
            Found::Folder(folder) => self.list(folder, request, next).await,
            Found::Nothing => self.nothing(request, next).await,
            Found::Later => Err(unknown(io::ErrorKind::WouldBlock.into())),
            Found::Unknown(error) => Err(unknown(error)),
            Found::Closed(error) => {
                vary(&request);
                if error.kind() == io::ErrorKind::NotFound {
                    return self.nothing(request, next).await;
                }
                Err(closed(error, &request))
            }
        }
    }
}

impl Server {
    /// What to look for; nothing in a file system that nobody has.
    fn wanted(&self, request: &Request) -> Option<Wanted> {
        let values = Values::of(request);
        if !files::is_known_system(&self.fs.fill(&values)) {
            return None;
        }
        let root = self.root.fill(&values);
        let mut path = files::join_below(&root, &uri::decoded_path(request.uri()));
        if path.len() > 1 && path.ends_with(b"/") {
            path.pop();
        }
        Some(Wanted {
            path,
            hidden: self.hidden(&values),
            index: self.index.of(&values),
            has_slash: has_slash(request).filter(|_| self.is_canonical),
            encodings: encodings::accepted(request.headers(), &self.encodings),
            etag_endings: Arc::clone(&self.etag_endings),
            reads: reads_at_once(request),
        })
    }

    fn hidden(&self, values: &Values<'_>) -> Hidden {
        Hidden {
            patterns: self.hide.of(values),
            working_folder: Arc::clone(&self.working_folder),
        }
    }

    /// Lists the files of a folder, if the config has it so.
    async fn list(&self, folder: Vec<u8>, request: Request, next: &Node) -> Result<Response> {
        let Some(browse) = &self.browse else {
            return self.nothing(request, next).await;
        };
        // Links in the list begin here.
        if has_slash(&request) == Some(false) {
            return Ok(redirected(Slash::More, &request));
        }
        let hidden = self.hidden(&Values::of(&request));
        let (list, cookies) = browse.list(folder, hidden, &request);
        match files::wait_for(move || list.write()).await? {
            Ok(listed) => Ok(answer::with_list(listed, cookies, &request)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.nothing(request, next).await
            }
            Err(error) => Err(closed(error, &request)),
        }
    }

    /// Files are read, and nothing else is done with them; a page that answers an error is sent all the same.
    fn check_method(request: &Request) -> Result<()> {
        let context = Context::of(request);
        let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
        let mut notes = context.notes();
        if is_read || notes.error.is_some() {
            return Ok(());
        }
        let allowed = HeaderValue::from_static("GET, HEAD");
        notes.response_headers().append(header::ALLOW, allowed);
        Err(failed(StatusCode::METHOD_NOT_ALLOWED))
    }

    /// The status in place of that of the answer.
    fn status(&self, request: &Request) -> Result<Option<StatusCode>> {
        let status = self
            .status
            .as_ref()
            .map(|status| status.of(&Values::of(request)));
        Ok(status.transpose()?.or(Context::of(request).notes().error))
    }

    async fn nothing(&self, request: Request, next: &Node) -> Result<Response> {
        if self.passes {
            return next.run(request).await;
        }
        Err(not_found())
    }
}

#[track_caller]
fn not_found() -> HandlerError {
    failed(StatusCode::NOT_FOUND)
}

/// An error of which Caddy has no more to say than its status.
#[track_caller]
fn failed(status: StatusCode) -> HandlerError {
    HandlerError::status(status).because(status.canonical_reason().unwrap_or_default())
}

/// Whether the path that was sent ends in a slash; nothing if its last element was rewritten, for that is meant so.
fn has_slash(request: &Request) -> Option<bool> {
    let original = uri::decoded_path(Context::of(request).original_uri());
    let is_same = last_element(&original) == last_element(&uri::decoded_path(request.uri()));
    is_same.then_some(original.ends_with(b"/"))
}

/// Caches must know that there may be compressed forms.
fn vary(request: &Request) {
    let field = HeaderValue::from_static("Accept-Encoding");
    let mut notes = Context::of(request).notes();
    notes.response_headers().append(header::VARY, field);
}

/// Whether the beginning of the file is sent most likely.
fn reads_at_once(request: &Request) -> bool {
    const CONDITIONS: [http::HeaderName; 3] = [
        header::RANGE,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
    ];
    request.method() == Method::GET
        && !CONDITIONS
            .iter()
            .any(|name| request.headers().contains_key(name))
}

/// The last element of a path, as Go's `path.Base` has it: no slashes at the end.
fn last_element(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/');
    let path = end.and_then(|end| path.get(..=end)).unwrap_or_default();
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

fn redirected(slash: Slash, request: &Request) -> Response {
    let original = uri::decoded_path(Context::of(request).original_uri());
    match slash {
        Slash::More => redirect::to(&[&original, &b"/"[..]].concat(), request),
        Slash::Less => redirect::to(original.strip_suffix(b"/").unwrap_or(&original), request),
    }
}

/// A path that the system does not take is the client's fault.
pub(super) fn unknown(error: io::Error) -> HandlerError {
    let status = match error.kind() {
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        io::ErrorKind::InvalidInput
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::NotADirectory => StatusCode::BAD_REQUEST,
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    HandlerError::status(status).because(error)
}

/// Seconds after which a client may ask again, as Caddy has them: chance keeps them from coming all at once.
const ASK_AGAIN: std::ops::Range<u64> = 2..5;

/// Without permission it is forbidden; else there are too many open files, most likely.
fn closed(error: io::Error, request: &Request) -> HandlerError {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return HandlerError::status(StatusCode::FORBIDDEN).because(error);
    }
    let seconds = rand::random_range(ASK_AGAIN);
    let mut notes = Context::of(request).notes();
    let headers = notes.response_headers();
    headers.insert(header::RETRY_AFTER, seconds.into());
    HandlerError::status(StatusCode::SERVICE_UNAVAILABLE).because(error)
}
