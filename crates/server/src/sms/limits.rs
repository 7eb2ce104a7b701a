//! What may be sent, and how much of it.

use std::time::Duration;

use authflow_types::Timestamp;

use super::{PhoneNumber, SmsError, store};
use crate::Cx;
use crate::limits::AddressPrefix;

/// What the digests of numbers and sources are keyed with.
const LABEL: &str = "sms-usage";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Whether the number may receive messages of this tenant at all.
pub(super) fn check_number(cx: &Cx, number: &PhoneNumber) -> Result<(), SmsError> {
    let country = number.country().ok_or(SmsError::Country)?;
    let names = |list: &[String]| list.iter().any(|code| code == "*" || *code == country);
    let own = cx.tenant.settings.sms_countries.as_deref();
    if !names(&cx.app.config.sms.countries) || !own.is_none_or(names) {
        return Err(SmsError::Country);
    }
    if !number.receives_text() {
        return Err(SmsError::Kind);
    }
    Ok(())
}

/// Counts one message in the context's transaction, if all limits allow it.
pub(super) async fn count(cx: &mut Cx, number: &PhoneNumber) -> Result<(), SmsError> {
    let settings = &cx.app.config.sms;
    let per_tenant =
        (cx.tenant.settings.sms_per_day).map_or(settings.per_tenant, |own| own.min(settings.per_tenant));
    let (per_recipient, per_source) = (settings.per_recipient, settings.per_source);
    take(cx, "recipient", number.as_str().as_bytes(), (per_recipient, HOUR)).await?;
    if let Some(ip) = cx.request.ip {
        let source = match AddressPrefix::of(ip, cx.app.prefixes) {
            AddressPrefix::V4(prefix) => prefix.octets().to_vec(),
            AddressPrefix::V6(prefix) => prefix.octets().to_vec(),
        };
        take(cx, "source", &source, (per_source, HOUR)).await?;
    }
    take(cx, "tenant", &[], (per_tenant, DAY)).await
}

/// Costs what [`count`] costs and counts for nobody: on rows of its own, which have no limit.
pub(super) async fn count_nothing(cx: &mut Cx) -> Result<(), crate::Fault> {
    for (scope, window) in [("recipient", HOUR), ("source", HOUR), ("tenant", DAY)] {
        match take(cx, scope, b"nobody", (u32::MAX, window)).await {
            Ok(()) => {}
            Err(SmsError::Fault(fault)) => return Err(fault),
            Err(_) => break,
        }
    }
    Ok(())
}

/// SECURITY: one conditional statement counts and refuses; numbers and addresses are kept only as keyed digests.
async fn take(
    cx: &mut Cx,
    scope: &'static str,
    key: &[u8],
    (limit, window): (u32, Duration),
) -> Result<(), SmsError> {
    let digest = cx
        .tenant
        .data_key
        .derive(LABEL)
        .map_err(crate::Fault::from)?
        .mac(&[scope.as_bytes(), key]);
    let (start, end) = window_of(cx.now, window);
    let usage = store::Usage {
        scope,
        key: &digest,
        window: (start, end),
        limit: i64::from(limit),
    };
    let tenant = cx.tenant_id();
    if store::count(cx.tx().await?, tenant, &usage).await? {
        return Ok(());
    }
    tracing::warn!(tenant = %tenant, scope, limit, "a text message was refused: the limit is reached");
    Err(SmsError::Limited {
        retry_after: end.since(cx.now),
    })
}

/// The window of the clock that `now` is in.
fn window_of(now: Timestamp, window: Duration) -> (Timestamp, Timestamp) {
    let length = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
    let start = now.as_micros() - now.as_micros().rem_euclid(length);
    let start = Timestamp::from_micros(start);
    (start, start + window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_the_clock() {
        let (start, end) = window_of(Timestamp::from_secs(1_795_003_601), HOUR);
        assert_eq!(start.as_micros() % 3_600_000_000, 0);
        assert_eq!(end, start + HOUR);
        assert!(start <= Timestamp::from_secs(1_795_003_601) && Timestamp::from_secs(1_795_003_601) < end);
        assert_eq!(window_of(start, HOUR).0, start);
        assert_eq!(window_of(end, HOUR).0, end);
    }
}
