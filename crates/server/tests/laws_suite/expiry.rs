//! Every lifetime, a microsecond before its end, at its end, and a microsecond after.

use std::time::Duration;

use authflow_server::mail::{self, LinkPurpose};
use authflow_server::resources::{self, NewResource, TokenFormat};
use authflow_server::tenants::RegistrationMode;
use authflow_server::{clients, identities};
use authflow_testkit::{CALLBACK, TestApp, Tokens, both_databases};
use authflow_types::Timestamp;
use http::{Method, StatusCode};
use serde_json::json;

const OFFLINE: &str = "openid offline_access";

/// The moments around `end`, and whether what ends there is still good. The order keeps the clock going forward.
fn around(end: Timestamp) -> [(Timestamp, bool); 3] {
    let tick = Duration::from_micros(1);
    [(end - tick, true), (end, false), (end + tick, false)]
}

both_databases! {
    async fn code_lives_a_minute(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        for index in 0..3 {
            let code = t.code(&client, &mut browser, &alice, "openid").await;
            let (at, good) = around(t.now() + Duration::from_secs(60))[index];
            t.clock.set(at);
            assert_eq!(t.redeem(&client, &code).await.status == StatusCode::OK, good, "{at}");
        }
    }

    async fn access_token_lives_as_long_as_it_says(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, "openid").await;
        let ttl = tokens.json["expires_in"].as_u64().unwrap();
        assert_eq!(ttl, 600);
        for (at, good) in around(t.now() + Duration::from_secs(ttl)) {
            t.clock.set(at);
            assert_eq!(t.userinfo(&tokens.access).await.status == StatusCode::OK, good, "{at}");
            assert_eq!(t.introspect(&client, &tokens.access).await["active"], good, "{at}");
        }
    }

    async fn opaque_token_lives_as_long_as_it_says(t: TestApp) {
        let new = NewResource {
            identifier: "https://api.example".to_owned(),
            name: "API".to_owned(),
            token_format: TokenFormat::Opaque,
            signing_algorithm: authflow_proto::jose::Algorithm::ES256,
            access_token_ttl_s: Some(60),
        };
        let mut cx = t.cx();
        resources::create_resource(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let client = t.client().create().await;
        let answer = t.client_credentials(&client, &[("resource", "https://api.example")]).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        for (at, good) in around(t.now() + Duration::from_secs(60)) {
            t.clock.set(at);
            assert_eq!(t.introspect(&client, &token).await["active"], good, "{at}");
        }
    }

    async fn refresh_token_ends_when_idle(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| policy.refresh.idle_ttl_s = Some(600)).create().await;
        for index in 0..3 {
            let mut browser = t.signed_in(&alice).await;
            let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
            let (at, good) = around(t.now() + Duration::from_secs(600))[index];
            t.clock.set(at);
            assert_eq!(t.introspect(&client, tokens.refresh()).await["active"], good, "{at}");
            assert_eq!(t.refresh(&client, tokens.refresh()).await.status == StatusCode::OK, good, "{at}");
        }
    }

    async fn refresh_token_ends_absolutely(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| policy.refresh.absolute_ttl_s = Some(600)).create().await;
        for index in 0..3 {
            let mut browser = t.signed_in(&alice).await;
            let begun = t.now();
            let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
            t.clock.advance(Duration::from_secs(500));
            let tokens = Tokens::of(&t.refresh(&client, tokens.refresh()).await);
            let (at, good) = around(begun + Duration::from_secs(600))[index];
            t.clock.set(at);
            assert_eq!(t.refresh(&client, tokens.refresh()).await.status == StatusCode::OK, good, "{at}");
        }
    }

    async fn rotated_refresh_token_may_be_repeated_for_thirty_seconds_inclusive(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tick = Duration::from_micros(1);
        for (after, good) in [(Duration::from_secs(30) - tick, true), (Duration::from_secs(30), true), (Duration::from_secs(30) + tick, false)] {
            let tokens = t.tokens(&client, &mut browser, &alice, OFFLINE).await;
            let next = Tokens::of(&t.refresh(&client, tokens.refresh()).await);
            t.clock.advance(after);
            let again = t.refresh(&client, tokens.refresh()).await;
            assert_eq!(again.status == StatusCode::OK, good, "{after:?}");
            assert_eq!(t.refresh(&client, next.refresh()).await.status == StatusCode::OK, good, "{after:?}");
        }
    }

    async fn session_ends_when_idle_and_absolutely(t: TestApp) {
        let alice = t.user("alice").await;
        for index in 0..3 {
            let mut browser = t.signed_in(&alice).await;
            let (at, good) = around(t.now() + Duration::from_hours(72))[index];
            t.clock.set(at);
            assert_eq!(browser.get("/account").await.status == StatusCode::OK, good, "idle at {at}");
        }
        let mut t = t;
        t.set(|settings| {
            settings.session_idle_ttl_s = Some(600);
            settings.session_absolute_ttl_s = Some(900);
        }).await;
        for index in 0..3 {
            let begun = t.now();
            let mut browser = t.signed_in(&alice).await;
            t.clock.advance(Duration::from_secs(500));
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
            let (at, good) = around(begun + Duration::from_secs(900))[index];
            t.clock.set(at);
            assert_eq!(browser.get("/account").await.status == StatusCode::OK, good, "absolute at {at}");
        }
    }

    async fn sign_in_ends_after_half_an_hour(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        for index in 0..3 {
            let mut browser = t.browser();
            let page = browser.authorize(&t.authorization(&client)).await;
            let (at, good) = around(t.now() + Duration::from_mins(30))[index];
            t.clock.set(at);
            let answer = browser.prove(&page, &alice).await;
            assert_eq!(answer.param("code").is_some(), good, "{at}: {}", answer.status);
            assert_eq!(answer.status.is_client_error(), !good, "{at}");
            assert_eq!(browser.cookie("session").is_some(), good, "{at}");
        }
    }

    async fn one_time_link_works_for_a_quarter_of_an_hour_and_once(t: TestApp) {
        let alice = t.user("alice").await;
        let identifier = {
            let cx = t.cx();
            identities::get_user(&cx, alice.id).await.unwrap().identifiers[0].id
        };
        for index in 0..3 {
            let mut cx = t.cx();
            let link = mail::issue_link(&mut cx, LinkPurpose::VerifyEmail, identifier.as_uuid()).await.unwrap();
            cx.commit().await.unwrap();
            let (at, good) = around(t.now() + Duration::from_mins(15))[index];
            t.clock.set(at);
            let mut browser = t.signed_in(&alice).await;
            let page = browser.get(&format!("/verify?token={}", link.expose())).await;
            assert_eq!(page.status == StatusCode::OK, good, "{at}");
            let used = browser.post("/verify", &[("token", link.expose())]).await;
            assert_eq!(used.status == StatusCode::OK, good, "{at}");
            let again = browser.post("/verify", &[("token", link.expose())]).await;
            assert_eq!(again.status, StatusCode::BAD_REQUEST, "{at}");
        }
        // Elsewhere it is no link at all.
        let mut cx = t.cx();
        let link = mail::issue_link(&mut cx, LinkPurpose::VerifyEmail, identifier.as_uuid()).await.unwrap();
        cx.commit().await.unwrap();
        let acme = t.tenant("acme").await;
        assert_eq!(acme.browser().get(&format!("/verify?token={}", link.expose())).await.status, StatusCode::BAD_REQUEST);
    }

    async fn initial_access_token_registers_until_it_expires(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.registration = RegistrationMode::InitialAccessToken).await;
        let mut cx = t.cx();
        let token = clients::create_initial_access_token(&mut cx, 5, Duration::from_secs(600)).await.unwrap();
        cx.commit().await.unwrap();
        let document = json!({"redirect_uris": [CALLBACK]});
        for (at, good) in around(t.now() + Duration::from_secs(600)) {
            t.clock.set(at);
            let answer = t.send_json(Method::POST, "/oauth2/register", Some(token.expose()), &document).await;
            assert_eq!(answer.status == StatusCode::CREATED, good, "{at}: {}", answer.body);
        }
    }

    async fn replaced_client_secret_works_during_the_overlap(t: TestApp) {
        let client = t.client().create().await;
        let mut cx = t.cx();
        let found = clients::get(&cx, client.client_id()).await.unwrap();
        let fresh = clients::add_secret(&mut cx, &found, Duration::from_secs(600)).await.unwrap();
        cx.commit().await.unwrap();
        let mut renewed = client.clone();
        renewed.secret = Some(fresh.expose().to_owned());
        for (at, good) in around(t.now() + Duration::from_secs(600)) {
            t.clock.set(at);
            assert_eq!(t.client_credentials(&client, &[]).await.status == StatusCode::OK, good, "{at}");
            assert_eq!(t.client_credentials(&renewed, &[]).await.status, StatusCode::OK, "{at}");
        }
    }
}
