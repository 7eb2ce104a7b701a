//! What these tests need beside the test kit: a signed-in person, and a server that is called.

use std::sync::{Arc, Mutex};

use authflow_server::sessions::{self, Session};
use authflow_testkit::{Answer, Browser, Client, TestApp, Tokens, User};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

/// A user in a browser in which they signed in.
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) browser: Browser,
}

impl Person {
    /// A new user, signed in.
    pub(crate) async fn new(t: &TestApp, name: &str) -> Self {
        let user = t.user(name).await;
        Self::again(t, &user).await
    }

    /// The same user in another browser.
    pub(crate) async fn again(t: &TestApp, user: &User) -> Self {
        Self {
            user: user.clone(),
            browser: t.signed_in(user).await,
        }
    }

    pub(crate) fn cookie(&self) -> String {
        self.browser.cookie_header()
    }

    /// The session of the browser, while it counts.
    pub(crate) async fn session(&self, t: &TestApp) -> Option<Arc<Session>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, self.cookie().parse().unwrap());
        sessions::current(&t.cx(), &headers).await.unwrap()
    }

    pub(crate) async fn is_signed_in(&self, t: &TestApp) -> bool {
        self.session(t).await.is_some()
    }

    pub(crate) async fn tokens(&self, t: &TestApp, client: &Client, scope: &str) -> Tokens {
        self.tokens_with(t, client, &[("scope", scope)]).await
    }

    /// Tokens of a request with these parameters.
    pub(crate) async fn tokens_with(&self, t: &TestApp, client: &Client, params: &[(&str, &str)]) -> Tokens {
        let request = params
            .iter()
            .fold(t.authorization(client), |request, (name, value)| {
                request.with(name, value)
            });
        let code = self.browser.clone().allow(&request, &self.user).await.code();
        Tokens::of(&t.redeem(client, &code).await)
    }
}

/// A client with these fields of metadata beside the usual ones.
pub(crate) async fn client(t: &TestApp, metadata: Value) -> Client {
    let mut builder = t.client();
    if metadata["token_endpoint_auth_method"] == "none" {
        builder = builder.public();
    }
    for (field, value) in metadata.as_object().unwrap() {
        builder = builder.with(field, value.clone());
    }
    builder.create().await
}

/// A request as it is, without help from the kit.
pub(crate) async fn raw(
    t: &TestApp,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut builder = Request::builder()
        .method(method)
        .uri(t.path(path))
        .header(header::HOST, "id.example");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    t.send(builder.body(body.into()).unwrap()).await
}

/// A server on this machine that keeps what is posted to it and answers with a status.
pub(crate) struct Sink {
    pub(crate) url: String,
    pub(crate) received: Arc<Mutex<Vec<String>>>,
    pub(crate) status: Arc<Mutex<u16>>,
    pub(crate) arrived: Arc<tokio::sync::Notify>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<String>>> = Arc::default();
        let status = Arc::new(Mutex::new(200));
        let arrived: Arc<tokio::sync::Notify> = Arc::default();
        let (keep, give, tell) = (received.clone(), status.clone(), arrived.clone());
        let answer = move |body: String| {
            keep.lock().unwrap().push(body);
            tell.notify_one();
            let status = StatusCode::from_u16(*give.lock().unwrap()).unwrap();
            async move { status }
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            received,
            status,
            arrived,
        }
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}
