//! Linking an account to somebody at another provider: by an address that both verified, by proof of both, or by the
//! account's owner.

use std::sync::Arc;

use authflow_proto::upstream::Person;
use axum::http::StatusCode;
use axum::response::Response;

use super::proven::signed_in;
use super::refusals::{problem, unanswerable};
use crate::connections::flow::Answer;
use crate::connections::{self, Connection, LinkedBy};
use crate::http::visit::{PageRefusal, Visit};
use crate::identities::User;
use crate::mail::{Mail, MailFactor};
use crate::pages::{ErrorKind, Locale};
use crate::sign_in::SignInError;
use crate::sign_in::model::SignIn;
use crate::{Cx, Fault, account, sessions};

/// Both sides have verified the same address: they are one person.
pub(super) async fn link_and_sign_in(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    (connection, person): (&Connection, &Person),
    user: Arc<User>,
) -> Result<Response, PageRefusal> {
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if connections::link(cx, connection, person, user.id, LinkedBy::VerifiedEmail).await? {
        tell_linked(cx, &user, connection, locale).await?;
    }
    signed_in(visit, sign_in, (connection, person), user, before).await
}

/// A mail to the owner of the account: a new way in is never silent.
async fn tell_linked(cx: &mut Cx, user: &User, connection: &Connection, locale: Locale) -> Result<(), Fault> {
    let factor = MailFactor::Provider(connection.name.clone());
    account::tell(cx, user, locale, |occasion| Mail::FactorAdded {
        factor,
        occasion,
    })
    .await
}

/// Links on the account page: the owner gave a fresh factor when they began, and the provider has just said who it is.
pub(super) async fn by_owner(
    visit: &mut Visit,
    owner: &account::Owner,
    connection: &Connection,
    answer: Answer,
) -> Result<Response, PageRefusal> {
    let person = match answer {
        Answer::Person(person) => *person,
        Answer::Refused(_) => {
            let kind = ErrorKind::ConnectionRefused;
            return Ok(problem(
                visit,
                None,
                kind,
                StatusCode::FORBIDDEN,
                "provider_refused",
            ));
        }
        Answer::Unanswerable(why) => return Ok(unanswerable(visit, None, why)),
    };
    let locale = visit.context(None).locale;
    let known = connections::find_identity(&mut visit.cx, connection.id, &person).await?;
    match known {
        Some(identity) if identity.user_id != owner.user.id => {
            let kind = ErrorKind::IdentityTaken;
            return Ok(problem(visit, None, kind, StatusCode::CONFLICT, "identity_taken"));
        }
        Some(_) => {}
        None => {
            let cx = &mut visit.cx;
            if connections::link(cx, connection, &person, owner.user.id, LinkedBy::Account).await? {
                tell_linked(cx, &owner.user, connection, locale).await?;
            }
            cx.commit().await?;
        }
    }
    account::done(visit, account::Page::Profile, owner, ("identity_linked", 0))
}

/// Somebody who chose to sign in to an account that they have did so: both are proven, in one sign-in.
pub(in crate::sign_in) async fn link_pending(
    cx: &mut Cx,
    sign_in: &SignIn,
    user: &User,
) -> Result<(), SignInError> {
    let Some(pending) = connections::find_pending(cx, sign_in.id)
        .await?
        .filter(|pending| pending.state.links)
    else {
        return Ok(());
    };
    if !connections::take_pending(cx, sign_in.id).await? {
        return Ok(());
    }
    let Some(connection) = connections::find_by_id_within(cx, pending.connection_id).await? else {
        return Ok(());
    };
    if connection.enabled
        && connections::link(cx, &connection, &pending.person, user.id, LinkedBy::BothProven).await?
    {
        let locale = sign_in.state.ui_locales.as_deref();
        let locale = locale.and_then(|list| list.split(' ').find_map(Locale::from_tag));
        let tenants = cx
            .tenant
            .settings
            .default_locale
            .as_deref()
            .and_then(Locale::from_tag);
        tell_linked(cx, user, &connection, locale.or(tenants).unwrap_or_default()).await?;
    }
    Ok(())
}
