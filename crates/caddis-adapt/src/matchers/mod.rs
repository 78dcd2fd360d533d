//! Every matcher, by name.

use crate::Matcher;

pub(crate) const MATCHERS: &[Matcher] = &[];
