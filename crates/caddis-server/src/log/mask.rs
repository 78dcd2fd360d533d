//! Addresses in a log, cut to their networks.

use std::net::{IpAddr, SocketAddr};

use ipnet::{Ipv4Net, Ipv6Net};

/// How many bits of an address are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask {
    ipv4: Option<u8>,
    ipv6: Option<u8>,
}

impl Mask {
    /// Reads the numbers of bits; addresses of a kind that none is given for are left as they are.
    pub(super) fn read(ipv4: Option<i64>, ipv6: Option<i64>) -> Result<Self, String> {
        let bits = |bits: Option<i64>, most: u8| match bits {
            None | Some(0) => Ok(None),
            Some(bits) => match u8::try_from(bits) {
                Ok(bits) if bits <= most => Ok(Some(bits)),
                Ok(_) | Err(_) => Err(format!("an address has no {bits} bits: write 1 to {most}")),
            },
        };
        Ok(Self {
            ipv4: bits(ipv4, 32)?,
            ipv6: bits(ipv6, 128)?,
        })
    }

    /// Cuts the addresses of a list; what is no address stays.
    pub(super) fn cut(self, text: &str) -> String {
        let parts = text.split(',').map(|part| self.cut_one(part.trim()));
        parts.collect::<Vec<_>>().join(", ")
    }

    fn cut_one(self, text: &str) -> String {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return SocketAddr::new(self.network(address.ip()), address.port()).to_string();
        }
        let address = text
            .parse()
            .map(|address| self.network(address).to_string());
        address.unwrap_or_else(|_| text.to_owned())
    }

    fn network(self, address: IpAddr) -> IpAddr {
        let network = match address.to_canonical() {
            IpAddr::V4(ipv4) => self.ipv4.and_then(|bits| {
                let network = Ipv4Net::new(ipv4, bits).ok()?;
                Some(network.network().into())
            }),
            IpAddr::V6(ipv6) => self.ipv6.and_then(|bits| {
                let network = Ipv6Net::new(ipv6, bits).ok()?;
                Some(network.network().into())
            }),
        };
        network.unwrap_or(address)
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn addresses_are_cut_and_other_texts_are_not() {
        let mask = Mask::read(Some(16), Some(32)).unwrap();
        for (text, cut) in [
            ("1.2.3.4", "1.2.0.0"),
            ("1.2.3.4, 2001:db8:1:2::5,x", "1.2.0.0, 2001:db8::, x"),
            ("1.2.3.4:80", "1.2.0.0:80"),
            ("[2001:db8:1::5]:80", "[2001:db8::]:80"),
        ] {
            assert_eq!(mask.cut(text), cut);
        }
        assert_eq!(Mask::read(Some(8), None).unwrap().cut("::1"), "::1");
        assert!(Mask::read(Some(33), None).is_err());
    }
}
