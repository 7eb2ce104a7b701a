//! New passwords looked up by the range API, over real HTTP.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authflow_server::config::{Config, HttpUrl, MailTransport};
use authflow_server::mail;
use authflow_testkit::{Answer, TestApp};
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use http::StatusCode;

use crate::{ALICE, NORA, PASSWORD, run_jobs, sign_up_as};

/// SHA-1 of "seven lazy herons": 5 digits that leave, 35 that do not.
const BREACHED: &str = "seven lazy herons";

fn sha1(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let mut text = String::new();
    for byte in digest.as_ref() {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

/// The path, and the header that asks for padding.
type Asked = (String, Option<String>);

/// The API on this machine: knows one password, keeps what it is asked.
#[derive(Clone)]
struct Api {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Api {
    async fn start(answer: impl Fn() -> (u16, String) + Send + Sync + Clone + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/range/", listener.local_addr().unwrap());
        let api = Self {
            url,
            asked: Arc::default(),
        };
        let asked = Arc::clone(&api.asked);
        let router = Router::new().fallback(move |request: Request| {
            let padding = request
                .headers()
                .get("add-padding")
                .map(|value| value.to_str().unwrap().to_owned());
            asked
                .lock()
                .unwrap()
                .push((request.uri().path().to_owned(), padding));
            let (status, body) = answer();
            async move { (StatusCode::from_u16(status).unwrap(), body).into_response() }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        api
    }

    fn configure(&self, config: &mut Config) {
        config.passwords.breached_api = true;
        config.passwords.breached_api_url = HttpUrl::parse(&self.url);
        config.mail.transport = MailTransport::Captured;
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn listing() -> (u16, String) {
    let suffix = sha1(BREACHED)[5..].to_owned();
    (
        200,
        format!(
            "0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n{suffix}:12\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\n"
        ),
    )
}

async fn app(api: &Api) -> TestApp {
    TestApp::sqlite_with(|config| api.configure(config)).await
}

async fn sign_up_with(t: &TestApp, password: &str) -> Answer {
    sign_up_as(&mut t.browser(), "Nora New", NORA, password).await
}

#[tokio::test]
async fn known_password_is_refused_and_five_digits_are_all_that_leaves() {
    let api = Api::start(listing).await;
    let t = app(&api).await;
    let refused = sign_up_with(&t, BREACHED).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.words().contains("data breach") || refused.words().contains("breach"),
        "{}",
        refused.words()
    );
    let expected = (
        format!("/range/{}", &sha1(BREACHED)[..5]),
        Some("true".to_owned()),
    );
    assert_eq!(api.asked(), [expected]);
    assert_eq!(sign_up_with(&t, PASSWORD).await.path, "/account");
    assert_eq!(api.asked().len(), 2);
}

#[tokio::test]
async fn change_and_reset_are_looked_up_and_signing_in_is_not() {
    let api = Api::start(listing).await;
    let t = app(&api).await;
    let alice = t.user("alice").await;
    let before = api.asked().len();
    let mut browser = t.signed_in(&alice).await;
    assert_eq!(api.asked().len(), before, "signing in looks nothing up");
    let form = browser.open("/account/security").await;
    let fields = [("current_password", PASSWORD), ("new_password", BREACHED)];
    let refused = browser.submit(&form, "/account/password", &fields).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.words()
    );
    assert_eq!(api.asked().len(), before + 1);
    // A forgotten password.
    let mut other = t.browser();
    let form = other.open("/recover").await;
    other.submit(&form, "/recover", &[("identifier", ALICE)]).await;
    run_jobs(&t).await;
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    let link = mails[0]
        .body_text
        .split_whitespace()
        .find(|word| word.contains("token="))
        .unwrap();
    let form = other.open(link).await;
    let refused = other
        .submit(&form, "/recover/new", &[("new_password", BREACHED)])
        .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.words()
    );
    assert_eq!(api.asked().len(), before + 2);
}

#[tokio::test]
async fn an_api_that_fails_stops_nobody() {
    for answer in [
        (500, String::new()),
        (404, listing().1),
        (200, "x".repeat(600 * 1024)),
    ] {
        let api = Api::start(move || answer.clone()).await;
        let t = app(&api).await;
        assert_eq!(sign_up_with(&t, BREACHED).await.path, "/account");
        assert_eq!(api.asked().len(), 1);
    }
    // Nobody listens.
    let t = TestApp::sqlite_with(|config| {
        config.passwords.breached_api = true;
        config.passwords.breached_api_url = HttpUrl::parse("http://127.0.0.1:9/range/");
        config.passwords.breached_api_timeout = Duration::from_secs(5);
    })
    .await;
    assert_eq!(sign_up_with(&t, BREACHED).await.path, "/account");
}

#[tokio::test]
async fn it_is_off_unless_switched_on_and_the_guard_holds() {
    let api = Api::start(listing).await;
    let t = TestApp::sqlite_with(|config| config.passwords.breached_api_url = HttpUrl::parse(&api.url)).await;
    assert_eq!(sign_up_with(&t, BREACHED).await.path, "/account");
    // A network that outbound requests may not reach.
    let t = TestApp::sqlite_with(|config| {
        api.configure(config);
        config.outbound.allow_networks.clear();
    })
    .await;
    assert_eq!(sign_up_with(&t, BREACHED).await.path, "/account");
    assert!(api.asked().is_empty());
}
