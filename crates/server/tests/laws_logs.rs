//! Secrets never reach the log: everything that is logged in this process is kept and searched. A test binary of its own,
//! because there is one global subscriber.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use authflow_testkit::{TestApp, Tokens, VERIFIER};
use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The whole life of a sign-in, good and bad; what must never be logged.
async fn live(t: &TestApp) -> Vec<(&'static str, String)> {
    let alice = t.user("alice").await;
    let client = t.client().third_party().self_managed().create().await;
    let mut browser = t.browser();
    let request = t
        .authorization(&client)
        .scope("openid email offline_access")
        .with("state", "state-that-is-secret")
        .with("nonce", "nonce-that-is-secret");
    let page = browser.authorize(&request).await;
    let wrong = [
        ("identifier", alice.email.as_str()),
        ("password", "a wrong password typed once"),
    ];
    browser.submit(&page, "/sign-in", &wrong).await;
    let code = browser.allow(&request, &alice).await.code();
    let first = Tokens::of(&t.redeem(&client, &code).await);
    let second = Tokens::of(&t.refresh(&client, first.refresh()).await);
    t.userinfo(&second.access).await;
    t.introspect(&client, &second.access).await;
    t.refresh_with(&client, second.refresh(), &[("scope", "everything")])
        .await;
    t.redeem(&client, &code).await;
    t.userinfo(&second.access).await;
    t.post(
        "/oauth2/token",
        &[("authorization", "Basic bm90Omdvb2Q=")],
        &[
            ("grant_type", "password"),
            ("password", "a password in a token request"),
        ],
    )
    .await;
    let cookies = browser.cookie_header();
    browser.open("/account").await;
    let csrf = browser.open("/account").await.form("/account/profile").fields[0]
        .1
        .clone();
    let page = browser.open("/sign-out").await;
    browser
        .submit(&page, "/sign-out", &[("decision", "sign_out")])
        .await;
    let mut secrets = vec![
        ("password", alice.password.clone()),
        ("wrong password", "a wrong password typed once".to_owned()),
        (
            "password in a token request",
            "a password in a token request".to_owned(),
        ),
        ("e-mail address", alice.email.clone()),
        ("client secret", client.secret.clone().unwrap()),
        ("registration token", client.registration_token.clone().unwrap()),
        ("basic credentials", client.basic()),
        ("code", code),
        ("code verifier", VERIFIER.to_owned()),
        ("state", "state-that-is-secret".to_owned()),
        ("nonce", "nonce-that-is-secret".to_owned()),
        ("form token", csrf),
        ("client's address", "192.0.2.1".to_owned()),
    ];
    for tokens in [&first, &second] {
        secrets.push(("access token", tokens.access.clone()));
        secrets.push(("refresh token", tokens.refresh().to_owned()));
        secrets.push(("ID token", tokens.id().to_owned()));
    }
    secrets.extend(
        cookies
            .split("; ")
            .map(|pair| ("cookie", pair.split_once('=').unwrap().1.to_owned())),
    );
    secrets
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level_during_a_whole_life_on_both_databases() {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing_subscriber::fmt()
        // Without what only the test itself uses: it parses pages.
        .with_env_filter(EnvFilter::new("trace,html5ever=off,selectors=off"))
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let mut secrets = live(&TestApp::sqlite().await).await;
    if let Some(t) = TestApp::postgres().await {
        secrets.extend(live(&t).await);
    }
    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(log.contains("authflow"), "something was logged at all");
    for (name, secret) in secrets {
        let leaked = log.lines().find(|line| line.contains(&secret));
        assert_eq!(leaked, None, "{name}");
    }
}
