//! Forgotten passwords, other addresses, invitations, deletion, a copy of one's data; and what attackers would do with
//! each.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::identities::{self, IdentifierValue};
use authflow_server::mail;
use authflow_server::pages::Locale;
use authflow_testkit::{Answer, Browser, TestApp, both_databases};
use http::StatusCode;

use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, SESSION, csrf, is_signed_in, place, run_jobs, sign_in};

const NEW: &str = "eleven purple bicycles";
const OTHER: &str = "alice.other@example.com";

/// The links in mails to `email` whose subject contains `words`, newest first.
async fn links(t: &TestApp, email: &str) -> Vec<String> {
    run_jobs(t).await;
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    mails
        .iter()
        .filter(|mail| mail.recipient == email)
        .filter_map(|mail| {
            let words = mail.body_text.split_whitespace();
            words
                .filter(|word| word.contains("token="))
                .map(str::to_owned)
                .next()
        })
        .collect()
}

async fn mail_count(t: &TestApp) -> usize {
    run_jobs(t).await;
    mail::list_captured(&t.cx()).await.unwrap().len()
}

/// Asks for a new password.
async fn ask(browser: &mut Browser, identifier: &str) -> Answer {
    let form = browser.open("/recover").await;
    assert_eq!(place(&form), "/recover", "{}", form.words());
    browser
        .submit(&form, "/recover", &[("identifier", identifier)])
        .await
}

async fn choose(browser: &mut Browser, page: &Answer, new: &str) -> Answer {
    browser
        .submit(page, "/recover/new", &[("new_password", new)])
        .await
}

async fn post(browser: &mut Browser, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = csrf(page);
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let answer = browser.post(path, &fields).await;
    browser.follow(answer).await
}

