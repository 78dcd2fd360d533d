//! The ways in which published configs look protected and are open, each reproduced on the real Caddy.

use caddis_syntax::Memory;

use crate::{Context, Environment, Settings, lint};

const LOGIN: &str =
    "{\n\t\talice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG\n\t}";
const PROXY: &str = "reverse_proxy 127.0.0.1:11434";

/// Asserts that the rule shows the config to be open by this request.
fn open(code: &str, body: &str, request: &str) {
    let body = body.replace("LOGIN", LOGIN).replace("PROXY", PROXY);
    let text = format!("a.test {{\n\t{body}\n}}\n");
    let cx = Context::read(
        "Caddyfile",
        &text,
        &Environment::default(),
        &Memory::default(),
    );
    let found = lint(&cx, &Settings::only(code));
    let witnesses = found.iter().filter_map(|finding| finding.witness.as_ref());
    let shown: Vec<String> = witnesses
        .map(|witness| format!("{} {}", witness.request, witness.outcome))
        .collect();
    let expected = format!("{request} reaches 127.0.0.1:11434");
    assert!(
        shown.contains(&expected),
        "{code} shows {shown:?}\n{text}{:?}",
        cx.diagnostics
    );
}

const UNAUTH: &str = "@unauth not header Authorization \"Bearer {env.TOKEN}\"\n\t";

#[test]
fn a_refusal_behind_a_handle_is_shown() {
    let body = format!("{UNAUTH}respond @unauth 401\n\thandle /api/* {{\n\t\tPROXY\n\t}}");
    open("SEC007", &body, "GET https://a.test/api/tags");
    let body = format!("{UNAUTH}abort @unauth\n\troute {{\n\t\tPROXY\n\t}}");
    open("SEC007", &body, "GET https://a.test/api/tags");
    let body = format!("{UNAUTH}error @unauth 401\n\thandle_path /llm/* {{\n\t\tPROXY\n\t}}");
    open("SEC007", &body, "GET https://a.test/llm/x");
}

#[test]
fn a_login_in_a_block_beside_the_proxy_is_shown() {
    let body = "PROXY\n\thandle_path /api/* {\n\t\tbasic_auth LOGIN\n\t}";
    open("SEC008", body, "GET https://a.test/v1/models");
    let body = "handle * {\n\t\tbasic_auth LOGIN\n\t}\n\thandle /api/* {\n\t\tPROXY\n\t}";
    open("SEC008", body, "GET https://a.test/api/tags");
}

#[test]
fn a_login_behind_the_proxy_in_a_route_is_shown() {
    open(
        "SEC009",
        "route {\n\t\tPROXY\n\t\tbasic_auth LOGIN\n\t}",
        "GET https://a.test/api/tags",
    );
}

#[test]
fn a_login_for_some_paths_is_shown() {
    open(
        "SEC010",
        "basic_auth /api/* LOGIN\n\tPROXY",
        "GET https://a.test/v1/models",
    );
}

#[test]
fn a_login_that_looks_at_a_rewritten_path_is_shown() {
    let body = "basic_auth /ollama/* LOGIN\n\turi strip_prefix /ollama\n\tPROXY";
    open("SEC011", body, "GET https://a.test/ollama/x");
    let body = "handle_path /ollama/* {\n\t\tbasic_auth /ollama/* LOGIN\n\t\tPROXY\n\t}";
    open("SEC011", body, "GET https://a.test/ollama/x");
}

/// A block for who has the token, and 401 for the others.
fn guarded(matcher: &str) -> String {
    format!("@ok {matcher}\n\thandle @ok {{\n\t\tPROXY\n\t}}\n\thandle {{\n\t\trespond 401\n\t}}")
}

#[test]
fn comparisons_with_an_empty_secret_are_shown() {
    open(
        "SEC006",
        &guarded("header X-Api-Key {env.UNSET}"),
        "GET https://a.test/api/tags with `X-Api-Key: `",
    );
    let bearer = "GET https://a.test/api/tags with `Authorization: Bearer `";
    open(
        "SEC006",
        &guarded("header Authorization \"Bearer {env.UNSET}\""),
        bearer,
    );
    open(
        "SEC006",
        &guarded("header Authorization \"Bearer {$UNSET}\""),
        bearer,
    );
    open(
        "SEC006",
        &guarded("query api-key={$UNSET}"),
        "GET https://a.test/api/tags?api-key=",
    );
    open(
        "SEC015",
        &guarded("header Authorization *{env.UNSET}*"),
        "GET https://a.test/api/tags with `Authorization: x`",
    );
    open(
        "SEC034",
        &guarded("header X-Api-Key {envs.TOKEN}"),
        "GET https://a.test/api/tags with `X-Api-Key: `",
    );
}

