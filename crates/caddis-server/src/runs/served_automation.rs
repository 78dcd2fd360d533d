//! The part of the table that is about certificates that are got, and who signs them.

use super::Runs::{self, Each, Fields as Of, Module};
use super::served::WHOLE;
use super::served_tls::{CERTIFICATE_MANAGER, CERTIFICATES, TICKET_KEYS};

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
