//! What the upstream answers: the bodies of Ollama's own API and of its OpenAI-like one.

/// The tokens of every stream.
pub(crate) const TOKENS: [&str; 3] = ["Hel", "lo", "!"];

/// The body of a stream, a piece for each token and one for the end; `None` if the path has no stream.
pub(crate) fn tokens(path: &str, body: &str) -> Option<Vec<String>> {
    if body.replace(' ', "").contains("\"stream\":false") {
        return None;
    }
    let (token, end): (fn(&str) -> String, String) = match path {
        "/api/generate" => (generated, line(r#""response":"""#, true)),
        "/api/chat" => (
            said,
            line(r#""message":{"role":"assistant","content":""}"#, true),
        ),
        "/v1/chat/completions" => (delta, "data: [DONE]\n\n".into()),
        _ => return None,
    };
    Some(TOKENS.into_iter().map(token).chain([end]).collect())
}

fn generated(token: &str) -> String {
    line(&format!(r#""response":"{token}""#), false)
}

fn said(token: &str) -> String {
    line(
        &format!(r#""message":{{"role":"assistant","content":"{token}"}}"#),
        false,
    )
}

fn line(content: &str, done: bool) -> String {
    let at = "2026-01-02T03:04:05.678Z";
    format!(r#"{{"model":"tiny","created_at":"{at}",{content},"done":{done}}}"#) + "\n"
}

fn delta(token: &str) -> String {
    let choice = format!(
        r#"{{"index":0,"delta":{{"role":"assistant","content":"{token}"}},"finish_reason":null}}"#
    );
    format!(
        r#"data: {{"id":"1","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{choice}]}}"#
    ) + "\n\n"
}

/// The head of an answer that comes in chunks.
pub(crate) fn head_of_stream(path: &str) -> String {
    let kind = if path.starts_with("/v1/") {
        "text/event-stream"
    } else {
        "application/x-ndjson"
    };
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n")
}

/// What Ollama says to who asks for a host that it does not know.
pub(crate) const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

/// An answer in one piece.
pub(crate) fn whole(path: &str) -> String {
    let body = match path {
        "/api/version" => r#"{"version":"0.0.0"}"#,
        "/api/tags" => r#"{"models":[{"model":"tiny"}]}"#,
        "/api/generate" => {
            r#"{"model":"tiny","created_at":"2026-01-02T03:04:05.678Z","response":"Hello!","done":true}"#
        }
        "/v1/models" => {
            r#"{"object":"list","data":[{"id":"tiny","object":"model","created":1,"owned_by":"library"}]}"#
        }
        _ => "{}",
    };
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}
