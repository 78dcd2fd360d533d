//! Comments that turn findings off: `# caddis-lint: ignore=SEC010 -- reason`.

use std::cell::Cell;
use std::ops::Range;

use caddis_source::{FileId, Fix, Span};
use caddis_syntax::{Part, parts};

use crate::context::Context;
use crate::finding::Finding;
use crate::rule::{Rule, Safety};
use crate::rules::{LINT_COMMENT_PROBLEM, RULES};
use crate::settings::{self, Settings};

const MARK: &str = "caddis-lint:";
const LINE: &str = "ignore=";
const FILE: &str = "ignore-file=";
const EVERY: &str = "all";

/// The comments of all texts of a config.
pub(crate) struct Comments {
    all: Vec<Comment>,
}

/// A comment that is meant for the lint.
struct Comment {
    span: Span,
    /// What it turns off, one entry for each code that it names.
    codes: Vec<Named>,
    reason: String,
    /// The bytes that it is about.
    scope: Range<usize>,
    problem: Option<String>,
}

struct Named {
    text: String,
    rules: Vec<&'static Rule>,
    is_used: Cell<bool>,
}

impl Comments {
    pub(crate) fn read(cx: &Context, settings: &Settings) -> Self {
        let mut all = Vec::new();
        for file in cx.sources.files() {
            let text = cx.sources.text(file);
            if text.contains(MARK) {
                read_file(file, text, settings, &mut all);
            }
        }
        Self { all }
    }

    /// Marks what a comment turns off.
    pub(crate) fn apply(&self, found: &mut [Finding], cx: &Context) {
        if self.all.is_empty() {
            return;
        }
        for finding in found {
            let (Some(rule), Some(span)) = (finding.rule, finding.span()) else {
                continue;
            };
            let chain = cx.sources.chain(span);
            let lines = chain.iter().map(|import| import.line);
            let places: Vec<Span> = [span].into_iter().chain(lines).collect();
            let covers = |comment: &&Comment| {
                let hits = |place: &Span| {
                    place.file == comment.span.file
                        && comment.scope.contains(&(place.start as usize))
                };
                places.iter().any(hits)
            };
            for comment in self.all.iter().filter(covers) {
                for named in comment
                    .codes
                    .iter()
                    .filter(|named| named.rules.contains(&rule))
                {
                    named.is_used.set(true);
                    finding.suppressed = Some(comment.reason.clone());
                }
            }
        }
    }
}

fn read_file(file: FileId, text: &str, settings: &Settings, all: &mut Vec<Comment>) {
    let pieces: Vec<_> = parts(text).collect();
    for (at, (part, range)) in pieces.iter().enumerate() {
        let comment = text.get(range.clone()).unwrap_or("");
        let body = comment.trim_start_matches('#').trim();
        let Some(body) = body.strip_prefix(MARK).filter(|_| *part == Part::Comment) else {
            continue;
        };
        let span = Span::new(file, range.start, range.end);
        let is_at_top = pieces[..at].iter().all(|(part, _)| *part != Part::Word);
        let scope = following(text, &pieces[at + 1..]);
        all.push(comment_of(
            body.trim(),
            span,
            scope,
            is_at_top,
            text.len(),
            settings,
        ));
    }
}

fn comment_of(
    body: &str,
    span: Span,
    following: Range<usize>,
    is_at_top: bool,
    length: usize,
    settings: &Settings,
) -> Comment {
    let (what, reason) = match body.split_once("--") {
        Some((what, reason)) => (what.trim(), reason.trim()),
        None => (body, ""),
    };
    let (codes, scope, problem) = if let Some(codes) = what.strip_prefix(FILE) {
        let problem =
            (!is_at_top).then(|| "`ignore-file` stands before the first line of a file".to_owned());
        (codes, 0..length + 1, problem)
    } else if let Some(codes) = what.strip_prefix(LINE) {
        (codes, following, None)
    } else {
        let problem = format!("`{what}` is nothing that a comment can say to the lint");
        ("", 0..0, Some(problem))
    };
    let scope = if problem.is_some() { 0..0 } else { scope };
    let codes = codes
        .split(',')
        .map(str::trim)
        .filter(|code| !code.is_empty());
    Comment {
        span,
        codes: codes.map(|code| named(code, settings)).collect(),
        reason: reason.into(),
        scope,
        problem,
    }
}

