//! Looking after certificates: OCSP, the storage, when they are renewed, and which one is taken without a name.

use caddis_ir::Duration;
use caddis_source::{Code, Diagnostic};

use super::{GlobalOption, Options};
use crate::{Args, Result, Token, read};

const NOT_OFF: Code = Code("option/not-off");

/// The one word that some options take.
const OFF: &str = "off";

pub(super) const OCSP_STAPLING: GlobalOption = GlobalOption {
    name: "ocsp_stapling",
    summary: "Leave OCSP answers out of handshakes.",
    syntax: "ocsp_stapling off",
    subdirectives: &[],
    examples: &["ocsp_stapling off"],
    read: |args, options, _| {
        let word = args.required("`off`")?;
        args.no_more()?;
        options.tls.ocsp_stapling_off = off(word)?;
        Ok(())
    },
};

pub(super) const OCSP_INTERVAL: GlobalOption = GlobalOption {
    name: "ocsp_interval",
    summary: "How often OCSP answers are looked through for those that have to be renewed.",
    syntax: "ocsp_interval <duration>",
    subdirectives: &[],
    examples: &["ocsp_interval 1h"],
    read: |args, options, _| {
        let interval = read::duration(args.required("a duration")?)?;
        options.tls.ocsp_interval = Some(interval).filter(|interval| interval.0 != 0);
        Ok(())
    },
};

pub(super) const RENEWAL_WINDOW_RATIO: GlobalOption = GlobalOption {
    name: "renewal_window_ratio",
    summary: "The part of a certificate's lifetime, at its end, in which it is renewed.",
    syntax: "renewal_window_ratio <ratio>",
    subdirectives: &[],
    examples: &["renewal_window_ratio 0.3333"],
    read: |args, options, _| {
        options.tls.renewal_window_ratio = Some(read::part(args.only("a ratio")?)?);
        Ok(())
    },
};

pub(super) const STORAGE_CHECK: GlobalOption = GlobalOption {
    name: "storage_check",
    summary: "Start without a try whether the storage can be written.",
    syntax: "storage_check off",
    subdirectives: &[],
    examples: &["storage_check off"],
    read: |args, options, _| {
        options.tls.storage_check_off = off(args.only("`off`")?)?;
        Ok(())
    },
};

pub(super) const STORAGE_CLEAN_INTERVAL: GlobalOption = GlobalOption {
    name: "storage_clean_interval",
    summary: "How often what has expired is taken out of the storage.",
    syntax: "storage_clean_interval <duration> | off",
    subdirectives: &[],
    examples: &["storage_clean_interval 1d"],
    read: |args, options, _| storage_clean_interval(args, options),
};

pub(super) const DEFAULT_SNI: GlobalOption = GlobalOption {
    name: "default_sni",
    summary: "The name to take where a client names none.",
    syntax: "default_sni <name>",
    subdirectives: &[],
    examples: &["default_sni example.com"],
    read: |args, options, _| {
        options.tls.default_sni = args.only("a name")?.text().into();
        Ok(())
    },
};

pub(super) const FALLBACK_SNI: GlobalOption = GlobalOption {
    name: "fallback_sni",
    summary: "The name to take where there is no certificate for the one that a client names.",
    syntax: "fallback_sni <name>",
    subdirectives: &[],
    examples: &["fallback_sni example.com"],
    read: |args, options, _| {
        options.tls.fallback_sni = args.only("a name")?.text().into();
        Ok(())
    },
};

fn storage_clean_interval(args: &mut Args<'_>, options: &mut Options) -> Result<()> {
    let word = args.only("a duration or `off`")?;
    let is_off = word.text() == OFF;
    let interval = if is_off {
        Duration(0)
    } else {
        read::duration(word)?
    };
    options.tls.storage_clean_off = is_off;
    options.tls.storage_clean_interval = Some(interval).filter(|interval| interval.0 != 0);
    Ok(())
}

fn off(word: &Token) -> Result<bool> {
    if word.text() == OFF {
        return Ok(true);
    }
    Err(not_off(word))
}

fn not_off(word: &Token) -> Diagnostic {
    let error = word.error(NOT_OFF, format!("`{}` is not `off`", word.text()));
    error
        .label("expected `off`")
        .help("leave the option out to have it on")
}
