use std::time::Duration;

use authflow_types::{SessionId, Timestamp, UserId};

/// How often the use of a session is written down.
pub(super) const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// A session that was live when it was read.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id; `sid` in ID tokens and logout tokens.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the user last proved who they are (OIDC Core 2, `auth_time`).
    pub auth_time: Timestamp,
    /// How strongly (OIDC Core 2, `acr`).
    pub acr: String,
    /// By which means (RFC 8176).
    pub amr: Vec<String>,
    /// The address it began at.
    pub ip: Option<String>,
    /// Where that is, as people read it: `Berlin, DE`.
    pub place: Option<String>,
    /// The browser it began in, as it named itself.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// What a session's row says at a given time.
#[derive(Debug, Clone)]
pub enum SessionState {
    /// It counts.
    Live(Session),
    /// Somebody ended it.
    Ended,
    /// It was not used for too long, or is too old.
    Expired,
}

impl SessionState {
    /// Decides. A session is live before its expiry and not at it.
    pub fn of(session: Session, ended_at: Option<Timestamp>, now: Timestamp) -> Self {
        if ended_at.is_some() {
            Self::Ended
        } else if session.is_live(now) {
            Self::Live(session)
        } else {
            Self::Expired
        }
    }

    /// The session, if it counts.
    pub fn live(self) -> Option<Session> {
        match self {
            Self::Live(session) => Some(session),
            Self::Ended | Self::Expired => None,
        }
    }
}

impl Session {
    /// Whether neither lifetime is over at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.idle_expires_at
    }

    /// The session as used at `now`, if that is worth writing down.
    pub(super) fn touched(&self, now: Timestamp, idle: Duration) -> Option<Self> {
        (now.since(self.last_seen_at) >= TOUCH_EVERY).then(|| Self {
            last_seen_at: now,
            idle_expires_at: (now + idle).min(self.expires_at),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(100);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn session() -> Session {
        let rng = authflow_types::SystemRng::default();
        Session {
            id: SessionId::new(at(1000), &rng),
            user_id: UserId::new(at(1000), &rng),
            auth_time: at(1000),
            acr: String::new(),
            amr: Vec::new(),
            ip: None,
            place: None,
            user_agent: None,
            created_at: at(1000),
            last_seen_at: at(1000),
            idle_expires_at: at(1100),
            expires_at: at(1200),
        }
    }

    #[test]
    fn a_session_is_over_at_its_expiry_and_not_before() {
        let before = at(1100) - Duration::from_micros(1);
        assert!(matches!(
            SessionState::of(session(), None, before),
            SessionState::Live(_)
        ));
        assert!(matches!(
            SessionState::of(session(), None, at(1100)),
            SessionState::Expired
        ));
        let used = Session {
            idle_expires_at: at(1300),
            ..session()
        };
        assert!(used.is_live(at(1200) - Duration::from_micros(1)) && !used.is_live(at(1200)));
        assert!(matches!(
            SessionState::of(session(), Some(at(1050)), at(1060)),
            SessionState::Ended
        ));
    }

    #[test]
    fn use_is_written_once_a_minute_and_never_beyond_the_absolute_lifetime() {
        assert!(session().touched(at(1059), IDLE).is_none());
        let touched = session().touched(at(1060), IDLE).unwrap();
        assert_eq!(
            (touched.last_seen_at, touched.idle_expires_at),
            (at(1060), at(1160))
        );
        assert_eq!(
            session().touched(at(1150), IDLE).unwrap().idle_expires_at,
            at(1200)
        );
    }
}
