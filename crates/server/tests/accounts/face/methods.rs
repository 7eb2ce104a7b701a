//! Each method of signing in, without a browser.

use std::time::Duration;

use authflow_server::config::{Config, Limits, MailTransport, Mode, SmsProvider};
use authflow_server::identities::{self, IdentifierValue, NewUser};
use authflow_testkit::{TestApp, both_databases, jwt};
use serde_json::json;

use super::{CREDENTIALS, Face, amr, digits, mailed, mails, offered, other_than, said};
use crate::passkeys::with_passkey;
use crate::provider::Provider;
use crate::second_factor::with_app;
use crate::{ALICE, NORA, run_jobs};

fn with_mail(config: &mut Config) {
    config.mail.transport = MailTransport::Captured;
}

fn with_sms(config: &mut Config) {
    config.sms.provider = SmsProvider::Captured;
    config.sms.countries = vec!["DE".to_owned()];
    config.mode = Mode::Dev;
}

both_databases! {
    async fn first_answer_offers_what_the_tenant_has_switched_on_and_can_send(t: TestApp, |c| { with_mail(c); with_sms(c); }) {
        let mut t = t;
        let answer = Face::new(&t).await.asked(&[]).await;
        assert_eq!(offered(&answer), ["password", "passkey", "email_code"], "{answer}");
        t.set(|settings| {
            settings.methods.magic_link = true;
            settings.methods.sms_code = true;
            settings.methods.passkey = false;
        }).await;
        let answer = Face::new(&t).await.asked(&[]).await;
        assert_eq!(offered(&answer), ["password", "email_code", "magic_link", "sms_code"]);
        // A link that shows no code elsewhere cannot be used where nothing opens links.
        t.set(|settings| settings.methods.magic_link_code_on_other_device = false).await;
        let answer = Face::new(&t).await.asked(&[]).await;
        assert_eq!(offered(&answer), ["password", "email_code", "sms_code"]);
        for method in ["magic_link", "passkey", "totp", "recovery_code", "reset_code", "connection:none", "x"] {
            let refused = Face::new(&t).await.step(&[("method", method), ("username", ALICE), ("code", "1")]).await;
            assert_eq!(refused.error(), "invalid_request", "{method}: {}", refused.body);
        }
        t.set(|settings| settings.methods.password = false).await;
        t.user("alice").await;
        let refused = Face::new(&t).await.step(&CREDENTIALS).await;
        assert_eq!(refused.error(), "invalid_request", "a method that is off: {}", refused.body);
    }

    async fn code_by_mail_counts_once_for_whom_it_was_sent_to_and_only_here(t: TestApp, |c| { with_mail(c); }) {
        t.user("alice").await;
        t.user("bob").await;
        let mut face = Face::new(&t).await;
        let sent = face.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        assert_eq!(sent["challenge"], json!({ "method": "email_code", "sent": true }));
        let code = mailed(&t, ALICE).await;
        // In another sign-in, of the same client, it is worth nothing.
        let mut other = Face::of(&t, &face.client);
        other.asked(&[("method", "email_code"), ("username", "bob@example.com")]).await;
        let wrong = other.asked(&[("method", "email_code"), ("username", ALICE), ("code", &code)]).await;
        assert_eq!(wrong["fields"], json!({ "code": "code_wrong" }));
        let tokens = face.tokens(&[("method", "email_code"), ("username", "bob@example.com"), ("code", &format!(" {code} "))]).await;
        assert_eq!(t.userinfo(&tokens.access).await.json()["sub"], jwt::claims(tokens.id())["sub"]);
        let alice = identities::find_by_identifier(&t.cx(), ALICE).await.unwrap().unwrap();
        assert_eq!(jwt::claims(tokens.id())["sub"], json!(alice.id.to_string()), "whom it was sent to");
        assert_eq!(amr(&tokens), json!(["otp"]));
        assert_eq!(t.events("user.login").await.pop().unwrap()["method"], "email_code");
    }

    async fn code_stands_five_tries_and_ten_minutes(t: TestApp, |c| { with_mail(c); }) {
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        face.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        let code = mailed(&t, ALICE).await;
        for _ in 0..5 {
            let answer = face.step(&[("method", "email_code"), ("code", other_than(&code))]).await;
            assert_eq!(answer.error(), "insufficient_authorization");
        }
        let late = face.step(&[("method", "email_code"), ("code", &code)]).await;
        assert_eq!(late.error(), "insufficient_authorization", "used up by tries: {}", late.body);
        t.clock.advance(Duration::from_hours(1));
        let mut face = Face::new(&t).await;
        face.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        let code = mailed(&t, ALICE).await;
        t.clock.advance(Duration::from_mins(10));
        let late = face.asked(&[("method", "email_code"), ("code", &code)]).await;
        assert_eq!(late["fields"]["code"], "code_wrong");
    }

    async fn unknown_and_known_get_the_same_answers_from_every_method_that_sends(t: TestApp, |c| { with_mail(c); with_sms(c); }) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| {
            settings.methods.magic_link = true;
            settings.methods.sms_code = true;
        }).await;
        for method in ["email_code", "magic_link", "sms_code"] {
            let ask = async |username: &str| {
                let mut face = Face::new(&t).await;
                let sent = said(face.asked(&[("method", method), ("username", username)]).await);
                let wrong = said(face.asked(&[("method", method), ("code", "123456")]).await);
                (sent, wrong)
            };
            assert_eq!(ask(ALICE).await, ask("nobody@example.com").await, "{method}");
        }
    }

    async fn messages_to_one_address_are_limited_whoever_asks(t: TestApp, |c| {
        with_mail(c);
        c.limits.messages_per_recipient = Limits::default().messages_per_recipient;
    }) {
        t.user("alice").await;
        let mut counts = Vec::new();
        for who in [ALICE, "nobody@example.com"] {
            let mut count = 0;
            loop {
                let answer = Face::new(&t).await.asked(&[("method", "email_code"), ("username", who)]).await;
                if answer.get("reason").is_some() {
                    assert_eq!(answer["reason"], "too_many_messages");
                    break;
                }
                count += 1;
                assert!(count < 100);
            }
            counts.push(count);
        }
        assert_eq!(counts[0], counts[1]);
        assert_eq!(mails(&t, ALICE).await.len(), counts[0]);
    }

    async fn link_that_is_opened_anywhere_shows_the_code_that_is_typed_here(t: TestApp, |c| { with_mail(c); }) {
        let mut t = t;
        t.set(|settings| settings.methods.magic_link = true).await;
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        let sent = face.asked(&[("method", "magic_link"), ("username", ALICE)]).await;
        assert_eq!(sent["challenge"], json!({ "method": "magic_link", "sent": true }));
        let text = mails(&t, ALICE).await.remove(0);
        let link = text.split_whitespace().find(|word| word.contains("token=")).unwrap();
        let mut phone = t.browser();
        let page = phone.open(link).await;
        assert_eq!(t.events("user.login").await.len(), 0, "opening it changes nothing");
        let shown = phone.submit(&page, "/sign-in/link", &[]).await;
        assert!(!phone.cookies.contains_key(crate::SESSION), "the link signs no browser in");
        let code = digits(shown.body.split("big-code\">").nth(1).unwrap().split('<').next().unwrap());
        let tokens = face.tokens(&[("method", "magic_link"), ("code", &code)]).await;
        assert_eq!(amr(&tokens), json!(["otp"]));
        // The link's own secret, typed instead of the code, counts as well: who has it reads the mailbox. Once.
        let used = Face::new(&t).await.step(&[("method", "magic_link"), ("username", ALICE), ("code", &code)]).await;
        assert_eq!(used.error(), "insufficient_authorization");
    }

    async fn code_by_sms_signs_in_to_the_proven_number(t: TestApp, |c| { with_sms(c); }) {
        let mut t = t;
        t.set(|settings| settings.methods.sms_code = true).await;
        let mut cx = t.cx();
        let new = NewUser {
            identifiers: vec![IdentifierValue::guess("+4915123456789").unwrap()],
            verified: true,
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let mut face = Face::new(&t).await;
        face.asked(&[("method", "sms_code"), ("username", "+4915123456789")]).await;
        run_jobs(&t).await;
        let sent = authflow_server::sms::list_captured(&t.cx()).await.unwrap().remove(0);
        let code = sent.body.rsplit('#').next().unwrap()[..6].to_owned();
        let tokens = face.tokens(&[("method", "sms_code"), ("code", &code)]).await;
        assert_eq!(amr(&tokens), json!(["sms", "otp"]));
    }

    async fn passkey_is_given_as_first_factor_and_as_second(t: TestApp) {
        let mut t = t;
        let (alice, mut device) = with_passkey(&t, "alice").await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&[("method", "passkey")]).await;
        let options = &asked["challenge"]["options"];
        assert_eq!(asked["challenge"]["method"], "passkey");
        assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("id.example"), &json!([])), "nobody's credentials");
        let assertion = device.get(options).to_string();
        let tokens = face.tokens(&[("method", "passkey"), ("assertion", &assertion)]).await;
        let claims = jwt::claims(tokens.id());
        assert_eq!((&claims["sub"], &claims["acr"]), (&json!(alice.id.to_string()), &json!("phr")));
        // An answer counts once, and in the sign-in that asked.
        for session in [None, Some(())] {
            let mut other = Face::new(&t).await;
            if session.is_some() {
                other.asked(&[("method", "passkey")]).await;
            }
            let replayed = other.asked(&[("assertion", &assertion)]).await;
            assert_eq!(replayed["reason"], "passkey_wrong", "{replayed}");
        }
        // From another origin than the tenant's.
        let mut face = Face::new(&t).await;
        let asked = face.asked(&[("method", "passkey")]).await;
        device.origin = "https://evil.example";
        let foreign = device.get(&asked["challenge"]["options"]).to_string();
        assert_eq!(face.asked(&[("assertion", &foreign)]).await["reason"], "passkey_wrong");
        device.origin = authflow_testkit::BASE;
        t.set(|settings| settings.mfa = authflow_server::tenants::MfaPolicy::Required).await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&CREDENTIALS).await;
        assert_eq!((&asked["stage"], offered(&asked)), (&json!("second_factor"), vec!["passkey"]), "{asked}");
        let asked = face.asked(&[("method", "passkey")]).await;
        let options = &asked["challenge"]["options"];
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1, "theirs, now that a factor was given");
        let assertion = device.get(options).to_string();
        let tokens = face.tokens(&[("method", "passkey"), ("assertion", &assertion)]).await;
        assert_eq!(amr(&tokens), json!(["pwd", "hwk", "user", "mfa"]));
    }

    async fn app_and_recovery_code_are_second_factors_and_count_once(t: TestApp) {
        let (alice, app, codes) = with_app(&t).await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&CREDENTIALS).await;
        assert_eq!((&asked["stage"], offered(&asked)), (&json!("second_factor"), vec!["totp", "recovery_code"]), "{asked}");
        let wrong = face.asked(&[("method", "totp"), ("code", other_than(&app.code(&t)))]).await;
        assert_eq!((&wrong["stage"], &wrong["fields"]), (&json!("second_factor"), &json!({ "code": "code_wrong" })));
        let code = app.code(&t);
        let tokens = face.tokens(&[("method", "totp"), ("code", &code)]).await;
        assert_eq!(jwt::claims(tokens.id())["sub"], json!(alice.id.to_string()));
        assert_eq!(amr(&tokens), json!(["pwd", "otp", "mfa"]));
        let mut face = Face::new(&t).await;
        face.asked(&CREDENTIALS).await;
        assert_eq!(face.asked(&[("method", "totp"), ("code", &code)]).await["fields"]["code"], "code_wrong", "used");
        face.tokens(&[("method", "recovery_code"), ("code", &codes[0])]).await;
        let mut face = Face::new(&t).await;
        face.asked(&CREDENTIALS).await;
        let used = face.asked(&[("method", "recovery_code"), ("code", &codes[0])]).await;
        assert_eq!(used["fields"]["code"], "code_wrong", "used");
    }

    async fn other_providers_are_named_and_lead_to_the_browser(t: TestApp, |c| { with_mail(c); }) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.connect(&t, "hidden", |settings| {
            settings.button = false;
            settings.domains = vec!["corp.example".to_owned()];
            settings.organization = Some("corp".to_owned());
        }).await;
        let first = Face::new(&t).await.asked(&[]).await;
        assert_eq!(first["connections"].as_array().unwrap().len(), 1, "{first}");
        assert_eq!(first["connections"][0]["connection"], "acme");
        let web = |connection: &str, hint: Option<&str>| {
            let mut parameters = json!({ "connection": connection });
            if let Some(hint) = hint {
                parameters["login_hint"] = json!(hint);
            }
            parameters
        };
        let of = "eve@corp.example";
        for (form, expected) in [
            (vec![("method", "connection:acme")], web("acme", None)),
            (vec![("method", "connection:hidden"), ("username", NORA)], web("hidden", Some(NORA))),
            (vec![("username", of)], web("hidden", Some(of))),
            (vec![("username", of), ("password", "x")], web("hidden", Some(of))),
            (vec![("username", of), ("method", "email_code")], web("hidden", Some(of))),
            (vec![("action", "recover"), ("username", of)], web("hidden", Some(of))),
            (vec![("action", "sign_up"), ("email", of), ("name", "E"), ("password", "x")], web("hidden", Some(of))),
            (vec![("login_hint", of)], web("hidden", Some(of))),
            (vec![("login_hint", of), ("password", "x")], web("hidden", Some(of))),
            (vec![("connection", "acme")], web("acme", None)),
            (vec![("organization", "corp")], web("hidden", None)),
        ] {
            let answer = Face::new(&t).await.step(&form).await;
            assert_eq!(answer.refusal(), (400, "redirect_to_web".to_owned()), "{form:?}: {}", answer.body);
            assert_eq!(answer.json()["authorization_parameters"], expected, "{form:?}");
            assert_eq!(answer.header("cache-control"), "no-store");
            // What it names leads there.
            let client = t.client().create().await;
            let mut request = t.authorization(&client);
            for (name, value) in expected.as_object().unwrap() {
                request = request.with(name, value.as_str().unwrap());
            }
            let url = t.browser().authorize(&request).await.location().unwrap();
            assert_eq!(url.origin().ascii_serialization(), provider.origin());
        }
    }
}
