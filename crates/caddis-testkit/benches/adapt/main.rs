//! What adapting costs, and how it grows: `cargo bench -p caddis-testkit --bench adapt [-- WORDS… | -- --all]`.
//!
//! `CADDIS` is a release build of the program (or it lies in `target/release`), `CADDY` the real Caddy; without
//! these only the stages are measured. Times are those of the CPU, in user and system mode. Without words only the
//! first shape is measured, which takes less than a minute; others are chosen by a word of their names. Nothing
//! here is a test: machines differ.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod files;
mod program;
mod stages;

use std::path::{Path, PathBuf};
use std::time::Duration;

use files::SHAPES;
use program::Program;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds `--bench`.
    let words = arguments.iter().filter(|word| !word.starts_with('-'));
    let words: Vec<&str> = words.map(String::as_str).collect();
    let all = arguments.iter().any(|word| word == "--all");
    let is_wanted = |at: usize, name: &str| match words.as_slice() {
        [] => all || at == 0,
        words => words.iter().any(|word| name.contains(word)),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let caddis = Program::find("CADDIS", &[root.join("target/release/caddis")]);
    let in_target = root.join("target/caddy/usr/bin/caddy");
    let caddy = Program::find("CADDY", &[in_target, PathBuf::from("/usr/bin/caddy")]);
    let folder = tempfile::tempdir()?;
    let numbered = SHAPES.iter().enumerate();
    for (_, shape) in numbered.filter(|(at, shape)| is_wanted(*at, shape.name)) {
        println!("\n{}", shape.name);
        if let Some(caddis) = &caddis {
            println!(
                "{:>8} {:>8} {:>12} {:>12} {:>8} {:>14}",
                "count", "KB", "caddis CPU", "Caddy CPU", "ratio", "caddis / one"
            );
            for count in shape.counts {
                let text = (shape.text)(*count);
                let file = folder.path().join("Caddyfile");
                std::fs::write(&file, &text)?;
                let own = caddis.cpu(&file)?;
                let other = caddy.as_ref().map(|caddy| caddy.cpu(&file)).transpose()?;
                println!("{}", row(*count, text.len(), own, other));
            }
        }
        println!("in process: {}", stages::header());
        for count in shape.counts {
            println!("{count:>10}: {}", stages::row(&(shape.text)(*count)));
        }
    }
    Ok(())
}

fn row(count: usize, bytes: usize, own: Duration, other: Option<Duration>) -> String {
    let each = own / u32::try_from(count).unwrap_or(u32::MAX);
    let (time, ratio) = match other {
        Some(other) => (
            format!("{other:.1?}"),
            format!("{:.3}", own.as_secs_f64() / other.as_secs_f64()),
        ),
        None => ("-".into(), "-".into()),
    };
    let (own, each) = (format!("{own:.1?}"), format!("{each:.1?}"));
    format!(
        "{count:>8} {:>8} {own:>12} {time:>12} {ratio:>8} {each:>14}",
        bytes / 1000
    )
}
