//! What is counted. Labels are few and known beforehand: method, route, status class; never a tenant, client or user.

use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::App;
use crate::passwords::LOOKUPS;

/// Seconds that a request took.
pub(super) const DURATION: &str = "authflow_http_request_duration_seconds";
/// Requests answered.
pub(super) const REQUESTS: &str = "authflow_http_requests_total";

const BUCKETS: [f64; 14] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// How often recorded durations are folded into their buckets, whether or not anybody reads them.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// The numbers of this process.
#[derive(Clone)]
pub(super) struct Numbers(PrometheusHandle);

impl Numbers {
    /// Begins to count. Where a recorder is there already, as in tests that run several servers in one process, that one
    /// goes on counting for all, and these numbers stay empty.
    pub(super) fn install() -> Self {
        let builder = PrometheusBuilder::new();
        let recorder = match builder.set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BUCKETS) {
            Ok(builder) => builder.build_recorder(),
            // INVARIANT: only an empty list of buckets is refused.
            Err(_) => PrometheusBuilder::new().build_recorder(),
        };
        let numbers = Self(recorder.handle());
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("metrics go to the recorder installed before");
        }
        describe_histogram!(
            DURATION,
            Unit::Seconds,
            "time from the end of a request's headers to its answer"
        );
        describe_counter!(REQUESTS, "requests answered, by method, route and status class");
        describe_counter!(
            LOOKUPS,
            "new passwords looked up by the range API, by outcome: found, clear, failed"
        );
        describe_gauge!("authflow_build_info", "always 1; the version is a label");
        describe_gauge!(
            "authflow_guessing_counters",
            "sources and accounts that recent failures are counted for"
        );
        describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "resident memory");
        describe_gauge!("process_open_fds", "open file descriptors");
        gauge!("authflow_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        numbers
    }

    /// Folds durations until it is aborted: without it they would pile up where nobody reads them.
    pub(super) fn upkeep(&self) -> impl Future<Output = ()> + Send + 'static {
        let handle = self.0.clone();
        async move {
            loop {
                tokio::time::sleep(FOLD_EVERY).await;
                handle.run_upkeep();
            }
        }
    }

    /// Reads what is only worth knowing when somebody asks.
    pub(super) fn sample(app: &App) {
        gauge!("authflow_guessing_counters").set(as_float(app.guessing.len()));
        if let Some(bytes) = resident_bytes() {
            gauge!("process_resident_memory_bytes").set(as_float(bytes));
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            gauge!("process_open_fds").set(as_float(open.count()));
        }
    }

    /// The Prometheus text format.
    pub(super) fn render(&self) -> String {
        self.0.render()
    }
}

/// Resident memory, where the system tells it.
fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<usize>()
        .ok()?
        .checked_mul(1024)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
fn as_float(count: usize) -> f64 {
    count as f64
}
