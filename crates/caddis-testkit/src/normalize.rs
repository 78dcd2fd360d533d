//! What differs between two runs without meaning anything.

/// Caddy's error without its log lines, the folder that it ran in, and addresses in its memory.
pub fn error(stderr: &str, folder: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with('{'));
    let text: Vec<_> = lines.collect();
    let text = text.join("\n").replace(&format!("{folder}/"), "");
    format!("{}\n", without_pointers(text.trim()))
}

fn without_pointers(text: &str) -> String {
    let mut pieces = text.split("(0x");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        out.push_str("(0x…");
        out.push_str(rest);
    }
    out
}
