//! A template with those that it defines.

use std::collections::HashMap;
use std::sync::Arc;

use gotmpl::parse::{ListNode, Parser};

use crate::{Error, Result, World, balance, check};

/// What actions stand between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// The opening one.
    pub open: String,
    /// The closing one.
    pub close: String,
}

/// A template with those that it defines.
#[derive(Clone)]
pub struct Set {
    pub(crate) name: Arc<str>,
    pub(crate) templates: HashMap<Arc<str>, Defined>,
}

/// A template of a set.
#[derive(Clone)]
pub(crate) struct Defined {
    /// The text that it stands in.
    pub(crate) file: Arc<str>,
    pub(crate) body: Arc<ListNode>,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self {
            open: "{{".into(),
            close: "}}".into(),
        }
    }
}

impl Set {
    /// Parses a text.
    pub fn parse(
        name: &str,
        text: &str,
        delimiters: &Delimiters,
        world: &dyn World,
    ) -> Result<Self> {
        let mut set = Self {
            name: name.into(),
            templates: HashMap::new(),
        };
        set.add(name, text, delimiters, world)?;
        Ok(set)
    }

    /// Parses another text, and takes over what it defines; what is empty replaces nothing.
    pub(crate) fn add(
        &mut self,
        file: &str,
        text: &str,
        delimiters: &Delimiters,
        world: &dyn World,
    ) -> Result<()> {
        let parser = Parser::new(text, &delimiters.open, &delimiters.close);
        let (body, defined) = parser
            .and_then(Parser::parse)
            .map_err(|error| Error::new(format!("template: {file}: {error}")))?;
        balance::check(text, delimiters)
            .map_err(|error| Error::new(format!("template: {file}: {error}")))?;
        let file: Arc<str> = file.into();
        let own = Arc::clone(&self.name);
        let defined = defined
            .into_iter()
            .map(|one| (Arc::from(one.name.as_str()), one.body));
        let mut seen: HashMap<Arc<str>, bool> = HashMap::new();
        for (name, body) in defined.chain([(own, body)]) {
            check::check(&body, world).map_err(|error| error.at(&file, body.pos.line))?;
            let is_empty = body.is_empty_tree();
            let before = seen.entry(Arc::clone(&name)).or_insert(true);
            if !is_empty && !*before {
                let message =
                    format!("template: {file}: multiple definition of template \"{name}\"");
                return Err(Error::new(message));
            }
            *before &= is_empty;
            if is_empty && self.templates.contains_key(&name) {
                continue;
            }
            let file = Arc::clone(&file);
            let body = Arc::new(body);
            self.templates.insert(name, Defined { file, body });
        }
        Ok(())
    }
}
