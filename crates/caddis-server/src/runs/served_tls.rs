//! The part of the table that is about TLS connections and the certificates that are loaded for them.

use super::Runs::{self, Each, Fields as Of, Module};
use super::served::{CA_POOL, PATTERN, STORAGE, WHOLE};

pub(super) static CONNECTION_POLICY: Runs = Of(&[
    ("match", &HANDSHAKE_MATCH),
    (
        "certificate_selection",
        &Of(&[
            ("serial_number", &WHOLE),
            ("subject_organization", &WHOLE),
            ("public_key_algorithm", &WHOLE),
            ("any_tag", &WHOLE),
            ("all_tags", &WHOLE),
        ]),
    ),
    ("cipher_suites", &WHOLE),
    ("curves", &WHOLE),
    ("alpn", &WHOLE),
    ("protocol_min", &WHOLE),
    ("protocol_max", &WHOLE),
    ("drop", &WHOLE),
    ("client_authentication", &CLIENT_AUTHENTICATION),
    ("default_sni", &WHOLE),
    ("fallback_sni", &WHOLE),
    ("insecure_secrets_log", &WHOLE),
]);

pub(super) static CLIENT_AUTHENTICATION: Runs = Of(&[
    ("ca", &CA_POOL),
    ("trusted_ca_certs", &WHOLE),
    ("trusted_ca_certs_pem_files", &WHOLE),
    ("trusted_leaf_certs", &WHOLE),
    ("verifiers", &Each(&VERIFIER)),
    ("mode", &WHOLE),
]);

pub(super) static VERIFIER: Runs = Module(
    "verifier",
    &[("leaf", &Of(&[("leaf_certs_loaders", &Each(&LEAF_LOADER))]))],
);

pub(super) static LEAF_LOADER: Runs = Module(
    "loader",
    &[
        ("file", &Of(&[("files", &WHOLE)])),
        ("folder", &Of(&[("folders", &WHOLE)])),
        ("pem", &Of(&[("certificates", &WHOLE)])),
        (
            "storage",
            &Of(&[("storage", &STORAGE), ("certificates", &WHOLE)]),
        ),
    ],
);

pub(super) static HANDSHAKE_MATCH: Runs = Of(&[
    ("local_ip", &Of(&[("ranges", &WHOLE)])),
    (
        "remote_ip",
        &Of(&[("ranges", &WHOLE), ("not_ranges", &WHOLE)]),
    ),
    ("sni", &WHOLE),
    ("sni_regexp", &PATTERN),
]);

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
    ("load_folders", &WHOLE),
    (
        "load_pem",
        &Each(&Of(&[
            ("certificate", &WHOLE),
            ("key", &WHOLE),
            ("tags", &WHOLE),
        ])),
    ),
    (
        "load_storage",
        &Of(&[(
            "pairs",
            &Each(&Of(&[
                ("certificate", &WHOLE),
                ("key", &WHOLE),
                ("format", &WHOLE),
                ("tags", &WHOLE),
            ])),
        )]),
    ),
]);

pub(super) static CERTIFICATE_MANAGER: Runs = Module("via", &[("http", &Of(&[("url", &WHOLE)]))]);

pub(super) static TICKET_KEYS: Runs = Module("provider", &[("standard", &Of(&[]))]);
