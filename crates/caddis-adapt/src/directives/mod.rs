//! Every directive, in the order in which Caddy sorts them.

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[];
