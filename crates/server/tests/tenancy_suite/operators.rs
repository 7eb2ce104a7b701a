//! The `system` tenant and how the first operator comes to be.

use std::time::Duration;

use authflow_server::identities::{self, IdentifierValue, NewPassword, UserStatus};
use authflow_server::operators::{self, NewOperator};
use authflow_server::passwords::Password;
use authflow_server::roles::{self, Action, Role, RoleError};
use authflow_server::tenants::{self, NewTenant, TenantChange, TenantError, TenantSettings, TenantStatus};
use authflow_testkit::{Answer, TestApp, User, both_databases};
use http::StatusCode;

const EMAIL: &str = "olga@example.com";
const PASSWORD: &str = "violet anchor harbour 4711";

/// The path of a new claim link.
async fn link(t: &TestApp) -> String {
    let link = operators::issue_claim(&t.app).await.unwrap().unwrap();
    let path = link.url.strip_prefix("https://id.example").unwrap().to_owned();
    assert!(path.starts_with("/t/system/claim/af_cl_"), "{path}");
    path
}

async fn post(t: &TestApp, path: &str, email: &str, password: &str) -> Answer {
    let form = [("email", email), ("password", password)];
    t.browser().post(path, &form).await
}

async fn claim(t: &TestApp, path: &str) -> StatusCode {
    post(t, path, EMAIL, PASSWORD).await.status
}

fn new(email: &str) -> NewOperator {
    NewOperator {
        email: IdentifierValue::email(email).unwrap(),
        name: None,
        password: NewPassword::Plain(Password::from(PASSWORD)),
        verified: true,
    }
}

async fn operator_count(system: &TestApp) -> usize {
    operators::list(&mut system.cx(), None, 100).await.unwrap().len()
}