both_databases! {
    async fn reset_replaces_the_password_ends_everything_and_signs_in_where_it_began(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut elsewhere = t.signed_in(&alice).await;
        let mut browser = t.browser();
        let sign_in_page = browser.open("/sign-in").await;
        assert!(sign_in_page.body.contains("/recover?sign_in="), "the way there is on the page");
        let sent = ask(&mut browser, ALICE).await;
        assert_eq!((sent.status, place(&sent)), (StatusCode::OK, "/recover/sent"));
        let link = links(&t, ALICE).await.remove(0);
        for _ in 0..3 {
            assert_eq!(t.browser().open(&link).await.status, StatusCode::OK, "a mail scanner uses nothing up");
        }
        let page = browser.open(&link).await;
        for bad in ["", "short", ALICE] {
            assert_eq!(choose(&mut browser, &page, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
        assert!(is_signed_in(&mut elsewhere).await);
        let done = choose(&mut browser, &page, NEW).await;
        assert_eq!((done.status, done.path.as_str()), (StatusCode::OK, "/account"), "{}", done.words());
        assert!(!is_signed_in(&mut elsewhere).await, "other sessions are over");
        assert_eq!(choose(&mut browser, &page, "another fine password").await.status, StatusCode::BAD_REQUEST, "once");
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(sign_in(&mut t.browser(), ALICE, NEW).await.path, "/account");
        assert_eq!(t.events("user.password_reset").await.len(), 1);
        run_jobs(&t).await;
        let told = mail::list_captured(&t.cx()).await.unwrap();
        assert!(told.iter().any(|mail| mail.recipient == ALICE && mail.subject.contains("password")));
    }

    async fn unknown_and_known_are_answered_alike_and_only_one_gets_mail(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut answers = Vec::new();
        for identifier in [ALICE, "nobody@example.com", "nobody", "+49301234567", "@@"] {
            let sent = ask(&mut t.browser(), identifier).await;
            assert_eq!(place(&sent), "/recover/sent");
            let id = sent.field("sign_in").unwrap();
            let neutral = sent.body.replace(&id, "-").replace(&sent.field("csrf").unwrap(), "-");
            answers.push((sent.status, neutral.replace(&identifier.replace('+', "&#43;"), "-").replace(identifier, "-")));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(mail_count(&t).await, 1);
    }

    async fn link_opened_elsewhere_sets_the_password_and_signs_nobody_in(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        ask(&mut t.browser(), ALICE).await;
        let link = links(&t, ALICE).await.remove(0);
        let mut phone = t.browser();
        let page = phone.open(&link).await;
        let done = choose(&mut phone, &page, NEW).await;
        assert_eq!((done.status, place(&done)), (StatusCode::OK, "/recover/new"));
        assert!(!phone.cookies.contains_key(SESSION));
        assert_eq!(sign_in(&mut phone, ALICE, NEW).await.path, "/account");
    }

    async fn somebody_elses_link_in_a_browser_that_began_its_own_signs_nobody_in(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mallory = t.user("mallory").await;
        let mut victim = t.browser();
        ask(&mut victim, ALICE).await;
        let own = links(&t, ALICE).await.remove(0);
        ask(&mut t.browser(), &mallory.email).await;
        let theirs = links(&t, &mallory.email).await.remove(0);
        let token = theirs.split("token=").nth(1).unwrap().split('&').next().unwrap();
        let forged = format!("/recover/new?token={token}&sign_in={}", own.split("sign_in=").nth(1).unwrap());
        let page = victim.open(&forged).await;
        choose(&mut victim, &page, NEW).await;
        assert!(!victim.cookies.contains_key(SESSION), "not signed in to Mallory's account");
    }

    async fn reset_does_not_walk_around_the_second_factor(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        with_app(&t).await;
        let mut browser = t.browser();
        ask(&mut browser, ALICE).await;
        let link = links(&t, ALICE).await.remove(0);
        let page = browser.open(&link).await;
        let done = choose(&mut browser, &page, NEW).await;
        assert_eq!(place(&done), "/sign-in/second", "{}", done.words());
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn link_ends_after_a_quarter_of_an_hour_and_belongs_to_its_tenant(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let acme = t.tenant("acme").await;
        ask(&mut t.browser(), ALICE).await;
        let link = links(&t, ALICE).await.remove(0);
        let foreign = link.replacen("/recover", "/t/acme/recover", 1);
        assert_eq!(acme.browser().open(&foreign).await.status, StatusCode::BAD_REQUEST);
        t.clock.advance(mail::LINK_TTL - Duration::from_micros(1));
        let page = t.browser().open(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        t.clock.advance(Duration::from_micros(1));
        assert_eq!(choose(&mut t.browser(), &page, NEW).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
    }

    async fn tenant_may_keep_sessions_or_switch_recovery_off(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.password_reset_ends_sessions = false).await;
        let alice = t.user("alice").await;
        let mut elsewhere = t.signed_in(&alice).await;
        let mut browser = t.browser();
        ask(&mut browser, ALICE).await;
        let page = browser.open(&links(&t, ALICE).await[0]).await;
        assert_eq!(choose(&mut browser, &page, NEW).await.path, "/account");
        assert!(is_signed_in(&mut elsewhere).await);
        t.set(|settings| settings.password_recovery = false).await;
        assert_eq!(t.browser().open("/recover").await.status, StatusCode::NOT_FOUND);
        assert!(!t.browser().open("/sign-in").await.body.contains("/recover"));
    }

    async fn new_address_counts_once_its_reader_confirms(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let page = post(&mut browser, &page, "/account/identifiers/add", &[("email", OTHER), ("primary", "yes")]).await;
        assert!(page.path.contains("notice=email_change_begun"), "{}", page.words());
        assert!(!page.body.contains(OTHER), "nothing changed yet");
        let confirm = links(&t, OTHER).await.remove(0);
        let mut anywhere = t.browser();
        let asked = anywhere.open(&confirm).await;
        assert!(asked.words().contains(OTHER));
        anywhere.open(&confirm).await;
        let unproven = anywhere.submit(&asked, "/account/link", &[("password", "a wrong password")]).await;
        assert_eq!(unproven.status, StatusCode::UNPROCESSABLE_ENTITY, "whose account is it?");
        let own = [("password", PASSWORD)];
        assert_eq!(anywhere.submit(&asked, "/account/link", &own).await.status, StatusCode::OK);
        assert!(!anywhere.cookies.contains_key(SESSION), "a link signs nobody in");
        assert_eq!(anywhere.submit(&asked, "/account/link", &[]).await.status, StatusCode::BAD_REQUEST, "once");
        let user = identities::get_user(&t.cx(), alice.id).await.unwrap();
        assert_eq!(user.email(), Some((OTHER, true)));
        assert_eq!(sign_in(&mut t.browser(), OTHER, PASSWORD).await.path, "/account");
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
    }

    async fn address_of_before_objects_within_seven_days_and_cannot_be_removed_meanwhile(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut thief = t.signed_in(&alice).await;
        let page = thief.open("/account").await;
        post(&mut thief, &page, "/account/identifiers/add", &[("email", OTHER), ("primary", "yes")]).await;
        let object = links(&t, ALICE).await.remove(0);
        let confirm = links(&t, OTHER).await.remove(0);
        let asked = t.browser().open(&confirm).await;
        thief.submit(&asked, "/account/link", &[]).await;
        let user = identities::get_user(&t.cx(), alice.id).await.unwrap();
        let old = user.identifiers.iter().find(|one| one.value == ALICE).unwrap().id.to_string();
        let page = thief.open("/account").await;
        let kept = post(&mut thief, &page, "/account/identifiers/remove", &[("identifier", &old)]).await;
        assert!(kept.path.contains("notice=identifier_kept"), "{}", kept.path);

        t.clock.advance(Duration::from_hours(6 * 24));
        let asked = t.browser().open(&object).await;
        assert!(asked.words().contains(OTHER), "{}", asked.words());
        assert_eq!(t.browser().submit(&asked, "/account/link", &[]).await.status, StatusCode::OK);
        let user = identities::get_user(&t.cx(), alice.id).await.unwrap();
        assert_eq!((user.email(), user.identifiers.len()), (Some((ALICE, true)), 1));
        assert!(!is_signed_in(&mut thief).await);
    }

    async fn address_of_somebody_else_is_not_told_and_not_given(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        t.user("bob").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let page = post(&mut browser, &page, "/account/identifiers/add", &[("email", "bob@example.com")]).await;
        assert!(page.path.contains("notice=email_change_begun"), "as for any other");
        assert!(links(&t, "bob@example.com").await.is_empty());
        for bad in ["", "x", "a@b"] {
            let page = browser.open("/account").await;
            let again = post(&mut browser, &page, "/account/identifiers/add", &[("email", bad)]).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
        let stranger = identities::find_by_identifier(&t.cx(), "bob@example.com").await.unwrap().unwrap();
        let id = stranger.identifiers[0].id.to_string();
        let page = browser.open("/account").await;
        for path in ["/account/identifiers/remove", "/account/identifiers/primary"] {
            assert_eq!(post(&mut browser, &page, path, &[("identifier", &id)]).await.status, StatusCode::NOT_FOUND);
        }
    }

    async fn sensitive_changes_ask_for_a_fresh_factor(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        t.clock.advance(Duration::from_mins(11));
        let page = browser.open("/account/data").await;
        for (path, field) in [("/account/data/delete", ("confirm", "yes")), ("/account/identifiers/add", ("email", OTHER))] {
            assert_eq!(place(&post(&mut browser, &page, path, &[field]).await), "/sign-in", "{path}");
        }
        assert_eq!(place(&browser.open("/account/data/export").await), "/sign-in");
        assert_eq!(mail_count(&t).await, 0);
        let user = identities::get_user(&t.cx(), alice.id).await.unwrap();
        assert_eq!(user.deletion_due_at, None);
    }

    async fn deletion_signs_out_at_once_and_signing_in_calls_it_off(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let (mut browser, mut elsewhere) = (t.signed_in(&alice).await, t.signed_in(&alice).await);
        let page = browser.open("/account/data").await;
        let unsure = post(&mut browser, &page, "/account/data/delete", &[]).await;
        assert!(unsure.path.contains("deletion_unconfirmed") && is_signed_in(&mut browser).await);
        let done = post(&mut browser, &page, "/account/data/delete", &[("confirm", "yes")]).await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(!is_signed_in(&mut browser).await && !is_signed_in(&mut elsewhere).await);
        t.clock.advance(Duration::from_hours(29 * 24));
        assert_eq!(identities::delete_due(&t.app).await.unwrap(), 0);
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
        t.clock.advance(Duration::from_hours(2 * 24));
        assert_eq!(identities::delete_due(&t.app).await.unwrap(), 0, "called off");
    }

    async fn deletion_is_for_good_after_its_time_unless_the_link_keeps_the_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let (alice, bob) = (t.user("alice").await, t.user("bob").await);
        for user in [&alice, &bob] {
            let mut browser = t.signed_in(user).await;
            let page = browser.open("/account/data").await;
            post(&mut browser, &page, "/account/data/delete", &[("confirm", "yes")]).await;
        }
        let keep = links(&t, ALICE).await.remove(0);
        t.clock.advance(Duration::from_hours(30 * 24) - Duration::from_secs(1));
        let page = t.browser().open(&keep).await;
        assert_eq!(t.browser().submit(&page, "/account/link", &[]).await.status, StatusCode::OK);
        t.clock.advance(Duration::from_secs(1));
        run_jobs(&t).await;
        assert_eq!(identities::delete_due(&t.app).await.unwrap(), 1);
        assert_eq!(t.events("user.deleted").await.len(), 1);
        assert!(identities::find_by_identifier(&t.cx(), &bob.email).await.unwrap().is_none());
        assert_eq!(sign_in(&mut t.browser(), &bob.email, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
    }

    async fn copy_of_ones_data_has_everything_and_no_secret(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        t.user("bob").await;
        let mut browser = t.signed_in(&alice).await;
        let copy = browser.get("/account/data/export").await;
        assert_eq!(copy.header("content-disposition"), "attachment; filename=\"account.json\"");
        assert_eq!(copy.header("cache-control"), "no-store");
        let json = copy.json();
        assert_eq!(json["identifiers"][0]["value"], ALICE);
        assert_eq!(json["profile"]["given_name"], "alice");
        assert_eq!(json["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(json["credentials"][0]["kind"], "password");
        assert!(json["events"].as_array().unwrap().iter().any(|event| event["type"] == "user.login"));
        assert!(!copy.body.contains("argon2") && !copy.body.contains("bob@"), "{}", copy.body);
    }

    async fn invitation_makes_one_account_for_its_address_and_signs_nobody_in(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut cx = t.cx();
        let email = IdentifierValue::email("ivy@example.com").unwrap();
        identities::invite(&mut cx, email.clone(), Some("Ivy".to_owned()), Locale::En).await.unwrap();
        cx.commit().await.unwrap();
        let link = links(&t, "ivy@example.com").await.remove(0);
        t.clock.advance(identities::INVITATION_TTL - Duration::from_micros(1));
        let mut browser = t.browser();
        let page = browser.open(&link).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.words());
        browser.open(&link).await;
        let bad = browser.submit(&page, "/invitation", &[("name", ""), ("password", "short")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("name", "Ivy League"), ("password", NEW), ("email", "evil@example.com")];
        let done = browser.submit(&page, "/invitation", &fields).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.words());
        assert!(!browser.cookies.contains_key(SESSION));
        assert_eq!(browser.submit(&page, "/invitation", &fields).await.status, StatusCode::BAD_REQUEST, "once");
        assert_eq!(sign_in(&mut t.browser(), "ivy@example.com", NEW).await.path, "/account");
        assert!(identities::find_by_identifier(&t.cx(), "evil@example.com").await.unwrap().is_none());
        let mut cx = t.cx();
        assert!(identities::invite(&mut cx, email, None, Locale::En).await.is_err(), "there already");
    }

    async fn invitation_ends_after_seven_days_and_the_newest_counts(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let email = IdentifierValue::email("ivy@example.com").unwrap();
        for _ in 0..2 {
            let mut cx = t.cx();
            identities::invite(&mut cx, email.clone(), None, Locale::En).await.unwrap();
            cx.commit().await.unwrap();
            t.clock.advance(Duration::from_secs(1));
        }
        let sent = links(&t, "ivy@example.com").await;
        let mut statuses = Vec::new();
        for link in &sent {
            statuses.push(t.browser().open(link).await.status);
        }
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST]);
        t.clock.advance(identities::INVITATION_TTL);
        for link in &sent {
            assert_eq!(t.browser().open(link).await.status, StatusCode::BAD_REQUEST);
        }
    }
}
