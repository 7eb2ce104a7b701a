//! Refresh token families (security.md, "Codes and tokens"; contracts.md, "Refresh tokens").

use std::time::Duration;

use authflow_server::clients::{self, ClientStatus};
use authflow_server::identities::{self, UserStatus};
use authflow_testkit::{Browser, Client, TestApp, Tokens, User, both_databases};
use http::StatusCode;

const OFFLINE: &str = "openid email offline_access";

fn grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

struct Scene {
    alice: User,
    client: Client,
    browser: Browser,
    tokens: Tokens,
}

async fn scene(t: &TestApp) -> Scene {
    let alice = t.user("alice").await;
    let client = t.client().create().await;
    let mut browser = t.signed_in(&alice).await;
    let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
    Scene {
        alice,
        client,
        browser,
        tokens,
    }
}

/// Neither refresh nor access token is good any more.
async fn assert_dead(t: &TestApp, client: &Client, tokens: &Tokens, case: &str) {
    assert_eq!(
        t.refresh(client, tokens.refresh()).await.refusal(),
        grant(),
        "{case}"
    );
    assert_eq!(
        t.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED,
        "{case}"
    );
}

both_databases! {
    async fn repeated_rotation_within_thirty_seconds_gets_the_same_successor(t: TestApp) {
        let s = scene(&t).await;
        let first = Tokens::of(&t.refresh(&s.client, s.tokens.refresh()).await);
        t.clock.advance(Duration::from_secs(30));
        let second = Tokens::of(&t.refresh(&s.client, s.tokens.refresh()).await);
        assert_eq!(first.refresh(), second.refresh());
        assert_ne!(first.access, second.access);
        assert_eq!(t.refresh(&s.client, first.refresh()).await.status, StatusCode::OK);
    }

    async fn reuse_after_the_window_revokes_the_family_and_is_recorded(t: TestApp) {
        let s = scene(&t).await;
        let next = Tokens::of(&t.refresh(&s.client, s.tokens.refresh()).await);
        t.clock.advance(Duration::from_micros(30_000_001));
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.refusal(), grant());
        assert_dead(&t, &s.client, &next, "successor").await;
        let events = t.events("security.refresh_reuse").await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["user_id"], s.alice.id.to_string());
        assert_eq!(t.events("grant.revoked").await.len(), 1);
    }

    async fn older_generation_revokes_at_once(t: TestApp) {
        let s = scene(&t).await;
        let second = Tokens::of(&t.refresh(&s.client, s.tokens.refresh()).await);
        let third = Tokens::of(&t.refresh(&s.client, second.refresh()).await);
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.refusal(), grant());
        assert_dead(&t, &s.client, &third, "newest").await;
    }

    async fn refresh_token_in_the_hands_of_another_client_revokes_the_family(t: TestApp) {
        let s = scene(&t).await;
        let other = t.client().create().await;
        assert_eq!(t.refresh(&other, s.tokens.refresh()).await.refusal(), grant());
        assert_dead(&t, &s.client, &s.tokens, "stolen").await;
        assert_eq!(t.events("security.refresh_reuse").await[0]["presented_by"], other.id);
    }

    async fn refresh_token_of_another_tenant_is_unknown_and_stays_good_at_home(t: TestApp) {
        let s = scene(&t).await;
        let acme = t.tenant("acme").await;
        let stranger = acme.client().create().await;
        assert_eq!(acme.refresh(&stranger, s.tokens.refresh()).await.refusal(), grant());
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.status, StatusCode::OK);
    }

    async fn parallel_refreshes_agree_on_one_successor(t: TestApp) {
        let s = scene(&t).await;
        let answers = futures_util::future::join_all((0..10).map(|_| t.refresh(&s.client, s.tokens.refresh()))).await;
        let successors: Vec<String> = answers.iter().map(|answer| Tokens::of(answer).refresh().to_owned()).collect();
        assert!(successors.iter().all(|token| *token == successors[0]), "{successors:?}");
        assert_eq!(t.refresh(&s.client, &successors[0]).await.status, StatusCode::OK);
        assert_eq!(t.events("security.refresh_reuse").await.len(), 0);
    }

    async fn scope_narrows_and_never_widens_and_a_refusal_costs_no_token(t: TestApp) {
        let s = scene(&t).await;
        for wider in ["openid email profile", "profile", "openid email offline_access phone"] {
            let answer = t.refresh_with(&s.client, s.tokens.refresh(), &[("scope", wider)]).await;
            assert_eq!(answer.refusal(), (400, "invalid_scope".to_owned()), "{wider}");
        }
        let narrow = Tokens::of(&t.refresh_with(&s.client, s.tokens.refresh(), &[("scope", "openid")]).await);
        assert_eq!(narrow.json["scope"], "openid");
        assert_eq!(t.userinfo(&narrow.access).await.json().get("email"), None);
        let again = Tokens::of(&t.refresh(&s.client, narrow.refresh()).await);
        assert_eq!(again.json["scope"], OFFLINE, "narrowing one access token does not narrow the grant");
    }

    async fn resource_outside_the_grant_is_refused(t: TestApp) {
        let s = scene(&t).await;
        let answer = t.refresh_with(&s.client, s.tokens.refresh(), &[("resource", "https://unknown.example")]).await;
        assert_eq!(answer.refusal(), (400, "invalid_target".to_owned()));
    }

    async fn family_ends_with_sign_out(t: TestApp) {
        let mut s = scene(&t).await;
        let page = s.browser.open("/sign-out").await;
        let after = s.browser.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;
        assert_eq!(after.status, StatusCode::OK);
        assert_eq!(s.browser.cookie("session"), None);
        assert_dead(&t, &s.client, &s.tokens, "sign-out").await;
    }

    async fn family_ends_with_rp_initiated_logout(t: TestApp) {
        let mut s = scene(&t).await;
        let hint = s.tokens.id().to_owned();
        let answer = s.browser.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_dead(&t, &s.client, &s.tokens, "logout").await;
    }

    async fn families_of_other_sessions_end_with_a_password_change(t: TestApp) {
        let mut s = scene(&t).await;
        let mut elsewhere = t.signed_in(&s.alice).await;
        let there = t.tokens(&s.client, &mut elsewhere, &s.alice, OFFLINE).await;
        let page = s.browser.open("/account/security").await;
        let fields = [("current_password", s.alice.password.as_str()), ("new_password", "walrus teapot meadow 93")];
        let after = s.browser.submit(&page, "/account/password", &fields).await;
        assert_eq!(after.status, StatusCode::OK, "{}", after.text());
        assert_dead(&t, &s.client, &there, "other session").await;
        assert!(elsewhere.get("/account").await.status.is_redirection(), "the other session is over");
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.status, StatusCode::OK, "this session goes on");
    }

    async fn family_ends_when_its_session_is_ended_from_another_browser(t: TestApp) {
        let s = scene(&t).await;
        let mut elsewhere = t.signed_in(&s.alice).await;
        let page = elsewhere.open("/account/devices").await;
        elsewhere.submit(&page, "/account/sessions/revoke", &[("session", "others")]).await;
        assert_dead(&t, &s.client, &s.tokens, "revoked").await;
    }

    async fn family_ends_with_its_user(t: TestApp) {
        let s = scene(&t).await;
        let mut cx = t.cx();
        let user = identities::get_user(&cx, s.alice.id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_dead(&t, &s.client, &s.tokens, "disabled").await;
        let mut cx = t.cx();
        identities::set_status(&mut cx, &user, UserStatus::Active).await.unwrap();
        cx.commit().await.unwrap();
        assert_dead(&t, &s.client, &s.tokens, "enabled again").await;
    }

    async fn family_ends_when_consent_is_withdrawn(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
        let page = browser.open("/account/applications").await;
        browser.submit(&page, "/account/applications/revoke", &[("client", &client.id)]).await;
        assert_dead(&t, &client, &tokens, "withdrawn").await;
        let asked = browser.authorize(&t.authorization(&client)).await;
        assert!(asked.path.starts_with("/consent?"), "asked anew: {}", asked.path);
    }

    async fn family_ends_with_its_client(t: TestApp) {
        let s = scene(&t).await;
        let mut cx = t.cx();
        let client = clients::get(&cx, s.client.client_id()).await.unwrap();
        clients::set_status(&mut cx, &client, ClientStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.refusal(), (401, "invalid_client".to_owned()));
        assert_eq!(t.userinfo(&s.tokens.access).await.status, StatusCode::UNAUTHORIZED);
        let mut cx = t.cx();
        clients::set_status(&mut cx, &client, ClientStatus::Active).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.refresh(&s.client, s.tokens.refresh()).await.refusal(), grant(), "enabled again");

        let doomed = t.client().create().await;
        let tokens = t.tokens(&doomed, &mut s.browser.clone(), &s.alice, OFFLINE).await;
        let mut cx = t.cx();
        clients::delete(&mut cx, doomed.client_id()).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.refresh(&doomed, tokens.refresh()).await.refusal(), (401, "invalid_client".to_owned()));
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn family_that_is_used_ends_at_its_absolute_lifetime(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| {
            policy.refresh.idle_ttl_s = Some(600);
            policy.refresh.absolute_ttl_s = Some(1_000);
        }).create().await;
        let mut browser = t.signed_in(&alice).await;
        let mut token = t.tokens(&client, &mut browser, &alice, OFFLINE).await.refresh().to_owned();
        t.clock.advance(Duration::from_secs(599));
        token = Tokens::of(&t.refresh(&client, &token).await).refresh().to_owned();
        t.clock.advance(Duration::from_secs(400));
        token = Tokens::of(&t.refresh(&client, &token).await).refresh().to_owned();
        t.clock.advance(Duration::from_secs(1));
        assert_eq!(t.refresh(&client, &token).await.refusal(), grant());
    }

    async fn client_without_rotation_keeps_its_token(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| policy.refresh.rotate = false).create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
        t.clock.advance(Duration::from_secs(120));
        let next = Tokens::of(&t.refresh(&client, tokens.refresh()).await);
        assert_eq!(next.refresh(), tokens.refresh());
    }

    async fn no_refresh_token_without_offline_access_or_grant_type(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let client = t.client().create().await;
        assert_eq!(t.tokens(&client, &mut browser, &alice, "openid").await.refresh, None);
        let without = t.client().with("grant_types", ["authorization_code"].as_slice()).create().await;
        assert_eq!(t.tokens(&without, &mut browser, &alice, OFFLINE).await.refresh, None);
        let answer = t.refresh(&without, "af_rt_x").await;
        assert_eq!(answer.refusal(), (400, "unauthorized_client".to_owned()));
    }
}
