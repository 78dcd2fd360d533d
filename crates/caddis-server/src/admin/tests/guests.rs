//! Who may ask. The answers are those of Caddy 2.11.4 to the same requests over a socket; `src/tests/served/admin`
//! asks it again.

use caddis_ir::Admin;

use super::world::{request, send, status, stub};

#[tokio::test]
async fn only_hosts_of_this_machine_with_the_right_port_are_answered() {
    let stub = stub();
    for (host, expected) in [
        ("localhost:2019", 200),
        ("127.0.0.1:2019", 200),
        ("[::1]:2019", 200),
        ("LOCALHOST:2019", 403),
        ("localhost", 403),
        ("localhost.:2019", 403),
        ("localhost:80", 403),
        ("localhost:02019", 403),
        ("localhost:", 403),
        ("", 403),
        ("127.0.0.1", 403),
        ("127.1:2019", 403),
        ("127.0.0.1.:2019", 403),
        ("127.0.0.2:2019", 403),
        ("0.0.0.0:2019", 403),
        ("2130706433:2019", 403),
        ("[::1]", 403),
        ("[0:0:0:0:0:0:0:1]:2019", 403),
        ("[::ffff:127.0.0.1]:2019", 403),
        ("evil.test", 403),
        ("evil.test:2019", 403),
        ("localhost:2019.evil.test", 403),
        ("%6cocalhost:2019", 403),
        ("user@localhost:2019", 400),
        ("localhost:2019@evil", 400),
        ("local host:2019", 400),
        ("localhost:2019/x", 400),
        ("(none)", 400),
    ] {
        assert_eq!(
            status(&stub, "GET /config/", &[("host", host)]).await,
            expected,
            "{host}"
        );
    }
    let twice = [("host", "localhost:2019"), ("host", "evil.test")];
    assert_eq!(status(&stub, "GET /config/", &twice).await, 400);
}

#[tokio::test]
async fn a_host_in_the_target_counts_more_than_the_field() {
    let stub = stub();
    for (line, host, expected) in [
        ("GET http://localhost:2019/config/", "evil.test", 200),
        ("GET https://localhost:2019/config/", "localhost:2019", 200),
        ("GET http://evil.test:2019/config/", "localhost:2019", 403),
        ("GET http://localhost:2019/config/", "(none)", 400),
    ] {
        assert_eq!(
            status(&stub, line, &[("host", host)]).await,
            expected,
            "{line} {host}"
        );
    }
}

#[tokio::test]
async fn only_pages_of_this_machine_may_ask() {
    let stub = stub();
    for (origin, expected) in [
        ("http://localhost:2019", 200),
        ("https://localhost:2019", 200),
        ("//localhost:2019", 200),
        ("HTTP://localhost:2019", 200),
        ("http://127.0.0.1:2019", 200),
        ("http://[::1]:2019", 200),
        ("http://localhost:2019/path?q", 200),
        ("http://localhost:2019#x", 200),
        ("http://user@localhost:2019", 200),
        ("localhost:2019", 403),
        ("http:localhost:2019", 403),
        ("://localhost:2019", 403),
        ("http://localhost", 403),
        ("http://LOCALHOST:2019", 403),
        ("http://evil.test", 403),
        ("http://localhost:2019.evil.test", 403),
        ("http://localhost:2019, http://evil", 403),
        ("file://", 403),
        ("%zz", 403),
        ("", 403),
        ("Null", 403),
        ("null", 400),
    ] {
        let fields = [("origin", origin)];
        assert_eq!(
            status(&stub, "GET /config/", &fields).await,
            expected,
            "{origin}"
        );
        let post = status(&stub, "POST /load", &fields).await;
        assert_eq!(post, expected, "{origin}");
    }
}

