//! Every method, sign-up and recovery through the JSON face of first-party applications; and each way that might lead
//! around them. What the endpoint makes of requests, clients and origins is in `oauth_suite/challenge.rs`.

mod around;
mod methods;
mod recovery;
mod set_up;
mod sign_up;

use authflow_testkit::{Answer, CHALLENGE, Client, TestApp, Tokens, jwt};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{ALICE, PASSWORD, run_jobs};

const PATH: &str = "/oauth2/challenge";

/// A sign-in of a first-party application: sends steps, each with the `auth_session` of the answer before.
pub(crate) struct Face<'a> {
    t: &'a TestApp,
    client: Client,
    session: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl<'a> Face<'a> {
    async fn new(t: &'a TestApp) -> Self {
        let client = t.client().public().create().await;
        Self::of(t, &client)
    }

    pub(crate) fn of(t: &'a TestApp, client: &Client) -> Self {
        Self {
            t,
            client: client.clone(),
            session: None,
            headers: Vec::new(),
        }
    }

    /// The next step; the first one begins a sign-in.
    pub(crate) async fn step(&mut self, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("client_id", self.client.id.as_str())];
        match &self.session {
            Some(session) => form.push(("auth_session", session)),
            None => form.extend([
                ("response_type", "code"),
                ("scope", "openid offline_access"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ]),
        }
        form.extend_from_slice(more);
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = self.t.post(PATH, &headers, &form).await;
        self.session = answer.json()["auth_session"].as_str().map(str::to_owned);
        answer
    }

    /// A step that asks for more: where the sign-in stands then, and why.
    async fn asked(&mut self, more: &[(&str, &str)]) -> Value {
        let answer = self.step(more).await;
        assert_eq!(
            answer.refusal(),
            (400, "insufficient_authorization".to_owned()),
            "{}",
            answer.body
        );
        answer.json()
    }

    /// A step that ends the sign-in; its tokens.
    async fn tokens(&mut self, more: &[(&str, &str)]) -> Tokens {
        let answer = self.step(more).await;
        self.redeem(&answer).await
    }

    async fn redeem(&self, answer: &Answer) -> Tokens {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let code = answer.json()["authorization_code"].as_str().unwrap().to_owned();
        Tokens::of(
            &self
                .t
                .redeem_with(&self.client, &code, &[("redirect_uri", "")])
                .await,
        )
    }
}

/// Alice's name and password.
const CREDENTIALS: [(&str, &str); 2] = [("username", ALICE), ("password", PASSWORD)];

/// `amr` of an ID token.
fn amr(tokens: &Tokens) -> Value {
    jwt::claims(tokens.id())["amr"].clone()
}

/// The ids of the methods that an answer offers.
fn offered(answer: &Value) -> Vec<&str> {
    let methods = answer["methods"].as_array().unwrap();
    methods
        .iter()
        .map(|offer| offer["method"].as_str().unwrap())
        .collect()
}

/// What an answer says, apart from its `auth_session`.
fn said(mut answer: Value) -> Value {
    answer["auth_session"] = json!(null);
    answer
}

/// The texts of the mails to `email`, newest first.
async fn mails(t: &TestApp, email: &str) -> Vec<String> {
    run_jobs(t).await;
    let mails = authflow_server::mail::list_captured(&t.cx()).await.unwrap();
    let own = mails.into_iter().filter(|mail| mail.recipient == email);
    own.map(|mail| mail.body_text).collect()
}

/// The six digits in a text.
fn digits(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    let found = words.rfind(|word| word.len() == 6);
    found.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// The six digits in the newest mail to `email`.
async fn mailed(t: &TestApp, email: &str) -> String {
    digits(&mails(t, email).await[0])
}

/// Six digits that are not `code`.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}
