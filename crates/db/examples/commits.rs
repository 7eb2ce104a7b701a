//! Durable commits per second by the number of concurrent writers, with and without shared commits.
//!
//! `cargo run --release -p authflow-db --example commits -- [DIR] [POSTGRES_URL]`: the `SQLite` file is made in DIR
//! (which should be on the disk that counts, not in memory); the `PostgreSQL` database at the URL is migrated.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "a measurement, not the product"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use authflow_db::{Db, DbOptions, Synchronous, SystemScope, exec, q};
use authflow_types::{SystemRng, TenantId, Timestamp, UserId};

const MEASURE: SystemScope = SystemScope::new("measurement");
const RUN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().unwrap_or_else(|| ".".to_owned());
    println!("| database | writers | commits/s | p50 us | p99 us |\n|---|---|---|---|---|");
    for (name, synchronous, share) in [
        ("SQLite FULL, shared commits", Synchronous::Full, true),
        ("SQLite FULL, a commit each", Synchronous::Full, false),
        ("SQLite NORMAL, shared commits", Synchronous::Normal, true),
    ] {
        let path = format!("{dir}/commits-{}.db", std::process::id());
        let options = DbOptions {
            sqlite_synchronous: synchronous,
            sqlite_share_commits: share,
            ..DbOptions::default()
        };
        let db = Db::connect(&format!("sqlite:{path}"), &options).await.unwrap();
        measure(name, &db).await;
        db.close().await;
        for suffix in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{path}{suffix}")).ok();
        }
    }
    if let Some(url) = args.next() {
        let db = Db::connect(&url, &DbOptions::default()).await.unwrap();
        measure("PostgreSQL", &db).await;
        db.close().await;
    }
}

async fn measure(name: &str, db: &Db) {
    db.migrate().await.unwrap();
    let rng = SystemRng::default();
    let tenant = TenantId::new(Timestamp::from_secs(1), &rng);
    let mut tx = db.begin(tenant).await.unwrap();
    let sql = "INSERT INTO tenants (id, slug, name, issuer, status, settings, branding, data_key, created_at, updated_at)
               VALUES ($1, $2, $2, $2, 'active', '{}', '{}', $3, $4, $4)";
    exec!(
        tx,
        sql,
        tenant,
        tenant.to_string(),
        vec![0_u8],
        Timestamp::from_secs(1)
    )
    .unwrap();
    tx.commit().await.unwrap();
    for writers in [1, 4, 16, 64] {
        let mut times = storm(db, tenant, writers).await;
        times.sort_unstable();
        let rate = times.len() as f64 / RUN.as_secs_f64();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        println!("| {name} | {writers} | {rate:.0} | {} | {} |", at(50), at(99));
    }
    let mut tx = db.read_system(MEASURE).await.unwrap();
    let started = Instant::now();
    for _ in 0..1000 {
        q!(
            tx,
            fetch_one<(i64,)>,
            "SELECT generation FROM (SELECT CAST(1 AS BIGINT) AS generation) x"
        )
        .unwrap();
    }
    println!(
        "| {name} | select in a transaction | | {} | |",
        started.elapsed().as_micros() / 1000
    );
    let started = Instant::now();
    for _ in 0..1000 {
        let mut tx = db.read(tenant).await.unwrap();
        q!(
            tx,
            fetch_optional<(String,)>,
            "SELECT slug FROM tenants WHERE id = $1",
            tenant
        )
        .unwrap();
    }
    println!(
        "| {name} | read transaction | | {} | |",
        started.elapsed().as_micros() / 1000
    );
}

/// One small row per transaction, as a redeemed code or a rotated token writes; microseconds of each.
async fn storm(db: &Db, tenant: TenantId, writers: usize) -> Vec<u64> {
    let count = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (db, count) = (db.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let rng = SystemRng::default();
                let mut times = Vec::new();
                while started.elapsed() < RUN {
                    let begun = Instant::now();
                    let id = UserId::new(Timestamp::from_secs(2), &rng);
                    let mut tx = db.begin(tenant).await.unwrap();
                    let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
                               VALUES ($1, $2, 'active', '{}', '{}', $3, $3)";
                    exec!(tx, sql, tenant, id, Timestamp::from_secs(2)).unwrap();
                    tx.commit().await.unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                    times.push(u64::try_from(begun.elapsed().as_micros()).unwrap());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times
}
