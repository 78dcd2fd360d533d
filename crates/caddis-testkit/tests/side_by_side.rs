//! Every case under `testdata/side_by_side`: the real Caddy and caddis do the same on the wire, and log the same.
//!
//! How a case is written is said in `src/side_by_side/mod.rs`. `SHOW=1` prints what was seen of both.

use std::fmt;
use std::path::{Path, PathBuf};

use caddis_testkit::golden::root;
use caddis_testkit::oracle::Oracle;
use caddis_testkit::shared::say;
use caddis_testkit::side_by_side::{Case, Program, differences, see};

fn side_by_side(path: &Path) -> datatest_stable::Result<()> {
    let oracle = Oracle::find().ok_or("no Caddy; set CADDY to its binary")?;
    let case = Case::read(path)?;
    let theirs = Program(oracle.binary().to_owned());
    let (caddy, caddis) = std::thread::scope(|scope| {
        let caddy = scope.spawn(|| see(&theirs, &case));
        let caddis = see(&ours(), &case);
        let lost = || Err("the thread of a server ended".to_owned());
        (caddy.join().unwrap_or_else(|_| lost()), caddis)
    });
    let (caddy, caddis) = (caddy?, caddis?);
    if std::env::var_os("SHOW").is_some() {
        say(&format!("{caddy:#?}\n{caddis:#?}"));
    }
    let mut found = differences(&case.exchanges, &caddy, &caddis);
    found.extend(unexplained(&case)?);
    if found.is_empty() {
        return Ok(());
    }
    Err(Box::new(Told(found.join("\n"))))
}

/// Differences whose reason does not stand where they are listed.
fn unexplained(case: &Case) -> std::io::Result<Vec<String>> {
    let recorded = std::fs::read_to_string(root().join("testdata/RECORDED.md"))?;
    let named = case
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.differs.as_deref());
    let missing = named.filter(|row| !recorded.contains(&format!("\n| {row}")));
    Ok(missing
        .map(|row| format!("RECORDED.md has no row that begins with `{row}`"))
        .collect())
}

/// The caddis of `$CADDIS`, else the one that was built beside this test.
fn ours() -> Program {
    if let Some(path) = std::env::var_os("CADDIS") {
        return Program(path.into());
    }
    let test = std::env::current_exe().unwrap_or_default();
    let folder = test.parent().and_then(Path::parent);
    Program(folder.map(PathBuf::from).unwrap_or_default().join("caddis"))
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
    { test = side_by_side, root = "../../testdata/side_by_side", pattern = r"\.requests$" },
}
