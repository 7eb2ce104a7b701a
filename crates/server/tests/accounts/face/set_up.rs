//! A second factor that is set up on the way in, without a browser.

use std::time::Duration;

use authflow_server::sessions::ACR_MULTI_FACTOR;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{TestApp, both_databases, jwt};
use serde_json::json;

use super::{CREDENTIALS, Face, amr, offered, other_than};
use crate::second_factor::{App, with_app};

async fn required(t: &mut TestApp) {
    t.set(|settings| settings.mfa = MfaPolicy::Required).await;
}

both_databases! {
    async fn app_is_set_up_and_its_recovery_codes_are_shown_with_the_code(t: TestApp) {
        let mut t = t;
        required(&mut t).await;
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        let first = face.step(&CREDENTIALS).await;
        let asked = first.json();
        assert_eq!((&asked["stage"], &asked["methods"]), (&json!("set_up"), &json!([{ "method": "totp", "parameters": ["code"] }])), "{asked}");
        let secret = asked["challenge"]["secret"].as_str().unwrap();
        assert!(asked["challenge"]["uri"].as_str().unwrap().contains(&format!("secret={secret}")));
        let app = App::scan(&first);
        let wrong = face.asked(&[("code", other_than(&app.code(&t)))]).await;
        assert_eq!((&wrong["fields"], &wrong["challenge"]), (&json!({ "code": "code_wrong" }), &asked["challenge"]), "the same secret");
        assert_eq!(t.events("mfa.enabled").await.len(), 0);
        let done = face.step(&[("code", &app.code(&t))]).await;
        let codes: Vec<String> = serde_json::from_value(done.json()["recovery_codes"].clone()).unwrap();
        assert_eq!(codes.len(), 10);
        let tokens = face.redeem(&done).await;
        assert_eq!((amr(&tokens), &jwt::claims(tokens.id())["acr"]), (json!(["pwd", "otp", "mfa"]), &json!(ACR_MULTI_FACTOR)));
        assert_eq!(t.events("mfa.enabled").await.len(), 1);
        // From now on it is asked for; the code that set it up is used.
        let mut face = Face::new(&t).await;
        let asked = face.asked(&CREDENTIALS).await;
        assert_eq!((&asked["stage"], offered(&asked)), (&json!("second_factor"), vec!["totp", "recovery_code"]));
        assert_eq!(face.asked(&[("method", "totp"), ("code", &app.code(&t))]).await["fields"]["code"], "code_wrong");
        t.clock.advance(Duration::from_secs(30));
        let later = face.step(&[("method", "totp"), ("code", &app.code(&t))]).await;
        assert_eq!(later.json().get("recovery_codes"), None, "shown once");
        face.redeem(&later).await;
        let mut face = Face::new(&t).await;
        face.asked(&CREDENTIALS).await;
        face.tokens(&[("method", "recovery_code"), ("code", &codes[3])]).await;
    }

    async fn who_has_an_app_cannot_bring_another_instead(t: TestApp) {
        let mut t = t;
        with_app(&t).await;
        required(&mut t).await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&CREDENTIALS).await;
        assert_eq!((&asked["stage"], asked.get("challenge")), (&json!("second_factor"), None), "{asked}");
        let asked = face.asked(&[("method", "totp")]).await;
        assert_eq!(asked.get("challenge"), None, "no secret is shown: {asked}");
    }

    async fn secret_of_one_sign_in_is_not_anothers(t: TestApp) {
        let mut t = t;
        required(&mut t).await;
        t.user("alice").await;
        let mut first = Face::new(&t).await;
        let app = App::scan(&first.step(&CREDENTIALS).await);
        let mut second = Face::new(&t).await;
        second.asked(&CREDENTIALS).await;
        let wrong = second.asked(&[("code", &app.code(&t))]).await;
        assert_eq!(wrong["fields"]["code"], "code_wrong");
        first.tokens(&[("code", &app.code(&t))]).await;
        // Meanwhile there is one: the other sign-in must give it.
        let asked = second.asked(&[]).await;
        assert_eq!(asked["stage"], "second_factor", "{asked}");
    }

    async fn what_cannot_be_set_up_here_leads_to_the_browser(t: TestApp) {
        let mut t = t;
        required(&mut t).await;
        t.user("alice").await;
        let wants_more = [CREDENTIALS.as_slice(), &[("acr_values", "phr")]].concat();
        assert_eq!(Face::new(&t).await.step(&wants_more).await.error(), "redirect_to_web", "a passkey is set up on a page");
        t.set(|settings| settings.methods.totp = false).await;
        let refused = Face::new(&t).await.step(&CREDENTIALS).await;
        assert_eq!(refused.error(), "redirect_to_web", "{}", refused.body);
    }
}
