use authflow_types::SystemRng;

use super::*;

const T0: Timestamp = Timestamp::from_secs(1_700_000_000);
const MICRO: Duration = Duration::from_micros(1);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

struct World {
    limiter: GuessingLimits,
    tenant: TenantId,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        Self::with(LimitsConfig::default())
    }
    fn with(config: LimitsConfig) -> Self {
        Self {
            limiter: GuessingLimits::new(config),
            tenant: TenantId::new(T0, &SystemRng::default()),
            now: T0,
        }
    }
    fn guess<'a>(&self, account: &'a str, address: &str, device: Option<&'a [u8]>) -> GuessKey<'a> {
        GuessKey {
            tenant: self.tenant,
            account: account.as_bytes(),
            address: address.parse().unwrap(),
            device,
        }
    }
    fn fail(&self, account: &str, address: &str) -> Result<(), Duration> {
        self.attempt(account, address, None, false)
    }
    fn succeed(&self, account: &str, address: &str) -> Result<(), Duration> {
        self.attempt(account, address, None, true)
    }
    fn attempt(
        &self,
        account: &str,
        address: &str,
        device: Option<&[u8]>,
        right: bool,
    ) -> Result<(), Duration> {
        let guess = self.guess(account, address, device);
        let peek = self.limiter.check(self.now, &guess);
        let attempt = self.limiter.begin(self.now, &guess);
        // The two faces must agree.
        match (&attempt, peek) {
            (Ok(_), Decision::Allow) => {}
            (Err(wait), Decision::Wait { retry_after }) => assert_eq!(wait.retry_after, retry_after),
            other => panic!("{other:?}"),
        }
        let attempt = attempt.map_err(|wait| wait.retry_after)?;
        if right {
            self.limiter.succeeded(self.now, attempt);
        } else {
            self.limiter.failed(attempt);
        }
        Ok(())
    }
    /// Fails as often as possible for `span`, waiting exactly as told; answers how many guesses that gave.
    fn guess_for(&mut self, account: &str, address: &str, span: Duration) -> u32 {
        let end = self.now + span;
        let mut guesses = 0;
        while self.now < end {
            match self.fail(account, address) {
                Ok(()) => guesses += 1,
                Err(wait) => self.now = self.now + wait,
            }
        }
        guesses
    }
}

#[test]
fn first_failures_are_free_then_delays_double() {
    let mut w = World::new();
    for _ in 0..5 {
        assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
    }
    for delay in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        assert_eq!(w.fail("alice", "192.0.2.1"), Err(secs(delay)));
        w.now = w.now + secs(delay) - MICRO;
        assert_eq!(w.fail("alice", "192.0.2.1"), Err(MICRO));
        w.now = w.now + MICRO;
        assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()), "after {delay} s");
    }
}

