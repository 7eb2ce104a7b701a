//! One cell of the table: a workload, a number of connections, a bounded time.

use crate::http::Connection;
use crate::usage::{Usage, Watched};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::cell::{Cell as Shared, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// What one connection does over and over.
pub(crate) trait Workload: 'static {
    /// What a connection carries from one operation to the next.
    type State: 'static;

    /// Prepares one connection; not measured.
    async fn prepare(&self, connection: &mut Connection, index: usize) -> Result<Self::State>;

    /// Does one operation; false when the server shed it (503), which is counted apart.
    async fn step(&self, connection: &mut Connection, state: &mut Self::State) -> Result<bool>;
}

/// What a cell measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) operations: u64,
    pub(crate) shed: u64,
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) server_us: f64,
    pub(crate) database_us: Option<f64>,
}

/// How long to warm up and to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) warm_up: Duration,
    pub(crate) measure: Duration,
}

#[derive(Default)]
struct Tally {
    measuring: Shared<bool>,
    stopped: Shared<bool>,
    shed: Shared<u64>,
    latencies: RefCell<Vec<u32>>,
}

/// Runs a workload on `connections` connections and reads the processes' CPU time before and after.
pub(crate) async fn run<W: Workload>(
    workload: Rc<W>,
    address: SocketAddr,
    connections: usize,
    pace: Pace,
    watched: Watched,
) -> Result<Measured> {
    let tally = Rc::new(Tally::default());
    let local = LocalSet::new();
    local
        .run_until(async {
            let workers = start(&workload, address, connections, &tally).await?;
            tokio::time::sleep(pace.warm_up).await;
            let before = watched.read()?;
            let started = Instant::now();
            tally.measuring.set(true);
            tokio::time::sleep(pace.measure).await;
            tally.measuring.set(false);
            let seconds = started.elapsed().as_secs_f64();
            let after = watched.read()?;
            tally.stopped.set(true);
            for worker in workers {
                worker.await.context("a connection panicked")??;
            }
            Ok(summarise(&tally, seconds, before, after))
        })
        .await
}

type Worker = tokio::task::JoinHandle<Result<()>>;

/// Prepares every connection first, so that none measures while another still signs in.
async fn start<W: Workload>(
    workload: &Rc<W>,
    address: SocketAddr,
    connections: usize,
    tally: &Rc<Tally>,
) -> Result<Vec<Worker>> {
    let mut prepared = Vec::with_capacity(connections);
    for index in 0..connections {
        let mut connection = Connection::open(address).await?;
        let state = workload.prepare(&mut connection, index).await?;
        prepared.push((connection, state));
    }
    let workers = prepared.into_iter().map(|(mut connection, mut state)| {
        let (workload, tally) = (Rc::clone(workload), Rc::clone(tally));
        tokio::task::spawn_local(async move {
            while !tally.stopped.get() {
                let started = Instant::now();
                let done = workload.step(&mut connection, &mut state).await?;
                tally.count(started, done);
            }
            Ok(())
        })
    });
    Ok(workers.collect())
}

impl Tally {
    fn count(&self, started: Instant, done: bool) {
        if !self.measuring.get() {
            return;
        }
        if done {
            let nanoseconds = u32::try_from(started.elapsed().as_nanos()).unwrap_or(u32::MAX);
            self.latencies.borrow_mut().push(nanoseconds);
        } else {
            self.shed.set(self.shed.get() + 1);
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and microseconds far below 2^52"
)]
fn summarise(tally: &Tally, seconds: f64, before: Usage, after: Usage) -> Measured {
    let mut latencies = tally.latencies.take();
    latencies.sort_unstable();
    let count = latencies.len();
    let at =
        |share: usize| f64::from(latencies.get(count * share / 100).copied().unwrap_or_default()) / 1000.0;
    let operations = count as f64;
    Measured {
        operations: count as u64,
        shed: tally.shed.get(),
        seconds,
        per_second: operations / seconds,
        p50_us: at(50),
        p99_us: at(99),
        server_us: (after.server_us - before.server_us) / operations.max(1.0),
        database_us: after
            .database_us
            .zip(before.database_us)
            .map(|(end, begin)| (end - begin) / operations.max(1.0)),
    }
}
