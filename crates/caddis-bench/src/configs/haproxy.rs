//! What HAProxy reads.

use std::fmt::Write as _;

use super::world::{HASH, LIMIT, Place, TOKEN, USER, host_of_site, path_of_route};
use crate::authority::BOTH;
use crate::job::Setup;

/// The file that says what is set in the answers of which site, in the server's folder.
const SITES: &str = "sites.map";
/// Connections of clients; each may have one to the backend.
const CONNECTIONS: usize = 10_200;

/// The whole config. Without `http-no-delay` tokens would wait for more.
pub(crate) fn haproxy(place: &Place) -> String {
    let frontend = match place.setup {
        Setup::Usual => usual(place),
        Setup::Routes(count) => routes(count),
        Setup::Sites(_) => sites(place),
    };
    let (plain, backend) = (place.plain, place.backend);
    format!(
        r"global
	nbthread 2
	maxconn {CONNECTIONS}
	ssl-default-bind-options ssl-min-ver TLSv1.2
	no strict-limits
defaults
	mode http
	option http-no-delay
	option http-keep-alive
	timeout connect 5s
	timeout client 5m
	timeout server 5m
	timeout http-keep-alive 5m
userlist people
	user {USER} password {HASH}
frontend front
	bind 127.0.0.1:{plain}
{frontend}	http-request set-header X-Real-IP %[src]
	http-request set-header X-Forwarded-For %[src]
	http-request set-header X-Forwarded-Host %[req.hdr(host)]
	http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
	http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
	http-request del-header Authorization
	http-response set-header X-Content-Type-Options nosniff
	http-response set-header X-Served-To %[src]
	http-response del-header Server
	http-response del-header X-Internal
	default_backend back
backend back
	http-reuse always
	server one 127.0.0.1:{backend}
"
    )
}

/// The file of sites that the config names.
pub(crate) fn map_of_sites(place: &Place) -> Option<(&'static str, String)> {
    let Setup::Sites(count) = place.setup else {
        return None;
    };
    let mut text = String::new();
    for at in 0..count {
        let host = host_of_site(at);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{host} {}", place.version);
    }
    Some((SITES, text))
}

fn checked(condition: &str) -> String {
    format!(
        "\thttp-request deny deny_status 401 {condition} !{{ req.hdr(authorization) -m str \"Bearer {TOKEN}\" }}\n"
    )
}

fn usual(place: &Place) -> String {
    let (tls, pem) = (place.tls, place.shared(BOTH));
    let checked = checked("if !login");
    format!(
        "\tbind 127.0.0.1:{tls} ssl crt {pem} alpn h2,http/1.1\n\tacl login path_beg /login/\n\
         \thttp-request auth realm restricted if login !{{ http_auth(people) }}\n{checked}\
         \thttp-request deny deny_status 413 if {{ path_beg /small/ }} {{ req.hdr_val(content-length) gt {LIMIT} }}\n"
    )
}

fn routes(count: usize) -> String {
    let mut text = checked("if");
    for at in 0..count {
        let path = path_of_route(at);
        let _ = writeln!(
            text,
            "\thttp-request set-var(txn.route) str({at}) if {{ path_beg {path} }}"
        );
    }
    text.push_str("\thttp-response set-header X-Route %[var(txn.route)]\n");
    text
}

fn sites(place: &Place) -> String {
    let map = place.own(SITES).display().to_string();
    let mut text = checked("if");
    let _ = writeln!(
        text,
        "\thttp-request set-var(txn.version) req.hdr(host),field(1,:),map({map})\n\
         \thttp-response set-header X-Version %[var(txn.version)]"
    );
    text
}
