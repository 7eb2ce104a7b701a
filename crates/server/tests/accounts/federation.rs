//! Signing in at another provider: what makes an account, what links one, and what is refused.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::connections::{self, Connection, ConnectionSettings};
use authflow_server::identities::{self, IdentifierValue, NewPassword, NewUser, Profile, UserStatus};
use authflow_server::passwords::Password;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{Answer, BASE, Browser, CHALLENGE, TestApp, both_databases};
use authflow_types::UserId;
use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use crate::provider::{Forged, Provider, with_query};
use crate::{ALICE, PASSWORD, is_signed_in, place, prove, run_jobs};

/// A connection whose provider's verified addresses count.
fn trusting(settings: &mut ConnectionSettings) {
    settings.trust_email = true;
}

/// Presses the button of a connection; gives the address that the provider is asked at.
async fn press(browser: &mut Browser, slug: &str) -> Url {
    let page = browser.open("/sign-in").await;
    press_on(browser, &page, slug).await
}

async fn press_on(browser: &mut Browser, page: &Answer, slug: &str) -> Url {
    let answer = browser
        .submit(page, &format!("/sign-in/connections/{slug}"), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    answer.location().unwrap()
}

/// Signs in at the provider and comes back; follows.
async fn through(browser: &mut Browser, provider: &Provider, slug: &str) -> Answer {
    let url = press(browser, slug).await;
    browser.open(&provider.callback(&url)).await
}

async fn user_of(t: &TestApp, email: &str) -> UserId {
    identities::find_by_identifier(&t.cx(), email)
        .await
        .unwrap()
        .unwrap()
        .id
}

async fn links_of(t: &TestApp, user: UserId) -> usize {
    connections::identities_of(&t.cx(), user).await.unwrap().len()
}

/// An account whose address nobody has proven.
async fn unproven(t: &TestApp, email: &str) -> UserId {
    let new = NewUser {
        profile: Profile::named("Mallory"),
        identifiers: vec![IdentifierValue::email(email).unwrap()],
        password: Some(NewPassword::Plain(Password::from(PASSWORD))),
        ..NewUser::default()
    };
    let mut cx = t.cx();
    let user = identities::create_user(&mut cx, new).await.unwrap();
    cx.commit().await.unwrap();
    user.id
}

/// The code in the latest mail to `email`.
async fn mailed_code(t: &TestApp, email: &str) -> String {
    run_jobs(t).await;
    let mails = authflow_server::mail::list_captured(&t.cx()).await.unwrap();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let code = |text: &str| text.split_whitespace().find(is_code).map(str::to_owned);
    let mut own = mails.iter().filter(|mail| mail.recipient == email);
    own.find_map(|mail| code(&mail.body_text)).unwrap()
}

async fn session_amr(browser: &mut Browser, t: &TestApp) -> Vec<String> {
    let user = user_of(t, "ada@example.com").await;
    let sessions = authflow_server::sessions::list(&t.cx(), user).await.unwrap();
    assert!(is_signed_in(browser).await);
    sessions.last().unwrap().amr.clone()
}

const ADA: &str = "ada@example.com";

fn ada() -> serde_json::Value {
    json!({ "sub": "ada-1", "name": "Ada Lovelace", "given_name": "Ada", "email": ADA, "email_verified": true,
        "picture": "https://img.example/ada.png", "website": "javascript:alert(1)", "amr": ["pwd", "otp", "mfa"] })
}

both_databases! {
    async fn a_stranger_gets_an_account_by_a_trusted_provider_and_comes_back_to_it(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        let asked = press(&mut browser, "acme").await;
        assert!(asked.as_str().starts_with(&format!("{}/authorize?", provider.origin())));
        let query = asked.query().unwrap();
        for part in ["code_challenge_method=S256", "scope=openid+profile+email", "nonce=", "state=af_us_"] {
            assert!(query.contains(part), "{part} in {query}");
        }
        let page = browser.open(&provider.callback(&asked)).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        let (form, header) = provider.last_exchange();
        assert!(form.contains_key("code_verifier") && !form.contains_key("client_secret"));
        assert!(header.unwrap().starts_with("Basic "));
        let user = identities::find_by_identifier(&t.cx(), ADA).await.unwrap().unwrap();
        assert_eq!(user.email(), Some((ADA, true)));
        assert_eq!(user.profile.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(user.profile.picture.as_deref(), Some("https://img.example/ada.png"));
        assert_eq!(user.profile.website, None, "a claim that breaks our rules is left out");
        assert_eq!(session_amr(&mut browser, &t).await, ["fed"]);
        // Another browser, another address there: the same person by their subject.
        provider.is(json!({ "sub": "ada-1", "email": "other@example.com", "email_verified": true }));
        let mut second = t.browser();
        assert_eq!(place(&through(&mut second, &provider, "acme").await), "/account");
        assert!(identities::find_by_identifier(&t.cx(), "other@example.com").await.unwrap().is_none());
        assert_eq!(links_of(&t, user.id).await, 1);
    }

    async fn the_providers_second_factor_counts_only_where_it_is_trusted(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        let provider = Provider::start(&t).await;
        provider.is(ada());
        provider.connect(&t, "plain", trusting).await;
        provider.connect(&t, "strong", |settings| {
            settings.trust_email = true;
            settings.trust_amr = true;
        }).await;
        let page = through(&mut t.browser(), &provider, "plain").await;
        assert_ne!(place(&page), "/account", "the tenant's rule asks for more");
        let mut browser = t.browser();
        assert_eq!(place(&through(&mut browser, &provider, "strong").await), "/account");
        assert_eq!(session_amr(&mut browser, &t).await, ["fed", "pwd", "otp", "mfa"]);
    }

    async fn an_account_is_linked_only_where_both_sides_have_verified_the_address(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "trusted", trusting).await;
        provider.connect(&t, "untrusted", |_| {}).await;
        let alice = t.user("alice").await;
        let who = |verified: serde_json::Value| json!({ "sub": "x", "name": "X", "email": ALICE, "email_verified": verified });
        for (slug, verified) in [
            ("trusted", json!(false)),
            ("trusted", json!(null)),
            ("trusted", json!("yes")),
            ("untrusted", json!(true)),
        ] {
            provider.is(who(verified.clone()));
            let mut browser = t.browser();
            let page = through(&mut browser, &provider, slug).await;
            assert_eq!(place(&page), "/sign-in/connect", "{slug} {verified}");
            assert!(!is_signed_in(&mut browser).await);
            assert_eq!(links_of(&t, alice.id).await, 0);
        }
        provider.is(who(json!(true)));
        let mut browser = t.browser();
        assert_eq!(place(&through(&mut browser, &provider, "trusted").await), "/account");
        assert_eq!(links_of(&t, alice.id).await, 1);
    }

    async fn an_account_prepared_with_an_unproven_address_is_not_handed_the_owners_identity(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let mallory = unproven(&t, ADA).await;
        provider.is(ada());
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        assert_eq!(place(&page), "/sign-in/connect");
        assert!(page.words().contains("You already have an account"), "{}", page.words());
        assert!(!is_signed_in(&mut browser).await);
        assert_eq!(links_of(&t, mallory).await, 0);
    }

    async fn an_untrusted_address_is_proven_by_a_code_before_there_is_an_account(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.is(ada());
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let page = browser.submit(&page, "/sign-in/connect", &[("step", "create")]).await;
        assert!(page.words().contains(ADA), "{}", page.words());
        assert!(identities::find_by_identifier(&t.cx(), ADA).await.unwrap().is_none());
        let code = mailed_code(&t, ADA).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let again = browser.submit(&page, "/sign-in/connect", &[("code", wrong)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = browser.submit(&again, "/sign-in/connect", &[("code", &code)]).await;
        assert_eq!(place(&done), "/account", "{}", done.words());
        let user = user_of(&t, ADA).await;
        assert_eq!(links_of(&t, user).await, 1);
    }

    async fn a_code_for_ones_own_mailbox_does_not_open_an_account_for_another_address(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.is(json!({ "sub": "m", "name": "Mallory", "email": "mallory@example.com" }));
        let mut browser = t.browser();
        let choice = through(&mut browser, &provider, "acme").await;
        let page = browser.submit(&choice, "/sign-in/connect", &[("step", "create")]).await;
        let code = mailed_code(&t, "mallory@example.com").await;
        // The address is changed after the code was mailed; the new code goes to somebody else.
        let changed = [("step", "create"), ("email", "victim@example.com")];
        browser.submit(&choice, "/sign-in/connect", &changed).await;
        let done = browser.submit(&page, "/sign-in/connect", &[("code", &code)]).await;
        assert_eq!(done.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(identities::find_by_identifier(&t.cx(), "victim@example.com").await.unwrap().is_none());
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn who_proves_both_in_one_sign_in_has_them_linked_and_nobody_else(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let alice = t.user("alice").await;
        provider.is(json!({ "sub": "alice-there", "email": "alice@elsewhere.example" }));
        // Without choosing to connect, signing in links nothing.
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let sign_in = page.field("sign_in").unwrap();
        let form = browser.open(&format!("/sign-in?sign_in={sign_in}")).await;
        prove(&mut browser, &form, ALICE, PASSWORD).await;
        assert!(is_signed_in(&mut browser).await);
        assert_eq!(links_of(&t, alice.id).await, 0);
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let form = browser.submit(&page, "/sign-in/connect", &[("step", "sign_in")]).await;
        let wrong = prove(&mut browser, &form, ALICE, "wrong horse battery").await;
        assert_eq!((wrong.status, links_of(&t, alice.id).await), (StatusCode::UNPROCESSABLE_ENTITY, 0));
        let done = prove(&mut browser, &wrong, ALICE, PASSWORD).await;
        assert_eq!(place(&done), "/account");
        assert_eq!(links_of(&t, alice.id).await, 1);
        let mut later = t.browser();
        assert_eq!(place(&through(&mut later, &provider, "acme").await), "/account");
    }

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

    async fn disabled_users_and_disabled_connections_are_refused(t: TestApp) {
        let provider = Provider::start(&t).await;
        let connection = provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        let user = identities::find_by_identifier(&t.cx(), ADA).await.unwrap().unwrap();
        let mut cx = t.cx();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let mut browser = t.browser();
        assert_eq!(through(&mut browser, &provider, "acme").await.status, StatusCode::FORBIDDEN);
        assert!(!is_signed_in(&mut browser).await);
        let callback = provider.callback(&press(&mut browser, "acme").await);
        let mut cx = t.cx();
        connections::set_enabled(&mut cx, &connection, false).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(browser.open(&callback).await.status, StatusCode::NOT_FOUND);
        assert!(!browser.open("/sign-in").await.body.contains("/sign-in/connections/"));
    }

    async fn closed_sign_up_makes_no_account_and_still_lets_linked_people_in(t: TestApp) {
        let mut t = t;
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        t.set(|settings| settings.sign_up = false).await;
        assert_eq!(place(&through(&mut t.browser(), &provider, "acme").await), "/account");
        provider.is(json!({ "sub": "new", "name": "New", "email": "new@example.com", "email_verified": true }));
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        assert_eq!(place(&page), "/sign-in/connect");
        let forced = [("step", "create"), ("name", "New"), ("email", "new@example.com")];
        let refused = browser.submit(&page, "/sign-in/connect", &forced).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(identities::find_by_identifier(&t.cx(), "new@example.com").await.unwrap().is_none());
    }

    async fn a_start_counts_only_from_our_own_page(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        let sign_in = page.field("sign_in").unwrap();
        // A link: leads to the page and no further.
        let linked = browser.get(&format!("/sign-in/connections/acme?sign_in={sign_in}")).await;
        assert_eq!(linked.location().unwrap().path(), "/sign-in");
        // A form of another site, without the token.
        let forged = browser.post("/sign-in/connections/acme", &[("sign_in", &sign_in)]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let mut stranger = t.browser();
        let form = page.form("/sign-in/connections/acme");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_ne!(stranger.post("/sign-in/connections/acme", &fields).await.status, StatusCode::SEE_OTHER);
    }

    async fn an_address_leads_to_its_domains_provider_whether_or_not_anybody_has_it(t: TestApp) {
        let provider = Provider::start(&t).await;
        let hidden = |settings: &mut ConnectionSettings| {
            settings.button = false;
            settings.domains = vec!["Example.com".to_owned()];
            settings.organization = Some("acme-corp".to_owned());
        };
        provider.connect(&t, "acme", hidden).await;
        t.user("alice").await;
        for typed in [ALICE, "nobody@EXAMPLE.com"] {
            let mut browser = t.browser();
            let page = browser.open("/sign-in").await;
            assert!(!page.body.contains("/sign-in/connections/"), "no button");
            let answer = prove(&mut browser, &page, typed, "").await;
            let url = answer.location().unwrap();
            assert_eq!(url.origin().ascii_serialization(), provider.origin());
            assert!(url.query_pairs().any(|(name, value)| name == "login_hint" && value == typed));
        }
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        let elsewhere = prove(&mut browser, &page, "bob@sub.example.com", PASSWORD).await;
        assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
        let client = t.client().create().await;
        for (name, value) in [
            ("connection", "acme"),
            ("organization", "acme-corp"),
            ("domain_hint", "example.com"),
            ("login_hint", "someone@example.com"),
        ] {
            let answer = t.browser().authorize(&t.authorization(&client).with(name, value)).await;
            let url = answer.location().unwrap_or_else(|| panic!("{name}: {}", answer.words()));
            assert_eq!(url.origin().ascii_serialization(), provider.origin(), "{name}");
        }
        for (name, value) in [("connection", "none"), ("organization", "x"), ("domain_hint", "%%")] {
            let answer = t.browser().authorize(&t.authorization(&client).with(name, value)).await;
            assert_eq!(place(&answer), "/sign-in", "{name}");
        }
        let direct = [
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("username", ALICE),
            ("password", PASSWORD),
        ];
        let refused = t.post_as(&client, "/oauth2/challenge", &direct).await;
        assert_eq!(refused.error(), "redirect_to_web", "{}", refused.body);
        let again = t.authorization(&client).with("connection", "acme").with("prompt", "login");
        let url = t.browser().authorize(&again).await.location().unwrap();
        assert!(url.query().unwrap().contains("prompt=login"), "a fresh proof is asked for there too");
    }

    async fn the_owner_links_and_unlinks_with_a_fresh_factor_and_keeps_a_way_in(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let alice = t.user("alice").await;
        provider.is(json!({ "sub": "alice-there", "email": "alice@elsewhere.example" }));
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let answer = browser.submit(&page, "/account/connections/link", &[("connection", "acme")]).await;
        let callback = provider.callback(&answer.location().unwrap());
        assert_eq!(t.browser().open(&callback).await.status, StatusCode::OK, "nobody there: the sign-in page");
        let page = browser.open(&callback).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        assert!(page.words().contains("alice@elsewhere.example"));
        assert_eq!(links_of(&t, alice.id).await, 1);
        // Somebody else's account cannot take it.
        let bob = t.user("bob").await;
        let mut other = t.signed_in(&bob).await;
        let theirs = other.open("/account").await;
        let answer = other.submit(&theirs, "/account/connections/link", &[("connection", "acme")]).await;
        let taken = other.open(&provider.callback(&answer.location().unwrap())).await;
        assert_eq!((taken.status, links_of(&t, bob.id).await), (StatusCode::CONFLICT, 0));
        // Nor can they unlink it.
        let id = connections::identities_of(&t.cx(), alice.id).await.unwrap()[0].id.to_string();
        let csrf = theirs.field("csrf").unwrap();
        other.post("/account/connections/unlink", &[("csrf", &csrf), ("identity", &id)]).await;
        assert_eq!(links_of(&t, alice.id).await, 1);
        // A browser left open gives a factor first.
        t.clock.advance(Duration::from_mins(11));
        let page = browser.open("/account").await;
        let fields = [("identity", id.as_str())];
        let stale = browser.submit(&page, "/account/connections/unlink", &fields).await;
        assert_eq!(place(&stale), "/sign-in");
        assert_eq!(links_of(&t, alice.id).await, 1);
        let back = prove(&mut browser, &stale, ALICE, PASSWORD).await;
        assert_eq!(place(&back), "/account", "{}", back.words());
        browser.submit(&back, "/account/connections/unlink", &fields).await;
        assert_eq!(links_of(&t, alice.id).await, 0);
    }

    async fn who_proves_the_address_of_a_prepared_account_ends_the_links_of_before(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let prepared = unproven(&t, ADA).await;
        provider.is(json!({ "sub": "mallory", "email": "mallory@example.com" }));
        let mut mallory = t.browser();
        let page = mallory.open("/sign-in").await;
        prove(&mut mallory, &page, ADA, PASSWORD).await;
        let page = mallory.open("/account").await;
        let answer = mallory.submit(&page, "/account/connections/link", &[("connection", "acme")]).await;
        mallory.open(&provider.callback(&answer.location().unwrap())).await;
        assert_eq!(links_of(&t, prepared).await, 1);
        let mut owner = t.browser();
        let page = owner.open("/sign-in").await;
        let sign_in = page.field("sign_in").unwrap();
        let csrf = page.field("csrf").unwrap();
        let form = [("sign_in", sign_in.as_str()), ("csrf", &csrf), ("method", "email_code"), ("identifier", ADA)];
        let sent = owner.post("/sign-in/challenge", &form).await;
        let page = owner.follow(sent).await;
        let code = mailed_code(&t, ADA).await;
        owner.submit(&page, "/sign-in/code", &[("code", &code)]).await;
        assert!(is_signed_in(&mut owner).await && !is_signed_in(&mut mallory).await);
        assert_eq!(links_of(&t, prepared).await, 0);
    }

    async fn the_last_way_in_is_not_unlinked(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        through(&mut browser, &provider, "acme").await;
        let user = user_of(&t, ADA).await;
        let id = connections::identities_of(&t.cx(), user).await.unwrap()[0].id.to_string();
        let page = browser.open("/account").await;
        let kept = browser.submit(&page, "/account/connections/unlink", &[("identity", &id)]).await;
        assert_eq!((kept.status, links_of(&t, user).await), (StatusCode::CONFLICT, 1));
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

    async fn a_provider_without_id_tokens_tells_by_its_own_addresses(t: TestApp) {
        use authflow_proto::upstream::Preset;
        let provider = Provider::start(&t).await;
        provider.names_issuer(false);
        provider.connect_oauth2(&t, Preset::Github).await;
        provider.is(json!({ "id": 583_231, "login": "octocat", "name": "Octo Cat", "email": ALICE }));
        t.user("alice").await;
        provider.has_emails(json!([{ "email": "octo@example.com", "primary": true, "verified": true }]));
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "github").await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        let (form, header) = provider.last_exchange();
        assert_eq!((form["client_secret"].as_str(), header), (crate::provider::SECRET, None));
        let user = identities::find_by_identifier(&t.cx(), "octo@example.com").await.unwrap().unwrap();
        assert_eq!(user.profile.nickname.as_deref(), Some("octocat"));
    }

    async fn nothing_of_a_connection_is_anothers_tenants(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let other = t.tenant("other").await;
        provider.is(ada());
        let mut browser = t.browser();
        let callback = provider.callback(&press(&mut browser, "acme").await);
        let path = callback.strip_prefix(BASE).unwrap();
        let mut there = other.browser();
        there.cookies.clone_from(&browser.cookies);
        assert_eq!(there.open(&format!("/t/other{path}")).await.status, StatusCode::NOT_FOUND);
        assert!(connections::find(&other.cx(), "acme").await.unwrap().is_none());
        assert_eq!(place(&browser.open(&callback).await), "/account");
    }

    async fn signing_in_and_linking_leave_events(t: TestApp) {
        let provider = Provider::start(&t).await;
        let connection: Connection = provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        let kinds = event_kinds(&t).await;
        for kind in ["connection.created", "user.created", "user.identity_linked", "user.login"] {
            assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
        }
        assert_eq!(connection.method(), "connection:acme");
    }
}

async fn event_kinds(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
    let rows = authflow_db::q!(
        tx,
        fetch_all<(String,)>,
        "SELECT type FROM events WHERE tenant_id = $1 ORDER BY id",
        t.tenant.id
    );
    rows.unwrap().into_iter().map(|(kind,)| kind).collect()
}

/// A sign-in that ends on the page that names `code`, with nobody signed in.
async fn refused(t: &TestApp, provider: &Provider, code: &str) {
    let mut browser = t.browser();
    let page = through(&mut browser, provider, "acme").await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{code}: {}", page.words());
    assert!(page.body.contains(code), "{code}: {}", page.words());
    assert!(!is_signed_in(&mut browser).await, "{code}");
}
