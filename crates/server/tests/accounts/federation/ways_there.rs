//! How a sign-in gets to another provider: by button, by address, by request; and never by a stranger's link.

use authflow_server::connections::{self, ConnectionSettings};
use authflow_testkit::{BASE, CHALLENGE, TestApp, both_databases};
use http::StatusCode;

use super::{ada, press, trusting};
use crate::provider::Provider;
use crate::{ALICE, PASSWORD, place, prove};

both_databases! {
    async fn a_start_counts_only_from_our_own_page(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        let sign_in = page.field("sign_in").unwrap();
        // A link: leads to the page and no further.
        let linked = browser.get(&format!("/sign-in/connections/acme?sign_in={sign_in}")).await;
        assert_eq!(linked.location().unwrap().path(), "/sign-in");
        // A form of another site, without the token.
        let forged = browser.post("/sign-in/connections/acme", &[("sign_in", &sign_in)]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let mut stranger = t.browser();
        let form = page.form("/sign-in/connections/acme");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_ne!(stranger.post("/sign-in/connections/acme", &fields).await.status, StatusCode::SEE_OTHER);
    }

    async fn an_address_leads_to_its_domains_provider_whether_or_not_anybody_has_it(t: TestApp) {
        let provider = Provider::start(&t).await;
        let hidden = |settings: &mut ConnectionSettings| {
            settings.button = false;
            settings.domains = vec!["Example.com".to_owned()];
            settings.organization = Some("acme-corp".to_owned());
        };
        provider.connect(&t, "acme", hidden).await;
        t.user("alice").await;
        for typed in [ALICE, "nobody@EXAMPLE.com"] {
            let mut browser = t.browser();
            let page = browser.open("/sign-in").await;
            assert!(!page.body.contains("/sign-in/connections/"), "no button");
            let answer = prove(&mut browser, &page, typed, "").await;
            let url = answer.location().unwrap();
            assert_eq!(url.origin().ascii_serialization(), provider.origin());
            assert!(url.query_pairs().any(|(name, value)| name == "login_hint" && value == typed));
        }
        let mut browser = t.browser();
        let page = browser.open("/sign-in").await;
        let elsewhere = prove(&mut browser, &page, "bob@sub.example.com", PASSWORD).await;
        assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
        let client = t.client().create().await;
        for (name, value) in [
            ("connection", "acme"),
            ("organization", "acme-corp"),
            ("domain_hint", "example.com"),
            ("login_hint", "someone@example.com"),
        ] {
            let answer = t.browser().authorize(&t.authorization(&client).with(name, value)).await;
            let url = answer.location().unwrap_or_else(|| panic!("{name}: {}", answer.words()));
            assert_eq!(url.origin().ascii_serialization(), provider.origin(), "{name}");
        }
        for (name, value) in [("connection", "none"), ("organization", "x"), ("domain_hint", "%%")] {
            let answer = t.browser().authorize(&t.authorization(&client).with(name, value)).await;
            assert_eq!(place(&answer), "/sign-in", "{name}");
        }
        let direct = [
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("username", ALICE),
            ("password", PASSWORD),
        ];
        let refused = t.post_as(&client, "/oauth2/challenge", &direct).await;
        assert_eq!(refused.error(), "redirect_to_web", "{}", refused.body);
        let again = t.authorization(&client).with("connection", "acme").with("prompt", "login");
        let url = t.browser().authorize(&again).await.location().unwrap();
        assert!(url.query().unwrap().contains("prompt=login"), "a fresh proof is asked for there too");
    }

    async fn nothing_of_a_connection_is_anothers_tenants(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let other = t.tenant("other").await;
        provider.is(ada());
        let mut browser = t.browser();
        let callback = provider.callback(&press(&mut browser, "acme").await);
        let path = callback.strip_prefix(BASE).unwrap();
        let mut there = other.browser();
        there.cookies.clone_from(&browser.cookies);
        assert_eq!(there.open(&format!("/t/other{path}")).await.status, StatusCode::NOT_FOUND);
        assert!(connections::find(&other.cx(), "acme").await.unwrap().is_none());
        assert_eq!(place(&browser.open(&callback).await), "/account");
    }
}
