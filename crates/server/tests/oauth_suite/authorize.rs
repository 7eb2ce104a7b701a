//! The authorization endpoint (security.md, "Authorization endpoint").

use std::time::Duration;

use authflow_server::clients::{self, ClientStatus};
use authflow_testkit::{Answer, BASE, CALLBACK, Client, TestApp, Tokens, both_databases, jwt};
use http::StatusCode;
use serde_json::json;

/// The user is told on a page of ours, and nothing goes anywhere else.
fn assert_shown(answer: &Answer, case: &str) {
    assert!(answer.status.is_client_error(), "{case}: {}", answer.status);
    assert_eq!(answer.location(), None, "{case}");
    assert!(answer.header("content-type").starts_with("text/html"), "{case}");
    assert!(
        answer
            .header("content-security-policy")
            .contains("frame-ancestors 'none'"),
        "{case}"
    );
    assert_eq!(answer.forms().len(), 0, "{case}");
}

/// The client is told, by redirect, with state and issuer.
fn assert_told(answer: &Answer, error: &str, case: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{case}: {}", answer.body);
    let location = answer.location().unwrap();
    assert!(location.as_str().starts_with(CALLBACK), "{case}: {location}");
    assert_eq!(
        answer.param("error").as_deref(),
        Some(error),
        "{case}: {location}"
    );
    assert_eq!(answer.param("iss").as_deref(), Some(BASE), "{case}");
    assert_eq!(answer.param("state").as_deref(), Some("af0ifjsldkj"), "{case}");
    assert_eq!(answer.param("code"), None, "{case}");
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{case}");
}

async fn set_status(t: &TestApp, client: &Client, status: ClientStatus) {
    let mut cx = t.cx();
    let found = clients::get(&cx, client.client_id()).await.unwrap();
    clients::set_status(&mut cx, &found, status).await.unwrap();
    cx.commit().await.unwrap();
}

