//! What is made of a provider's answer: forged, replayed, mixed up, posted, or none at all.

use std::time::Duration;

use authflow_server::identities;
use authflow_testkit::{BASE, TestApp, both_databases};
use http::{Method, StatusCode};
use serde_json::json;

use super::{ADA, ada, press, refused, through, trusting};
use crate::provider::{Forged, Provider, with_query};
use crate::{is_signed_in, place};

both_databases! {
    async fn a_forged_or_foreign_id_token_signs_nobody_in(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        for (forged, code) in [
            (Forged::OtherKey, "id_token_signature"),
            (Forged::Unsigned, "id_token_signature"),
            (Forged::Hmac, "id_token_signature"),
            (Forged::AccessToken, "id_token_type"),
            (Forged::Missing, "id_token_missing"),
        ] {
            provider.forges(forged);
            refused(&t, &provider, code).await;
        }
        provider.forges(Forged::No);
        let now = t.now().as_secs();
        let wrong: Vec<(&str, serde_json::Value, &str)> = vec![
            ("iss", json!("https://op.example"), "id_token_issuer"),
            ("aud", json!("another-client"), "id_token_audience"),
            ("aud", json!(["another-client", "authflow-at-the-provider"]), "id_token_audience"),
            ("azp", json!("another-client"), "id_token_audience"),
            ("nonce", json!("another nonce"), "id_token_nonce"),
            ("nonce", json!(null), "id_token_nonce"),
            ("exp", json!(now - 60), "id_token_times"),
            ("iat", json!(now + 61), "id_token_times"),
            ("at_hash", json!("AAAA"), "id_token_at_hash"),
            ("sub", json!(""), "id_token_claims"),
        ];
        for (name, value, code) in wrong {
            provider.alters(move |claims| claims[name] = value.clone());
            refused(&t, &provider, code).await;
        }
    }

    async fn an_answer_counts_once_in_its_own_browser_at_its_own_connection_for_ten_minutes(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.connect(&t, "other", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        let url = press(&mut browser, "acme").await;
        let callback = provider.callback(&url);
        // Another browser, with a sign-in of its own or without: nothing is used up.
        let mut stranger = t.browser();
        assert_eq!(stranger.open(&callback).await.status, StatusCode::BAD_REQUEST);
        press(&mut stranger, "acme").await;
        assert_eq!(stranger.open(&callback).await.status, StatusCode::BAD_REQUEST);
        assert!(!is_signed_in(&mut stranger).await);
        // The callback of another connection (mix-up).
        let mixed = callback.replace("/callback/acme", "/callback/other");
        assert_eq!(browser.open(&mixed).await.status, StatusCode::BAD_REQUEST);
        // Another issuer's answer, and one that hides its issuer although it always names it.
        for iss in ["https://op.example", ""] {
            let url = press(&mut browser, "acme").await;
            let mut pairs = provider.answers(&url);
            pairs.retain(|(name, _)| name != "iss");
            if !iss.is_empty() {
                pairs.push(("iss".to_owned(), iss.to_owned()));
            }
            let page = browser.open(&with_query("/sign-in/callback/acme", &pairs)).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST);
            assert!(page.body.contains("issuer_mismatch"), "{}", page.words());
        }
        assert!(!is_signed_in(&mut browser).await);
        let page = browser.open(&callback).await;
        assert_eq!(place(&page), "/account", "the right one still counts");
        let replay = browser.open(&callback).await;
        assert_eq!(replay.status, StatusCode::BAD_REQUEST);
        assert!(replay.body.contains("answer_used") || replay.body.contains("sign_in"), "{}", replay.words());
        for (wait, is_in_time) in [(Duration::from_mins(10) - Duration::from_micros(1), true), (Duration::from_mins(10), false)] {
            let mut browser = t.browser();
            let callback = provider.callback(&press(&mut browser, "acme").await);
            t.clock.advance(wait);
            browser.open(&callback).await;
            assert_eq!(is_signed_in(&mut browser).await, is_in_time);
        }
    }

    async fn a_stolen_code_is_worth_nothing_in_another_request(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let victims = provider.answers(&press(&mut t.browser(), "acme").await);
        let mut attacker = t.browser();
        let mut own = provider.answers(&press(&mut attacker, "acme").await);
        own.retain(|(name, _)| name != "code");
        own.push(victims.into_iter().find(|(name, _)| name == "code").unwrap());
        let page = attacker.open(&with_query("/sign-in/callback/acme", &own)).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY);
        assert!(page.body.contains("code_refused") && !is_signed_in(&mut attacker).await);
    }

    async fn malformed_answers_and_refusals_are_pages(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        for query in ["", "code=c", "code=c&state=x", "state=%00", "code=c&state=a&state=b", "code=c&state=af_us_x"] {
            let page = t.browser().open(&format!("/sign-in/callback/acme?{query}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        }
        assert_eq!(t.browser().open("/sign-in/callback/none?code=c&state=x").await.status, StatusCode::NOT_FOUND);
        let mut browser = t.browser();
        let url = press(&mut browser, "acme").await;
        let mut pairs = provider.answers(&url);
        pairs.retain(|(name, _)| name != "code");
        pairs.push(("error".to_owned(), "access_denied".to_owned()));
        pairs.push(("error_description".to_owned(), "<script>alert(1)</script>".to_owned()));
        let page = browser.open(&with_query("/sign-in/callback/acme", &pairs)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(!page.body.contains("<script>alert") && page.body.contains("/sign-in?sign_in="));
    }

    async fn a_provider_that_is_down_is_a_page_and_comes_back(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        let callback = provider.callback(&press(&mut browser, "acme").await);
        provider.goes_down(true);
        let page = browser.open(&callback).await;
        assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
        // What discovery said stays good for a day, and longer if it cannot be asked.
        t.clock.advance(Duration::from_hours(25));
        let mut browser = t.browser();
        let callback = provider.callback(&press(&mut browser, "acme").await);
        provider.goes_down(false);
        assert_eq!(place(&browser.open(&callback).await), "/account");
    }

    async fn keys_are_fetched_again_for_an_unknown_key_and_not_more_often_than_that(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        through(&mut t.browser(), &provider, "acme").await;
        assert_eq!(provider.jwks_fetches(), 1);
        provider.rotates();
        for _ in 0..3 {
            refused(&t, &provider, "id_token_signature").await;
        }
        assert_eq!(provider.jwks_fetches(), 1, "not within half a minute");
        t.clock.advance(Duration::from_secs(31));
        let mut browser = t.browser();
        assert_eq!(place(&through(&mut browser, &provider, "acme").await), "/account");
        assert_eq!(provider.jwks_fetches(), 2);
    }

    async fn an_answer_posted_by_another_site_without_cookies_is_taken_by_the_browser_that_asked(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |settings| {
            settings.trust_email = true;
            settings.form_post = true;
            settings.mapping = [("given_name", "name.firstName"), ("name", "{name.firstName} {name.lastName}")]
                .map(|(claim, path)| (claim.to_owned(), path.to_owned()))
                .into();
        }).await;
        provider.is(json!({ "sub": "001", "email": ADA, "email_verified": "true" }));
        let mut browser = t.browser();
        let url = press(&mut browser, "acme").await;
        assert!(url.query().unwrap().contains("response_mode=form_post"));
        let mut pairs = provider.answers(&url);
        let user = json!({ "name": { "firstName": "Ada", "lastName": "Byron" }, "email": "victim@example.com" });
        pairs.push(("user".to_owned(), user.to_string()));
        let body = with_query("", &pairs)[1..].to_owned();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://appleid.apple.com"),
            ("sec-fetch-site", "cross-site"),
        ];
        let mut without = t.browser();
        let posted = without.send(Method::POST, "/sign-in/callback/acme", &headers, body).await;
        assert_eq!(posted.status, StatusCode::SEE_OTHER);
        let next = posted.location().unwrap();
        assert!(!next.as_str().contains("code"), "{next}");
        assert_eq!(without.open(next.as_str()).await.status, StatusCode::BAD_REQUEST, "another browser");
        let page = browser.open(next.as_str().strip_prefix(BASE).unwrap()).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        let user = identities::find_by_identifier(&t.cx(), ADA).await.unwrap().unwrap();
        assert_eq!(user.profile.name.as_deref(), Some("Ada Byron"));
        assert!(identities::find_by_identifier(&t.cx(), "victim@example.com").await.unwrap().is_none());
    }
}
