//! What differs between two runs without meaning anything.

/// Caddy's error without its log lines and without the folder that it ran in.
pub fn error(stderr: &str, folder: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with('{'));
    let text: Vec<_> = lines.collect();
    let text = text.join("\n").replace(&format!("{folder}/"), "");
    format!("{}\n", text.trim())
}
