//! Rates as settings.

use std::num::NonZeroU32;
use std::time::Duration;

use super::value::{Raw, Setting, parse_duration};
use crate::limits::RateConfig;

/// So many in a period on average and at most a burst at once, written `60/1h burst 30`; or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Option<RateConfig>);

impl Rate {
    /// No limit.
    pub const OFF: Self = Self(None);

    /// `rate` in an hour, at most `burst` at once.
    pub const fn hourly(rate: u32, burst: u32) -> Self {
        Self(Some(RateConfig {
            rate: at_least_one(rate),
            period_s: at_least_one(3600),
            burst: at_least_one(burst),
        }))
    }

    /// The limit, if there is one.
    pub const fn limit(self) -> Option<RateConfig> {
        self.0
    }
}

pub(super) const fn at_least_one(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

impl Setting for Rate {
    fn expected() -> String {
        "a rate such as `60/1h burst 30`, or `off`".to_owned()
    }

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        if text == "off" {
            return Some(Self::OFF);
        }
        let (average, burst) = text.split_once(" burst ")?;
        let (rate, period) = average.split_once('/')?;
        let period = parse_duration(period).filter(|period| period.subsec_nanos() == 0)?;
        Some(Self(Some(RateConfig {
            rate: rate.parse().ok()?,
            period_s: NonZeroU32::new(u32::try_from(period.as_secs()).ok()?)?,
            burst: burst.parse().ok()?,
        })))
    }

    fn show(&self) -> String {
        match self.0 {
            None => "\"off\"".to_owned(),
            Some(limit) => {
                let period = Duration::from_secs(u64::from(limit.period_s.get())).show();
                let period = period.trim_matches('"');
                format!("\"{}/{period} burst {}\"", limit.rate, limit.burst)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_shown() {
        for text in ["60/1h burst 30", "5/1s burst 1", "off"] {
            let rate = Rate::parse(&Raw::Text(text.to_owned())).unwrap();
            assert_eq!(rate.show(), format!("\"{text}\""));
        }
        for bad in [
            "",
            "60",
            "60/1h",
            "0/1h burst 1",
            "1/0s burst 1",
            "1/500ms burst 1",
            "1/1h burst 0",
            "1/1h burst -1",
        ] {
            assert_eq!(Rate::parse(&Raw::Text(bad.to_owned())), None, "{bad}");
        }
    }
}
