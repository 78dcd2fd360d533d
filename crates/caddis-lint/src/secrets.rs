//! What a secret looks like: known beginnings, length, and how much chance is in it.

use std::collections::BTreeMap;

/// Beginnings of tokens that services hand out.
const KNOWN: [&str; 14] = [
    "sk-",
    "sk_live_",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "hf_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "nvapi-",
    "gsk_",
    "dop_v1_",
];

/// Words in the place of a secret that is to be filled in.
const EXAMPLES: [&str; 8] = [
    "changeme",
    "change-me",
    "your_",
    "your-",
    "example",
    "placeholder",
    "xxxx",
    "letmein",
];

/// True for a text that begins as a service's tokens do.
pub(crate) fn is_known(text: &str) -> bool {
    KNOWN
        .iter()
        .any(|known| text.starts_with(known) && text.len() >= known.len() + 8)
}

/// The word of an example in a text, if it has one.
pub(crate) fn example_in(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    EXAMPLES.into_iter().find(|word| text.contains(word))
}

/// How many bits of chance a text has at most: its length, and how its letters are spread.
pub(crate) fn bits(text: &str) -> u32 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total = f64::from(counts.values().sum::<u32>());
    let spread: f64 = counts
        .values()
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum();
    let bits = (spread * total).clamp(0.0, 100_000.0);
    // From here on it is a whole number that fits.
    format!("{bits:.0}").parse().unwrap_or(0)
}

/// The secret in the value of a header field: what stands behind `Bearer ` and the like.
pub(crate) fn without_scheme(value: &str) -> &str {
    let mut words = value.splitn(2, ' ');
    match (words.next(), words.next()) {
        (Some("Bearer" | "bearer" | "Token" | "token" | "Basic" | "ApiKey"), Some(rest)) => rest,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_counted_in_bits() {
        assert_eq!(bits("aaaaaaaa"), 0);
        assert!(bits("5f2c7b1e9d0a4c6f8e3b2a1d7c9f0e4b") > 100);
        assert!(bits("secret123") < 40);
        assert_eq!(without_scheme("Bearer abc"), "abc");
    }
}
