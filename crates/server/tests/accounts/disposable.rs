//! Addresses of disposable mail, where the tenant refuses them.

use authflow_server::config::MailTransport;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;

use crate::sign_up;

both_databases! {
    async fn sign_up_and_change_refuse_disposable_addresses_where_the_tenant_says_so(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        assert_eq!(sign_up(&mut t.browser(), "one@mailinator.com").await.path, "/account", "off by default");
        t.set(|settings| settings.abuse.refuse_disposable_email = true).await;
        for email in ["two@mailinator.com", "two@MX.Mailinator.com"] {
            let refused = sign_up(&mut t.browser(), email).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
            assert!(refused.words().contains("disposable"), "{}", refused.words());
        }
        let mut browser = t.browser();
        assert_eq!(sign_up(&mut browser, "three@example.com").await.path, "/account");
        let form = browser.open("/account").await;
        let refused = browser.submit(&form, "/account/identifiers/add", &[("email", "three@yopmail.com")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.words());
        assert!(refused.words().contains("disposable"));
        // Who has such an address already is not put out.
        let mut old = t.browser();
        assert_eq!(crate::sign_in(&mut old, "one@mailinator.com", crate::PASSWORD).await.path, "/account");
    }

    async fn refusal_is_in_the_visitors_language(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.abuse.refuse_disposable_email = true).await;
        let mut browser = t.browser();
        browser.headers.push(("accept-language".to_owned(), "de".to_owned()));
        let refused = sign_up(&mut browser, "x@trashmail.com").await;
        assert!(refused.words().contains("Wegwerfadressen"), "{}", refused.words());
    }
}
