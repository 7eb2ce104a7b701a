//! What is measured: one struct per row of the table.

use crate::http::{Connection, Response, form, get, post, query_parameter};
use crate::load::Workload;
use crate::setup::{CALLBACK, CODE_CHALLENGE, CODE_VERIFIER, Credentials};
use crate::visitor::{Arrival, Person, Visitor};
use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The same request again and again: discovery, keys, `client_credentials`, introspection, userinfo.
pub(crate) struct Repeated {
    pub(crate) request: Vec<u8>,
    /// What a right answer contains.
    pub(crate) proof: &'static str,
}

impl Workload for Repeated {
    type State = ();

    async fn prepare(&self, connection: &mut Connection, _: usize) -> Result<()> {
        let answer = connection.send(&self.request).await?;
        answer.expect(200)?;
        if answer.text().contains(self.proof) {
            return Ok(());
        }
        bail!("expected `{}` in {}", self.proof, answer.text())
    }

    async fn step(&self, connection: &mut Connection, (): &mut ()) -> Result<bool> {
        connection.send(&self.request).await?.expect(200)?;
        Ok(true)
    }
}

/// Authorization on a live session, then the token request: two exchanges, one operation.
pub(crate) struct CodeFlow {
    pub(crate) host: String,
    pub(crate) client: Credentials,
    pub(crate) scope: &'static str,
    pub(crate) person: Person,
}

#[derive(Deserialize)]
pub(crate) struct Tokens {
    #[serde(rename = "access_token")]
    pub(crate) access: String,
    #[serde(rename = "refresh_token")]
    pub(crate) refresh: Option<String>,
    #[serde(rename = "id_token")]
    identity: Option<String>,
}

impl CodeFlow {
    pub(crate) fn authorize_path(&self) -> String {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.client.id),
            ("redirect_uri", CALLBACK),
            ("scope", self.scope),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CODE_CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        format!("/oauth2/authorize?{query}")
    }

    /// Signs in on this connection; gives the request that authorizes silently from now on.
    async fn live_session(&self, connection: &mut Connection) -> Result<Vec<u8>> {
        let path = self.authorize_path();
        let mut visitor = Visitor::new(connection, &self.host);
        visitor
            .authorize(&path, &self.person)
            .await?
            .context("the server shed a preparing sign-in")?;
        Ok(get(&self.host, &path, &[("cookie", &visitor.cookie())]))
    }

    /// Authorizes and redeems.
    pub(crate) async fn tokens(&self, connection: &mut Connection, authorize: &[u8]) -> Result<Tokens> {
        let answer = connection.send(authorize).await?;
        answer.expect(303)?;
        let location = answer.location()?;
        let code = query_parameter(&location, "code").with_context(|| format!("no code in `{location}`"))?;
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", CODE_VERIFIER),
            ("client_id", &self.client.id),
            ("client_secret", &self.client.secret),
        ]);
        let answer = connection
            .send(&post(&self.host, "/oauth2/token", &[], &body))
            .await?;
        parse_tokens(&answer)
    }

    /// Signs in and redeems once.
    pub(crate) async fn first_tokens(&self, connection: &mut Connection) -> Result<Tokens> {
        let authorize = self.live_session(connection).await?;
        self.tokens(connection, &authorize).await
    }
}

fn parse_tokens(answer: &Response<'_>) -> Result<Tokens> {
    answer.expect(200)?;
    Ok(serde_json::from_slice(answer.body)?)
}

impl Workload for CodeFlow {
    type State = Vec<u8>;

    async fn prepare(&self, connection: &mut Connection, _: usize) -> Result<Vec<u8>> {
        self.live_session(connection).await
    }

    async fn step(&self, connection: &mut Connection, authorize: &mut Vec<u8>) -> Result<bool> {
        let tokens = self.tokens(connection, authorize).await?;
        tokens.identity.context("no ID token")?;
        Ok(true)
    }
}

/// Refresh with rotation; every connection has a family of its own.
pub(crate) struct Refresh {
    pub(crate) flow: CodeFlow,
}

impl Workload for Refresh {
    type State = String;

    async fn prepare(&self, connection: &mut Connection, _: usize) -> Result<String> {
        self.flow
            .first_tokens(connection)
            .await?
            .refresh
            .context("no refresh token")
    }

    async fn step(&self, connection: &mut Connection, token: &mut String) -> Result<bool> {
        let client = &self.flow.client;
        let body = form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
        ]);
        let answer = connection
            .send(&post(&self.flow.host, "/oauth2/token", &[], &body))
            .await?;
        let next = parse_tokens(&answer)?.refresh.context("no refresh token")?;
        if next == *token {
            bail!("the refresh token did not rotate");
        }
        *token = next;
        Ok(true)
    }
}

/// A whole password sign-in by a browser without a session: authorization request, page, form, code.
pub(crate) struct PasswordSignIn {
    pub(crate) flow: CodeFlow,
}

impl Workload for PasswordSignIn {
    type State = ();

    async fn prepare(&self, connection: &mut Connection, _: usize) -> Result<()> {
        // The first sign-in of the person consents; the measured ones find that consent.
        self.flow.live_session(connection).await.map(|_| ())
    }

    async fn step(&self, connection: &mut Connection, (): &mut ()) -> Result<bool> {
        let mut visitor = Visitor::new(connection, &self.flow.host);
        let arrival = visitor
            .authorize(&self.flow.authorize_path(), &self.flow.person)
            .await?;
        Ok(arrival.is_some())
    }
}

/// The first discovery of many tenants, so that their cost in memory shows.
pub(crate) async fn touch_tenants(connection: &mut Connection, host: &str, count: usize) -> Result<()> {
    let mut visitor = Visitor::new(connection, host);
    for index in 0..count {
        let path = format!("/t/tenant-{index}/.well-known/openid-configuration");
        match visitor.visit(&path, None).await? {
            Arrival::Page { .. } => {}
            _ => bail!("`{path}` did not answer 200"),
        }
    }
    Ok(())
}