#[test]
fn refused_attempts_do_not_lengthen_the_wait() {
    let mut w = World::new();
    for _ in 0..5 {
        w.fail("alice", "192.0.2.1").unwrap();
    }
    for _ in 0..1_000 {
        assert_eq!(w.fail("alice", "192.0.2.1"), Err(secs(1)));
    }
    w.now = w.now + secs(1);
    assert_eq!(w.succeed("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn neighbours_in_the_prefix_share_the_count_and_others_do_not() {
    let w = World::new();
    for host in 1..=5 {
        w.fail("alice", &format!("192.0.2.{host}")).unwrap();
    }
    assert!(w.fail("alice", "192.0.2.77").is_err());
    assert!(w.fail("alice", "::ffff:192.0.2.78").is_err());
    assert!(w.fail("alice", "198.51.100.1").is_ok());
    assert!(w.fail("bob", "192.0.2.77").is_ok());
}

#[test]
fn tenants_do_not_share_counts() {
    let mut w = World::new();
    for _ in 0..5 {
        w.fail("alice", "192.0.2.1").unwrap();
    }
    assert!(w.fail("alice", "192.0.2.1").is_err());
    w.tenant = TenantId::new(T0, &SystemRng::default());
    assert!(w.fail("alice", "192.0.2.1").is_ok());
}

#[test]
fn success_clears_the_own_count() {
    let w = World::new();
    for _ in 0..4 {
        w.fail("alice", "192.0.2.1").unwrap();
    }
    w.succeed("alice", "192.0.2.1").unwrap();
    for _ in 0..5 {
        assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
    }
    assert!(w.fail("alice", "192.0.2.1").is_err());
}

#[test]
fn failures_are_forgiven_one_by_one() {
    let mut w = World::new();
    for _ in 0..6 {
        w.limiter
            .record_failure(w.now, &w.guess("alice", "192.0.2.1", None));
    }
    assert_eq!(w.fail("alice", "192.0.2.1"), Err(secs(2)));
    // Two are forgiven after an hour: four stand, one more is free, and the sixth waits again.
    w.now = T0 + secs(3_600) - MICRO;
    assert_eq!(
        w.limiter.check(w.now, &w.guess("alice", "192.0.2.1", None)),
        Decision::Allow
    );
    w.now = T0 + secs(3_600);
    assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
    assert_eq!(w.fail("alice", "192.0.2.1"), Err(secs(1)));
}

#[test]
fn simultaneous_attempts_cannot_outrun_the_count() {
    let w = World::new();
    let guess = w.guess("alice", "192.0.2.1", None);
    let begun: Vec<_> = (0..100)
        .filter_map(|_| w.limiter.begin(w.now, &guess).ok())
        .collect();
    assert_eq!(begun.len(), 5);
}

#[test]
fn simultaneous_attempts_cannot_outrun_the_count_across_threads() {
    let w = World::new();
    let guess = w.guess("alice", "192.0.2.1", None);
    let begun: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..50).filter(|_| w.limiter.begin(w.now, &guess).is_ok()).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(begun, 5);
}

#[test]
fn abandoned_attempt_is_not_counted() {
    let w = World::new();
    let guess = w.guess("alice", "192.0.2.1", None);
    for _ in 0..50 {
        let attempt = w.limiter.begin(w.now, &guess).unwrap();
        w.limiter.abandoned(w.now, attempt);
    }
    assert!(w.limiter.is_empty());
    assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn abandoned_attempt_gives_its_turn_back() {
    let mut w = World::new();
    for _ in 0..6 {
        w.limiter
            .record_failure(w.now, &w.guess("alice", "192.0.2.1", None));
    }
    w.now = w.now + secs(2);
    let guess = w.guess("alice", "192.0.2.1", None);
    let attempt = w.limiter.begin(w.now, &guess).unwrap();
    assert!(w.limiter.begin(w.now, &guess).is_err());
    w.limiter.abandoned(w.now, attempt);
    assert_eq!(w.succeed("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn forgotten_attempt_stays_counted() {
    let w = World::new();
    let guess = w.guess("alice", "192.0.2.1", None);
    for _ in 0..5 {
        drop(w.limiter.begin(w.now, &guess).unwrap());
    }
    assert!(w.limiter.begin(w.now, &guess).is_err());
}

#[test]
fn stranger_cannot_lock_the_owner_out_from_elsewhere() {
    let mut w = World::new();
    w.guess_for("alice", "203.0.113.1", secs(24 * 3_600));
    // The owner comes from an address never seen before, without a known device.
    match w.succeed("alice", "192.0.2.1") {
        Ok(()) => {}
        Err(wait) => {
            assert!(wait <= secs(30), "{wait:?}");
            w.now = w.now + wait;
            assert_eq!(w.succeed("alice", "192.0.2.1"), Ok(()));
        }
    }
}

#[test]
fn distributed_guessing_slows_strangers_but_never_stops_the_owner() {
    let mut w = World::new();
    // 250 prefixes, four failures each: none has used up its own free failures.
    for network in 0..250 {
        for _ in 0..4 {
            let _ = w.fail("alice", &format!("10.0.{network}.1"));
        }
    }
    let wait = w.succeed("alice", "192.0.2.1").unwrap_err();
    assert!(wait >= secs(2) && wait <= secs(30), "{wait:?}");
    // Others go on failing all the while: it is the owner's own arrival that counts.
    for network in 0..250 {
        let _ = w.fail("alice", &format!("10.1.{network}.1"));
    }
    w.now = w.now + wait - MICRO;
    assert_eq!(w.succeed("alice", "192.0.2.1"), Err(MICRO));
    w.now = w.now + MICRO;
    assert_eq!(w.succeed("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn prefix_that_signed_in_before_is_exempt_from_the_account_wide_part() {
    let mut w = World::new();
    w.succeed("alice", "192.0.2.1").unwrap();
    for network in 0..250 {
        w.limiter
            .record_failure(w.now, &w.guess("alice", &format!("10.0.{network}.1"), None));
    }
    assert!(w.fail("alice", "198.51.100.1").is_err());
    assert_eq!(w.succeed("alice", "192.0.2.200"), Ok(()));
    // Until it is forgotten.
    let familiar = LimitsConfig::default().familiar_for();
    for (before, allowed) in [(MICRO, true), (Duration::ZERO, false)] {
        w.now = T0 + familiar - before;
        for network in 0..250 {
            w.limiter
                .record_failure(w.now, &w.guess("alice", &format!("10.0.{network}.1"), None));
        }
        let decision = w.limiter.check(w.now, &w.guess("alice", "192.0.2.1", None));
        assert_eq!(decision == Decision::Allow, allowed, "{before:?}");
    }
}

#[test]
fn known_device_is_not_touched_by_a_stranger_behind_the_same_address() {
    let w = World::new();
    let device: Option<&[u8]> = Some(b"token");
    for _ in 0..50 {
        w.limiter
            .record_failure(w.now, &w.guess("alice", "192.0.2.1", None));
        for other in 0..10 {
            w.limiter
                .record_failure(w.now, &w.guess(&format!("user{other}"), "192.0.2.1", None));
        }
    }
    assert!(w.fail("alice", "192.0.2.1").is_err());
    assert_eq!(w.attempt("alice", "192.0.2.1", device, true), Ok(()));
}

#[test]
fn known_device_is_limited_by_its_own_failures() {
    let w = World::new();
    let device: Option<&[u8]> = Some(b"token");
    for _ in 0..5 {
        w.attempt("alice", "192.0.2.1", device, false).unwrap();
    }
    assert!(w.attempt("alice", "192.0.2.1", device, false).is_err());
    // Its address does not help it, nor does it count against its address.
    assert!(w.attempt("alice", "198.51.100.1", device, false).is_err());
    assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn spraying_over_accounts_is_limited_by_source() {
    let mut w = World::new();
    for account in 0..100 {
        assert_eq!(w.fail(&format!("user{account}"), "192.0.2.1"), Ok(()));
    }
    assert_eq!(w.fail("user100", "192.0.2.1"), Err(secs(1)));
    assert_eq!(w.fail("user100", "198.51.100.1"), Ok(()));
    // Owning one account does not help: its successes leave the source's count alone.
    w.now = w.now + secs(1);
    w.succeed("own", "192.0.2.1").unwrap();
    w.fail("user101", "192.0.2.1").unwrap();
    assert_eq!(w.fail("user102", "192.0.2.1"), Err(secs(2)));
}

#[test]
fn refusal_by_account_does_not_count_against_the_source() {
    let w = World::new();
    for _ in 0..5 {
        w.fail("alice", "192.0.2.1").unwrap();
    }
    for _ in 0..500 {
        assert!(w.fail("alice", "192.0.2.1").is_err());
    }
    assert_eq!(w.fail("bob", "192.0.2.1"), Ok(()));
}

#[test]
fn a_day_of_guessing_from_one_source_stays_under_four_hundred() {
    let mut w = World::new();
    let guesses = w.guess_for("alice", "192.0.2.1", secs(24 * 3_600));
    assert!(guesses < 400, "{guesses}");
}

#[test]
fn clock_set_back_does_not_lengthen_a_wait() {
    let mut w = World::new();
    for _ in 0..5 {
        w.fail("alice", "192.0.2.1").unwrap();
    }
    w.now = T0 - secs(86_400);
    assert_eq!(w.fail("alice", "192.0.2.1"), Err(secs(1)));
    w.now = w.now + secs(1) - MICRO;
    assert_eq!(w.fail("alice", "192.0.2.1"), Err(MICRO));
    w.now = w.now + MICRO;
    assert_eq!(w.fail("alice", "192.0.2.1"), Ok(()));
}

#[test]
fn flood_of_other_accounts_does_not_free_the_attacker() {
    let w = World::with(LimitsConfig {
        capacity: std::num::NonZeroU32::new(256).unwrap(),
        ..LimitsConfig::default()
    });
    for _ in 0..12 {
        w.limiter
            .record_failure(w.now, &w.guess("alice", "192.0.2.1", None));
    }
    for n in 0..20_000_u32 {
        let address = format!("10.{}.{}.1", n >> 8 & 255, n & 255);
        w.limiter
            .record_failure(w.now, &w.guess(&format!("user{n}"), &address, None));
    }
    assert!(w.limiter.len() <= 4 * 256);
    assert!(w.fail("alice", "192.0.2.1").is_err());
}

#[test]
fn what_is_slowed_stays_so_after_its_delay_until_it_is_forgiven() {
    let mut world = World::new();
    let (here, elsewhere) = ("198.51.100.1", "203.0.113.1");
    for failed in 0..5 {
        assert!(
            !world
                .limiter
                .is_slowed(world.now, &world.guess("alice", here, None)),
            "{failed}"
        );
        world.fail("alice", here).unwrap();
    }
    let is_slowed = |world: &World, account, address, device| {
        world
            .limiter
            .is_slowed(world.now, &world.guess(account, address, device))
    };
    assert!(is_slowed(&world, "alice", here, None));
    assert!(!is_slowed(&world, "alice", elsewhere, None), "another source");
    assert!(!is_slowed(&world, "bob", here, None), "another account");
    assert!(
        !is_slowed(&world, "alice", here, Some(b"known")),
        "a browser that the account knows"
    );
    world.now = world.now + secs(1_799);
    assert!(is_slowed(&world, "alice", here, None), "no delay is running");
    world.now = world.now + secs(1);
    assert!(!is_slowed(&world, "alice", here, None), "one failure is forgiven");
}

#[test]
fn failures_everywhere_slow_sources_that_the_account_does_not_know() {
    let world = World::new();
    world.succeed("alice", "192.0.2.1").unwrap();
    for source in 0..20 {
        world.fail("alice", &format!("198.51.{source}.1")).unwrap();
    }
    let is_slowed = |address| {
        world
            .limiter
            .is_slowed(world.now, &world.guess("alice", address, None))
    };
    assert!(is_slowed("203.0.113.1") && !is_slowed("192.0.2.7"));
}
