//! A bounded table whose entries a stranger cannot cheaply push out.
//!
//! Entries live in small sets chosen by a hash under random keys: nobody outside the process can aim at a
//! set. A full set gives up its weakest entry, the one that restrains its owner least, never its oldest:
//! to push out a counter that stands at ten failures, an attacker must first fill its set, and since sets
//! cannot be chosen practically the whole table, with counters that stand at ten or more.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use authflow_types::Timestamp;

const WAYS: usize = 16;

/// What a [`Table`] needs to know of its entries.
pub(super) trait Entry: Copy {
    /// Settings that strength depends on.
    type Context;

    /// How much the entry restrains its owner; the least is given up first.
    fn strength(&self, now: Timestamp, context: &Self::Context) -> (u32, i64);
}

/// A key as kept: 128 bits of `SipHash` under two random keys of this process.
pub(super) type TableKey = u128;

type Set<V> = Mutex<Vec<(TableKey, V)>>;

pub(super) struct Table<V: Entry> {
    sets: OnceLock<Box<[Set<V>]>>,
    set_count: usize,
    hashers: [RandomState; 2],
    context: V::Context,
}

impl<V: Entry> Table<V> {
    /// Room for about `capacity` entries. Nothing is allocated before the first entry.
    pub(super) fn new(capacity: usize, context: V::Context) -> Self {
        Self {
            sets: OnceLock::new(),
            set_count: capacity.div_ceil(WAYS).max(1),
            hashers: [RandomState::new(), RandomState::new()],
            context,
        }
    }

    pub(super) fn context(&self) -> &V::Context {
        &self.context
    }

    pub(super) fn key(&self, of: &impl Hash) -> TableKey {
        let [high, low] = &self.hashers;
        u128::from(high.hash_one(of)) << 64 | u128::from(low.hash_one(of))
    }

    fn lock(&self, key: TableKey) -> Option<MutexGuard<'_, Vec<(TableKey, V)>>> {
        let sets = self
            .sets
            .get_or_init(|| (0..self.set_count).map(|_| Mutex::default()).collect());
        let index = usize::try_from(key % u128::try_from(sets.len()).ok()?).ok()?;
        // A panic while a set is locked cannot leave it half written: entries are Copy.
        Some(sets.get(index)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The entry, if there is one.
    pub(super) fn get(&self, key: TableKey) -> Option<V> {
        let set = self.lock(key)?;
        set.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    /// Changes an entry under its lock: `change` sees it, or `None`, and leaves what is to be kept.
    pub(super) fn update<R: Default>(
        &self,
        now: Timestamp,
        key: TableKey,
        change: impl FnOnce(&mut Option<V>) -> R,
    ) -> R {
        let Some(mut set) = self.lock(key) else {
            return R::default();
        };
        let place = set.iter().position(|(k, _)| *k == key);
        let mut value = place.and_then(|at| set.get(at)).map(|(_, value)| *value);
        let result = change(&mut value);
        match (place, value) {
            (Some(at), Some(value)) => {
                if let Some(slot) = set.get_mut(at) {
                    slot.1 = value;
                }
            }
            (Some(at), None) => {
                set.swap_remove(at);
            }
            (None, Some(value)) => self.insert(now, &mut set, (key, value)),
            (None, None) => {}
        }
        result
    }

    fn insert(&self, now: Timestamp, set: &mut Vec<(TableKey, V)>, entry: (TableKey, V)) {
        if set.len() < WAYS {
            set.push(entry);
            return;
        }
        let weakest = set
            .iter_mut()
            .min_by_key(|(_, value)| value.strength(now, &self.context));
        if let Some(slot) = weakest {
            *slot = entry;
        }
    }

    /// How many entries are kept, for metrics and tests.
    pub(super) fn len(&self) -> usize {
        self.sets.get().map_or(0, |sets| {
            sets.iter()
                .map(|set| set.lock().unwrap_or_else(PoisonError::into_inner).len())
                .sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Level(u32);

    impl Entry for Level {
        type Context = ();
        fn strength(&self, _: Timestamp, (): &()) -> (u32, i64) {
            (self.0, 0)
        }
    }

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn set(table: &Table<Level>, name: u32, level: u32) {
        table.update(NOW, table.key(&name), |slot| *slot = Some(Level(level)));
    }

    #[test]
    fn table_never_grows_beyond_its_capacity() {
        let table = Table::new(64, ());
        assert!(table.sets.get().is_none());
        for name in 0..10_000 {
            set(&table, name, 1);
        }
        assert!(table.len() <= 64, "{}", table.len());
        assert!(table.len() > 40, "{}", table.len());
    }

    #[test]
    fn strong_entry_survives_a_flood_of_weak_ones() {
        let table = Table::new(64, ());
        set(&table, u32::MAX, 10);
        for name in 0..10_000 {
            set(&table, name, 9);
        }
        assert_eq!(table.get(table.key(&u32::MAX)), Some(Level(10)));
    }

    #[test]
    fn entry_is_changed_in_place_and_removed_when_left_empty() {
        let table = Table::new(16, ());
        set(&table, 1, 5);
        set(&table, 1, 6);
        assert_eq!((table.len(), table.get(table.key(&1_u32))), (1, Some(Level(6))));
        table.update(NOW, table.key(&1_u32), |slot| *slot = None);
        assert_eq!((table.len(), table.get(table.key(&1_u32))), (0, None));
        table.update(NOW, table.key(&1_u32), |slot| *slot = None);
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn keys_differ_between_tables() {
        let (one, two) = (Table::<Level>::new(16, ()), Table::<Level>::new(16, ()));
        assert_ne!(one.key(&"alice"), two.key(&"alice"));
        assert_eq!(one.key(&"alice"), one.key(&"alice"));
    }
}
