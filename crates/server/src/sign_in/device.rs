//! Browsers that an account signed in with before: a stranger's guesses do not slow them down.
//!
//! The cookie holds up to [`MOST`] marks, one per account, newest first. A mark is `random ‖ issued at ‖ MAC`, the MAC
//! taken over the identifier that was typed: it tells nobody which account it is for, and it is believed only for that
//! one. It is no credential: whoever steals it gets the owner's patience, not the owner's account; and loses that when the
//! owner changes their password, because marks of before no longer count.

use std::time::Duration;

use authflow_types::{Rng, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::vault::SubKey;

/// The label of the key that marks are made with.
pub(super) const KEY_LABEL: &str = "known-device";
/// How long a mark is believed, and kept by the browser.
pub(super) const LIFETIME: Duration = Duration::from_hours(24 * 180);

const MOST: usize = 5;
const RANDOM: usize = 16;
const TIME: usize = 8;
const MAC: usize = 32;

/// The mark of a known browser: what its failures are counted under.
pub(super) type Mark = [u8; RANDOM];

/// The mark in `cookie` that was made for `account`, if there is one and it is not too old; and when it was made.
pub(super) fn find(key: &SubKey, cookie: &str, account: &[u8], now: Timestamp) -> Option<(Mark, Timestamp)> {
    cookie
        .split('.')
        .take(MOST)
        .find_map(|text| read(key, text, account, now))
}

fn read(key: &SubKey, text: &str, account: &[u8], now: Timestamp) -> Option<(Mark, Timestamp)> {
    let bytes: [u8; RANDOM + TIME + MAC] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (random, rest) = bytes.split_first_chunk::<RANDOM>()?;
    let (issued, mac) = rest.split_first_chunk::<TIME>()?;
    let issued_at = Timestamp::from_secs(i64::from_be_bytes(*issued));
    let is_young = now < issued_at + LIFETIME;
    (is_young && key.verify(&[account, random, issued], mac)).then_some((*random, issued_at))
}

/// The cookie after a sign-in to `account`: its mark first, then those of other accounts. Keeps the mark it had, with
/// a new time, so that its failures stay counted.
pub(super) fn remember(
    key: &SubKey,
    cookie: Option<&str>,
    account: &[u8],
    now: Timestamp,
    rng: &dyn Rng,
) -> String {
    let cookie = cookie.unwrap_or_default();
    let random = find(key, cookie, account, now).map_or_else(|| rng.bytes(), |(random, _)| random);
    let issued = now.as_secs().to_be_bytes();
    let mac = key.mac(&[account, &random, &issued]);
    let mark = URL_SAFE_NO_PAD.encode([&random[..], &issued, &mac].concat());
    let others = cookie
        .split('.')
        .take(MOST)
        .filter(|text| is_mark(text) && read(key, text, account, now).is_none());
    let all: Vec<&str> = std::iter::once(mark.as_str()).chain(others).take(MOST).collect();
    all.join(".")
}

fn is_mark(text: &str) -> bool {
    text.len() == (RANDOM + TIME + MAC) * 8 / 6 + 1
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use authflow_types::SystemRng;

    use super::*;
    use crate::vault::DataKey;

    fn key() -> SubKey {
        DataKey::generate(&SystemRng::default())
            .unwrap()
            .derive(KEY_LABEL)
            .unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn a_mark_counts_for_its_account_and_tenant_until_it_is_too_old() {
        let (key, rng) = (key(), SystemRng::default());
        let cookie = remember(&key, None, b"alice", at(1000), &rng);
        let mark = find(&key, &cookie, b"alice", at(1000)).unwrap();
        assert_eq!(mark.1, at(1000));
        assert_eq!(find(&key, &cookie, b"bob", at(1000)), None);
        assert_eq!(find(&self::key(), &cookie, b"alice", at(1000)), None);
        let end = at(1000) + LIFETIME;
        assert_eq!(
            find(&key, &cookie, b"alice", end - Duration::from_micros(1)),
            Some(mark)
        );
        assert_eq!(find(&key, &cookie, b"alice", end), None);
    }

    #[test]
    fn signing_in_again_keeps_the_mark_and_those_of_other_accounts() {
        let (key, rng) = (key(), SystemRng::default());
        let alice = remember(&key, None, b"alice", at(1000), &rng);
        let mark = find(&key, &alice, b"alice", at(1000)).map(|(mark, _)| mark);
        let both = remember(&key, Some(&alice), b"bob", at(1001), &rng);
        assert_eq!(find(&key, &both, b"alice", at(1001)).map(|(mark, _)| mark), mark);
        let again = remember(&key, Some(&both), b"alice", at(2000), &rng);
        assert_eq!(find(&key, &again, b"alice", at(2000)).map(|(mark, _)| mark), mark);
        assert_eq!(again.split('.').count(), 2);
    }

    #[test]
    fn the_cookie_stays_small_whatever_the_browser_sends() {
        let (key, rng) = (key(), SystemRng::default());
        let mut cookie = "x".repeat(5000) + "..;\r\n.." + &"A".repeat(75);
        for i in 0_u8..20 {
            cookie = remember(&key, Some(&cookie), &[i], at(1000), &rng);
        }
        assert_eq!(cookie.split('.').count(), MOST);
        assert!(cookie.len() <= MOST * 76 && find(&key, &cookie, &[19], at(1000)).is_some());
        assert_eq!(find(&key, &cookie, &[1], at(1000)), None);
    }
}
