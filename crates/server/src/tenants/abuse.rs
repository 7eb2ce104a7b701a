//! What a tenant's administrators decide against abuse.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

/// When visitors have to prove work (ALTCHA) before a password is tried, an account made, or a message sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofOfWork {
    /// Never.
    Never,
    /// Once failures are so many that attempts are delayed, or a source asks for much.
    #[default]
    Adaptive,
    /// Each time, save in browsers that the account knows.
    Always,
}

/// What a tenant does against abuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AbuseSettings {
    /// When a proof of work is asked for.
    pub proof_of_work: ProofOfWork,
    /// The largest number that it may take to find, 1000 to 5 000 000: on average half as many hashes are tried, about a
    /// second's work of a small phone for 200 000.
    #[serde(deserialize_with = "difficulty")]
    pub proof_of_work_difficulty: u32,
    /// Whether accounts may not have addresses of disposable mail.
    pub refuse_disposable_email: bool,
}

impl Default for AbuseSettings {
    fn default() -> Self {
        Self {
            proof_of_work: ProofOfWork::default(),
            proof_of_work_difficulty: 200_000,
            refuse_disposable_email: false,
        }
    }
}

/// Reads a difficulty, within its bounds.
fn difficulty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let given = u32::deserialize(deserializer)?;
    if (1_000..=5_000_000).contains(&given) {
        Ok(given)
    } else {
        let expected = &"a difficulty from 1000 to 5000000";
        Err(D::Error::invalid_value(
            Unexpected::Unsigned(given.into()),
            expected,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difficulty_keeps_within_what_robots_notice_and_phones_bear() {
        let read = |difficulty: i64| {
            serde_json::from_value::<AbuseSettings>(
                serde_json::json!({ "proof_of_work_difficulty": difficulty }),
            )
        };
        for good in [1_000, 200_000, 5_000_000] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [-1, 0, 999, 5_000_001, i64::MAX] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(
            serde_json::from_str::<AbuseSettings>("{}").unwrap(),
            AbuseSettings::default()
        );
    }
}
