//! Whose word counts for which addresses, and that nobody walks around it.

use authflow_server::config::MailTransport;
use authflow_server::connections::ConnectionSettings;
use authflow_server::identities::{self, IdentifierValue, NewPassword, NewUser};
use authflow_server::passwords::Password;
use authflow_testkit::{TestApp, both_databases};
use serde_json::json;

use super::{mails, post};
use crate::federation::{links_of, through};
use crate::provider::Provider;
use crate::{ALICE, PASSWORD, SESSION, place, sign_up_as};

const EMPLOYEE: &str = "emp@acme.example";

fn of_acme(settings: &mut ConnectionSettings) {
    settings.trust_email = true;
    settings.domains = vec!["acme.example".to_owned()];
}

both_databases! {
    async fn customers_provider_opens_no_account_outside_its_domains(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", of_acme).await;
        let alice = t.user("alice").await;
        for email in [ALICE, "stranger@example.com", "eve@sub.acme.example", "eve@acme.example.evil.example"] {
            provider.is(json!({ "sub": email, "name": "Eve", "email": email, "email_verified": true }));
            let mut browser = t.browser();
            let page = through(&mut browser, &provider, "acme").await;
            assert_eq!(place(&page), "/sign-in/connect", "{email}: {}", page.words());
            assert!(!page.words().contains("already"), "not told whether there is one: {}", page.words());
            let fields = [("step", "create"), ("name", "Eve"), ("email", email)];
            post(&mut browser, &page, "/sign-in/connect", &fields).await;
            assert!(!browser.cookies.contains_key(SESSION), "{email}");
        }
        assert_eq!(links_of(&t, alice.id).await, 0);
        provider.is(json!({ "sub": "own", "name": "Own", "email": "own@acme.example", "email_verified": true }));
        assert_eq!(place(&through(&mut t.browser(), &provider, "acme").await), "/account");
    }

    async fn domain_of_one_provider_is_not_anothers_to_prove(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", of_acme).await;
        provider.connect(&t, "social", |settings| settings.trust_email = true).await;
        provider.is(json!({ "sub": "1", "name": "Eve", "email": "eve@acme.example", "email_verified": true }));
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "social").await;
        assert_eq!(place(&page), "/sign-in/connect", "{}", page.words());
        provider.is(json!({ "sub": "2", "name": "Ada", "email": "ada@example.com", "email_verified": true }));
        assert_eq!(place(&through(&mut t.browser(), &provider, "social").await), "/account");
    }

    async fn routed_domain_is_walked_around_by_no_other_form(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let provider = Provider::start(&t).await;
        let new = NewUser {
            identifiers: vec![IdentifierValue::email(EMPLOYEE).unwrap()],
            password: Some(NewPassword::Plain(Password::from(PASSWORD))),
            verified: true,
            ..NewUser::default()
        };
        let mut cx = t.cx();
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        provider.connect(&t, "acme", of_acme).await;
        let mut browser = t.browser();
        let page = browser.open("/recover").await;
        let answer = browser.submit(&page, "/recover", &[("identifier", EMPLOYEE)]).await;
        assert!(answer.location().is_some_and(|url| url.as_str().starts_with(provider.origin())), "{}", answer.words());
        for email in [EMPLOYEE, "new@acme.example"] {
            let answer = sign_up_as(&mut browser, "Emp", email, PASSWORD).await;
            assert!(answer.location().is_some_and(|url| url.as_str().starts_with(provider.origin())), "{}", answer.words());
        }
        assert!(mails(&t, EMPLOYEE).await.is_empty() && !browser.cookies.contains_key(SESSION));
        assert!(identities::find_by_identifier(&t.cx(), "new@acme.example").await.unwrap().is_none());
    }
}
