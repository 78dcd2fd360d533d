//! One request and its answer: each has a connection of its own.

use std::ffi::OsString;
use std::future::poll_fn;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use http::{Method, Version};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::io::{AsyncWriteExt as _, WriteHalf, split};
use tokio::task::spawn_blocking;

use super::head;
use super::record;
use super::stdout::{Stdout, Uploading};
use super::variables::{Script, Settings};
use crate::handlers::reverse_proxy::answer_body::AnswerBody;
use crate::handlers::reverse_proxy::exchange::Answer;
use crate::handlers::reverse_proxy::failure::Reason;
use crate::handlers::reverse_proxy::upload::Upload;
use crate::{Body, BodyError, Stream};

/// The most bytes of a body whose length the client does not say: programs want to know it first.
const MAX_UNSIZED: usize = 8 << 20;

/// How programs are asked.
#[derive(Debug)]
pub(in super::super) struct Cgi {
    pub(in super::super) settings: Settings,
    pub(super) logs_complaints: bool,
}

/// Asks a program, and returns its answer as soon as the head of it is there.
pub(in super::super) async fn ask(
    cgi: &Cgi,
    stream: Box<dyn Stream>,
    request: http::Request<Upload>,
) -> Result<Answer, Reason> {
    let (mut head, body) = request.into_parts();
    let script = head.extensions.remove::<Script>().ok_or(Reason::NoScript)?;
    let script = resolved(script).await;
    let (body, length) = sized(body).await?;
    let uri = head.uri.to_string();
    let script = script.with_header(&head.headers, length);
    let variables = script.variables.iter();
    let begin = record::begin(variables.map(|(name, value)| (&name[..], &value[..])));
    let (reader, writer) = split(stream);
    let uploading: Uploading = Box::pin(upload(writer, begin, body));
    let complaints = cgi.logs_complaints.then_some(uri);
    let mut stdout = Stdout::new(reader, uploading, complaints);
    let (answer, rest) = read_head(&mut stdout).await?;
    stdout.has_failed(answer.status.is_client_error() || answer.status.is_server_error());
    poll_fn(|cx| std::task::Poll::Ready(stdout.look_ahead(rest.clone(), cx)))
        .await
        .map_err(Reason::Program)?;
    let body = if head.method == Method::HEAD {
        AnswerBody::Empty
    } else {
        AnswerBody::Cgi(Box::new(stdout))
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // No version of HTTP was spoken, which `Via` says as `0.0`.
    *response.version_mut() = Version::HTTP_09;
    Ok(Answer {
        response,
        switched: None,
    })
}

async fn read_head(stdout: &mut Stdout) -> Result<(head::Head, Bytes), Reason> {
    let mut text = BytesMut::new();
    loop {
        let part = poll_fn(|cx| stdout.poll_part(cx)).await;
        let part = part.map_err(Reason::Program)?;
        let part = part.ok_or_else(|| Reason::Program("the answer has no header".into()))?;
        text.extend_from_slice(&part);
        let head = head::parse(&text).map_err(|why| Reason::Program(why.into()))?;
        if let Some(head) = head {
            let rest = text.split_off(head.end.min(text.len())).freeze();
            return Ok((head, rest));
        }
    }
}

/// A body with its length. One whose length nobody says is read first, within a limit.
async fn sized(body: Upload) -> Result<(Upload, u64), Reason> {
    if let Some(length) = body.size_hint().exact() {
        return Ok((body, length));
    }
    let collected = Limited::new(body, MAX_UNSIZED).collect().await;
    let bytes = collected.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Reason::LongBody
        } else {
            Reason::Upload(error)
        }
    })?;
    let bytes = bytes.to_bytes();
    let length = bytes.len() as u64;
    let body = Full::new(bytes).map_err(|never| match never {});
    Ok((Upload::new(Body::new(body)), length))
}

/// Sends the request. That a program does not read it is no fault: it may have answered.
async fn upload(
    mut writer: WriteHalf<Box<dyn Stream>>,
    begin: BytesMut,
    mut body: Upload,
) -> Result<(), BodyError> {
    if writer.write_all(&begin).await.is_err() {
        return Ok(());
    }
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame?.into_data() else {
            continue;
        };
        if writer.write_all(&record::body(&part)).await.is_err() {
            return Ok(());
        }
    }
    let _ = writer.write_all(&record::body_end()).await;
    let _ = writer.flush().await;
    Ok(())
}

/// The script with the links in its root followed, if that is wanted.
async fn resolved(script: Script) -> Script {
    if !script.follows_links {
        return script;
    }
    let root = script.variables.get(&b"DOCUMENT_ROOT"[..]).cloned();
    let Some(root) = root else {
        return script;
    };
    let path = PathBuf::from(OsString::from_vec(root.clone()));
    match spawn_blocking(|| std::fs::canonicalize(path)).await {
        Ok(Ok(real)) => script.moved(&root, &real.into_os_string().into_vec()),
        Ok(Err(_)) | Err(_) => script,
    }
}
