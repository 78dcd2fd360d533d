//! Every case under `testdata/security`: what attackers send neither gets past caddis nor is taken for two requests.
//!
//! How a case is written is said in `src/security/mod.rs`. `SECURITY_AGAINST=nginx` (or `haproxy`, `caddy`, with a path behind a
//! `=` if it is not in `PATH`) sends them to that server instead, and prints what it does that caddis does not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caddis_testkit::security::{Kind, Subject, Suite, Tally, against_a_peer, differences};
use caddis_testkit::shared::say;

/// How long anything may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a peer is waited for; what is silent for longer waits for more.
const PATIENCE_WITH_PEERS: Duration = Duration::from_secs(2);

fn security(path: &Path) -> datatest_stable::Result<()> {
    let suite = Suite::read(path)?;
    let folder = path.parent().ok_or("a file without a folder")?;
    if let Ok(peer) = std::env::var("SECURITY_AGAINST") {
        return compare(&suite, path, &peer);
    }
    let subject = Subject::start(Kind::Caddy, &ours(), folder, &suite.config, PATIENCE)?;
    let subject = subject.ok_or("the config is missing")?;
    let mut found = Vec::new();
    for case in &suite.cases {
        found.extend(differences(case, &subject.see(case)?));
    }
    let output = subject.output();
    if output.contains("panicked") {
        found.push(output);
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(Box::new(Told(found.join("\n"))))
}

/// Prints what a peer does otherwise.
fn compare(suite: &Suite, path: &Path, peer: &str) -> datatest_stable::Result<()> {
    let folder = path.parent().ok_or("a file without a folder")?;
    let (name, program) = peer.split_once('=').unwrap_or((peer, peer));
    let kind = match name {
        "nginx" => Kind::Nginx,
        "haproxy" => Kind::Haproxy,
        "caddy" => Kind::Caddy,
        other => return Err(format!("`{other}` is no peer").into()),
    };
    let subject = Subject::start(
        kind,
        Path::new(program),
        folder,
        &suite.config,
        PATIENCE_WITH_PEERS,
    )?;
    let Some(subject) = subject else {
        return Ok(());
    };
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for case in &suite.cases {
        found.extend(against_a_peer(case, &subject.see(case)?, &mut tally));
    }
    say(&format!(
        "{name}, {}: {tally:?}\n  {}",
        path.display(),
        found.join("\n  ")
    ));
    Ok(())
}

/// The caddis of `$CADDIS`, else the one that was built beside this test.
fn ours() -> PathBuf {
    if let Some(path) = std::env::var_os("CADDIS") {
        return path.into();
    }
    let test = std::env::current_exe().unwrap_or_default();
    let folder = test.parent().and_then(Path::parent);
    folder.map(PathBuf::from).unwrap_or_default().join("caddis")
}

/// A report that is shown as it stands: the harness prints errors for programmers.
struct Told(String);

impl std::error::Error for Told {}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

datatest_stable::harness! {
    { test = security, root = "../../testdata/security", pattern = r"\.requests$" },
}
