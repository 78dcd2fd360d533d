//! Lists of texts that may have placeholders, at no cost where they have none.

use std::sync::Arc;

use caddis_ir::Path;

use crate::builder::Builder;
use crate::placeholders::{Template, Values};

/// Texts, filled in for a request.
pub(super) type Texts = Arc<[Box<[u8]>]>;

/// A list of texts.
pub(super) enum Names {
    /// The same for every request.
    Fixed(Texts),
    Filled(Vec<Template>),
}

impl Names {
    pub(super) fn build<'t>(
        texts: impl Iterator<Item = &'t str>,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let read = |(index, text)| builder.template(text, &at.index(index));
        let templates: Vec<_> = texts.enumerate().map(read).collect();
        let fixed = templates
            .iter()
            .map(|template| Some(template.constant()?.as_bytes().into()));
        match fixed.collect::<Option<Texts>>() {
            Some(texts) => Self::Fixed(texts),
            None => Self::Filled(templates),
        }
    }

    /// The texts for one request.
    pub(super) fn of(&self, values: &Values<'_>) -> Texts {
        match self {
            Self::Fixed(texts) => Arc::clone(texts),
            Self::Filled(templates) => {
                let filled = templates.iter().map(|template| template.fill(values));
                filled.map(|text| text.into_owned().into()).collect()
            }
        }
    }
}
