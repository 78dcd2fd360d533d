//! What the comparison with Caddy cannot show: limits, odd files, names that try to be more than names.

use std::fs;
use std::path::Path;

use caddis_ir::{Browse, FileServer, Handler};
use http_body_util::BodyExt;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::download::{Download, Piece};
use super::find::CHUNK;
use super::ranges::{self, Fault, Range};
use crate::testing::{Served, serve};

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn served(root: &Path, config: FileServer) -> Served {
    serve(Handler::FileServer(Box::new(FileServer {
        root: root.to_str().unwrap().into(),
        ..config
    })))
}

fn listing() -> FileServer {
    FileServer {
        browse: Some(Browse::default()),
        ..FileServer::default()
    }
}

#[tokio::test]
async fn a_file_of_many_pieces_arrives_whole() {
    let size = usize::try_from(CHUNK).unwrap() * 3 + 7;
    let content: Vec<u8> = (0..size)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let folder = folder(&[("big", &content)]);
    let server = served(folder.path(), FileServer::default());
    let answer = server.get("/big").await;
    assert_eq!(answer.field("content-length"), [size.to_string()]);
    assert!(answer.body == content);
    let part = server
        .get_with("/big", &[("range", "bytes=131071-262145")])
        .await;
    assert!(part.body == content[131_071..=262_145]);
}

#[tokio::test]
async fn a_file_that_becomes_shorter_breaks_off() {
    let folder = folder(&[("big", &[b'x'; 1000])]);
    let file = fs::File::open(folder.path().join("big")).unwrap();
    let whole = Range {
        start: 0,
        length: 1000,
    };
    let download = Download::new(file, [Piece::Part(whole)].into());
    fs::write(folder.path().join("big"), b"short").unwrap();
    assert!(download.collect().await.is_err());
}

#[test]
fn a_request_for_very_many_parts_is_refused() {
    let parts = |count: usize| format!("bytes={}", vec!["0-0"; count].join(","));
    assert_eq!(
        ranges::read(parts(256).as_bytes(), 1000).unwrap().len(),
        256
    );
    let refused = ranges::read(parts(257).as_bytes(), 1000);
    assert_eq!(refused, Err(Fault::Unreadable));
}

#[tokio::test]
async fn a_tag_of_any_length_is_not_read() {
    let long = vec![b'x'; 1025];
    let folder = folder(&[
        ("a", b"a"),
        ("a.tag", &long),
        ("b", b"b"),
        ("b.tag", b"\"b\"\n"),
    ]);
    let config = FileServer {
        etag_file_extensions: vec![".tag".into()],
        ..FileServer::default()
    };
    let server = served(folder.path(), config);
    assert_eq!(server.get("/a").await.status, 500);
    assert_eq!(server.get("/b").await.field("etag"), ["\"b\""]);
}

#[tokio::test]
async fn nobody_waits_for_a_pipe() {
    let folder = folder(&[]);
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let server = served(folder.path(), FileServer::default());
    assert_eq!(server.get("/pipe").await.status, 404);
}

#[tokio::test]
async fn a_name_says_nothing_of_another_host_or_path() {
    let folder = folder(&[("\\evil.test/index.html", b""), ("a?b/index.html", b"")]);
    let server = served(folder.path(), FileServer::default());
    for (path, location) in [
        ("/%5cevil.test", "/%5Cevil.test/"),
        ("/a%3fb", "/a%3Fb/"),
        ("/%5cevil.test?q=1", "/%5Cevil.test/?q=1"),
        ("/%5Cother.test%3f/%2e%2e/a%3fb", "/a%3Fb/"),
        ("//evil.test/%2e%2e/a%3fb", "/a%3Fb/"),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.field("location"), [location], "{path}");
    }
}

#[tokio::test]
async fn names_in_a_list_stay_names() {
    let folder = folder(&[
        ("<b>&'\".txt", b""),
        ("a:b.txt", b""),
        ("javascript:x", b""),
    ]);
    let server = served(folder.path(), listing());
    let answer = server.get("/").await;
    let page = answer.text();
    assert!(!page.contains("<b>"), "{page}");
    assert!(
        page.contains("<a href=\"./%3Cb%3E&amp;%27%22.txt\">&lt;b&gt;&amp;&#39;&#34;.txt</a>"),
        "{page}"
    );
    assert!(page.contains("<a href=\"./javascript:x\">"), "{page}");
}

#[tokio::test]
async fn the_path_of_a_list_stays_text() {
    let folder = folder(&[("<script>x/f", b"")]);
    let answer = served(folder.path(), listing())
        .get("/%3Cscript%3Ex/")
        .await;
    let page = answer.text();
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("<title>&lt;script&gt;x</title>"), "{page}");
}

#[tokio::test]
async fn a_list_has_an_end() {
    let files: Vec<_> = (0..20).map(|at| format!("file-{at}")).collect();
    let files: Vec<_> = files.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let folder = folder(&files);
    let mut config = listing();
    config.browse.as_mut().unwrap().file_limit = 7;
    let server = served(folder.path(), config);
    let json = server
        .get_with("/", &[("accept", "application/json")])
        .await;
    assert_eq!(json.text().matches("\"name\"").count(), 7);
}

#[test]
fn what_the_system_says_becomes_a_status() {
    use std::io::{Error, ErrorKind};
    for (kind, status) in [
        (ErrorKind::PermissionDenied, 403),
        (ErrorKind::InvalidInput, 400),
        (ErrorKind::NotADirectory, 400),
        (ErrorKind::Other, 500),
    ] {
        let error = super::server::unknown(Error::from(kind));
        assert_eq!(error.status.unwrap(), status, "{kind}");
    }
}
