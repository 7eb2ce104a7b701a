//! An authenticator app that is set up on the way in, where a second factor is required and the user has none.

use std::sync::Arc;

use super::advance;
use crate::factors::{self, ShownSecret, TotpSetUp};
use crate::identities::User;
use crate::sign_in::AttemptError;
use crate::sign_in::methods::{TOTP, Worth};
use crate::sign_in::model::SignIn;
use crate::sign_in::prove::{Next, Proven};
use crate::{Cx, Fault};

/// The secret that the app is given; the same until its code comes back. Commits.
pub(crate) async fn begin(cx: &mut Cx, sign_in: &SignIn, user: &User) -> Result<ShownSecret, Fault> {
    let shown = factors::begin_totp(cx, sign_in.id.as_uuid(), user).await?;
    cx.commit().await?;
    Ok(shown)
}

/// An app that is set up.
pub(crate) struct SetUp {
    pub(crate) next: Next,
    /// To be shown this once, where it was the first second factor.
    pub(crate) recovery_codes: Vec<String>,
}

/// Keeps the app whose code came back: its code is the second factor. Commits.
///
/// # Security
/// Only for whom [`standing`](super::standing) sends here: setting a factor up stands in for one only while there is none.
///
/// # Errors
/// [`AttemptError::Wrong`] for a wrong code.
pub(crate) async fn finish(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    user: Arc<User>,
    code: &str,
) -> Result<SetUp, AttemptError> {
    let subject = sign_in.id.as_uuid();
    let locale = super::locale_of(cx, sign_in);
    let codes = match factors::finish_totp(cx, subject, &user, (code, locale)).await? {
        TotpSetUp::Done { codes } => codes,
        TotpSetUp::Wrong => return Err(AttemptError::Wrong),
    };
    let proven = Proven {
        account: sign_in.state.account.clone().unwrap_or_default(),
        factor: Proven::factor(&TOTP, Worth::single(&["otp"]), cx.now),
        before: None,
        user,
    };
    let next = advance(cx, sign_in, proven).await?;
    Ok(SetUp {
        next,
        recovery_codes: codes.unwrap_or_default(),
    })
}
