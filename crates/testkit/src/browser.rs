use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use http::{Method, header};

use crate::app::{encode, request};
use crate::{Answer, AuthorizationRequest, BASE, TestApp, User};

/// A browser: keeps cookies, follows redirects within the installation, posts forms as pages gave them.
#[derive(Clone)]
pub struct Browser {
    t: TestApp,
    /// Its cookies by name. All of the installation's have `Path=/`.
    pub cookies: BTreeMap<String, String>,
    /// Where its requests come from.
    pub ip: IpAddr,
    /// Headers that it sends with every request, in place of its own.
    pub headers: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(t: TestApp) -> Self {
        Self {
            t,
            cookies: BTreeMap::new(),
            ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            headers: Vec::new(),
        }
    }

    /// The `Cookie` header that it would send.
    pub fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// The value of the cookie whose name contains `part`, such as `session`.
    pub fn cookie(&self, part: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|(name, _)| name.contains(part));
        found.map(|(_, value)| value.as_str())
    }

    /// One GET, without following; `path` has the tenant's base already or is below it.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// One POST of a form, as from one of the installation's own pages, without following.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", BASE),
            ("sec-fetch-site", "same-origin"),
        ];
        self.send(Method::POST, path, &headers, encode(form)).await
    }

    /// One request with the browser's cookies, without following.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let base = self.t.tenant.base_path();
        let path = match path.strip_prefix(BASE).unwrap_or(path) {
            path if path.starts_with("/t/") || base.is_empty() => path.to_owned(),
            path => format!("{base}{path}"),
        };
        let cookies = self.cookie_header();
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        all.retain(|(name, _)| !self.headers.iter().any(|(own, _)| own == name));
        all.extend(
            self.headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let answer = self
            .t
            .send_from(self.ip, request(method, &path, &all, body))
            .await;
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Follows redirects as long as they stay within the installation.
    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let Some(url) = answer.location().filter(|_| answer.status.is_redirection()) else {
                return answer;
            };
            let Some(path) = url.as_str().strip_prefix(BASE).map(str::to_owned) else {
                return answer;
            };
            answer = self.get(&path).await;
        }
        panic!("more than ten redirects, last to {:?}", answer.location());
    }

    /// GET, then follows.
    pub async fn open(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        self.follow(answer).await
    }

    /// Posts the form of `page` whose address ends in `action`, with `fields` over what the page filled in; follows.
    pub async fn submit(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form = page.form(action);
        let filled = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        let all: Vec<(&str, &str)> = filled.chain(fields.iter().copied()).collect();
        let answer = self.post(&form.action, &all).await;
        self.follow(answer).await
    }

    /// Signs in on the tenant's own page.
    pub async fn sign_in(&mut self, user: &User) {
        let page = self.open("/sign-in").await;
        let after = self.prove(&page, user).await;
        assert!(
            after.path.ends_with("/account"),
            "{} {} {}",
            after.status,
            after.path,
            after.body
        );
    }

    /// Gives identifier and password on a sign-in page; follows.
    pub async fn prove(&mut self, page: &Answer, user: &User) -> Answer {
        let fields = [("identifier", user.email.as_str()), ("password", &user.password)];
        self.submit(page, "/sign-in", &fields).await
    }

    /// Opens an authorization request and follows: to a page, or to the answer to the client.
    pub async fn authorize(&mut self, request: &AuthorizationRequest) -> Answer {
        self.open(&request.path()).await
    }

    /// Opens an authorization request and does what the pages ask for: signs in as `user`, allows everything.
    pub async fn allow(&mut self, request: &AuthorizationRequest, user: &User) -> Answer {
        let mut answer = self.authorize(request).await;
        for _ in 0..3 {
            let has = |action: &str| answer.forms().iter().any(|form| form.action.ends_with(action));
            if answer.status.is_redirection() {
                return answer;
            } else if has("/sign-in") {
                answer = self.prove(&answer, user).await;
            } else if has("/consent") {
                answer = self.submit(&answer, "/consent", &[("decision", "allow")]).await;
            } else {
                return answer;
            }
        }
        answer
    }
}
