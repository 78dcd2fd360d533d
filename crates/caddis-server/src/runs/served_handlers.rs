//! The part of the table that is about handlers.

use super::Runs::{self, Each, Fields as Of, Module};
use super::served::{MATCHER_SET, ROUTES, WHOLE};
use super::served_proxy::{DYNAMIC_UPSTREAMS, HEALTH_CHECKS, LOAD_BALANCING, TRANSPORT};

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

pub(super) static HASH: Runs = Module("algorithm", &[("argon2id", &Of(&[])), ("bcrypt", &Of(&[]))]);

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
