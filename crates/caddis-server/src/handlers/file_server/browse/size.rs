//! Sizes for people.

/// A size in binary units, as Caddy writes it: `4.0 KiB`.
pub(super) fn written(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = 0;
    let mut scale: u64 = 1;
    while bytes / scale >= 1024 && unit + 1 < UNITS.len() {
        scale *= 1024;
        unit += 1;
    }
    if unit == 0 {
        return format!("{bytes} B");
    }
    // In tenths, rounded half up.
    let tenths = (u128::from(bytes) * 10 + u128::from(scale) / 2) / u128::from(scale);
    if tenths < 100 {
        return format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]);
    }
    // Caddy rounds twice: to tenths, and those half to even.
    let (whole, rest) = (tenths / 10, tenths % 10);
    let is_up = rest > 5 || (rest == 5 && whole % 2 == 1);
    format!("{} {}", whole + u128::from(is_up), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn sizes_are_written_as_caddy_writes_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (9, "9 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1587, "1.5 KiB"),
            (10_189, "10 KiB"),
            (10_752, "10 KiB"),
            (11_776, "12 KiB"),
            (1_048_575, "1024 KiB"),
            (5 * 1024 * 1024 * 1024, "5.0 GiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(written(bytes), text, "{bytes}");
        }
    }
}
