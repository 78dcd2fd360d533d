//! The line of those who wait for the check of a password: clients take turns, however often each of them asks.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};

use parking_lot::{Condvar, Mutex};

/// How many checks may wait for a thread.
pub(crate) const MAX_WAITING: usize = 64;
/// How much of an address of version 6 is that of a network, of which one client may have all addresses.
const NETWORK: u128 = !0 << 64;

/// What waits, and whose turn it is.
pub(crate) struct Line<T> {
    places: Mutex<Places<T>>,
    filled: Condvar,
}

/// Somebody who asks: an address, or a network of version 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Client(IpAddr);

struct Places<T> {
    waiting: HashMap<Client, VecDeque<T>>,
    /// Those who wait, each of them once.
    turns: VecDeque<Client>,
    count: usize,
    closed: bool,
}

/// There is no place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl<T> Line<T> {
    pub(crate) fn new() -> Self {
        Self {
            places: Mutex::new(Places {
                waiting: HashMap::new(),
                turns: VecDeque::new(),
                count: 0,
                closed: false,
            }),
            filled: Condvar::new(),
        }
    }

    /// Gives somebody a place at the end of his own line. If all places are taken, those go that are not wanted any
    /// more, or else the last of the client with the longest line, if that is longer than his: they are returned.
    pub(crate) fn enter(
        &self,
        client: IpAddr,
        item: T,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Full> {
        let client = Client::from(client);
        let mut places = self.places.lock();
        let mut gone = Vec::new();
        if places.count >= MAX_WAITING {
            gone = places.leave_out(|item| !is_wanted(item));
        }
        if places.count >= MAX_WAITING {
            gone.push(places.last_of_the_longest(client).ok_or(Full)?);
        }
        places.enter(client, item);
        drop(places);
        self.filled.notify_one();
        Ok(gone)
    }

    /// Waits for somebody to come, and takes him whose turn it is; nobody once the line is closed.
    pub(crate) fn next(&self) -> Option<T> {
        let mut places = self.places.lock();
        loop {
            if let Some(item) = places.next() {
                return Some(item);
            }
            if places.closed {
                return None;
            }
            self.filled.wait(&mut places);
        }
    }

    /// Nobody comes any more.
    pub(crate) fn close(&self) {
        self.places.lock().closed = true;
        self.filled.notify_all();
    }
}

impl<T> Places<T> {
    fn enter(&mut self, client: Client, item: T) {
        let own = self.waiting.entry(client).or_default();
        if own.is_empty() {
            self.turns.push_back(client);
        }
        own.push_back(item);
        self.count += 1;
    }

    fn next(&mut self) -> Option<T> {
        let client = self.turns.pop_front()?;
        let own = self.waiting.get_mut(&client)?;
        let item = own.pop_front();
        self.count -= usize::from(item.is_some());
        if own.is_empty() {
            self.waiting.remove(&client);
        } else {
            self.turns.push_back(client);
        }
        item
    }

    fn leave_out(&mut self, is_out: impl Fn(&T) -> bool) -> Vec<T> {
        let mut out = Vec::new();
        for own in self.waiting.values_mut() {
            let (leave, stay): (VecDeque<T>, VecDeque<T>) = own.drain(..).partition(&is_out);
            out.extend(leave);
            *own = stay;
        }
        self.count -= out.len();
        self.forget_the_gone();
        out
    }

    fn last_of_the_longest(&mut self, newcomer: Client) -> Option<T> {
        let has = self.waiting.get(&newcomer).map_or(0, VecDeque::len);
        let longest = self.waiting.values_mut().max_by_key(|own| own.len())?;
        if longest.len() <= has + 1 {
            return None;
        }
        let last = longest.pop_back();
        self.count -= usize::from(last.is_some());
        last
    }

    fn forget_the_gone(&mut self) {
        self.waiting.retain(|_, own| !own.is_empty());
        let Self { waiting, turns, .. } = self;
        turns.retain(|client| waiting.contains_key(client));
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Full, Line, MAX_WAITING};

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn all(line: &Line<(u8, usize)>) -> Vec<(u8, usize)> {
        line.close();
        std::iter::from_fn(|| line.next()).collect()
    }

    #[test]
    fn clients_take_turns_however_many_places_each_has() {
        let line = Line::new();
        for (client, number) in [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0), (2, 1)] {
            let entered = line.enter(address(client), (client, number), |_| true);
            assert_eq!(entered, Ok(vec![]));
        }
        assert_eq!(all(&line), [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2)]);
    }

    #[test]
    fn whoever_has_all_places_gives_way_to_another_client() {
        let line = Line::new();
        for number in 0..MAX_WAITING {
            line.enter(address(1), (1, number), |_| true).unwrap();
        }
        assert_eq!(line.enter(address(1), (1, 99), |_| true), Err(Full));
        for number in 0..MAX_WAITING / 2 {
            let gone = line.enter(address(2), (2, number), |_| true);
            assert_eq!(gone, Ok(vec![(1, MAX_WAITING - 1 - number)]));
        }
        assert_eq!(line.enter(address(2), (2, 99), |_| true), Err(Full));
        let all = all(&line);
        assert_eq!(all.len(), MAX_WAITING);
        assert_eq!(all[..4], [(1, 0), (2, 0), (1, 1), (2, 1)]);
    }

    #[test]
    fn those_who_have_left_go_first() {
        let line = Line::new();
        for number in 0..MAX_WAITING {
            line.enter(address(1), (1, number), |_| true).unwrap();
        }
        let gone = line.enter(address(1), (1, 99), |(_, number)| *number == 0);
        assert_eq!(gone.unwrap().len(), MAX_WAITING - 1);
        assert_eq!(all(&line), [(1, 0), (1, 99)]);
    }

    #[test]
    fn a_network_of_version_6_is_one_client() {
        let line = Line::new();
        for number in 0..MAX_WAITING {
            let address: IpAddr = format!("2001:db8::{number:x}").parse().unwrap();
            line.enter(address, (6, number), |_| true).unwrap();
        }
        let own = "2001:db8::1:2:3:4".parse().unwrap();
        assert_eq!(line.enter(own, (6, 99), |_| true), Err(Full));
        let other = "2001:db8:0:1::1".parse().unwrap();
        assert!(line.enter(other, (7, 0), |_| true).is_ok());
    }
}
