//! Every script under `testdata/serve`, over sockets, on the real Caddy: what they say is what Caddy does.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use caddis_source::{Sources, render};
use caddis_spec::report::{Counts, Format, Report};
use caddis_spec::{Script, Wire};

fn on_the_real_caddy(path: &Path) -> datatest_stable::Result<()> {
    let mut sources = Sources::new();
    let script =
        Script::read(path, &mut sources).map_err(|found| render::concise(&found, &sources))?;
    let wire = Wire { program: caddy()? };
    let run = |case| {
        let (outcome, took) = caddis_spec::run(&script, case, &wire);
        Report::new(&script, case, &sources, outcome, took)
    };
    let reports: Vec<_> = script.spec.cases.iter().map(run).collect();
    let counts = Counts::of(&reports);
    let text = caddis_spec::report::render(&reports, Format::Human);
    print!("{text}");
    if counts.failed + counts.broken > 0 {
        return Err("see above".into());
    }
    if counts.passed == 0 {
        return Err("no case of this file can be shown over sockets".into());
    }
    Ok(())
}

/// The real Caddy: `$CADDY`, else the one that the tests' own set-up fetched, else the one in `PATH`.
fn caddy() -> Result<OsString, String> {
    if let Some(path) = std::env::var_os("CADDY") {
        return Ok(path);
    }
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/caddy/usr/bin/caddy");
    if fetched.exists() {
        return Ok(fetched.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&folders).map(|folder| folder.join("caddy"));
    let found = places
        .find(|place| place.exists())
        .map(PathBuf::into_os_string);
    found.ok_or_else(|| "no Caddy to compare with: set CADDY, or install it".to_owned())
}

datatest_stable::harness! {
    { test = on_the_real_caddy, root = "../../testdata/serve", pattern = r"\.ctest$" },
}
