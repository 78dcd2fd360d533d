//! Medians and percentiles.

use std::time::Duration;

/// Some measured values in one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The one in the middle, or the mean of the two.
    pub(crate) median: f64,
    /// The smallest.
    pub(crate) least: f64,
    /// The largest.
    pub(crate) most: f64,
}

/// Nothing, if there are no values.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let median = if values.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(*values.get(middle - 1)?, upper)
    };
    Some(Spread {
        median,
        least,
        most,
    })
}

/// What so many of a hundred took at most. The times are sorted.
pub(crate) fn percentile(sorted: &[Duration], of_a_hundred: usize) -> Option<Duration> {
    let place = (sorted.len() * of_a_hundred) / 100;
    sorted.get(place.min(sorted.len().checked_sub(1)?)).copied()
}

/// A count, where a fraction is due.
pub(crate) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        let found = spread([1.0, 9.0, 2.0]).unwrap();
        let expected = Spread {
            median: 2.0,
            least: 1.0,
            most: 9.0,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn two_in_the_middle_are_halved() {
        let found = spread([4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((found.median, found.least, found.most), (2.5, 1.0, 4.0));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(spread([]), None);
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Some(Duration::from_millis(101)));
        assert_eq!(percentile(&times, 99), Some(Duration::from_millis(199)));
        assert_eq!(percentile(&times[..1], 99), Some(Duration::from_millis(1)));
    }
}
