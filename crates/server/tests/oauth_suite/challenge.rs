//! The authorization challenge endpoint: signing in without a browser (draft-ietf-oauth-first-party-apps-04).

use std::time::Duration;

use authflow_proto::altcha::Challenge;
use authflow_proto::jose::Algorithm;
use authflow_server::config::MailTransport;
use authflow_server::resources::{self, NewResource, TokenFormat};
use authflow_server::tenants::ProofOfWork;
use authflow_testkit::{
    Answer, BASE, CALLBACK, CHALLENGE, Client, TestApp, Tokens, User, both_databases, jwt,
};
use http::StatusCode;
use serde_json::json;

const PATH: &str = "/oauth2/challenge";

/// A first request with `more` over the usual parameters.
async fn begin(t: &TestApp, client: &Client, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("response_type", "code"),
        ("scope", "openid email offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| !more.iter().any(|(given, _)| given == name));
    let form: Vec<_> = kept
        .chain(more)
        .copied()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    t.post_as(client, PATH, &form).await
}

async fn go_on(t: &TestApp, client: &Client, session: &str, more: &[(&str, &str)]) -> Answer {
    let form: Vec<_> = more.iter().copied().chain([("auth_session", session)]).collect();
    t.post_as(client, PATH, &form).await
}

fn session(answer: &Answer) -> String {
    assert_eq!(
        answer.refusal(),
        (400, "insufficient_authorization".to_owned()),
        "{}",
        answer.body
    );
    answer.json()["auth_session"].as_str().unwrap().to_owned()
}

fn credentials(user: &User) -> [(&str, &str); 2] {
    [("username", &user.email), ("password", &user.password)]
}

fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["authorization_code"].as_str().unwrap().to_owned()
}

/// The code for tokens; no redirect URI was sent, so none is now.
async fn redeem(t: &TestApp, client: &Client, code: &str) -> Answer {
    t.redeem_with(client, code, &[("redirect_uri", "")]).await
}

/// What somebody who signs up is told, apart from their `auth_session`.
async fn wants_account(t: &TestApp, client: &Client, email: &str) -> serde_json::Value {
    let form = [
        ("action", "sign_up"),
        ("name", "N"),
        ("email", email),
        ("password", "violet anchor harbour 4711"),
    ];
    let mut json = begin(t, client, &form).await.json();
    json["auth_session"].take();
    json
}

