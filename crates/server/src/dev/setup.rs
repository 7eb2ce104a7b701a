use std::sync::Arc;

use authflow_proto::registration::{ClientMetadata, RegistrationRules};
use authflow_types::ClientId;
use serde_json::json;

use crate::clients::{self, ClientError, ClientPolicy, NewClient};
use crate::cx::{Actor, Cx, RequestInfo};
use crate::identities::{self, IdentifierValue, IdentityError, NewPassword, NewUser, Profile};
use crate::operators::{self, OperatorError};
use crate::passwords::Password;
use crate::tenants::{self, TenantError};
use crate::{App, Fault};

/// The demo user's address.
pub(super) const EMAIL: &str = "demo@authflow.dev";
/// The demo user's password.
pub(super) const PASSWORD: &str = "demo-otter-bakes-bread";
/// The operator's address.
const OPERATOR_EMAIL: &str = "operator@authflow.dev";
/// The operator's password.
const OPERATOR_PASSWORD: &str = "demo-badger-keeps-the-keys";
const CLIENT_NAME: &str = "Authflow demo";

/// What a newcomer signs in with.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The demo user's address.
    pub email: &'static str,
    /// The demo user's password.
    pub password: &'static str,
    /// The demo client.
    pub client_id: ClientId,
    /// The address of the operator, a user of the `system` tenant.
    pub operator_email: &'static str,
    /// The operator's password.
    pub operator_password: &'static str,
}

/// Why the demo could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The default tenant is missing.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The demo client could not be registered.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The demo user could not be created.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The operator could not be made.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes the demo user and client in the default tenant and the operator in the `system` tenant, or finds those of an
/// earlier run.
pub async fn prepare(app: &Arc<App>) -> Result<Demo, DemoError> {
    let tenant = tenants::ensure_default(app).await?;
    let mut cx = Cx::new(app.clone(), tenant, Actor::System, RequestInfo::default());
    if identities::find_by_identifier(&cx, EMAIL).await?.is_none() {
        let new = NewUser {
            profile: Profile {
                name: Some("Dana Demo".to_owned()),
                given_name: Some("Dana".to_owned()),
                family_name: Some("Demo".to_owned()),
                ..Profile::default()
            },
            identifiers: vec![IdentifierValue::email(EMAIL).map_err(IdentityError::from)?],
            password: Some(NewPassword::Plain(Password::new(PASSWORD.to_owned()))),
            verified: true,
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await?;
        cx.commit().await.map_err(Fault::from)?;
    }
    let client_id = find_or_make_client(&mut cx).await?;
    operators::ensure_demo(app, OPERATOR_EMAIL, OPERATOR_PASSWORD).await?;
    Ok(Demo {
        email: EMAIL,
        password: PASSWORD,
        client_id,
        operator_email: OPERATOR_EMAIL,
        operator_password: OPERATOR_PASSWORD,
    })
}

async fn find_or_make_client(cx: &mut Cx) -> Result<ClientId, DemoError> {
    let redirect_uri = cx.tenant.url("/dev/demo/callback");
    let found = clients::list(cx, None, 200).await?;
    let ours = found
        .iter()
        .find(|c| c.name == CLIENT_NAME && c.metadata.redirect_uris.contains(&redirect_uri));
    if let Some(client) = ours {
        return Ok(client.id);
    }
    let document = json!({
        "client_name": CLIENT_NAME,
        "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [cx.tenant.url("/dev/demo")],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile email offline_access",
    });
    let rules = RegistrationRules {
        allow_loopback_http: true,
    };
    let metadata =
        ClientMetadata::parse(document.to_string().as_bytes(), rules).map_err(ClientError::from)?;
    let new = NewClient {
        name: CLIENT_NAME.to_owned(),
        metadata,
        policy: ClientPolicy::default(),
        self_managed: false,
    };
    let created = clients::create(cx, new).await?;
    cx.commit().await.map_err(Fault::from)?;
    Ok(created.client.id)
}
