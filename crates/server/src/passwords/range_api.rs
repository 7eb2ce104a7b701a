//! The range API of Have I Been Pwned (Pwned Passwords): five hexadecimal digits of a password's SHA-1 are asked about,
//! the answer lists what follows them in every breached password, and which of them is ours never leaves this process.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;
use metrics::counter;
use url::Url;

use super::breached::sha1_hex;
use super::password::Password;
use crate::net::{FetchError, GuardedClient, Outbound};

/// Where the API is.
const ADDRESS: &str = "https://api.pwnedpasswords.com/range/";

/// What may be read of an answer: about 900 lines of 40 bytes, padding included, with room to grow.
const MAX_ANSWER: usize = 512 * 1024;

const PREFIX: usize = 5;

/// How lookups ended.
pub const LOOKUPS: &str = "authflow_breached_password_lookups_total";

/// Why nothing is known of a password.
#[derive(Debug, thiserror::Error)]
enum LookupError {
    /// The setting's address cannot be extended.
    #[error("the address of the API is not usable")]
    Address,
    /// No answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// None in time.
    #[error("no answer in time")]
    TimedOut,
    /// Another status than 200.
    #[error("answered {0}")]
    Status(u16),
    /// More than such an answer has.
    #[error("the answer is too long")]
    TooLong,
}

/// The API, as configured.
#[derive(Debug, Clone)]
pub struct RangeApi {
    address: Option<Url>,
    timeout: Duration,
}

impl RangeApi {
    /// At `address`, or where it usually is.
    pub fn new(address: Option<Url>, timeout: Duration) -> Self {
        Self {
            address: address.or_else(|| Url::parse(ADDRESS).ok()),
            timeout,
        }
    }

    /// Whether the API knows the password. Where it does not answer, it is logged and counted, and the password passes:
    /// somebody else's outage stops nobody here.
    pub async fn knows(&self, client: &GuardedClient, password: &Password) -> bool {
        let found = tokio::time::timeout(self.timeout, self.look_up(client, password)).await;
        let found = found.unwrap_or(Err(LookupError::TimedOut));
        let outcome = match &found {
            Ok(true) => "found",
            Ok(false) => "clear",
            Err(error) => {
                tracing::warn!(%error, "a new password could not be looked up; it passes");
                "failed"
            }
        };
        counter!(LOOKUPS, "outcome" => outcome).increment(1);
        found.unwrap_or(false)
    }

    async fn look_up(&self, client: &GuardedClient, password: &Password) -> Result<bool, LookupError> {
        let digest = sha1_hex(password.nfc());
        let (prefix, suffix) = digest.split_at_checked(PREFIX).ok_or(LookupError::Address)?;
        let address = self.address.as_ref().ok_or(LookupError::Address)?;
        let answer = client.send(request(address, prefix)?, MAX_ANSWER).await?;
        if answer.status.as_u16() != 200 {
            return Err(LookupError::Status(answer.status.as_u16()));
        }
        if answer.truncated {
            return Err(LookupError::TooLong);
        }
        Ok(lists(&answer.body, suffix))
    }
}

fn request(address: &Url, prefix: &str) -> Result<Outbound, LookupError> {
    let mut url = address.clone();
    url.path_segments_mut()
        .map_err(|()| LookupError::Address)?
        .pop_if_empty()
        .push(prefix);
    let mut headers = HeaderMap::new();
    // Answers of one length each: nobody on the way learns the prefix from how much came back.
    headers.insert(
        HeaderName::from_static("add-padding"),
        HeaderValue::from_static("true"),
    );
    Ok(Outbound {
        method: Method::GET,
        url,
        headers,
        body: Bytes::new(),
    })
}

/// Whether the answer has the suffix, with a count: padding has the count 0.
fn lists(body: &[u8], suffix: &str) -> bool {
    body.split(|&byte| byte == b'\n').any(|line| {
        let line = line.trim_ascii();
        let Some((found, count)) = line.split_at_checked(suffix.len()) else {
            return false;
        };
        let count = count.strip_prefix(b":").unwrap_or_default();
        found.eq_ignore_ascii_case(suffix.as_bytes())
            && count.iter().any(|&digit| (b'1'..=b'9').contains(&digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_counts_with_its_count_only() {
        let suffix = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
        for hit in [
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004",
            "0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n1e4c9b93f3f0682250b6cf8331b7ee68fd8:3\r\n",
        ] {
            assert!(lists(hit.as_bytes(), suffix), "{hit}");
        }
        for miss in [
            "",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:0",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD80:9",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD:9",
            "<html>1E4C9B93F3F0682250B6CF8331B7EE68FD8:9</html>",
        ] {
            assert!(!lists(miss.as_bytes(), suffix), "{miss}");
        }
    }

    #[test]
    fn only_five_digits_leave_and_padding_is_asked_for() {
        for address in ["https://api.example/range/", "https://api.example/range"] {
            let sent = request(&Url::parse(address).unwrap(), "21BD1").unwrap();
            assert_eq!(sent.url.as_str(), "https://api.example/range/21BD1");
            assert_eq!(sent.headers["add-padding"], "true");
        }
    }
}
