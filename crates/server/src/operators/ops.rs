use std::sync::Arc;
use std::time::Duration;

use authflow_types::{Digest, Timestamp, Token, TokenKind, UserId};
use serde_json::{Map, Value};

use super::{OperatorError, store};
use crate::cx::{Actor, RequestInfo};
use crate::identities::{
    self, IdentifierValue, IdentityError, NewPassword, NewUser, Profile, User, UserStatus,
};
use crate::passwords::Password;
use crate::roles::{self, Role};
use crate::{App, Cx, Fault, tenants};

/// How long a claim link works.
pub const CLAIM_TTL: Duration = Duration::from_hours(24);

/// What marks the operator of `authflow dev`, whose password everybody knows.
const DEMO_ATTRIBUTE: &str = "authflow_demo";

/// A link that makes whoever opens it the first operator.
#[derive(Debug)]
pub struct ClaimLink {
    /// The address, with its secret.
    pub url: String,
    /// From when it is worthless.
    pub expires_at: Timestamp,
}

/// A claim link that worked when it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct OpenClaim(Digest);

/// What an operator is made of.
#[derive(Debug)]
pub struct NewOperator {
    /// Their address.
    pub email: IdentifierValue,
    /// What they are called, as far as known.
    pub name: Option<String>,
    /// Their password.
    pub password: NewPassword,
    /// Whether the address is known to be theirs.
    pub verified: bool,
}

/// A context in the `system` tenant, if it was made.
async fn find_system(app: &Arc<App>) -> Result<Option<Cx>, Fault> {
    let tenant = tenants::find_by_slug(app, tenants::SYSTEM_SLUG).await?;
    Ok(tenant.map(|tenant| Cx::new(app.clone(), tenant, Actor::System, RequestInfo::default())))
}

/// A context in the `system` tenant, which is made where it is not.
async fn system(app: &Arc<App>, actor: Actor) -> Result<Cx, OperatorError> {
    let tenant = tenants::ensure_system(app).await?;
    Ok(Cx::new(app.clone(), tenant, actor, RequestInfo::default()))
}

/// What must be so before requests are served: the operator of `authflow dev`, should the folder be one of its, cannot sign
/// in here.
pub(crate) async fn prepare(app: &Arc<App>) -> Result<(), OperatorError> {
    if app.config.is_dev() {
        return Ok(());
    }
    let Some(mut cx) = find_system(app).await? else {
        return Ok(());
    };
    // By what marks them and not by address: they may have changed it, and their password with it or not.
    let mut disabled = 0;
    for user in all(&mut cx)
        .await?
        .iter()
        .filter(|user| is_demo(user) && user.is_active())
    {
        identities::set_status(&mut cx, user, UserStatus::Disabled).await?;
        disabled += 1;
    }
    if disabled > 0 {
        cx.commit().await?;
        tracing::warn!("the operator of `authflow dev` was disabled: everybody knows that password");
    }
    Ok(())
}

async fn all(cx: &mut Cx) -> Result<Vec<Arc<User>>, OperatorError> {
    let (mut users, mut after) = (Vec::new(), None);
    loop {
        let page = list(cx, after, 200).await?;
        let Some(last) = page.last() else {
            return Ok(users);
        };
        after = Some(last.id);
        users.extend(page);
    }
}

fn is_demo(user: &User) -> bool {
    user.attributes.get(DEMO_ATTRIBUTE) == Some(&Value::Bool(true))
}

/// Makes the operator of `authflow dev`, or lets them sign in again.
pub(crate) async fn ensure_demo(app: &Arc<App>, email: &str, password: &str) -> Result<(), OperatorError> {
    let mut cx = system(app, Actor::System).await?;
    match identities::find_by_identifier(&cx, email).await? {
        Some(user) if is_demo(&user) && !user.is_active() => {
            identities::set_status(&mut cx, &user, UserStatus::Active).await?;
        }
        Some(_) => {}
        None => {
            let new = NewOperator {
                email: IdentifierValue::email(email).map_err(IdentityError::from)?,
                name: Some("Olive Operator".to_owned()),
                password: NewPassword::Plain(Password::new(password.to_owned())),
                verified: true,
            };
            let attributes = [(DEMO_ATTRIBUTE.to_owned(), Value::Bool(true))];
            make(&mut cx, new, attributes.into_iter().collect()).await?;
        }
    }
    Ok(cx.commit().await?)
}

