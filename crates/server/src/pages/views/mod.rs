//! One struct per page: everything a handler has to know to show it.
//!
//! Names of form fields, paths that forms post to and their values are documented at each view; they are the contract between
//! pages and handlers. Every form also has a hidden `csrf` field with [`PageContext::csrf`](super::PageContext::csrf).

mod account;
mod connections;
mod consent;
mod dev;
mod factors;
mod operators;
mod outcome;
mod proof;
mod recover;
mod sign_in;

#[cfg(test)]
pub(super) use outcome::FORM_POST_SCRIPT;

use serde::Serialize;

pub use account::{AccountSection, AccountView, ApplicationRow, Device, NavItem, PhoneCodeView, SessionRow};
pub use connections::{ConnectCodeView, ConnectView, ProviderButton, ProviderCard};
pub use consent::{ConsentView, ScopeItem};
pub use dev::{DemoSession, DemoView, OutboxMail, OutboxMailView, OutboxRow, OutboxView, TokenPart};
pub use factors::{
    CodeView, LinkCodeView, PasskeySetUpView, RecoveryCodesView, SecondFactorView, SignInLinkView,
    TotpSetUpView,
};
pub use operators::ClaimView;
pub use outcome::{ErrorView, FormPostView, MessageView, RateLimitedView, SignOutView, SignedOutView};
pub use proof::{ProofCodeView, ProofOfWorkView};
pub use recover::{ConfirmLinkView, InvitationView, NewPasswordView, RecoverSentView, RecoverView};
pub use sign_in::{
    AccountChoice, CheckMailView, MethodButton, SelectAccountView, SignInView, SignUpView, VerifyEmailView,
};

use super::{Link, Policy};

/// A page: which template shows it and what it needs from the browser's policy.
pub trait View: Serialize {
    /// File name of the template.
    const TEMPLATE: &'static str;

    /// What the page needs beyond the strictest policy. Nothing, unless said otherwise.
    fn policy(&self) -> Policy {
        Policy::default()
    }
}

/// The client that asked for the sign-in, as its users know it. Everything in it was chosen by the client.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClientCard {
    /// `client_name`.
    pub name: String,
    /// `logo_uri`.
    pub logo: Option<Link>,
    /// `client_uri`.
    pub website: Option<Link>,
    /// `tos_uri`.
    pub terms: Option<Link>,
    /// `policy_uri`.
    pub privacy: Option<Link>,
}

/// A person, as they know themselves.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserCard {
    /// Display name, if there is one.
    pub name: Option<String>,
    /// The identifier they sign in with.
    pub identifier: String,
    /// Picture.
    pub picture: Option<Link>,
}
