use std::time::Duration;

use authflow_db::{SystemScope, exec, q};
use authflow_server::jobs::{self, BACK_CHANNEL_LOGOUT};
use authflow_testkit::{Client, TestApp, both_databases, jwt};
use authflow_types::{GrantId, JobId, Timestamp, TokenId};
use serde_json::json;
use tokio::sync::watch;

use super::harness::{Person, Sink, client};

const TEST: SystemScope = SystemScope::new("a test looks at the queue");

async fn told(t: &TestApp, sink: &Sink) -> (Client, Person) {
    (
        client(t, json!({"backchannel_logout_uri": sink.url})).await,
        Person::new(t, "alice").await,
    )
}

async fn enqueue(t: &TestApp, client: &Client, browser: &Person, run_at: Timestamp) {
    let mut cx = t.cx();
    let session = browser.session(t).await.unwrap().id;
    let payload = json!({"client": client.id, "session": session, "user": browser.user.id});
    jobs::enqueue(&mut cx, BACK_CHANNEL_LOGOUT, payload, run_at)
        .await
        .unwrap();
    cx.commit().await.unwrap();
}

/// Kind, attempts, last error, whether finished.
async fn queue(t: &TestApp) -> Vec<(i64, Option<String>, bool)> {
    let mut tx = t.app.db.read_system(TEST).await.unwrap();
    let sql = "SELECT attempt_count, last_error, finished_at FROM jobs WHERE kind = $1 ORDER BY id";
    let rows = q!(
        tx,
        fetch_all<(i64, Option<String>, Option<Timestamp>)>,
        sql,
        BACK_CHANNEL_LOGOUT
    )
    .unwrap();
    rows.into_iter()
        .map(|(attempts, error, end)| (attempts, error, end.is_some()))
        .collect()
}

