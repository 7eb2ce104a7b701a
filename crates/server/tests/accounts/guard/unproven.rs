//! An identifier that nobody has proven is a way into nothing that somebody has.

use authflow_server::config::MailTransport;
use authflow_server::identities::{self, IdentifierValue, Invitation, NewPassword, NewUser, Profile};
use authflow_server::pages::Locale;
use authflow_server::passwords::Password;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;

use super::{NEW, ask_code, links, mails, post};
use crate::{ALICE, NORA, PASSWORD, SESSION, is_signed_in, place, sign_in, sign_up};

const TYPO: &str = "alcie@stranger.example";

/// Alice, with a second address that she mistyped and never proved.
async fn with_typo(t: &TestApp) -> identities::User {
    let alice = t.user("alice").await;
    let typo = IdentifierValue::email(TYPO).unwrap();
    let mut tx = t.app.db.begin(t.tenant.id).await.unwrap();
    let id = authflow_types::IdentifierId::new(t.now(), &*t.app.rng);
    authflow_db::exec!(
        &mut tx,
        "INSERT INTO identifiers (tenant_id, id, user_id, kind, value, normalized, is_primary, created_at) \
         VALUES ($1, $2, $3, 'email', $4, $5, FALSE, $6)",
        t.tenant.id,
        id,
        alice.id,
        typo.value(),
        typo.normalized(),
        t.now()
    )
    .unwrap();
    tx.commit().await.unwrap();
    (*identities::get_user(&t.cx(), alice.id).await.unwrap()).clone()
}

async fn invite(t: &TestApp, email: &str) -> Invitation {
    let mut cx = t.cx();
    let email = IdentifierValue::email(email).unwrap();
    let invitation = identities::invite(&mut cx, email, None, Locale::En)
        .await
        .unwrap();
    cx.commit().await.unwrap();
    invitation
}

both_databases! {
    async fn unproven_address_of_a_settled_account_lets_nobody_in(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.methods.magic_link = true).await;
        let alice = with_typo(&t).await;
        assert_eq!(alice.identifiers.len(), 2);
        let mut own = t.browser();
        sign_in(&mut own, ALICE, PASSWORD).await;
        let mut stranger = t.browser();
        ask_code(&mut stranger, TYPO).await;
        let page = stranger.open("/sign-in").await;
        post(&mut stranger, &page, "/sign-in/challenge", &[("identifier", TYPO), ("method", "magic_link")]).await;
        let page = stranger.open("/recover").await;
        stranger.submit(&page, "/recover", &[("identifier", TYPO)]).await;
        assert!(mails(&t, TYPO).await.is_empty(), "what lets in goes to the proven address");
        assert!(is_signed_in(&mut own).await);
        assert_eq!(place(&sign_in(&mut t.browser(), ALICE, PASSWORD).await), "/account");
    }

    async fn who_proves_an_address_takes_it_from_who_only_claimed_it(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_typo(&t).await;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let mut owner = t.browser();
        sign_up(&mut owner, TYPO).await;
        let link = links(&t, TYPO, "/verify").await.remove(0);
        let page = owner.open(&link).await;
        assert_eq!(place(&owner.submit(&page, "/verify", &[]).await), "/account");
        let alice = identities::find_by_identifier(&t.cx(), ALICE).await.unwrap().unwrap();
        let typo = identities::find_by_identifier(&t.cx(), TYPO).await.unwrap().unwrap();
        assert!(alice.id != typo.id && alice.identifiers.len() == 1);
    }

    async fn squatter_blocks_no_invitation(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        invite(&t, NORA).await;
        let link = links(&t, NORA, "/invitation").await.remove(0);
        let mut squatter = t.browser();
        sign_up(&mut squatter, NORA).await;
        let mut nora = t.browser();
        let page = nora.open(&link).await;
        let fields = [("name", "Nora"), ("password", NEW)];
        let done = nora.submit(&page, "/invitation", &fields).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.words());
        assert!(!is_signed_in(&mut squatter).await);
        assert_eq!(sign_in(&mut t.browser(), NORA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(place(&sign_in(&mut nora, NORA, NEW).await), "/account");
        let user = identities::find_by_identifier(&t.cx(), NORA).await.unwrap().unwrap();
        assert_eq!((user.email(), user.profile.name.as_deref()), (Some((NORA, true)), Some("Nora")));
        // An address that is claimed already can be invited as well; one that is proven cannot.
        sign_up(&mut t.browser(), "ivy@example.com").await;
        invite(&t, "ivy@example.com").await;
        let mut cx = t.cx();
        let taken = IdentifierValue::email(NORA).unwrap();
        assert!(identities::invite(&mut cx, taken, None, Locale::En).await.is_err());
    }

    async fn account_made_by_an_administrator_takes_no_claim_of_another(t: TestApp) {
        with_typo(&t).await;
        let new = |verified| NewUser {
            profile: Profile::named("Somebody"),
            identifiers: vec![IdentifierValue::email(TYPO).unwrap()],
            password: Some(NewPassword::Plain(Password::from(PASSWORD))),
            verified,
            ..NewUser::default()
        };
        let mut cx = t.cx();
        assert!(identities::create_user(&mut cx, new(false)).await.is_err(), "a claim against a claim");
        let mut cx = t.cx();
        assert!(identities::create_user(&mut cx, new(true)).await.is_ok(), "a proof against a claim");
        drop(cx);
        assert!(!t.browser().cookies.contains_key(SESSION));
    }
}
