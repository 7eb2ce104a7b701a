//! A second factor is required and the user has none: they set an authenticator app up on the way in.

use std::sync::Arc;

use serde_json::json;

use super::{Given, Opened, follow, more, refused};
use crate::Cx;
use crate::http::reply::OAuthRefusal;
use crate::identities::User;
use crate::oauth::challenge::reply::{Code, More, Offer, Reply, Stage};
use crate::sign_in::Basis;
use crate::sign_in::direct::{self, SetUp};

pub(super) async fn take(
    cx: &mut Cx,
    opened: &mut Opened,
    user: Arc<User>,
    given: &Given<'_>,
) -> Result<Reply, OAuthRefusal> {
    let Some(code) = given.code else {
        return Ok(ask(cx, opened, &user).await?.into());
    };
    match direct::finish_set_up(cx, &mut opened.sign_in, user.clone(), code).await {
        Ok(SetUp { next, recovery_codes }) => Ok(match follow(cx, opened, next).await? {
            Reply::Code(code) => Reply::Code(Code {
                recovery_codes,
                ..code
            }),
            Reply::More(more) => more.recovery_codes(recovery_codes).into(),
            web @ Reply::Web(_) => web,
        }),
        Err(error) => {
            let more = ask(cx, opened, &user).await?;
            refused(more, Basis::Authenticator, error)
        }
    }
}

/// Shows what the app is given.
pub(super) async fn ask(cx: &mut Cx, opened: &Opened, user: &User) -> Result<More, OAuthRefusal> {
    let shown = direct::begin_set_up(cx, &opened.sign_in, user).await?;
    let offer = Offer::new("totp", &["code"]);
    let challenge = json!({ "method": "totp", "secret": shown.secret, "uri": shown.uri });
    Ok(more(cx, opened, Stage::SetUp)
        .methods(vec![offer])
        .asking(challenge))
}
