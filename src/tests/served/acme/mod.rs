//! Certificates from an ACME server.

mod by_dns;
mod external;
mod kept;
mod obtained;
mod on_demand;
mod refused;
mod renewed;
mod revoked;
mod shared;
mod site;