fn named(code: &str, settings: &Settings) -> Named {
    let allowed = |rule: &&&'static Rule| !settings.is_unsuppressible(rule);
    let rules: Vec<&'static Rule> = if code == EVERY {
        let mild = RULES.iter().filter(|rule| !rule.is_about_safety());
        mild.filter(allowed).copied().collect()
    } else {
        let called = RULES.iter().filter(|rule| rule.is_called(code));
        called.filter(allowed).copied().collect()
    };
    Named {
        text: code.into(),
        rules,
        is_used: Cell::new(false),
    }
}

/// The statement behind a comment, with its block.
fn following(text: &str, pieces: &[(Part, Range<usize>)]) -> Range<usize> {
    let mut words = pieces
        .iter()
        .enumerate()
        .filter(|(_, (part, _))| *part == Part::Word);
    let Some((first, (_, start))) = words.next() else {
        return 0..0;
    };
    let mut depth = 0_usize;
    let mut end = start.end;
    for (part, range) in &pieces[first..] {
        let piece = text.get(range.clone()).unwrap_or("");
        match part {
            Part::Gap if depth == 0 && piece.contains('\n') => return start.start..end,
            Part::Gap | Part::Comment => {}
            Part::Word => {
                match piece {
                    "{" => depth += 1,
                    "}" if depth == 0 => return start.start..end,
                    "}" => depth -= 1,
                    _ => {}
                }
                end = range.end;
            }
        }
    }
    start.start..end
}

/// What is wrong with the comments themselves.
pub(crate) fn problems(
    comments: &Comments,
    running: &[&'static Rule],
    settings: &Settings,
) -> Vec<Finding> {
    let wants_reason = settings.flag(LINT_COMMENT_PROBLEM, "require_reason");
    let mut found = Vec::new();
    for comment in &comments.all {
        let mut say = |message: String| {
            let remove = Fix::replace("remove the comment", comment.span, "");
            let finding = Finding::at(LINT_COMMENT_PROBLEM, comment.span, message);
            found.push(match comment.codes.len() {
                0 | 1 => finding.fix(Safety::Safe, remove),
                _ => finding,
            });
        };
        if let Some(problem) = &comment.problem {
            say(problem.clone());
        } else if comment.codes.is_empty() {
            say("this comment names no rule".into());
        }
        for named in &comment.codes {
            if let Some(message) = problem_of(named, comment, running, settings) {
                say(message);
            }
        }
        if wants_reason && comment.reason.is_empty() && comment.problem.is_none() {
            let finding = Finding::at(
                LINT_COMMENT_PROBLEM,
                comment.span,
                "this comment gives no reason",
            );
            found.push(finding.help("write one behind ` -- `"));
        }
    }
    found
}

fn problem_of(
    named: &Named,
    comment: &Comment,
    running: &[&'static Rule],
    settings: &Settings,
) -> Option<String> {
    if comment.problem.is_some() {
        return None;
    }
    let code = &named.text;
    let Some(rule) = settings::find(code) else {
        return match code.as_str() {
            EVERY if named.is_used.get() || running.len() < RULES.len() / 2 => None,
            EVERY => Some("`all` turns nothing off here; SEC and OLL have to be named".into()),
            _ => Some(format!("there is no rule `{code}`")),
        };
    };
    if settings.is_unsuppressible(rule) {
        return Some(format!(
            "`{code}` cannot be turned off here: the configuration says so"
        ));
    }
    let unused = running.contains(&rule) && !named.is_used.get();
    unused.then(|| format!("`{code}` finds nothing here, so there is nothing to turn off"))
}
