//! Why an outbound request was refused or failed.

use std::net::IpAddr;

/// Why an address is not one to talk to.
///
/// # Security
/// Tell the person who configured the address which rule it broke, not what a name resolved to: the
/// resolver's view of the inside is not theirs to learn. `Display` keeps to that; `Debug` does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `https` nor, where it is allowed, `http`.
    #[error("the URL must begin with `https://`")]
    Scheme,
    /// A user name or password in the URL.
    #[error("the URL must not contain a user name or password")]
    Credentials,
    /// No host, or port zero.
    #[error("the URL names no host that can be reached")]
    NoHost,
    /// An address, given or resolved, that is neither public nor in an allowed network.
    #[error("the URL's host is not a public address")]
    NotPublic {
        /// The address.
        address: IpAddr,
    },
}

/// Why a request has no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is not one to talk to; nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name could not be resolved.
    #[error("the host's name could not be resolved")]
    Unresolved,
    /// No connection, or no secure one, could be made.
    #[error("the host could not be reached")]
    Unreachable {
        /// The private detail.
        source: reqwest::Error,
    },
    /// The whole request took longer than is allowed.
    #[error("the host did not answer in time")]
    TimedOut,
    /// The answer is longer than is allowed.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The answer has a status other than the one needed; redirects are not followed.
    #[error("the host answered with status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer is not the JSON that was expected.
    #[error("the answer is not the expected JSON")]
    NotJson {
        /// The private detail.
        source: serde_json::Error,
    },
    /// The connection broke, or what came over it was not HTTP.
    #[error("the answer broke off or was not HTTP")]
    Broken {
        /// The private detail.
        source: reqwest::Error,
    },
    /// The client could not be set up, for example because the machine has no root certificates.
    #[error("outbound HTTP could not be set up")]
    Setup {
        /// The private detail.
        source: reqwest::Error,
    },
}
