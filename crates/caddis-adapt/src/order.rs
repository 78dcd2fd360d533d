//! The order of directives, and the sorting of routes by it.

use std::cmp::Ordering;
use std::collections::HashMap;

use caddis_ir::Route;

use crate::origins::RouteTrail;
use crate::routes::Piece;
use crate::surface;

/// The order in which directives are sorted; `order` changes it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    names: Vec<&'static str>,
    positions: HashMap<&'static str, usize>,
}

/// Where `order` puts a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    First,
    Last,
    Before(&'static str),
    After(&'static str),
}

impl Default for Order {
    fn default() -> Self {
        Self::of(surface::ORDER.to_vec())
    }
}

impl Order {
    fn of(names: Vec<&'static str>) -> Self {
        let positions = names.iter().enumerate().map(|(at, name)| (*name, at));
        Self {
            positions: positions.collect(),
            names,
        }
    }

    /// True if the directive has a place, and so can stand where routes are sorted.
    pub(crate) fn has(&self, directive: &str) -> bool {
        self.positions.contains_key(directive)
    }

    /// Moves a directive; `false` if the one that it is put beside has no place.
    #[must_use]
    pub(crate) fn put(&mut self, directive: &'static str, place: Place) -> bool {
        let mut names = self.names.clone();
        names.retain(|name| *name != directive);
        let of = |other: &str| names.iter().position(|name| *name == other);
        let at = match place {
            Place::First => Some(0),
            Place::Last => Some(names.len()),
            Place::Before(other) => of(other),
            Place::After(other) => of(other).map(|at| at + 1),
        };
        let Some(at) = at else { return false };
        names.insert(at, directive);
        *self = Self::of(names);
        true
    }

    /// Sorts routes by their directives, then the most specific first.
    pub(crate) fn sort(&self, pieces: &mut Vec<Piece>) {
        let position = |piece: &Piece| self.positions.get(piece.directive).copied();
        let positions: Vec<_> = pieces.iter().map(position).collect();
        let order = stable_order(pieces.len(), |a, b| {
            let (of_a, of_b) = (positions[a], positions[b]);
            of_a < of_b || (of_a == of_b && is_before(&pieces[a], &pieces[b]))
        });
        rearrange(pieces, &order);
    }
}

/// Of two pieces at the same position, which mostly have the same directive.
fn is_before(a: &Piece, b: &Piece) -> bool {
    if a.directive != b.directive || a.before.is_some() || b.before.is_some() {
        return false;
    }
    let more_specific = is_more_specific(&a.route, &b.route);
    // The last of several `vars` wins, so Caddy lets the least specific one go first.
    if a.directive == "vars" {
        !more_specific
    } else {
        more_specific
    }
}

/// Puts what answers every error behind what asks for a status.
///
/// For Caddy any two others are "less" both ways, so that each sort turns their order round.
pub(crate) fn sort_error_routes(routes: &mut Vec<(Route, RouteTrail)>) {
    let takes_all = |route: &(Route, RouteTrail)| route.0.matchers.is_empty();
    stable_sort(routes, |a, b| !takes_all(a) || takes_all(b));
}

/// Longer paths first (a star at the end does not count), then by letters, `/a` before `/a*`, and anything with a
/// matcher before what has none.
fn is_more_specific(a: &Route, b: &Route) -> bool {
    let (Some(a_path), Some(b_path)) = (single_path(a), single_path(b)) else {
        return !a.matchers.is_empty() && b.matchers.is_empty();
    };
    let (a_bare, b_bare) = (without_star(a_path), without_star(b_path));
    let longer = b_bare.len().cmp(&a_bare.len());
    let order = longer
        .then_with(|| a_bare.cmp(b_bare))
        .then_with(|| a_path.len().cmp(&b_path.len()));
    order == Ordering::Less
}

fn without_star(path: &str) -> &str {
    path.strip_suffix('*').unwrap_or(path)
}

/// The path of a route that has one matcher set with one path in it.
fn single_path(route: &Route) -> Option<&str> {
    let [set] = route.matchers.as_slice() else {
        return None;
    };
    match set.path.as_deref() {
        Some([path]) if !path.is_empty() => Some(path),
        Some(_) | None => None,
    }
}

/// How many elements Go's stable sort orders by insertion before it merges.
const BLOCK: usize = 20;

/// Sorts with the comparisons that Go's `sort.SliceStable` makes, in its order.
///
/// Caddy's comparison of routes and of policies is no total order (a route without a single path is equal to
/// all with one), so that the result depends on the algorithm: insertion sort in blocks, then the `SymMerge` of
/// Kim and Kutzner.
pub(crate) fn stable_sort<T>(items: &mut Vec<T>, less: impl Fn(&T, &T) -> bool) {
    let order = stable_order(items.len(), |a, b| less(&items[a], &items[b]));
    rearrange(items, &order);
}

/// Where each of the sorted elements was before.
fn stable_order(count: usize, less: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for block in order.chunks_mut(BLOCK) {
        insertion_sort(block, &less);
    }
    let mut width = BLOCK;
    while width < count {
        let mut start = 0;
        while start + width < count {
            let end = (start + 2 * width).min(count);
            merge(&mut order[start..end], width, &less);
            start += 2 * width;
        }
        width *= 2;
    }
    order
}

fn rearrange<T>(items: &mut Vec<T>, order: &[usize]) {
    if order.is_sorted() {
        return;
    }
    let mut slots: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(order.iter().filter_map(|at| slots[*at].take()));
}

fn insertion_sort(order: &mut [usize], less: &impl Fn(usize, usize) -> bool) {
    for end in 1..order.len() {
        let mut at = end;
        while at > 0 && less(order[at], order[at - 1]) {
            order.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Merges two sorted runs, the second of which starts at `middle`, in place.
fn merge(order: &mut [usize], middle: usize, less: &impl Fn(usize, usize) -> bool) {
    let end = order.len();
    if middle == 0 || middle == end {
        return;
    }
    if middle == 1 {
        let first = order[0];
        let at = first_where(1, end, |at| !less(order[at], first));
        order[..at].rotate_left(1);
        return;
    }
    if end - middle == 1 {
        let last = order[middle];
        let at = first_where(0, middle, |at| less(last, order[at]));
        order[at..].rotate_right(1);
        return;
    }
    let half = end / 2;
    let sum = half + middle;
    let (from, to) = if middle > half {
        (sum - end, half)
    } else {
        (0, middle)
    };
    let start = first_where(from, to, |at| less(order[sum - 1 - at], order[at]));
    let stop = sum - start;
    if start < middle && middle < stop {
        order[start..stop].rotate_left(middle - start);
    }
    if 0 < start && start < half {
        merge(&mut order[..half], start, less);
    }
    if half < stop && stop < end {
        merge(&mut order[half..], stop - half, less);
    }
}

/// The first index for which the condition holds, by halving; `to` if there is none.
fn first_where(from: usize, to: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::stable_sort;

    #[test]
    fn the_sort_is_stable_and_sorts() {
        for count in [0, 1, 2, 19, 20, 21, 57, 400] {
            let mut items: Vec<(usize, usize)> =
                (0..count).map(|at| ((at * 7919) % 13, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            stable_sort(&mut items, |a, b| a.0 < b.0);
            assert_eq!(items, expected);
        }
    }
}
