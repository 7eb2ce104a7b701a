//! What a client may do on somebody's behalf.

use serde::Serialize;

use super::{ClientCard, UserCard, View};
use crate::pages::Policy;

/// Asks for consent (OpenID Connect Core 3.1.2.4).
///
/// POST `{base}/consent`: `csrf`, `sign_in`, `decision` (`allow` or `deny`), and `scope` once for each granted scope that is not
/// required.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asks.
    pub client: ClientCard,
    /// Whether the client belongs to the tenant itself; others are shown with a word of caution.
    pub first_party: bool,
    /// Who is asked.
    pub user: UserCard,
    /// What is asked for, in the order shown.
    pub scopes: Vec<ScopeItem>,
    /// The host that the browser is sent to afterwards: people recognise it, or not.
    pub redirect_host: Option<String>,
    /// Where another account is chosen, with `base`.
    pub switch_url: Option<String>,
}

impl View for ConsentView {
    const TEMPLATE: &'static str = "consent.html";
    fn policy(&self) -> Policy {
        Policy {
            popup: true,
            ..Policy::default()
        }
    }
}

/// One scope of a request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScopeItem {
    /// The scope token; `openid`, `profile`, `email`, `address`, `phone` and `offline_access` have texts in every language.
    pub name: String,
    /// What it is about, from the tenant's definition of its own scopes.
    pub title: Option<String>,
    /// One more sentence.
    pub description: Option<String>,
    /// Cannot be refused by itself. Shown without a checkbox; not posted.
    pub required: bool,
    /// Was granted before, or is preselected by the tenant.
    pub checked: bool,
}

impl ScopeItem {
    /// A scope that has to be granted for the sign-in to make sense.
    pub fn required(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            required: true,
            checked: true,
            ..Self::default()
        }
    }

    /// A scope that may be refused.
    pub fn optional(name: impl Into<String>, checked: bool) -> Self {
        Self {
            name: name.into(),
            required: false,
            checked,
            ..Self::default()
        }
    }
}
