//! The numbers of traces and of spans.

use std::fmt;

/// The number of a trace; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId(u128);

/// The number of a span; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanId(u64);

impl TraceId {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(rand::random::<u128>().max(1))
    }

    /// Reads 32 hexadecimal digits in lower case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(is_digit);
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
        (number != 0).then_some(Self(number))
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The part of it that is as good as drawn by lot, from 0 up to 2^63.
    pub(super) fn chance(self) -> u64 {
        let low = self.0 & u128::from(u64::MAX);
        u64::try_from(low).unwrap_or_default() >> 1
    }
}

impl SpanId {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(rand::random::<u64>().max(1))
    }

    /// Reads 16 hexadecimal digits in lower case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 16 && text.bytes().all(is_digit);
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
        (number != 0).then_some(Self(number))
    }

    pub(super) fn bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

pub(super) fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
