//! Templates with requests of strangers.

use std::path::Path;

use caddis_ir::{FileServer, Handler, MatcherSet, Route, StaticResponse, Templates};

use crate::testing::{Served, route, serve_routes};

fn templates(root: &Path) -> Handler {
    Handler::Templates(Templates {
        file_root: root.to_str().expect("the name is UTF-8").to_owned(),
        ..Templates::default()
    })
}

fn files(root: &Path) -> Handler {
    Handler::FileServer(Box::new(FileServer {
        root: root.to_str().expect("the name is UTF-8").to_owned(),
        ..FileServer::default()
    }))
}

/// Pages in a folder, which are templates.
struct Site {
    folder: tempfile::TempDir,
    served: Served,
}

fn site(pages: &[(&str, &str)]) -> Site {
    site_with(pages, Vec::new())
}

fn site_with(pages: &[(&str, &str)], before: Vec<Route>) -> Site {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let root = folder.path().join("www");
    std::fs::create_dir(&root).expect("the folder is new");
    for (name, text) in pages {
        std::fs::write(root.join(name), text).expect("the folder can be written");
    }
    let mut routes = before;
    routes.push(route(None, vec![templates(&root), files(&root)]));
    let served = serve_routes(routes);
    Site { folder, served }
}

impl Site {
    async fn text(&self, path: &str) -> String {
        let answer = self.served.get(path).await;
        format!("{} {}", answer.status.as_u16(), answer.text())
    }
}

#[tokio::test]
async fn what_a_client_sends_is_never_run() {
    let site = site(&[
        (
            "a.html",
            "{{ .Req.URL.Query.Get \"x\" }}|{{ .Req.Header.Get \"X-A\" }}|{{ placeholder \"http.request.uri.query.x\" }}",
        ),
        (
            "b.html",
            "{{ $x := .Req.URL.Query.Get \"x\" }}{{ define \"t\" }}{{ . }}{{ end }}{{ template \"t\" $x }}{{ include \"part.html\" $x }}",
        ),
        ("part.html", "{{ index .Args 0 }}"),
        (
            "c.html",
            "{{ httpInclude \"/a.html?x=%7B%7Bfail+1%7D%7D\" }}",
        ),
        (
            "d.html",
            "{{ httpInclude (print \"/a.html?x=\" (.Req.URL.Query.Get \"x\" | urlquery)) }}",
        ),
    ]);
    let evil = "%7B%7Bfail+%22run%22%7D%7D";
    assert_eq!(
        site.text(&format!("/a.html?x={evil}")).await,
        "200 {{fail \"run\"}}||{{fail \"run\"}}"
    );
    let b = site.text(&format!("/b.html?x={evil}")).await;
    assert_eq!(b, "200 {{fail \"run\"}}{{fail \"run\"}}");
    assert_eq!(site.text("/c.html").await, "200 {{fail 1}}||{{fail 1}}");
    let d = site.text(&format!("/d.html?x={evil}")).await;
    assert_eq!(d, "200 {{fail \"run\"}}||{{fail \"run\"}}");
}

#[tokio::test]
async fn no_file_above_the_root_is_read() {
    let site = site(&[("a.html", "{{ readFile (.Req.URL.Query.Get \"x\") }}")]);
    std::fs::write(site.folder.path().join("secret"), "secret").unwrap();
    std::fs::write(site.folder.path().join("www/open"), "open").unwrap();
    for (name, expected) in [
        ("open", "200 open"),
        ("../../open", "200 open"),
        ("../secret", "500 "),
        ("..%2fsecret", "500 "),
        ("/../../../../../etc/passwd", "500 "),
        ("sub/../../secret", "500 "),
        ("open%00", "500 "),
        ("", "500 "),
    ] {
        assert_eq!(
            site.text(&format!("/a.html?x={name}")).await,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_pipe_is_not_waited_for() {
    let site = site(&[
        ("a.html", "{{ readFile \"pipe\" }}"),
        ("b.html", "{{ fileExists \"pipe\" }}"),
    ]);
    let pipe = site.folder.path().join("www/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    assert_eq!(site.text("/a.html").await, "500 ");
    assert_eq!(site.text("/b.html").await, "200 true");
}

#[tokio::test]
async fn pages_that_include_themselves_end() {
    let site = site(&[
        ("a.html", "{{ include \"a.html\" }}"),
        ("b.html", "{{ httpInclude \"/b.html\" }}"),
        (
            "c.html",
            "{{ range 1000 }}{{ httpInclude \"/plain.txt\" }}{{ end }}",
        ),
        (
            "d.html",
            "{{ range 100 }}{{ httpInclude \"/plain.txt\" }}{{ end }}",
        ),
        ("plain.txt", "x"),
    ]);
    assert_eq!(site.text("/a.html").await, "500 ");
    assert_eq!(site.text("/b.html").await, "500 ");
    assert_eq!(site.text("/c.html").await, "500 ");
    assert_eq!(
        site.text("/d.html").await,
        format!("200 {}", "x".repeat(100))
    );
}

#[tokio::test]
async fn a_field_cannot_become_two() {
    let page = "{{ .RespHeader.Set \"X-A\" (.Req.URL.Query.Get \"x\") }}{{ .RespHeader.Set \"Content-Length\" \"99\" }}ok";
    let site = site(&[
        ("a.html", page),
        ("b.html", "{{ .RespHeader.Set \"X A\" \"b\" }}"),
    ]);
    let answer = site.served.get("/a.html?x=a%0d%0aX-Evil:+b").await;
    assert_eq!(answer.field("x-evil"), Vec::<String>::new());
    assert_eq!(answer.field("x-a"), ["a  X-Evil: b"]);
    assert_eq!(answer.field("content-length"), ["2"]);
    assert_eq!(site.text("/b.html").await, "500 ");
}

#[tokio::test]
async fn what_is_not_utf_8_is_a_template_only_with_actions() {
    let site = site(&[]);
    let www = site.folder.path().join("www");
    std::fs::write(www.join("a.html"), b"\xe4 without").unwrap();
    std::fs::write(www.join("b.html"), b"\xe4 {{ 1 }}").unwrap();
    assert_eq!(site.served.get("/a.html").await.body, b"\xe4 without");
    assert_eq!(site.text("/b.html").await, "500 ");
}

#[tokio::test]
async fn an_included_answer_that_is_no_template_is_run_as_in_caddy() {
    let answer = StaticResponse::default().body("{{ .Host }}!");
    let only = MatcherSet {
        path: Some(vec!["/raw".into()]),
        ..MatcherSet::default()
    };
    let raw = route(only, vec![answer.into()]);
    let site = site_with(&[("a.html", "{{ httpInclude \"/raw\" }}")], vec![raw]);
    assert!(site.text("/a.html").await.ends_with('!'));
    assert_eq!(site.text("/raw").await, "200 {{ .Host }}!");
}

#[tokio::test]
async fn a_server_that_is_gone_leaves_no_page_behind() {
    let site = site(&[
        ("a.html", "{{ httpInclude \"/plain.txt\" }}"),
        ("plain.txt", "x"),
    ]);
    assert_eq!(site.text("/a.html").await, "200 x");
    let tree = site
        .served
        .app()
        .servers()
        .next()
        .map(|(_, tree)| tree.root());
    let weak = tree.expect("there is one server").weak();
    assert!(weak.upgrade().is_some());
    drop(site);
    assert!(weak.upgrade().is_none());
}
