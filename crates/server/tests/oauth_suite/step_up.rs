//! Step-up (RFC 9470): `acr_values` and `max_age` are met, in the browser and without one, or the client is told.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{Answer, CHALLENGE, Client, TestApp, Tokens, User, both_databases, jwt};
use http::StatusCode;
use serde_json::json;

const ONE: &str = "urn:authflow:acr:single-factor";
const TWO: &str = "urn:authflow:acr:multi-factor";

/// Codes by mail count as second factor.
async fn with_codes(t: &mut TestApp) {
    t.set(|settings| settings.methods.email_code_as_second_factor = true)
        .await;
}

/// The six digits in the newest mail.
async fn mailed(t: &TestApp) -> String {
    authflow_server::jobs::run_due(&t.app).await.unwrap();
    let mails = authflow_server::mail::list_captured(&t.cx()).await.unwrap();
    let text = mails.into_iter().next().unwrap().body_text;
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.rfind(|word| word.len() == 6).unwrap().to_owned()
}

async fn challenge(t: &TestApp, client: &Client, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    form.extend_from_slice(more);
    t.post_as(client, "/oauth2/challenge", &form).await
}

async fn go_on(t: &TestApp, client: &Client, before: &Answer, more: &[(&str, &str)]) -> Answer {
    let json = before.json();
    let session = json["auth_session"].as_str().unwrap_or_else(|| panic!("{json}"));
    let form: Vec<_> = more.iter().copied().chain([("auth_session", session)]).collect();
    t.post_as(client, "/oauth2/challenge", &form).await
}

async fn redeem(t: &TestApp, client: &Client, answer: &Answer) -> Tokens {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let code = answer.json()["authorization_code"].as_str().unwrap().to_owned();
    Tokens::of(&t.redeem_with(client, &code, &[("redirect_uri", "")]).await)
}

fn credentials(user: &User) -> [(&str, &str); 2] {
    [("username", &user.email), ("password", &user.password)]
}

