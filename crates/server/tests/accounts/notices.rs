//! What owners are told by mail, what is recorded, and what they see of it: devices, places, activity, the copy.

use authflow_server::config::{Config, MailTransport};
use authflow_server::{mail, sessions};
use authflow_testkit::{Browser, TestApp, both_databases};
use serde_json::{Value, json};

use crate::provider::Provider;
use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, SESSION, csrf, run_jobs, sign_in};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn mailing(config: &mut Config) {
    config.mail.transport = MailTransport::Captured;
    config.http.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()];
    config.places.country_header = Some("x-country".to_owned());
    config.places.city_header = Some("x-city".to_owned());
}

/// A browser in Cologne, behind the proxy.
fn cologne(t: &TestApp) -> Browser {
    let mut browser = t.browser();
    for (name, value) in [
        ("user-agent", FIREFOX),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-country", "de"),
        ("x-city", "K%C3%B6ln"),
    ] {
        browser.headers.push((name.to_owned(), value.to_owned()));
    }
    browser
}

/// Mails about something, as text, newest first.
async fn mails(t: &TestApp, words: &str) -> Vec<String> {
    run_jobs(t).await;
    let all = mail::list_captured(&t.cx()).await.unwrap();
    let about = all.into_iter().filter(|mail| mail.subject.contains(words));
    about.map(|mail| mail.body_text).collect()
}

