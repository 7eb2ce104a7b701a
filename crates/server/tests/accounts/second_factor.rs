//! Second factors: authenticator apps, recovery codes, trusted browsers, and every way that might lead around them.

use std::time::Duration;

use authflow_proto::totp::TotpSecret;
use authflow_server::sessions::ACR_MULTI_FACTOR;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{Answer, Browser, TestApp, User, both_databases, jwt};
use http::StatusCode;

use crate::{ALICE, PASSWORD, SESSION, place, sign_in};

/// What an authenticator app holds.
pub(crate) struct App(TotpSecret);

impl App {
    /// Reads the secret that a page shows.
    pub(crate) fn scan(page: &Answer) -> Self {
        let uri = page.body.split("secret=").nth(1).unwrap();
        let text = &uri[..32];
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: Vec<bool> = text
            .chars()
            .map(|c| alphabet.find(c).unwrap())
            .flat_map(|digit| (0..5).rev().map(move |shift| digit >> shift & 1 == 1))
            .collect();
        let bytes: Vec<u8> = bits
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |value, &bit| value << 1 | u8::from(bit)))
            .collect();
        Self(TotpSecret::from_bytes(&bytes).unwrap())
    }

    /// The code that it shows now.
    pub(crate) fn code(&self, t: &TestApp) -> String {
        let now = t.now().as_secs();
        (0..1_000_000)
            .map(|number| format!("{number:06}"))
            .find(|code| {
                self.0
                    .verify(code, now, now / 30 - 1)
                    .is_some_and(|step| step == now / 30)
            })
            .unwrap()
    }
}

/// Sets an app up on the account page; gives the recovery codes.
pub(crate) async fn set_up(t: &TestApp, browser: &mut Browser) -> (App, Vec<String>) {
    let page = browser.open("/account/security/totp").await;
    let app = App::scan(&page);
    let shown = browser
        .submit(&page, "/account/security/totp", &[("code", &app.code(t))])
        .await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.words());
    let codes = recovery_codes(&shown);
    assert_eq!(codes.len(), 10, "{}", shown.words());
    (app, codes)
}

