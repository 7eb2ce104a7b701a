use authflow_proto::jose::JwkSet;
use authflow_server::cx::Actor;
use authflow_server::{jobs, keys};
use authflow_testkit::{Answer, Client, TestApp, both_databases, jwt};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{Person, Sink, client, raw};

const PATH: &str = "/oauth2/logout";
const BYE: &str = "https://app.example/bye";

fn query(pairs: &[(&str, &str)]) -> String {
    format!(
        "{PATH}?{}",
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    )
}

async fn app(t: &TestApp) -> Client {
    client(t, json!({"post_logout_redirect_uris": [BYE]})).await
}

async fn logout(t: &TestApp, browser: &Person, pairs: &[(&str, &str)]) -> Answer {
    t.get(&query(pairs), &[("cookie", &browser.cookie())]).await
}

/// The value of a hidden field of the page that asks.
fn field(page: &Answer, name: &str) -> String {
    let found = page.form(PATH).fields.into_iter().find(|(key, _)| key == name);
    found
        .unwrap_or_else(|| panic!("no field `{name}` in {}", page.body))
        .1
}

fn logout_token(body: &str) -> String {
    form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == "logout_token")
        .unwrap()
        .1
        .into_owned()
}

both_databases! {
    async fn proven_hint_ends_the_session_and_returns_with_state(t: TestApp) {
        let app = app(&t).await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid offline_access").await;
        let hint = tokens.id.unwrap();
        // A hint may be old, and its key retired.
        t.clock.advance(std::time::Duration::from_hours(3));
        keys::rotate(&t.app, &t.tenant, Actor::Operator).await.unwrap();
        let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a b&c")];
        let answer = logout(&t, &browser, &pairs).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.header("location"), format!("{BYE}?state=a%20b%26c"));
        assert!(answer.header("set-cookie").starts_with("__Host-authflow-session-default=; "));
        assert!(!browser.is_signed_in(&t).await);
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(t.refresh(&app, &tokens.refresh.unwrap()).await.error(), "invalid_grant");
        // Once more, with nobody there: still where the client wants it.
        let again = logout(&t, &browser, &pairs).await;
        assert_eq!(again.header("location"), format!("{BYE}?state=a%20b%26c"));
    }

    async fn without_a_place_to_return_to_a_page_says_signed_out(t: TestApp) {
        let app = app(&t).await;
        let browser = Person::new(&t, "alice").await;
        let hint = browser.tokens(&t, &app, "openid").await.id.unwrap();
        let answer = logout(&t, &browser, &[("id_token_hint", &hint), ("client_id", &app.id)]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::OK, ""));
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!browser.is_signed_in(&t).await);
    }

    async fn forged_and_foreign_hints_end_nothing_and_redirect_nowhere(t: TestApp) {
        let (tenant, other) = (t.clone(), t.tenant("other").await);
        let (app, twin) = (app(&t).await, app(&t).await);
        let browser = Person::new(&tenant, "alice").await;
        let tokens = browser.tokens(&tenant, &app, "openid").await;
        let hint = tokens.id.unwrap();
        let stranger = client(&other, json!({})).await;
        let elsewhere = Person::new(&other, "alice").await;
        let foreign = elsewhere.tokens(&other, &stranger, "openid").await.id.unwrap();
        let altered = jwt::tampered(&hint);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", hint.split('.').nth(1).unwrap());
        let refused: [&[(&str, &str)]; 9] = [
            &[("id_token_hint", &altered)],
            &[("id_token_hint", &unsigned)],
            &[("id_token_hint", &foreign)],
            &[("id_token_hint", &tokens.access)],
            &[("id_token_hint", "nonsense")],
            &[("id_token_hint", &hint), ("client_id", &twin.id)],
            &[("id_token_hint", &hint), ("client_id", "cli_00000000000000000000000000")],
            &[("client_id", "cli_00000000000000000000000000")],
            &[("id_token_hint", &hint), ("state", "a"), ("state", "b")],
        ];
        for pairs in refused {
            let mut pairs = pairs.to_vec();
            pairs.push(("post_logout_redirect_uri", BYE));
            let answer = logout(&t, &browser, &pairs).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{pairs:?}");
            assert!(browser.is_signed_in(&tenant).await, "{pairs:?}");
        }
    }

    async fn place_to_return_to_must_be_exactly_what_this_client_registered(t: TestApp) {
        let app = app(&t).await;
        let other = "https://other.example/bye";
        client(&t, json!({"post_logout_redirect_uris": [other]})).await;
        let browser = Person::new(&t, "alice").await;
        let hint = browser.tokens(&t, &app, "openid").await.id.unwrap();
        for uri in [other, "https://app.example/bye/", "https://app.example/bye?x", "https://app.example/BYE",
            "https://app.example/bye#", "https://evil.example", "//evil.example", "javascript:alert(1)"] {
            let answer = logout(&t, &browser, &[("id_token_hint", &hint), ("post_logout_redirect_uri", uri)]).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{uri}");
        }
        let nobodys = logout(&t, &browser, &[("post_logout_redirect_uri", BYE)]).await;
        assert_eq!((nobodys.status, nobodys.header("location")), (StatusCode::BAD_REQUEST, ""));
        assert!(browser.is_signed_in(&t).await);
    }

    async fn without_a_hint_the_user_is_asked_and_only_their_own_answer_counts(t: TestApp) {
        let app = app(&t).await;
        let browser = Person::new(&t, "alice").await;
        let asked = [("client_id", app.id.as_str()), ("post_logout_redirect_uri", BYE), ("state", "s")];
        let page = logout(&t, &browser, &asked).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(browser.is_signed_in(&t).await);
        let (csrf, carried) = (field(&page, "csrf"), field(&page, "logout"));
        let form = |csrf: &str, decision: &str| {
            let pairs = [("csrf", csrf), ("logout", carried.as_str()), ("decision", decision)];
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let cookie_text = browser.cookie();
        let cookie = ("cookie", cookie_text.as_str());
        let post = async |headers: &[(&str, &str)], body: String| raw(&t, Method::POST, PATH, headers, body).await;
        let forged = post(&[kind, cookie], form("", "sign_out")).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let other = Person::new(&t, "mallory").await;
        let theirs = logout(&t, &other, &[]).await;
        let stolen = form(&field(&theirs, "csrf"), "sign_out");
        assert_eq!(post(&[kind, cookie], stolen).await.status, StatusCode::FORBIDDEN);
        let cross_site = [kind, cookie, ("sec-fetch-site", "cross-site")];
        assert_eq!(post(&cross_site, form(&csrf, "sign_out")).await.status, StatusCode::FORBIDDEN);
        assert!(browser.is_signed_in(&t).await);
        let stay = post(&[kind, cookie], form(&csrf, "stay")).await;
        assert_eq!((stay.status, stay.header("location")), (StatusCode::SEE_OTHER, "/account"));
        assert!(browser.is_signed_in(&t).await);
        let yes = post(&[kind, cookie], form(&csrf, "sign_out")).await;
        assert_eq!((yes.status, yes.header("location")), (StatusCode::SEE_OTHER, "https://app.example/bye?state=s"));
        assert!(!browser.is_signed_in(&t).await);
    }

    async fn hint_of_somebody_else_asks_too(t: TestApp) {
        let app = app(&t).await;
        let (alice, bob) = (Person::new(&t, "alice").await, Person::new(&t, "bob").await);
        let hint = alice.tokens(&t, &app, "openid").await.id.unwrap();
        let page = logout(&t, &bob, &[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::OK, ""));
        assert!(page.body.contains("name=\"decision\""));
        assert!(bob.is_signed_in(&t).await && alice.is_signed_in(&t).await);
    }

    async fn post_from_another_site_comes_again_by_get_to_bring_the_cookie(t: TestApp) {
        let app = app(&t).await;
        let browser = Person::new(&t, "alice").await;
        let hint = browser.tokens(&t, &app, "openid").await.id.unwrap();
        let form = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "ä#")];
        let again = t.post(PATH, &[], &form).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        let location = again.header("location").to_owned();
        assert!(location.starts_with(&format!("{PATH}?id_token_hint=")));
        let done = t.get(&location, &[("cookie", &browser.cookie())]).await;
        assert_eq!(done.header("location"), format!("{BYE}?state=%C3%A4%23"));
        assert!(!browser.is_signed_in(&t).await);
        let same_site = Person::new(&t, "bob").await;
        let hint = same_site.tokens(&t, &app, "openid").await.id.unwrap();
        let done = t.post(PATH, &[("cookie", &same_site.cookie())], &[("id_token_hint", &hint)]).await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(!same_site.is_signed_in(&t).await);
    }

    async fn every_client_of_the_session_is_told_with_its_own_subject_and_key(t: TestApp) {
        let sink = Sink::start().await;
        let one = json!({"backchannel_logout_uri": format!("{}/one", sink.url), "subject_type": "pairwise"});
        let two = json!({"backchannel_logout_uri": format!("{}/two", sink.url), "id_token_signed_response_alg": "ES256"});
        let (one, two) = (client(&t, one).await, client(&t, two).await);
        let unused = json!({"backchannel_logout_uri": format!("{}/unused", sink.url)});
        client(&t, unused).await;
        let silent = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let first = browser.tokens(&t, &one, "openid").await.id.unwrap();
        let second = browser.tokens(&t, &two, "openid").await.id.unwrap();
        let hint = browser.tokens(&t, &silent, "openid").await.id.unwrap();
        logout(&t, &browser, &[("id_token_hint", &hint)]).await;
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 2);
        let received = sink.take();
        assert_eq!(received.len(), 2);
        let keys = JwkSet::parse(t.get("/.well-known/jwks.json", &[]).await.body.as_bytes()).unwrap();
        for (client, id_token, alg) in [(&one, &first, "RS256"), (&two, &second, "ES256")] {
            let tokens = received.iter().map(|body| keys.verify(&logout_token(body)).unwrap());
            let token = tokens.into_iter().find(|token| token.claims["aud"] == client.id).unwrap();
            assert_eq!(token.header.typ.as_deref(), Some("logout+jwt"));
            assert_eq!(token.header.alg.as_str(), alg);
            assert_eq!(token.claims["iss"], t.tenant.issuer);
            assert_eq!(token.claims["sub"], jwt::claims(id_token)["sub"]);
            assert_eq!(token.claims["sid"], jwt::claims(id_token)["sid"]);
            let event = "http://schemas.openid.net/event/backchannel-logout";
            assert_eq!(token.claims["events"], json!({ event: {} }));
            assert!(token.claims["jti"].is_string() && !token.claims.contains_key("nonce"));
            let life = token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap();
            assert_eq!(life, 120);
        }
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0, "told once");
    }

    async fn client_that_cannot_be_told_is_tried_five_times_and_no_more(t: TestApp) {
        let sink = Sink::start().await;
        let app = client(&t, json!({"backchannel_logout_uri": sink.url})).await;
        let browser = Person::new(&t, "alice").await;
        let hint = browser.tokens(&t, &app, "openid").await.id.unwrap();
        *sink.status.lock().unwrap() = 503;
        logout(&t, &browser, &[("id_token_hint", &hint)]).await;
        let mut ids: Vec<Value> = Vec::new();
        for attempt in 1..=5 {
            assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1, "attempt {attempt}");
            assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0, "not at once again");
            ids.extend(sink.take().iter().map(|body| jwt::claims(&logout_token(body))["jti"].clone()));
            t.clock.advance(std::time::Duration::from_hours(2));
        }
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 0);
        assert_eq!(ids.len(), 5);
    }

    async fn logout_tokens_go_to_permitted_addresses_only(t: TestApp, |config| { config.outbound.allow_networks.clear(); }) {
        let sink = Sink::start().await;
        let app = client(&t, json!({"backchannel_logout_uri": sink.url})).await;
        let browser = Person::new(&t, "alice").await;
        let hint = browser.tokens(&t, &app, "openid").await.id.unwrap();
        logout(&t, &browser, &[("id_token_hint", &hint)]).await;
        assert_eq!(jobs::run_due(&t.app).await.unwrap(), 1);
        assert!(sink.take().is_empty());
        assert!(!browser.is_signed_in(&t).await, "the session ends all the same");
    }
}
