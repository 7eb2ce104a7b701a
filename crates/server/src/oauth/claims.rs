//! Which claims about a user a client gets (OIDC Core 5.1, 5.4, 5.5).

use std::collections::BTreeMap;

use authflow_proto::authorize::{ClaimRequest, ClaimsRequest};
use authflow_proto::scope::{ScopeSet, ScopeToken};
use serde_json::{Map, Value};

use crate::identities::User;

/// Every claim that some scope or the `claims` parameter can ask for, for the metadata document.
pub const SUPPORTED: &[&str] = &[
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
    "auth_time",
    "acr",
    "amr",
    "sid",
];

/// Claims about the authentication, which no scope guards (OIDC Core 2).
const OF_AUTHENTICATION: &[&str] = &["sub", "auth_time", "acr", "amr", "sid"];

const ADDRESS: &[&str] = &["address"];
const EMAIL: &[&str] = &["email", "email_verified"];
const PHONE: &[&str] = &["phone_number", "phone_number_verified"];

/// The scopes that guard what is asked for one by one: the user allows these as if they were asked for (OIDC Core 5.5).
pub fn scopes_of(asked: &ClaimsRequest) -> impl Iterator<Item = ScopeToken> {
    guarded(asked).filter_map(|name| ScopeToken::parse(scope_of(name)).ok())
}

/// What of `asked` may be answered where `allowed` is what the user allowed: no claim without its scope.
///
/// # Security
/// A claim asked for by name gets past neither the client's registered scope nor the consent page.
pub fn within(mut asked: ClaimsRequest, allowed: &ScopeSet) -> ClaimsRequest {
    let may = |name: &String| OF_AUTHENTICATION.contains(&name.as_str()) || allowed.contains(scope_of(name));
    asked.userinfo.retain(|name, _| may(name));
    asked.id_token.retain(|name, _| may(name));
    asked
}

fn guarded(asked: &ClaimsRequest) -> impl Iterator<Item = &str> {
    let names = asked.userinfo.keys().chain(asked.id_token.keys());
    names
        .map(String::as_str)
        .filter(|name| SUPPORTED.contains(name) && !OF_AUTHENTICATION.contains(name))
}

/// The claims that `scope` gives and those asked for one by one, as far as the user has them.
pub fn of_user(
    user: &User,
    scope: &ScopeSet,
    asked: Option<&BTreeMap<String, ClaimRequest>>,
) -> Map<String, Value> {
    let mut claims = Map::new();
    if asked.is_none()
        && !["profile", "email", "phone", "address"]
            .iter()
            .any(|name| scope.contains(name))
    {
        return claims;
    }
    for (name, value) in all(user) {
        let by_scope = scope.contains(scope_of(&name));
        let by_name = asked.is_some_and(|asked| asked.contains_key(&name));
        if by_scope || by_name {
            claims.insert(name, value);
        }
    }
    claims
}

/// The scope that gives a claim (OIDC Core 5.4).
fn scope_of(claim: &str) -> &'static str {
    match claim {
        _ if EMAIL.contains(&claim) => "email",
        _ if PHONE.contains(&claim) => "phone",
        _ if ADDRESS.contains(&claim) => "address",
        _ => "profile",
    }
}

fn all(user: &User) -> Map<String, Value> {
    let mut claims = match serde_json::to_value(&user.profile) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    claims.retain(|_, value| !value.is_null());
    if let Some((email, is_verified)) = user.email() {
        claims.insert("email".to_owned(), email.into());
        claims.insert("email_verified".to_owned(), is_verified.into());
    }
    if let Some((phone, is_verified)) = user.phone() {
        claims.insert("phone_number".to_owned(), phone.into());
        claims.insert("phone_number_verified".to_owned(), is_verified.into());
    }
    claims.insert("updated_at".to_owned(), user.updated_at.as_secs().into());
    claims
}
