//! One-time links: what a mail's reader proves by opening it.
//!
//! ```text
//!   issue ──▶ open ──consume (POST)──▶ consumed
//!              │ a quarter of an hour
//!              ▼
//!           expired
//! ```
//!
//! A GET changes nothing, because mail scanners follow links; only the button's POST consumes. A link is bound to its
//! tenant, its purpose and its subject, and only its digest is stored.

use std::time::Duration;

use authflow_types::{Digest, Token, TokenKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::store;
use crate::identities::{INVITATION_TTL, OBJECTION_TTL};
use crate::{Cx, Fault};

/// How long a link works.
pub const LINK_TTL: Duration = Duration::from_mins(15);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Proves that an identifier is its user's; the subject is the identifier.
    VerifyEmail,
    /// Makes the account that a sign-in asked for; the subject is the sign-in.
    CompleteSignUp,
    /// Proves who somebody is; the subject is the sign-in.
    SignIn,
    /// Sets a new password; the subject is the identifier that it was sent to.
    ResetPassword,
    /// Confirms another address; the subject is the change.
    ConfirmEmail,
    /// Undoes such a change; the subject is the change.
    ObjectEmail,
    /// Makes the account that somebody was invited to; the subject is the invitation.
    Invitation,
    /// Keeps an account that is to be deleted; the subject is the user.
    KeepAccount,
}

impl LinkPurpose {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::CompleteSignUp => "complete_sign_up",
            Self::SignIn => "sign_in",
            Self::ResetPassword => "reset_password",
            Self::ConfirmEmail => "confirm_email",
            Self::ObjectEmail => "object_email",
            Self::Invitation => "invitation",
            Self::KeepAccount => "keep_account",
        }
    }

    /// How long such a link works.
    fn ttl(self, cx: &Cx) -> Duration {
        match self {
            Self::ObjectEmail => OBJECTION_TTL,
            Self::Invitation => INVITATION_TTL,
            Self::KeepAccount => {
                let days = u64::from(cx.tenant.settings.account_deletion_grace_days);
                Duration::from_hours(days * 24)
            }
            _ => LINK_TTL,
        }
    }

    fn from_stored(text: &str) -> Option<Self> {
        [
            Self::VerifyEmail,
            Self::CompleteSignUp,
            Self::SignIn,
            Self::ResetPassword,
            Self::ConfirmEmail,
            Self::ObjectEmail,
            Self::Invitation,
            Self::KeepAccount,
        ]
        .into_iter()
        .find(|purpose| purpose.as_str() == text)
    }
}

/// A link that was neither used nor too old when it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct OpenLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whom or what it is about.
    pub subject: Uuid,
    digest: Digest,
}

impl OpenLink {
    /// Which link it is: the same as [`link_key`] of its secret.
    pub fn key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.digest.as_bytes())
    }
}

/// Which link a secret makes, without the secret: for what must know the links that were sent for it.
pub fn link_key(token: &Token) -> String {
    URL_SAFE_NO_PAD.encode(token.digest().as_bytes())
}

/// Makes a link's secret. Emits nothing: what it leads to does.
pub async fn issue_link(cx: &mut Cx, purpose: LinkPurpose, subject: Uuid) -> Result<Token, Fault> {
    let token = Token::generate(TokenKind::Link, cx.rng());
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let times = (now, now + purpose.ttl(cx));
    store::insert_link(
        cx.tx().await?,
        tenant,
        token.digest(),
        (purpose.as_str(), subject),
        times,
    )
    .await?;
    Ok(token)
}

/// The link whose secret `text` is, if it still works. Changes nothing.
pub async fn find_link(cx: &Cx, text: &str) -> Result<Option<OpenLink>, Fault> {
    let Ok(token) = Token::parse(TokenKind::Link, text) else {
        return Ok(None);
    };
    let digest = token.digest();
    let mut tx = cx.read().await?;
    let found = store::find_link(&mut tx, cx.tenant_id(), digest, cx.now).await?;
    Ok(found.and_then(|(purpose, subject)| {
        Some(OpenLink {
            purpose: LinkPurpose::from_stored(&purpose)?,
            subject,
            digest,
        })
    }))
}

/// Uses the link up; `false` if somebody did so first, or its time is over.
pub async fn consume_link(cx: &mut Cx, link: &OpenLink) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    Ok(store::consume_link(cx.tx().await?, tenant, link.digest, link.purpose.as_str(), now).await?)
}
