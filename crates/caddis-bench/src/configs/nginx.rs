//! What nginx reads.

use std::fmt::Write as _;

use super::world::{HASH, LIMIT, Place, TOKEN, USER, host_of_site, path_of_route};
use crate::authority::{CERTIFICATE, KEY};
use crate::job::Setup;

/// The file with the passwords, in the server's folder.
const PASSWORDS: &str = "passwords";

/// The whole config. nginx closes connections after 1000 requests if it is not told otherwise.
pub(crate) fn nginx(place: &Place) -> String {
    let servers = match place.setup {
        Setup::Usual => usual(place),
        Setup::Routes(count) => routes(place, count),
        Setup::Sites(count) => sites(place, count),
    };
    let (backend, buckets) = (place.backend, 65_536);
    format!(
        r#"daemon off;
worker_processes 2;
pid nginx.pid;
error_log stderr;
events {{
	worker_connections 16384;
}}
http {{
	access_log off;
	server_tokens off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	keepalive_requests 1000000000;
	keepalive_timeout 300s;
	client_max_body_size 0;
	server_names_hash_max_size {buckets};
	server_names_hash_bucket_size 128;
	map $http_authorization $stranger {{
		default 1;
		"Bearer {TOKEN}" 0;
	}}
	upstream backend {{
		server 127.0.0.1:{backend};
		keepalive 256;
		keepalive_requests 1000000000;
	}}
	proxy_http_version 1.1;
	proxy_request_buffering off;
	proxy_max_temp_file_size 0;
	proxy_set_header Connection "";
	proxy_set_header Host $http_host;
	proxy_set_header Authorization "";
	proxy_set_header X-Real-IP $remote_addr;
	proxy_set_header X-Forwarded-For $remote_addr;
	proxy_set_header X-Forwarded-Host $http_host;
	proxy_set_header X-Forwarded-Proto $scheme;
	proxy_hide_header X-Internal;
{servers}}}
"#
    )
}

/// The file of passwords that the config names.
pub(crate) fn passwords() -> (&'static str, String) {
    (PASSWORDS, format!("{USER}:{HASH}\n"))
}

/// The fields of answers; a location with one of its own would not have those of the server.
const FIELDS: &str =
    "add_header X-Content-Type-Options nosniff always; add_header X-Served-To $remote_addr always;";
/// Refuses requests without the token. Only streams are not buffered: for all else nginx is faster with it.
const CHECKED: &str = "if ($stranger) { return 401; } proxy_pass http://backend;";

fn usual(place: &Place) -> String {
    let Place { plain, tls, .. } = place;
    let (certificate, key) = (place.shared(CERTIFICATE), place.shared(KEY));
    format!(
        r#"	server {{
		listen 127.0.0.1:{plain} reuseport;
		listen 127.0.0.1:{tls} reuseport ssl http2;
		server_name localhost;
		ssl_certificate {certificate};
		ssl_certificate_key {key};
		ssl_protocols TLSv1.2 TLSv1.3;
		{FIELDS}
		location /login/ {{
			auth_basic "restricted";
			auth_basic_user_file {PASSWORDS};
			proxy_pass http://backend;
		}}
		location /small/ {{ client_max_body_size {LIMIT}; {CHECKED} }}
		location /stream/ {{ proxy_buffering off; {CHECKED} }}
		location / {{ {CHECKED} }}
	}}
"#
    )
}

fn routes(place: &Place, count: usize) -> String {
    let mut text = format!(
        "\tserver {{\n\t\tlisten 127.0.0.1:{} reuseport;\n\t\tserver_name localhost;\n",
        place.plain
    );
    for at in 0..count {
        let path = path_of_route(at);
        let _ = writeln!(
            text,
            "\t\tlocation {path} {{ {FIELDS} add_header X-Route {at} always; {CHECKED} }}"
        );
    }
    text.push_str("\t}\n");
    text
}

fn sites(place: &Place, count: usize) -> String {
    let Place { plain, version, .. } = place;
    let mut text = String::new();
    for at in 0..count {
        let host = host_of_site(at);
        // What a socket is like may be said once only.
        let reuseport = if at == 0 { " reuseport" } else { "" };
        let _ = writeln!(
            text,
            "\tserver {{ listen 127.0.0.1:{plain}{reuseport}; server_name {host}; {FIELDS} add_header X-Version {version} always; \
             location / {{ {CHECKED} }} }}"
        );
    }
    text
}
