//! Sizes and durations as scripts write them.

use std::time::Duration;

/// `61s`, `500ms`, `2m` or `1h`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// `100`, `100B`, `2kB`, `2KiB`, `3MB` or `3MiB`, in bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let bytes = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "KiB" => 1024,
        "MB" => 1000 * 1000,
        "MiB" => 1024 * 1024,
        _ => return None,
    };
    number.checked_mul(bytes)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_others_are_not() {
        assert_eq!(duration("61s"), Some(Duration::from_secs(61)));
        assert_eq!(duration("40ms"), Some(Duration::from_millis(40)));
        assert_eq!(duration("1d"), None);
        assert_eq!(size("900KiB"), Some(900 * 1024));
        assert_eq!(size("2MB"), Some(2_000_000));
        assert_eq!(size("12"), Some(12));
        assert_eq!(size("MiB"), None);
        assert_eq!(size("99999999999999999999"), None);
    }
}
