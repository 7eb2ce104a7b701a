//! Authorization codes (RFC 6749 4.1.2): one row found by digest, redeemed once by one conditional statement.
//!
//! ```text
//! issued --redeem (client matches, not expired)--> redeemed --presented again--> grant revoked
//!    \--expires_at--> expired --clean-up--> gone
//! ```
//!
//! Issuing and redeeming share statements and commits with other requests of the tenant (`store`).

mod store;
#[cfg(test)]
mod tests;

use authflow_types::{ClientId, Digest, GrantId, Token, TokenKind};

pub(crate) use store::{IssueCode, RedeemCode};

use super::grant::CodePayload;
use super::refresh::NewFamily;
use crate::{Cx, Fault};

/// What a presented code turned out to be.
#[derive(Debug)]
pub(super) enum Redemption {
    /// It was good and is now spent, whatever follows; the refresh token of the family that it began, if any.
    Redeemed(Box<CodePayload>, Option<Token>),
    /// It was redeemed before: everything that it gave must end (RFC 6749 4.1.2).
    Replayed(GrantId),
    /// It expired, is unknown, or belongs to another client.
    Unknown,
}

/// Decides from a redeemed code's payload whether it begins a family, which is stored in the same transaction.
///
/// INVARIANT: in the same transaction, so that whoever finds the code redeemed finds the family too, and revokes it.
pub(super) type Begins = Box<dyn Fn(&CodePayload) -> Option<NewFamily> + Send + Sync>;

/// Issues a code to `client` in the context's transaction.
pub(super) async fn issue_within(
    cx: &mut Cx,
    client: ClientId,
    payload: &CodePayload,
) -> Result<Token, Fault> {
    let (code, row) = prepare(cx, client, payload)?;
    let tenant = cx.tenant_id();
    row.insert(cx.tx().await?, tenant).await?;
    Ok(code)
}

/// Issues a code to `client`, together with those of other requests; it is stored when this returns. The context must
/// have no transaction open.
pub(super) async fn issue(cx: &Cx, client: ClientId, payload: &CodePayload) -> Result<Token, Fault> {
    let (code, row) = prepare(cx, client, payload)?;
    cx.app.hot.issue.submit(cx.tenant_id(), row).await?;
    Ok(code)
}

fn prepare(cx: &Cx, client: ClientId, payload: &CodePayload) -> Result<(Token, IssueCode), Fault> {
    let code = Token::generate(TokenKind::Code, cx.rng());
    let row = IssueCode {
        digest: code.digest(),
        grant: payload.grant.id,
        client,
        user: payload.grant.user_id,
        session: payload.grant.session_id,
        payload: serde_json::value::to_raw_value(payload)?,
        expires_at: cx.now + cx.app.config.tokens.code_ttl,
    };
    Ok((code, row))
}

/// Redeems a code for `client`, together with those of other requests: a code is spent by its first presentation, and
/// that is stored when this returns. The caller checks redirect URI and verifier afterwards. The context must have no
/// transaction open; after a replay it has, for the revocation to come.
pub(super) async fn redeem(
    cx: &mut Cx,
    client: ClientId,
    digest: Digest,
    begins: Begins,
) -> Result<Redemption, Fault> {
    let tenant = cx.tenant_id();
    let operation = RedeemCode {
        digest,
        client,
        now: cx.now,
        begins,
    };
    if let Some((payload, token)) = cx.app.hot.redeem.submit(tenant, operation).await? {
        return Ok(Redemption::Redeemed(payload, token));
    }
    let seen = store::find(cx.tx().await?, tenant, digest).await?;
    Ok(match seen {
        Some(seen) if seen.redeemed_at.is_some() && seen.client_id == client => {
            Redemption::Replayed(seen.grant_id)
        }
        _ => Redemption::Unknown,
    })
}