both_databases! {
    async fn sign_in_from_a_new_device_is_told_with_browser_and_place(t: TestApp, |c| { mailing(c); }) {
        t.user("alice").await;
        let mut first = t.browser();
        sign_in(&mut first, ALICE, PASSWORD).await;
        assert!(mails(&t, "New sign-in").await.is_empty(), "not of the first of all");
        first.cookies.remove(SESSION);
        sign_in(&mut first, ALICE, PASSWORD).await;
        assert!(mails(&t, "New sign-in").await.is_empty(), "not of a browser that is known");
        let page = sign_in(&mut cologne(&t), ALICE, PASSWORD).await;
        assert_eq!(page.path, "/account");
        let told = mails(&t, "New sign-in").await;
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("Firefox") && told[0].contains("Köln, DE") && told[0].contains("https://id.example/account"), "{}", told[0]);
    }

    async fn notice_of_new_devices_is_a_setting(t: TestApp, |c| { mailing(c); }) {
        let mut t = t;
        t.set(|settings| settings.new_device_notice = false).await;
        t.user("alice").await;
        sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        assert!(mails(&t, "New sign-in").await.is_empty());
    }

    async fn sessions_and_activity_show_browser_and_place(t: TestApp, |c| { mailing(c); }) {
        t.user("alice").await;
        let mut browser = cologne(&t);
        sign_in(&mut browser, ALICE, PASSWORD).await;
        for path in ["/account/devices", "/account/activity"] {
            let page = browser.open(path).await;
            let words = page.words();
            assert!(words.contains("Firefox") && words.contains("Köln, DE") && words.contains("203.0.113.9"), "{path}: {words}");
        }
        assert_eq!(t.events("user.login").await[0]["country"], json!("DE"));
    }

    async fn place_that_a_stranger_claims_is_not_believed(t: TestApp, |c| { mailing(c); }) {
        t.user("alice").await;
        let mut browser = cologne(&t);
        browser.ip = "198.51.100.7".parse().unwrap();
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let words = browser.open("/account/devices").await.words();
        assert!(words.contains("198.51.100.7") && !words.contains("Köln"), "{words}");
        assert_eq!(t.events("user.login").await[0]["country"], Value::Null);
    }

    async fn second_factors_are_told_and_recorded(t: TestApp, |c| { mailing(c); }) {
        let (alice, _, _) = with_app(&t).await;
        assert!(mails(&t, "was added").await[0].contains("Authenticator app"));
        let enabled = t.events("mfa.enabled").await;
        assert_eq!((enabled.len(), &enabled[0]["method"]), (1, &json!("totp")));
        let codes = authflow_server::factors::renew_recovery_codes;
        let mut cx = t.cx();
        let user = authflow_server::identities::get_user(&cx, alice.id).await.unwrap();
        codes(&mut cx, &user, authflow_server::pages::Locale::En).await.unwrap();
        let app = authflow_server::factors::list_totp(&mut cx, alice.id).await.unwrap()[0].id;
        let locale = authflow_server::pages::Locale::En;
        assert!(authflow_server::factors::remove_totp(&mut cx, &user, (app, locale)).await.unwrap());
        cx.commit().await.unwrap();
        assert!(mails(&t, "was added").await.iter().any(|text| text.contains("Recovery codes")));
        assert!(mails(&t, "was removed").await[0].contains("Authenticator app"));
        assert_eq!(t.events("mfa.recovery_codes_renewed").await.len(), 1);
        let disabled = t.events("mfa.disabled").await;
        assert_eq!((&disabled[0]["method"], &disabled[0]["last"]), (&json!("totp"), &json!(true)));
    }

    async fn failures_are_recorded_with_method_and_class_of_reason(t: TestApp, |c| { mailing(c); }) {
        let alice = t.user("alice").await;
        sign_in(&mut t.browser(), ALICE, "some wrong password").await;
        t.clock.advance(std::time::Duration::from_secs(1));
        sign_in(&mut t.browser(), "nobody@example.com", "some wrong password").await;
        t.clock.advance(std::time::Duration::from_secs(1));
        let mut cx = t.cx();
        let user = authflow_server::identities::get_user(&cx, alice.id).await.unwrap();
        authflow_server::identities::set_status(&mut cx, &user, authflow_server::identities::UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        let reasons: Vec<(Value, Value)> = t.events("user.login_failed").await.into_iter()
            .map(|event| (event["method"].clone(), event["reason"].clone()))
            .collect();
        let of = |reason: &str| (json!("password"), json!(reason));
        assert_eq!(reasons, [of("wrong_credentials"), of("wrong_credentials"), of("user_disabled")]);
    }

    async fn login_is_recorded_with_method_factor_session_and_device(t: TestApp, |c| { mailing(c); }) {
        t.user("alice").await;
        let mut browser = cologne(&t);
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let login = t.events("user.login").await.remove(0);
        assert_eq!((&login["method"], &login["mfa"]), (&json!("password"), &json!(false)));
        assert!(login["session_id"].as_str().unwrap().starts_with("ses_"), "{login}");
        assert!(login["device"].as_str().unwrap().contains("Firefox"), "{login}");
        assert_eq!(t.events("session.created").await.len(), 1);
        let page = browser.open("/account").await;
        let csrf = csrf(&page);
        browser.post("/sign-out", &[("csrf", &csrf)]).await;
        assert_eq!(t.events("user.logout").await.len(), 1);
    }

    async fn session_that_nobody_ended_expires_and_is_recorded_once(t: TestApp, |c| { mailing(c); }) {
        let alice = t.user("alice").await;
        sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        let session = sessions::list(&t.cx(), alice.id).await.unwrap().remove(0);
        t.clock.advance(session.idle_expires_at.since(t.now()) - std::time::Duration::from_micros(1));
        assert_eq!(sessions::expire_due(&t.app).await.unwrap(), 0);
        t.clock.advance(std::time::Duration::from_micros(1));
        assert_eq!(sessions::expire_due(&t.app).await.unwrap(), 1);
        assert_eq!(sessions::expire_due(&t.app).await.unwrap(), 0);
        assert_eq!(t.events("session.expired").await, [json!({ "user_id": alice.id })]);
    }

    async fn copy_holds_everything_and_no_secret(t: TestApp, |c| { mailing(c); }) {
        let (alice, _, codes) = with_app(&t).await;
        let mut browser = cologne(&t);
        browser.cookies = t.signed_in(&t.user("bob").await).await.cookies;
        let copy = browser.get("/account/data/export").await.json();
        for part in ["identifiers", "credentials", "passkeys", "second_factors", "connected_providers", "sessions", "consents", "events", "profile"] {
            assert!(copy.get(part).is_some(), "{part}");
        }
        assert_eq!(copy["identifiers"][0]["value"], json!("bob@example.com"));
        assert!(!copy.to_string().contains(&alice.id.to_string()), "nothing of anybody else");
        assert!(!copy.to_string().contains(&codes[0]) && !copy.to_string().contains("argon2"));
        assert_eq!(copy["second_factors"]["recovery_codes_left"], json!(0));
    }

    async fn no_code_is_promised_where_no_mail_is_sent(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.is(json!({ "sub": "ada-1", "name": "Ada", "email": "ada@example.com", "email_verified": true }));
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        let answer = browser.submit(&page, "/sign-in/connections/acme", &[]).await;
        let choice = browser.open(&provider.callback(&answer.location().unwrap())).await;
        assert!(choice.path.starts_with("/sign-in/connect"), "{} {}", choice.path, choice.words());
        assert!(!choice.words().contains("send a code"), "{}", choice.words());
        let fields = [("step", "create"), ("name", "Ada"), ("email", "ada@example.com")];
        let refused = browser.submit(&choice, "/sign-in/connect", &fields).await;
        assert_eq!(refused.status, http::StatusCode::FORBIDDEN);
    }
}
