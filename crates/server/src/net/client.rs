//! The client: one request at a time, bounded in time and size.

use std::error::Error as StdError;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use url::Url;

use super::error::{FetchError, Refusal};
use super::guard::{Channel, GuardConfig, GuardedResolver, Lookup, NoAddresses, SystemLookup};

const USER_AGENT: &str = concat!("Authflow/", env!("CARGO_PKG_VERSION"));
const IDLE_CONNECTIONS: usize = 2;
const IDLE_FOR: Duration = Duration::from_secs(20);

/// A request to send.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers beside those that HTTP itself needs.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
}

/// An answer, of which at most a given number of bytes was read.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as far as it was read.
    pub body: Bytes,
    /// Whether there was more.
    pub truncated: bool,
}

/// Outbound HTTP that reaches only permitted addresses. Cheap to clone; share one.
///
/// Nothing is set up before the first request: an installation that makes none pays nothing.
#[derive(Clone)]
pub struct GuardedClient {
    inner: Arc<Inner>,
}

struct Inner {
    config: Arc<GuardConfig>,
    lookup: Arc<dyn Lookup>,
    secure: OnceLock<reqwest::Client>,
    plain: OnceLock<reqwest::Client>,
}

impl GuardedClient {
    /// With the operating system's resolver.
    pub fn new(config: GuardConfig) -> Self {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    /// With another resolver; its answers are tested like any other's.
    pub fn with_lookup(config: GuardConfig, lookup: Arc<dyn Lookup>) -> Self {
        Self {
            inner: Arc::new(Inner {
                config: Arc::new(config),
                lookup,
                secure: OnceLock::new(),
                plain: OnceLock::new(),
            }),
        }
    }

    /// Tests a URL without using it, for when it is registered; see [`GuardConfig::check_url`].
    ///
    /// # Errors
    /// The [`Refusal`].
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        self.inner.config.check_url(url)
    }

    /// Sends a request and reads at most `limit` bytes of the answer's body, whatever its status.
    ///
    /// # Errors
    /// [`FetchError::Refused`] if the address is not permitted; whatever else stood in the way of an answer. A
    /// longer answer is not an error here: see [`Captured::truncated`].
    pub async fn send(&self, request: Outbound, limit: usize) -> Result<Captured, FetchError> {
        let channel = self.inner.config.channel(&request.url)?;
        let client = self.inner.client(channel)?;
        let built = client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body);
        let mut response = built.send().await.map_err(failure)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        let mut truncated = false;
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            let room = limit.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        Ok(Captured {
            status,
            headers,
            body: body.freeze(),
            truncated,
        })
    }

    /// Gets a document: status 200 and at most `limit` bytes, or an error.
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`FetchError::Status`], [`FetchError::TooLarge`].
    pub async fn fetch(&self, url: &Url, limit: usize) -> Result<Captured, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("application/json, */*;q=0.1"),
        );
        let request = Outbound {
            method: Method::GET,
            url: url.clone(),
            headers,
            body: Bytes::new(),
        };
        let answer = self.send(request, limit).await?;
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status {
                status: answer.status.as_u16(),
            });
        }
        if answer.truncated {
            return Err(FetchError::TooLarge { limit });
        }
        Ok(answer)
    }

    /// Gets a JSON document of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and [`FetchError::NotJson`].
    pub async fn fetch_json<T: DeserializeOwned>(&self, url: &Url, limit: usize) -> Result<T, FetchError> {
        let answer = self.fetch(url, limit).await?;
        serde_json::from_slice(&answer.body).map_err(|source| FetchError::NotJson { source })
    }

    /// Posts a form and keeps at most `limit` bytes of the answer.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        limit: usize,
    ) -> Result<Captured, FetchError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, content_type);
        let request = Outbound {
            method: Method::POST,
            url: url.clone(),
            headers,
            body: body.into(),
        };
        self.send(request, limit).await
    }
}

impl std::fmt::Debug for GuardedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardedClient")
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn client(&self, channel: Channel) -> Result<&reqwest::Client, FetchError> {
        let cell = match channel {
            Channel::Secure => &self.secure,
            Channel::Plain => &self.plain,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self
            .build(channel)
            .map_err(|source| FetchError::Setup { source })?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, channel: Channel) -> reqwest::Result<reqwest::Client> {
        let resolver = GuardedResolver {
            config: Arc::clone(&self.config),
            lookup: Arc::clone(&self.lookup),
            channel,
        };
        let builder = reqwest::Client::builder()
            .dns_resolver(resolver)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(self.config.timeout())
            .connect_timeout(self.config.connect_timeout())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_FOR)
            .user_agent(USER_AGENT);
        match channel {
            Channel::Secure => builder.https_only(true).build(),
            // No TLS is spoken on it, so the machine's root certificates need not be loaded again.
            Channel::Plain => builder.tls_certs_only([]).build(),
        }
    }
}

/// Finds out why, and takes the URL, which may be a secret, out of what is kept.
fn failure(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::TimedOut;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return FetchError::Refused(refusal.clone());
        }
        if inner.is::<NoAddresses>() {
            return FetchError::Unresolved;
        }
        cause = inner.source();
    }
    let source = error.without_url();
    if source.is_dns() {
        FetchError::Unresolved
    } else if source.is_connect() {
        FetchError::Unreachable { source }
    } else {
        FetchError::Broken { source }
    }
}

#[cfg(test)]
mod tests;
