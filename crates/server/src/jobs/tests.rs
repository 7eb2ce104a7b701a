use std::time::Duration;

use authflow_types::{SystemRng, Timestamp};

use super::kinds::{BACK_CHANNEL_LOGOUT, MAIL, Retry};
use super::worker::next_attempt;

#[test]
fn waits_grow_and_end_at_an_hour() {
    let retry = Retry::of(MAIL);
    let waits: Vec<u64> = (1..=8).map(|attempt| retry.wait(attempt).as_secs()).collect();
    assert_eq!(waits, [10, 40, 160, 640, 2560, 3600, 3600, 3600]);
    assert_eq!(Retry::of(BACK_CHANNEL_LOGOUT).attempts, 5);
    assert_eq!(retry.wait(i64::MAX), Duration::from_hours(1));
    assert_eq!(retry.wait(0), retry.wait(1));
}

#[test]
fn jitter_stays_within_a_fifth() {
    let (now, wait) = (Timestamp::from_secs(1_000), Duration::from_secs(100));
    let rng = SystemRng::default();
    for _ in 0..200 {
        let after = next_attempt(now, wait, &rng).since(now);
        assert!(
            (Duration::from_secs(80)..=Duration::from_mins(2)).contains(&after),
            "{after:?}"
        );
    }
}
