//! The sliding window of `rate_limit`: the events of the last so much time, in bounded memory.

use std::collections::VecDeque;

/// More events than these are kept in groups, which are let go together: a thousandth of the window late at most.
const GROUPS: u64 = 1024;
/// What a window has room for at first.
pub(crate) const FIRST: usize = 4;

/// How many events a window may have. Times are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Limit {
    window: u64,
    max: u64,
    /// How long a group of events is.
    step: u64,
}

impl Limit {
    pub(crate) fn new(window: u64, max: u64) -> Self {
        let step = if max > GROUPS { window / GROUPS } else { 1 };
        Self {
            window,
            max,
            step: step.max(1),
        }
    }

    /// Until when an event of this moment counts: never too short.
    fn until(&self, now: u64) -> u64 {
        let rounded = match self.step {
            1 => now,
            step => (now / step).saturating_add(1).saturating_mul(step),
        };
        rounded.saturating_add(self.window)
    }

    /// How many groups there can be at a time.
    fn most(&self) -> usize {
        usize::try_from(self.max.min(GROUPS + 2)).unwrap_or(usize::MAX)
    }
}

/// The events of one key that still count, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    groups: VecDeque<Group>,
    total: u64,
}

#[derive(Debug)]
struct Group {
    until: u64,
    count: u64,
}

impl Window {
    /// Counts an event if the limit allows it; else says how long to wait. `room` is how many more groups may be
    /// kept by all windows together: without room, the last group takes the event, and counts longer.
    pub(crate) fn take(&mut self, limit: &Limit, now: u64, room: &mut usize) -> Result<(), u64> {
        self.forget(now);
        if self.total >= limit.max {
            let next = self.groups.front().map_or(now, |group| group.until);
            return Err(next.saturating_sub(now));
        }
        self.total += 1;
        let until = limit.until(now);
        let full = self.groups.len() == self.groups.capacity() && !self.grow(limit, room);
        match self.groups.back_mut() {
            Some(last) if full || last.until >= until => {
                last.until = last.until.max(until);
                last.count += 1;
            }
            Some(_) | None => self.groups.push_back(Group { until, count: 1 }),
        }
        Ok(())
    }

    /// Whether nothing counts any more.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        self.groups.back().is_none_or(|last| last.until <= now)
    }

    /// How many groups it has taken the room of.
    pub(crate) fn room(&self) -> usize {
        self.groups.capacity()
    }

    fn forget(&mut self, now: u64) {
        while let Some(first) = self.groups.front().filter(|first| first.until <= now) {
            self.total -= first.count;
            self.groups.pop_front();
        }
    }

    /// Makes place for more groups, as far as there is room. The first ones are always granted.
    fn grow(&mut self, limit: &Limit, room: &mut usize) -> bool {
        let had = self.groups.capacity();
        let most = limit.most().saturating_sub(had).max(1);
        let more = had.max(FIRST).min(most);
        if more > *room && had > 0 {
            return false;
        }
        self.groups.reserve_exact(more);
        *room = room.saturating_sub(self.groups.capacity() - had);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FIRST, GROUPS, Limit, Window};

    const PLENTY: usize = 1 << 20;

    fn allowed(window: &mut Window, limit: &Limit, now: u64) -> bool {
        window.take(limit, now, &mut { PLENTY }).is_ok()
    }

    #[test]
    fn as_many_as_allowed_pass_and_the_next_one_waits_for_the_oldest() {
        let (mut window, limit) = (Window::default(), Limit::new(100, 2));
        assert_eq!(window.take(&limit, 10, &mut { PLENTY }), Ok(()));
        assert_eq!(window.take(&limit, 30, &mut { PLENTY }), Ok(()));
        assert_eq!(window.take(&limit, 50, &mut { PLENTY }), Err(60));
        assert_eq!(window.take(&limit, 109, &mut { PLENTY }), Err(1));
        assert_eq!(window.take(&limit, 110, &mut { PLENTY }), Ok(()));
        assert_eq!(window.take(&limit, 111, &mut { PLENTY }), Err(19));
    }

    #[test]
    fn what_is_refused_does_not_count() {
        let (mut window, limit) = (Window::default(), Limit::new(100, 1));
        assert!(allowed(&mut window, &limit, 0));
        for now in 1..100 {
            assert!(!allowed(&mut window, &limit, now));
        }
        assert!(allowed(&mut window, &limit, 100));
    }

    #[test]
    fn a_clock_that_two_threads_read_in_another_order_lets_nothing_more_through() {
        let (mut window, limit) = (Window::default(), Limit::new(100, 2));
        assert!(allowed(&mut window, &limit, 50));
        assert!(allowed(&mut window, &limit, 40));
        assert!(!allowed(&mut window, &limit, 60));
    }

    #[test]
    fn a_million_events_take_no_more_room_than_a_thousand() {
        let (mut window, limit) = (Window::default(), Limit::new(1_000_000_000, 1_000_000));
        for now in 0..1_000_000 {
            assert!(allowed(&mut window, &limit, now * 900));
        }
        assert!(!allowed(&mut window, &limit, 900_000_000));
        assert!(window.room() <= 2 * usize::try_from(GROUPS).unwrap());
    }

    #[test]
    fn without_room_the_count_stays_right_and_counts_longer() {
        let (mut window, limit) = (Window::default(), Limit::new(1000, 100));
        let mut room = FIRST;
        for now in 0..100 {
            assert_eq!(window.take(&limit, now, &mut room), Ok(()));
        }
        assert_eq!((room, window.room()), (0, FIRST));
        assert_eq!(window.take(&limit, 100, &mut room), Err(900));
    }

    proptest! {
        /// Whatever the times, the room and the grouping: no span as long as the window has more than the limit.
        #[test]
        fn never_more_than_the_limit_in_any_window(
            gaps in prop::collection::vec(0_u64..2000, 1..400),
            max in prop_oneof![1_u64..20, Just(GROUPS + 1)],
            room in 0_usize..64,
        ) {
            let (mut window, limit, mut room) = (Window::default(), Limit::new(10_000, max), room);
            let (mut now, mut passed) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                if window.take(&limit, now, &mut room).is_ok() {
                    passed.push(now);
                }
                let recent = passed.iter().filter(|then| **then + 10_000 > now).count();
                prop_assert!(recent as u64 <= max);
            }
        }

        /// With room and few events, the window is exact: it refuses only what has to be refused.
        #[test]
        fn nothing_is_refused_that_would_not_be_too_much(
            gaps in prop::collection::vec(1_u64..2000, 1..400), max in 1_u64..20,
        ) {
            let (mut window, limit) = (Window::default(), Limit::new(10_000, max));
            let (mut now, mut passed) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                let recent = passed.iter().filter(|then| **then + 10_000 > now).count() as u64;
                let is_allowed = allowed(&mut window, &limit, now);
                prop_assert_eq!(is_allowed, recent < max);
                if is_allowed {
                    passed.push(now);
                }
            }
        }
    }
}