both_databases! {
    async fn redirect_uri_that_differs_in_any_character_is_shown_and_never_followed(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        for uri in [
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback?",
            "https://app.example/callback#f",
            "https://app.example/callback#",
            "https://app.example/Callback",
            "https://APP.example/callback",
            "HTTPS://app.example/callback",
            "https://app.example:443/callback",
            "https://app.example:8443/callback",
            "http://app.example/callback",
            "https://app.example./callback",
            "https://user@app.example/callback",
            "https://user:pass@app.example/callback",
            "https://app.example@evil.example/callback",
            "https://app.example.evil.example/callback",
            "https://evil.example/https://app.example/callback",
            "https://app.example/callback/../callback",
            "https://app.example/./callback",
            "https://app.example/%63allback",
            "https://app.example/callback%00",
            "https://app.example/callback%0d%0aset-cookie:x=1",
            "https://app.example\\callback",
            "https:\\\\app.example/callback",
            "//app.example/callback",
            "/callback",
            "callback",
            "javascript:alert(1)//https://app.example/callback",
            "data:text/html,hello",
            " https://app.example/callback",
            "https://app.example/callback ",
            "https://app.example/callback\t",
            "https://app.example/callback\r\nLocation: https://evil.example",
            "https://app.example/callback\u{202e}",
            "https://аpp.example/callback",
            "https://xn--pp-8cd.example/callback",
        ] {
            let answer = browser.get(&t.authorization(&client).with("redirect_uri", uri).path()).await;
            assert_shown(&answer, uri);
        }
        let twice = t.authorization(&client).and("redirect_uri", "https://evil.example/");
        assert_shown(&browser.get(&twice.path()).await, "repeated");
        let same = t.authorization(&client).and("redirect_uri", CALLBACK);
        assert_shown(&browser.get(&same.path()).await, "repeated, the same");
    }

    async fn loopback_port_is_free_for_native_clients_and_fixed_for_web_clients(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let native = t.client().public().with("application_type", "native").redirect("http://127.0.0.1/cb").create().await;
        let free = t.authorization(&native).with("redirect_uri", "http://127.0.0.1:49152/cb");
        let answer = browser.get(&free.path()).await;
        assert!(answer.location().unwrap().as_str().starts_with("http://127.0.0.1:49152/cb?"));
        for uri in ["http://127.0.0.1:49152/other", "http://127.0.0.2:49152/cb", "http://localhost:49152/cb", "http://[::1]:49152/cb", "https://127.0.0.1:49152/cb"] {
            assert_shown(&browser.get(&t.authorization(&native).with("redirect_uri", uri).path()).await, uri);
        }
        let web = t.client().redirect("http://127.0.0.1:3000/cb").create().await;
        let other_port = t.authorization(&web).with("redirect_uri", "http://127.0.0.1:3001/cb");
        assert_shown(&browser.get(&other_port.path()).await, "web client, other port");
    }

    async fn unknown_malformed_foreign_and_disabled_clients_are_shown_not_redirected(t: TestApp) {
        let client = t.client().create().await;
        let foreign = t.tenant("acme").await.client().create().await;
        let disabled = t.client().create().await;
        set_status(&t, &disabled, ClientStatus::Disabled).await;
        let mut browser = t.browser();
        for id in ["cli_00000000000000000000000000", "nonsense", "", "'; DROP TABLE clients --", &foreign.id, &disabled.id] {
            assert_shown(&browser.get(&t.authorization(&client).with("client_id", id).path()).await, id);
        }
        assert_shown(&browser.get(&t.authorization(&client).without("client_id").path()).await, "none");
        assert_shown(&browser.get(&t.authorization(&client).and("client_id", &client.id).path()).await, "two");
    }

    async fn errors_after_the_redirect_uri_is_proven_go_to_the_client_with_issuer_and_state(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        for (name, value, error) in [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "id_token", "unsupported_response_type"),
            ("response_type", "code token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("response_type", "none", "unsupported_response_type"),
            ("response_type", "CODE", "unsupported_response_type"),
            ("response_mode", "web_message", "invalid_request"),
            ("scope", "openid admin:everything", "invalid_scope"),
            ("scope", "openid \"quoted\"", "invalid_scope"),
            ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
            ("request_uri", "http://127.0.0.1:1/request.jwt", "request_uri_not_supported"),
            ("registration", "{}", "registration_not_supported"),
            ("prompt", "none login", "invalid_request"),
            ("prompt", "sing-in", "invalid_request"),
            ("max_age", "-1", "invalid_request"),
            ("max_age", "soon", "invalid_request"),
            ("claims", "{", "invalid_request"),
            ("claims", "[]", "invalid_request"),
            ("resource", "https://unknown.example", "invalid_target"),
            ("resource", "relative/path", "invalid_target"),
            ("nonce", "a\u{0}b", ""),
        ] {
            if error.is_empty() {
                let answer = browser.get(&t.authorization(&client).with(name, value).path()).await;
                assert_shown(&answer, "NUL makes the whole query unreadable");
                continue;
            }
            let answer = browser.get(&t.authorization(&client).with(name, value).path()).await;
            assert_told(&answer, error, &format!("{name}={value}"));
        }
        let answer = browser.get(&t.authorization(&client).without("response_type").path()).await;
        assert_told(&answer, "invalid_request", "no response type");
        for repeated in ["response_type", "scope", "nonce", "code_challenge", "prompt"] {
            let answer = browser.get(&t.authorization(&client).with(repeated, "openid").and(repeated, "code").path()).await;
            assert_told(&answer, "invalid_request", repeated);
        }
    }

    async fn repeated_state_is_refused_and_not_sent_back(t: TestApp) {
        let client = t.client().create().await;
        let answer = t.browser().get(&t.authorization(&client).and("state", "second").path()).await;
        assert_eq!(answer.param("error").as_deref(), Some("invalid_request"));
        assert_eq!(answer.param("state"), None);
        assert_eq!(answer.param("iss").as_deref(), Some(BASE));
    }

    async fn unknown_and_empty_parameters_are_ignored(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let request = t.authorization(&client).with("foo", "bar").and("foo", "baz").with("nonce", "").with("display", "hologram");
        assert!(!browser.get(&request.path()).await.code().is_empty());
    }

    async fn odd_and_long_states_come_back_byte_for_byte_in_every_mode(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let long = "x".repeat(4096);
        for state in ["\"'><script>alert(1)</script>", "a b+c%20d&e=f#g", "äöü \u{1f600} 日本", "{\"json\": [1, 2]}", "../../..//evil.example", &long] {
            for mode in ["query", "fragment", "form_post"] {
                let request = t.authorization(&client).with("state", state).with("response_mode", mode);
                let answer = browser.get(&request.path()).await;
                assert_eq!(answer.param("state").as_deref(), Some(state), "{mode}");
                assert_eq!(answer.param("iss").as_deref(), Some(BASE), "{mode}");
                assert!(answer.param("code").is_some(), "{mode}");
            }
        }
        let longer = "x".repeat(4097);
        let answer = browser.get(&t.authorization(&client).with("state", &longer).path()).await;
        assert_eq!(answer.param("error").as_deref(), Some("invalid_request"));
    }

    async fn response_modes_put_the_answer_where_they_say(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let query = browser.get(&t.authorization(&client).with("response_mode", "query").path()).await.location().unwrap();
        assert!(query.query().unwrap().contains("code=") && query.fragment().is_none());
        let fragment = browser.get(&t.authorization(&client).with("response_mode", "fragment").path()).await.location().unwrap();
        assert!(fragment.fragment().unwrap().contains("code=") && fragment.query().is_none());
        let post = browser.get(&t.authorization(&client).with("response_mode", "form_post").path()).await;
        assert_eq!(post.status, StatusCode::OK);
        assert_eq!(post.forms()[0].action, CALLBACK);
        assert_eq!(post.header("cache-control"), "no-store");
        assert!(post.header("content-security-policy").contains("form-action"), "{}", post.header("content-security-policy"));
        let refused = browser.get(&t.authorization(&client).with("response_mode", "form_post").scope("openid nope").path()).await;
        assert_eq!(refused.forms()[0].action, CALLBACK);
        assert_eq!(refused.param("error").as_deref(), Some("invalid_scope"));
        assert_eq!(refused.param("iss").as_deref(), Some(BASE));
    }

    async fn prompt_none_never_shows_a_page_and_never_signs_in(t: TestApp) {
        let (alice, bob) = (t.user("alice").await, t.user("bob").await);
        let ours = t.client().create().await;
        let theirs = t.client().third_party().create().await;
        let silent = |client| t.authorization(client).with("prompt", "none");
        let before = t.row_counts().await;
        assert_told(&t.browser().get(&silent(&ours).path()).await, "login_required", "nobody is signed in");
        assert_eq!(t.row_counts().await, before, "a silent refusal leaves nothing behind");
        let mut browser = t.signed_in(&alice).await;
        assert!(browser.get(&silent(&ours).path()).await.param("code").is_some());
        assert_told(&browser.get(&silent(&theirs).path()).await, "consent_required", "no consent yet");
        browser.allow(&t.authorization(&theirs), &alice).await.code();
        assert!(browser.get(&silent(&theirs).path()).await.param("code").is_some());
        assert_told(&browser.get(&silent(&theirs).scope("openid email").path()).await, "consent_required", "more scope");
        t.clock.advance(Duration::from_secs(100));
        let stale = silent(&ours).with("max_age", "99");
        assert_told(&browser.get(&stale.path()).await, "login_required", "too old");
        let zero = silent(&ours).with("max_age", "0");
        assert_told(&browser.get(&zero.path()).await, "login_required", "max_age=0");
        let id_token = t.tokens(&ours, &mut t.browser(), &bob, "openid").await.id.unwrap();
        let hint = silent(&ours).with("id_token_hint", &id_token);
        assert_told(&browser.get(&hint.path()).await, "login_required", "the hint names bob");
        let own = t.tokens(&ours, &mut browser, &alice, "openid").await;
        assert!(browser.get(&silent(&ours).with("id_token_hint", own.id()).path()).await.param("code").is_some());
        assert_told(&browser.get(&silent(&ours).with("id_token_hint", &own.access).path()).await, "login_required", "an access token is no hint");
        assert_told(&browser.get(&silent(&ours).with("id_token_hint", &jwt::tampered(own.id())).path()).await, "login_required", "a forged hint");
    }

    async fn max_age_asks_again_and_the_id_token_says_when(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let first = t.tokens(&client, &mut browser, &alice, "openid").await;
        t.clock.advance(Duration::from_secs(60));
        let fresh_enough = t.authorization(&client).with("max_age", "60");
        assert!(browser.authorize(&fresh_enough).await.param("code").is_some());
        t.clock.advance(Duration::from_secs(1));
        let page = browser.authorize(&fresh_enough).await;
        assert!(page.path.starts_with("/sign-in"), "{}", page.path);
        let answer = browser.prove(&page, &alice).await;
        let tokens = Tokens::of(&t.redeem(&client, &answer.code()).await);
        let at = |tokens: &Tokens| jwt::claims(tokens.id())["auth_time"].as_i64().unwrap();
        assert_eq!(at(&tokens), at(&first) + 61);
    }

    async fn prompt_login_is_bound_to_its_own_transaction(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        for request in [t.authorization(&client).with("prompt", "login"), t.authorization(&client).with("max_age", "0")] {
            let page = browser.authorize(&request).await;
            assert!(page.path.starts_with("/sign-in?sign_in="), "{}", page.path);
            let resume = page.path.replace("/sign-in", "/oauth2/authorize/resume");
            let skipped = browser.get(&resume).await;
            assert_eq!(skipped.param("code"), None, "resuming without proof gives nothing");
            // A sign-in elsewhere in the same browser is not an answer to this request.
            browser.cookies.retain(|name, _| !name.contains("session"));
            browser.sign_in(&alice).await;
            let skipped = browser.get(&resume).await;
            assert_eq!(skipped.param("code"), None, "a sign-in of another transaction does not count");
            let done = browser.prove(&page, &alice).await;
            assert!(done.param("code").is_some());
        }
    }

    async fn consent_cannot_be_skipped_replayed_or_given_by_another_browser(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.authorize(&t.authorization(&client)).await;
        assert!(page.path.starts_with("/consent?sign_in="));
        let resume = page.path.replace("/consent", "/oauth2/authorize/resume");
        assert_eq!(browser.get(&resume).await.param("code"), None, "skipped");
        let form = page.form("/consent");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("decision", "allow")]).collect();
        let mut thief = t.signed_in(&t.user("mallory").await).await;
        let stolen = thief.post("/consent", &fields).await;
        assert!(stolen.status.is_client_error() && stolen.location().is_none(), "{}", stolen.status);
        let without_token: Vec<(&str, &str)> = fields.iter().copied().filter(|(name, _)| *name != "csrf").collect();
        let forged = browser.post("/consent", &without_token).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let cross = browser.send(http::Method::POST, "/consent", &headers, body).await;
        assert_eq!(cross.status, StatusCode::FORBIDDEN);
        let allowed = browser.post("/consent", &fields).await;
        let answer = browser.follow(allowed).await;
        assert!(answer.param("code").is_some());
        for replay in [browser.get(&resume).await, browser.post("/consent", &fields).await] {
            assert!(replay.status.is_client_error(), "{}", replay.status);
            assert_eq!(replay.location(), None, "a finished sign-in answers nothing more");
        }
    }

    async fn account_that_takes_over_a_sign_in_is_asked_for_its_own_consent(t: TestApp) {
        let (alice, bob) = (t.user("alice").await, t.user("bob").await);
        let client = t.client().third_party().create().await;
        let mut browser = t.browser();
        let request = t.authorization(&client).with("prompt", "login");
        let page = browser.authorize(&request).await;
        let sign_in = page.path.clone();
        let consent = browser.prove(&page, &alice).await;
        // Alice allows, and before the code is fetched the browser signs in as bob.
        let form = consent.form("/consent");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("decision", "allow")]).collect();
        let _to_resume = browser.post("/consent", &fields).await;
        let page = browser.get(&sign_in).await;
        let answer = browser.prove(&page, &bob).await;
        assert!(answer.path.contains("/consent?"), "bob has allowed nothing: {} {:?}", answer.path, answer.location());
    }

    async fn select_account_and_create_show_their_pages(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.authorize(&t.authorization(&client).with("prompt", "select_account")).await;
        assert!(page.path.starts_with("/select-account?"), "{}", page.path);
        let form = page.form("/select-account");
        assert!(form.fields.iter().any(|(name, _)| name == "csrf"));
        let create = t.browser().authorize(&t.authorization(&client).with("prompt", "create")).await;
        assert!(create.path.starts_with("/sign-up?"), "{}", create.path);
        let hinted = t.browser().authorize(&t.authorization(&client).with("login_hint", "\"><b>alice@example.com")).await;
        let identifier = hinted.form("/sign-in").fields.into_iter().find(|(name, _)| name == "identifier").unwrap().1;
        assert_eq!(identifier, "\"><b>alice@example.com");
    }

    async fn authorize_has_no_cors_and_no_framing_and_answers_303(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let path = t.authorization(&client).path();
        let answer = browser.send(http::Method::GET, &path, &[("origin", "https://app.example")], String::new()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        let preflight = t.send(http::Request::builder().method("OPTIONS").uri("/oauth2/authorize").header("origin", "https://app.example").header("access-control-request-method", "GET").body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(preflight.header("access-control-allow-origin"), "");
    }

    async fn pkce_is_required_with_s256_and_a_well_formed_challenge(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let (public, confidential) = (t.client().public().create().await, t.client().create().await);
        for client in [&public, &confidential] {
            assert_told(&browser.get(&t.authorization(client).without_pkce().path()).await, "invalid_request", "none");
            assert_told(&browser.get(&t.authorization(client).with("code_challenge_method", "plain").path()).await, "invalid_request", "plain");
            assert_told(&browser.get(&t.authorization(client).without("code_challenge_method").path()).await, "invalid_request", "method left out is plain");
            assert_told(&browser.get(&t.authorization(client).with("code_challenge_method", "s256").path()).await, "invalid_request", "case");
            assert_told(&browser.get(&t.authorization(client).without("code_challenge").path()).await, "invalid_request", "method alone");
            for challenge in [&"a".repeat(42), &"a".repeat(44), &"a".repeat(128), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c+"] {
                assert_told(&browser.get(&t.authorization(client).with("code_challenge", challenge).path()).await, "invalid_request", challenge);
            }
        }
        let lax = t.client().policy(|policy| policy.require_pkce = false).create().await;
        assert!(browser.get(&t.authorization(&lax).without_pkce().path()).await.param("code").is_some());
        let lax_public = t.client().public().policy(|policy| policy.require_pkce = false).create().await;
        assert_told(&browser.get(&t.authorization(&lax_public).without_pkce().path()).await, "invalid_request", "public clients always");
    }

    async fn client_disabled_while_the_user_signs_in_gets_no_code(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.browser();
        let page = browser.authorize(&t.authorization(&client)).await;
        set_status(&t, &client, ClientStatus::Disabled).await;
        let answer = browser.prove(&page, &alice).await;
        assert_shown(&answer, "disabled meanwhile");
    }

    async fn essential_claims_that_cannot_be_met_fail_instead_of_lying(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let claims = json!({"id_token": {"acr": {"essential": true, "values": ["urn:example:gold"]}}}).to_string();
        let answer = browser.get(&t.authorization(&client).with("claims", &claims).path()).await;
        assert_told(&answer, "unmet_authentication_requirements", "acr");
        let claims = json!({"id_token": {"sub": {"value": "usr_00000000000000000000000000"}}}).to_string();
        let answer = browser.get(&t.authorization(&client).with("claims", &claims).with("prompt", "none").path()).await;
        assert_told(&answer, "login_required", "another sub");
    }
}
