//! `path`: the path, with `*` at either end or anywhere, whatever the case of its letters.

use std::borrow::Cow;

use caddis_ir::Path;

use super::{Look, escaped, glob};
use crate::builder::Builder;
use crate::placeholders::Template;
use crate::uri::{self, Slashes};

/// The patterns of a `path` matcher.
pub(super) struct PathMatcher(Vec<Pattern>);

enum Pattern {
    /// The same for every request.
    Fixed(Shape),
    /// Filled and read for each request.
    Filled(Template),
}

/// A pattern, by how it is compared.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    kind: Kind,
    slashes: Slashes,
    text: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `*`
    Any,
    /// `/a`
    Exact,
    /// `/a*`
    Prefix,
    /// `*a`
    Suffix,
    /// `*a*`
    Substring,
    /// `/a/*/b`, `/[ab]`, `/?`
    Glob,
    /// `/a%2fb`
    Escaped,
}

impl PathMatcher {
    pub(super) fn build(patterns: &[String], at: &Path, builder: &mut Builder<'_>) -> Self {
        let read = |(index, pattern): (usize, &String)| {
            // Caddy folds the whole pattern when it loads it, and fills placeholders afterwards.
            let folded = uri::lower(Cow::Borrowed(pattern.as_bytes()));
            let folded = String::from_utf8_lossy(&folded);
            let template = builder.template(&folded, &at.index(index));
            match template.constant() {
                Some(text) => Pattern::Fixed(Shape::read(text.as_bytes())),
                None => Pattern::Filled(template),
            }
        };
        Self(patterns.iter().enumerate().map(read).collect())
    }

    pub(super) fn matches(&self, look: &Look<'_>) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Fixed(shape) => shape.matches(look),
            Pattern::Filled(template) => Shape::read(&template.fill(&look.values)).matches(look),
        })
    }
}

impl Shape {
    fn read(text: &[u8]) -> Self {
        let stars = memchr::memchr_iter(b'*', text).count();
        let (first, last) = (text.starts_with(b"*"), text.ends_with(b"*"));
        let kind = if text == b"*" {
            Kind::Any
        } else if text.contains(&b'%') {
            Kind::Escaped
        } else if stars == 2 && first && last {
            Kind::Substring
        } else if stars == 1 && first {
            Kind::Suffix
        } else if stars == 1 && last {
            Kind::Prefix
        } else if text.iter().any(|byte| b"*?[\\".contains(byte)) {
            Kind::Glob
        } else {
            Kind::Exact
        };
        let doubled = text.windows(2).any(|pair| pair == b"//");
        let slashes = if doubled {
            Slashes::Kept
        } else {
            Slashes::Merged
        };
        Self {
            kind,
            slashes,
            text: text.into(),
        }
    }

    fn matches(&self, look: &Look<'_>) -> bool {
        if self.kind == Kind::Escaped {
            let path = uri::lower(Cow::Borrowed(look.request.uri().path().as_bytes()));
            return escaped::matches(&self.text, &uri::clean(path, self.slashes));
        }
        match self.slashes {
            Slashes::Merged => self.matches_path(look.folded_path()),
            Slashes::Kept => self.matches_path(&look.folded_path_with_slashes()),
        }
    }

    fn matches_path(&self, path: &[u8]) -> bool {
        let text = &*self.text;
        match self.kind {
            Kind::Any => true,
            Kind::Exact => path == text,
            Kind::Prefix => path.starts_with(text.strip_suffix(b"*").unwrap_or(text)),
            Kind::Suffix => path.ends_with(text.strip_prefix(b"*").unwrap_or(text)),
            Kind::Substring => {
                let part = text.get(1..text.len() - 1).unwrap_or_default();
                memchr::memmem::find(path, part).is_some()
            }
            Kind::Glob => glob::matches(text, path),
            Kind::Escaped => escaped::matches(text, path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::testing::{request, route, serve_routes};
    use caddis_ir::MatcherSet;

    /// Which patterns matched which paths in Caddy 2.11.4, asked with the header `P: FoO`: chosen ones, and random ones.
    const RECORDED: [&str; 2] = [
        include_str!("../../../../testdata/matchers/path.json"),
        include_str!("../../../../testdata/matchers/path_random.json"),
    ];

    #[derive(serde::Deserialize)]
    struct Recorded {
        patterns: Vec<String>,
        /// The patterns that matched each path.
        paths: BTreeMap<String, Vec<String>>,
    }

    #[tokio::test]
    async fn every_recorded_path_matches_the_patterns_that_it_matched_in_caddy() {
        for recorded in RECORDED {
            let Recorded { patterns, paths } = serde_json::from_str(recorded).unwrap();
            let marks = patterns.iter().enumerate();
            let server = serve_routes(marks.map(|(index, pattern)| mark(index, pattern)).collect());
            let mut wrong = BTreeMap::new();
            for (path, expected) in paths {
                let mut request = request(&path);
                request.headers_mut().insert("P", "FoO".parse().unwrap());
                let answer = server.ask(request).await.unwrap();
                if path == "*" {
                    // Caddy lets any method ask for it; here it is no path of a request that a matcher sees.
                    assert_eq!(answer.status, 400);
                    continue;
                }
                let marked = answer.field("X-M");
                let found: Vec<String> = (marked.iter())
                    .map(|index| patterns[index.parse::<usize>().unwrap()].clone())
                    .collect();
                if found != expected {
                    wrong.insert(path, (found, expected));
                }
            }
            assert!(wrong.is_empty(), "found, expected: {wrong:#?}");
        }
    }

    fn mark(index: usize, pattern: &str) -> caddis_ir::Route {
        let mut headers = caddis_ir::Headers::default();
        let rules = &mut headers.response.get_or_insert_default().rules;
        rules.add.insert("X-M".into(), vec![index.to_string()]);
        let set = MatcherSet {
            path: Some(vec![pattern.into()]),
            ..MatcherSet::default()
        };
        route(set, vec![caddis_ir::Handler::Headers(headers)])
    }
}
