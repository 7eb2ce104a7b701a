//! Every page carries the headers that keep it from being framed, sniffed, cached and followed.

use authflow_testkit::{Answer, TestApp, both_databases};
use http::StatusCode;

fn assert_headers(answer: &Answer) {
    let case = &answer.path;
    assert!(answer.header("content-type").starts_with("text/html"), "{case}");
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action ",
    ] {
        assert!(policy.contains(part), "{case}: {policy}");
    }
    for never in ["unsafe-inline", "unsafe-eval", "data: 'self' *", "http:"] {
        assert!(!policy.contains(never), "{case}: {policy}");
    }
    assert_eq!(answer.header("x-frame-options"), "DENY", "{case}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{case}");
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{case}");
    assert!(
        answer.header("strict-transport-security").starts_with("max-age="),
        "{case}"
    );
    assert!(
        !answer.body.contains(" onclick=") && !answer.body.contains("javascript:"),
        "{case}"
    );
}

both_databases! {
    async fn every_hosted_page_carries_the_strict_headers(t: TestApp) {
        for t in [t.clone(), t.tenant("acme").await] {
            let alice = t.user("alice").await;
            let client = t.client().third_party().create().await;
            let mut browser = t.browser();
            let request = t.authorization(&client);
            let mut seen = Vec::new();
            let sign_in = browser.authorize(&request).await;
            let wrong = browser.submit(&sign_in, "/sign-in", &[("identifier", "alice@example.com"), ("password", "wrong")]).await;
            assert!(wrong.status.is_client_error());
            let sign_up = t.browser().authorize(&request.clone().with("prompt", "create")).await;
            let consent = browser.prove(&sign_in, &alice).await;
            seen.extend([sign_in, wrong, sign_up, consent]);
            seen.push(browser.authorize(&request.clone().with("prompt", "select_account")).await);
            for path in ["/account", "/sign-out", "/sign-in?sign_in=sin_x", "/consent?sign_in=sin_x", "/verify?token=x", "/verify", "/oauth2/authorize", "/oauth2/logout?id_token_hint=x", "/oauth2/logout"] {
                seen.push(browser.get(path).await);
            }
            seen.push(browser.post("/sign-in", &[]).await);
            seen.push(browser.post("/account/profile", &[("csrf", "x")]).await);
            let mut silent = t.browser();
            let answered = silent.allow(&request.with("response_mode", "form_post"), &alice).await;
            assert_eq!(answered.status, StatusCode::OK);
            seen.push(answered);
            for answer in &seen {
                assert_headers(answer);
            }
        }
    }

    async fn cookies_are_host_only_http_only_lax_and_named_for_their_tenant(t: TestApp) {
        for (t, slug) in [(t.clone(), "default"), (t.tenant("acme").await, "acme")] {
            let alice = t.user("alice").await;
            let mut browser = t.browser();
            let first = browser.get("/sign-in").await;
            let before = browser.cookies.clone();
            let page = browser.follow(first.clone()).await;
            let form = page.form("/sign-in");
            let fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| !["identifier", "password"].contains(name)).chain([("identifier", alice.email.as_str()), ("password", alice.password.as_str())]).collect();
            let done = browser.post(&form.action, &fields).await;
            let all: Vec<&str> = [&first, &page, &done].into_iter().flat_map(|answer| answer.headers.get_all("set-cookie")).map(|value| value.to_str().unwrap()).collect();
            assert!(all.len() >= 2, "{all:?}");
            for cookie in all {
                assert!(cookie.starts_with("__Host-authflow-"), "{cookie}");
                assert!(cookie.split('=').next().unwrap().ends_with(&format!("-{slug}")), "{cookie}");
                for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                    assert!(cookie.contains(part), "{cookie}");
                }
                assert!(!cookie.contains("Domain"), "{cookie}");
            }
            assert!(!before.keys().any(|name| name.contains("session")), "no session before sign-in");
            let session = browser.cookie("session").unwrap().to_owned();
            let client = t.client().create().await;
            let again = t.authorization(&client).with("prompt", "login");
            assert!(browser.allow(&again, &alice).await.param("code").is_some());
            assert_ne!(browser.cookie("session").unwrap(), session, "a new secret at every sign-in");
        }
    }
}
