//! The handler made from the config.

use std::sync::Arc;

use caddis_ir::{Encode as Config, Gzip, Path, Zstd};

use super::handler::Encode;
use super::packer::{Encoding, Packers};
use super::text_types;
use crate::Node;
use crate::builder::Builder;
use crate::matchers::ResponseMatcher;

/// What an answer must be longer than, in bytes.
const DEFAULT_MINIMUM: u64 = 512;
/// From none to the best, with Caddy's two kinds that hardly pack below.
const GZIP_LEVELS: std::ops::RangeInclusive<i64> = -3..=9;
const DEFAULT_GZIP_LEVEL: u32 = 5;

/// Prepares it.
pub(crate) fn build(config: &Config, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let at_encodings = at.key("encodings");
    let mut offers = Vec::new();
    if let Some(gzip) = &config.encodings.gzip {
        offers.push(gzip_of(*gzip, &at_encodings.key("gzip"), builder));
    }
    if let Some(zstd) = &config.encodings.zstd {
        offers.push(zstd_of(zstd, &at_encodings.key("zstd"), builder));
    }
    let offers: Box<[Arc<Packers>]> = (offers.into_iter())
        .map(|encoding| builder.packers(encoding))
        .collect();
    let names: Box<[_]> = offers.iter().map(|offer| offer.name()).collect();
    let preferred = preferred(&config.prefer, &names, &at.key("prefer"), builder);
    let require = config.matcher.clone().unwrap_or_else(text_types::require);
    Node::erased(Encode {
        offers,
        names,
        preferred,
        minimum: match config.minimum_length {
            0 => Some(DEFAULT_MINIMUM),
            // Caddy then packs no body, however long it is.
            length => u64::try_from(length).ok(),
        },
        require: ResponseMatcher::build(&require),
        next,
    })
}

fn gzip_of(config: Gzip, at: &Path, builder: &mut Builder<'_>) -> Encoding {
    if !GZIP_LEVELS.contains(&config.level) {
        let message = format!("gzip has no level {}", config.level);
        builder.error_with_help(&at.key("level"), message, "write a number from -3 to 9");
    }
    Encoding::Gzip(match config.level {
        0 | -1 => DEFAULT_GZIP_LEVEL,
        // Their output is a little longer, and cheap; the cheapest that we have comes nearest.
        level => u32::try_from(level).unwrap_or(1),
    })
}

fn zstd_of(config: &Zstd, at: &Path, builder: &mut Builder<'_>) -> Encoding {
    // The levels of the reference implementation that Caddy's are said to be like.
    let level = match config.level.to_ascii_lowercase().as_str() {
        "fastest" => 1,
        "" | "default" => 3,
        "better" => 7,
        "best" => 11,
        _ => {
            let message = format!("`{}` is not a level of zstd", config.level);
            let help = "write `fastest`, `default`, `better` or `best`";
            builder.error_with_help(&at.key("level"), message, help);
            3
        }
    };
    Encoding::Zstd(level, config.checksum.unwrap_or(true))
}

fn preferred(
    config: &[String],
    names: &[&'static str],
    at: &Path,
    builder: &mut Builder<'_>,
) -> Box<[&'static str]> {
    if config.is_empty() {
        // Zstandard packs better in less time.
        let best_first = ["zstd", "gzip"].into_iter();
        return best_first.filter(|name| names.contains(name)).collect();
    }
    let mut preferred = Vec::new();
    for (index, wanted) in config.iter().enumerate() {
        let at = at.index(index);
        match names.iter().find(|name| *name == wanted) {
            None => builder.error(&at, format!("the encoding `{wanted}` is not enabled")),
            Some(name) if preferred.contains(name) => {
                builder.error(&at, format!("the encoding `{wanted}` is there already"));
            }
            Some(name) => preferred.push(*name),
        }
    }
    preferred.into()
}
