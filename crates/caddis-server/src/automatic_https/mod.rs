//! Automatic HTTPS: which servers are encrypted, which names need certificates, and where plain HTTP is redirected.

mod decide;
mod demand;
mod names;
mod plan;
mod redirects;
#[cfg(test)]
mod tests;

pub(crate) use demand::OnDemandNames;
pub(crate) use plan::plan;