#[test]
fn a_loose_expression_for_a_token_is_shown() {
    let body = guarded("header_regexp Authorization \"Bearer tok.en-1\"");
    open(
        "SEC016",
        &body,
        "GET https://a.test/api/tags with `Authorization: xBearer tokxen-1y`",
    );
}

#[test]
fn what_is_let_out_too_far_is_shown() {
    let body = "@protected not path /health*\n\tbasic_auth @protected LOGIN\n\tPROXY";
    open("SEC013", body, "GET https://a.test/health-secret");
    let body = "@admin path_regexp ^/api/(pull|push)\n\trespond @admin 403\n\tPROXY";
    open("SEC014", body, "GET https://a.test/API/PULL");
    open(
        "SEC012",
        "@post method POST\n\tbasic_auth @post LOGIN\n\tPROXY",
        "GET https://a.test/api/tags",
    );
}

#[test]
fn what_clients_say_of_themselves_is_shown() {
    let body = guarded("header X-Forwarded-For 10.*");
    open(
        "SEC019",
        &body,
        "GET https://a.test/api/tags with `X-Forwarded-For: 10.1`",
    );
}

/// What none of the rules for gates says anything of.
fn closed(body: &str) {
    let body = body.replace("LOGIN", LOGIN).replace("PROXY", PROXY);
    let text = format!("a.test {{\n\t{body}\n}}\n");
    let cx = Context::read(
        "Caddyfile",
        &text,
        &Environment::default(),
        &Memory::default(),
    );
    let gates = [
        "SEC007", "SEC008", "SEC009", "SEC010", "SEC011", "SEC012", "SEC013", "SEC014", "SEC015",
        "SEC016", "SEC019", "SEC034", "OLL001", "OLL004",
    ];
    let settings = Settings {
        select: gates.iter().map(|code| (*code).to_owned()).collect(),
        ..Settings::default()
    };
    let found = lint(&cx, &settings);
    let said: Vec<&str> = found
        .iter()
        .map(|finding| finding.diagnostic.message())
        .collect();
    assert!(said.is_empty(), "{said:?}\n{text}");
}

#[test]
fn what_is_closed_is_not_said_to_be_open() {
    closed("basic_auth LOGIN\n\tPROXY");
    closed("forward_auth 127.0.0.1:9000 {\n\t\turi /ask\n\t}\n\tPROXY");
    closed("route {\n\t\tbasic_auth LOGIN\n\t\tPROXY\n\t}");
    closed(
        "handle /ollama/* {\n\t\tbasic_auth LOGIN\n\t\turi strip_prefix /ollama\n\t\tPROXY\n\t}\n\thandle {\n\t\trespond 404\n\t}",
    );
    closed(
        "@lan remote_ip private_ranges\n\thandle @lan {\n\t\tPROXY\n\t}\n\thandle {\n\t\tabort\n\t}",
    );
    closed("@out not remote_ip private_ranges\n\tabort @out\n\tPROXY");
    closed(
        "@unauth not header Authorization \"Bearer {env.TOKEN}\"\n\trespond @unauth 401\n\tPROXY",
    );
    closed(
        "@unauth `{header.Authorization} != \"Bearer {env.TOKEN}\"`\n\trespond @unauth 401\n\tPROXY",
    );
    closed("tls {\n\t\tclient_auth {\n\t\t\tmode require_and_verify\n\t\t}\n\t}\n\tPROXY");
    closed("bind 127.0.0.1\n\tPROXY");
    closed("handle / {\n\t\tPROXY\n\t}\n\thandle {\n\t\tbasic_auth LOGIN\n\t\tPROXY\n\t}");
    closed(
        "handle_path /llm/* {\n\t\treverse_proxy 127.0.0.1:3000\n\t}\n\t@unauth {\n\t\tpath /mcp /mcp/*\n\t\tnot header Authorization \"Bearer {env.TOKEN}\"\n\t}\n\thandle @unauth {\n\t\trespond 401\n\t}\n\thandle /mcp* {\n\t\treverse_proxy 127.0.0.1:3001\n\t}",
    );
    closed("@protected not path /health\n\tbasic_auth @protected LOGIN\n\tPROXY");
}
