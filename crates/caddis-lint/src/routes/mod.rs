//! The routes of a config as they run: who reaches which upstream, past which gates.

mod candidates;
mod credentials;
mod entry;
mod expression;
mod gates;
mod graph;
mod matching;
mod patterns;
mod placeholders;
mod reasons;
mod regexes;
mod request;
mod rewriting;
mod samples;
mod spot;
mod walk;

pub(crate) use credentials::{is_credential_field, is_credential_key, is_forwarded_field};
pub(crate) use entry::{Entry, is_local_address, is_local_host};
pub(crate) use gates::{Gate, GateKind, is_forward_auth};
pub(crate) use graph::{Exposure, Graph};
pub(crate) use matching::{KNOWN_SECRET, Secrets};
pub(crate) use patterns::{host_matches, path_matches};
pub(crate) use placeholders::{names as placeholder_names, unset};
pub(crate) use reasons::Reason;
pub use request::Request;
pub(crate) use samples::of_regex;
pub(crate) use spot::Spot;
pub(crate) use walk::{End, Run};
