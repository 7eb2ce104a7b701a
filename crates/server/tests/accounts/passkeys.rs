//! Passkeys end to end through the pages, with a software authenticator: what is accepted, and each thing that is not.

use authflow_server::identities;
use authflow_server::tenants::TenantSettings;
use authflow_testkit::{Answer, Authenticator, BASE, Browser, TestApp, User, both_databases};
use http::StatusCode;
use serde_json::Value;

use crate::{is_signed_in, place};

/// Where passkeys are listed, and where their form is posted.
const PAGE: &str = "/account/security";
const ADD: &str = "/account/passkeys";

/// Asks for options as the page's script does.
async fn options_of(browser: &mut Browser, page: &Answer, path: &str) -> Answer {
    let form = page.forms().into_iter().find(|form| {
        form.fields
            .iter()
            .any(|(name, _)| name == "response" || name == "code")
    });
    let form = form.unwrap_or_else(|| panic!("no passkey form in {} {}", page.path, page.body));
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.post(path, &fields).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Adds a passkey on the account page.
pub(crate) async fn add(browser: &mut Browser, device: &mut Authenticator) -> Answer {
    let page = browser.open(PAGE).await;
    assert!(place(&page).ends_with(PAGE), "{}", page.body);
    let options = json(&options_of(browser, &page, "/account/passkeys/options").await);
    let response = device.create(&options).to_string();
    browser.submit(&page, ADD, &[("response", &response)]).await
}

/// The sign-in page and options for it.
async fn begin(browser: &mut Browser) -> (Answer, Value) {
    let page = browser.open("/sign-in").await;
    let options = options_of(browser, &page, "/sign-in/passkey/options").await;
    (page, json(&options))
}

/// Gives an assertion to the sign-in page, as its script does.
async fn give(browser: &mut Browser, page: &Answer, response: &Value) -> Answer {
    let (csrf, sign_in) = (page.field("csrf").unwrap(), page.field("sign_in").unwrap());
    let response = response.to_string();
    let fields = [
        ("csrf", csrf.as_str()),
        ("sign_in", &sign_in),
        ("method", "passkey"),
        ("response", &response),
    ];
    let answer = browser.post("/sign-in", &fields).await;
    browser.follow(answer).await
}

pub(crate) async fn sign_in(t: &TestApp, device: &mut Authenticator) -> (Browser, Answer) {
    let mut browser = t.browser();
    let (page, options) = begin(&mut browser).await;
    let response = device.get(&options);
    let after = give(&mut browser, &page, &response).await;
    (browser, after)
}

/// A user with a passkey.
pub(crate) async fn with_passkey(t: &TestApp, name: &str) -> (User, Authenticator) {
    let user = t.user(name).await;
    let mut device = Authenticator::new();
    let page = add(&mut t.signed_in(&user).await, &mut device).await;
    assert!(
        page.path.contains("notice=passkey_added"),
        "{} {}",
        page.path,
        page.body
    );
    (user, device)
}

async fn refused(t: &TestApp, device: &mut Authenticator) {
    let (mut browser, after) = sign_in(t, device).await;
    assert_eq!(after.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", after.body);
    assert!(
        after.words().contains("That passkey wasn’t accepted"),
        "{}",
        after.words()
    );
    assert!(!is_signed_in(&mut browser).await);
}

both_databases! {
    async fn a_passkey_signs_in_without_an_identifier(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        let (mut browser, after) = sign_in(&t, &mut device).await;
        assert_eq!(after.path, "/account", "{}", after.body);
        assert!(after.words().contains("alice Doe"));
        let page = browser.open(PAGE).await;
        assert!(page.words().contains("added on"), "{}", page.words());
    }

    async fn options_say_what_a_browser_needs_and_nobodys_credentials(t: TestApp) {
        let (user, mut device) = with_passkey(&t, "alice").await;
        let (_, options) = begin(&mut t.browser()).await;
        assert_eq!(options["rpId"], "id.example");
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["allowCredentials"], serde_json::json!([]));
        assert_eq!(options["challenge"].as_str().unwrap().len(), 43);
        let mut browser = t.signed_in(&user).await;
        let page = browser.open(PAGE).await;
        let options = json(&options_of(&mut browser, &page, "/account/passkeys/options").await);
        assert_eq!(options["rp"]["id"], "id.example");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["user"]["name"], "alice@example.com");
        assert_eq!(options["pubKeyCredParams"][0]["alg"], -7);
        assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
        let known = device.create(&options);
        let page = browser.submit(&page, ADD, &[("response", &known.to_string())]).await;
        assert!(page.words().contains("registered already"), "{}", page.words());
    }

    async fn an_assertion_counts_once_and_only_where_its_challenge_was_asked_for(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        let mut browser = t.browser();
        let (page, options) = begin(&mut browser).await;
        let response = device.get(&options);
        // Another browser's sign-in.
        let mut other = t.browser();
        let (others_page, _) = begin(&mut other).await;
        let after = give(&mut other, &others_page, &response).await;
        assert_eq!(after.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(give(&mut browser, &page, &response).await.path, "/account");
        // The same answer again, in the same browser.
        browser.cookies.retain(|name, _| !name.contains("session"));
        let (page, _) = begin(&mut browser).await;
        let after = give(&mut browser, &page, &response).await;
        assert_eq!(after.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_challenge_that_was_answered_wrongly_is_gone(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        let mut browser = t.browser();
        let (page, options) = begin(&mut browser).await;
        device.origin = "https://evil.example";
        let wrong = device.get(&options);
        device.origin = BASE;
        let right = device.get(&options);
        assert_eq!(give(&mut browser, &page, &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(give(&mut browser, &page, &right).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn a_challenge_lives_five_minutes(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        for (secs, is_in) in [(299, true), (300, false)] {
            let mut browser = t.browser();
            let (page, options) = begin(&mut browser).await;
            let response = device.get(&options);
            t.clock.advance(std::time::Duration::from_secs(secs));
            give(&mut browser, &page, &response).await;
            assert_eq!(is_signed_in(&mut browser).await, is_in, "{secs}");
        }
    }

    async fn wrong_origin_rp_id_frame_handle_and_verification_are_refused(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        device.origin = "https://evil.example";
        refused(&t, &mut device).await;
        device.origin = BASE;
        device.rp_id = Some("evil.example".to_owned());
        refused(&t, &mut device).await;
        device.rp_id = None;
        device.cross_origin = true;
        refused(&t, &mut device).await;
        device.cross_origin = false;
        let handle = device.user_handle.replace(b"somebody else's".to_vec());
        refused(&t, &mut device).await;
        device.user_handle = None;
        refused(&t, &mut device).await;
        device.user_handle = handle;
        device.user_verified = false;
        refused(&t, &mut device).await;
        device.user_verified = true;
        device.synced = true;
        refused(&t, &mut device).await;
        device.synced = false;
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
    }

    async fn another_key_with_a_known_id_is_refused(t: TestApp) {
        let (_, device) = with_passkey(&t, "alice").await;
        let mut forged = Authenticator::new();
        forged.id = device.id.clone();
        forged.user_handle = device.user_handle.clone();
        refused(&t, &mut forged).await;
    }

    async fn a_lowered_counter_is_refused_and_recorded(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        device.counter = 5;
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
        for stale in [5, 4, 0] {
            device.counter = stale;
            refused(&t, &mut device).await;
        }
        let events = t.events("security.passkey_counter").await;
        assert_eq!(events.len(), 3, "{events:?}");
        device.counter = 6;
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
    }

    async fn another_tenants_passkey_is_unknown(t: TestApp) {
        let (_, mut device) = with_passkey(&t, "alice").await;
        let other = t.tenant("acme").await;
        other.user("alice").await;
        let (mut browser, after) = sign_in(&other, &mut device).await;
        assert_eq!(after.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!is_signed_in(&mut browser).await);
        // And what is registered here does not hinder the same credential there.
        let bob = other.user("bob").await;
        let page = add(&mut other.signed_in(&bob).await, &mut device).await;
        assert!(page.path.contains("notice=passkey_added"), "{}", page.body);
    }

    async fn a_removed_passkey_no_longer_signs_in_and_its_owner_is_told(t: TestApp) {
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open(PAGE).await;
        let id = page.form("/account/passkeys/remove");
        assert!(!id.fields.is_empty());
        let id = passkey_id(&page);
        let page = browser.submit(&page, "/account/passkeys/remove", &[("id", &id)]).await;
        assert!(page.words().contains("The passkey is removed"), "{}", page.words());
        refused(&t, &mut device).await;
        assert_eq!(t.events("credential.added").await.len(), 1);
        assert_eq!(t.events("credential.removed").await.len(), 1);
    }

    async fn a_passkey_of_somebody_else_is_neither_named_nor_removed(t: TestApp) {
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let id = passkey_id(&t.signed_in(&alice).await.open(PAGE).await);
        let (bob, _) = with_passkey(&t, "bob").await;
        let mut browser = t.signed_in(&bob).await;
        let page = browser.open(PAGE).await;
        browser.submit(&page, "/account/passkeys/rename", &[("id", &id), ("name", "Mine")]).await;
        browser.submit(&page, "/account/passkeys/remove", &[("id", &id)]).await;
        let hers = t.signed_in(&alice).await.open(PAGE).await;
        assert!(hers.body.contains(&id) && !hers.words().contains("Mine"));
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
    }

    async fn names_are_changed_and_bad_ones_refused(t: TestApp) {
        let (alice, _) = with_passkey(&t, "alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open(PAGE).await;
        let id = passkey_id(&page);
        let renamed = browser.submit(&page, "/account/passkeys/rename", &[("id", &id), ("name", " Work <key> ")]).await;
        assert!(renamed.words().contains("Work <key>"), "{}", renamed.words());
        for bad in ["", "a\u{202e}b", &"n".repeat(61)] {
            let page = browser.submit(&page, "/account/passkeys/rename", &[("id", &id), ("name", bad)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
    }

    async fn the_last_way_in_cannot_be_removed(t: TestApp) {
        let mut t = t;
        let (alice, mut device) = with_passkey(&t, "alice").await;
        t.set(|settings| { settings.methods.password = false; settings.methods.email_code = false; }).await;
        let (mut browser, after) = sign_in(&t, &mut device).await;
        assert_eq!(after.path, "/account", "{}", after.body);
        let page = browser.open(PAGE).await;
        let id = passkey_id(&page);
        let page = browser.submit(&page, "/account/passkeys/remove", &[("id", &id)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.words().contains("your only way to sign in"), "{}", page.words());
        let mut second = Authenticator::new();
        add(&mut browser, &mut second).await;
        let page = browser.open(PAGE).await;
        let page = browser.submit(&page, "/account/passkeys/remove", &[("id", &id)]).await;
        assert!(page.words().contains("The passkey is removed"), "{}", page.words());
        drop(alice);
    }

    async fn adding_and_removing_ask_for_a_fresh_factor(t: TestApp) {
        let (alice, _) = with_passkey(&t, "alice").await;
        let mut browser = t.signed_in(&alice).await;
        t.clock.advance(std::time::Duration::from_mins(11));
        let page = browser.open(PAGE).await;
        let options = options_of(&mut browser, &page, "/account/passkeys/options").await;
        assert_eq!(options.status, StatusCode::SEE_OTHER, "{}", options.body);
        let again = browser.follow(options).await;
        assert_eq!(place(&again), "/sign-in", "{}", again.path);
        let back = browser.prove(&again, &alice).await;
        assert_eq!(place(&back), PAGE);
        let mut second = Authenticator::new();
        let page = add(&mut browser, &mut second).await;
        assert!(page.path.contains("notice=passkey_added"));
    }

    async fn a_passkey_is_a_second_factor_that_only_its_owner_can_give(t: TestApp) {
        let mut t = t;
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let (_, mut bobs) = with_passkey(&t, "bob").await;
        t.set(|settings| settings.mfa = authflow_server::tenants::MfaPolicy::Required).await;
        for (device, is_in) in [(&mut bobs, false), (&mut device, true)] {
            let mut browser = t.browser();
            let page = browser.open("/sign-in").await;
            let second = browser.prove(&page, &alice).await;
            assert_eq!(place(&second), "/sign-in/second", "{}", second.body);
            let options = json(&options_of(&mut browser, &second, "/sign-in/passkey/options").await);
            assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
            let response = device.get(&options).to_string();
            let after = browser.submit(&second, "/sign-in/second", &[("code", &response)]).await;
            assert_eq!(after.path == "/account", is_in, "{} {}", after.path, after.words());
            assert_eq!(is_signed_in(&mut browser).await, is_in);
        }
        // A verified passkey alone is two factors.
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
    }

    async fn a_touch_without_verification_is_one_factor_where_the_tenant_allows_it(t: TestApp) {
        let mut t = t;
        let (_, mut device) = with_passkey(&t, "alice").await;
        device.user_verified = false;
        t.set(|settings| settings.passkeys.user_verification = authflow_proto::webauthn::Requirement::Preferred).await;
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
        let login = t.events("user.login").await.pop().unwrap();
        assert_eq!(login["mfa"], false, "{login}");
        t.set(|settings| settings.mfa = authflow_server::tenants::MfaPolicy::Required).await;
        let (mut browser, after) = sign_in(&t, &mut device).await;
        assert_ne!(after.path, "/account");
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn a_passkey_of_another_address_is_listed_but_neither_offered_nor_accepted(t: TestApp) {
        let mut t = t;
        let (alice, mut device) = with_passkey(&t, "alice").await;
        t.set(|settings| {
            settings.passkeys.rp_id = Some("new.example".to_owned());
            settings.passkeys.related_origins = vec!["https://new.example".to_owned()];
        }).await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open(PAGE).await;
        assert!(page.words().contains("Works only at id.example"), "{}", page.words());
        let options = json(&options_of(&mut browser, &page, "/account/passkeys/options").await);
        assert_eq!(options["excludeCredentials"], serde_json::json!([]));
        refused(&t, &mut device).await;
        device.rp_id = Some("id.example".to_owned());
        refused(&t, &mut device).await;
    }

    async fn related_origins_may_use_passkeys_and_are_published(t: TestApp) {
        let mut t = t;
        let (_, mut device) = with_passkey(&t, "alice").await;
        assert_eq!(t.get("/.well-known/webauthn", &[]).await.status, StatusCode::NOT_FOUND);
        device.origin = "https://shop.example";
        refused(&t, &mut device).await;
        t.set(|settings| settings.passkeys.related_origins = vec!["https://shop.example".to_owned()]).await;
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
        let document = t.get("/.well-known/webauthn", &[]).await;
        assert_eq!(document.headers["content-type"], "application/json");
        assert_eq!(json(&document)["origins"], serde_json::json!([BASE, "https://shop.example"]));
        let document = json(&t.get("/.well-known/passkey-endpoints", &[]).await);
        assert_eq!(document["enroll"], format!("{BASE}{PAGE}"));
    }

    async fn attestation_and_models_are_held_to_the_tenants_policy(t: TestApp) {
        let mut t = t;
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let mut device = Authenticator::new();
        device.aaguid = [7; 16];
        t.set(|settings| settings.passkeys.aaguids = vec![authflow_proto::webauthn::Aaguid::NONE]).await;
        let page = add(&mut browser, &mut device).await;
        assert!(page.words().contains("isn’t allowed here"), "{}", page.words());
        device.aaguid = [0; 16];
        t.set(|settings| settings.passkeys.attestation = authflow_proto::webauthn::AttestationConveyance::Direct).await;
        let page = add(&mut browser, &mut device).await;
        assert!(page.words().contains("isn’t allowed here"), "{}", page.words());
        t.set(|settings| settings.passkeys = TenantSettings::default().passkeys).await;
        assert!(add(&mut browser, &mut device).await.path.contains("notice=passkey_added"));
    }

    async fn a_tenant_without_passkeys_offers_and_accepts_none(t: TestApp) {
        let mut t = t;
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let mut browser = t.browser();
        let (page, options) = begin(&mut browser).await;
        t.set(|settings| settings.methods.passkey = false).await;
        let after = give(&mut browser, &page, &device.get(&options)).await;
        assert_eq!(after.status, StatusCode::BAD_REQUEST);
        assert!(!t.browser().open("/sign-in").await.body.contains("data-passkey"));
        let page = t.signed_in(&alice).await.open(PAGE).await;
        assert!(page.words().contains("New passkeys can’t be added here"));
        assert_eq!(t.get("/.well-known/passkey-endpoints", &[]).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_disabled_users_passkey_is_refused(t: TestApp) {
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let mut cx = t.cx();
        let user = identities::find_user(&t.app, t.tenant.id, alice.id).await.unwrap().unwrap();
        identities::set_status(&mut cx, &user, identities::UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let (mut browser, after) = sign_in(&t, &mut device).await;
        assert_eq!(after.status, StatusCode::FORBIDDEN, "{}", after.words());
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn nonsense_is_refused_quietly(t: TestApp) {
        let (alice, _) = with_passkey(&t, "alice").await;
        let mut browser = t.browser();
        for text in ["", "null", "{}", "[]", "\"x\"", "{\"id\":1}", &"[".repeat(4000)] {
            let page = browser.open("/sign-in").await;
            let (csrf, sign_in) = (page.field("csrf").unwrap(), page.field("sign_in").unwrap());
            let fields = [("csrf", csrf.as_str()), ("sign_in", &sign_in), ("method", "passkey"), ("response", text)];
            let answer = browser.post("/sign-in", &fields).await;
            assert!(matches!(answer.status.as_u16(), 422 | 429), "{text}: {}", answer.status);
        }
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open(PAGE).await;
        let answer = browser.submit(&page, ADD, &[("response", "{}")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn who_must_have_a_second_factor_makes_a_passkey_on_the_way_in(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.mfa = authflow_server::tenants::MfaPolicy::Required).await;
        let alice = t.user("alice").await;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let app = browser.prove(&form, &alice).await;
        assert_eq!(place(&app), "/sign-in/set-up", "{}", app.words());
        let page = browser.open(&app.path.replace("/set-up", "/set-up/passkey")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.words());
        assert!(!is_signed_in(&mut browser).await);
        let options = json(&options_of(&mut browser, &page, "/sign-in/set-up/passkey/options").await);
        let mut device = Authenticator::new();
        let response = device.create(&options).to_string();
        let codes = browser.submit(&page, "/sign-in/set-up/passkey", &[("response", &response)]).await;
        assert_eq!(codes.body.matches("<li><code>").count(), 10, "{}", codes.words());
        assert!(is_signed_in(&mut browser).await);
        assert_eq!(t.events("credential.added").await.len(), 1);
        let again = browser.submit(&page, "/sign-in/set-up/passkey", &[("response", &response)]).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST, "once");

        let mut later = t.browser();
        let form = later.open("/sign-in").await;
        let second = later.prove(&form, &alice).await;
        assert_eq!(place(&second), "/sign-in/second");
        for path in ["/sign-in/set-up/passkey", "/sign-in/set-up"] {
            let around = later.open(&second.path.replace("/sign-in/second", path)).await;
            assert_eq!(place(&around), "/sign-in/second", "a passkey of their own does not stand in for the one that is there");
        }
        assert_eq!(sign_in(&t, &mut device).await.1.path, "/account");
    }

    async fn a_passkey_without_verification_is_no_second_factor_on_the_way_in_by_itself(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.mfa = authflow_server::tenants::MfaPolicy::Required).await;
        let alice = t.user("alice").await;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let app = browser.prove(&form, &alice).await;
        let page = browser.open(&app.path.replace("/set-up", "/set-up/passkey")).await;
        let options = json(&options_of(&mut browser, &page, "/sign-in/set-up/passkey/options").await);
        let mut device = Authenticator::new();
        device.user_verified = false;
        let response = device.create(&options).to_string();
        let refused = browser.submit(&page, "/sign-in/set-up/passkey", &[("response", &response)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the tenant requires verification");
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn a_passkey_is_suggested_after_a_password_until_it_is_declined(t: TestApp) {
        let mut t = t;
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        assert!(page.body.contains("offer-heading"));
        let declined = browser.submit(&page, "/account/passkeys/decline", &[]).await;
        assert_eq!(declined.path, "/account");
        assert!(!declined.body.contains("offer-heading"));
        assert!(!t.signed_in(&alice).await.open("/account").await.body.contains("offer-heading"), "remembered");
        let bob = t.user("bob").await;
        t.set(|settings| settings.passkey_offer = false).await;
        assert!(!t.signed_in(&bob).await.open("/account").await.body.contains("offer-heading"));
        let (_, mut device) = with_passkey(&t, "carol").await;
        t.set(|settings| settings.passkey_offer = true).await;
        let (mut browser, _) = sign_in(&t, &mut device).await;
        assert!(!browser.open("/account").await.body.contains("offer-heading"), "has one");
    }
}

fn passkey_id(page: &Answer) -> String {
    let at = page
        .body
        .find("value=\"crd_")
        .unwrap_or_else(|| panic!("no passkey in {}", page.body));
    page.body[at + 7..at + 7 + 30].to_owned()
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_when_they_are_written() {
    let t = TestApp::sqlite().await;
    for (rp_id, origins) in [
        (Some("evil.example"), vec![]),
        (None, vec!["http://shop.example".to_owned()]),
    ] {
        let mut settings = t.tenant.settings.clone();
        settings.passkeys.rp_id = rp_id.map(str::to_owned);
        settings.passkeys.related_origins = origins;
        let change = authflow_server::tenants::TenantChange {
            settings: Some(settings),
            ..Default::default()
        };
        let refused = authflow_server::tenants::update(&mut t.cx(), change)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "tenant.invalid_passkeys", "{refused}");
    }
}
