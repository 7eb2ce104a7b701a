use authflow_testkit::TestApp;
use authflow_testkit::both_databases;
use http::{Method, StatusCode};

use crate::{ALICE, BROWSER, PASSWORD, SESSION, csrf, place, prove, sign_in};

/// What a signed-in person may post.
const ACCOUNT_FORMS: [&str; 6] = [
    "/sign-out",
    "/account/profile",
    "/account/password",
    "/account/verify",
    "/account/sessions/revoke",
    "/account/applications/revoke",
];

both_databases! {
    async fn form_without_its_token_signs_nobody_in(t: TestApp) {
        t.user("alice").await;
        let theirs = csrf(&t.browser().open("/sign-in").await);
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let sign_in = form.field("sign_in").unwrap();
        for csrf in ["", "x", &theirs, &"A".repeat(43)] {
            let proof = [("identifier", ALICE), ("password", PASSWORD)];
            let fields = [[("sign_in", sign_in.as_str()), ("csrf", csrf)], proof].concat();
            let page = browser.post("/sign-in", &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{csrf}");
            assert!(!browser.cookies.contains_key(SESSION));
        }
    }

    async fn form_that_somebody_else_prepared_signs_nobody_in(t: TestApp) {
        t.user("alice").await;
        let form = t.browser().open("/sign-in").await;
        let mut victim = t.browser();
        victim.open("/sign-in").await;
        let page = prove(&mut victim, &form, ALICE, PASSWORD).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(!victim.cookies.contains_key(SESSION));
        assert_eq!(victim.open(&form.path).await.status, StatusCode::BAD_REQUEST);
    }

    async fn form_from_another_site_is_refused(t: TestApp) {
        t.user("alice").await;
        let silent = ("sec-fetch-mode", "navigate");
        for (fetch_site, origin) in [
            (("sec-fetch-site", "cross-site"), ("origin", "https://id.example")),
            (("sec-fetch-site", "same-site"), ("origin", "https://id.example")),
            (silent, ("origin", "https://evil.example")),
            (silent, ("origin", "https://id.example.evil.example")),
        ] {
            let mut browser = t.browser();
            let form = browser.open("/sign-in").await;
            let (id, token) = (form.field("sign_in").unwrap(), csrf(&form));
            let body = format!("sign_in={id}&csrf={token}&identifier={ALICE}&password=x");
            let headers = [("content-type", "application/x-www-form-urlencoded"), fetch_site, origin];
            let page = browser.send(Method::POST, "/sign-in", &headers, body).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{fetch_site:?} {origin:?}");
        }
    }

    async fn signed_in_forms_need_the_token_of_their_session(t: TestApp) {
        t.user("alice").await;
        t.user("bob").await;
        let theirs = csrf(&sign_in(&mut t.browser(), "bob@example.com", PASSWORD).await);
        let mut alice = t.browser();
        sign_in(&mut alice, ALICE, PASSWORD).await;
        for path in ACCOUNT_FORMS {
            for csrf in ["", &theirs] {
                let fields = [("csrf", csrf), ("name", "Mallory"), ("session", "others")];
                let page = alice.post(path, &fields).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            }
        }
        assert!(!alice.open("/account").await.words().contains("Mallory"));
    }

    async fn signed_in_pages_lead_strangers_to_the_sign_in_page(t: TestApp) {
        for path in ACCOUNT_FORMS.into_iter().filter(|path| *path != "/sign-out") {
            let mut stranger = t.browser();
            let answer = stranger.post(path, &[("name", "x")]).await;
            assert_eq!(place(&stranger.follow(answer).await), "/sign-in", "{path}");
        }
        assert_eq!(place(&t.browser().open("/account").await), "/sign-in");
    }

    async fn malformed_bodies_get_a_page_and_change_nothing(t: TestApp) {
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        let (sign_in, csrf) = (form.field("sign_in").unwrap(), csrf(&form));
        let start = format!("sign_in={sign_in}&csrf={csrf}");
        let bodies = [
            format!("{start}&identifier=%ff&password=x"),
            format!("{start}&identifier=a%00b&password=x"),
            format!("{start}&identifier=a&identifier=b&password=x"),
            format!("{start}&identifier=%zz&password=x"),
            format!("{start}&method=nonsense&identifier=a&password=x"),
            format!("{start}&csrf=x&identifier=a&password=x"),
            format!("{start}&{}", "a=b&".repeat(200)),
            "x".repeat(200_000),
        ];
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        for body in bodies {
            let shown: String = body.chars().take(120).collect();
            let page = browser.send(Method::POST, "/sign-in", &headers, body).await;
            assert!(page.status.is_client_error(), "{} for {shown}", page.status);
            assert!(page.body.contains("<html"), "a page for {shown}: {}", page.body);
        }
        let headers = [("content-type", "application/json")];
        let page = browser.send(Method::POST, "/sign-in", &headers, "{}".to_owned()).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }

    async fn what_people_type_is_escaped_where_it_is_shown_again(t: TestApp) {
        let mut browser = t.browser();
        let evil = "\"><script>alert(1)</script>@example.com";
        let page = sign_in(&mut browser, evil, "some wrong password").await;
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        assert_eq!(page.field("identifier").as_deref(), Some(evil));
        assert!(browser.cookies.contains_key(BROWSER));
    }
}
