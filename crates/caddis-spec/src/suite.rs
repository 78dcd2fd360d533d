//! Many files at once: finds them, reads them, and runs their cases on several threads.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use caddis_source::{Diagnostic, Sources};

use crate::golden::{Adapt, Golden};
use crate::report::Report;
use crate::spec::Case;
use crate::{Outcome, Script, Start, run};

/// Folders nested deeper than this are not searched.
const MAX_DEPTH: usize = 32;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only cases whose file or title contains this.
    pub filter: Option<String>,
    /// How many threads run cases.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
}

/// Files that were read: everything that can be run.
#[derive(Debug, Default)]
pub struct Suite {
    scripts: Vec<Script>,
    goldens: Vec<Golden>,
}

/// A case, or a whole golden file.
#[derive(Clone, Copy)]
enum Item<'a> {
    Case(&'a Script, &'a Case),
    Golden(&'a Golden),
}

/// The scripts and goldens that a path stands for: itself, or all in a folder.
pub fn find(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if path.is_dir() {
        search(path, 0, &mut found)?;
        found.sort();
    } else {
        std::fs::metadata(path)?;
        found.push(path.to_owned());
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        if path.is_dir() {
            search(&path, depth + 1, found)?;
        } else if matches!(kind, Some("ctest" | "caddyfiletest")) {
            found.push(path);
        }
    }
    Ok(())
}

impl Suite {
    /// Reads files; those that cannot be read are reported in the order of the files.
    pub fn read(paths: &[PathBuf], sources: &mut Sources) -> Result<Self, Vec<Diagnostic>> {
        let mut suite = Self::default();
        let mut found = Vec::new();
        for path in paths {
            let golden = path.extension().is_some_and(|kind| kind == "caddyfiletest");
            if golden {
                match Golden::read(path, sources) {
                    Ok(golden) => suite.goldens.push(golden),
                    Err(error) => found.push(error),
                }
            } else {
                match Script::read(path, sources) {
                    Ok(script) => suite.scripts.push(script),
                    Err(errors) => found.extend(errors),
                }
            }
        }
        if found.is_empty() {
            Ok(suite)
        } else {
            Err(found)
        }
    }

    /// Runs what the options let through; the reports come in the order of the files.
    pub fn run(
        &self,
        sources: &Sources,
        options: &Options,
        start: &dyn Start,
        adapt: Option<&Adapt<'_>>,
    ) -> Vec<Report> {
        let items = self.items(sources, options, adapt.is_some());
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let reports = Mutex::new(Vec::new());
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else {
                    return;
                };
                let report = item.run(sources, start, adapt);
                let good = matches!(report.outcome, Outcome::Passed | Outcome::Skipped(_));
                if options.fail_fast && !good {
                    stop.store(true, Ordering::Relaxed);
                }
                let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.push((index, report));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..options.jobs.max(1) {
                scope.spawn(work);
            }
        });
        let mut reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
        reports.sort_by_key(|(index, _)| *index);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    /// The name of everything that the options let through: file, line and title.
    pub fn list(&self, sources: &Sources, options: &Options) -> Vec<String> {
        let items = self.items(sources, options, true);
        let names = items.iter().map(|item| {
            let (file, line, title) = item.place(sources);
            format!("{file}:{line}  {title}")
        });
        names.collect()
    }

    fn items(&self, sources: &Sources, options: &Options, goldens: bool) -> Vec<Item<'_>> {
        let cases = self.scripts.iter().flat_map(|script| {
            let cases = script.spec.cases.iter();
            cases.map(move |case| Item::Case(script, case))
        });
        let golden = self.goldens.iter().filter(|_| goldens).map(Item::Golden);
        let wanted = |item: &Item<'_>| {
            let (file, _, title) = item.place(sources);
            let filter = options.filter.as_deref();
            filter.is_none_or(|filter| file.contains(filter) || title.contains(filter))
        };
        cases.chain(golden).filter(wanted).collect()
    }
}

impl Item<'_> {
    fn place(&self, sources: &Sources) -> (String, usize, String) {
        match self {
            Self::Case(script, case) => (
                sources.name(script.spec.file).into(),
                sources.position(case.span).line,
                case.title.clone(),
            ),
            Self::Golden(golden) => (golden.name.clone(), 1, golden.title().into()),
        }
    }

    fn run(&self, sources: &Sources, start: &dyn Start, adapt: Option<&Adapt<'_>>) -> Report {
        let (outcome, took) = match self {
            Self::Case(script, case) => run(script, case, start),
            Self::Golden(golden) => match adapt {
                Some(adapt) => golden.run(adapt),
                None => (
                    Outcome::Skipped("nothing adapts here".into()),
                    Duration::ZERO,
                ),
            },
        };
        let (file, line, title) = self.place(sources);
        Report {
            file,
            line,
            title,
            outcome,
            took,
        }
    }
}
