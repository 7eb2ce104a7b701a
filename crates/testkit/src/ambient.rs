//! Time and randomness that a test holds in its hand.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use authflow_types::{Clock, Rng, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};

/// A clock that moves when a test says so. It begins on 2023-11-14.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_700_000_000_000_000))
    }
}

impl TestClock {
    /// Moves on.
    pub fn advance(&self, by: Duration) {
        self.0
            .fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// Jumps, forward or back.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in every run.
#[derive(Debug)]
pub struct SeededRng {
    seed: u64,
    next: AtomicU64,
}

impl SeededRng {
    /// A source whose bytes follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            next: AtomicU64::new(0),
        }
    }
}

impl Rng for SeededRng {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = self.next.fetch_add(1, Ordering::SeqCst);
            let input = [self.seed.to_be_bytes(), block.to_be_bytes()].concat();
            chunk.copy_from_slice(&digest(&SHA256, &input).as_ref()[..chunk.len()]);
        }
    }
}
