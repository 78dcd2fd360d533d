//! The config is read, changed and replaced over the admin endpoint.

use super::managed::Managed;
use crate::server::free_port;

#[test]
fn a_config_takes_the_place_of_another_one_or_it_stays() {
    let managed = Managed::start();
    let loaded = managed.load("text/caddyfile", &managed.config("first"));
    assert_eq!((loaded.status, loaded.body.as_str()), (200, ""));
    assert_eq!(managed.word(), "first");
    for (kind, config) in [
        (
            "text/caddyfile",
            managed.config("x").replace("respond", "respnd"),
        ),
        ("text/nope", managed.config("x")),
        ("application/json", managed.config("x")),
        ("application/json", "[]".into()),
        ("application/json", r#"{"nope":1}"#.into()),
        (
            "application/json",
            // The endpoint stays where it is: Caddy would lose it in a load that fails.
            format!(
                r#"{{"admin":{{"listen":"localhost:{}"}},"apps":{{"http":{{"servers":{{"a":{{"listen":["127.0.0.1:99999"]}}}}}}}}}}"#,
                managed.admin
            ),
        ),
        ("application/json", "[".repeat(10_000)),
    ] {
        let refused = managed.load(kind, &config);
        assert_eq!(refused.status, 400, "{kind} {}", refused.body);
        assert!(
            refused.body.starts_with(r#"{"error":""#),
            "{}",
            refused.body
        );
    }
    assert_eq!(managed.word(), "first");
    let unformatted = managed.config("second").replace('\t', " ");
    let loaded = managed.load("text/caddyfile", &unformatted);
    assert_eq!(loaded.status, 200);
    assert!(
        loaded.body.starts_with(r#"[{"file":"Caddyfile","line":2,"#),
        "{}",
        loaded.body
    );
    assert_eq!(managed.word(), "second");
    let adapted = managed.send(&format!(
        "POST /adapt HTTP/1.1\nHost: localhost:{{P}}\nContent-Type: text/caddyfile\n\n{}",
        managed.config("third")
    ));
    assert_eq!(adapted.status, 200);
    assert!(
        adapted.body.starts_with(r#"{"result":{"admin":"#),
        "{}",
        adapted.body
    );
    assert_eq!(managed.word(), "second");
}

#[test]
fn parts_of_the_config_are_read_and_changed() {
    const ROUTES: &str = "/config/apps/http/servers/srv0/routes";
    let managed = Managed::start();
    let listen = managed.get("/config/admin/listen");
    assert_eq!(listen.body, format!("\"localhost:{}\"\n", managed.admin));
    let etag = listen
        .head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "));
    let etag = etag.expect("a part has a tag").to_owned();
    assert!(etag.starts_with("\"/config/admin/listen "), "{etag}");
    let find = managed.get("/config/apps/http/servers/srv0/listen").body;
    assert_eq!(find, format!("[\":{}\"]\n", managed.server.http));
    let json = "Host: localhost:{P}\nContent-Type: application/json";
    for (line, fields, body, status) in [
        (
            "PUT {}/0",
            "",
            r#"{"@id":"mine","handle":[{"handler":"static_response","body":"by id"}]}"#,
            200,
        ),
        ("PATCH /id/mine/handle/0/body", "", r#""changed""#, 200),
        ("POST {}", "", r#"{"@id":"mine"}"#, 400),
        ("PUT {}", "", "[]", 409),
        ("PATCH {}/99", "", "{}", 500),
        ("PATCH /config/nope", "", "{}", 404),
        ("DELETE /config/nope", "", "", 404),
        ("DELETE /id/nope", "", "", 404),
        ("POST {}", "", "{", 500),
        ("POST {}", "", r#"{"nope":1}"#, 500),
        (
            "PATCH /config/admin/enforce_origin",
            "\nIf-Match: \"/config/admin 12\"",
            "true",
            412,
        ),
        (
            "PUT /config/admin/enforce_origin",
            "\nIf-Match: ETAG",
            "false",
            200,
        ),
        (
            "PUT /config/admin/enforce_origin",
            "\nIf-Match: x",
            "false",
            400,
        ),
    ] {
        let line = line.replace("{}", ROUTES);
        let fields = fields.replace("ETAG", &etag);
        let answer = managed.send(&format!("{line} HTTP/1.1\n{json}{fields}\n\n{body}"));
        assert_eq!(answer.status, status, "{line} {body}: {}", answer.body);
    }
    assert_eq!(managed.word(), "changed");
    let route = managed.get("/id/mine");
    assert_eq!(
        route.body,
        "{\"@id\":\"mine\",\"handle\":[{\"body\":\"changed\",\"handler\":\"static_response\"}]}\n"
    );
    let path = "/config/apps/http/servers/srv0/routes/0";
    assert!(
        route.head.contains(&format!("etag: \"{path} ")),
        "{}",
        route.head
    );
    for (path, status, body) in [
        ("/config/nope", 200, "null\n"),
        ("/config/nope/deeper", 400, ""),
        ("/config/apps/http/servers/srv0/listen/7", 400, ""),
        ("/id/nope", 404, ""),
    ] {
        let answer = managed.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert!(
            body.is_empty() || answer.body == body,
            "{path}: {}",
            answer.body
        );
    }
}

#[test]
fn the_endpoint_moves_with_the_config() {
    let managed = Managed::start();
    let other = free_port();
    let config = managed
        .config("moved")
        .replace(&managed.admin.to_string(), &other.to_string());
    assert_eq!(managed.load("text/caddyfile", &config).status, 200);
    let managed = Managed {
        admin: other,
        ..managed
    };
    assert_eq!(managed.get("/config/").status, 200);
    assert_eq!(managed.word(), "moved");
}
