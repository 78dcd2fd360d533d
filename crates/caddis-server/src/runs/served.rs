//! The table of what of the JSON is served. What works is added here and in the files beside it, and nowhere else.

use super::Runs::{self, Each, Fields as Of, Module, Whole};
use super::served_automation::{PKI, TLS};
use super::served_handlers::HANDLER;
use super::served_logs::LOG;
use super::served_tls::CONNECTION_POLICY;

pub(super) static WHOLE: Runs = Whole;

pub(super) static CONFIG: Runs = Of(&[
    (
        "admin",
        &Of(&[
            ("disabled", &WHOLE),
            ("listen", &WHOLE),
            ("enforce_origin", &WHOLE),
            ("origins", &WHOLE),
            ("config", &Of(&[("persist", &WHOLE)])),
        ]),
    ),
    ("logging", &Of(&[("logs", &Each(&LOG))])),
    ("storage", &STORAGE),
    (
        "apps",
        &Of(&[
            // There are no handlers that could be subscribed, as in a Caddy without plugins.
            ("events", &Of(&[("subscriptions", &WHOLE)])),
            ("http", &HTTP),
            ("pki", &PKI),
            ("tls", &TLS),
        ]),
    ),
]);

pub(super) static HTTP: Runs = Of(&[
    ("http_port", &WHOLE),
    ("https_port", &WHOLE),
    ("grace_period", &WHOLE),
    ("shutdown_delay", &WHOLE),
    ("servers", &Each(&SERVER)),
    ("metrics", &METRICS),
]);

/// Caddy sends them over OTLP as well if asked to.
pub(super) static METRICS: Runs = Of(&[("per_host", &WHOLE), ("observe_catchall_hosts", &WHOLE)]);

pub(super) static SERVER: Runs = Of(&[
    ("listen", &WHOLE),
    ("listener_wrappers", &Each(&LISTENER_WRAPPER)),
    ("read_timeout", &WHOLE),
    ("read_header_timeout", &WHOLE),
    ("write_timeout", &WHOLE),
    ("idle_timeout", &WHOLE),
    ("keepalive_interval", &WHOLE),
    ("keepalive_idle", &WHOLE),
    ("keepalive_count", &WHOLE),
    ("max_header_bytes", &WHOLE),
    // Answers never wait for the end of a request here.
    ("enable_full_duplex", &WHOLE),
    // What HTTP/3 may do, which is not served: nothing is taken from a client before its handshake.
    ("allow_0rtt", &WHOLE),
    ("routes", &ROUTES),
    ("errors", &Of(&[("routes", &ROUTES)])),
    ("named_routes", &Each(&ROUTE)),
    ("tls_connection_policies", &Each(&CONNECTION_POLICY)),
    (
        "automatic_https",
        &Of(&[
            ("disable", &WHOLE),
            ("disable_redirects", &WHOLE),
            ("disable_certificates", &WHOLE),
            ("skip", &WHOLE),
            ("skip_certificates", &WHOLE),
            ("ignore_loaded_certificates", &WHOLE),
        ]),
    ),
    ("strict_sni_host", &WHOLE),
    ("trusted_proxies", &IP_SOURCE),
    ("client_ip_headers", &WHOLE),
    ("trusted_proxies_strict", &WHOLE),
    ("trusted_proxies_unix", &WHOLE),
    (
        "logs",
        &Of(&[
            ("default_logger_name", &WHOLE),
            ("logger_names", &WHOLE),
            ("skip_hosts", &WHOLE),
            ("skip_unmapped_hosts", &WHOLE),
            ("should_log_credentials", &WHOLE),
        ]),
    ),
    ("protocols", &WHOLE),
    ("metrics", &METRICS),
]);

pub(super) static LISTENER_WRAPPER: Runs = Module(
    "wrapper",
    &[
        ("http_redirect", &Of(&[("max_header_bytes", &WHOLE)])),
        (
            "proxy_protocol",
            &Of(&[
                ("timeout", &WHOLE),
                ("allow", &WHOLE),
                ("deny", &WHOLE),
                ("fallback_policy", &WHOLE),
            ]),
        ),
        ("tls", &Of(&[])),
    ],
);

pub(super) static ROUTES: Runs = Each(&ROUTE);

pub(super) static ROUTE: Runs = Of(&[
    ("group", &WHOLE),
    ("match", &Each(&MATCHER_SET)),
    ("handle", &Each(&HANDLER)),
    ("terminal", &WHOLE),
]);

pub(super) static MATCHER_SET: Runs = Of(&[
    ("client_ip", &Of(&[("ranges", &WHOLE)])),
    ("expression", &WHOLE),
    (
        "file",
        &Of(&[
            ("fs", &WHOLE),
            ("root", &WHOLE),
            ("try_files", &WHOLE),
            ("try_policy", &WHOLE),
            ("split_path", &WHOLE),
        ]),
    ),
    ("header", &WHOLE),
    ("header_regexp", &Each(&PATTERN)),
    ("host", &WHOLE),
    ("method", &WHOLE),
    ("not", &Each(&MATCHER_SET)),
    ("path", &WHOLE),
    ("path_regexp", &PATTERN),
    ("protocol", &WHOLE),
    ("query", &WHOLE),
    ("remote_ip", &Of(&[("ranges", &WHOLE)])),
    ("tls", &Of(&[("handshake_complete", &WHOLE)])),
    ("vars", &WHOLE),
    ("vars_regexp", &Each(&PATTERN)),
]);

pub(super) static PATTERN: Runs = Of(&[("name", &WHOLE), ("pattern", &WHOLE)]);

pub(super) static STORAGE: Runs = Module("module", &[("file_system", &Of(&[("root", &WHOLE)]))]);

pub(super) static IP_SOURCE: Runs = Module("source", &[("static", &Of(&[("ranges", &WHOLE)]))]);

pub(super) static CA_POOL: Runs = Module(
    "provider",
    &[
        ("combined", &Of(&[("sources", &Each(&CA_POOL))])),
        ("file", &Of(&[("pem_files", &WHOLE)])),
        (
            "http",
            &Of(&[
                ("endpoints", &WHOLE),
                (
                    "tls",
                    &Of(&[
                        ("ca", &CA_POOL),
                        ("insecure_skip_verify", &WHOLE),
                        ("handshake_timeout", &WHOLE),
                        ("server_name", &WHOLE),
                        ("renegotiation", &WHOLE),
                    ]),
                ),
            ]),
        ),
        ("inline", &Of(&[("trusted_ca_certs", &WHOLE)])),
        ("pki_intermediate", &Of(&[("authority", &WHOLE)])),
        ("pki_root", &Of(&[("authority", &WHOLE)])),
        (
            "storage",
            &Of(&[("storage", &STORAGE), ("pem_keys", &WHOLE)]),
        ),
        ("system", &Of(&[])),
    ],
);
