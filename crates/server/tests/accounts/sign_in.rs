use std::time::Duration;

use authflow_server::identities::{self, IdentifierValue, NewPassword, NewUser, UserStatus};
use authflow_testkit::TestApp;
use authflow_testkit::{Answer, both_databases};
use http::{Method, StatusCode};

use crate::{ALICE, BROWSER, DEVICE, PASSWORD, SESSION, csrf, place, prove, sign_in};

both_databases! {
    async fn right_password_leads_to_the_account_page(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, " Alice@EXAMPLE.com ", PASSWORD).await;
        assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));
        assert!(page.words().contains(ALICE), "{}", page.words());
    }

    async fn unknown_user_and_wrong_password_get_the_same_answer(t: TestApp) {
        t.user("alice").await;
        let answer = async |email: &str| {
            let mut browser = t.browser();
            let page = sign_in(&mut browser, email, "some wrong password").await;
            assert!(!browser.cookies.contains_key(SESSION) && !browser.cookies.contains_key(DEVICE));
            (page.status, page.words(), page.headers.len())
        };
        let known = answer(ALICE).await;
        assert_eq!(known.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(known.1.contains("don’t match"), "{}", known.1);
        for nobody in ["bob@example.com", "bob", "+49301234567", "not an identifier", "a@b@c"] {
            assert_eq!(answer(nobody).await, known, "{nobody}");
        }
    }

    async fn disabled_user_is_told_only_after_the_right_password(t: TestApp) {
        let id = t.user("alice").await.id;
        let mut cx = t.cx();
        let user = identities::get_user(&cx, id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let wrong = sign_in(&mut t.browser(), ALICE, "some wrong password").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut browser = t.browser();
        let right = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert_eq!(right.status, StatusCode::FORBIDDEN);
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn empty_fields_are_named_and_count_as_no_attempt(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        for _ in 0..20 {
            let page = sign_in(&mut browser, ALICE, "").await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.words().contains("Enter your password"), "{}", page.words());
        }
        assert_eq!(sign_in(&mut browser, ALICE, PASSWORD).await.path, "/account");
    }

    async fn spellings_of_one_password_in_nfc_are_one_password(t: TestApp) {
        let mut cx = t.cx();
        let new = NewUser {
            identifiers: vec![IdentifierValue::email(ALICE).unwrap()],
            password: Some(NewPassword::Plain("zw\u{f6}lf gr\u{fc}ne Elefanten".into())),
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let decomposed = "zwo\u{308}lf gru\u{308}ne Elefanten";
        assert_eq!(sign_in(&mut t.browser(), ALICE, decomposed).await.path, "/account");
    }

    async fn imported_hash_is_verified_and_replaced_by_our_own(t: TestApp) {
        let mut cx = t.cx();
        // bcrypt of `U*U`: a test vector of crypt_blowfish.
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let new = NewUser {
            identifiers: vec![IdentifierValue::email(ALICE).unwrap()],
            password: Some(NewPassword::Imported(hash.to_owned())),
            verified: true,
            ..NewUser::default()
        };
        let user = identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let wrong = sign_in(&mut t.browser(), ALICE, "U*V").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for _ in 0..2 {
            assert_eq!(sign_in(&mut t.browser(), ALICE, "U*U").await.path, "/account");
            let record = identities::password_of(&t.cx(), user.id).await.unwrap();
            let (_, stored) = record.unwrap().credential.unwrap();
            assert!(stored.starts_with("$argon2id$"), "{stored}");
        }
    }

    async fn sign_in_ends_at_its_expiry_and_not_before(t: TestApp) {
        t.user("alice").await;
        let ttl = t.app.config.sessions.sign_in_ttl;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        t.clock.advance(ttl - Duration::from_micros(1));
        let page = prove(&mut browser, &form, ALICE, "some wrong password").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        t.clock.advance(Duration::from_micros(1));
        let page = prove(&mut browser, &form, ALICE, PASSWORD).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains("href=\"/sign-in\""), "a way on: {}", page.body);
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn finished_sign_in_is_good_for_nothing(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        assert_eq!(prove(&mut browser, &form, ALICE, PASSWORD).await.path, "/account");
        let session = browser.cookies[SESSION].clone();
        let again = prove(&mut browser, &form, ALICE, PASSWORD).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
        assert_eq!(browser.cookies[SESSION], session);
    }

    async fn tenants_share_neither_users_nor_sessions_nor_sign_ins(t: TestApp) {
        let acme = t.tenant("acme").await;
        acme.user("alice").await;
        let refused = sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut theirs = acme.browser();
        let page = sign_in(&mut theirs, ALICE, PASSWORD).await;
        assert_eq!(page.path, "/t/acme/account");

        // The same browser at the other tenant; then with the very secrets under the other tenant's names.
        let mut browser = t.browser();
        browser.cookies.clone_from(&theirs.cookies);
        assert_eq!(place(&browser.open("/account").await), "/sign-in");
        for kind in ["session", "browser", "device"] {
            let value = theirs.cookies[&format!("__Host-authflow-{kind}-acme")].clone();
            browser.cookies.insert(format!("__Host-authflow-{kind}-default"), value);
        }
        assert_eq!(place(&browser.open("/account").await), "/sign-in");

        let mut other = acme.browser();
        let form = other.open("/sign-in").await;
        let id = form.field("sign_in").unwrap();
        let mut here = t.browser();
        here.cookies.insert(BROWSER.to_owned(), other.cookie("browser").unwrap().to_owned());
        assert_eq!(here.open(&format!("/sign-in?sign_in={id}")).await.status, StatusCode::BAD_REQUEST);
    }

    async fn no_parameter_sends_the_browser_elsewhere(t: TestApp) {
        t.user("alice").await;
        for name in ["next", "return_to", "redirect_uri", "continue", "rd", "url"] {
            let mut browser = t.browser();
            let form = browser.open(&format!("/sign-in?{name}=https://evil.example/")).await;
            assert!(!form.body.contains("evil.example"), "{name}");
            let evil = (name, "https://evil.example/");
            let fields = [("identifier", ALICE), ("password", PASSWORD), evil];
            assert_eq!(browser.submit(&form, "/sign-in", &fields).await.path, "/account", "{name}");
        }
    }

    async fn pages_are_neither_cached_nor_framed_nor_leak_their_address(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let account = prove(&mut browser, &form, ALICE, PASSWORD).await;
        for page in [&form, &account] {
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert_eq!(page.header("x-frame-options"), "DENY");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
            assert!(page.header("strict-transport-security").contains("max-age="));
        }
    }

    async fn cookies_are_the_hosts_alone_and_out_of_reach_of_scripts(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let started = browser.get("/sign-in").await;
        let form = browser.follow(started.clone()).await;
        let (sign_in, token) = (form.field("sign_in").unwrap(), csrf(&form));
        let fields = [("sign_in", &*sign_in), ("csrf", &*token), ("identifier", ALICE), ("password", PASSWORD)];
        let done = browser.post("/sign-in", &fields).await;
        let cookies = |answer: &Answer| -> Vec<String> {
            let values = answer.headers.get_all("set-cookie").iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        let all = [cookies(&started), cookies(&done)].concat();
        assert_eq!(all.len(), 3, "{all:?}");
        for cookie in all {
            assert!(cookie.starts_with("__Host-authflow-"), "{cookie}");
            for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
                assert!(cookie.contains(attribute), "{attribute} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
        assert_eq!(done.status, StatusCode::SEE_OTHER);
    }

    async fn browser_without_cookies_is_told_so(t: TestApp) {
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        browser.cookies.clear();
        let page = browser.open(&form.path).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.words().to_lowercase().contains("cookies"), "{}", page.words());
    }

    async fn pages_speak_the_language_asked_for(t: TestApp) {
        let mut browser = t.browser();
        let page = browser.open("/sign-in?ui_locales=de").await;
        assert!(page.body.contains("<html lang=\"de\""), "{}", page.body);
        let page = prove(&mut browser, &page, "nobody@example.com", "some wrong password").await;
        assert!(page.body.contains("<html lang=\"de\""), "{}", page.body);
    }

    async fn every_page_answers_a_head_request_without_a_body(t: TestApp) {
        let answer = t.browser().send(Method::HEAD, "/sign-in", &[], String::new()).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::SEE_OTHER, ""));
    }
}