fn recovery_codes(page: &Answer) -> Vec<String> {
    let listed = page.body.split("<li><code>").skip(1);
    listed
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

/// Alice, who has an app, and a moment later: the code that set the app up is used up.
pub(crate) async fn with_app(t: &TestApp) -> (User, App, Vec<String>) {
    let alice = t.user("alice").await;
    let (app, codes) = set_up(t, &mut t.signed_in(&alice).await).await;
    t.clock.advance(Duration::from_secs(30));
    (alice, app, codes)
}

pub(crate) async fn second(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    browser.submit(page, "/sign-in/second", &[("code", code)]).await
}

/// Presses the button of a form that carries an id.
pub(crate) async fn press(browser: &mut Browser, page: &Answer, action: &str, prefix: &str) -> Answer {
    let start = page.body.find(&format!("value=\"{prefix}")).unwrap() + 7;
    let id = &page.body[start..start + 30];
    browser.submit(page, action, &[("id", id)]).await
}

both_databases! {
    async fn password_alone_signs_nobody_in_who_has_an_app(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert_eq!(place(&page), "/sign-in/second");
        assert!(!browser.cookies.contains_key(SESSION));
        assert_eq!(place(&browser.open("/account").await), "/sign-in");
        let wrong = second(&mut browser, &page, "000000").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!browser.cookies.contains_key(SESSION));
        let done = second(&mut browser, &page, &app.code(&t)).await;
        assert_eq!(place(&done), "/account", "{}", done.words());
    }

    async fn code_of_an_app_counts_once(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let code = app.code(&t);
        let mut first = t.browser();
        let page = sign_in(&mut first, ALICE, PASSWORD).await;
        assert_eq!(place(&second(&mut first, &page, &code).await), "/account");
        let mut other = t.browser();
        let page = sign_in(&mut other, ALICE, PASSWORD).await;
        let replayed = second(&mut other, &page, &code).await;
        assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
        t.clock.advance(Duration::from_secs(30));
        assert_eq!(place(&second(&mut other, &page, &app.code(&t)).await), "/account");
    }

    async fn recovery_code_counts_once_and_new_ones_replace_the_old(t: TestApp) {
        let (alice, app, codes) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let other = browser.open(&format!("{}&method=recovery_code", page.path)).await;
        assert_eq!(place(&second(&mut browser, &other, &codes[0].to_uppercase()).await), "/account");
        let mut again = t.browser();
        let page = sign_in(&mut again, ALICE, PASSWORD).await;
        let other = again.open(&format!("{}&method=recovery_code", page.path)).await;
        assert_eq!(second(&mut again, &other, &codes[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let security = browser.open("/account/security").await;
        assert!(security.words().contains("9 codes left"), "{}", security.words());
        let renewed = browser.submit(&security, "/account/security/recovery-codes", &[]).await;
        let renewed = recovery_codes(&renewed);
        assert_eq!(second(&mut again, &other, &codes[1]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(place(&second(&mut again, &other, &renewed[0]).await), "/account");
        drop((alice, app));
    }

    async fn tries_of_a_second_factor_are_limited(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let mut limited = false;
        for _ in 0..30 {
            limited |= second(&mut browser, &page, "000000").await.status == StatusCode::TOO_MANY_REQUESTS;
        }
        assert!(limited);
        let right = second(&mut browser, &page, &app.code(&t)).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn second_factor_without_the_first_proves_nothing(t: TestApp) {
        let (_, app, codes) = with_app(&t).await;
        let mut browser = t.browser();
        let start = browser.open("/sign-in").await;
        let id = start.field("sign_in").unwrap();
        let csrf = start.field("csrf").unwrap();
        for (method, code) in [("totp", app.code(&t)), ("recovery_code", codes[0].clone())] {
            let fields = [("sign_in", id.as_str()), ("csrf", &csrf), ("method", method), ("code", &code)];
            let answer = browser.post("/sign-in/second", &fields).await;
            let answer = browser.follow(answer).await;
            assert_eq!(place(&answer), "/sign-in");
            let fields = [
                ("sign_in", id.as_str()), ("csrf", &csrf), ("method", method), ("identifier", ALICE),
                ("password", &code),
            ];
            assert_eq!(browser.post("/sign-in", &fields).await.status, StatusCode::BAD_REQUEST);
        }
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn trusted_browser_is_not_asked_until_the_trust_ends(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let code = app.code(&t);
        browser.submit(&page, "/sign-in/second", &[("code", &code), ("trust", "1")]).await;
        browser.cookies.remove(SESSION);
        assert_eq!(place(&sign_in(&mut browser, ALICE, PASSWORD).await), "/account");
        // Somebody else's account is not trusted in the same browser, nor this one in another.
        assert_eq!(place(&sign_in(&mut t.browser(), ALICE, PASSWORD).await), "/sign-in/second");
        browser.cookies.remove(SESSION);
        t.clock.advance(Duration::from_hours(24 * 30));
        assert_eq!(place(&sign_in(&mut browser, ALICE, PASSWORD).await), "/sign-in/second");
    }

    async fn forgotten_browser_is_asked_again_at_once(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let code = app.code(&t);
        browser.submit(&page, "/sign-in/second", &[("code", &code), ("trust", "1")]).await;
        let security = browser.open("/account/security").await;
        press(&mut browser, &security, "/account/security/devices/forget", "tdv_").await;
        browser.cookies.remove(SESSION);
        assert_eq!(place(&sign_in(&mut browser, ALICE, PASSWORD).await), "/sign-in/second");
    }

    async fn removing_the_last_app_ends_the_asking_and_is_recorded(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        second(&mut browser, &page, &app.code(&t)).await;
        let security = browser.open("/account/security").await;
        press(&mut browser, &security, "/account/security/totp/remove", "crd_").await;
        assert_eq!(place(&sign_in(&mut t.browser(), ALICE, PASSWORD).await), "/account");
        assert_eq!(t.events("mfa.enabled").await.len(), 1);
        assert_eq!(t.events("mfa.disabled").await.len(), 1);
    }

    async fn session_that_set_an_app_up_rests_on_it(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let before = browser.cookies[SESSION].clone();
        set_up(&t, &mut browser).await;
        assert_ne!(browser.cookies[SESSION], before, "a new secret");
        assert_eq!(place(&browser.open("/account/security").await), "/account/security");
        let mut stolen = t.browser();
        stolen.cookies.insert(SESSION.to_owned(), before);
        assert_eq!(place(&stolen.open("/account").await), "/sign-in");
    }

    async fn changes_ask_for_a_fresh_factor(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        t.clock.advance(Duration::from_mins(10));
        let page = browser.open("/account/security/totp").await;
        assert_eq!(place(&page), "/sign-in");
        let back = browser.submit(&page, "/sign-in", &[("password", PASSWORD)]).await;
        assert_eq!(place(&back), "/account/security/totp", "{}", back.words());
    }

    async fn required_second_factor_is_set_up_on_the_way_in(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert_eq!(place(&page), "/sign-in/set-up");
        assert!(!browser.cookies.contains_key(SESSION));
        let app = App::scan(&page);
        let wrong = browser.submit(&page, "/sign-in/set-up", &[("code", "000000")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!browser.cookies.contains_key(SESSION));
        let shown = browser.submit(&wrong, "/sign-in/set-up", &[("code", &app.code(&t))]).await;
        assert_eq!(recovery_codes(&shown).len(), 10, "{}", shown.words());
        assert_eq!(place(&browser.open("/account").await), "/account");
    }

    async fn who_has_an_app_cannot_bring_another_instead(t: TestApp) {
        let (_, _, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let set_up = browser.open(&page.path.replace("/second", "/set-up")).await;
        assert_eq!(place(&set_up), "/sign-in/second");
        let fields = [
            ("sign_in", page.field("sign_in").unwrap()), ("csrf", page.field("csrf").unwrap()),
            ("code", "000000".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let posted = browser.post("/sign-in/set-up", &fields).await;
        assert_eq!(place(&browser.follow(posted).await), "/sign-in/second");
    }

    async fn session_of_before_a_rule_does_not_walk_around_it(t: TestApp) {
        let mut t = t;
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        assert_eq!(place(&browser.open("/account").await), "/sign-in/set-up");
        let request = t.authorization(&client);
        let silent = browser.get(&request.with("prompt", "none").path()).await;
        assert_eq!(silent.param("error").as_deref(), Some("login_required"));
        let page = browser.open(&t.authorization(&client).path()).await;
        assert_eq!(place(&page), "/sign-in/set-up");
        let app = App::scan(&page);
        let shown = browser.submit(&page, "/sign-in/set-up", &[("code", &app.code(&t))]).await;
        assert_eq!(recovery_codes(&shown).len(), 10, "{}", shown.words());
    }

    async fn client_s_rule_counts_for_its_users_only(t: TestApp) {
        let alice = t.user("alice").await;
        let strict = t.client().policy(|policy| policy.mfa = Some(MfaPolicy::Required)).create().await;
        let plain = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        assert!(browser.get(&t.authorization(&plain).path()).await.param("code").is_some());
        assert_eq!(place(&browser.open(&t.authorization(&strict).path()).await), "/sign-in/set-up");
    }

    async fn tokens_say_what_happened(t: TestApp) {
        let (alice, app, _) = with_app(&t).await;
        let client = t.client().create().await;
        let mut browser = t.browser();
        let page = browser.open(&t.authorization(&client).path()).await;
        let page = browser.prove(&page, &alice).await;
        assert_eq!(place(&page), "/sign-in/second", "{}", page.words());
        let code = app.code(&t);
        let arrived = browser.submit(&page, "/sign-in/second", &[("code", &code)]).await;
        let tokens = authflow_testkit::Tokens::of(&t.redeem(&client, &arrived.code()).await);
        let id = jwt::claims(tokens.id());
        assert_eq!(id["acr"], ACR_MULTI_FACTOR);
        assert_eq!(id["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
        let login = t.events("user.login").await.pop().unwrap();
        assert_eq!(login["mfa"], true, "{login}");
        assert_eq!(login["methods"], serde_json::json!(["password", "totp"]));
    }

    async fn app_of_one_tenant_is_worth_nothing_at_another(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let acme = t.tenant("acme").await;
        let alice = acme.user("alice").await;
        let (_, codes) = set_up(&acme, &mut acme.signed_in(&alice).await).await;
        t.clock.advance(Duration::from_mins(1));
        let mut browser = acme.browser();
        let form = browser.open("/sign-in").await;
        let page = browser.prove(&form, &alice).await;
        assert!(page.path.contains("/sign-in/second"), "{}", page.path);
        assert_eq!(second(&mut browser, &page, &app.code(&t)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(codes.len(), 10);
    }
}