both_databases! {
    async fn claim_link_makes_the_first_operator_once(t: TestApp) {
        let system = t.tenant("system").await;
        let path = link(&t).await;
        for _ in 0..3 {
            let page = system.browser().get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "looking uses nothing up: {}", page.body);
            assert_eq!(page.header("cache-control"), "no-store");
        }
        for (email, password) in [("", PASSWORD), ("olga", PASSWORD), (EMAIL, ""), (EMAIL, "short"), (EMAIL, EMAIL)] {
            let again = post(&system, &path, email, password).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{email} {password}");
        }
        assert_eq!(operator_count(&system).await, 0);
        assert_eq!(claim(&system, &path).await, StatusCode::OK);
        assert_eq!(claim(&system, &path).await, StatusCode::BAD_REQUEST, "once");
        assert_eq!(system.browser().get(&path).await.status, StatusCode::BAD_REQUEST);
        assert!(operators::issue_claim(&t.app).await.unwrap().is_none(), "no further link");
        let found = operators::list(&mut system.cx(), None, 100).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].email(), Some((EMAIL, false)));
        let olga = User { id: found[0].id, email: EMAIL.to_owned(), password: PASSWORD.to_owned() };
        system.signed_in(&olga).await;
        let given = system.events("role.assigned").await;
        assert_eq!(given.len(), 1);
        assert_eq!(given[0]["role"], "operator");
        let authority = roles::authority_of(&mut system.cx(), olga.id, t.tenant.id).await.unwrap();
        assert!(Action::ALL.iter().all(|action| authority.allows(*action)), "everything, everywhere");
    }

    async fn of_many_claims_at_once_exactly_one_counts(t: TestApp) {
        let system = t.tenant("system").await;
        let path = link(&t).await;
        let emails: Vec<String> = (0..8).map(|n| format!("operator{n}@example.com")).collect();
        let all = emails.iter().map(|email| post(&system, &path, email, PASSWORD));
        let answers = futures_util::future::join_all(all).await;
        let good = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        let bad = answers.iter().filter(|answer| answer.status == StatusCode::BAD_REQUEST).count();
        assert_eq!((good, bad), (1, 7));
        assert_eq!(operator_count(&system).await, 1);
    }

    async fn claim_link_works_for_a_day(t: TestApp) {
        let system = t.tenant("system").await;
        let tick = Duration::from_micros(1);
        for (after, good) in [(operators::CLAIM_TTL + tick, false), (operators::CLAIM_TTL, false), (operators::CLAIM_TTL - tick, true)] {
            let path = link(&t).await;
            t.clock.advance(after);
            let expected = if good { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            assert_eq!(system.browser().get(&path).await.status, expected, "{after:?}");
            assert_eq!(claim(&system, &path).await, expected, "{after:?}");
        }
    }

    async fn newer_link_replaces_the_one_before_and_other_tenants_know_none(t: TestApp) {
        let system = t.tenant("system").await;
        let acme = t.tenant("acme").await;
        let (old, new) = (link(&t).await, link(&t).await);
        assert_eq!(claim(&system, &old).await, StatusCode::BAD_REQUEST);
        for (t, path) in [(&t, new.replacen("/t/system", "", 1)), (&acme, new.replacen("system", "acme", 1))] {
            assert_eq!(t.browser().get(&path).await.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(claim(t, &path).await, StatusCode::BAD_REQUEST, "{path}");
        }
        for garbage in ["x", "af_cl_", &format!("{}x", &new[18..]), "%00"] {
            assert!(claim(&system, &format!("/t/system/claim/{garbage}")).await.is_client_error(), "{garbage}");
        }
        let evil = [("email", EMAIL), ("password", PASSWORD)];
        let forged = system.post(&new.replacen("/t/system", "", 1), &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], &evil).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        assert_eq!(operator_count(&system).await, 0);
        assert_eq!(claim(&system, &new).await, StatusCode::OK);
    }

    async fn operator_made_by_command_closes_the_link_and_a_disabled_one_opens_it_again(t: TestApp) {
        let system = t.tenant("system").await;
        let path = link(&t).await;
        let mut cx = system.cx();
        let made = operators::create(&mut cx, new("otto@example.com")).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(claim(&system, &path).await, StatusCode::BAD_REQUEST);
        assert!(operators::issue_claim(&t.app).await.unwrap().is_none());
        let mut cx = system.cx();
        identities::set_status(&mut cx, &made, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        let taken = post(&system, &link(&t).await, "otto@example.com", PASSWORD).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the address is somebody's");
        assert_eq!(claim(&system, &link(&t).await).await, StatusCode::OK);
    }

    async fn system_tenant_is_reserved_closed_to_strangers_and_cannot_be_suspended(t: TestApp) {
        let system = t.tenant("system").await;
        let taken = NewTenant { slug: "system".parse().unwrap(), name: "Mine".to_owned(), settings: TenantSettings::default() };
        let refused = tenants::create(&t.app, authflow_server::cx::Actor::Operator, taken).await.unwrap_err();
        assert!(matches!(refused, TenantError::Reserved("system")), "{refused}");
        let suspend = TenantChange { status: Some(TenantStatus::Suspended), ..TenantChange::default() };
        let refused = tenants::update(&mut system.cx(), suspend).await.unwrap_err();
        assert!(matches!(refused, TenantError::Reserved("system")), "{refused}");
        let page = system.browser().open("/sign-up").await;
        assert!(page.forms().iter().all(|form| !form.action.ends_with("/sign-up")), "{}", page.words());
    }

    async fn roles_are_given_where_they_belong_and_reach_no_further(t: TestApp) {
        let (system, acme) = (t.tenant("system").await, t.tenant("acme").await);
        let olga = system.user("olga").await;
        let mut cx = system.cx();
        for (role, place) in [(Role::Operator, acme.tenant.id), (Role::Owner, system.tenant.id)] {
            let refused = roles::assign(&mut cx, olga.id, role, place).await.unwrap_err();
            assert!(matches!(refused, RoleError::Misplaced(_)), "{role}");
        }
        let mallory = acme.user("mallory").await;
        let refused = roles::assign(&mut cx, mallory.id, Role::Owner, acme.tenant.id).await.unwrap_err();
        assert!(matches!(refused, RoleError::NoUser), "users of other tenants administer nothing");
        for _ in 0..2 {
            roles::assign(&mut cx, olga.id, Role::Support, acme.tenant.id).await.unwrap();
        }
        cx.commit().await.unwrap();
        let refused = roles::assign(&mut acme.cx(), olga.id, Role::Owner, acme.tenant.id).await.unwrap_err();
        assert!(matches!(refused, RoleError::Misplaced(_)));
        assert_eq!(system.events("role.assigned").await.len(), 1);
        let there = roles::authority_of(&mut cx, olga.id, acme.tenant.id).await.unwrap();
        let elsewhere = roles::authority_of(&mut cx, olga.id, t.tenant.id).await.unwrap();
        assert!(there.allows(Action::UserRead) && !there.allows(Action::UserWrite));
        assert!(Action::ALL.iter().all(|action| !elsewhere.allows(*action)));
        assert!(roles::withdraw(&mut cx, olga.id, Role::Support, acme.tenant.id).await.unwrap());
        assert!(!roles::withdraw(&mut cx, olga.id, Role::Support, acme.tenant.id).await.unwrap());
        let there = roles::authority_of(&mut cx, olga.id, acme.tenant.id).await.unwrap();
        assert_eq!(there, roles::Authority::NONE);
    }
}