/// Whether the installation has an operator who may sign in. Reads only.
pub async fn is_claimed(app: &Arc<App>) -> Result<bool, OperatorError> {
    match find_system(app).await? {
        Some(mut cx) => Ok(roles::has_operator(&mut cx).await?),
        None => Ok(false),
    }
}

/// A link for the first operator, in place of the one before; `None` once there is an operator.
pub async fn issue_claim(app: &Arc<App>) -> Result<Option<ClaimLink>, OperatorError> {
    let mut cx = system(app, Actor::System).await?;
    if roles::has_operator(&mut cx).await? {
        return Ok(None);
    }
    let token = Token::generate(TokenKind::Claim, cx.rng());
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let expires_at = now + CLAIM_TTL;
    store::put_claim(cx.tx().await?, tenant, token.digest(), now, expires_at).await?;
    cx.commit().await?;
    let url = cx.tenant.url(&format!("/claim/{}", token.expose()));
    Ok(Some(ClaimLink { url, expires_at }))
}

/// The claim link whose secret `text` is, if it still works. Changes nothing.
pub async fn find_claim(cx: &mut Cx, text: &str) -> Result<Option<OpenClaim>, Fault> {
    let Ok(token) = Token::parse(TokenKind::Claim, text) else {
        return Ok(None);
    };
    let (tenant, now, digest) = (cx.tenant_id(), cx.now, token.digest());
    let is_open = {
        let mut tx = cx.reading().await?;
        store::is_open(&mut tx, tenant, digest, now).await?
    };
    Ok((is_open && !roles::has_operator(cx).await?).then_some(OpenClaim(digest)))
}

/// Makes the first operator and uses the link up. Emits `user.created`, `role.assigned`. Hash the password before: of
/// several claims at once the first one that comes here holds the others up until it commits.
///
/// # Errors
/// [`OperatorError::LinkUnusable`]; as [`create`].
pub async fn claim(cx: &mut Cx, claim: OpenClaim, new: NewOperator) -> Result<User, OperatorError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    // INVARIANT: there is one link at a time, so taking its row lets exactly one claim go on.
    if !store::take_claim(cx.tx().await?, tenant, claim.0, now).await? || roles::has_operator(cx).await? {
        return Err(OperatorError::LinkUnusable);
    }
    make(cx, new, Map::new()).await
}

/// Makes an operator; a claim link that is open stops working. Emits `user.created`, `role.assigned`.
///
/// # Errors
/// As [`identities::create_user`].
pub async fn create(cx: &mut Cx, mut new: NewOperator) -> Result<User, OperatorError> {
    if let NewPassword::Plain(password) = &new.password {
        let about = vec![new.email.value().to_owned()];
        new.password = identities::hash_password(cx, password, about).await?;
    }
    let tenant = cx.tenant_id();
    store::close_claim(cx.tx().await?, tenant).await?;
    make(cx, new, Map::new()).await
}

async fn make(cx: &mut Cx, new: NewOperator, attributes: Map<String, Value>) -> Result<User, OperatorError> {
    let new = NewUser {
        profile: new.name.map(Profile::named).unwrap_or_default(),
        attributes,
        identifiers: vec![new.email],
        password: Some(new.password),
        verified: new.verified,
    };
    let user = identities::create_user(cx, new).await?;
    let system = cx.tenant_id();
    roles::assign(cx, user.id, Role::Operator, system).await?;
    Ok(user)
}

/// Up to `limit` operators after `after`. The context is the `system` tenant's.
pub async fn list(cx: &mut Cx, after: Option<UserId>, limit: i64) -> Result<Vec<Arc<User>>, OperatorError> {
    let tenant = cx.tenant_id();
    let given = roles::list(cx, tenant, after, limit).await?;
    let mut users = Vec::with_capacity(given.len());
    for assignment in given.iter().filter(|given| given.role == Role::Operator) {
        users.extend(identities::find_user_within(cx, assignment.user).await?);
    }
    Ok(users)
}