both_databases! {
    async fn job_exists_only_if_its_change_was_committed(t: TestApp) {
        let mut cx = t.cx();
        let now = cx.now;
        jobs::enqueue(&mut cx, BACK_CHANNEL_LOGOUT, json!({}), now).await.unwrap();
        drop(cx);
        assert!(queue(&t).await.is_empty());
    }

    async fn job_runs_at_its_time_and_not_before(t: TestApp) {
        let sink = Sink::start().await;
        let (client, browser) = told(&t, &sink).await;
        let at = Timestamp::from_secs(1_700_000_100);
        enqueue(&t, &client, &browser, at).await;
        t.clock.set(at - Duration::from_micros(1));
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0);
        t.clock.set(at);
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
        assert_eq!((sink.take().len(), queue(&t).await), (1, vec![(1, None, true)]));
    }

    async fn many_workers_run_each_job_once(t: TestApp) {
        let sink = Sink::start().await;
        let (client, browser) = told(&t, &sink).await;
        for _ in 0..20 {
            enqueue(&t, &client, &browser, Timestamp::from_secs(1_700_000_000)).await;
        }
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let app = t.app.clone();
                tokio::spawn(async move { jobs::run_due(&app).await.unwrap() })
            })
            .collect();
        let mut count = 0;
        for worker in workers {
            count += worker.await.unwrap();
        }
        assert_eq!((count, sink.take().len()), (20, 20));
    }

    async fn failed_job_keeps_why_and_waits_longer_each_time(t: TestApp) {
        let sink = Sink::start().await;
        let (client, browser) = told(&t, &sink).await;
        *sink.status.lock().unwrap() = 500;
        enqueue(&t, &client, &browser, Timestamp::from_secs(1_700_000_000)).await;
        for attempt in 1..=5 {
            assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
            let why = Some("the host answered with status 500".to_owned());
            assert_eq!(queue(&t).await, [(attempt, why, attempt == 5)]);
            t.clock.advance(Duration::from_secs(5 * 4_u64.pow(u32::try_from(attempt).unwrap() - 1) * 6 / 5));
        }
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0);
    }

    async fn job_of_a_dead_worker_is_taken_when_its_lease_is_over_and_not_for_ever(t: TestApp) {
        let sink = Sink::start().await;
        let (client, browser) = told(&t, &sink).await;
        enqueue(&t, &client, &browser, Timestamp::from_secs(1_700_000_000)).await;
        let until = Timestamp::from_secs(1_700_000_060);
        let mut tx = t.app.db.begin_system(TEST).await.unwrap();
        exec!(tx, "UPDATE jobs SET leased_until = $1, attempt_count = 1 WHERE kind = $2", until, BACK_CHANNEL_LOGOUT)
            .unwrap();
        tx.commit().await.unwrap();
        t.clock.set(until - Duration::from_micros(1));
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0);
        t.clock.set(until);
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
        assert_eq!(queue(&t).await, [(2, None, true)]);
        // One that kills its worker every time is given up.
        let mut tx = t.app.db.begin_system(TEST).await.unwrap();
        exec!(tx, "UPDATE jobs SET attempt_count = 5, finished_at = NULL WHERE kind = $1", BACK_CHANNEL_LOGOUT).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
        assert_eq!(queue(&t).await, [(6, Some("the worker died".to_owned()), true)]);
        assert_eq!(sink.take().len(), 1);
    }

    async fn malformed_payload_is_not_tried_again(t: TestApp) {
        let mut cx = t.cx();
        let now = cx.now;
        jobs::enqueue(&mut cx, BACK_CHANNEL_LOGOUT, json!({"odd": 1}), now).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
        assert_eq!(queue(&t).await, [(1, Some("the payload is malformed".to_owned()), true)]);
    }

    async fn running_worker_is_woken_by_a_commit_and_stops_when_told(t: TestApp, |config| { config.jobs.poll_interval = Duration::from_mins(1); }) {
        let sink = Sink::start().await;
        let (client, browser) = told(&t, &sink).await;
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(jobs::run(t.app.clone(), stopped));
        enqueue(&t, &client, &browser, Timestamp::from_secs(1_700_000_000)).await;
        tokio::time::timeout(Duration::from_secs(20), sink.arrived.notified()).await.expect("nobody woke the worker");
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), worker).await.expect("the worker went on").unwrap();
        assert_eq!(queue(&t).await, [(1, None, true)], "what was under way was finished and recorded");
    }

    async fn installations_own_jobs_are_queued_once_and_again_after_each_run(t: TestApp) {
        for _ in 0..2 {
            let (stop, stopped) = watch::channel(true);
            // A worker that is told to stop before it begins does nothing; this one looks once.
            drop(stop);
            jobs::run(t.app.clone(), stopped).await;
        }
        let own = async || {
            let mut tx = t.app.db.read_system(TEST).await.unwrap();
            let sql = "SELECT kind, run_at, attempt_count FROM jobs WHERE tenant_id = $1 ORDER BY kind";
            q!(tx, fetch_all<(String, Timestamp, i64)>, sql, uuid::Uuid::nil()).unwrap()
        };
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(jobs::run(t.app.clone(), stopped));
        while own().await.len() < 3 {
            tokio::task::yield_now().await;
        }
        stop.send(true).unwrap();
        worker.await.unwrap();
        let interval = t.app.config.jobs.cleanup_interval;
        let start = Timestamp::from_secs(1_700_000_000);
        let kinds = ["clean_up", "delete_accounts", "key_rotation"];
        let at = |time| kinds.map(|kind| (kind.to_owned(), time, 0)).to_vec();
        assert_eq!(own().await, at(start + interval));
        t.clock.advance(interval);
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 3);
        assert_eq!(own().await, at(start + interval + interval));
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0);
    }

    async fn expired_rows_go_at_their_time_in_batches(t: TestApp, |config| { config.jobs.cleanup_batch = 2; }) {
        let now = Timestamp::from_secs(1_700_000_000);
        let mut tx = t.app.db.begin(t.tenant.id).await.unwrap();
        let mut cx = t.cx();
        for offset in [-2_i64, -1, 0, 1, 2] {
            let id = TokenId::new(now, cx.rng()).as_uuid();
            let expires_at = Timestamp::from_micros(now.as_micros() + offset);
            exec!(
                tx,
                "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) \
                 VALUES ($1, 'token', $2, $3, $4)",
                t.tenant.id,
                id,
                now,
                expires_at
            )
            .unwrap();
        }
        tx.commit().await.unwrap();
        cx.rollback().await;
        assert_eq!(jobs::delete_expired(&t.app).await.unwrap(), 3);
        assert_eq!(jobs::delete_expired(&t.app).await.unwrap(), 0);
        t.clock.advance(Duration::from_micros(1));
        assert_eq!(jobs::delete_expired(&t.app).await.unwrap(), 1);
    }

    async fn finished_jobs_are_kept_three_days_and_unfinished_ones_until_they_are(t: TestApp) {
        let cx = t.cx();
        let (done, open) = (JobId::new(cx.now, cx.rng()), JobId::new(cx.now, cx.rng()));
        let mut tx = t.app.db.begin(t.tenant.id).await.unwrap();
        for (id, finished_at) in [(done, Some(cx.now)), (open, None)] {
            exec!(
                tx,
                "INSERT INTO jobs (tenant_id, id, kind, payload, run_at, attempt_count, created_at, finished_at) \
                 VALUES ($1, $2, 'x', $3, $4, 0, $4, $5)",
                t.tenant.id,
                id,
                authflow_db::Json(json!({})),
                cx.now,
                finished_at
            )
            .unwrap();
        }
        tx.commit().await.unwrap();
        t.clock.advance(Duration::from_hours(72) - Duration::from_micros(1));
        assert_eq!(jobs::delete_expired(&t.app).await.unwrap(), 0);
        t.clock.advance(Duration::from_micros(1));
        assert_eq!(jobs::delete_expired(&t.app).await.unwrap(), 1);
        let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
        let left = q!(tx, fetch_all<(JobId,)>, "SELECT id FROM jobs WHERE tenant_id = $1", t.tenant.id).unwrap();
        assert_eq!(left, [(open,)]);
    }

    async fn sessions_codes_and_grants_outlive_their_expiry_by_the_longest_access_token(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid offline_access").await;
        let grant: GrantId = jwt::claims(&tokens.access)["gid"].as_str().unwrap().parse().unwrap();
        let count = async |table: &'static str| {
            let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
            let rows: Vec<(i64,)> = match table {
                "codes" => q!(tx, fetch_all<(i64,)>, "SELECT COUNT(*) FROM codes WHERE tenant_id = $1 AND grant_id = $2", t.tenant.id, grant),
                "sessions" => q!(tx, fetch_all<(i64,)>, "SELECT COUNT(*) FROM sessions WHERE tenant_id = $1 AND user_id = $2", t.tenant.id, browser.user.id),
                _ => q!(tx, fetch_all<(i64,)>, "SELECT COUNT(*) FROM grants WHERE tenant_id = $1 AND id = $2", t.tenant.id, grant),
            }
            .unwrap();
            rows[0].0
        };
        let day = Duration::from_hours(24);
        let config = &t.app.config;
        let start = Timestamp::from_secs(1_700_000_000);
        let ends = [
            ("codes", config.tokens.code_ttl),
            ("sessions", config.sessions.absolute_ttl),
            ("grants", config.tokens.refresh_absolute_ttl),
        ];
        for (table, ttl) in ends {
            t.clock.set(start + ttl + day - Duration::from_micros(1));
            jobs::delete_expired(&t.app).await.unwrap();
            assert_eq!(count(table).await, 1, "{table}");
            t.clock.set(start + ttl + day);
            jobs::delete_expired(&t.app).await.unwrap();
            assert_eq!(count(table).await, 0, "{table}");
        }
    }
}
