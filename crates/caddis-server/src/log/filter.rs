//! Which entries a log takes: by level, and by the names of loggers.

use super::Level;

/// Which entries a log takes.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) level: Level,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
}

impl Filter {
    pub(super) fn takes(&self, level: Level, logger: &str) -> bool {
        level >= self.level && self.takes_logger(logger)
    }

    /// The longest name that is listed for a logger or for what it belongs to decides.
    fn takes_logger(&self, logger: &str) -> bool {
        let included = longest(&self.include, logger);
        if !self.include.is_empty() && included.is_none() {
            return false;
        }
        let all_named = |name: &str| name == "*" && !logger.is_empty();
        if self
            .exclude
            .iter()
            .any(|name| all_named(name) || (name == "." && logger.is_empty()))
        {
            return false;
        }
        longest(&self.exclude, logger).is_none_or(|excluded| Some(excluded) <= included)
    }
}

fn longest(names: &[String], logger: &str) -> Option<usize> {
    let above = names.iter().filter(|name| is_part_of(logger, name));
    above.map(String::len).max()
}

/// True if the logger has the name, or one below it.
fn is_part_of(logger: &str, name: &str) -> bool {
    let rest = logger.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::log::Level;

    #[test]
    fn the_longest_name_decides() {
        let takes = |include: &[&str], exclude: &[&str], logger: &str| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let filter = Filter {
                level: Level::Info,
                include: owned(include),
                exclude: owned(exclude),
            };
            assert!(!filter.takes(Level::Debug, logger));
            filter.takes(Level::Warn, logger)
        };
        assert!(takes(&[], &[], "http.log.access"));
        assert!(takes(&["http"], &[], "http.log"));
        assert!(!takes(&["http"], &[], "httpx"));
        assert!(!takes(&["http"], &[], ""));
        assert!(!takes(
            &[],
            &["http.log.access.log0"],
            "http.log.access.log0"
        ));
        assert!(takes(
            &[],
            &["http.log.access.log0"],
            "http.log.access.log1"
        ));
        assert!(takes(
            &["http.log.access"],
            &["http.log"],
            "http.log.access"
        ));
        assert!(!takes(
            &["http.log"],
            &["http.log.access"],
            "http.log.access"
        ));
        assert!(!takes(&[], &["*"], "tls"));
        assert!(takes(&[], &["*"], ""));
        assert!(!takes(&[], &["."], ""));
    }
}