both_databases! {
    async fn user_signs_in_with_one_request_at_every_tenant(t: TestApp) {
        for t in [t.clone(), t.tenant("acme").await] {
            let alice = t.user("alice").await;
            for client in [t.client().public().create().await, t.client().create().await] {
                let answer = begin(&t, &client, &[credentials(&alice).as_slice(), &[("nonce", "n"), ("state", "s")]].concat()).await;
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("set-cookie"), "", "no cookie for whoever calls");
                assert_eq!((&answer.json()["iss"], &answer.json()["state"]), (&json!(t.tenant.issuer), &json!("s")));
                let tokens = Tokens::of(&redeem(&t, &client, &code(&answer)).await);
                let claims = jwt::claims(tokens.id());
                assert_eq!((&claims["sub"], &claims["nonce"]), (&json!(alice.id.to_string()), &json!("n")));
                assert_eq!(claims["amr"], json!(["pwd"]));
                assert_eq!(t.userinfo(&tokens.access).await.json()["email"], "alice@example.com");
                assert_eq!(t.refresh(&client, tokens.refresh()).await.status, StatusCode::OK);
            }
        }
    }

    async fn steps_say_what_is_needed_and_each_auth_session_is_good_for_one(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let first = begin(&t, &client, &[]).await;
        let json = first.json();
        assert_eq!(json["stage"], "first_factor");
        assert!(json["methods"].as_array().unwrap().contains(&json!({"method": "password", "parameters": ["username", "password"]})), "{json}");
        assert!(json["methods"].as_array().unwrap().contains(&json!({"method": "passkey", "parameters": ["assertion"]})), "{json}");
        assert_eq!(json.get("reason"), None);
        assert_eq!(json["auth_session_expires_in"], 1800);
        let one = session(&first);
        let wrong = go_on(&t, &client, &one, &[("username", &alice.email), ("password", "wrong")]).await;
        assert_eq!(wrong.json()["reason"], "credentials_wrong");
        let two = session(&wrong);
        assert_ne!(one, two);
        let used = go_on(&t, &client, &one, &credentials(&alice)).await;
        assert_eq!(used.refusal(), (400, "invalid_session".to_owned()), "used once");
        let done = go_on(&t, &client, &two, &credentials(&alice)).await;
        assert_eq!(redeem(&t, &client, &code(&done)).await.status, StatusCode::OK);
        for over in [one, two] {
            let again = go_on(&t, &client, &over, &credentials(&alice)).await;
            assert_eq!(again.refusal(), (400, "invalid_session".to_owned()), "over");
        }
    }

    async fn parallel_uses_of_an_auth_session_take_one_step(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let one = session(&begin(&t, &client, &[]).await);
        let credentials = credentials(&alice);
        let tries = (0..8).map(|_| go_on(&t, &client, &one, &credentials));
        let answers = futures_util::future::join_all(tries).await;
        let codes = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(codes, 1);
        assert!(answers.iter().filter(|answer| answer.status != StatusCode::OK).all(|answer| answer.error() == "invalid_session"));
    }

    async fn auth_session_belongs_to_its_client_tenant_and_challenge_and_expires(t: TestApp) {
        let alice = t.user("alice").await;
        let (client, other) = (t.client().public().create().await, t.client().public().create().await);
        let acme = t.tenant("acme").await;
        let foreign = acme.client().public().create().await;
        let invalid = (400, "invalid_session".to_owned());
        let live = session(&begin(&t, &client, &[]).await);
        assert_eq!(go_on(&t, &other, &live, &credentials(&alice)).await.refusal(), invalid, "another client");
        assert_eq!(go_on(&acme, &foreign, &live, &credentials(&alice)).await.refusal(), invalid, "another tenant");
        for bad in ["", "x", ".", "sin_x.af_as_x", &live[..live.len() - 1], &live.replace("af_as_", "af_si_")] {
            let answer = go_on(&t, &client, bad, &credentials(&alice)).await;
            assert!(answer.status.is_client_error() && answer.json().get("authorization_code").is_none(), "{bad}");
        }
        let next = session(&go_on(&t, &client, &live, &[]).await);
        let swapped = go_on(&t, &client, &next, &[credentials(&alice).as_slice(), &[("code_challenge", &"A".repeat(43)), ("code_challenge_method", "S256")]].concat()).await;
        assert_eq!(swapped.error(), "invalid_request");
        let old = session(&begin(&t, &client, &[]).await);
        t.clock.advance(t.app.config.sessions.sign_in_ttl);
        assert_eq!(go_on(&t, &client, &old, &credentials(&alice)).await.refusal(), invalid, "too old");
    }

    async fn a_sign_in_of_one_face_means_nothing_to_the_other(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let live = session(&begin(&t, &client, &[]).await);
        let (id, token) = live.split_once('.').unwrap();
        let mut browser = t.browser();
        let _cookie = browser.open("/sign-in").await;
        let page = browser.get(&format!("/sign-in?sign_in={id}")).await;
        assert!(page.status.is_client_error(), "{}", page.status);
        let name = browser.cookies.keys().find(|name| name.contains("browser")).unwrap().clone();
        browser.cookies.insert(name, token.to_owned());
        assert!(browser.get(&format!("/sign-in?sign_in={id}")).await.status.is_client_error());
        let request = t.authorization(&client);
        let mut other = t.browser();
        let page = other.authorize(&request).await;
        let id = page.path.split_once("sign_in=").unwrap().1.to_owned();
        let cookie = other.cookie("browser").unwrap().to_owned();
        let stolen = go_on(&t, &client, &format!("{id}.{cookie}"), &credentials(&alice)).await;
        assert_eq!(stolen.error(), "invalid_session");
    }

    async fn clients_that_are_not_the_tenants_own_are_sent_to_the_browser(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().third_party().create().await;
        let answer = begin(&t, &client, &credentials(&alice)).await;
        assert_eq!(answer.refusal(), (400, "redirect_to_web".to_owned()));
        assert_eq!(answer.json().get("auth_session"), None);
        let own = t.client().public().create().await;
        let consent = begin(&t, &own, &[credentials(&alice).as_slice(), &[("prompt", "consent")]].concat()).await;
        assert_eq!(consent.refusal(), (400, "redirect_to_web".to_owned()));
    }

    async fn client_authenticates_as_at_the_token_endpoint(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut form = vec![("client_id", client.id.as_str()), ("response_type", "code"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        form.extend(credentials(&alice));
        let answer = t.post(PATH, &[], &form).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
        assert_eq!(t.post(PATH, &[], &form[1..]).await.refusal(), (401, "invalid_client".to_owned()));
    }

    async fn unknown_user_and_wrong_password_get_the_same_answer_and_the_same_wait(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let attempt = async |username: &str| {
            begin(&t, &client, &[("username", username), ("password", "wrong wrong wrong")]).await
        };
        let shape = |answer: &Answer| {
            let mut json = answer.json();
            json["auth_session"].take();
            (answer.status, json.to_string(), answer.header("retry-after").is_empty())
        };
        for _ in 0..12 {
            let (known, unknown) = (attempt(&alice.email).await, attempt("nobody@example.com").await);
            assert_eq!(shape(&known).0, shape(&unknown).0);
            assert_eq!(shape(&known).2, shape(&unknown).2);
            assert_eq!(known.json()["reason"], unknown.json()["reason"]);
        }
        let slowed = attempt(&alice.email).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "{}", slowed.body);
        assert_eq!(slowed.json()["reason"], "too_many_attempts");
        assert!(slowed.header("retry-after").parse::<u64>().unwrap() > 0);
        let failures = t.events("user.login_failed").await;
        assert!(!failures.is_empty(), "recorded as on the pages");
    }

    async fn requests_are_checked_as_at_the_authorization_endpoint(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        for (name, value, error) in [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("scope", "orders:read", "invalid_scope"),
            ("resource", "https://unknown.example", "invalid_target"),
            ("redirect_uri", "https://evil.example/cb", "invalid_request"),
            ("prompt", "none", "login_required"),
            ("request", "x", "request_not_supported"),
            ("method", "telepathy", "invalid_request"),
            ("action", "dance", "invalid_request"),
        ] {
            let answer = begin(&t, &client, &[credentials(&alice).as_slice(), &[(name, value)]].concat()).await;
            assert_eq!(answer.error(), error, "{name}={value}: {}", answer.body);
            assert!(answer.status.is_client_error());
        }
        let bare = begin(&t, &client, &[("code_challenge", ""), ("code_challenge_method", ""), ("password", "")]).await;
        assert_eq!(bare.error(), "invalid_request", "PKCE always");
        let confidential = t.client().policy(|policy| policy.require_pkce = false).create().await;
        let bare = begin(&t, &confidential, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
        assert_eq!(bare.error(), "invalid_request", "whatever the client's policy says");
    }

    async fn code_is_bound_to_verifier_client_and_a_redirect_uri_that_was_sent(t: TestApp) {
        let alice = t.user("alice").await;
        let (client, other) = (t.client().public().create().await, t.client().public().create().await);
        let fresh = async || code(&begin(&t, &client, &credentials(&alice)).await);
        assert_eq!(redeem(&t, &other, &fresh().await).await.error(), "invalid_grant");
        let wrong = t.redeem_with(&client, &fresh().await, &[("redirect_uri", ""), ("code_verifier", &"a".repeat(43))]).await;
        assert_eq!(wrong.error(), "invalid_grant");
        let surplus = t.redeem(&client, &fresh().await).await;
        assert_eq!(surplus.error(), "invalid_grant", "a redirect URI that was not part of the request");
        let sent = code(&begin(&t, &client, &[credentials(&alice).as_slice(), &[("redirect_uri", CALLBACK)]].concat()).await);
        assert_eq!(redeem(&t, &client, &sent).await.error(), "invalid_grant", "left out");
        let sent = code(&begin(&t, &client, &[credentials(&alice).as_slice(), &[("redirect_uri", CALLBACK)]].concat()).await);
        assert_eq!(t.redeem(&client, &sent).await.status, StatusCode::OK);
    }

    async fn pages_of_the_clients_own_origins_may_call(t: TestApp) {
        let alice = t.user("alice").await;
        let public = t.client().public().create().await;
        let elsewhere = t.client().public().redirect("https://other.example/cb").create().await;
        let call = async |client: &Client, origin: &str| {
            let mut form = vec![("client_id", client.id.as_str()), ("response_type", "code"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
            form.extend(credentials(&alice));
            t.post(PATH, &[("origin", origin)], &form).await
        };
        let own = call(&public, "https://app.example").await;
        assert_eq!((own.status, own.header("access-control-allow-origin")), (StatusCode::OK, "https://app.example"));
        assert_eq!(own.header("access-control-allow-credentials"), "");
        let foreign = call(&public, "https://evil.example").await;
        assert_eq!(foreign.error(), "unauthorized_client");
        assert_eq!(foreign.header("access-control-allow-origin"), "");
        // Registered by another client of the tenant is not registered by this one.
        assert_eq!(call(&public, "https://other.example").await.error(), "unauthorized_client");
        assert_eq!(call(&elsewhere, "https://other.example").await.status, StatusCode::OK);
    }

    async fn disabled_user_is_refused_and_ended_sessions_end_what_was_given(t: TestApp) {
        use authflow_server::identities::{self, UserStatus};
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let tokens = Tokens::of(&redeem(&t, &client, &code(&begin(&t, &client, &credentials(&alice)).await)).await);
        let mut cx = t.cx();
        let user = identities::get_user(&cx, alice.id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let answer = begin(&t, &client, &credentials(&alice)).await;
        assert_eq!(answer.error(), "access_denied");
        assert_eq!(t.refresh(&client, tokens.refresh()).await.error(), "invalid_grant");
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn user_signs_up_without_a_browser(t: TestApp) {
        let client = t.client().public().create().await;
        let form = [("action", "sign_up"), ("name", "Nora"), ("email", "nora@example.com"), ("password", "violet anchor harbour 4711")];
        let asked = begin(&t, &client, &form[..1]).await;
        let json = asked.json();
        assert_eq!((&json["stage"], json.get("reason")), (&json!("sign_up"), None), "{json}");
        let weak = go_on(&t, &client, &session(&asked), &[form[0], form[1], form[2], ("password", "short")]).await;
        assert_eq!(weak.json()["fields"], json!({"password": "password_too_short"}));
        let done = go_on(&t, &client, &session(&weak), &form).await;
        let tokens = Tokens::of(&redeem(&t, &client, &code(&done)).await);
        assert_eq!(t.userinfo(&tokens.access).await.json()["email"], "nora@example.com");
        assert_eq!(t.events("user.created").await.len(), 1);
        // The address is taken now: its owner goes on, everybody else learns as much as on the page.
        let again = begin(&t, &client, &form).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.body);
        let other = begin(&t, &client, &[form[0], form[1], form[2], ("password", "amber lantern meadow 1234")]).await;
        assert_eq!(other.json()["reason"], "sign_up_refused", "{}", other.body);
    }

    async fn sign_up_says_nothing_about_addresses_where_they_are_proven_first(t: TestApp) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        t.user("alice").await;
        let client = t.client().public().create().await;
        let fresh = wants_account(&t, &client, "nora@example.com").await;
        assert_eq!(fresh["stage"], "verification", "{fresh}");
        assert_eq!(fresh, wants_account(&t, &client, "alice@example.com").await);
        t.set(|settings| settings.sign_up = false).await;
        assert_eq!(wants_account(&t, &client, "nora@example.com").await["reason"], "sign_up_closed");
    }

    async fn resource_of_the_first_step_is_the_audience_of_the_token(t: TestApp) {
        const ORDERS: &str = "https://orders.example";
        let mut cx = t.cx();
        let new = NewResource {
            identifier: ORDERS.to_owned(),
            name: "Orders".to_owned(),
            token_format: TokenFormat::Jwt,
            signing_algorithm: Algorithm::ES256,
            access_token_ttl_s: None,
        };
        resources::create_resource(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let alice = t.user("alice").await;
        let client = t.client().public().create().await;
        let first = session(&begin(&t, &client, &[("resource", ORDERS)]).await);
        let later = [credentials(&alice).as_slice(), &[("resource", "https://unknown.example")]].concat();
        let done = go_on(&t, &client, &first, &later).await;
        let tokens = Tokens::of(&redeem(&t, &client, &code(&done)).await);
        assert_eq!(jwt::claims(&tokens.access)["aud"], ORDERS);
    }

    async fn metadata_names_the_endpoint_and_the_contexts(t: TestApp) {
        let json = t.get("/.well-known/oauth-authorization-server", &[]).await.json();
        assert_eq!(json["authorization_challenge_endpoint"], format!("{BASE}{PATH}"));
        let contexts = json["acr_values_supported"].as_array().unwrap();
        assert!(contexts.contains(&json!("urn:authflow:acr:single-factor")));
        t.clock.advance(Duration::from_secs(1));
    }

    async fn work_is_asked_for_as_a_documented_member_and_its_solution_goes_on(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let alice = t.user("alice").await;
        t.set(|settings| {
            settings.abuse.proof_of_work = ProofOfWork::Always;
            settings.abuse.proof_of_work_difficulty = 1_000;
        })
        .await;
        let client = t.client().public().create().await;
        let asked = begin(&t, &client, &credentials(&alice)).await;
        let json = asked.json();
        assert_eq!((asked.status, &json["reason"]), (StatusCode::BAD_REQUEST, &json!("proof_of_work_needed")), "{json}");
        let names: Vec<&String> = json["altcha"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["algorithm", "challenge", "maxnumber", "salt", "signature"]);
        let solve = |answer: &Answer| {
            let challenge: Challenge = serde_json::from_value(answer.json()["altcha"].clone()).unwrap();
            challenge.solve().unwrap()
        };
        let solution = solve(&asked);
        let wrong = [("username", alice.email.as_str()), ("password", "wrong"), ("altcha", &solution)];
        let refused = go_on(&t, &client, &session(&asked), &wrong).await;
        assert_eq!(refused.json()["reason"], "credentials_wrong", "it was let through");
        let right = [credentials(&alice).as_slice(), &[("altcha", &solution)]].concat();
        let replayed = go_on(&t, &client, &session(&refused), &right).await;
        assert_eq!(replayed.json()["reason"], "proof_of_work_wrong");
        // For a code that is sent it is another proof.
        let sent = [("username", alice.email.as_str()), ("method", "email_code")];
        let other = solve(&replayed);
        let asked = go_on(&t, &client, &session(&replayed), &[sent.as_slice(), &[("altcha", &other)]].concat()).await;
        assert_eq!(asked.json()["reason"], "proof_of_work_wrong", "made for a password");
        let own = solve(&asked);
        let done = go_on(&t, &client, &session(&asked), &[sent.as_slice(), &[("altcha", &own)]].concat()).await;
        assert_eq!(done.json()["challenge"]["sent"], true, "{}", done.body);
        let asked = go_on(&t, &client, &session(&done), &credentials(&alice)).await;
        let solution = solve(&asked);
        let right = [credentials(&alice).as_slice(), &[("altcha", &solution)]].concat();
        code(&go_on(&t, &client, &session(&asked), &right).await);
    }

    async fn solution_without_a_browser_expires_and_counts_for_its_own_session_and_tenant(t: TestApp) {
        let mut t = t;
        let mut acme = t.tenant("acme").await;
        let mut asked = Vec::new();
        for t in [&mut t, &mut acme] {
            t.set(|settings| {
                settings.abuse.proof_of_work = ProofOfWork::Always;
                settings.abuse.proof_of_work_difficulty = 1_000;
            })
            .await;
            let (user, client) = (t.user("alice").await, t.client().public().create().await);
            let first = begin(t, &client, &credentials(&user)).await;
            asked.push((user, client, first));
        }
        let (alice, client, first) = &asked[0];
        let challenge: Challenge = serde_json::from_value(first.json()["altcha"].clone()).unwrap();
        let solution = challenge.solve().unwrap();
        let send = async |t: &TestApp, client: &Client, session: &str, user: &User| {
            let own = credentials(user);
            go_on(t, client, session, &[own.as_slice(), &[("altcha", &solution)]].concat()).await
        };
        let other = begin(&t, client, &credentials(alice)).await;
        let refused = send(&t, client, &session(&other), alice).await;
        assert_eq!(refused.json()["reason"], "proof_of_work_wrong", "another session");
        let (there, theirs, elsewhere) = &asked[1];
        let refused = send(&acme, theirs, &session(elsewhere), there).await;
        assert_eq!(refused.json()["reason"], "proof_of_work_wrong", "another tenant");
        t.clock.advance(Duration::from_mins(5));
        let late = send(&t, client, &session(first), alice).await;
        assert_eq!(late.json()["reason"], "proof_of_work_wrong", "too late");
        assert!(late.json()["altcha"]["challenge"].is_string(), "another one is beside it");
    }

    async fn sign_up_without_a_browser_is_asked_for_work_too(t: TestApp) {
        let mut t = t;
        t.set(|settings| {
            settings.abuse.proof_of_work = ProofOfWork::Always;
            settings.abuse.proof_of_work_difficulty = 1_000;
        })
        .await;
        let client = t.client().public().create().await;
        let wanted = [("action", "sign_up"), ("name", "Nora"), ("email", "nora@example.com"), ("password", "violet anchor harbour 4711")];
        let asked = begin(&t, &client, &wanted).await;
        assert_eq!(asked.json()["reason"], "proof_of_work_needed");
        let challenge: Challenge = serde_json::from_value(asked.json()["altcha"].clone()).unwrap();
        let solution = challenge.solve().unwrap();
        code(&go_on(&t, &client, &session(&asked), &[wanted.as_slice(), &[("altcha", &solution)]].concat()).await);
    }
}
