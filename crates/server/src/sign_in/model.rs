use authflow_proto::authorize::AuthorizationRequest;
use authflow_proto::scope::ScopeSet;
use authflow_types::{ClientId, Digest, SessionId, SignInId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::assurance::{Assurance, Factor};
use crate::Cx;
use crate::identities::User;
use crate::oauth::acr;

/// What a sign-in is for, and so where it leads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartedBy {
    /// A client's authorization request: back to the authorization endpoint.
    Authorization {
        /// The client.
        client_id: ClientId,
        /// Its request, with a proven redirect URI.
        request: Box<AuthorizationRequest>,
    },
    /// A person who came by themselves.
    Account {
        /// The page they came for.
        next: AccountNext,
        /// Whom a sensitive page asks to prove themselves anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fresh: Option<UserId>,
    },
}

/// Pages that a sign-in may lead to. An enumeration, so that no address ever comes from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountNext {
    /// `/account`.
    Account,
    /// `/account/security`.
    Security,
    /// `/account/data`: a copy of one's data, deletion.
    Data,
    /// `/account/security/totp`: an authenticator app is set up.
    Totp,
    /// `/account/security/recovery-codes`.
    RecoveryCodes,
}

impl AccountNext {
    /// The page's path, below the tenant's base.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Security => "/account/security",
            Self::Data => "/account/data",
            Self::Totp => "/account/security/totp",
            Self::RecoveryCodes => "/account/security/recovery-codes",
        }
    }
}

/// An account that is made when the link in a mail is followed (`sign_up_requires_verification`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PendingSignUp {
    pub(super) name: String,
    pub(super) email: String,
    /// The hash, never the password.
    pub(super) password_hash: String,
    /// Keys of the links that were mailed to `email`, newest last.
    #[serde(default)]
    pub(super) links: Vec<String>,
}

impl PendingSignUp {
    /// Most links that are remembered; older ones no longer work.
    const MOST_LINKS: usize = 5;

    /// A link was mailed to the address.
    pub(super) fn mailed(&mut self, key: String) {
        let excess = (self.links.len() + 1).saturating_sub(Self::MOST_LINKS);
        self.links.drain(..excess);
        self.links.push(key);
    }
}

/// What a sign-in's row remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) started_by: StartedBy,
    /// `ui_locales` that it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ui_locales: Option<String>,
    /// What was typed as identifier, or hinted at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<String>,
    /// Who gave the factors below; signed in only with `authenticated_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<UserId>,
    /// The user's generation when they gave the first factor.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) generation: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) factors: Vec<Factor>,
    /// What limits and known devices are counted by, since the first factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Vec<u8>>,
    /// The method whose message the user is waiting for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) waiting_for: Option<String>,
    /// What was typed when that message was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) addressee: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) authenticated_at: Option<Timestamp>,
    /// The session it ended in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<SessionId>,
    /// The session that was chosen on the account page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) selected: Option<SessionId>,
    /// What was allowed on the consent page, and in which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) granted: Option<(SessionId, ScopeSet)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<PendingSignUp>,
    /// Keys of the links to a new password that were asked for here, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) recovering: Vec<String>,
}

/// A sign-in that is under way in this browser.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it is too old.
    pub expires_at: Timestamp,
    pub(super) binding: Digest,
    pub(super) state: State,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl State {
    /// The beginning.
    pub(super) const fn new(started_by: StartedBy) -> Self {
        Self {
            started_by,
            ui_locales: None,
            identifier: None,
            user_id: None,
            generation: 0,
            factors: Vec::new(),
            account: None,
            waiting_for: None,
            addressee: None,
            authenticated_at: None,
            session_id: None,
            selected: None,
            granted: None,
            pending: None,
            recovering: Vec::new(),
        }
    }
}

impl SignIn {
    /// What it is for.
    pub fn started_by(&self) -> &StartedBy {
        &self.state.started_by
    }

