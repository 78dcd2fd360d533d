//! What caddis and Caddy read.

use std::fmt::Write as _;

use super::world::{HASH, LIMIT, Place, TOKEN, USER, host_of_site, path_of_route};
use crate::authority::{CERTIFICATE, KEY};
use crate::job::Setup;

/// The Caddyfile for a setup.
pub(crate) fn caddyfile(place: &Place) -> String {
    let admin = match place.setup {
        Setup::Usual | Setup::Routes(_) => "off".to_owned(),
        Setup::Sites(_) => format!("127.0.0.1:{}", place.admin),
    };
    let mut text = format!(
        "{{\n\tadmin {admin}\n\tauto_https disable_redirects\n\tskip_install_trust\n\tgrace_period 1s\n\tservers {{\n\t\tprotocols h1 h2\n\t}}\n}}\n\n"
    );
    text.push_str(&snippets(place));
    let sites = match place.setup {
        Setup::Usual => usual(place),
        Setup::Routes(count) => routes(place.plain, count),
        Setup::Sites(count) => sites(place, count),
    };
    text + &sites
}

fn usual(place: &Place) -> String {
    let Place { plain, tls, .. } = place;
    let (certificate, key) = (place.shared(CERTIFICATE), place.shared(KEY));
    format!(
        "http://localhost:{plain} {{\n\timport site\n}}\n\nhttps://localhost:{tls} {{\n\timport site\n\ttls {certificate} {key}\n}}\n"
    )
}

fn routes(plain: u16, count: usize) -> String {
    let mut text = format!("http://localhost:{plain} {{\n\tbind 127.0.0.1\n\timport fields\n");
    for at in 0..count {
        let path = path_of_route(at);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\thandle {path}* {{\n\t\theader X-Route {at}\n\t\timport checked\n\t}}\n"
        );
    }
    text.push_str("}\n");
    text
}

fn sites(place: &Place, count: usize) -> String {
    let Place { plain, version, .. } = place;
    let mut text = String::new();
    for at in 0..count {
        let host = host_of_site(at);
        let _ = write!(
            text,
            "http://{host}:{plain} {{\n\tbind 127.0.0.1\n\theader X-Version {version}\n\timport fields\n\timport checked\n}}\n"
        );
    }
    text
}

/// What sites import.
fn snippets(place: &Place) -> String {
    let backend = place.backend;
    format!(
        r#"(fields) {{
	header {{
		X-Content-Type-Options nosniff
		X-Served-To {{remote_host}}
		-Server
	}}
}}

(proxy) {{
	reverse_proxy 127.0.0.1:{backend} {{
		header_up X-Real-IP {{remote_host}}
		header_up -Authorization
		header_down -X-Internal
	}}
}}

(checked) {{
	@stranger not header Authorization "Bearer {TOKEN}"
	respond @stranger 401
	import proxy
}}

(site) {{
	bind 127.0.0.1
	import fields
	handle /login/* {{
		basic_auth {{
			{USER} {HASH}
		}}
		import proxy
	}}
	handle /small/* {{
		request_body {{
			max_size {LIMIT}
		}}
		import checked
	}}
	handle {{
		import checked
	}}
}}

"#
    )
}
