//! What a service remembers about each Idempotency-Key: whose turn it is, and what it answered first.
//!
//! Bounded in keys and in bytes; the key not heard of for longest is forgotten, as real services do
//! after a day.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::reply::Rendered;

/// Longest key that is accepted, in bytes; the limit of the largest payment services.
pub const KEY_BYTES_MAX: usize = 255;

/// Most keys that are remembered.
pub const KEYS_MAX: usize = 10_000;

/// Most bytes of remembered replies.
const REMEMBERED_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// All remembered keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    by_key: HashMap<String, Key>,
    /// In order of first use.
    order: VecDeque<String>,
    bytes: usize,
    dropped: u64,
}

/// One key.
#[derive(Debug, Default)]
pub(crate) struct Key {
    /// Calls with this key.
    pub(crate) calls: u64,
    /// Calls on which the service acted.
    pub(crate) effective: u64,
    /// By index of the route.
    routes: BTreeMap<usize, KeyOnRoute>,
}

/// One key on one route.
#[derive(Debug, Default)]
pub(crate) struct KeyOnRoute {
    /// Turns taken, where replies are counted per key.
    pub(crate) turns: u64,
    /// Set once the service has acted.
    pub(crate) acted: Option<Acted>,
}

/// The service has acted for a key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acted {
    /// The reply to repeat; none when the first answer was lost before anyone said what it was.
    pub(crate) reply: Option<Rendered>,
}

impl Keys {
    /// The memory of a key, made on first use.
    pub(crate) fn on_route(&mut self, key: &str, route: usize) -> &mut KeyOnRoute {
        self.entry(key).routes.entry(route).or_default()
    }

    /// Counts a call, and remembers what the service answered when it acted.
    pub(crate) fn note(&mut self, key: &str, route: usize, effective: bool, acted: Option<Acted>) {
        let entry = self.entry(key);
        entry.calls += 1;
        entry.effective += u64::from(effective);
        if let Some(acted) = acted {
            let on_route = entry.routes.entry(route).or_default();
            let added = acted.bytes();
            let replaced = on_route
                .acted
                .replace(acted)
                .map_or(0, |before| before.bytes());
            self.bytes = self.bytes + added - replaced;
            self.forget_surplus();
        }
    }

    /// Lets every key start over with the replies of a route; what was acted on stays acted on.
    pub(crate) fn restart(&mut self, route: usize) {
        for key in self.by_key.values_mut() {
            if let Some(on_route) = key.routes.get_mut(&route) {
                on_route.turns = 0;
            }
        }
    }

    /// The remembered keys in order of first use.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.order
            .iter()
            .filter_map(|key| Some((key.as_str(), self.by_key.get(key)?)))
    }

    /// Keys that were forgotten to make room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    fn entry(&mut self, key: &str) -> &mut Key {
        if !self.by_key.contains_key(key) {
            self.order.push_back(key.to_owned());
            self.forget_surplus();
        }
        self.by_key.entry(key.to_owned()).or_default()
    }

    fn forget_surplus(&mut self) {
        while self.order.len() > KEYS_MAX
            || (self.bytes > REMEMBERED_BYTES_MAX && self.order.len() > 1)
        {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if let Some(key) = self.by_key.remove(&oldest) {
                self.bytes -= key.bytes();
            }
            self.dropped += 1;
        }
    }
}

impl Key {
    fn bytes(&self) -> usize {
        self.routes
            .values()
            .filter_map(|on_route| on_route.acted.as_ref())
            .map(Acted::bytes)
            .sum()
    }
}

impl Acted {
    /// The body counts twice: as bytes, and as the value shown in the record.
    fn bytes(&self) -> usize {
        self.reply.as_ref().map_or(0, |reply| 2 * reply.body.len())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use bytes::Bytes;
    use serde_json::Value;

    use super::*;

    fn acted(bytes: usize) -> Acted {
        let body = Bytes::from(vec![b'x'; bytes]);
        Acted {
            reply: Some(Rendered {
                status: StatusCode::OK,
                headers: Vec::new(),
                body,
                value: Value::Null,
            }),
        }
    }

    #[test]
    fn the_oldest_key_makes_room() {
        let mut keys = Keys::default();
        for number in 0..=KEYS_MAX {
            keys.on_route(&number.to_string(), 0).turns = 1;
        }
        assert_eq!(keys.dropped(), 1);
        assert_eq!(keys.iter().next().map(|(key, _)| key), Some("1"));
    }

    #[test]
    fn large_replies_make_room_by_bytes() {
        let mut keys = Keys::default();
        for number in 0..3 {
            let key = number.to_string();
            keys.on_route(&key, 0).turns = 1;
            keys.note(&key, 0, true, Some(acted(REMEMBERED_BYTES_MAX / 5)));
        }
        assert_eq!(
            keys.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            ["1", "2"]
        );
        keys.note("2", 0, false, Some(acted(0)));
        assert_eq!(keys.bytes, 2 * (REMEMBERED_BYTES_MAX / 5));
    }

    #[test]
    fn new_replies_restart_the_turns_but_not_the_past() {
        let mut keys = Keys::default();
        keys.on_route("k", 0).turns = 3;
        keys.note("k", 0, true, Some(acted(1)));
        keys.restart(0);
        let on_route = keys.on_route("k", 0);
        assert_eq!(on_route.turns, 0);
        assert!(on_route.acted.is_some());
    }
}
