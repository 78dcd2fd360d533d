//! The part of the table that is about `reverse_proxy`: whom it asks, and how.

use super::Runs::{self, Each, Fields as Of, Module};
use super::served::{CA_POOL, MATCHER_SET, WHOLE};

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
