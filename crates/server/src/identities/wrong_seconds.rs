//! Wrong second factors of one user, from everywhere together.
//!
//! ```text
//!   wrong ──▶ one more          right ──▶ ten less          mailed code first, or new password ──▶ none
//!   [`SECOND_FAILURES_MAX`] reached: a password alone no longer gets as far as a second factor
//! ```
//!
//! Only who has the first factor gets there, so a stranger can shut nobody out; and whoever guesses with a stolen password
//! is stopped, where a delay would only slow them down. The way on is one that ends a stolen password, or needs none.

use authflow_db::{exec, q};
use authflow_types::UserId;

use crate::{Cx, Fault};

/// From so many on, a password is followed by no second factor until something else is proven.
pub const SECOND_FAILURES_MAX: i64 = 50;

/// So many failures of their own are forgiven to whoever gets it right.
const FORGIVEN: i64 = 10;

/// Whether too many wrong ones were given.
pub async fn is_exhausted(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let found = q!(
        tx,
        fetch_optional<(i64,)>,
        "SELECT second_failures FROM users WHERE tenant_id = $1 AND id = $2",
        tenant,
        user
    )?;
    Ok(found.is_some_and(|(failures,)| failures >= SECOND_FAILURES_MAX))
}

/// Counts a wrong one.
pub async fn count_wrong(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "UPDATE users SET second_failures = second_failures + 1 WHERE tenant_id = $1 AND id = $2",
        tenant,
        user
    )?;
    Ok(())
}

/// Notes a right one; all is forgiven where the user proved more than a password before.
pub async fn forgive_wrong(cx: &mut Cx, user: UserId, all: bool) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    let forgiven = if all { i64::from(i32::MAX) } else { FORGIVEN };
    exec!(
        cx.tx().await?,
        "UPDATE users SET second_failures = CASE WHEN second_failures > $3 THEN second_failures - $3 ELSE 0 END \
         WHERE tenant_id = $1 AND id = $2 AND second_failures > 0",
        tenant,
        user,
        forgiven
    )?;
    Ok(())
}
