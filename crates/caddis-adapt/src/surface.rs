//! The names that Caddy 2.11 has, so that what is not there yet can be refused by name.

/// Directives that become routes, in the order in which Caddy sorts them.
pub(crate) const ORDER: &[&str] = &[
    "tracing",
    // set variables that the others may use
    "map",
    "vars",
    "fs",
    "root",
    "log_append",
    "skip_log",
    "log_skip",
    "log_name",
    // edit headers
    "header",
    "copy_response_headers",
    "request_body",
    "redir",
    // change the request
    "method",
    "rewrite",
    "uri",
    "try_files",
    // stand around what comes after them
    "basicauth",
    // of a plugin, which puts it here
    "rate_limit",
    "basic_auth",
    "forward_auth",
    "request_header",
    "encode",
    "push",
    "intercept",
    "templates",
    // choose among routes
    "invoke",
    "handle",
    "handle_path",
    "route",
    // answer
    "abort",
    "error",
    "copy_response",
    "respond",
    "metrics",
    "reverse_proxy",
    "php_fastcgi",
    "file_server",
    "acme_server",
];

/// Directives that are settings of a site.
pub(crate) const SETTINGS: &[&str] = &["bind", "handle_errors", "log", "tls"];

/// Matchers.
pub(crate) const MATCHERS: &[&str] = &[
    "client_ip",
    "expression",
    "file",
    "header",
    "header_regexp",
    "host",
    "method",
    "not",
    "path",
    "path_regexp",
    "protocol",
    "query",
    "remote_ip",
    "tls",
    "vars",
    "vars_regexp",
];

/// Global options.
pub(crate) const OPTIONS: &[&str] = &[
    "acme_ca",
    "acme_ca_root",
    "acme_dns",
    "acme_eab",
    "admin",
    "auto_https",
    "cert_issuer",
    "cert_lifetime",
    "debug",
    "default_bind",
    "default_sni",
    "dns",
    "ech",
    "email",
    "events",
    "fallback_sni",
    "filesystem",
    "grace_period",
    "http_port",
    "https_port",
    "key_type",
    "local_certs",
    "log",
    "metrics",
    "ocsp_interval",
    "ocsp_stapling",
    "on_demand_tls",
    "order",
    "persist_config",
    "pki",
    "preferred_chains",
    "renew_interval",
    "renewal_window_ratio",
    "servers",
    "shutdown_delay",
    "skip_install_trust",
    "storage",
    "storage_check",
    "storage_clean_interval",
    "tls_resolvers",
];

/// All directives of Caddy.
pub(crate) fn directives() -> impl Iterator<Item = &'static str> {
    ORDER.iter().chain(SETTINGS).copied()
}
