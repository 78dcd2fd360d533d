//! The table of what of the JSON is served. What works is added here, and nowhere else.

use super::Runs::{self, Each, Fields as Of, Module, Whole};
use super::served_tls::{CERTIFICATE_MANAGER, CERTIFICATES, CONNECTION_POLICY, TICKET_KEYS};

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

pub(super) static LOG: Runs = Of(&[
    ("writer", &WRITER),
    ("encoder", &ENCODER),
    ("level", &WHOLE),
    (
        "sampling",
        &Of(&[
            ("interval", &WHOLE),
            ("first", &WHOLE),
            ("thereafter", &WHOLE),
        ]),
    ),
    ("include", &WHOLE),
    ("exclude", &WHOLE),
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

pub(super) static HANDLER: Runs = Module(
    "handler",
    &[
        ("authentication", &Of(&[("providers", &PROVIDERS)])),
        ("copy_response", &Of(&[("status_code", &WHOLE)])),
        (
            "copy_response_headers",
            &Of(&[("include", &WHOLE), ("exclude", &WHOLE)]),
        ),
        (
            "encode",
            &Of(&[
                (
                    "encodings",
                    &Of(&[
                        ("gzip", &Of(&[("level", &WHOLE)])),
                        ("zstd", &Of(&[("level", &WHOLE), ("checksum", &WHOLE)])),
                    ]),
                ),
                ("prefer", &WHOLE),
                ("minimum_length", &WHOLE),
                ("match", &REQUIRE_RESPONSE),
            ]),
        ),
        ("error", &Of(&[("error", &WHOLE), ("status_code", &WHOLE)])),
        (
            "file_server",
            &Of(&[
                ("fs", &WHOLE),
                ("root", &WHOLE),
                ("hide", &WHOLE),
                ("index_names", &WHOLE),
                (
                    "browse",
                    &Of(&[
                        ("reveal_symlinks", &WHOLE),
                        ("sort", &WHOLE),
                        ("file_limit", &WHOLE),
                    ]),
                ),
                ("canonical_uris", &WHOLE),
                ("status_code", &WHOLE),
                ("pass_thru", &WHOLE),
                ("precompressed", &PRECOMPRESSED),
                ("precompressed_order", &WHOLE),
                ("etag_file_extensions", &WHOLE),
            ]),
        ),
        ("headers", &HEADERS),
        ("invoke", &Of(&[("name", &WHOLE)])),
        (
            "map",
            &Of(&[
                ("source", &WHOLE),
                ("destinations", &WHOLE),
                (
                    "mappings",
                    &Each(&Of(&[
                        ("input", &WHOLE),
                        ("input_regexp", &WHOLE),
                        ("outputs", &WHOLE),
                    ])),
                ),
                ("defaults", &WHOLE),
            ]),
        ),
        ("intercept", &Of(&[("handle_response", &RESPONSE_HANDLERS)])),
        (
            "log_append",
            &Of(&[("key", &WHOLE), ("value", &WHOLE), ("early", &WHOLE)]),
        ),
        ("metrics", &Of(&[("disable_openmetrics", &WHOLE)])),
        ("push", &Of(&[("resources", &WHOLE), ("headers", &WHOLE)])),
        (
            "rate_limit",
            &Of(&[
                (
                    "rate_limits",
                    &Each(&Of(&[
                        ("match", &Each(&MATCHER_SET)),
                        ("key", &WHOLE),
                        ("window", &WHOLE),
                        ("max_events", &WHOLE),
                    ])),
                ),
                ("jitter", &WHOLE),
                ("sweep_interval", &WHOLE),
                ("log_key", &WHOLE),
            ]),
        ),
        (
            "request_body",
            &Of(&[
                ("max_size", &WHOLE),
                ("read_timeout", &WHOLE),
                ("write_timeout", &WHOLE),
                ("set", &WHOLE),
            ]),
        ),
        (
            "reverse_proxy",
            &Of(&[
                ("transport", &TRANSPORT),
                ("load_balancing", &LOAD_BALANCING),
                ("health_checks", &HEALTH_CHECKS),
                (
                    "upstreams",
                    &Each(&Of(&[("dial", &WHOLE), ("max_requests", &WHOLE)])),
                ),
                ("flush_interval", &WHOLE),
                ("trusted_proxies", &WHOLE),
                ("headers", &HEADERS),
                ("request_buffers", &WHOLE),
                ("response_buffers", &WHOLE),
                ("rewrite", &REWRITE),
                ("dynamic_upstreams", &DYNAMIC_UPSTREAMS),
                ("stream_timeout", &WHOLE),
                ("stream_close_delay", &WHOLE),
                ("stream_buffer_size", &WHOLE),
                ("verbose_logs", &WHOLE),
                ("handle_response", &RESPONSE_HANDLERS),
            ]),
        ),
        ("rewrite", &REWRITE),
        (
            "static_response",
            &Of(&[
                ("status_code", &WHOLE),
                ("headers", &WHOLE),
                ("body", &WHOLE),
                ("close", &WHOLE),
                ("abort", &WHOLE),
            ]),
        ),
        (
            "subroute",
            &Of(&[("routes", &ROUTES), ("errors", &Of(&[("routes", &ROUTES)]))]),
        ),
        (
            "templates",
            &Of(&[
                ("file_root", &WHOLE),
                ("mime_types", &WHOLE),
                ("delimiters", &WHOLE),
            ]),
        ),
        (
            "tracing",
            &Of(&[("span", &WHOLE), ("span_attributes", &WHOLE)]),
        ),
        ("vars", &WHOLE),
    ],
);

pub(super) static DYNAMIC_UPSTREAMS: Runs = Module(
    "source",
    &[
        (
            "a",
            &Of(&[
                ("name", &WHOLE),
                ("port", &WHOLE),
                ("refresh", &WHOLE),
                ("resolver", &RESOLVER),
                ("dial_timeout", &WHOLE),
                ("dial_fallback_delay", &WHOLE),
                ("versions", &Of(&[("ipv4", &WHOLE), ("ipv6", &WHOLE)])),
            ]),
        ),
        ("multi", &Of(&[("sources", &Each(&DYNAMIC_UPSTREAMS))])),
        (
            "srv",
            &Of(&[
                ("service", &WHOLE),
                ("proto", &WHOLE),
                ("name", &WHOLE),
                ("refresh", &WHOLE),
                ("grace_period", &WHOLE),
                ("resolver", &RESOLVER),
                ("dial_timeout", &WHOLE),
                ("dial_fallback_delay", &WHOLE),
                ("dial_network", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static RESOLVER: Runs = Of(&[("addresses", &WHOLE)]);

pub(super) static REWRITE: Runs = Of(&[
    ("method", &WHOLE),
    ("uri", &WHOLE),
    ("strip_path_prefix", &WHOLE),
    ("strip_path_suffix", &WHOLE),
    (
        "uri_substring",
        &Each(&Of(&[
            ("find", &WHOLE),
            ("replace", &WHOLE),
            ("limit", &WHOLE),
        ])),
    ),
    (
        "path_regexp",
        &Each(&Of(&[("find", &WHOLE), ("replace", &WHOLE)])),
    ),
    (
        "query",
        &Of(&[
            ("rename", &WHOLE),
            ("set", &WHOLE),
            ("add", &WHOLE),
            ("replace", &WHOLE),
            ("delete", &WHOLE),
        ]),
    ),
]);

pub(super) static RESPONSE_HANDLERS: Runs = Each(&Of(&[
    ("match", &REQUIRE_RESPONSE),
    ("status_code", &WHOLE),
    ("routes", &ROUTES),
]));

pub(super) static REQUIRE_RESPONSE: Runs = Of(&[("status_code", &WHOLE), ("headers", &WHOLE)]);
pub(super) static LOAD_BALANCING: Runs = Of(&[
    ("selection_policy", &SELECTION_POLICY),
    ("retries", &WHOLE),
    ("try_duration", &WHOLE),
    ("try_interval", &WHOLE),
    ("retry_match", &Each(&MATCHER_SET)),
]);

pub(super) static SELECTION_POLICY: Runs = Module(
    "policy",
    &[
        ("client_ip_hash", &Of(&[])),
        (
            "cookie",
            &Of(&[
                ("name", &WHOLE),
                ("secret", &WHOLE),
                ("max_age", &WHOLE),
                ("fallback", &SELECTION_POLICY),
            ]),
        ),
        ("first", &Of(&[])),
        (
            "header",
            &Of(&[("field", &WHOLE), ("fallback", &SELECTION_POLICY)]),
        ),
        ("ip_hash", &Of(&[])),
        ("least_conn", &Of(&[])),
        (
            "query",
            &Of(&[("key", &WHOLE), ("fallback", &SELECTION_POLICY)]),
        ),
        ("random", &Of(&[])),
        ("random_choose", &Of(&[("choose", &WHOLE)])),
        ("round_robin", &Of(&[])),
        ("uri_hash", &Of(&[])),
        ("weighted_round_robin", &Of(&[("weights", &WHOLE)])),
    ],
);

pub(super) static HEALTH_CHECKS: Runs = Of(&[
    (
        "active",
        &Of(&[
            ("path", &WHOLE),
            ("uri", &WHOLE),
            ("upstream", &WHOLE),
            ("port", &WHOLE),
            ("headers", &WHOLE),
            ("method", &WHOLE),
            ("body", &WHOLE),
            ("follow_redirects", &WHOLE),
            ("interval", &WHOLE),
            ("timeout", &WHOLE),
            ("passes", &WHOLE),
            ("fails", &WHOLE),
            ("max_size", &WHOLE),
            ("expect_status", &WHOLE),
            ("expect_body", &WHOLE),
        ]),
    ),
    (
        "passive",
        &Of(&[
            ("fail_duration", &WHOLE),
            ("max_fails", &WHOLE),
            ("unhealthy_request_count", &WHOLE),
            ("unhealthy_status", &WHOLE),
            ("unhealthy_latency", &WHOLE),
        ]),
    ),
]);

pub(super) static PRECOMPRESSED: Runs = Of(&[("br", &WHOLE), ("gzip", &WHOLE), ("zstd", &WHOLE)]);

pub(super) static HEADERS: Runs = Of(&[
    (
        "request",
        &Of(&[
            ("add", &WHOLE),
            ("set", &WHOLE),
            ("delete", &WHOLE),
            ("replace", &REPLACEMENTS),
        ]),
    ),
    (
        "response",
        &Of(&[
            ("add", &WHOLE),
            ("set", &WHOLE),
            ("delete", &WHOLE),
            ("replace", &REPLACEMENTS),
            ("require", &REQUIRE_RESPONSE),
            ("deferred", &WHOLE),
        ]),
    ),
]);

pub(super) static REPLACEMENTS: Runs = Each(&Each(&Of(&[
    ("search", &WHOLE),
    ("search_regexp", &WHOLE),
    ("replace", &WHOLE),
])));

pub(super) static PKI: Runs = Of(&[(
    "certificate_authorities",
    &Each(&Of(&[
        ("name", &WHOLE),
        ("root_common_name", &WHOLE),
        ("intermediate_common_name", &WHOLE),
        ("install_trust", &WHOLE),
    ])),
)]);

pub(super) static TLS: Runs = Of(&[
    ("certificates", &CERTIFICATES),
    ("disable_ocsp_stapling", &WHOLE),
    ("disable_storage_check", &WHOLE),
    ("disable_storage_clean", &WHOLE),
    ("dns", &DNS_PROVIDER),
    ("resolvers", &WHOLE),
    (
        "automation",
        &Of(&[
            (
                "policies",
                &Each(&Of(&[
                    ("subjects", &WHOLE),
                    ("issuers", &Each(&ISSUER)),
                    ("get_certificate", &Each(&CERTIFICATE_MANAGER)),
                    ("must_staple", &WHOLE),
                    ("ocsp_overrides", &WHOLE),
                    ("key_type", &WHOLE),
                    ("renewal_window_ratio", &WHOLE),
                    ("reuse_private_keys", &WHOLE),
                    ("on_demand", &WHOLE),
                    ("disable_ocsp_stapling", &WHOLE),
                ])),
            ),
            (
                "on_demand",
                &Of(&[("ask", &WHOLE), ("permission", &PERMISSION)]),
            ),
            ("ocsp_interval", &WHOLE),
            ("renew_interval", &WHOLE),
            ("storage_clean_interval", &WHOLE),
        ]),
    ),
    (
        "session_tickets",
        &Of(&[
            ("key_source", &TICKET_KEYS),
            ("rotation_interval", &WHOLE),
            ("max_keys", &WHOLE),
            ("disable_rotation", &WHOLE),
            ("disabled", &WHOLE),
        ]),
    ),
]);

pub(super) static PERMISSION: Runs = Module("module", &[("http", &Of(&[("endpoint", &WHOLE)]))]);

pub(super) static ISSUER: Runs = Module(
    "module",
    &[
        (
            "acme",
            &Of(&[
                ("ca", &WHOLE),
                ("test_ca", &WHOLE),
                ("email", &WHOLE),
                ("profile", &WHOLE),
                (
                    "external_account",
                    &Of(&[("key_id", &WHOLE), ("mac_key", &WHOLE)]),
                ),
                ("acme_timeout", &WHOLE),
                (
                    "challenges",
                    &Of(&[
                        ("http", &CHALLENGE),
                        ("tls-alpn", &CHALLENGE),
                        ("dns", &DNS_CHALLENGE),
                        ("bind_host", &WHOLE),
                    ]),
                ),
                ("trusted_roots_pem_files", &WHOLE),
                (
                    "preferred_chains",
                    &Of(&[
                        ("smallest", &WHOLE),
                        ("root_common_name", &WHOLE),
                        ("any_common_name", &WHOLE),
                    ]),
                ),
            ]),
        ),
        (
            "internal",
            &Of(&[
                ("ca", &WHOLE),
                ("lifetime", &WHOLE),
                ("sign_with_root", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static DNS_CHALLENGE: Runs = Of(&[
    ("provider", &DNS_PROVIDER),
    ("ttl", &WHOLE),
    ("propagation_delay", &WHOLE),
    ("propagation_timeout", &WHOLE),
    ("resolvers", &WHOLE),
    ("override_domain", &WHOLE),
]);

pub(super) static DNS_PROVIDER: Runs = Module(
    "name",
    &[
        ("exec", &Of(&[("command", &WHOLE)])),
        (
            "rfc2136",
            &Of(&[
                ("key_name", &WHOLE),
                ("key_alg", &WHOLE),
                ("key", &WHOLE),
                ("server", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static CHALLENGE: Runs = Of(&[("disabled", &WHOLE), ("alternate_port", &WHOLE)]);

pub(super) static STORAGE: Runs = Module("module", &[("file_system", &Of(&[("root", &WHOLE)]))]);

pub(super) static WRITER: Runs = Module(
    "output",
    &[
        ("stdout", &Of(&[])),
        ("stderr", &Of(&[])),
        ("discard", &Of(&[])),
        (
            "file",
            &Of(&[
                ("filename", &WHOLE),
                ("mode", &WHOLE),
                ("dir_mode", &WHOLE),
                ("roll", &WHOLE),
                ("roll_size_mb", &WHOLE),
                ("roll_gzip", &WHOLE),
                ("roll_local_time", &WHOLE),
                ("roll_keep", &WHOLE),
                ("roll_keep_days", &WHOLE),
                ("roll_interval", &WHOLE),
                ("roll_minutes", &WHOLE),
                ("roll_at", &WHOLE),
                ("roll_compression", &WHOLE),
                ("backup_time_format", &WHOLE),
            ]),
        ),
        (
            "net",
            &Of(&[
                ("address", &WHOLE),
                ("dial_timeout", &WHOLE),
                ("soft_start", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static ENCODER: Runs = Module(
    "format",
    &[
        ("append", &Of(&[("wrap", &ENCODER), ("fields", &WHOLE)])),
        ("console", &ENCODER_KEYS),
        (
            "filter",
            &Of(&[("wrap", &ENCODER), ("fields", &Each(&FIELD_FILTER))]),
        ),
        ("journald", &Of(&[("wrap", &ENCODER)])),
        ("json", &ENCODER_KEYS),
    ],
);

pub(super) static ENCODER_KEYS: Runs = Of(&[
    ("message_key", &WHOLE),
    ("level_key", &WHOLE),
    ("time_key", &WHOLE),
    ("name_key", &WHOLE),
    ("line_ending", &WHOLE),
    ("time_format", &WHOLE),
    ("time_local", &WHOLE),
    ("duration_format", &WHOLE),
    ("level_format", &WHOLE),
]);

pub(super) static FIELD_FILTER: Runs = Module(
    "filter",
    &[
        ("cookie", &Of(&[("actions", &WHOLE)])),
        ("delete", &Of(&[])),
        ("hash", &Of(&[])),
        (
            "ip_mask",
            &Of(&[("ipv4_cidr", &WHOLE), ("ipv6_cidr", &WHOLE)]),
        ),
        ("multi_regexp", &Of(&[("operations", &WHOLE)])),
        ("query", &Of(&[("actions", &WHOLE)])),
        ("regexp", &Of(&[("regexp", &WHOLE), ("value", &WHOLE)])),
        ("rename", &Of(&[("name", &WHOLE)])),
        ("replace", &Of(&[("value", &WHOLE)])),
    ],
);

pub(super) static IP_SOURCE: Runs = Module("source", &[("static", &Of(&[("ranges", &WHOLE)]))]);

pub(super) static HASH: Runs = Module("algorithm", &[("argon2id", &Of(&[])), ("bcrypt", &Of(&[]))]);

pub(super) static TRANSPORT: Runs = Module(
    "protocol",
    &[
        (
            "fastcgi",
            &Of(&[
                ("root", &WHOLE),
                ("split_path", &WHOLE),
                ("resolve_root_symlink", &WHOLE),
                ("env", &WHOLE),
                ("dial_timeout", &WHOLE),
                ("read_timeout", &WHOLE),
                ("write_timeout", &WHOLE),
                ("capture_stderr", &WHOLE),
            ]),
        ),
        (
            "http",
            &Of(&[
                ("tls", &UPSTREAM_TLS),
                ("dial_timeout", &WHOLE),
                ("response_header_timeout", &WHOLE),
                ("read_timeout", &WHOLE),
                ("write_timeout", &WHOLE),
                ("versions", &WHOLE),
                ("resolver", &Of(&[("addresses", &WHOLE)])),
                (
                    "keep_alive",
                    &Of(&[
                        ("enabled", &WHOLE),
                        ("probe_interval", &WHOLE),
                        ("max_idle_conns", &WHOLE),
                        ("max_idle_conns_per_host", &WHOLE),
                        ("idle_timeout", &WHOLE),
                    ]),
                ),
                ("compression", &WHOLE),
                ("max_conns_per_host", &WHOLE),
                ("proxy_protocol", &WHOLE),
                ("forward_proxy_url", &WHOLE),
                ("network_proxy", &NETWORK_PROXY),
                ("dial_fallback_delay", &WHOLE),
                ("expect_continue_timeout", &WHOLE),
                ("max_response_header_size", &WHOLE),
                ("write_buffer_size", &WHOLE),
                ("read_buffer_size", &WHOLE),
                ("local_address", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static NETWORK_PROXY: Runs = Module(
    "from",
    &[("none", &Of(&[])), ("url", &Of(&[("url", &WHOLE)]))],
);

pub(super) static UPSTREAM_TLS: Runs = Of(&[
    ("ca", &CA_POOL),
    ("root_ca_pool", &WHOLE),
    ("root_ca_pem_files", &WHOLE),
    ("client_certificate_file", &WHOLE),
    ("client_certificate_key_file", &WHOLE),
    ("client_certificate_automate", &WHOLE),
    ("insecure_skip_verify", &WHOLE),
    ("handshake_timeout", &WHOLE),
    ("server_name", &WHOLE),
    ("renegotiation", &WHOLE),
    ("except_ports", &WHOLE),
    ("curves", &WHOLE),
]);

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

pub(super) static PROVIDERS: Runs = Of(&[(
    "http_basic",
    &Of(&[
        ("hash", &HASH),
        (
            "accounts",
            &Each(&Of(&[("username", &WHOLE), ("password", &WHOLE)])),
        ),
        ("realm", &WHOLE),
        ("hash_cache", &Of(&[])),
    ]),
)]);
