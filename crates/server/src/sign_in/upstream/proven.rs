//! Somebody comes back from another provider in a sign-in: whose account it is, and what the provider's word is worth.

use std::sync::Arc;

use authflow_proto::upstream::Person;
use authflow_types::UserId;
use axum::http::StatusCode;
use axum::response::Response;

use super::link::link_and_sign_in;
use super::refusals::{problem, record_failure, unanswerable};
use crate::connections::flow::Answer;
use crate::connections::{self, Connection, Pending, UpstreamIdentity};
use crate::http::visit::{PageRefusal, Visit};
use crate::identities::{self, IdentifierKind, IdentifierValue, User};
use crate::pages::ErrorKind;
use crate::sign_in::assurance::{Basis, Factor};
use crate::sign_in::connect;
use crate::sign_in::model::{SignIn, StartedBy};
use crate::sign_in::page::{follow, to_page};
use crate::sign_in::prove::{self, Proven};
use crate::{Cx, sessions};

/// Takes what the provider said.
pub(super) async fn come_back(
    visit: &mut Visit,
    mut sign_in: SignIn,
    connection: &Connection,
    answer: Answer,
) -> Result<Response, PageRefusal> {
    let person = match answer {
        Answer::Person(person) => *person,
        Answer::Refused(error) => {
            tracing::info!(error, connection = %connection.id, "a provider refused a sign-in");
            record_failure(
                &mut visit.cx,
                Some(&sign_in),
                connection,
                None,
                "provider_refused",
            )
            .await?;
            let kind = ErrorKind::ConnectionRefused;
            return Ok(problem(
                visit,
                Some(&sign_in),
                kind,
                StatusCode::FORBIDDEN,
                "provider_refused",
            ));
        }
        Answer::Unanswerable(why) => return Ok(unanswerable(visit, Some(&sign_in), why)),
    };
    sign_in.forget_candidate();
    if let Some(identity) = connections::find_identity(&mut visit.cx, connection.id, &person).await? {
        return linked(visit, &mut sign_in, connection, &identity, &person).await;
    }
    not_linked(visit, &mut sign_in, connection, person).await
}

/// Somebody whose account is known.
async fn linked(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
    identity: &UpstreamIdentity,
    person: &Person,
) -> Result<Response, PageRefusal> {
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), identity.user_id).await?;
    let user = user.ok_or(PageRefusal::UnknownSignIn)?;
    if fresh_user(sign_in).is_some_and(|asked| asked != user.id) {
        return Ok(not_theirs(visit, sign_in));
    }
    if !user.is_active() {
        return disabled(visit, sign_in, connection, user.id).await;
    }
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    connections::use_identity(&mut visit.cx, identity.id, person).await?;
    signed_in(visit, sign_in, (connection, person), user, before).await
}

/// Whom a sensitive page asks to prove themselves anew: nobody else will do, and no account is made or linked on the way.
fn fresh_user(sign_in: &SignIn) -> Option<UserId> {
    match sign_in.started_by() {
        StartedBy::Account { fresh, .. } => *fresh,
        StartedBy::Authorization { .. } => None,
    }
}

fn not_theirs(visit: &Visit, sign_in: &SignIn) -> Response {
    let kind = ErrorKind::IdentityUnlinked;
    problem(
        visit,
        Some(sign_in),
        kind,
        StatusCode::FORBIDDEN,
        "identity_unlinked",
    )
}

async fn disabled(
    visit: &mut Visit,
    sign_in: &SignIn,
    connection: &Connection,
    user: UserId,
) -> Result<Response, PageRefusal> {
    record_failure(
        &mut visit.cx,
        Some(sign_in),
        connection,
        Some(user),
        "user_disabled",
    )
    .await?;
    Err(PageRefusal::Condition {
        status: StatusCode::FORBIDDEN,
        kind: ErrorKind::AccountDisabled,
        code: "account_disabled",
    })
}

/// Adds the provider's word to the sign-in and does what follows.
pub(in crate::sign_in) async fn signed_in(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    (connection, person): (&Connection, &Person),
    user: Arc<User>,
    before: Option<Arc<sessions::Session>>,
) -> Result<Response, PageRefusal> {
    let cx = &mut visit.cx;
    let proven = Proven {
        account: prove::account_of(&user),
        factor: factor(cx, connection, person),
        user,
        before,
    };
    let next = prove::advance(cx, &visit.headers, sign_in, proven).await?;
    follow(visit, sign_in, next).await
}

/// What the provider's word is worth: one factor, unless it is trusted to have asked for two.
fn factor(cx: &Cx, connection: &Connection, person: &Person) -> Factor {
    let trusted = if connection.settings.trust_amr {
        person.amr.as_slice()
    } else {
        &[]
    };
    let mut amr = vec!["fed".to_owned()];
    // `mfa` is said by us, where it is so.
    amr.extend(
        trusted
            .iter()
            .filter(|value| !matches!(value.as_str(), "mfa" | "fed"))
            .cloned(),
    );
    Factor {
        method: connection.method(),
        basis: Basis::Upstream,
        amr,
        is_multi: trusted.iter().any(|value| value == "mfa"),
        resists_phishing: false,
        at: cx.now,
    }
}

/// Somebody whom no account is linked to yet.
async fn not_linked(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
    person: Person,
) -> Result<Response, PageRefusal> {
    if fresh_user(sign_in).is_some() {
        return Ok(not_theirs(visit, sign_in));
    }
    let trusted = connections::vouched_email(&visit.cx, connection, &person).await?;
    let mut has_account = false;
    if let Some(email) = &trusted {
        let account = identities::find_by_identifier(&visit.cx, email.normalized()).await?;
        has_account = account.is_some();
        if let Some(account) = account {
            if !account.is_active() {
                return disabled(visit, sign_in, connection, account.id).await;
            }
            if is_verified(&account, email) {
                return link_and_sign_in(visit, sign_in, (connection, &person), account).await;
            }
        } else if connect::may_sign_up(&visit.cx, connection)
            && let Some(name) = connect::name_of(&person)
        {
            return connect::create(visit, sign_in, (connection, &person), (name, email.clone())).await;
        }
    }
    let pending = Pending::new(connection.id, person, has_account);
    connections::put_pending(&mut visit.cx, sign_in.id, &pending).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, sign_in, connect::PATH, None))
}

fn is_verified(account: &User, email: &IdentifierValue) -> bool {
    account.identifiers.iter().any(|own| {
        own.kind == IdentifierKind::Email && own.normalized == email.normalized() && own.verified_at.is_some()
    })
}