#[tokio::test]
async fn browsers_say_how_they_ask() {
    let stub = stub();
    for (fields, expected) in [
        (&[("sec-fetch-mode", "no-cors")][..], 400),
        (
            &[
                ("sec-fetch-mode", "no-cors"),
                ("origin", "http://localhost:2019"),
            ],
            400,
        ),
        (&[("sec-fetch-mode", "no-cors, x")], 400),
        (&[("sec-fetch-mode", "cors")], 403),
        (&[("sec-fetch-mode", "navigate")], 403),
        (&[("sec-fetch-mode", "same-origin")], 403),
        (&[("sec-fetch-mode", "")], 403),
        (
            &[
                ("sec-fetch-mode", "cors"),
                ("origin", "http://localhost:2019"),
            ],
            200,
        ),
        (
            &[
                ("sec-fetch-mode", "cors"),
                ("referer", "http://localhost:2019/x"),
            ],
            200,
        ),
        (&[("referer", "http://evil.test/x")], 200),
        (&[("sec-fetch-site", "cross-site")], 200),
        (&[("upgrade", "websocket")], 400),
        (&[("upgrade", "x, websocket")], 400),
        (&[("upgrade", "h2c")], 200),
        (&[("host", "evil"), ("origin", "null")], 400),
        (&[("host", "evil"), ("upgrade", "websocket")], 400),
        (
            &[("host", "evil"), ("x-forwarded-host", "localhost:2019")],
            403,
        ),
    ] {
        assert_eq!(
            status(&stub, "GET /config/", fields).await,
            expected,
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn a_page_that_may_ask_is_told_so() {
    let stub = stub();
    let origin = [("origin", "http://localhost:2019/x")];
    let asked = send(
        &stub,
        &Admin::default(),
        request("OPTIONS /load", &origin, ""),
    )
    .await;
    assert_eq!(asked.status, 405);
    assert_eq!(
        asked.field("access-control-allow-origin"),
        "http://localhost:2019"
    );
    assert_eq!(
        asked.field("access-control-allow-methods"),
        "OPTIONS, GET, POST, PUT, PATCH, DELETE"
    );
    let fields = "Content-Type, Content-Length, Cache-Control";
    assert_eq!(asked.field("access-control-allow-headers"), fields);
    assert_eq!(asked.field("access-control-allow-credentials"), "true");
    let foreign = [("origin", "http://evil.test")];
    let asked = send(
        &stub,
        &Admin::default(),
        request("OPTIONS /load", &foreign, ""),
    )
    .await;
    assert_eq!(
        (asked.status, asked.field("access-control-allow-origin")),
        (403, "")
    );
}

#[tokio::test]
async fn a_config_says_who_may_ask() {
    let stub = stub();
    let mut admin = Admin {
        origins: ["http://good.test:80", "plain.test", "https://path.test/x"]
            .map(str::to_owned)
            .into(),
        ..Admin::default()
    };
    let ask = async |admin: &Admin, fields: &[(&str, &str)]| {
        send(&stub, admin, request("GET /config/", fields, ""))
            .await
            .status
    };
    for (host, expected) in [
        ("good.test:80", 200),
        ("plain.test", 200),
        ("path.test", 200),
        ("good.test", 403),
        ("localhost:2019", 403),
    ] {
        assert_eq!(ask(&admin, &[("host", host)]).await, expected, "{host}");
    }
    for (origin, expected) in [
        ("http://good.test:80", 200),
        ("https://good.test:80", 403),
        ("https://plain.test", 200),
        ("http://path.test", 403),
    ] {
        let fields = [("host", "plain.test"), ("origin", origin)];
        assert_eq!(ask(&admin, &fields).await, expected, "{origin}");
    }
    admin.enforce_origin = true;
    assert_eq!(ask(&admin, &[("host", "plain.test")]).await, 403);
    for listen in [":2019", "unix//run/a.sock"] {
        let open = Admin {
            listen: listen.into(),
            ..Admin::default()
        };
        assert_eq!(ask(&open, &[("host", "evil.test")]).await, 200, "{listen}");
        assert_eq!(
            ask(&open, &[("origin", "http://localhost:2019")]).await,
            403,
            "{listen}"
        );
    }
}
