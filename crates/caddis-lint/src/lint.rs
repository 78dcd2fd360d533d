//! All rules over one config, with the comments that turn findings off.

use std::collections::HashSet;

use caddis_source::Diagnostic;

use crate::check::{Check, View};
use crate::context::Context;
use crate::finding::{Finding, severity_of};
use crate::rule::{Phase, Rule};
use crate::rules::{LINT_COMMENT_PROBLEM, RULES};
use crate::settings::Settings;
use crate::suppress::{self, Comments};

/// What is said of one config: findings by place, the suppressed ones included.
pub fn lint(cx: &Context, settings: &Settings) -> Vec<Finding> {
    let view = View::new(cx, settings);
    let running: Vec<&'static Rule> = RULES
        .iter()
        .copied()
        .filter(|rule| settings.runs(rule))
        .collect();
    let mut found: Vec<Finding> = adopted(cx);
    let broken: HashSet<usize> = broken_sites(cx);
    for rule in &running {
        let by_rule = Check::run(rule, &view);
        found.extend(
            by_rule
                .into_iter()
                .filter(|finding| is_founded(finding, cx, &broken)),
        );
    }
    for finding in &mut found {
        finish(finding, cx, settings);
    }
    found.retain(|finding| finding.rule.is_none_or(|rule| settings.runs(rule)));
    sort(&mut found, cx);
    let mut seen = HashSet::new();
    found.retain(|finding| seen.insert(identity(finding)));
    let comments = Comments::read(cx, settings);
    comments.apply(&mut found, cx);
    if settings.runs(LINT_COMMENT_PROBLEM) {
        let mut problems = suppress::problems(&comments, &running, settings);
        for finding in &mut problems {
            finish(finding, cx, settings);
        }
        found.extend(problems);
        sort(&mut found, cx);
    }
    found
}

/// What the language itself says, under the rule that takes it over.
fn adopted(cx: &Context) -> Vec<Finding> {
    let findings = cx.diagnostics.iter().map(|diagnostic| {
        let written = diagnostic.span().map_or("", |span| cx.sources.slice(span));
        let rule = RULES
            .iter()
            .find(|rule| rule.adopts.contains(&diagnostic.code()) && (rule.adopts_if)(written));
        match rule {
            Some(rule) => adopt(rule, diagnostic.clone(), cx),
            None => Finding::of_language(diagnostic.clone()),
        }
    });
    findings.collect()
}

fn adopt(rule: &'static Rule, diagnostic: Diagnostic, cx: &Context) -> Finding {
    let mut finding = Finding::of_language(diagnostic.with_code(rule.code));
    finding.rule = Some(rule);
    finding.level = rule.level;
    crate::adopted::fix(finding, rule, cx)
}

/// The sites of which something could not be read, so that nobody knows what their routes would be.
fn broken_sites(cx: &Context) -> HashSet<usize> {
    let errors = cx.diagnostics.iter().filter(|found| found.is_error());
    errors
        .filter_map(|found| cx.site_of(found.span()?))
        .collect()
}

/// False for what is said of the routes of a site that was not wholly read.
fn is_founded(finding: &Finding, cx: &Context, broken: &HashSet<usize>) -> bool {
    let of_routes = finding.rule.is_some_and(|rule| rule.phase == Phase::Routes);
    if !of_routes || broken.is_empty() {
        return true;
    }
    let site = finding.span().and_then(|span| cx.site_of(span));
    site.is_none_or(|site| !broken.contains(&site))
}

fn finish(finding: &mut Finding, cx: &Context, settings: &Settings) {
    if let Some(rule) = finding.rule {
        finding.level = settings.level(rule, finding.level);
    }
    let severity = severity_of(finding.level);
    let diagnostic = finding.diagnostic.clone().with_severity(severity);
    finding.diagnostic = diagnostic;
    let site = finding.span().and_then(|span| cx.site_of(span));
    if let Some(site) = site {
        finding.site = cx.addresses(site);
    }
}

fn sort(found: &mut [Finding], cx: &Context) {
    found.sort_by_cached_key(|finding| {
        let span = finding.span()?;
        let outer = cx.outermost(span);
        Some((
            outer.file,
            outer.start,
            span.file,
            span.start,
            finding.code(),
        ))
    });
}

/// What a snippet brings to several sites is said once.
fn identity(finding: &Finding) -> (&'static str, Option<(caddis_source::FileId, u32)>, String) {
    let place = finding.span().map(|span| (span.file, span.start));
    (
        finding.code(),
        place,
        finding.diagnostic.message().to_owned(),
    )
}
