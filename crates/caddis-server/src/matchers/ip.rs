//! `remote_ip` and `client_ip`: addresses and prefixes.

use std::net::IpAddr;

use caddis_ir::Path;
use ipnet::IpNet;

use crate::builder::Builder;
use crate::placeholders::{Template, Unknown};

/// Addresses and prefixes; an IPv4 address within IPv6 is the IPv4 address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranges(Vec<IpNet>);

impl Ranges {
    /// Reads ranges; placeholders are filled now, and one may stand for several ranges with commas between them.
    pub(crate) fn build(ranges: &[String], at: &Path, builder: &mut Builder<'_>) -> Self {
        let mut built = Vec::new();
        for (index, range) in ranges.iter().enumerate() {
            let at = at.index(index);
            let template = match Template::parse(range, Unknown::Empty, builder.environment) {
                Ok(template) => template,
                Err(message) => {
                    builder.error(&at, message);
                    continue;
                }
            };
            let Some(text) = template.constant() else {
                let message = format!(
                    "`{range}` depends on the request, and is read when the config is loaded"
                );
                builder.error_with_help(
                    &at,
                    message,
                    "write addresses or prefixes, or `{env.NAME}`",
                );
                continue;
            };
            for part in text.split(',').map(str::trim) {
                match read(part) {
                    Ok(range) => built.push(range),
                    Err(message) => builder.error(&at, message),
                }
            }
        }
        Self(built)
    }

    /// Whether an address is in one of the ranges.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(&address))
    }
}

fn read(text: &str) -> Result<IpNet, String> {
    if text.contains('%') {
        return Err(format!(
            "`{text}` has a zone, which caddis does not have yet"
        ));
    }
    let broken = || format!("`{text}` is not an IP address or prefix");
    if let Some((address, bits)) = text.split_once('/') {
        let address: IpAddr = address.parse().map_err(|_| broken())?;
        let bits: u8 = bits.parse().map_err(|_| broken())?;
        let range = IpNet::new(address, bits).map_err(|_| broken())?;
        return Ok(unmapped(range).trunc());
    }
    let address: IpAddr = text.parse().map_err(|_| broken())?;
    Ok(IpNet::from(address.to_canonical()))
}

/// The IPv4 prefix that an IPv6 prefix stands for.
fn unmapped(range: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    match (range, range.addr().to_canonical()) {
        (IpNet::V6(_), IpAddr::V4(address)) if range.prefix_len() >= MAPPED_BITS => {
            IpNet::new(address.into(), range.prefix_len() - MAPPED_BITS).unwrap_or(range)
        }
        _ => range,
    }
}