    /// The authorization request it is for.
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match &self.state.started_by {
            StartedBy::Authorization { request, .. } => Some(request),
            StartedBy::Account { .. } => None,
        }
    }

    /// The account that waits for the link with this key.
    ///
    /// # Security
    /// A link proves the mailbox it was sent to. Address and links are one value, so that a link to one mailbox never
    /// confirms another that was typed later, in whatever order requests arrive.
    pub(super) fn pending_for(&self, key: &str) -> Option<&PendingSignUp> {
        let pending = self.state.pending.as_ref();
        pending.filter(|pending| pending.links.iter().any(|known| known == key))
    }

    /// The weakest assurance that will do for the client (OIDC Core 3.1.2.1, 5.5.1.1); values we do not know are ignored.
    pub fn asked_assurance(&self) -> Option<Assurance> {
        let demanded = acr::demanded(self.request()?);
        demanded.into_iter().filter_map(Assurance::from_acr).min()
    }

    /// A link to a new password was asked for here.
    pub(super) fn recovering(&mut self, key: String) {
        let links = &mut self.state.recovering;
        let excess = (links.len() + 1).saturating_sub(PendingSignUp::MOST_LINKS);
        links.drain(..excess);
        links.push(key);
    }

    /// The client it is for.
    pub fn client_id(&self) -> Option<ClientId> {
        match self.state.started_by {
            StartedBy::Authorization { client_id, .. } => Some(client_id),
            StartedBy::Account { .. } => None,
        }
    }

    /// What was typed as identifier, or hinted at.
    pub fn identifier(&self) -> Option<&str> {
        self.state.identifier.as_deref()
    }

    /// Who has given a factor and must give another; nobody is signed in yet.
    pub fn candidate(&self) -> Option<UserId> {
        self.state
            .user_id
            .filter(|_| self.state.authenticated_at.is_none())
    }

    /// Whether the user proved who they are in this very sign-in (`prompt=login`, `max_age`).
    pub fn is_authenticated(&self) -> bool {
        self.state.authenticated_at.is_some()
    }

    /// The session that it ended in, once the user is authenticated.
    pub fn session_id(&self) -> Option<SessionId> {
        self.state.session_id
    }

    /// Who proved themselves.
    pub fn user_id(&self) -> Option<UserId> {
        self.state.user_id
    }

    /// The factors satisfied so far.
    pub fn factors(&self) -> &[Factor] {
        &self.state.factors
    }

    /// Whether the user proved who they are in this very sign-in and `session` is what came of it.
    pub fn is_authenticated_in(&self, session: SessionId) -> bool {
        self.is_authenticated() && self.state.session_id == Some(session)
    }

    /// Whether the user chose the account of `session` (`prompt=select_account`).
    pub fn is_selected_in(&self, session: SessionId) -> bool {
        self.state.selected == Some(session)
    }

    /// The user chose the account of `session`.
    pub fn select(&mut self, session: SessionId) {
        self.state.selected = Some(session);
    }

    /// What the user of `session` allowed in this very sign-in (`prompt=consent`).
    ///
    /// # Security
    /// Bound to the session: the browser may have changed to another account since, which allowed nothing.
    pub fn granted_in(&self, session: SessionId) -> Option<&ScopeSet> {
        let (allowed_in, scope) = self.state.granted.as_ref()?;
        (*allowed_in == session).then_some(scope)
    }

    /// The user of `session` allowed `granted`.
    pub fn consent(&mut self, session: SessionId, granted: ScopeSet) {
        self.state.granted = Some((session, granted));
    }

    /// Where the browser goes when it is done here: a path of the tenant.
    pub fn resume_path(&self) -> String {
        match self.state.started_by {
            StartedBy::Authorization { .. } => format!("/oauth2/authorize/resume?sign_in={}", self.id),
            StartedBy::Account { next, .. } => next.path().to_owned(),
        }
    }

    /// [`resume_path`](Self::resume_path) with the tenant's base.
    pub fn resume_location(&self, cx: &Cx) -> String {
        cx.tenant.path(&self.resume_path())
    }

    /// The user waits for a message of `method` to whom `typed` names.
    pub(super) fn wait_for(&mut self, method: &str, typed: &str) {
        let typed: String = typed.chars().take(320).collect();
        self.state.identifier = Some(typed.clone());
        self.state.addressee = Some(typed);
        self.state.waiting_for = Some(method.to_owned());
    }

    /// What was typed when the message of `method` was asked for that the user waits for.
    ///
    /// # Security
    /// What is typed here later, on another page or in another request, does not change whom its answer is about.
    pub(super) fn addressee(&self, method: &str) -> Option<&str> {
        let is_awaited = self.state.waiting_for.as_deref() == Some(method);
        self.state.addressee.as_deref().filter(|_| is_awaited)
    }

    /// Somebody begins anew: who gave a first factor here and went no further is forgotten.
    pub(super) fn forget_candidate(&mut self) {
        if self.candidate().is_some() {
            self.state.user_id = None;
            self.state.factors.clear();
            self.state.account = None;
        }
    }

    /// Whether what was given here still counts: the user's password was not replaced since, nor their account taken over.
    pub(super) fn counts_for(&self, user: &User) -> bool {
        self.state.user_id == Some(user.id) && self.state.generation == user.generation
    }

    /// `user` gave a factor. Those of another user before are forgotten, and so is an older one of the same kind.
    pub(super) fn add_factor(&mut self, user: UserId, factor: Factor) {
        if self.state.user_id != Some(user) {
            self.state.factors.clear();
        }
        self.state.factors.retain(|known| known.basis != factor.basis);
        self.state.user_id = Some(user);
        self.state.factors.push(factor);
        self.state.waiting_for = None;
        self.state.addressee = None;
        self.state.pending = None;
    }

    /// The factors led to `session`.
    pub(super) fn authenticate(&mut self, session: SessionId, now: Timestamp) {
        self.state.authenticated_at = Some(now);
        self.state.session_id = Some(session);
    }
}

