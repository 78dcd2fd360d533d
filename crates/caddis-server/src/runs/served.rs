//! The table of what of the JSON is served. What works is added here, and nowhere else.

use super::Runs::{self, Each, Fields as Of, Module, Whole};

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
        &Of(&[("http", &HTTP), ("pki", &PKI), ("tls", &TLS)]),
    ),
]);

pub(super) static LOG: Runs = Of(&[
    ("writer", &WRITER),
    ("encoder", &ENCODER),
    ("level", &WHOLE),
    ("include", &WHOLE),
    ("exclude", &WHOLE),
]);

pub(super) static HTTP: Runs = Of(&[
    ("http_port", &WHOLE),
    ("https_port", &WHOLE),
    ("grace_period", &WHOLE),
    ("servers", &Each(&SERVER)),
]);

pub(super) static SERVER: Runs = Of(&[
    ("listen", &WHOLE),
    ("read_timeout", &WHOLE),
    ("read_header_timeout", &WHOLE),
    ("write_timeout", &WHOLE),
    ("idle_timeout", &WHOLE),
    ("keepalive_interval", &WHOLE),
    ("max_header_bytes", &WHOLE),
    ("routes", &ROUTES),
    ("errors", &Of(&[("routes", &ROUTES)])),
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
]);

pub(super) static ROUTES: Runs = Each(&Of(&[
    ("group", &WHOLE),
    ("match", &Each(&MATCHER_SET)),
    ("handle", &Each(&HANDLER)),
    ("terminal", &WHOLE),
]));

pub(super) static MATCHER_SET: Runs = Of(&[
    ("client_ip", &Of(&[("ranges", &WHOLE)])),
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
]);

pub(super) static PATTERN: Runs = Of(&[("name", &WHOLE), ("pattern", &WHOLE)]);

pub(super) static HANDLER: Runs = Module(
    "handler",
    &[
        ("authentication", &Of(&[("providers", &PROVIDERS)])),
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
                ("precompressed", &WHOLE),
                ("precompressed_order", &WHOLE),
                ("etag_file_extensions", &WHOLE),
            ]),
        ),
        ("headers", &HEADERS),
        (
            "request_body",
            &Of(&[("max_size", &WHOLE), ("set", &WHOLE)]),
        ),
        (
            "reverse_proxy",
            &Of(&[
                ("transport", &TRANSPORT),
                ("upstreams", &Each(&Of(&[("dial", &WHOLE)]))),
                ("flush_interval", &WHOLE),
                ("trusted_proxies", &WHOLE),
                ("headers", &HEADERS),
            ]),
        ),
        (
            "rewrite",
            &Of(&[
                ("method", &WHOLE),
                ("uri", &WHOLE),
                ("strip_path_prefix", &WHOLE),
                ("strip_path_suffix", &WHOLE),
            ]),
        ),
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
        ("vars", &WHOLE),
    ],
);

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
            (
                "require",
                &Of(&[("status_code", &WHOLE), ("headers", &WHOLE)]),
            ),
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
    (
        "automation",
        &Of(&[
            (
                "policies",
                &Each(&Of(&[
                    ("subjects", &WHOLE),
                    ("issuers", &Each(&ISSUER)),
                    ("key_type", &WHOLE),
                ])),
            ),
            ("renew_interval", &WHOLE),
        ]),
    ),
]);

pub(super) static ISSUER: Runs = Module(
    "module",
    &[
        (
            "acme",
            &Of(&[
                ("ca", &WHOLE),
                ("test_ca", &WHOLE),
                ("email", &WHOLE),
                ("acme_timeout", &WHOLE),
                (
                    "challenges",
                    &Of(&[
                        ("http", &CHALLENGE),
                        ("tls-alpn", &CHALLENGE),
                        ("bind_host", &WHOLE),
                    ]),
                ),
                ("trusted_roots_pem_files", &WHOLE),
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

pub(super) static CHALLENGE: Runs = Of(&[("disabled", &WHOLE), ("alternate_port", &WHOLE)]);

pub(super) static CONNECTION_POLICY: Runs = Of(&[
    ("match", &HANDSHAKE_MATCH),
    ("certificate_selection", &Of(&[("any_tag", &WHOLE)])),
    ("protocol_min", &WHOLE),
    ("protocol_max", &WHOLE),
]);

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
                ("roll", &WHOLE),
                ("roll_size_mb", &WHOLE),
                ("roll_gzip", &WHOLE),
                ("roll_local_time", &WHOLE),
                ("roll_keep", &WHOLE),
                ("roll_keep_days", &WHOLE),
                ("roll_interval", &WHOLE),
            ]),
        ),
    ],
);

pub(super) static ENCODER: Runs = Module("format", &[("json", &Of(&[])), ("console", &Of(&[]))]);

pub(super) static IP_SOURCE: Runs = Module("source", &[("static", &Of(&[("ranges", &WHOLE)]))]);

pub(super) static HASH: Runs = Module("algorithm", &[("bcrypt", &Of(&[]))]);

pub(super) static TRANSPORT: Runs = Module(
    "protocol",
    &[(
        "http",
        &Of(&[
            ("tls", &Of(&[])),
            ("dial_timeout", &WHOLE),
            ("response_header_timeout", &WHOLE),
            ("read_timeout", &WHOLE),
            ("write_timeout", &WHOLE),
            ("versions", &WHOLE),
        ]),
    )],
);

pub(super) static CERTIFICATES: Runs = Of(&[
    ("automate", &WHOLE),
    (
        "load_files",
        &Each(&Of(&[
            ("certificate", &WHOLE),
            ("key", &WHOLE),
            ("format", &WHOLE),
            ("tags", &WHOLE),
        ])),
    ),
]);

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

pub(super) static HANDSHAKE_MATCH: Runs = Of(&[("sni", &WHOLE)]);
