//! Who gets an account by another provider, who is let in, and who is refused.

use authflow_server::config::MailTransport;
use authflow_server::connections::{self, Connection};
use authflow_server::identities::{self, UserStatus};
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;
use serde_json::json;

use super::{ADA, ada, links_of, mailed_code, press, session_amr, through, trusting, user_of};
use crate::provider::Provider;
use crate::{ALICE, is_signed_in, place};

both_databases! {
    async fn a_stranger_gets_an_account_by_a_trusted_provider_and_comes_back_to_it(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        let asked = press(&mut browser, "acme").await;
        assert!(asked.as_str().starts_with(&format!("{}/authorize?", provider.origin())));
        let query = asked.query().unwrap();
        for part in ["code_challenge_method=S256", "scope=openid+profile+email", "nonce=", "state=af_us_"] {
            assert!(query.contains(part), "{part} in {query}");
        }
        let page = browser.open(&provider.callback(&asked)).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        let (form, header) = provider.last_exchange();
        assert!(form.contains_key("code_verifier") && !form.contains_key("client_secret"));
        assert!(header.unwrap().starts_with("Basic "));
        let user = identities::find_by_identifier(&t.cx(), ADA).await.unwrap().unwrap();
        assert_eq!(user.email(), Some((ADA, true)));
        assert_eq!(user.profile.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(user.profile.picture.as_deref(), Some("https://img.example/ada.png"));
        assert_eq!(user.profile.website, None, "a claim that breaks our rules is left out");
        assert_eq!(session_amr(&mut browser, &t).await, ["fed"]);
        // Another browser, another address there: the same person by their subject.
        provider.is(json!({ "sub": "ada-1", "email": "other@example.com", "email_verified": true }));
        let mut second = t.browser();
        assert_eq!(place(&through(&mut second, &provider, "acme").await), "/account");
        assert!(identities::find_by_identifier(&t.cx(), "other@example.com").await.unwrap().is_none());
        assert_eq!(links_of(&t, user.id).await, 1);
    }

    async fn the_providers_second_factor_counts_only_where_it_is_trusted(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        let provider = Provider::start(&t).await;
        provider.is(ada());
        provider.connect(&t, "plain", trusting).await;
        provider.connect(&t, "strong", |settings| {
            settings.trust_email = true;
            settings.trust_amr = true;
        }).await;
        let page = through(&mut t.browser(), &provider, "plain").await;
        assert_ne!(place(&page), "/account", "the tenant's rule asks for more");
        let mut browser = t.browser();
        assert_eq!(place(&through(&mut browser, &provider, "strong").await), "/account");
        assert_eq!(session_amr(&mut browser, &t).await, ["fed", "pwd", "otp", "mfa"]);
    }

    async fn an_untrusted_address_is_proven_by_a_code_before_there_is_an_account(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.is(ada());
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let page = browser.submit(&page, "/sign-in/connect", &[("step", "create")]).await;
        assert!(page.words().contains(ADA), "{}", page.words());
        assert!(identities::find_by_identifier(&t.cx(), ADA).await.unwrap().is_none());
        let code = mailed_code(&t, ADA).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let again = browser.submit(&page, "/sign-in/connect", &[("code", wrong)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = browser.submit(&again, "/sign-in/connect", &[("code", &code)]).await;
        assert_eq!(place(&done), "/account", "{}", done.words());
        let user = user_of(&t, ADA).await;
        assert_eq!(links_of(&t, user).await, 1);
    }

    async fn a_code_for_ones_own_mailbox_does_not_open_an_account_for_another_address(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        provider.is(json!({ "sub": "m", "name": "Mallory", "email": "mallory@example.com" }));
        let mut browser = t.browser();
        let choice = through(&mut browser, &provider, "acme").await;
        let page = browser.submit(&choice, "/sign-in/connect", &[("step", "create")]).await;
        let code = mailed_code(&t, "mallory@example.com").await;
        // The address is changed after the code was mailed; the new code goes to somebody else.
        let changed = [("step", "create"), ("email", "victim@example.com")];
        browser.submit(&choice, "/sign-in/connect", &changed).await;
        let done = browser.submit(&page, "/sign-in/connect", &[("code", &code)]).await;
        assert_eq!(done.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(identities::find_by_identifier(&t.cx(), "victim@example.com").await.unwrap().is_none());
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn disabled_users_and_disabled_connections_are_refused(t: TestApp) {
        let provider = Provider::start(&t).await;
        let connection = provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        let user = identities::find_by_identifier(&t.cx(), ADA).await.unwrap().unwrap();
        let mut cx = t.cx();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let mut browser = t.browser();
        assert_eq!(through(&mut browser, &provider, "acme").await.status, StatusCode::FORBIDDEN);
        assert!(!is_signed_in(&mut browser).await);
        let callback = provider.callback(&press(&mut browser, "acme").await);
        let mut cx = t.cx();
        connections::set_enabled(&mut cx, &connection, false).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(browser.open(&callback).await.status, StatusCode::NOT_FOUND);
        assert!(!browser.open("/sign-in").await.body.contains("/sign-in/connections/"));
    }

    async fn closed_sign_up_makes_no_account_and_still_lets_linked_people_in(t: TestApp) {
        let mut t = t;
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        t.set(|settings| settings.sign_up = false).await;
        assert_eq!(place(&through(&mut t.browser(), &provider, "acme").await), "/account");
        provider.is(json!({ "sub": "new", "name": "New", "email": "new@example.com", "email_verified": true }));
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        assert_eq!(place(&page), "/sign-in/connect");
        let forced = [("step", "create"), ("name", "New"), ("email", "new@example.com")];
        let refused = browser.submit(&page, "/sign-in/connect", &forced).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(identities::find_by_identifier(&t.cx(), "new@example.com").await.unwrap().is_none());
    }

    async fn a_provider_without_id_tokens_tells_by_its_own_addresses(t: TestApp) {
        use authflow_proto::upstream::Preset;
        let provider = Provider::start(&t).await;
        provider.names_issuer(false);
        provider.connect_oauth2(&t, Preset::Github).await;
        provider.is(json!({ "id": 583_231, "login": "octocat", "name": "Octo Cat", "email": ALICE }));
        t.user("alice").await;
        provider.has_emails(json!([{ "email": "octo@example.com", "primary": true, "verified": true }]));
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "github").await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        let (form, header) = provider.last_exchange();
        assert_eq!((form["client_secret"].as_str(), header), (crate::provider::SECRET, None));
        let user = identities::find_by_identifier(&t.cx(), "octo@example.com").await.unwrap().unwrap();
        assert_eq!(user.profile.nickname.as_deref(), Some("octocat"));
    }

    async fn signing_in_and_linking_leave_events(t: TestApp) {
        let provider = Provider::start(&t).await;
        let connection: Connection = provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        through(&mut t.browser(), &provider, "acme").await;
        let kinds = event_kinds(&t).await;
        for kind in ["connection.created", "user.created", "user.identity_linked", "user.login"] {
            assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
        }
        assert_eq!(connection.method(), "connection:acme");
    }
}

async fn event_kinds(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
    let rows = authflow_db::q!(
        tx,
        fetch_all<(String,)>,
        "SELECT type FROM events WHERE tenant_id = $1 ORDER BY id",
        t.tenant.id
    );
    rows.unwrap().into_iter().map(|(kind,)| kind).collect()
}
