//! The part of the table that is about logs.

use super::Runs::{self, Each, Fields as Of, Module};
use super::served::WHOLE;

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
