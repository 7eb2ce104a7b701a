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

use std::time::{Duration, Instant};

use authflow_db::{Db, DbOptions, Synchronous, exec, q};
use authflow_types::{SystemRng, TenantId, Timestamp, UserId};

const RUN: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().unwrap_or_else(|| ".".to_owned());
    println!(
        "| database | concurrency | what | per second | p50 us | p99 us | CPU us |\n|---|---|---|---|---|---|---|"
    );
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
    for count in [1, 16, 64] {
        report(name, "commit", db, tenant, count, Kind::Write).await;
    }
    for count in [1, 16] {
        report(name, "read", db, tenant, count, Kind::Read).await;
    }
    if let Some((transactions, commits)) = db.shared_commits() {
        println!("{transactions} transactions in {commits} commits");
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Write,
    Read,
}

async fn report(name: &str, what: &str, db: &Db, tenant: TenantId, count: usize, kind: Kind) {
    let cpu = cpu_micros();
    let mut times = storm(db, tenant, count, kind).await;
    let cpu = (cpu_micros() - cpu) / times.len().max(1) as f64;
    times.sort_unstable();
    let rate = times.len() as f64 / RUN.as_secs_f64();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!(
        "| {name} | {count} | {what} | {rate:.0} | {} | {} | {cpu:.0} |",
        at(50),
        at(99)
    );
}

/// User and system time of this process (Linux, 100 ticks a second).
fn cpu_micros() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |n: usize| {
        fields
            .get(n)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(11) + ticks(12)) * 10_000.0
}

/// One small row per transaction, as a redeemed code or a rotated token writes, or one row read by key;
/// microseconds of each.
async fn storm(db: &Db, tenant: TenantId, count: usize, kind: Kind) -> Vec<u64> {
    let started = Instant::now();
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let rng = SystemRng::default();
                let mut times = Vec::new();
                while started.elapsed() < RUN {
                    let begun = Instant::now();
                    match kind {
                        Kind::Write => write(&db, tenant, UserId::new(Timestamp::from_secs(2), &rng)).await,
                        Kind::Read => read(&db, tenant).await,
                    }
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

async fn write(db: &Db, tenant: TenantId, user: UserId) {
    let mut tx = db.begin(tenant).await.unwrap();
    let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
               VALUES ($1, $2, 'active', '{}', '{}', $3, $3)";
    exec!(tx, sql, tenant, user, Timestamp::from_secs(2)).unwrap();
    tx.commit().await.unwrap();
}

async fn read(db: &Db, tenant: TenantId) {
    let mut tx = db.read(tenant).await.unwrap();
    q!(
        tx,
        fetch_optional<(String,)>,
        "SELECT slug FROM tenants WHERE id = $1",
        tenant
    )
    .unwrap();
}
