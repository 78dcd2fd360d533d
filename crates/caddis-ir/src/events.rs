//! What happens when something happens.

use serde::{Deserialize, Serialize};

/// What happens when something happens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventsApp {
    /// In order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<Subscription>,
}

/// Events, and what is done at each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subscription {
    /// Their names; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The modules they come from; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// What is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<EventHandler>,
}

/// What is done at an event; stock Caddy has no such module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "handler")]
pub enum EventHandler {}
