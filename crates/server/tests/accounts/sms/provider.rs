//! A provider of text messages on this machine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use authflow_server::config::HttpUrl;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use http::{HeaderMap, StatusCode};

/// What a provider was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }

    pub(super) fn field(&self, name: &str) -> String {
        let fields = self.fields();
        let found = fields.iter().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("{name} in {fields:?}")).1.clone()
    }
}

/// A provider on this machine, over real HTTP: answers as told, keeps what it is asked.
#[derive(Clone)]
pub(super) struct Provider {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
}

impl Provider {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            answers: Arc::default(),
        };
        let own = provider.clone();
        let router = Router::new().fallback(move |request: Request| {
            let own = own.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                own.asked.lock().unwrap().push(Asked {
                    method: parts.method.to_string(),
                    target: parts.uri.to_string(),
                    headers: parts.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                let (status, text) = own
                    .answers
                    .lock()
                    .unwrap()
                    .pop_front()
                    .expect("an answer for each request");
                (StatusCode::from_u16(status).unwrap(), text).into_response()
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub(super) fn base(&self) -> Option<HttpUrl> {
        HttpUrl::parse(&self.url)
    }

    pub(super) fn will_answer(&self, answers: &[(u16, &str)]) {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        *self.answers.lock().unwrap() = answers.collect();
        self.asked.lock().unwrap().clear();
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}