both_databases! {
    async fn session_of_one_factor_is_asked_for_a_second_and_the_tokens_say_so(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_codes(&mut t).await;
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let before = browser.authorize(&t.authorization(&client)).await.code();
        let weak = Tokens::of(&t.redeem(&client, &before).await);
        assert_eq!(jwt::claims(&weak.access)["acr"], ONE);
        t.clock.advance(Duration::from_secs(60));
        let request = t.authorization(&client).with("acr_values", &format!("phr {TWO}"));
        let page = browser.authorize(&request).await;
        assert!(page.path.starts_with("/sign-in/second?"), "{} {:?}", page.path, page.location());
        // Coming back without the factor gives nothing.
        let id = page.path.split("sign_in=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let skipped = browser.get(&format!("/oauth2/authorize/resume?sign_in={id}")).await;
        assert_eq!(skipped.param("code"), None, "{} {:?}", skipped.status, skipped.location());
        let sent = browser.submit(&page, "/sign-in/challenge", &[("method", "email_code"), ("second", "1")]).await;
        let code = mailed(&t).await;
        let wrong = browser.submit(&sent, "/sign-in/second", &[("code", "000000")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = browser.submit(&wrong, "/sign-in/second", &[("code", &code)]).await;
        let strong = Tokens::of(&t.redeem(&client, &done.code()).await);
        let (id, access) = (jwt::claims(strong.id()), jwt::claims(&strong.access));
        assert_eq!((&id["acr"], &access["acr"]), (&json!(TWO), &json!(TWO)));
        assert_eq!(access["auth_time"], id["auth_time"]);
        assert!(access["auth_time"].as_i64() > jwt::claims(&weak.access)["auth_time"].as_i64());
        let said = t.introspect(&client, &strong.access).await;
        assert_eq!((&said["acr"], &said["auth_time"]), (&json!(TWO), &access["auth_time"]));
        // The session keeps what it reached; a token given before does not change.
        assert!(browser.authorize(&request).await.param("code").is_some());
        assert_eq!(t.introspect(&client, &weak.access).await["acr"], ONE);
    }

    async fn silent_requests_are_refused_as_far_as_signing_in_would_help(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_codes(&mut t).await;
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let silent = t.authorization(&client).with("prompt", "none");
        let error = browser.authorize(&silent.clone().with("acr_values", TWO)).await.param("error");
        assert_eq!(error.as_deref(), Some("login_required"));
        assert!(browser.authorize(&silent.clone().with("acr_values", ONE)).await.param("code").is_some());
        assert!(browser.authorize(&silent.clone().with("acr_values", "1 urn:example:gold")).await.param("code").is_some(), "a wish");
        let essential = json!({"id_token": {"acr": {"essential": true, "values": ["gold"]}}}).to_string();
        let error = browser.authorize(&silent.with("claims", &essential)).await.param("error");
        assert_eq!(error.as_deref(), Some("unmet_authentication_requirements"));
    }

    async fn context_that_the_user_cannot_reach_is_refused_not_pretended(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_codes(&mut t).await;
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let two = t.authorization(&client).with("acr_values", TWO);
        let page = browser.authorize(&two).await;
        let sent = browser.submit(&page, "/sign-in/challenge", &[("method", "email_code"), ("second", "1")]).await;
        let code = mailed(&t).await;
        browser.submit(&sent, "/sign-in/second", &[("code", &code)]).await.code();
        // Two factors are there and no passkey is: there is nothing more to ask for.
        let answer = browser.authorize(&t.authorization(&client).with("acr_values", "phr")).await;
        assert_eq!(answer.param("error").as_deref(), Some("unmet_authentication_requirements"), "{} {}", answer.path, answer.status);
    }

    async fn second_factor_is_given_without_a_browser_too(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_codes(&mut t).await;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let first = challenge(&t, &client, &credentials(&alice)).await;
        assert_eq!(first.refusal(), (400, "insufficient_authorization".to_owned()), "{}", first.body);
        let json = first.json();
        assert_eq!((&json["stage"], json.get("reason")), (&json!("second_factor"), None), "{json}");
        assert!(json["methods"].as_array().unwrap().contains(&json!({"method": "email_code", "parameters": ["code"]})), "{json}");
        // The password again leads nowhere, nor does a method that is not offered.
        let again = go_on(&t, &client, &first, &credentials(&alice)).await;
        assert_eq!(again.error(), "invalid_request", "{}", again.body);
        let first = challenge(&t, &client, &credentials(&alice)).await;
        let sent = go_on(&t, &client, &first, &[("method", "email_code")]).await;
        assert_eq!(sent.json()["challenge"], json!({"method": "email_code", "sent": true}), "{}", sent.body);
        let wrong = go_on(&t, &client, &sent, &[("method", "email_code"), ("code", "000000")]).await;
        assert_eq!(wrong.json()["fields"], json!({"code": "code_wrong"}), "{}", wrong.body);
        let code = mailed(&t).await;
        let done = go_on(&t, &client, &wrong, &[("method", "email_code"), ("code", &code)]).await;
        let tokens = redeem(&t, &client, &done).await;
        let claims = jwt::claims(tokens.id());
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!(TWO), &json!(["pwd", "otp", "mfa"])));
    }

    async fn code_by_mail_is_a_first_factor_without_a_browser_for_known_and_unknown_alike(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let ask = async |username: &str| challenge(&t, &client, &[("method", "email_code"), ("username", username)]).await;
        let shape = |answer: &Answer| {
            let mut json = answer.json();
            json["auth_session"].take();
            (answer.status, json)
        };
        let unknown = ask("nobody@example.com").await;
        let known = ask(&alice.email).await;
        assert_eq!(shape(&known), shape(&unknown));
        let code = mailed(&t).await;
        let guessed = go_on(&t, &client, &unknown, &[("method", "email_code"), ("code", &code)]).await;
        assert_eq!(guessed.json()["fields"], json!({"code": "code_wrong"}), "somebody else's code");
        let done = go_on(&t, &client, &known, &[("method", "email_code"), ("code", &code)]).await;
        let tokens = redeem(&t, &client, &done).await;
        assert_eq!(jwt::claims(tokens.id())["sub"], json!(alice.id.to_string()));
    }

    async fn acr_values_count_without_a_browser_and_who_has_nothing_sets_it_up(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let wanted = [credentials(&alice).as_slice(), &[("acr_values", TWO)]].concat();
        let none = challenge(&t, &client, &wanted).await;
        assert_eq!(none.json()["stage"], "set_up", "no second factor yet: {}", none.body);
        with_codes(&mut t).await;
        let first = challenge(&t, &client, &wanted).await;
        assert_eq!(first.json()["stage"], "second_factor", "{}", first.body);
        let sent = go_on(&t, &client, &first, &[("method", "email_code")]).await;
        let code = mailed(&t).await;
        let done = go_on(&t, &client, &sent, &[("method", "email_code"), ("code", &code)]).await;
        let tokens = redeem(&t, &client, &done).await;
        assert_eq!(jwt::claims(&tokens.access)["acr"], TWO);
    }
}