#[cfg(test)]
mod tests {
    use authflow_types::SystemRng;

    use super::super::assurance::Basis;
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn sign_in() -> SignIn {
        let state = State::new(StartedBy::Account {
            next: AccountNext::Account,
            fresh: None,
        });
        let id = SignInId::new(at(1), &SystemRng::default());
        SignIn {
            id,
            created_at: at(1),
            expires_at: at(100),
            binding: Digest::of(b"browser"),
            state,
        }
    }

    fn ids() -> (UserId, SessionId) {
        (
            UserId::new(at(1), &SystemRng::default()),
            SessionId::new(at(1), &SystemRng::default()),
        )
    }

    fn factor(basis: Basis, secs: i64) -> Factor {
        Factor {
            method: "m".to_owned(),
            basis,
            amr: Vec::new(),
            is_multi: false,
            resists_phishing: false,
            at: at(secs),
        }
    }

    #[test]
    fn a_factor_alone_signs_nobody_in() {
        let mut sign_in = sign_in();
        let (user, session) = ids();
        sign_in.add_factor(user, factor(Basis::Password, 5));
        assert!(!sign_in.is_authenticated() && sign_in.candidate() == Some(user));
        sign_in.authenticate(session, at(5));
        assert!(sign_in.is_authenticated() && sign_in.candidate().is_none());
        assert_eq!(
            (sign_in.user_id(), sign_in.session_id()),
            (Some(user), Some(session))
        );
        assert_eq!(sign_in.factors(), [factor(Basis::Password, 5)]);
        assert_eq!(sign_in.resume_path(), "/account");
    }

    #[test]
    fn another_account_inherits_neither_consent_nor_choice_nor_factors() {
        let mut sign_in = sign_in();
        let ((first, session), (second, other)) = (ids(), ids());
        sign_in.add_factor(first, factor(Basis::Password, 5));
        sign_in.authenticate(session, at(5));
        sign_in.select(session);
        sign_in.consent(session, ScopeSet::parse("openid email").unwrap());
        assert!(sign_in.is_authenticated_in(session) && sign_in.is_selected_in(session));
        assert!(sign_in.granted_in(session).is_some());
        sign_in.add_factor(second, factor(Basis::Mailbox, 6));
        sign_in.authenticate(other, at(6));
        assert!(sign_in.is_authenticated_in(other) && !sign_in.is_authenticated_in(session));
        assert!(!sign_in.is_selected_in(other) && sign_in.granted_in(other).is_none());
        assert_eq!(sign_in.factors().len(), 1);
    }

    #[test]
    fn a_link_counts_for_the_address_that_it_was_mailed_to() {
        let mut sign_in = sign_in();
        let wants = |email: &str| PendingSignUp {
            name: "N".to_owned(),
            email: email.to_owned(),
            password_hash: String::new(),
            links: Vec::new(),
        };
        let mut own = wants("mallory@example.com");
        own.mailed("first".to_owned());
        sign_in.state.pending = Some(own.clone());
        assert!(sign_in.pending_for("first").is_some() && sign_in.pending_for("second").is_none());
        sign_in.state.pending = Some(wants("victim@example.com"));
        assert!(sign_in.pending_for("first").is_none());
        (0..9).for_each(|i| own.mailed(i.to_string()));
        assert_eq!(own.links, ["4", "5", "6", "7", "8"]);
    }

    #[test]
    fn a_stored_state_of_the_first_version_is_read() {
        let state: State = serde_json::from_str(r#"{"started_by":{"account":{"next":"account"}}}"#).unwrap();
        assert!(state.factors.is_empty() && state.selected.is_none() && state.pending.is_none());
        let text = serde_json::to_string(&sign_in().state).unwrap();
        assert_eq!(text, r#"{"started_by":{"account":{"next":"account"}}}"#);
    }
}
