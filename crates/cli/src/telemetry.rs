//! Logs to standard error and, where configured, traces to a collector. Started once, before anything else.

use std::future::Future;
use std::io::IsTerminal as _;
use std::pin::Pin;
use std::time::Duration;

use authflow_server::config::{Config, HttpUrl, LogFormat, Mode, Telemetry};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use reqwest::header::HeaderMap;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::failure::Failure;

const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Keeps the exporter running; sends what is left when dropped.
#[must_use = "traces are sent only while this lives"]
pub(crate) struct Guard {
    traces: Option<SdkTracerProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take() {
            // WHY: the process ends either way; a collector that is gone must not hold it up.
            let _ = traces.shutdown_with_timeout(Duration::from_secs(3));
        }
    }
}

/// Starts logging and tracing as `config` says.
///
/// # Errors
/// The level is not understood, or the exporter cannot be built.
pub(crate) fn start(config: &Config) -> Result<Guard, Failure> {
    let filter = EnvFilter::builder().parse(&config.log.level).map_err(|error| {
        Failure::usage(
            "config.invalid",
            format!("`log.level` is `{}`: {error}", config.log.level),
        )
        .hint("use a level such as `info`, or directives such as `info,authflow_server=debug`")
    })?;
    let traces = match &config.telemetry.otlp_endpoint {
        // A command that ends at once has nothing to trace.
        Some(endpoint) if config.mode != Mode::Command => Some(provider(endpoint, &config.telemetry)?),
        _ => None,
    };
    let spans = traces.as_ref().map(|provider| {
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("authflow"))
            .with_location(false)
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .compact()
            .boxed(),
    };
    // WHY: a second start in one process (tests) keeps the first subscriber.
    let _ = Registry::default()
        .with(filter)
        .with(lines)
        .with(spans)
        .try_init();
    Ok(Guard { traces })
}

fn provider(endpoint: &HttpUrl, telemetry: &Telemetry) -> Result<SdkTracerProvider, Failure> {
    let failure = |error: &dyn std::error::Error| Failure::chain("telemetry.exporter", error);
    let client = reqwest::Client::builder()
        .timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|error| failure(&error))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(OnRuntime {
            runtime: tokio::runtime::Handle::current(),
            client,
        })
        .with_endpoint(format!(
            "{}/v1/traces",
            endpoint.url().as_str().trim_end_matches('/')
        ))
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|error| failure(&error))?;
    let ratio = Sampler::TraceIdRatioBased(telemetry.sample_ratio);
    let resource = Resource::builder()
        .with_service_name(telemetry.service_name.clone())
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(ratio)))
        .with_resource(resource)
        .build())
}

/// Sends from the runtime: the exporter waits in a thread of its own, where there is none.
#[derive(Debug)]
struct OnRuntime {
    runtime: tokio::runtime::Handle,
    client: reqwest::Client,
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for OnRuntime {
    fn send_bytes<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sent<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let client = self.client.clone();
        let sent = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        Box::pin(async move { sent.await? })
    }
}

/// Joins a request's span to the trace that its headers name (W3C Trace Context 3).
pub(crate) fn link_trace(span: &tracing::Span, headers: &HeaderMap) {
    let parent = opentelemetry::global::get_text_map_propagator(|it| it.extract(&HeaderExtractor(headers)));
    // WHY: a parent that cannot be set leaves the request the root of its own trace.
    let _ = span.set_parent(parent);
}
