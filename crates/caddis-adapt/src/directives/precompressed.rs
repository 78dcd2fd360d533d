//! `precompressed` of `file_server`: compressed files beside others.

use caddis_ir::{Brotli, FileServer, Gzip, Precompressed, Zstd};
use caddis_source::{Code, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Token};

/// What is looked for if nothing is named, the best first.
const EVERY: [&str; 3] = ["br", "zstd", "gzip"];

const UNKNOWN: Code = Code("file_server/no-such-encoding");

/// Reads `precompressed`: what is named is added, and the order is that of the last line.
pub(super) fn read(line: &Line, server: &mut FileServer) -> Result<()> {
    let mut args = Args::new(line, "precompressed [br | gzip | zstd]...");
    let words = args.rest();
    args.finish()?;
    for word in words {
        if !add(word.text(), &mut server.precompressed) {
            return Err(args.with_usage(unknown(word)));
        }
    }
    server.precompressed_order = words.iter().map(|word| word.text().into()).collect();
    if words.is_empty() {
        for name in EVERY {
            add(name, &mut server.precompressed);
        }
        server.precompressed_order = EVERY.map(String::from).into();
    }
    Ok(())
}

/// False if there is no such encoding.
fn add(name: &str, precompressed: &mut Precompressed) -> bool {
    match name {
        "br" => precompressed.br = Some(Brotli {}),
        "gzip" => precompressed.gzip = Some(Gzip::default()),
        "zstd" => precompressed.zstd = Some(Zstd::default()),
        _ => return false,
    }
    true
}

fn unknown(word: &Token) -> caddis_source::Diagnostic {
    let text = word.text();
    let error = word
        .error(UNKNOWN, format!("there is no encoding `{text}`"))
        .label(format!("needs the module `http.precompressed.{text}`"));
    match suggest(text, EVERY) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}
