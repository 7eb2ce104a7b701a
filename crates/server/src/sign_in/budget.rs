//! How many messages one recipient gets.
//!
//! ```text
//!   recipient, occasion, source    `messages_per_recipient`        who asks too often waits, and nobody else does
//!   recipient, occasion            SHARED times as many            nobody is flooded from many sources
//!   recipient, occasion, browser   `messages_per_recipient`        a known browser of the account: held to neither
//! ```
//!
//! So a stranger who knows an address neither keeps its owner from signing in nor, by asking for codes, from recovering.

use std::num::NonZeroU32;

use crate::Cx;
use crate::limits::{AddressPrefix, RateConfig, RateLimiter};

/// What all sources together may have sent to one recipient, in budgets of one source.
const SHARED: NonZeroU32 = match NonZeroU32::new(5) {
    Some(count) => count,
    None => NonZeroU32::MIN,
};

/// What a message is for; each has a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Budget {
    /// A code or link that signs in.
    SignIn,
    /// The same, in a browser that signed in to the account before.
    KnownBrowser,
    /// A code for a second factor: whoever asks has given the first.
    Second,
    /// A new password.
    Recovery,
    /// An address is confirmed.
    Confirmation,
}

/// The limit of all sources together, from that of one.
pub(crate) fn shared(one: RateConfig) -> RateConfig {
    RateConfig {
        rate: one.rate.saturating_mul(SHARED),
        burst: one.burst.saturating_mul(SHARED),
        ..one
    }
}

/// Whether one more message to `recipient` is within its limits; counts it.
///
/// # Security
/// Counted by what was typed, so that the answer tells nothing about who has an account.
pub(crate) fn may_send(cx: &Cx, budget: Budget, recipient: &str) -> bool {
    let recipient = (
        "message",
        cx.tenant_id().as_uuid(),
        budget,
        recipient.to_lowercase(),
    );
    let source = match budget {
        Budget::KnownBrowser | Budget::Second => None,
        Budget::SignIn | Budget::Recovery | Budget::Confirmation => {
            cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes))
        }
    };
    let is_within = |limiter: Option<&RateLimiter>, source: Option<AddressPrefix>| {
        limiter.is_none_or(|limiter| limiter.check(cx.now, &(&recipient, source)).allowed)
    };
    let app = &cx.app;
    is_within(app.messages.as_ref(), source)
        && (source.is_none() || is_within(app.messages_from_all.as_ref(), None))
}
